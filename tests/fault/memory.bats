#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Memory allocations of a good run fail in turn: the tool's own, OpenSSL's, jansson's,
# popt's, p11-kit's.  CAPROOF_SWEEP_STRIDE=1 takes every one of them, which takes
# minutes; without it each 61st.

load ../cli/helper
load swept

setup() {
	common_setup
	FAILALLOC=$SUPPORT/.libs/failalloc.so
	export CAPROOF_FAILALLOC_NAME=${CAPROOF##*/}
	# The sanitizers' own allocator has to stand behind the one that fails.  Leaks are
	# not looked for here: libcrypto leaks names when memory is short.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:detect_leaks=0
	STRIDE=${CAPROOF_SWEEP_STRIDE:-61}
}

@test "an allocation that fails is noticed" {
	CAPROOF_FAILALLOC_NAME="sed" run env CAPROOF_FAILALLOC=1+ CAPROOF_FAILALLOC_LOG="$T/log" \
		LD_PRELOAD="$FAILALLOC" sed s/a/b/ "$CAPROOF_PLATFORMS/generic.json"
	[ "$status" -ne 0 ]
	grep -q failed "$T/log"
}

@test "sign with a code" {
	use_ca p256
	swept -a "$FAILALLOC" -s "$STRIDE" -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o "$OUT/proof.pem"
}

@test "sign with a request, as JSON" {
	use_ca p256
	make_csr "$T/request.csr" Code_123
	swept -a "$FAILALLOC" -s "$STRIDE" -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$CA" --csr "$T/request.csr" --pin "file:$PIN_FILE" -o "$OUT/proof.pem" \
		--key "pkcs11:token=$TOKEN;object=rootCA" --json
}

@test "tokens, logged in, as text and as JSON" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	swept -a "$FAILALLOC" -s "$STRIDE" -- "$CAPROOF" tokens --login --pin "file:$PIN_FILE"
	swept -a "$FAILALLOC" -s "$STRIDE" -- "$CAPROOF" tokens --login --pin "file:$PIN_FILE" --json
}

@test "ca-cert for a key in the token, and like an old certificate, as JSON" {
	local verify="openssl verify -x509_strict -check_ss_sig -CAfile '$OUT/ca.pem' '$OUT/ca.pem' > '$T/verify.log' 2>&1"
	use_ca p256
	swept -a "$FAILALLOC" -s "$STRIDE" -o "$OUT/ca.pem" -c "$verify" -- "$CAPROOF" \
		ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root,O=Example' \
		--pin "file:$PIN_FILE" -o "$OUT/ca.pem"
	swept -a "$FAILALLOC" -s "$STRIDE" -o "$OUT/ca.pem" -c "$verify" -- "$CAPROOF" \
		ca-cert --like "$CA" --pin "file:$PIN_FILE" -o "$OUT/ca.pem" --json
}
