#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What no real token does on demand: damaged signatures, flags, hidden attributes,
# hostile counts, hanging calls, by the rules of the fault shim.

load ../cli/helper

# sign [ARGUMENTS]: with the CA of the test.
sign() {
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem "$@"
}

# rules TEXT: what the shim does in the next runs.
rules() {
	export CAPROOF_SHIM_RULES=$1
}

assert_signed() {
	assert_status 0
	assert_proof proof.pem Code_123
}

# --- signatures -------------------------------------------------------------------

@test "no damaged signature becomes a proof" {
	local kind how n=0
	for kind in p256 rsa2048; do
		use_ca "$kind" "key-$kind" "0$((n + 1))"
		for how in corrupt zero short empty length:0 length:1 length:4096 length:0xffffffffffffffff; do
			rules "C_Sign=$how"
			sign
			case $how in
			length:[04]*)
				# A count that cannot be is the module's failure as well as the signature's.
				[ "$status" -eq 8 ] || assert_fails 4
				;;
			*) assert_fails 8 ;;
			esac
			assert_no_file proof.pem
			assert_calls C_Sign 1
			: $((n += 1))
		done
	done
	[ "$n" -eq 16 ]
}

@test "a token that signed and then failed is not asked again" {
	local rv
	use_ca p256
	for rv in CKR_DEVICE_ERROR CKR_TOKEN_NOT_PRESENT CKR_FUNCTION_FAILED CKR_BUFFER_TOO_SMALL; do
		rules "C_Sign=$rv"
		sign
		assert_fails 4
		assert_calls C_Sign 1
	done
}

@test "two seconds of waiting, and a line says that a touch may be wanted" {
	use_ca p256
	rules "C_Sign=until:$GO"
	start_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	wait_until has "$STDERR" touch || fail 'not a word about a touch'
	release
	wait_caproof
	assert_signed
	rm "$OUT/proof.pem"
	rules ''
	sign
	assert_signed
	refute_stderr_has 'touch'
}

# --- interrupted ------------------------------------------------------------------

@test "kill -9 while the token signs leaves no file" {
	use_ca p256
	rules 'C_Sign=kill:9'
	sign
	assert_status 137
	assert_files_in "$OUT"
}

@test "Ctrl-C and SIGTERM while the token signs leave no file" {
	use_ca p256
	rules 'C_Sign=kill:2'
	sign
	assert_fails 130
	rules 'C_Sign=kill:15'
	sign
	assert_fails 143
	assert_files_in "$OUT"
}

@test "a file that turns up while the token signs stays as it is" {
	use_ca p256
	export ALLOW_FILES=yes    # the shim makes it
	rules "C_Sign=touch:$OUT/proof.pem"
	sign
	assert_fails 7 proof.pem
	[ ! -s "$OUT/proof.pem" ]
	assert_files_in "$OUT" proof.pem
}

@test "--timeout ends a run whose module hangs in any call" {
	local call
	use_ca p256
	for call in C_Initialize C_GetSlotList C_GetTokenInfo C_OpenSession C_FindObjectsInit \
		C_GetAttributeValue C_Login C_SignInit C_Sign; do
		rules "$call#1=hang"
		sign --timeout 1
		assert_fails 4 'did not answer within 1 second'
		assert_files_in "$OUT"
	done
}

@test "--timeout, when the output is in place already, is a warning" {
	use_ca p256
	rules 'C_Finalize=hang'
	sign --timeout 5
	assert_signed
	assert_stderr_has warning
}

# --- flags ------------------------------------------------------------------------

@test "a locked PIN: no login" {
	use_ca p256
	rules 'C_GetTokenInfo=flags+CKF_USER_PIN_LOCKED'
	sign
	assert_fails 5 "$TOKEN" locked
	assert_calls C_Login 0
}

@test "the last try is not spent without --allow-final-try" {
	use_ca p256
	rules 'C_GetTokenInfo=flags+CKF_USER_PIN_FINAL_TRY'
	sign
	assert_fails 5 "$TOKEN"
	assert_hint --allow-final-try
	assert_calls C_Login 0
	sign --allow-final-try
	assert_signed
	assert_calls C_Login 1
}

@test "few tries left: said, and signed" {
	use_ca p256
	rules 'C_GetTokenInfo=flags+CKF_USER_PIN_COUNT_LOW'
	sign
	assert_signed
	assert_stderr_has 'few'
}

@test "after a wrong PIN the flags are read again, and what is left is said" {
	use_ca p256
	rules 'C_Login=CKR_PIN_INCORRECT;C_GetTokenInfo#3+=flags+CKF_USER_PIN_FINAL_TRY'
	sign
	assert_fails 5 'PIN is wrong'
	assert_stderr_has 'one try is left'
	rules 'C_Login=CKR_PIN_INCORRECT;C_GetTokenInfo#3+=flags+CKF_USER_PIN_LOCKED'
	sign
	assert_fails 5 'PIN'
	assert_stderr_has 'locked'
}

@test "a PIN that is too short or too long for the token is not tried" {
	use_ca p256
	rules 'C_GetTokenInfo=min:9;C_GetTokenInfo=max:20'
	sign
	assert_fails 5
	assert_calls C_Login 0
	rules 'C_GetTokenInfo=min:1;C_GetTokenInfo=max:7'
	sign
	assert_fails 5
	assert_calls C_Login 0
}

@test "a token without a user PIN: no login" {
	use_ca p256
	rules 'C_GetTokenInfo=flags-CKF_USER_PIN_INITIALIZED'
	sign
	assert_fails 5
	assert_calls C_Login 0
}

@test "a PIN pad gets no PIN, and no prompt is printed" {
	use_ca p256
	rules 'C_GetTokenInfo=flags+CKF_PROTECTED_AUTHENTICATION_PATH;C_Login=CKR_PIN_INCORRECT'
	run_caproof sign -c "$CA" --code Code_123 -o proof.pem
	assert_status 5
	assert_stderr_has 'on the reader' "$TOKEN" 'the PIN is wrong'
	refute_stderr_has 'PIN for'
	assert_calls C_Login 1 pin=none
}

@test "every answer to C_Login is a sentence and an exit code" {
	local row n=0
	use_ca p256
	for row in CKR_PIN_INCORRECT:5 CKR_PIN_INVALID:5 CKR_PIN_LEN_RANGE:5 CKR_PIN_EXPIRED:5 \
		CKR_PIN_LOCKED:5 CKR_USER_PIN_NOT_INITIALIZED:5 CKR_USER_ANOTHER_ALREADY_LOGGED_IN:5 \
		CKR_FUNCTION_CANCELED:4 CKR_TOKEN_NOT_PRESENT:4 CKR_DEVICE_MEMORY:4; do
		rules "C_Login=${row%:*}"
		sign
		assert_fails "${row#*:}" "$TOKEN"
		assert_calls C_Login 1
		assert_calls C_SignInit 0
		: $((n += 1))
	done
	[ "$n" -eq 10 ]
}

@test "already logged in is as good as logged in" {
	use_ca p256
	rules 'C_Login=late:CKR_USER_ALREADY_LOGGED_IN'
	sign
	assert_signed
	assert_calls C_Login 1
}

# --- the key ----------------------------------------------------------------------

@test "always-authenticate: one login more, and none after one that failed" {
	use_ca p256
	rules 'C_GetAttributeValue=set:CKA_ALWAYS_AUTHENTICATE=01;C_Login@2=CKR_PIN_INCORRECT'
	sign
	assert_fails 5
	assert_calls C_Login 1 user=1
	assert_calls C_Login 1 user=2
	assert_calls C_Sign 0
	rules 'C_GetAttributeValue=set:CKA_ALWAYS_AUTHENTICATE=01;C_Login@2=0'
	sign
	assert_signed
	assert_calls C_Login 1 user=2
}

@test "a token that cannot sign this way is refused before the login" {
	use_ca rsa2048
	rules 'C_GetMechanismInfo=CKR_MECHANISM_INVALID'
	sign
	assert_fails 6
	assert_calls C_Login 0
	rules 'C_GetMechanismInfo=CKR_MECHANISM_INVALID'
	sign --pss
	assert_fails 6 PSS
	assert_calls C_Login 0
	rules 'C_GetMechanismInfo=flags-CKF_SIGN'
	sign
	assert_fails 6
	assert_calls C_Login 0
	rules 'C_GetMechanismInfo=min:4096;C_GetMechanismInfo=max:8192'
	sign
	assert_fails 6
	assert_calls C_Login 0
}

@test "several tokens with the CA certificate, none of which can sign: exit 6" {
	use_ca rsa2048
	token_drop pubkey rootCA
	token_put cert "$CA" chain 77
	token_new other
	TOKEN=other token_put cert "$CA" chain 77
	rules 'C_GetMechanismInfo=CKR_MECHANISM_INVALID'
	sign
	assert_fails 6 'no token can sign'
	assert_calls C_Login 0
}

@test "a key that may not sign is refused after the login and before C_SignInit" {
	use_ca p256
	rules 'C_GetAttributeValue=set:CKA_SIGN=00'
	sign
	assert_fails 6
	assert_calls C_SignInit 0
	# CKM_AES_ECB, and nothing else.
	rules 'C_GetAttributeValue=set:CKA_ALLOWED_MECHANISMS=8110000000000000'
	sign
	assert_fails 6
	assert_calls C_SignInit 0
}

@test "attributes that are missing, sensitive or of length -1 are absent, not errors" {
	local how what n=0
	use_ca p256
	for what in CKA_ID CKA_LABEL CKA_ALWAYS_AUTHENTICATE; do
		for how in hide sensitive minus1; do
			rules "C_GetAttributeValue=$how:$what"
			export ALLOW_UNUSED=yes
			sign --key "pkcs11:token=$TOKEN;object=rootCA"
			assert_signed
			rm "$OUT/proof.pem"
			: $((n += 1))
		done
	done
	[ "$n" -eq 9 ]
}

@test "another mechanism for PSS, where the token has only that" {
	use_ca rsa2048
	rules 'C_GetMechanismInfo@CKM_RSA_PKCS_PSS=CKR_MECHANISM_INVALID'
	sign --pss
	[ "$status" -eq 0 ] || assert_fails 6 PSS
	assert_calls C_SignInit 0 mechanism=0xd
}

@test "searches that do not take a modulus or a point still find the key, or say so" {
	use_ca rsa2048
	rules 'C_FindObjectsInit=hide:CKA_MODULUS'
	sign
	[ "$status" -eq 0 ] || assert_fails 6
	rm -f "$OUT/proof.pem"
	sign --key "pkcs11:token=$TOKEN;object=rootCA"
	assert_signed
}

# --- counts and texts that lie ----------------------------------------------------

@test "a slot list that grows between the two calls" {
	use_ca p256
	export ALLOW_UNUSED=yes
	rules 'C_GetSlotList#1=grow'
	sign
	assert_signed
	rm "$OUT/proof.pem"
	rules 'C_GetSlotList=grow'
	sign
	[ "$status" -eq 0 ] || assert_fails 4
}

@test "no slots at all" {
	use_ca p256
	rules 'C_GetSlotList=empty'
	sign
	assert_fails 4
}

@test "a module that claims more objects than there was room for" {
	use_ca p256
	rules 'C_FindObjects=over'
	sign
	[ "$status" -eq 4 ] || [ "$status" -eq 6 ] || fail "exit code $status"
	assert_no_file proof.pem
}

@test "one session is enough" {
	use_ca p256
	export ALLOW_UNUSED=yes
	rules 'C_OpenSession=limit:1;C_GetTokenInfo=sessions:1'
	sign
	assert_signed
	rules 'C_OpenSession=CKR_SESSION_COUNT'
	sign --force
	assert_fails 4
}

@test "a lost session is opened again once, and the login only when it is gone" {
	use_ca p256
	export ALLOW_RELOGIN=yes
	rules 'C_SignInit#1=lost:CKR_SESSION_HANDLE_INVALID'
	sign
	[ "$status" -ne 0 ] || assert_proof proof.pem Code_123
	assert_calls_at_most C_OpenSession 2
	assert_calls_at_most C_Login 2
	rules 'C_SignInit=lost:CKR_SESSION_CLOSED'
	sign --force
	assert_fails 4
	assert_calls_at_most C_OpenSession 2
	assert_calls_at_most C_Login 2
}

@test "control characters of a token's label are not shown as they are" {
	use_ca p256
	rules 'C_GetTokenInfo=label:evil\x1b[31m\x0dname\xe2\x80\xae'
	sign
	assert_signed
	if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae' "$STDERR"; then
		fail 'raw control characters on standard error'
	fi
	assert_stderr_has evil
}

@test "a module that prints to standard error is let be" {
	use_ca p256
	rules 'C_Initialize=print:the module says hello'
	sign
	assert_signed
	assert_stderr_has 'the module says hello'
}
