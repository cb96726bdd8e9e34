#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Every Cryptoki call of a good run fails in turn, in seven ways (demand.c has the
# demands).  The number of combinations is printed: no number, no sweep.

load ../cli/helper
load swept

@test "the sweep finds a tool that is not good enough" {
	use_ca p256
	printf '%s\n' '#!/bin/sh' \
		"head -c 32 /dev/zero | pkcs11-tool --module '$SHIM' --token-label '$TOKEN' --login --pin '$PIN' --sign -m ECDSA --id 01 -o '$OUT/proof.pem'" \
		> "$T/tool"
	chmod +x "$T/tool"
	if "$SWEEP" -o "$OUT/proof.pem" -- "$T/tool" > "$T/sweep" 2>&1; then
		fail 'the sweep found nothing'
	fi
	grep -qE '^[1-9][0-9]+ combinations, [1-9][0-9]* broken$' "$T/sweep"
}

@test "sign, the key found by the certificate" {
	use_ca p256
	swept -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o "$OUT/proof.pem"
}

@test "sign, the key named by a URI" {
	use_ca p256
	swept -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o "$OUT/proof.pem" \
		--key "pkcs11:token=$TOKEN;object=rootCA"
}

@test "sign with RSA" {
	use_ca rsa2048
	swept -o "$OUT/proof.pem" -c "$(proof_check rsa2048)" -- "$CAPROOF" \
		sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o "$OUT/proof.pem"
}

@test "sign with a key that asks for the PIN each time" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" rootCA 01 --always-auth
	swept -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$CAPROOF" \
		sign -c "$FIXTURES/p256.pem" --code Code_123 --pin "file:$PIN_FILE" \
		-o "$OUT/proof.pem" --key "pkcs11:token=$TOKEN;object=rootCA"
}

@test "sign --dry-run" {
	use_ca p256
	swept -- "$CAPROOF" sign -c "$CA" --code Code_123 --dry-run
}

@test "tokens, public objects and all of them" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	swept -- "$CAPROOF" tokens
	swept -- "$CAPROOF" tokens --json --login --pin "file:$PIN_FILE"
}

@test "ca-cert, the public half from a public key, and from a certificate" {
	local verify="openssl verify -x509_strict -check_ss_sig -CAfile '$OUT/ca.pem' '$OUT/ca.pem' > '$T/verify.log' 2>&1"
	use_ca rsa2048
	swept -o "$OUT/ca.pem" -c "$verify" -- "$CAPROOF" \
		ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o "$OUT/ca.pem"
	token_put cert "$CA" rootCA 01
	token_drop pubkey rootCA
	swept -o "$OUT/ca.pem" -c "$verify" -- "$CAPROOF" \
		ca-cert -k "pkcs11:token=$TOKEN;id=%01" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o "$OUT/ca.pem"
}

@test "ca-cert, the public half seen only after the login" {
	use_ca rsa2048
	token_drop pubkey rootCA
	swept -o "$OUT/ca.pem" \
		-c "openssl verify -x509_strict -check_ss_sig -CAfile '$OUT/ca.pem' '$OUT/ca.pem' > '$T/verify.log' 2>&1" \
		-- "$CAPROOF" ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o "$OUT/ca.pem"
}

@test "batch, two sessions: whatever fails, what is there is whole and the rest is resumed" {
	use_ca p256
	batch_tool -j 2
	swept -- "$T/tool"
}
