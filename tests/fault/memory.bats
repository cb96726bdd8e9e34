#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Memory allocations of a good run fail in turn: the tool's own, OpenSSL's, jansson's,
# libp11's.  Of all that one chain of calls makes, the first fails, and for the sake of
# time each 11th of those chains is taken.  CAPROOF_SWEEP_STRIDE=1 takes every allocation
# there is, which takes half an hour; a larger number each that-many-th.
#
# Where the tool is built with sanitizers, leaks are looked for too (what is leaked by
# libraries alone is in lsan-memory.supp), and fewer chains are taken.

load ../cli/helper
load swept

setup() {
	common_setup
	FAILALLOC=$SUPPORT/.libs/failalloc.so
	export CAPROOF_FAILALLOC_NAME=${CAPROOF##*/}
	CHOICE=(-p -s 11)
	if grep -q __asan_init "$CAPROOF"; then
		CHOICE=(-p -s 67)
		# The sanitizer's allocator stands behind the one that fails.  Whole stacks: only
		# they tell a library's leak from one of ours.
		export ASAN_OPTIONS=detect_leaks=1:exitcode=99:verify_asan_link_order=0:fast_unwind_on_malloc=0:malloc_context_size=60
		export LSAN_OPTIONS=suppressions=$TOP_SRCDIR/tests/support/lsan-memory.supp:print_suppressions=0
	fi
	[ -z "${CAPROOF_SWEEP_STRIDE:-}" ] || CHOICE=(-s "$CAPROOF_SWEEP_STRIDE")
}

# without_memory OPTIONS -- COMMAND...
without_memory() {
	swept -a "$FAILALLOC" "${CHOICE[@]}" "$@"
}

@test "an allocation that fails is noticed" {
	CAPROOF_FAILALLOC_NAME="sed" run env CAPROOF_FAILALLOC=1+ CAPROOF_FAILALLOC_LOG="$T/log" \
		LD_PRELOAD="$FAILALLOC" sed s/a/b/ "$CAPROOF_PLATFORMS/generic.json"
	[ "$status" -ne 0 ]
	grep -q failed "$T/log"
}

@test "sign with a code" {
	use_ca p256
	without_memory -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o "$OUT/proof.pem"
}

@test "sign with a request, as JSON, over an old file" {
	use_ca p256
	make_csr "$T/request.csr" Code_123
	without_memory -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$CA" --csr "$T/request.csr" --pin "file:$PIN_FILE" -o "$OUT/proof.pem" \
		--force --key "pkcs11:token=$TOKEN;object=rootCA" --json
}

@test "tokens, public objects and all of them, as text and as JSON" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	without_memory -- "$CAPROOF" tokens
	without_memory -- "$CAPROOF" tokens --login --pin "file:$PIN_FILE"
	without_memory -- "$CAPROOF" tokens --login --pin "file:$PIN_FILE" --json
}

@test "ca-cert for a key in the token, and like an old certificate, as JSON" {
	local verify="openssl verify -x509_strict -check_ss_sig -CAfile '$OUT/ca.pem' '$OUT/ca.pem' > '$T/verify.log' 2>&1"
	use_ca p256
	without_memory -o "$OUT/ca.pem" -c "$verify" -- "$CAPROOF" \
		ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root,O=Example' \
		--pin "file:$PIN_FILE" -o "$OUT/ca.pem"
	without_memory -o "$OUT/ca.pem" -c "$verify" -- "$CAPROOF" \
		ca-cert --like "$CA" --pin "file:$PIN_FILE" -o "$OUT/ca.pem" --json
}

@test "ca-cert, the public half seen only after the login" {
	use_ca rsa2048
	token_drop pubkey rootCA
	without_memory -o "$OUT/ca.pem" \
		-c "openssl verify -x509_strict -check_ss_sig -CAfile '$OUT/ca.pem' '$OUT/ca.pem' > '$T/verify.log' 2>&1" \
		-- "$CAPROOF" ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o "$OUT/ca.pem"
}

@test "batch, two sessions, as JSON: what is there is whole, and the rest is resumed" {
	use_ca p256
	batch_tool -j 2 --json
	without_memory -- "$T/tool"
}

@test "check, verify and platforms" {
	use_ca p256
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	without_memory -- "$CAPROOF" check "$CA" -p all
	without_memory -- "$CAPROOF" verify "$OUT/proof.pem" -c "$CA" --code Code_123 --json
	without_memory -- "$CAPROOF" platforms --json
}

# popt drops operands without a word: here each allocation of the command line's fails.
@test "the command line's own allocations, each of them" {
	local n
	use_ca p256
	for ((n = 1; n <= 80; n++)); do
		status=0
		CAPROOF_FAILALLOC=$n LD_PRELOAD=$FAILALLOC "$CAPROOF" check "$CA" > "$STDOUT" 2> "$STDERR" ||
			status=$?
		[ "$status" -le 1 ] || fail "allocation $n: exit code $status"
	done
}

@test "request: the key and the request, or neither" {
	without_memory -o "$OUT/new.key" -o "$OUT/new.csr" \
		-c "openssl req -in '$OUT/new.csr' -key '$OUT/new.key' -verify -noout > '$T/verify.log' 2>&1" -- \
		"$CAPROOF" request --code Code_123 --key-out "$OUT/new.key" -o "$OUT/new.csr"
}
