# SPDX-License-Identifier: Apache-2.0
#
# `caproof ca-cert`: the certificate that it makes, by two tools that did not make it; the
# same key under an old name; and what it refuses, before the PIN and after the signature.
load helper

# use_key KIND [LABEL [ID]]: a key alone, without any certificate.
use_key() {
	ca_key "own-$1" "$1"
	token_ready
	token_import "$FIXTURES/own-$1.key" "${2:-rootCA}" "${3:-01}"
}

# assert_ca FILE SUBJECT [PATHLEN]: a root that openssl and certtool take, with all that
# was promised.
assert_ca() {
	local file=$T/ca.pem length=${3-, pathlen:0}
	openssl x509 -in "$OUT/$1" -out "$file" 2> "$T/log" || fail "no certificate: $1"
	openssl verify -x509_strict -check_ss_sig -CAfile "$file" "$file" > "$T/log" 2>&1 ||
		fail "$(cat "$T/log")"
	certtool --verify --load-ca-certificate "$file" --infile "$file" > "$T/log" 2>&1 ||
		fail "$(cat "$T/log")"
	openssl x509 -in "$file" -noout -text > "$T/text"
	[ "$(x509 "$1" -subject -nameopt RFC2253,-esc_msb,utf8)" = "subject=$2" ] ||
		fail "$(x509 "$1" -subject -nameopt RFC2253,-esc_msb,utf8)"
	grep -q 'Version: 3 ' "$T/text"
	grep -A1 'Basic Constraints: critical' "$T/text" | grep -qx " *CA:TRUE$length"
	grep -A1 'Key Usage: critical' "$T/text" | grep -qx ' *Certificate Sign, CRL Sign'
	[ "$(key_id 'Subject Key Identifier')" = "$(key_id 'Authority Key Identifier')" ]
	[ "$(grep -c 'X509v3 [A-Z].*:' "$T/text")" -eq 4 ]
}

key_id() {
	grep -A1 "$1" "$T/text" | tail -n 1 | tr -d ' '
}

# for_kind KIND: a certificate, and a proof under it.
for_kind() {
	use_key "$1"
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root,O=Example,C=DE' \
		--pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root,O=Example,C=DE'
	assert_calls C_Sign 1
	[ "$(openssl x509 -in "$OUT/ca.pem" -noout -pubkey)" = "$(openssl pkey -in "$FIXTURES/own-$1.key" -pubout)" ]
	run_caproof sign -c ca.pem --code ABC123 --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem ABC123 "$OUT/ca.pem"
}

@test "a CA certificate for an RSA-2048 key" { for_kind rsa2048; }
@test "a CA certificate for an RSA-3072 key" { for_kind rsa3072; }
@test "a CA certificate for an EC P-256 key" { for_kind p256; }
@test "a CA certificate for an EC P-384 key" { for_kind p384; }
@test "a CA certificate for an EC P-521 key" { for_kind p521; }

# Whole stacks, so that a leak of the module's is known for one.
for_edwards() {
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:fast_unwind_on_malloc=0"
	for_kind "$1"
}

@test "a CA certificate for an Ed25519 key" { for_edwards ed25519; }
@test "a CA certificate for an Ed448 key" { for_edwards ed448; }

@test "ten years unless told otherwise, a random serial number, and the platform's rules" {
	use_key rsa2048
	local days serial
	for serial in 1 2; do
		run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' -p quectel \
			--pin "file:$PIN_FILE" -o "ca$serial.pem"
		assert_status 0
		assert_stderr_has "those of platform 'quectel' hold" 'caproof sign -c' '-p quectel --code CODE'
	done
	[ "$(x509 ca1.pem -serial)" != "$(x509 ca2.pem -serial)" ]
	[ "$(x509 ca1.pem -serial | wc -c)" -eq $((7 + 32 + 1)) ]
	days=$((($(date -d "$(x509 ca1.pem -enddate | cut -d= -f2)" +%s) - $(date +%s) + 60) / 86400))
	[ "$days" -eq 3650 ]
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --days 20 --serial 01a2 \
		--path-len 2 --hash sha384 --pss --pin "file:$PIN_FILE" -o other.pem
	assert_status 0
	assert_ca other.pem 'CN=Own Root' ', pathlen:2'
	[ "$(x509 other.pem -serial)" = serial=01A2 ]
	grep -q 'rsassaPss' "$T/text"
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --path-len none \
		--not-before 2026-01-01T00:00:00Z --not-after 2060-01-01T00:00:00Z --pin "file:$PIN_FILE" -o long.der
	assert_status 0
	assert_ca long.der 'CN=Own Root' ''
	[ "$(x509 long.der -enddate)" = 'notAfter=Jan  1 00:00:00 2060 GMT' ]
	[ "$(head -c 1 "$OUT/long.der" | od -An -tx1 | tr -d ' ')" = 30 ]
}

@test "the subject: order, escapes, kinds of strings" {
	use_key p256
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --pin "file:$PIN_FILE" -o ca.pem \
		--subject 'CN=Wurzel\, Größe \C3\A9,OU=a\+b,OU=Zwei,O=Example,ST=Bayern,C=DE'
	assert_status 0
	assert_ca ca.pem 'CN=Wurzel\, Größe é,OU=a\+b,OU=Zwei,O=Example,ST=Bayern,C=DE'
	openssl asn1parse -in "$OUT/ca.pem" > "$T/asn1"
	grep -q 'UTF8STRING *:Wurzel' "$T/asn1"
	grep -q 'PRINTABLESTRING *:Example' "$T/asn1"
	grep -m 1 STRING "$T/asn1" | grep -q 'PRINTABLESTRING *:DE'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --pin "file:$PIN_FILE" -o bad.pem --subject 'CN=a, O=b'
	assert_fails 2 'cannot read the subject at octet 6: there is a blank before an attribute'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --pin "file:$PIN_FILE" -o bad.pem --subject 'CN=a+O=b'
	assert_fails 2 'at octet 5' 'two attributes'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --pin "file:$PIN_FILE" -o bad.pem \
		--subject "CN=$(printf 'Own\342\200\213Root')"
	assert_fails 2 'a character that cannot be seen'
}

@test "--like: a root without AKI gets one, and chains verify with either certificate" {
	use_ca no-aki
	run_caproof sign -c "$CA" --code ABC123 -p quectel --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 3 "platform 'quectel' refuses"
	run_caproof sign -c "$CA" --code OLD1 --pin "file:$PIN_FILE" -o old-proof.pem
	assert_status 0
	run_caproof ca-cert --like "$CA" -p quectel --pin "file:$PIN_FILE" -o new.pem
	assert_status 0
	assert_stderr_has 'which stays valid until' 'devices in the field go on as they are'
	assert_ca new.pem 'CN=Test CA no-aki'
	openssl asn1parse -in "$CA" > "$T/old"
	openssl asn1parse -in "$OUT/new.pem" > "$T/new"
	diff <(grep STRING "$T/old" | head -n 1 | cut -d: -f3-) <(grep STRING "$T/new" | head -n 1 | cut -d: -f3-)
	[ "$(openssl x509 -in "$CA" -noout -ext subjectKeyIdentifier)" = "$(x509 new.pem -ext subjectKeyIdentifier)" ]
	run_caproof sign -c new.pem --code NEW1 -p quectel --pin "file:$PIN_FILE" -o new-proof.pem
	assert_status 0
	assert_proof new-proof.pem NEW1 "$OUT/new.pem"
	# across: what was made under one, with the other
	assert_proof old-proof.pem OLD1 "$OUT/new.pem"
	openssl verify -CAfile "$CA" "$OUT/new-proof.pem"
}

@test "--like keeps a key identifier of another kind, and what may stand below" {
	ca_by_openssl odd p256 '/O=Example/CN=Odd Root' 'basicConstraints = critical,CA:TRUE' \
		'keyUsage = critical,keyCertSign,cRLSign' 'subjectKeyIdentifier = 0102030405'
	token_ready
	token_import "$FIXTURES/odd.key" rootCA 01
	run_caproof ca-cert --like "$FIXTURES/odd.pem" --pin "file:$PIN_FILE" -o new.pem
	assert_status 0
	assert_ca new.pem 'CN=Odd Root,O=Example' ''
	[ "$(key_id 'Subject Key Identifier')" = 01:02:03:04:05 ]
	run_caproof ca-cert --like "$FIXTURES/odd.pem" --path-len 0 --pin "file:$PIN_FILE" -o new0.pem
	assert_status 0
	assert_ca new0.pem 'CN=Odd Root,O=Example'
}

@test "--like does not replace the old certificate" {
	use_ca p256
	cp "$CA" "$OUT/old.pem"
	run_caproof ca-cert --like old.pem -f -o ./old.pem --pin "file:$PIN_FILE"
	assert_fails 2 'the same file as an input'
	cmp "$CA" "$OUT/old.pem"
	assert_calls C_Login 0
}

@test "--like a certificate in the token, and one of another key" {
	use_ca rsa2048
	token_put cert "$CA" rootCA 01
	run_caproof ca-cert --like 'pkcs11:object=rootCA;type=cert' --pin "file:$PIN_FILE" -o new.pem
	assert_status 0
	assert_ca new.pem 'CN=Test CA rsa2048'
	make_ca rsa2048-other
	run_caproof ca-cert --like "$FIXTURES/rsa2048-other.pem" -k 'pkcs11:object=rootCA' \
		--pin "file:$PIN_FILE" -o bad.pem
	assert_fails 6 "is not the CA certificate's"
	assert_calls C_Login 0
}

@test "the public half from a certificate beside the key" {
	use_ca p256
	token_put cert "$CA" whatever 01
	token_drop pubkey rootCA
	run_caproof ca-cert -k 'pkcs11:id=%01' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root'
}

@test "several keys, nothing to see, no such token: exit 6 or 4, without a login" {
	use_key rsa2048
	use_key p256 second 02
	run_caproof ca-cert -k "pkcs11:token=$TOKEN" --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 6 'the URI fits several keys'
	assert_stderr_has 'object=second' 'object=rootCA'
	local uri
	uri=$(sed -n "s/^ *'\(pkcs11:.*object=second.*\)'/\1/p" "$STDERR" | head -n 1)
	run_caproof ca-cert -k "$uri" --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o second.pem
	assert_status 0
	token_drop pubkey rootCA
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' -n
	assert_fails 6 'can be seen without a login'
	assert_hint 'not dry'
	assert_calls C_Login 0
	run_caproof ca-cert -k 'pkcs11:token=none;object=rootCA' --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o ca.pem
	assert_fails 4 'no token'
	assert_calls C_Login 0
}

@test "a public key that is not the private key's: exit 6 or 8, and no file" {
	use_key rsa2048
	ca_key own-other rsa2048
	token_drop pubkey rootCA
	token_put pubkey "$FIXTURES/own-other.key" rootCA 01
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 6 'key'
	assert_calls C_Sign 0
	use_key p256 ec 02
	ca_key own-ec p256
	token_drop pubkey ec
	token_put pubkey "$FIXTURES/own-ec.key" ec 02
	run_caproof ca-cert -k 'pkcs11:object=ec' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 8 'does not verify with the public key'
}

@test "a corrupted signature: exit 8 and no file" {
	use_key p256
	export CAPROOF_SHIM_RULES='C_Sign=corrupt'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' \
		--subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 8 'does not verify'
}

@test "what the platform would refuse is refused before the login" {
	use_key p521
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' -p alibaba-iot \
		--pin "file:$PIN_FILE" -o ca.pem
	assert_fails 3 "platform 'alibaba-iot' would refuse the CA certificate"
	assert_calls C_Login 0
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' -p alibaba-iot \
		--pin "file:$PIN_FILE" -o ca.pem --json
	assert_status 3
	[ "$(jq -c '[.checks[] | select(.result == "refused").id]' "$STDOUT")" = '["ca.key-type"]' ]
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --not-after 2020-01-01T00:00:00Z \
		--pin "file:$PIN_FILE" -o ca.pem
	assert_fails 3 'would end'
}

@test "dry run, JSON, standard output" {
	use_key p384
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root,O=Example' -n
	assert_status 0
	assert_stdout_has 'CN=Own Root,O=Example' 'no CA below it' 'nothing was signed'
	assert_calls C_Login 0
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root,O=Example' --json \
		--pin "file:$PIN_FILE" -o ca.pem -p quectel
	assert_status 0
	jq -e --arg sha256 "$(openssl x509 -in "$OUT/ca.pem" -outform DER | sha256sum | cut -d' ' -f1)" '
		.caproof == 1 and .command == "ca-cert" and .like == null and .platform == "quectel" and
		(.certificate | .sha256 == $sha256 and .file == "ca.pem" and .path_len == 0 and
			.subject == "CN=Own Root,O=Example" and (.serial | length) == 32) and
		([.checks[].id] | length == (unique | length) and index("ca.authority-key-identifier") != null) and
		([.checks[].result == "ok"] | all)' "$STDOUT"
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -q
	assert_status 0
	[ ! -s "$STDERR" ]
	cp "$STDOUT" "$OUT/shown.pem"
	assert_ca shown.pem 'CN=Own Root'
}

@test "mistakes on the command line" {
	use_key p256
	run_caproof ca-cert --subject 'CN=Own Root' -o ca.pem
	assert_fails 2 'no key was given'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' -o ca.pem
	assert_fails 2 'nothing says whose certificate it is to be'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject CN=a --like x.pem -o ca.pem
	assert_fails 2 'both say whose certificate'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject CN=a --path-len 017 -o ca.pem
	assert_fails 2 "the value of '--path-len'"
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject CN=a --days 0 -o ca.pem
	assert_fails 2 "the value of '--days'"
	: > "$OUT/there.pem"
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject CN=a -o there.pem --pin "file:$PIN_FILE"
	assert_fails 7 'exists'
	assert_calls C_Login 0
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject CN=a -f -o there.pem --pin "file:$PIN_FILE"
	assert_status 0
	assert_ca there.pem CN=a
}

@test "a public half that shows only after the login: an RSA key's own, a private public key" {
	use_key rsa2048
	token_drop pubkey rootCA
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root'
	assert_calls C_Login 1
	assert_calls C_Sign 1
	run_caproof sign -c ca.pem --code ABC123 --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem ABC123 "$OUT/ca.pem"
	use_key p256 ec 02
	token_drop pubkey ec
	token_put pubkey "$FIXTURES/own-p256.key" ec 02 --private
	run_caproof ca-cert -k 'pkcs11:object=ec' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ec.pem
	assert_status 0
	assert_ca ec.pem 'CN=Own Root'
	assert_calls C_Login 1
}

@test "a hidden public half of a key that wants the PIN each time: it is asked for once" {
	ca_key own-rsa2048 rsa2048
	token_ready
	token_put privkey "$FIXTURES/own-rsa2048.key" rootCA 01 --always-auth
	run_on_terminal -w "PIN for token '$TOKEN' (serial " -n -i "$PIN_FILE" -- \
		ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root'
	grep -q "key 'rootCA': " "$TTY_OUT"
	[ "$(grep -o 'PIN for' "$TTY_OUT" | wc -l)" -eq 1 ]
	assert_calls C_Login 1 user=1
	assert_calls C_Login 1 user=2
}

@test "a public half that the login does not show either, and what is refused after it" {
	use_key p256
	token_drop pubkey rootCA
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 6 'not after the login either'
	assert_hint --like
	assert_calls C_Login 1
	use_key rsa2048 rsa 02
	token_drop pubkey rsa
	run_caproof ca-cert -k 'pkcs11:object=rsa' --subject 'CN=Own Root' --not-after 2020-01-01T00:00:00Z \
		--pin "file:$PIN_FILE" -o ca.pem
	assert_fails 3 'would end'
	assert_calls C_Sign 0
	use_key rsa3072 rsa 03
	token_drop pubkey rsa
	run_caproof ca-cert -k 'pkcs11:object=rsa' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 6 'the URI fits several keys'
	: > "$OUT/there.pem"
	run_caproof ca-cert -k 'pkcs11:id=%03' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o there.pem
	assert_fails 7 exists
	assert_calls C_Login 0
	export CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+CKF_USER_PIN_FINAL_TRY'
	run_caproof ca-cert -k 'pkcs11:id=%03' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 5 'one more wrong PIN'
	assert_calls C_Login 0
}

@test "a hidden public half, and several tokens: no PIN for one that nobody named" {
	token_new other
	token_new "$TOKEN"
	ca_key own-rsa2048 rsa2048
	token_import "$FIXTURES/own-rsa2048.key" rootCA 01
	token_drop pubkey rootCA
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_fails 6 '2 tokens fit the URI'
	assert_stderr_has token=other "token=$TOKEN"
	assert_calls C_Login 0
	run_caproof ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root'
	assert_calls C_Login 1
}

# slot_of LABEL: its number.
slot_of() {
	softhsm2-util --show-slots | awk -v label="$1" '/^Slot / { slot = $2 } $1 == "Label:" && $2 == label { print slot }'
}

@test "another token that fails: its key might be meant too, unless the URI names the token" {
	local call rules uri
	token_new other
	token_new "$TOKEN"
	use_key p256
	for call in C_OpenSession C_GetTokenInfo C_FindObjectsInit; do
		rules="$call@$(slot_of other)=CKR_DEVICE_ERROR"
		[ "$call" != C_FindObjectsInit ] || rules='C_FindObjectsInit#1=CKR_DEVICE_ERROR'
		export CAPROOF_SHIM_RULES=$rules
		run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem -f
		assert_fails 4
		assert_calls C_Login 0
		[ "$call" != C_FindObjectsInit ] || continue
		assert_fails 4 'cannot tell whether the URI fits one key only'
		uri=$(sed -n "s/^ *'\(pkcs11:.*\)'/\1/p" "$STDERR" | head -n 1)
		export ALLOW_UNUSED=yes
		run_caproof ca-cert -k "$uri" --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem -f
		assert_status 0
		assert_ca ca.pem 'CN=Own Root'
		assert_calls C_Login 1
		export ALLOW_UNUSED=
		rules="$call@$(slot_of "$TOKEN")=CKR_DEVICE_ERROR"
		export CAPROOF_SHIM_RULES=$rules
		run_caproof ca-cert -k "$uri" --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o failed.pem
		assert_fails 4
		assert_calls C_Login 0
	done
}

@test "an always-authenticate key: one PIN, given once, and none after one that failed" {
	use_key p256
	export CAPROOF_SHIM_RULES='C_GetAttributeValue=set:CKA_ALWAYS_AUTHENTICATE=01;C_Login@2=0'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root'
	assert_calls C_Login 1 user=1
	assert_calls C_Login 1 user=2
	export CAPROOF_SHIM_RULES='C_GetAttributeValue=set:CKA_ALWAYS_AUTHENTICATE=01;C_Login@2=CKR_PIN_INCORRECT'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o bad.pem
	assert_fails 5
	assert_calls C_Login 1 user=2
	assert_calls C_Sign 0
}

# A key that SoftHSM shows to everybody, so that the shim may say that somebody logged in.
@test "a PIN pad: no PIN is sent, and no prompt is printed" {
	ca_key own-p256 p256
	token_ready
	GNUTLS_PIN=$PIN p11tool --provider "$SOFTHSM" --login --write --no-mark-private --label rootCA \
		--id 01 --load-privkey "$FIXTURES/own-p256.key" "pkcs11:token=$TOKEN" > "$T/setup.log" 2>&1
	token_put pubkey "$FIXTURES/own-p256.key" rootCA 01
	export CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+CKF_PROTECTED_AUTHENTICATION_PATH;C_Login=0'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' -o ca.pem
	assert_status 0
	assert_ca ca.pem 'CN=Own Root'
	assert_stderr_has 'on the reader' "$TOKEN"
	refute_stderr_has 'PIN for'
	assert_calls C_Login 1 pin=none
}

@test "the same number of calls, whatever the token holds; a module that hangs" {
	local calls
	use_key p256
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	calls=$(count_calls '.*')
	token_fill 300
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem -f
	assert_status 0
	[ "$(count_calls '.*')" -eq "$calls" ]
	export CAPROOF_SHIM_RULES='C_FindObjects=hang'
	run_caproof ca-cert -k 'pkcs11:object=rootCA' --subject 'CN=Own Root' --pin "file:$PIN_FILE" \
		-o late.pem --timeout 1
	assert_fails 4 'did not answer within 1 seconds'
}
