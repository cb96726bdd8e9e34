#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# libcaproof on a token: what its callbacks are told, that no PIN is tried twice, that
# objects may be freed in any order, and how each failure is called.  The environment names
# another module and another folder of rule files throughout, which the library does not read.

load ../cli/helper

setup() {
	common_setup
	CAPROOF=$TOP_BUILDDIR/tests/api/drive
	folder=$CAPROOF_PLATFORMS
	export CAPROOF_MODULE=/nowhere/module.so CAPROOF_PLATFORMS=/nowhere
}

# drive CODE PLATFORM [WORD...]
drive() {
	local code=$1 platform=$2
	shift 2
	run_caproof "$CA" "$code" "$platform" "$folder" "$SHIM" "$@"
}

# ended CALL STATUS ID: how the last such call ended.
ended() {
	grep "^$1: " "$STDOUT" | tail -n 1 > "$T/ended"
	echo "$1: $2 $3" | diff - "$T/ended" >&2 || fail "another end of $1"
}

@test "a proof, the stages in order, and what the callback is told" {
	use_ca p256 rootCA 01
	drive Code123 generic "pin=$PIN" out=proof.pem
	assert_status 0
	grep '^stage' "$STDOUT" > "$T/stages"
	printf 'stage: %s\n' 0 1 2 3 4 | diff - "$T/stages"
	grep -qE "^asked: token=$TOKEN serial=[0-9a-f]+ key=rootCA few=0 final=0 pad=0 size=1024$" "$STDOUT"
	grep -q "^found: $TOKEN .*;object=rootCA;type=private" "$STDOUT"
	assert_proof proof.pem Code123
	[ ! -s "$STDERR" ]
}

@test "what a plan was made of may be gone before it is used" {
	use_ca p256
	drive Code123 generic "pin=$PIN" free-early out=proof.pem
	assert_status 0
	assert_proof proof.pem Code123
}

@test "two proofs with one login" {
	use_ca p256
	drive Code123 generic "pin=$PIN" twice out=proof.pem
	assert_status 0
	assert_proof proof.pem Second0Code
	[ "$(grep -c '^prove: 0 none' "$STDOUT")" -eq 2 ]
	[ "$(count_calls C_Login)" -eq 1 ]
	[ "$(count_calls C_Sign)" -eq 2 ]
}

@test "each form and encoding" {
	use_ca rsa2048
	drive Code123 generic "pin=$PIN" der out=proof.der
	assert_status 0
	openssl x509 -inform DER -in "$OUT/proof.der" -noout -subject > "$T/subject"
	grep -Eq 'CN ?= ?Code123' "$T/subject"
	drive Code123 generic "pin=$PIN" pss out=pss.pem
	assert_status 0
	openssl verify -partial_chain -trusted "$CA" "$OUT/pss.pem"
	drive Code123 cumulocity "pin=$PIN" out=signature
	assert_status 0
	[ "$(wc -l < "$OUT/signature")" -eq 1 ]
	make_csr "$T/csr.pem" Code123
	drive '' generic "pin=$PIN" "request=$T/csr.pem" out=csr-proof.pem
	assert_status 0
	assert_proof csr-proof.pem Code123
}

@test "a callback that declines, none at all, and one that gives what is no PIN" {
	local word
	use_ca p256
	for word in declines no-callback; do
		drive Code123 generic "$word" out=proof.pem
		assert_status 5
		ended prove 5 pin.none
		[ "$(count_calls C_Login)" -eq 0 ]
	done
	for word in pin-too-long "pin=$PIN pin-nul"; do
		# shellcheck disable=SC2086 # words
		drive Code123 generic $word
		assert_status 2
		ended prove 2 usage
		[ "$(count_calls C_Login)" -eq 0 ]
	done
	drive Code123 generic pin=
	assert_status 5
	ended prove 5 pin.length
	[ "$(count_calls C_Login)" -eq 0 ]
}

@test "a wrong PIN is tried once, whatever the program does then" {
	use_ca p256
	drive Code123 generic pin=wrong-pin again
	assert_status 2
	grep -qx 'prove: 5 pin.incorrect' "$STDOUT"
	ended prove 2 usage
	[ "$(grep -cx 'pin: gone' "$STDOUT")" -eq 2 ]
	[ "$(count_calls C_Login)" -eq 1 ]
	[ "$(count_calls C_Sign)" -eq 0 ]
	[ "$(grep -c '^asked' "$STDOUT")" -eq 1 ]
}

@test "a fork has no PIN, and does not log in with an empty one" {
	use_ca p256
	export CAPROOF_SHIM_RULES='C_GetAttributeValue=set:CKA_ALWAYS_AUTHENTICATE=01;C_Login@2=CKR_OK'
	drive Code123 generic "pin=$PIN" fork
	assert_status 5
	ended prove 5 pin.none
	[ "$(count_calls C_Login)" -eq 2 ]
}

@test "a token that says that tries are few, and one that has one left" {
	use_ca p256
	CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+CKF_USER_PIN_COUNT_LOW'
	drive Code123 generic "pin=$PIN"
	assert_status 0
	grep -q '^asked: .* few=1 final=0' "$STDOUT"
	CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+CKF_USER_PIN_FINAL_TRY'
	drive Code123 generic "pin=$PIN"
	assert_status 5
	ended find 5 pin.final-try
	drive Code123 generic "pin=$PIN" final-try
	assert_status 0
	grep -q '^asked: .* final=1' "$STDOUT"
	CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+CKF_USER_PIN_LOCKED'
	drive Code123 generic "pin=$PIN" final-try
	assert_status 5
	ended find 5 pin.locked
}

@test "a PIN pad: the callback only tells" {
	use_ca p256
	CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+CKF_PROTECTED_AUTHENTICATION_PATH;C_Login=CKR_FUNCTION_CANCELED'
	drive Code123 generic "pin=$PIN"
	assert_status 5
	ended prove 5 pin.none
	grep -q '^asked: .* pad=1 size=0$' "$STDOUT"
	grep -q '^C_Login .* pin=none' "$T/calls" || fail "no login without a PIN"
}

@test "the progress callback stops it before each stage" {
	local stage
	use_ca p256
	for stage in 0 1 2 3 4; do
		drive Code123 generic "pin=$PIN" "stop=$stage" out=proof.pem
		assert_status 130
		grep -q ': 130 interrupted$' "$STDOUT"
		[ "$(grep -c '^stage' "$STDOUT")" -eq $((stage + 1)) ]
	done
	[ "$(count_calls C_Sign)" -eq 1 ]
	assert_no_file proof.pem
}

@test "a context is refused within its own callback" {
	use_ca p256
	drive Code123 generic "pin=$PIN" nested
	assert_status 0
	grep -qx 'nested: 2' "$STDOUT"
}

@test "a signature that was corrupted on its way is no proof" {
	use_ca p256
	CAPROOF_SHIM_RULES='C_Sign=corrupt'
	drive Code123 generic "pin=$PIN" out=proof.pem
	assert_status 8
	ended prove 8 signature
	assert_no_file proof.pem
}

@test "a URI that names the key, and those that are refused" {
	use_ca p256 rootCA 01
	token_import "$CA_KEY" again 02
	drive Code123 generic "pin=$PIN" 'key=pkcs11:object=again;type=private' out=proof.pem
	assert_status 0
	grep -q '^key: .*object=again' "$STDOUT"
	drive Code123 generic "pin=$PIN" 'key=pkcs11:object=absent;type=private'
	assert_status 6
	drive Code123 generic "pin=$PIN" 'key=pkcs11:object=again?pin-value=1234'
	assert_status 2
	ended find 2 usage.pin
	drive Code123 generic "pin=$PIN" "key=pkcs11:object=again?pin-source=file:$PIN_FILE"
	assert_status 2
	ended find 2 usage.uri
	drive Code123 generic "pin=$PIN" 'key=pkcs11:object=again?module-path=/usr/lib/other.so'
	assert_status 2
	ended find 2 usage
}

@test "no module, no token, no key" {
	use_ca p256
	run_caproof "$CA" Code123 generic "$folder" /nowhere/module.so "pin=$PIN"
	assert_status 4
	ended find 4 module.load
	CAPROOF_SHIM_RULES='C_Initialize=CKR_GENERAL_ERROR' ALLOW_UNUSED=1
	drive Code123 generic "pin=$PIN"
	assert_status 4
	ended find 4 module.init
	CAPROOF_SHIM_RULES='C_GetSlotList=empty'
	drive Code123 generic "pin=$PIN"
	assert_status 4
	ended find 4 token.none
	CAPROOF_SHIM_RULES=
	make_ca p256-other
	CA=$FIXTURES/p256-other.pem
	drive Code123 generic "pin=$PIN"
	assert_status 6
}

@test "a platform's rule refuses, and the checks tell which" {
	make_ca expired
	CA=$FIXTURES/expired.pem
	drive Code123 generic "pin=$PIN"
	assert_status 3
	ended plan 3 rule
	grep -qx 'refused: ca.validity' "$STDOUT"
	make_ca p256
	CA=$FIXTURES/p256.pem
	drive 'two words' generic "pin=$PIN"
	assert_status 3
	ended plan 3 code
}
