# SPDX-License-Identifier: Apache-2.0
#
# caproof verify: proofs made by caproof and by others, and forgeries, all made by openssl
# on the spot.

CODE=7f3a9c51-E2d0

setup() {
	load helper
	common_setup
	make_ca p256
	CA=$FIXTURES/p256.pem
}

found() {
	grep -qE "^$1 +$2: " "$STDOUT" || fail "$2 is not $1"
}

# forge SUBJECT CA-NAME OPTIONS... -- EXTENSION...: $T/proof.pem, by openssl x509 -req.
forge() {
	local subject=$1 name=$2 options=()
	shift 2
	while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	[ "$#" -eq 0 ] || shift
	ca_key subject p256
	printf '%s\n' '[e]' "$@" > "$T/ext"
	openssl req -new -key "$FIXTURES/subject.key" -utf8 -subj "$subject" -out "$T/forge.csr" \
		2> "$T/setup.log" || fail "$(cat "$T/setup.log")"
	[ "${#options[@]}" -gt 0 ] || options=(-days 7)
	openssl x509 -req -in "$T/forge.csr" -CA "$FIXTURES/$name.pem" -CAkey "$FIXTURES/$name.key" \
		-set_serial 4711 "${options[@]}" ${1:+-extfile "$T/ext" -extensions e} -out "$T/proof.pem" \
		2> "$T/setup.log" || fail "$(cat "$T/setup.log")"
}

plain=(-- 'basicConstraints = critical,CA:FALSE' 'authorityKeyIdentifier = keyid')

verify() {
	run_caproof verify "$T/proof.pem" --ca "$CA" --code "$CODE" "$@"
}

passes() {
	verify "$@"
	assert_status 0
	[ ! -s "$STDERR" ] || fail 'something is on standard error'
	refute grep -q '^refused ' "$STDOUT"
	assert_calls '.*' 0
}

# refused ID [OPTIONS]: exactly this check refuses.
refused() {
	local id=$1
	shift
	verify "$@"
	assert_status 8
	found refused "$id"
	[ "$(grep -c '^refused ' "$STDOUT")" -eq 1 ] || fail 'more than one check refuses'
	[ "$(grep -c '^caproof: ' "$STDERR")" -eq 1 ] || fail "not exactly one line 'caproof: …'"
	assert_stderr_has 'the proof ' 'is refused: ' 'hint: '
}

warned() {
	passes
	found warning "$1"
	[ "$(grep -c '^warning ' "$STDOUT")" -eq 1 ] || fail 'more than one check warns'
}

@test "caproof's own proofs are ok in every check, for every form" {
	local platform code=$CODE
	use_ca rsa2048
	for platform in generic quectel peridio nerveshub cumulocity; do
		[ "$platform" != peridio ] || code=aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3aB3
		run_caproof sign -c "$CA" --code "$code" -p "$platform" --pin "file:$PIN_FILE" -o "$platform.pem"
		assert_status 0
		run_caproof verify "$OUT/$platform.pem" --ca "$CA" --code "$code" -p "$platform"
		assert_status 0
		refute grep -qE '^(warning|refused) ' "$STDOUT"
		grep -q '^ok ' "$STDOUT" || fail 'no checks'
	done
	cp "$OUT/cumulocity.pem" "$T/line"
	run_caproof verify "$T/line" --ca "$CA" --code "${code}x" -p cumulocity
	assert_status 8
	found refused proof.signature
}

@test "somebody else's proof passes, in PEM and DER, from a file and from standard input" {
	forge "/CN=$CODE" p256 "${plain[@]}"
	passes
	assert_stdout_has 'octet by octet' 'CN=Test CA p256'
	openssl x509 -in "$T/proof.pem" -outform DER -out "$T/proof.der"
	mv "$T/proof.der" "$T/proof.pem"
	passes
	STDIN=$T/proof.pem run_caproof verify - --ca "$CA" --code "$CODE"
	assert_status 0
	forge "/C=DE/O=Example/CN=$CODE" p256 "${plain[@]}"
	passes
}

@test "the same issuer name and another key" {
	make_ca p256-other
	forge "/CN=$CODE" p256-other -- 'basicConstraints = CA:FALSE'
	refused proof.signature
	forge "/CN=$CODE" p256-other "${plain[@]}"
	refused proof.signature
}

@test "a chain through an intermediate of the CA" {
	ca_by_openssl deep-root p256 '/CN=Deep root' 'basicConstraints = critical,CA:TRUE' \
		'subjectKeyIdentifier = hash'
	CA=$FIXTURES/deep-root.pem
	ca_key below p256
	openssl req -new -key "$FIXTURES/below.key" -subj '/CN=Intermediate' -out "$T/below.csr"
	printf 'basicConstraints=critical,CA:TRUE\n' > "$T/below.ext"
	openssl x509 -req -in "$T/below.csr" -CA "$CA" -CAkey "$FIXTURES/deep-root.key" -set_serial 5 \
		-days 99 -extfile "$T/below.ext" -out "$FIXTURES/below.pem" 2> "$T/setup.log"
	forge "/CN=$CODE" below "${plain[@]}"
	openssl verify -CAfile "$CA" -untrusted "$FIXTURES/below.pem" "$T/proof.pem" > "$T/setup.log" 2>&1 ||
		fail "no chain: $(cat "$T/setup.log")"
	refused proof.signature
	assert_stdout_has CN=Intermediate
}

@test "the code: another case, a space, another attribute, twice" {
	forge "/CN=${CODE,,}" p256 "${plain[@]}"
	refused proof.code
	assert_stderr_has 'differ in upper and lower case'
	forge "/CN=$CODE " p256 "${plain[@]}"
	refused proof.code
	assert_stderr_has 'differ in white space'
	forge "/CN=other/OU=$CODE" p256 "${plain[@]}"
	refused proof.code
	forge "/CN=$CODE/CN=$CODE" p256 "${plain[@]}"
	refused proof.code
	forge "/CN=other/CN=$CODE" p256 "${plain[@]}"
	refused proof.code
	forge "/OU=$CODE" p256 "${plain[@]}"
	refused proof.code
	forge "/CN=$CODE.x" p256 "${plain[@]}"
	refused proof.code
	forge "/CN=${CODE%?}" p256 "${plain[@]}"
	refused proof.code
}

@test "the code in one place with another attribute, or as a UTF-16 text" {
	ca_key subject p256
	printf '%s\n' '[req]' 'distinguished_name = dn' 'prompt = no' 'string_mask = MASK:2048' \
		'[dn]' "CN = $CODE" > "$T/bmp.cnf"
	openssl req -new -key "$FIXTURES/subject.key" -config "$T/bmp.cnf" -out "$T/bmp.csr"
	printf 'basicConstraints = critical,CA:FALSE\n' > "$T/ext"
	openssl x509 -req -in "$T/bmp.csr" -CA "$CA" -CAkey "$FIXTURES/p256.key" -set_serial 9 -days 7 \
		-extfile "$T/ext" -out "$T/proof.pem" 2> "$T/setup.log"
	openssl asn1parse -in "$T/proof.pem" | grep -q BMPSTRING || fail 'no UTF-16'
	refused proof.code
	assert_stderr_has 'the code in other octets (BMPSTRING)'
	printf '%s\n' '[req]' 'distinguished_name = dn' 'prompt = no' '[dn]' "CN = $CODE" '+OU = x' > "$T/rdn.cnf"
	openssl req -new -key "$FIXTURES/subject.key" -config "$T/rdn.cnf" -out "$T/rdn.csr"
	openssl x509 -req -in "$T/rdn.csr" -CA "$CA" -CAkey "$FIXTURES/p256.key" -set_serial 9 -days 7 \
		-extfile "$T/ext" -out "$T/proof.pem" 2> "$T/setup.log"
	refused proof.code
}

@test "bits flipped in what was signed, and in the signature" {
	local len at
	forge "/CN=$CODE" p256 "${plain[@]}"
	openssl x509 -in "$T/proof.pem" -outform DER -out "$T/good.der"
	len=$(stat -c %s "$T/good.der")
	# the serial number, 0x1267, and the last octet of the signature
	at=$(LC_ALL=C grep -obUaP '\x02\x02\x12\x67' "$T/good.der" | head -n 1 | cut -d: -f1)
	cp "$T/good.der" "$T/proof.pem"
	printf '\x66' | dd of="$T/proof.pem" bs=1 seek=$((at + 3)) conv=notrunc 2> "$T/dd.log"
	refused proof.signature
	cp "$T/good.der" "$T/proof.pem"
	printf "\\x$(printf %02x $((0x$(tail -c 1 "$T/good.der" | xxd -p) ^ 1)))" |
		dd of="$T/proof.pem" bs=1 seek=$((len - 1)) conv=notrunc 2> "$T/dd.log"
	refused proof.signature
}

@test "expired, not yet valid, and --at" {
	local now
	forge "/CN=$CODE" p256 "${plain[@]}"
	passes
	now=$(date -u +%Y)
	refused proof.validity --at "$((now + 1))-01-01T00:00:00Z"
	assert_stderr_has expired
	forge "/CN=$CODE" p256 -days 3000 "${plain[@]}"
	passes --at "$((now + 1))-01-01T00:00:00Z"
	refused proof.validity --at "$(date -u -d '1 hour ago' +%FT%TZ)"
	assert_stderr_has 'not yet valid'
	make_ca expired
	CA=$FIXTURES/expired.pem
	forge "/CN=$CODE" expired "${plain[@]}"
	refused proof.ca-validity
	verify --at 2019-01-01T00:00:00Z
	assert_status 8
	assert_stderr_has 'not yet valid'
}

@test "a proof that is a CA" {
	forge "/CN=$CODE" p256 -- 'basicConstraints = critical,CA:TRUE'
	refused proof.not-ca
	forge "/CN=$CODE" p256 -- 'keyUsage = keyCertSign'
	refused proof.not-ca
}

@test "algorithms: SHA-1 is refused, and PSS where the platform does not take it" {
	forge "/CN=$CODE" p256 -sha1 "${plain[@]}"
	refused proof.algorithm
	make_ca rsa2048
	CA=$FIXTURES/rsa2048.pem
	CODE=$(printf '%064d' 7)
	forge "/CN=$CODE" rsa2048 -sigopt rsa_padding_mode:pss "${plain[@]}"
	passes
	refused output.pss -p aws-iot
}

@test "warnings: v1, no basicConstraints, TLS usage, text around" {
	forge "/CN=$CODE" p256 -- 'subjectKeyIdentifier = hash'
	warned proof.not-ca
	forge "/CN=$CODE" p256 "${plain[@]}" 'extendedKeyUsage = serverAuth'
	warned proof.extended-key-usage
	forge "/CN=$CODE" p256 "${plain[@]}"
	openssl x509 -in "$T/proof.pem" -text -out "$T/text.pem"
	mv "$T/text.pem" "$T/proof.pem"
	warned proof.form
	openssl req -new -key "$FIXTURES/subject.key" -subj "/CN=$CODE" -out "$T/v1.csr"
	certtool --generate-certificate --v1 --load-request "$T/v1.csr" --load-ca-certificate "$CA" \
		--load-ca-privkey "$FIXTURES/p256.key" --template <(printf 'expiration_days = 7\n') \
		--outfile "$T/proof.pem" > "$T/setup.log" 2>&1 || fail "$(cat "$T/setup.log")"
	warned proof.version
}

@test "NervesHub: one URI, and not in the second of notBefore" {
	local from
	forge "/CN=x" p256 "${plain[@]}" "subjectAltName = URI:urn:nerveshub:verify:$CODE"
	from=$(date -u -d "$(openssl x509 -in "$T/proof.pem" -noout -startdate | cut -d= -f2)" +%FT%TZ)
	refused proof.validity -p nerveshub --at "$from"
	passes -p nerveshub --at "$(date -u -d "$from + 1 second" +%FT%TZ)"
	forge "/CN=$CODE" p256 "${plain[@]}"
	refused proof.code -p nerveshub --at "$(date -u -d "$from + 60 seconds" +%FT%TZ)"
}

@test "a signature over the code, by openssl: one line and nothing else" {
	make_ca rsa2048
	CA=$FIXTURES/rsa2048.pem
	printf %s "$CODE" > "$T/code"
	openssl dgst -sha256 -sign "$FIXTURES/rsa2048.key" -out "$T/signature" "$T/code"
	openssl base64 -A -in "$T/signature" -out "$T/line"
	cp "$T/line" "$T/proof.pem"
	passes -p cumulocity
	verify
	assert_fails 3 'neither a PEM nor a DER'
	assert_hint 'a base64 signature with its --platform'
	echo >> "$T/proof.pem"
	passes -p cumulocity
	echo >> "$T/proof.pem"
	refused proof.form -p cumulocity
	openssl base64 -in "$T/signature" -out "$T/proof.pem"
	refused proof.form -p cumulocity
	echo "$CODE" > "$T/code"
	openssl dgst -sha256 -sign "$FIXTURES/rsa2048.key" "$T/code" | openssl base64 -A > "$T/proof.pem"
	refused proof.signature -p cumulocity
	run_caproof verify "$T/line" --ca "$CA" -p cumulocity
	assert_fails 2 'no code was given'
}

@test "what cannot be read as what it should be: exit 3" {
	forge "/CN=$CODE" p256 "${plain[@]}"
	echo nothing > "$T/nothing"
	run_caproof verify "$T/nothing" --ca "$CA" --code "$CODE"
	assert_fails 3 'neither a PEM nor a DER'
	run_caproof verify "$T/there-is-none" --ca "$CA" --code "$CODE"
	assert_fails 3 there-is-none
	run_caproof verify "$T/proof.pem" --ca "$T/nothing" --code "$CODE"
	assert_fails 3 'CA certificate'
	run_caproof verify "$T/proof.pem" --ca "$CA" --code "$CODE" -p cumulocity
	assert_fails 3 'no base64 signature'
	run_caproof verify "$T/proof.pem" --ca "$CA" -p aws-iot-sni-only
	assert_fails 3 'needs no proof'
	cat "$T/proof.pem" "$CA" > "$T/two.pem"
	run_caproof verify "$T/two.pem" --ca "$CA" --code "$CODE"
	assert_fails 3 'holds 2 certificates'
	run_caproof verify "$FIXTURES/p256.key" --ca "$CA" --code "$CODE"
	assert_fails 3 'private key'
}

@test "the command line" {
	forge "/CN=$CODE" p256 "${plain[@]}"
	run_caproof verify "$T/proof.pem" --code "$CODE"
	assert_fails 2 'no CA certificate was given'
	run_caproof verify --ca "$CA"
	assert_fails 2 'something is missing'
	run_caproof verify - --ca -
	assert_fails 2 'standard input'
	run_caproof verify "$T/proof.pem" --ca "$CA" --at tomorrow
	assert_fails 2 '--at'
	run_caproof verify "$T/proof.pem" --ca "$CA"
	assert_status 0
	tr -s ' \n' ' ' < "$STDOUT" | grep -qF "'$CODE'; no code was given to compare it with" ||
		fail 'not said that nothing was compared'
}

@test "a code that the platform does not make is refused as well" {
	forge "/CN=$CODE" p256 "${plain[@]}"
	refused code.shape -p aws-iot
}

@test "JSON: one object, the error in it" {
	forge "/CN=$CODE" p256 "${plain[@]}"
	verify --json
	assert_status 0
	jq -se 'length == 1 and .[0].caproof == 1 and .[0].command == "verify" and
		.[0].platform == "generic" and .[0].proof.form == "certificate-cn" and
		(.[0] | has("error") | not) and (.[0].checks | length) > 10 and
		all(.[0].checks[]; keys == ["id", "message", "result", "source"] and .result == "ok") and
		(.[0].checks | map(.id) | length == (unique | length))' "$STDOUT" > "$T/jq" || fail 'not that JSON'
	forge "/CN=other" p256 "${plain[@]}"
	verify --json
	assert_status 8
	assert_stderr_has 'caproof: the proof '
	jq -se 'length == 1 and .[0].error.id == "proof" and .[0].error.exit == 8 and
		([.[0].checks[] | select(.result == "refused").id]) == ["proof.code"]' "$STDOUT" > "$T/jq" ||
		fail 'not that JSON'
	run_caproof verify "$T/there-is-none" --ca "$CA" --json
	assert_status 3
	jq -se 'length == 1 and .[0].command == "verify" and .[0].error.exit == 3' "$STDOUT" > "$T/jq" ||
		fail 'not that JSON'
}
