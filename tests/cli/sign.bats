# SPDX-License-Identifier: Apache-2.0
#
# The main job: a code on the screen, a key in the token, a proof in a file.

load helper

sign() {
	run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" "$@"
}

for_kind() {
	use_ca "$1"
	sign -o proof.pem
	assert_status 0
	assert_proof proof.pem CODE-123
	assert_calls C_Login 1
	assert_calls C_SignInit 1
	assert_calls C_Sign 1
}

@test "a proof by an RSA-2048 key" { for_kind rsa2048; }
@test "a proof by an RSA-3072 key" { for_kind rsa3072; }
@test "a proof by an RSA-4096 key" { for_kind rsa4096; }
@test "a proof by an EC P-256 key" { for_kind p256; }
@test "a proof by an EC P-384 key" { for_kind p384; }
@test "a proof by an EC P-521 key" { for_kind p521; }
@test "a proof by an Ed25519 key" { for_kind ed25519; }
@test "a proof by an Ed448 key" { for_kind ed448; }

@test "the profile is what was promised" {
	local kind now
	for kind in rsa2048 p256; do
		use_ca "$kind" "key-$kind" "0$((${#kind}))"
		sign -o "$kind.pem"
		assert_status 0
		x509 "$kind.pem" -text > "$T/text"
		[ "$(grep -c 'X509v3 .*:' "$T/text")" -eq 5 ]   # the heading and four extensions
		grep -A1 'Key Usage: critical' "$T/text" | grep -qx ' *Digital Signature'
		refute grep -q 'Extended Key Usage' "$T/text"
		grep -Eq 'Signature Algorithm: (sha256WithRSAEncryption|ecdsa-with-SHA256)' "$T/text"
		[ "$(x509 "$kind.pem" -serial | wc -c)" -eq $((7 + 32 + 1)) ]
		[ "$(openssl x509 -in "$CA" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' ')" = \
			"$(x509 "$kind.pem" -ext authorityKeyIdentifier | tail -n 1 | tr -d ' ' | sed 's/keyid://')" ]
		now=$(date +%s)
		[ $((now - $(date -d "$(x509 "$kind.pem" -startdate | cut -d= -f2)" +%s))) -ge 86399 ] ||
			# the CA is younger than a day: then its own beginning
			[ "$(x509 "$kind.pem" -startdate)" = "$(openssl x509 -in "$CA" -noout -startdate)" ]
		[ $(($(date -d "$(x509 "$kind.pem" -enddate | cut -d= -f2)" +%s) - now)) -le 604800 ]
	done
}

@test "the issuer is the CA's subject, octet by octet" {
	use_ca long-name
	sign -o proof.pem
	assert_status 0
	openssl x509 -in "$CA" -outform DER | openssl asn1parse -inform DER > "$T/ca.asn1"
	[ "$(x509 proof.pem -issuer_hash)" = "$(openssl x509 -in "$CA" -noout -subject_hash)" ]
	assert_proof proof.pem CODE-123
}

@test "serial numbers differ each time, and --serial gives one" {
	use_ca p256
	sign -o a.pem
	sign -o b.pem
	[ "$(x509 a.pem -serial)" != "$(x509 b.pem -serial)" ]
	sign -o c.pem --serial 0123456789ABCDEF
	assert_status 0
	[ "$(x509 c.pem -serial)" = "serial=0123456789ABCDEF" ]
	sign -o d.pem --serial 00
	assert_fails 2 "'--serial'"
	sign -o d.pem --serial 8000000000000000000000000000000000000001
	assert_fails 2 "'--serial'"
}

@test "standard output carries the proof and nothing else" {
	use_ca p256
	sign
	assert_status 0
	cp "$STDOUT" "$OUT/stdout.pem"
	[ "$(head -n 1 "$STDOUT")" = '-----BEGIN CERTIFICATE-----' ]
	[ "$(tail -n 1 "$STDOUT")" = '-----END CERTIFICATE-----' ]
	assert_proof stdout.pem CODE-123
	assert_stderr_has "CN=Test CA p256" "$TOKEN"
}

@test "DER by the name, and by --outform" {
	use_ca p256
	sign -o proof.der
	assert_status 0
	openssl x509 -inform DER -in "$OUT/proof.der" -noout
	sign -o proof.bin --outform der
	openssl x509 -inform DER -in "$OUT/proof.bin" -noout
	sign -o pem.der --outform pem
	grep -q BEGIN "$OUT/pem.der"
	sign -o x --outform txt
	assert_fails 2 "'--outform'"
}

@test "the CA certificate is taken as DER, with text and with CRLF" {
	use_ca p256
	openssl x509 -in "$CA" -outform DER -out "$T/ca.der"
	openssl x509 -in "$CA" -text -out "$T/text.pem"
	sed 's/$/\r/' "$CA" > "$T/crlf.pem"
	for CA in "$T/ca.der" "$T/text.pem" "$T/crlf.pem"; do
		sign -f -o proof.pem
		assert_status 0
	done
}

@test "the CA certificate can lie in the token" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	run_caproof sign -c "pkcs11:token=$TOKEN;object=rootCA;type=cert" --code CODE-123 \
		--pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem CODE-123
	run_caproof sign -c "pkcs11:token=$TOKEN;object=nobody;type=cert" --code CODE-123 \
		--pin "file:$PIN_FILE" -o other.pem
	assert_fails 3 'no certificate that fits'
	assert_calls C_Login 0
}

@test "a CA certificate in the token that is not the only one, not there, or none" {
	local uri
	use_ca p256
	token_put cert "$CA" chain 01
	make_ca rsa2048
	token_put cert "$FIXTURES/rsa2048.pem" chain 02
	CA="pkcs11:token=$TOKEN;object=chain;type=cert"
	sign -o proof.pem
	assert_fails 6 'fits more than one certificate'
	[ "$(grep -c "^  'pkcs11:.*type=cert" "$STDERR")" -eq 2 ]
	CA="pkcs11:token=$TOKEN;object=nowhere;type=cert"
	sign -o proof.pem
	assert_fails 3 'there is no certificate that fits'
	CA='pkcs11:token=nowhere;object=chain;type=cert'
	sign -o proof.pem
	assert_fails 4 "no token fits the certificate's URI"
	CA="pkcs11:token=$TOKEN;object=chain;type=private"
	sign -o proof.pem
	assert_fails 2 'names another kind of object'
	token_new second
	TOKEN=second token_put cert "$FIXTURES/p256.pem" chain 01
	CA='pkcs11:object=chain;id=%01;type=cert'
	sign -o proof.pem
	assert_fails 6 "in token '$TOKEN'" "in token 'second'"
	uri="pkcs11:token=$TOKEN;object=chain;id=%01;type=cert"
	export CAPROOF_SHIM_RULES='C_GetAttributeValue=CKR_DEVICE_ERROR'
	CA=$uri
	sign -o proof.pem
	assert_fails 4
	export CAPROOF_SHIM_RULES=
	sign -k "pkcs11:token=$TOKEN" -o proof.pem
	assert_status 0
	assert_proof proof.pem CODE-123 "$FIXTURES/p256.pem"
	assert_calls C_Login 1
}

@test "a CSR gives its key and nothing else" {
	use_ca rsa2048
	make_csr "$T/x.csr" CODE-123 p256 'basicConstraints=critical,CA:TRUE' \
		'subjectAltName=DNS:evil.example' 'extendedKeyUsage=serverAuth'
	run_caproof sign -c "$CA" --csr "$T/x.csr" --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem CODE-123
	x509_text=$(x509 proof.pem -text)
	refute grep -qE 'CA:TRUE|evil|Server Authentication' <<< "$x509_text"
	[ "$(x509 proof.pem -pubkey)" = "$(openssl req -in "$T/x.csr" -noout -pubkey)" ]
	assert_stderr_has 'TLS credential'
	openssl req -in "$T/x.csr" -outform DER -out "$T/x.der"
	sign --csr "$T/x.der" -o two.pem
	assert_status 0
	run_caproof sign -c "$CA" --csr "$T/x.csr" --code OTHER --pin "file:$PIN_FILE" -o three.pem
	assert_fails 3 'does not have the code'
	assert_calls '.*' 0
}

@test "the code from a file and from standard input" {
	use_ca p256
	printf '  CODE-123\r\n' > "$T/code"
	run_caproof sign -c "$CA" --code-file "$T/code" --pin "file:$PIN_FILE" -o a.pem
	assert_status 0
	assert_stderr_has 'white space around the code was dropped'
	assert_proof a.pem CODE-123
	STDIN=$T/code
	run_caproof sign -c "$CA" --code-file - --pin "file:$PIN_FILE" -o b.pem
	assert_status 0
	assert_proof b.pem CODE-123
	run_caproof sign -c "$CA" --code-file - --pin stdin -o c.pem
	assert_fails 2 'standard input'
}

@test "validity: --days, --not-before, --not-after, never outside the CA's" {
	use_ca p256
	sign -o a.pem --days 2
	[ $(($(date -d "$(x509 a.pem -enddate | cut -d= -f2)" +%s) - $(date +%s))) -le $((2 * 86400)) ]
	sign -o b.pem --not-before 2001-01-01T00:00:00Z --not-after 2999-01-01T00:00:00Z
	assert_status 0
	[ "$(x509 b.pem -dates)" = "$(openssl x509 -in "$CA" -noout -dates)" ]
	assert_stderr_has "cut to the CA's own validity"
	sign -o c.pem --not-after 2001-01-01T00:00:00Z
	assert_fails 3
	sign -o c.pem --days 010
	assert_fails 2 "'--days'"
	sign -o c.pem --days 7x
	assert_fails 2 "'--days'"
	sign -o c.pem --not-after tomorrow
	assert_fails 2 "'--not-after'"
	sign -o c.pem --days 3 --not-after 2999-01-01T00:00:00Z
	assert_fails 2
}

@test "--hash and --pss" {
	use_ca rsa2048
	sign -o a.pem --hash sha512
	x509 a.pem -text | grep -q sha512WithRSAEncryption
	sign -o b.pem --pss
	assert_status 0
	assert_proof b.pem CODE-123
	x509 b.pem -text | grep -q rsassaPss
	sign -o c.pem --hash sha1
	assert_fails 2 "'--hash'"
	use_ca p256 other 02
	sign -o c.pem --pss
	assert_fails 2 'not an RSA key'
}

@test "the key in the proof: --subject-key and --key-out" {
	use_ca p256
	sign -o a.pem --subject-key rsa2048 --key-out a.key
	assert_status 0
	assert_mode a.key 600
	assert_mode a.pem 644
	[ "$(x509 a.pem -pubkey)" = "$(openssl pkey -in "$OUT/a.key" -pubout)" ]
	assert_stderr_has 'TLS credential'
	sign -o b.pem --subject-key ca
	[ "$(x509 b.pem -pubkey)" = "$(openssl x509 -in "$CA" -noout -pubkey)" ]
	sign -o c.pem --subject-key ca --key-out c.key
	assert_fails 2
	sign -o c.pem --subject-key dsa
	assert_fails 2 "'--subject-key'"
}

@test "quectel: an RSA-2048 key in the proof, its next step on the screen" {
	use_ca p256
	sign -p quectel -o verification.pem
	assert_status 0
	assert_proof verification.pem CODE-123
	x509 verification.pem -text | grep -q 'Public-Key: (2048 bit)'
	assert_stderr_has 'Verify Certificate'
}

@test "quectel refuses a CA certificate without AKI or SKI, and over 1 MB" {
	local kind
	for kind in no-aki no-ski; do
		use_ca "$kind" "$kind" 02
		sign -p quectel -o proof.pem
		assert_status 3
		assert_no_file proof.pem
		assert_calls '.*' 0
	done
	use_ca p256
	{ cat "$CA"; head -c 1100000 /dev/zero | tr '\0' '\n'; } > "$T/large.pem"
	CA=$T/large.pem
	sign -p quectel -o proof.pem
	assert_status 3
	assert_calls '.*' 0
}

@test "a rule file of one's own" {
	use_ca p256
	cp "$CAPROOF_PLATFORMS/generic.json" "$OUT/mine.json"
	sed -i 's/"generic"/"mine"/' "$OUT/mine.json"
	sign -p ./mine.json -o proof.pem --json
	assert_status 0
	[ "$(jq -r .platform "$STDOUT")" = mine ]
	printf '{"format": 1}' > "$OUT/mine.json"
	sign -p ./mine.json -o other.pem
	assert_fails 3 mine.json
	sign -p nowhere -o other.pem
	assert_fails 3 nowhere
}

@test "--dry-run shows what would be signed, and neither logs in nor writes" {
	use_ca p256
	sign -o proof.pem --dry-run
	assert_status 0
	assert_no_file proof.pem
	assert_stdout_has 'CODE-123' 'CN=Test CA p256' 'CA:FALSE' "$TOKEN"
	assert_calls C_Login 0
	assert_calls C_SignInit 0
	run_caproof sign -c "$CA" --code CODE-123 --dry-run
	assert_status 0     # no PIN is asked for, so none is needed
	sign -o proof.pem --dry-run --json
	[ "$(jq -c '[.dry_run, .code, .proof.file]' "$STDOUT")" = '[true,"CODE-123",null]' ]
}

@test "--json: one object with everything in it" {
	use_ca p256
	sign -o proof.pem --json
	assert_status 0
	[ "$(wc -l < "$STDOUT")" -eq 1 ]
	[ "$(jq -r 'keys_unsorted | .[0:2] | join(",")' "$STDOUT")" = caproof,command ]
	[ "$(jq -r .proof.sha256 "$STDOUT")" = "$(openssl x509 -in "$OUT/proof.pem" -outform DER | sha256sum | cut -d' ' -f1)" ]
	[ "$(jq -r .ca.sha256 "$STDOUT")" = "$(openssl x509 -in "$CA" -outform DER | sha256sum | cut -d' ' -f1)" ]
	[ "$(jq -r .proof.serial "$STDOUT" | wc -c)" -eq 33 ]
	[ "$(jq -r .token.label "$STDOUT")" = "$TOKEN" ]
	[ "$(jq -r '[.checks[].result] | unique | join(",")' "$STDOUT")" = ok ]
	[ "$(jq '[.checks[].id] | length - (unique | length)' "$STDOUT")" -eq 0 ]
	jq -e '.time | test("^[0-9-]{10}T[0-9:]{8}Z$")' "$STDOUT" > "$T/jq"
	jq -e '.key.uri | startswith("pkcs11:") and (contains("pin") | not)' "$STDOUT" > "$T/jq"
	sign --json
	assert_status 2
	[ "$(jq -r .error.exit "$STDOUT")" -eq 2 ]
	sign -o proof.pem --json
	assert_status 7
	[ "$(jq -r .error.id "$STDOUT")" = output.exists ]
}

@test "--quiet says nothing, and errors still speak" {
	use_ca p256
	sign -o proof.pem --quiet
	assert_status 0
	[ ! -s "$STDERR" ]
	sign -o proof.pem --quiet
	assert_fails 7 'proof.pem'
}

@test "mistakes on the command line" {
	use_ca p256
	run_caproof sign --code X -o x.pem
	assert_fails 2 'no CA certificate'
	run_caproof sign -c "$CA" -o x.pem
	assert_fails 2 'nothing to prove'
	sign --cod X
	assert_fails 2 "'--cod'"
	assert_hint "'--code'"
	sign --code TWICE
	assert_fails 2 'twice'
	sign leftover
	assert_fails 2
	run_caproof sgin
	assert_fails 2
	run_caproof
	assert_fails 2
	run_caproof --frobnicate=1
	assert_fails 2
	assert_calls '.*' 0
}

@test "help and version" {
	run_caproof --help
	assert_status 0
	assert_stdout_has 'sign'
	run_caproof sign --help
	assert_status 0
	assert_stdout_has '--code-file' 'Exit codes'
	run_caproof --version
	assert_status 0
	assert_stdout_has 'caproof ' 'OpenSSL' 'libp11' 'p11-kit'
}

@test "one signature costs at most 24 calls with --key and 28 without, with 1,000 objects too" {
	local kind small
	for kind in rsa2048 p256; do
		use_ca "$kind" "ca-$kind" "1$((${#kind}))"
		make_csr "$T/x.csr" CODE-123
		run_caproof sign -c "$CA" --csr "$T/x.csr" -k "pkcs11:token=$TOKEN;object=ca-$kind" --pin "file:$PIN_FILE" -o "$kind-key.pem"
		assert_status 0
		assert_calls_at_most '.*' 24
		run_caproof sign -c "$CA" --csr "$T/x.csr" --pin "file:$PIN_FILE" -o "$kind.pem"
		assert_status 0
		assert_calls_at_most '.*' 28
	done
	small=$(count_calls '.*')
	token_fill 1000
	run_caproof sign -c "$CA" --csr "$T/x.csr" --pin "file:$PIN_FILE" -o many.pem
	assert_status 0
	[ "$(count_calls '.*')" -eq "$small" ]
}

@test "a platform that needs no proof gets none, and no code" {
	make_ca rsa2048
	run_caproof sign -c "$FIXTURES/rsa2048.pem" -p aws-iot-sni-only -o proof.pem
	assert_fails 3 "platform 'aws-iot-sni-only' needs no proof: nothing was made"
	refute_stderr_has 'a code was given'
	run_caproof sign -c "$FIXTURES/rsa2048.pem" -p aws-iot-sni-only --code ABC123 -o proof.pem
	assert_fails 3 "needs no proof: nothing was made; a code was given"
	assert_hint 'leave the code out, or choose the platform aws-iot'
	assert_calls '.*' 0
}

@test "the platform's hash where nobody asks for one, and never another one than was asked for" {
	use_ca p384
	sign --platform cumulocity --dry-run --json
	assert_status 0
	[ "$(jq -r .proof.signature_algorithm "$STDOUT")" = 'ECDSA with SHA-256' ]
	sign --platform cumulocity --hash sha384 -o proof.txt
	assert_fails 3 'Cumulocity verifies with SHA-256 only'
	sign --dry-run --json
	[ "$(jq -r .proof.signature_algorithm "$STDOUT")" = 'ECDSA with SHA-384' ]
}
