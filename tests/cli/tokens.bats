#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `caproof tokens`: what is listed, what it takes to see it, and that every URI in the
# list works where it is pasted.

load helper

# rules TEXT: what the shim does in the next runs.
rules() {
	export CAPROOF_SHIM_RULES=$1
}

# list [ARGUMENTS], and logged in.
list() {
	run_caproof tokens "$@"
}

list_all() {
	run_caproof tokens --login -k "pkcs11:token=$TOKEN" --pin "file:$PIN_FILE" "$@"
}

# jq_is EXPRESSION TEXT: the JSON on standard output, one object, says so.
jq_is() {
	local got
	[ "$(jq -s length "$STDOUT")" = 1 ] || fail 'not exactly one JSON object'
	got=$(jq -rc "$1" "$STDOUT") || fail "no JSON, or no $1"
	[ "$got" = "$2" ] || fail "$1 is '$got', not '$2'"
}

# The URIs on standard output, one a line, as a shell takes them.
pasted() {
	local line
	grep "^ *'\{0,1\}pkcs11:" "$STDOUT" | while read -r line; do
		eval "printf '%s\n' $line"
	done
}

# Only URIs and the module's path may be longer than 80 columns.
assert_narrow() {
	local wide
	# wc knows which characters take two columns
	wide=$(grep -vE "^ +('?pkcs11:|/[^ ]*$)" "$STDOUT" | LC_ALL=C.UTF-8 wc -L)
	[ "$wide" -le 80 ] || fail "wider than 80 columns: $wide"
}

assert_no_controls() {
	if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae' "$1"; then
		fail "raw control characters in ${1##*/}"
	fi
}

# --- tokens -----------------------------------------------------------------------

@test "an empty token: its name, serial, state and what it signs with" {
	token_ready
	list -k "pkcs11:token=$TOKEN"
	assert_status 0
	assert_stdout_has "Token '$TOKEN'" 'initialised, PIN set' 'RSA PKCS#1 v1.5 (512 to 16384 bits)' \
		RSA-PSS 'ECDSA (112 to 521 bits)' EdDSA 'nothing to show without --login'
	assert_narrow
	[ ! -s "$STDERR" ] || fail 'something on standard error'
	assert_calls C_Login 0
	list_all
	assert_status 0
	assert_stdout_has 'nothing to show'
	refute has "$STDOUT" 'without --login'
}

@test "several tokens, and one that is not initialised" {
	token_new one
	token_new two
	list
	assert_status 0
	assert_stdout_has "Token 'one'" "Token 'two'" 'Token without a label' 'not initialised'
	[ "$(pasted | wc -l)" -eq 2 ]
	list --json
	jq_is '[.tokens[] | select(.state.initialised) | .label] | sort | join(",")' one,two
	jq_is '[.tokens[] | select(.state.initialised | not)] | length' 1
	list --json -k pkcs11:token=two
	jq_is '[.tokens[].label] | join(",")' two
}

@test "no token at all is exit 4, and so is a URI that fits none" {
	rules 'C_GetSlotList=empty'
	list
	assert_fails 4 'sees no token'
	rules ''
	token_ready
	list -k pkcs11:token=elsewhere
	assert_fails 4 'no token fits the URI'
	grep -q "^ *'pkcs11:.*token=$TOKEN'" "$STDERR"
	list --json -k pkcs11:token=elsewhere
	assert_status 4
	jq_is .error.id token.missing
}

@test "the module: its path, description and version; the same for a module-path" {
	token_ready
	list --json
	jq_is '.modules[0].path' "$SHIM"
	jq_is '.modules[0].version' 2.6
	jq_is '.modules | length' 1
	unset CAPROOF_MODULE
	list -k "pkcs11:?module-path=$SHIM"
	assert_status 0
	list -m "$SOFTHSM" -k "pkcs11:?module-path=$SHIM"
	assert_fails 2 'two different'
	list -m "$T/nothing.so"
	assert_fails 4 nothing.so
}

@test "the flags of a token in words" {
	local row n=0
	token_ready
	for row in 'CKF_USER_PIN_COUNT_LOW:few tries left:pin_count_low' \
		'CKF_USER_PIN_FINAL_TRY:last try:pin_final_try' 'CKF_USER_PIN_LOCKED:PIN locked:pin_locked' \
		'0x100:PIN pad:pin_pad' 'CKF_WRITE_PROTECTED:write-protected:write_protected'; do
		rules "C_GetTokenInfo=flags+${row%%:*}"
		row=${row#*:}
		list
		assert_status 0
		assert_stdout_has "${row%:*}"
		assert_narrow
		list --json -k "pkcs11:token=$TOKEN"
		jq_is ".tokens[0].state | to_entries | map(select(.value)) | map(.key) | sort | join(\",\")" \
			"$(printf '%s\n' initialised pin_set "${row#*:}" | sort | paste -sd,)"
		: $((n += 1))
	done
	[ "$n" -eq 5 ]
	rules 'C_GetTokenInfo=flags-CKF_USER_PIN_INITIALIZED'
	list
	assert_stdout_has 'no user PIN yet'
}

@test "what a token cannot sign with is not listed" {
	token_ready
	rules 'C_GetMechanismInfo@CKM_RSA_PKCS_PSS=CKR_MECHANISM_INVALID;C_GetMechanismInfo@CKM_EDDSA=flags-CKF_SIGN;C_GetMechanismInfo@CKM_ECDSA=max:384'
	list --json -k "pkcs11:token=$TOKEN"
	# SHA*_RSA_PKCS_PSS are still there.
	jq_is '[.tokens[0].mechanisms[].name] | join(",")' 'RSA PKCS#1 v1.5,RSA-PSS,ECDSA'
	jq_is '.tokens[0].mechanisms[2].max_bits' 384
	rules 'C_GetMechanismInfo=CKR_MECHANISM_INVALID'
	list -k "pkcs11:token=$TOKEN"
	assert_stdout_has 'nothing that a proof can be made with'
}

@test "a slot that cannot be read is left out with a warning" {
	token_ready
	rules 'C_GetTokenInfo#2=CKR_TOKEN_NOT_RECOGNIZED'
	list
	assert_status 0
	assert_stderr_has 'caproof: warning: ' 'it is not in the list'
	list -q
	[ ! -s "$STDERR" ] || fail 'a warning with --quiet'
	rules 'C_GetTokenInfo=CKR_DEVICE_ERROR'
	list
	assert_fails 4
}

@test "a broken slot does not keep the others back, and is exit 4" {
	token_ready
	rules 'C_GetTokenInfo#2=CKR_DEVICE_ERROR'
	list
	assert_status 4
	assert_stdout_has "Token '$TOKEN'"
	assert_stderr_has 'caproof: the list is not complete: '
	list --json
	assert_status 4
	jq_is '.tokens[0].label' "$TOKEN"
	jq_is '[.error.id, .error.exit]' '["device",4]'
	list --json -k "pkcs11:token=$TOKEN"
	assert_status 0
	jq_is .error null
	assert_stderr_has 'it is not in the list'
}

@test "with a slot that cannot be read a PIN goes only to a token that was named" {
	token_ready
	rules 'C_GetTokenInfo#2=CKR_TOKEN_NOT_RECOGNIZED'
	list --login --pin "file:$PIN_FILE"
	assert_fails 4 'not certain to which token'
	assert_calls C_Login 0
	list_all
	assert_status 0
	assert_calls C_Login 1
}

# --- keys and certificates ----------------------------------------------------------

@test "keys and certificates of every kind, an Ed25519 neighbour among them" {
	local kind
	use_ca rsa2048 rootCA 01
	token_put cert "$CA" rootCA 01
	use_ca p384 p384 02
	use_ca p521 p521 03
	make_ca long-name
	token_put cert "$FIXTURES/long-name.pem" alone 05
	token_generate EC:edwards25519 neighbour 04
	list_all
	assert_status 0
	for kind in RSA-2048 'EC P-384' 'EC P-521' Ed25519; do
		assert_stdout_has "$kind"
	done
	assert_stdout_has "Key 'rootCA', RSA-2048, id 01" 'certificate: CN=Test CA rsa2048' 'a CA, valid until 20'
	assert_narrow
	list_all --json
	jq_is '[.tokens[0].keys[] | .label + "=" + .type] | join(",")' \
		'rootCA=RSA-2048,p384=EC P-384,p521=EC P-521,neighbour=Ed25519'
	jq_is '.tokens[0].certificates[0].sha256' "$(openssl x509 -in "$FIXTURES/rsa2048.pem" -noout -fingerprint -sha256 |
		sed 's/.*=//; s/://g' | tr A-F a-f)"
	jq_is '.tokens[0].certificates[0].not_after' "$(openssl x509 -in "$FIXTURES/rsa2048.pem" -noout -enddate -dateopt iso_8601 |
		sed 's/notAfter=//; s/ /T/')"
	jq_is '[.tokens[0].certificates[].ca] | all' true
	jq_is '.tokens[0].keys[0].certificate == .tokens[0].certificates[0].uri' true
	jq_is '.tokens[0].keys[1].certificate' null
}

@test "JSON is what the manual says, and nothing more" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	list --json -k "pkcs11:token=$TOKEN"
	assert_status 0
	jq_is 'keys_unsorted | join(",")' caproof,command,modules,tokens
	jq_is '.command' tokens
	jq_is '.tokens[0] | keys | join(",")' certificates,firmware,keys,label,manufacturer,mechanisms,model,serial,state,uri
	jq_is '.tokens[0].keys[0] | keys | join(",")' always_authenticate,certificate,id,label,sign,type,uri
	jq_is '.tokens[0].certificates[0] | keys | join(",")' ca,not_after,sha256,subject,uri
	jq_is '.tokens[0].keys[0] | [.sign, .always_authenticate]' '[null,null]'
	list_all --json
	jq_is '.tokens[0].keys[0] | [.sign, .always_authenticate]' '[true,false]'
	refute grep -q 'pin-' "$STDOUT"
}

@test "private objects are seen with --login only" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" hidden 01
	list --json -k "pkcs11:token=$TOKEN"
	jq_is '.tokens[0].keys | length' 0
	assert_calls C_Login 0
	list_all --json
	jq_is '.tokens[0].keys[0].label' hidden
	jq_is '.tokens[0].keys[0].sign' true
	assert_calls C_Login 1
	token_drop privkey hidden
	token_put pubkey "$FIXTURES/p256.key" half 02
	list --json -k "pkcs11:token=$TOKEN"
	jq_is '.tokens[0].keys[0].sign' null
	list_all --json
	jq_is '.tokens[0].keys[0].sign' false
	list_all
	assert_stdout_has 'public half only'
}

@test "keys that ask for the PIN each time, and those that may not sign" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" careful 01 --always-auth
	list_all
	assert_stdout_has 'may sign, asks for the PIN for every signature'
	list_all --json
	jq_is '.tokens[0].keys[0].always_authenticate' true
	assert_calls C_Login 1
	rules 'C_GetAttributeValue=set:CKA_SIGN=00'
	list_all
	assert_stdout_has 'may not sign'
	rules 'C_GetAttributeValue=hide:CKA_SIGN'
	list_all --json
	jq_is '.tokens[0].keys[0].sign' null
}

@test "a shared id does not give a key the certificate of another" {
	use_ca p256 mine 01
	use_ca p384 other 01
	token_put cert "$FIXTURES/p384.pem" cert 01
	list_all --json
	jq_is '[.tokens[0].keys[] | select(.certificate != null) | .label] | join(",")' other
	list --json -k "pkcs11:token=$TOKEN"
	jq_is '[.tokens[0].keys[] | select(.certificate != null) | .label] | join(",")' other
}

@test "halves with different labels are one key" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" 'SIGN key' 02
	token_put pubkey "$FIXTURES/p256.key" 'SIGN pubkey' 02
	list_all --json
	jq_is '[.tokens[0].keys[].label] | join(",")' 'SIGN key'
	list -k "pkcs11:token=$TOKEN"
	[ "$(pasted | tail -n 1 | grep -c object=)" -eq 0 ] || fail 'the label of the public half is in the URI'
}

@test "--key narrows keys and certificates" {
	use_ca p256 one 01
	use_ca p384 two 02
	token_put cert "$FIXTURES/p384.pem" two 02
	list --json -k "pkcs11:token=$TOKEN;id=%02"
	jq_is '[.tokens[0].keys[].label] | join(",")' two
	jq_is '.tokens[0].certificates | length' 1
	list --json -k "pkcs11:token=$TOKEN;object=one"
	jq_is '[.tokens[0].keys[].label] | join(",")' one
	jq_is '.tokens[0].certificates | length' 0
	list --json -k "pkcs11:token=$TOKEN;type=cert"
	jq_is '[(.tokens[0].keys | length), (.tokens[0].certificates | length)]' '[0,1]'
	list --json -k "pkcs11:token=$TOKEN;type=private"
	jq_is '[(.tokens[0].keys | length), (.tokens[0].certificates | length)]' '[2,0]'
}

@test "what is no certificate, and a length that cannot be, are shown as such" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	rules 'C_GetAttributeValue=set:CKA_VALUE=3003020101'
	list --json -k "pkcs11:token=$TOKEN"
	assert_status 0
	jq_is '.tokens[0].certificates[0] | [.subject, .not_after, .ca]' '[null,null,null]'
	list -k "pkcs11:token=$TOKEN"
	assert_stdout_has 'Certificate that cannot be read'
	rules 'C_GetAttributeValue=minus1:CKA_VALUE'
	list --json -k "pkcs11:token=$TOKEN"
	assert_status 0
	jq_is '.tokens[0].certificates[0].sha256' null
	ALLOW_UNUSED=yes
	for what in CKA_ID CKA_LABEL CKA_EC_PARAMS CKA_EC_POINT CKA_KEY_TYPE CKA_CLASS; do
		rules "C_GetAttributeValue=minus1:$what"
		list_all --json
		assert_status 0
		jq_is '.tokens[0].certificates | length' 1
	done
	rules 'C_FindObjects=over'
	list -k "pkcs11:token=$TOKEN"
	assert_fails 4 'more of them than it gives'
}

@test "hundreds of objects are all listed, with few calls" {
	use_ca p256
	token_fill 600
	list --json -k "pkcs11:token=$TOKEN"
	assert_status 0
	jq_is '(.tokens[0].keys | length) >= 300' true
	assert_calls_at_most C_FindObjects 12
	assert_calls_at_most C_OpenSession 1
	assert_calls_at_most C_GetAttributeValue "$(jq '.tokens[0].keys | length' "$STDOUT")"
}

# --- pasting -------------------------------------------------------------------------

@test "every key's URI is taken by sign --key, with and without a login" {
	local uri n=0
	token_new "it's a \$token; 100%"
	TOKEN="it's a \$token; 100%"
	use_ca p256 "root's \"CA\"; é" 01
	token_put cert "$CA" 'cert & more' 01
	for login in '' yes; do
		if [ -n "$login" ]; then
			list --login --pin "file:$PIN_FILE"
		else
			list
		fi
		assert_status 0
		pasted > "$T/uris"
		[ "$(grep -c 'token=it%27s' "$T/uris")" -eq 3 ] || fail 'not three whole URIs'
		while read -r uri; do
			case $uri in
			*type=cert*)
				run_caproof sign -c "$uri" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem -f
				;;
			*) run_caproof sign -c "$CA" -k "$uri" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem -f ;;
			esac
			assert_status 0
			assert_proof proof.pem CODE-123
			: $((n += 1))
		done < "$T/uris"
	done
	[ "$n" -eq 6 ]
}

@test "long names stay within 80 columns, and URIs in one piece" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" "$(printf 'a very long label %.0s' 1 2 3 4 5 6 7 8)" 01
	token_put pubkey "$FIXTURES/p256.key" "$(printf 'xy%.0s' $(seq 100))" 02
	rules 'C_GetTokenInfo=manufacturer:\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b'
	list_all
	assert_status 0
	assert_narrow
	[ "$(pasted | wc -l)" -eq 3 ]
}

@test "characters that take two columns count as two" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" "$(printf '証明書%.0s' $(seq 24))" 01
	rules 'C_GetTokenInfo=manufacturer:\xe8\xa8\xbc\xe6\x98\x8e\xe6\x9b\xb8 \xe8\xa8\xbc\xe6\x98\x8e\xe6\x9b\xb8'
	list_all
	assert_status 0
	assert_narrow
	[ "$(grep -o 証 "$STDOUT" | wc -l)" -eq 26 ]
}

@test "each token has its slot's number, which works as slot-id" {
	local slot
	token_new one
	token_new two
	list -k pkcs11:token=two
	slot=$(sed -n 's/^  slot *\([0-9]*\)$/\1/p' "$STDOUT")
	[ -n "$slot" ]
	list --json -k "pkcs11:slot-id=$slot"
	jq_is '[.tokens[].label] | join(",")' two
}

@test "control characters in labels and names are escaped" {
	make_ca p256
	token_ready
	token_put privkey "$FIXTURES/p256.key" "$(printf 'evil\033[31m\rkey\342\200\256')" 01
	rules 'C_GetTokenInfo=label:evil\x1b[31m\x0dname\xe2\x80\xae'
	for json in '' --json; do
		# shellcheck disable=SC2086 # nothing, or one word
		run_caproof tokens --login -k 'pkcs11:token=evil%1b%5b31m%0dname%e2%80%ae' --pin "file:$PIN_FILE" $json
		assert_status 0
		assert_no_controls "$STDOUT"
		assert_stdout_has evil
	done
	jq_is '.tokens[0].keys[0].label' 'evil\x1b[31m\x0dkey\u{202E}'
}

@test "bold headings on a terminal only, and not with NO_COLOR" {
	local esc
	esc=$(printf '\033')
	token_ready
	TERM=xterm run_on_terminal -a -- tokens
	assert_status 0
	grep -q "$esc\[1mToken" "$TTY_OUT" || fail 'no bold heading'
	NO_COLOR=1 TERM=xterm run_on_terminal -a -- tokens
	assert_status 0
	grep -q 'Token' "$TTY_OUT"
	refute grep -q "$esc" "$TTY_OUT"
	TERM=dumb run_on_terminal -a -- tokens
	refute grep -q "$esc" "$TTY_OUT"
	TERM=xterm list
	refute grep -q "$esc" "$STDOUT"
}

# --- logging in -----------------------------------------------------------------------

@test "--login needs exactly one initialised token, which --key can choose" {
	token_new one
	token_new two
	list --login --pin "file:$PIN_FILE"
	assert_fails 6 'there are 2 tokens to log in to'
	[ "$(grep -c "^ *'pkcs11:.*token=\(one\|two\)'" "$STDERR")" -eq 2 ] || fail 'no list of URIs'
	assert_calls C_Login 0
	assert_calls C_OpenSession 0
	list --login --pin "file:$PIN_FILE" -k pkcs11:token=two
	assert_status 0
	assert_calls C_Login 1
	list --login -k "pkcs11:token=two?pin-source=file:$PIN_FILE"
	assert_status 0
	rules 'C_GetTokenInfo=flags-CKF_TOKEN_INITIALIZED'
	list --login --pin "file:$PIN_FILE"
	assert_fails 4 'none is initialised'
}

@test "a wrong PIN: one C_Login, exit 5" {
	printf 'wrong-PIN\n' > "$T/wrong"
	token_ready
	list --login --pin "file:$T/wrong"
	assert_fails 5 'the PIN is wrong' "$TOKEN"
	assert_calls C_Login 1
	list --login --pin "file:$T/wrong" --json
	assert_status 5
	jq_is .error.id pin.incorrect
}

@test "flags come before the PIN" {
	token_ready
	rules 'C_GetTokenInfo=flags+CKF_USER_PIN_LOCKED'
	list_all
	assert_fails 5 locked
	assert_calls C_Login 0
	rules 'C_GetTokenInfo=flags+CKF_USER_PIN_FINAL_TRY'
	list_all
	assert_fails 5
	assert_hint --allow-final-try
	assert_calls C_Login 0
	list_all --allow-final-try
	assert_status 0
	assert_calls C_Login 1
	rules 'C_GetTokenInfo=flags-CKF_USER_PIN_INITIALIZED'
	list_all
	assert_fails 5 'no user PIN'
	rules 'C_GetTokenInfo=min:12;C_GetTokenInfo=max:20'
	list_all
	assert_fails 5 'too short'
	assert_calls C_Login 0
}

@test "a PIN pad is told to ask by itself" {
	token_ready
	rules 'C_GetTokenInfo=flags+0x100;C_Login=0'
	run_caproof tokens --login -k "pkcs11:token=$TOKEN"
	assert_status 0
	assert_stderr_has reader
	assert_calls C_Login 1
	grep -q '^C_Login .*' "$T/calls"
}

@test "the prompt names the token" {
	token_ready
	run_on_terminal -w "PIN for token '$TOKEN' (serial " -n -i "$PIN_FILE" -- tokens --login
	assert_status 0
	run_on_terminal -w 'PIN for token' -n -k c -- tokens --login
	assert_status 130
	assert_calls C_Login 0
	assert_stdout_empty
}

@test "a lost session is had again once" {
	use_ca p256
	ALLOW_RELOGIN=yes
	rules 'C_GetAttributeValue#1=lost:CKR_SESSION_HANDLE_INVALID'
	list_all --json
	assert_status 0
	jq_is '[.tokens[0].keys[].label] | join(",")' rootCA
	assert_calls C_OpenSession 2
	assert_calls C_Login 2
	rules 'C_GetAttributeValue=lost:CKR_SESSION_CLOSED'
	list_all
	assert_fails 4
	assert_calls_at_most C_Login 2
}

@test "a module that hangs, also at its end" {
	token_ready
	rules 'C_FindObjects=hang'
	list --timeout 1
	assert_fails 4 'did not answer'
	rules 'C_Finalize=hang'
	list --timeout 1 --json
	assert_status 4
	jq_is .error.id timeout
}

# --- the command line ------------------------------------------------------------------

@test "options that make no sense are exit 2" {
	list --pin "file:$PIN_FILE"
	assert_fails 2 'without a login'
	list --allow-final-try
	assert_fails 2 'without a login'
	list --login --pin "$PIN"
	assert_fails 2
	list --login --login
	assert_fails 2 twice
	list more
	assert_fails 2
	list -k 'pkcs11:token=a;token=b'
	assert_fails 2
	list -k "pkcs11:token=$TOKEN?pin-value=1234"
	assert_fails 2
	list --timeout 010
	assert_fails 2
	list --login -k "pkcs11:token=$TOKEN?pin-source=file:$PIN_FILE" --pin prompt
	assert_fails 2 'both say'
	[ ! -e "$T/calls" ] || fail 'the module was loaded'
}

@test "standard output that cannot be written is exit 7" {
	token_ready
	before_run
	for json in '' --json; do
		status=0
		# shellcheck disable=SC2086 # nothing, or one word
		"$CAPROOF" tokens $json > /dev/full 2> "$STDERR" || status=$?
		assert_status 7
		assert_stderr_has 'cannot write to standard output'
	done
}
