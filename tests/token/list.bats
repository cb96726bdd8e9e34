#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The list of tests that every token passes.  TOKEN_UNDER_TEST names the token; its
# file beside this one has all that is peculiar to it.  Run by softhsm.sh, tpm2.sh and
# p11kit.sh.
#
# The keys are made inside the token, and so are their CA certificates, by certtool:
# neither caproof nor a key file has a part in them.

load ../cli/helper
# shellcheck source=tests/token/softhsm.bash
. "$TOP_SRCDIR/tests/token/${TOKEN_UNDER_TEST:?}.bash"

setup_file() {
	# shellcheck disable=SC2153 # bats sets it
	D=$BATS_FILE_TMPDIR
	token_start "$D"
	local kind id=10
	for kind in $TOKEN_KINDS other; do
		token_make_key "${kind/other/p256}" "key-$kind" "$id"
		: $((id += 1))
		[ "$kind" = ed25519 ] || token_ca "$kind"
	done
}

teardown_file() {
	token_stop "$BATS_FILE_TMPDIR"
}

# token_ca KIND: the CA certificate of key-KIND.
token_ca() {
	printf '%s\n' "cn = \"Token CA $1\"" ca cert_signing_key crl_signing_key 'path_len = 0' \
		'expiration_days = 3650' > "$BATS_FILE_TMPDIR/$1.tmpl"
	GNUTLS_PIN=$PIN certtool --provider "$TOKEN_MODULE" --generate-self-signed \
		--load-privkey "pkcs11:token=$TOKEN;object=key-$1;type=private" \
		--load-pubkey "pkcs11:token=$TOKEN;object=key-$1;type=public" \
		--template "$BATS_FILE_TMPDIR/$1.tmpl" --outfile "$BATS_FILE_TMPDIR/$1.pem" \
		> "$BATS_FILE_TMPDIR/log" 2>&1 || cat "$BATS_FILE_TMPDIR/log" >&2
	[ -s "$BATS_FILE_TMPDIR/$1.pem" ]
}

setup() {
	local conf=${SOFTHSM2_CONF:-}
	common_setup
	export SOFTHSM2_CONF=$conf CAPROOF_SHIM_MODULE=$TOKEN_MODULE
	D=$BATS_FILE_TMPDIR
}

# signs KIND [ARGUMENTS]: a proof by the key of that kind.
signs() {
	CA=$D/$1.pem
	shift
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem "$@"
	assert_status 0
	assert_proof proof.pem Code_123
	assert_files_in "$OUT" proof.pem
	assert_calls C_Login 1
	assert_calls C_SignInit 1
	assert_calls C_Sign 1
}

@test "RSA-2048, found by the certificate" {
	signs rsa2048
	assert_calls_at_most '.*' 28
}

@test "RSA-2048, named by a URI" {
	signs rsa2048 --key "pkcs11:token=$TOKEN;object=key-rsa2048"
	assert_calls_at_most '.*' 24
}

@test "P-256, found by the certificate" {
	signs p256
	assert_calls_at_most '.*' 28
}

@test "P-256, named by a URI" {
	signs p256 --key "pkcs11:token=$TOKEN;object=key-p256;type=private"
	assert_calls_at_most '.*' 24
}

@test "P-384, with SHA-384" {
	signs p384
	x509 proof.pem -text | grep -q 'Signature Algorithm: ecdsa-with-SHA384'
}

@test "every kind of key that the token has" {
	local kind n=0
	for kind in $TOKEN_KINDS; do
		[ "$kind" != ed25519 ] || continue
		signs "$kind"
		rm "$OUT/proof.pem"
		: $((n += 1))
	done
	[ "$n" -ge 3 ]
}

@test "RSA-PSS" {
	[ "$TOKEN_PSS" = yes ]
	signs rsa2048 --pss
	x509 proof.pem -text | grep -q 'Signature Algorithm: rsassaPss'
}

@test "a key by its id alone" {
	signs p256 --key "pkcs11:token=$TOKEN;id=$(token_uri_id "$(id_of p256)")"
}

# id_of KIND: the id that setup_file gave, in hex.
id_of() {
	local kind id=10
	for kind in $TOKEN_KINDS other; do
		[ "$kind" != "$1" ] || echo "$id"
		: $((id += 1))
	done
}

@test "a dry run neither logs in nor signs" {
	CA=$D/p256.pem
	run_caproof sign -c "$CA" --code Code_123 -o proof.pem --dry-run
	assert_status 0
	assert_no_file proof.pem
	assert_calls C_Login 0
	assert_calls 'C_Sign|C_SignInit' 0
}

@test "a wrong PIN is tried once" {
	CA=$D/p256.pem
	(umask 077 && echo not-the-pin > "$T/wrong")
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$T/wrong" -o proof.pem
	assert_fails 5 PIN "$TOKEN"
	assert_no_file proof.pem
	assert_calls C_Login 1
	assert_calls C_SignInit 0
}

@test "a key of somebody else is not used" {
	CA=$D/p256.pem
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem \
		--key "pkcs11:token=$TOKEN;object=key-other"
	assert_fails 6
	assert_no_file proof.pem
	assert_calls 'C_Sign|C_SignInit' 0
}

@test "a CA certificate whose key the token lacks" {
	make_ca p256
	run_caproof sign -c "$FIXTURES/p256.pem" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 6
	assert_calls C_SignInit 0
}

@test "a token that is not there" {
	run_caproof sign -c "$D/p256.pem" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem \
		--key 'pkcs11:token=no-such-token;object=key-p256'
	assert_fails 4 'no token'
	assert_calls C_Login 0
}

@test "a signature that was damaged on the way" {
	export CAPROOF_SHIM_RULES='C_Sign=corrupt'
	run_caproof sign -c "$D/p256.pem" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 8
	assert_no_file proof.pem
}

@test "a device that is removed while it signs" {
	export CAPROOF_SHIM_RULES='C_Sign=CKR_DEVICE_REMOVED'
	run_caproof sign -c "$D/rsa2048.pem" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 4
	assert_no_file proof.pem
	assert_calls C_Sign 1
}

@test "the JSON names token and key" {
	CA=$D/p256.pem
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem --json
	assert_status 0
	[ "$(jq -r .token.label "$STDOUT")" = "$TOKEN" ]
	signs p256 --force --key "$(jq -r .key.uri "$STDOUT")"
}

# listed EXPRESSION: that of the token in the JSON on standard output.
listed() {
	jq -r ".tokens[] | select(.label == \"$TOKEN\") | $1" "$STDOUT"
}

# tokens [ARGUMENTS]: caproof tokens, of the token alone.
tokens() {
	run_caproof tokens -k "pkcs11:token=$TOKEN" "$@"
	assert_status 0
	assert_calls 'C_Sign|C_SignInit' 0
}

@test "tokens: the token and its public half of each key, without a login" {
	local kind
	tokens
	assert_stdout_has "Token '$TOKEN'" 'initialised, PIN set' 'RSA PKCS#1 v1.5' ECDSA
	assert_calls C_Login 0
	tokens --json
	[ "$(listed .state.initialised)" = true ]
	for kind in $TOKEN_PUBLIC; do
		[ "$(listed ".keys[] | select(.label == \"key-$kind\") | .type")" = "$(type_of "$kind")" ]
		[ "$(listed ".keys[] | select(.label == \"key-$kind\") | .sign")" = null ]
	done
	assert_calls C_Login 0
}

# type_of KIND: as caproof calls it.
type_of() {
	case $1 in
	rsa*) echo "RSA-${1#rsa}" ;;
	p*) echo "EC P-${1#p}" ;;
	ed25519) echo Ed25519 ;;
	esac
}

@test "tokens --login: each private key, one login, nothing changed" {
	local kind before
	before=$(token_state)
	[ -n "$before" ]
	tokens --login --pin "file:$PIN_FILE"
	for kind in $TOKEN_KINDS; do
		assert_stdout_has "Key 'key-$kind', $(type_of "$kind")"
	done
	assert_stdout_has 'may sign'
	assert_calls C_Login 1
	tokens --login --pin "file:$PIN_FILE" --json
	for kind in $TOKEN_KINDS; do
		[ "$(listed ".keys[] | select(.label == \"key-$kind\") | [.type, .sign] | join(\" \")")" = \
			"$(type_of "$kind") true" ]
	done
	assert_calls C_Login 1
	[ "$(token_state)" = "$before" ]
}

# token_state: all objects, as another tool sees them.
token_state() {
	pkcs11-tool --module "$TOKEN_MODULE" --token-label "$TOKEN" --login --pin "$PIN" \
		--list-objects 2> "$T/setup.log" | sort
	[ "${PIPESTATUS[0]}" -eq 0 ] || fail "pkcs11-tool: $(cat "$T/setup.log")"
}

@test "every URI in the list is taken by sign --key" {
	local kind uri n=0
	for kind in $TOKEN_KINDS; do
		[ "$kind" != ed25519 ] || continue
		tokens --login --pin "file:$PIN_FILE" --json
		uri=$(listed ".keys[] | select(.label == \"key-$kind\") | .uri")
		signs "$kind" --force --key "$uri"
		: $((n += 1))
	done
	[ "$n" -ge 3 ]
}

# makes_ca KIND: a CA certificate for that key, and a proof under it.
makes_ca() {
	run_caproof ca-cert -k "pkcs11:token=$TOKEN;object=key-$1" --subject "CN=Own Root $1,O=Example" \
		--pin "file:$PIN_FILE" -o ca.pem --force
	assert_status 0
	assert_calls C_Login 1
	assert_calls C_Sign 1
	openssl verify -x509_strict -check_ss_sig -CAfile "$OUT/ca.pem" "$OUT/ca.pem"
	certtool --verify --load-ca-certificate "$OUT/ca.pem" --infile "$OUT/ca.pem"
	run_caproof sign -c ca.pem --code Code_123 --pin "file:$PIN_FILE" -o proof.pem --force
	assert_status 0
	assert_proof proof.pem Code_123 "$OUT/ca.pem"
}

@test "ca-cert: a CA certificate for a key of each kind, and a proof under it" {
	local kind n=0
	for kind in $TOKEN_KINDS; do
		[ "$kind" != ed25519 ] || continue
		makes_ca "$kind"
		: $((n += 1))
	done
	[ "$n" -ge 3 ]
}

@test "Ed25519: it signs, or is refused before the login" {
	case $TOKEN_EDDSA in
	yes)
		# Whole stacks, so that a leak of the module's is known for one.
		export ASAN_OPTIONS="${ASAN_OPTIONS-}:fast_unwind_on_malloc=0"
		makes_ca ed25519
		;;
	no)
		make_ca ed25519
		run_caproof sign -c "$FIXTURES/ed25519.pem" --code Code_123 --pin "file:$PIN_FILE" \
			-o proof.pem
		assert_fails 6 Ed25519
		assert_no_file proof.pem
		assert_calls 'C_Login|C_Sign|C_SignInit' 0
		;;
	esac
}
