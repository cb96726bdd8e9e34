# SPDX-License-Identifier: Apache-2.0
#
# `caproof request`: the key pair and the request, by two tools that did not make them, and
# by `caproof sign --csr`; never one without the other; no module is ever loaded.
load helper

# after each run: no token was touched.
request() {
	run_caproof request "$@"
	[ ! -e "$T/calls" ] || fail 'a module was loaded'
}

# assert_request CSR KEY CN [PASS-ARGUMENTS...]
assert_request() {
	local csr=$OUT/$1 key=$OUT/$2 cn=$3
	shift 3
	openssl req -in "$csr" -noout -verify > "$T/log" 2>&1 || fail "$(cat "$T/log")"
	[ "$(openssl req -in "$csr" -noout -subject -nameopt RFC2253)" = "subject=CN=$cn" ]
	certtool --crq-info --infile "$csr" > "$T/crq" 2>&1 || fail "$(cat "$T/crq")"
	grep -q 'Self signature: verified' "$T/crq"
	[ "$(openssl req -in "$csr" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout "$@")" ]
	openssl asn1parse -in "$csr" > "$T/asn1"
	refute grep -q 'Extension Request' "$T/asn1"
	assert_mode "${key##*/}" 600
}

@test "a request and its key, and the proof that sign makes of it" {
	request --code ABC123 --key-out a.key -o a.csr
	assert_status 0
	assert_stdout_empty
	assert_stderr_has 'not encrypted' 'caproof sign -c CA_FILE --csr a.csr --code ABC123 -p generic'
	assert_request a.csr a.key ABC123
	grep -qx -e '-----BEGIN PRIVATE KEY-----' "$OUT/a.key"
	grep -q 'P-256' <(openssl req -in "$OUT/a.csr" -noout -text)
	use_ca p256
	run_caproof sign -c "$CA" --csr a.csr --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem ABC123
	[ "$(x509 proof.pem -pubkey)" = "$(openssl pkey -in "$OUT/a.key" -pubout)" ]
}

@test "the platform's kind of key, and --subject-key" {
	request --code ABC123 -p quectel --key-out a.key -o a.csr
	assert_status 0
	grep -q '(2048 bit)' <(openssl req -in "$OUT/a.csr" -noout -text)
	request --code ABC123 -p quectel --subject-key rsa3072 --key-out b.key -o b.csr
	assert_status 0
	grep -q '(3072 bit)' <(openssl req -in "$OUT/b.csr" -noout -text)
	assert_request b.csr b.key ABC123
	request --code ABC123 --subject-key ca --key-out c.key -o c.csr
	assert_fails 2 "the value of '--subject-key'"
}

@test "an encrypted key, from every source of a pass phrase" {
	printf 'open sesame\n' > "$T/pass"
	chmod 600 "$T/pass"
	request --code ABC123 --key-out a.key -o a.csr --pass "file:$T/pass"
	assert_status 0
	assert_stderr_has 'encrypted under the pass phrase'
	refute_stderr_has sesame
	grep -qx -e '-----BEGIN ENCRYPTED PRIVATE KEY-----' "$OUT/a.key"
	assert_request a.csr a.key ABC123 -passin "file:$T/pass"
	refute openssl pkey -in "$OUT/a.key" -passin pass:wrong -noout
	openssl asn1parse -in "$OUT/a.key" > "$T/asn1"
	grep -q ':aes-256-cbc' "$T/asn1"
	grep -q ':hmacWithSHA256' "$T/asn1"
	grep -q ':0927C0' "$T/asn1"
	OPEN='open sesame' request --code ABC123 --key-out b.key -o b.csr --pass env:OPEN
	assert_status 0
	assert_request b.csr b.key ABC123 -passin "file:$T/pass"
	STDIN=$T/pass
	request --code ABC123 --key-out c.key -o c.csr --pass stdin
	assert_status 0
	assert_request c.csr c.key ABC123 -passin "file:$T/pass"
}

@test "a pass phrase typed twice, two that differ, and Ctrl-C" {
	printf 'open sesame\n' > "$T/pass"
	printf 'open season\n' > "$T/other"
	run_on_terminal -w 'Pass phrase for the new key: ' -n -i "$T/pass" -w 'The same again: ' -n -i "$T/pass" -- \
		request --code ABC123 --key-out a.key -o a.csr --pass prompt
	assert_status 0
	assert_request a.csr a.key ABC123 -passin "file:$T/pass"
	refute has "$TTY_OUT" sesame
	run_on_terminal -w 'Pass phrase for the new key: ' -n -i "$T/pass" -w 'The same again: ' -n -i "$T/other" -- \
		request --code ABC123 --key-out b.key -o b.csr --pass prompt
	assert_fails 5 'the two pass phrases are not the same'
	run_on_terminal -w 'Pass phrase for the new key: ' -n -k c -- \
		request --code ABC123 --key-out b.key -o b.csr --pass prompt
	assert_status 130
}

@test "a pass phrase that is not there, or on the command line" {
	request --code ABC123 --key-out a.key -o a.csr --pass prompt
	assert_fails 5 'cannot ask for the pass phrase: there is no terminal'
	assert_hint '--pass file:PATH'
	request --code ABC123 --key-out a.key -o a.csr --pass "file:$T/nowhere"
	assert_fails 5 'cannot read the pass phrase file'
	: > "$T/empty"
	request --code ABC123 --key-out a.key -o a.csr --pass "file:$T/empty"
	assert_fails 5 'there is no pass phrase in'
	request --code ABC123 --key-out a.key -o a.csr --pass opensesame
	assert_fails 2 '--pass takes a source, not a pass phrase'
	refute_stderr_has opensesame
	refute_stderr_has --pin
}

@test "never a request without its key, nothing replaced without --force" {
	echo precious > "$OUT/a.csr"
	request --code ABC123 --key-out a.key -o a.csr
	assert_fails 7 'a.csr'
	assert_no_file a.key
	mv "$OUT/a.csr" "$OUT/a.key"
	request --code ABC123 --key-out a.key -o a.csr
	assert_fails 7 'a.key'
	assert_no_file a.csr
	request --code ABC123 --key-out a.key -o a.csr -f
	assert_status 0
	assert_request a.csr a.key ABC123
	request --code ABC123 --key-out same -o ./same
	assert_fails 2 'are the same file'
	request --code ABC123 --key-out nowhere/b.key -o b.csr
	assert_fails 7
}

@test "a report that cannot be written takes both files back" {
	before_run
	status=0
	(cd "$OUT" && "$CAPROOF" request --code ABC123 --key-out a.key -o a.csr --json > /dev/full 2> "$STDERR") || status=$?
	[ "$status" -eq 7 ]
	assert_no_file a.key
	assert_no_file a.csr
}

@test "standard output, DER, JSON" {
	request --code ABC123 --key-out a.key -q
	assert_status 0
	[ ! -s "$STDERR" ]
	cp "$STDOUT" "$OUT/a.csr"
	assert_request a.csr a.key ABC123
	request --code ABC123 --key-out d.key
	assert_stderr_has 'the request is on standard output, its private key in d.key'
	request --code ABC123 --key-out b.key -o b.der
	assert_status 0
	openssl req -inform DER -in "$OUT/b.der" -noout -verify 2> "$T/log"
	request --code ' ABC123 ' --key-out c.key -o c.csr --json
	assert_status 0
	assert_request c.csr c.key ABC123
	[ "$(jq -r '.command, .code, .request.file, .request.key_type, .private_key.encrypted' "$STDOUT" | paste -sd' ')" = 'request ABC123 c.csr EC P-256 false' ]
	[ "$(jq -r .request.sha256 "$STDOUT")" = "$(openssl req -in "$OUT/c.csr" -outform DER | sha256sum | cut -d' ' -f1)" ]
}

@test "the code from a file or from standard input" {
	printf ' ABC123 \r\n' > "$T/code"
	request --code-file "$T/code" --key-out a.key -o a.csr
	assert_status 0
	assert_request a.csr a.key ABC123
	STDIN=$T/code request --code-file - --key-out b.key -o b.csr
	assert_status 0
	assert_request b.csr b.key ABC123
	STDIN=$T/code request --code-file - --key-out c.key -o c.csr --pass stdin
	assert_fails 2 'standard input cannot be read for two things at once'
	request --code ABC123 --code-file "$T/code" --key-out c.key -o c.csr
	assert_fails 2 "'--code' and '--code-file' both give a code"
	cp "$T/code" "$OUT/code"
	request --code-file code --key-out c.key -o code -f
	assert_fails 2 'the same file as an input'
	printf 'ABC\000123' > "$T/code"
	request --code-file "$T/code" --key-out c.key -o c.csr
	assert_fails 3 'the code is refused: the code is not UTF-8'
	: > "$T/code"
	request --code-file "$T/code" --key-out c.key -o c.csr
	assert_fails 3 'the code'
	head -c 5000 /dev/zero | tr '\0' a > "$T/code"
	request --code-file "$T/code" --key-out c.key -o c.csr
	assert_fails 3 'the code file holds 5000 octets'
}

@test "sign takes the request in each form of certificate" {
	local platform code=AbC123 kind
	use_ca rsa2048
	for platform in generic quectel nerveshub; do
		request --code "$code" -p "$platform" --key-out "$platform.key" -o "$platform.csr"
		assert_status 0
		assert_request "$platform.csr" "$platform.key" "$code"
		run_caproof sign -c "$CA" --csr "$platform.csr" --code "$code" -p "$platform" \
			--pin "file:$PIN_FILE" -o "$platform.pem"
		assert_status 0
		[ "$(x509 "$platform.pem" -pubkey)" = "$(openssl pkey -in "$OUT/$platform.key" -pubout)" ]
		run_caproof verify "$platform.pem" --ca "$CA" --code "$code" -p "$platform"
		assert_status 0
	done
	x509 nerveshub.pem -ext subjectAltName > "$T/san"
	grep -qx ' *URI:urn:nerveshub:verify:AbC123' "$T/san"
}

@test "a code that is too long for a request" {
	request --code "$(printf '%070d' 0)" -p nerveshub --key-out a.key -o a.csr
	assert_fails 3 'the code has 70 octets, and the Common Name of a request holds 64 at most'
	assert_hint "run 'caproof sign' with the code and no request"
}

@test "the JSON of a refusal has the checks" {
	request --code 'a b' --key-out a.key -o a.csr --json
	assert_status 3
	jq -se 'length == 1 and (.[0] | keys == ["caproof", "checks", "command", "error"] and
		([.checks[] | select(.result == "refused").id] == ["code.spaces"]))' "$STDOUT" > "$T/jq"
}

@test "codes and platforms that take no request" {
	request --code '' --key-out a.key -o a.csr
	assert_fails 3 'the code is refused'
	request --code 'a
b' --key-out a.key -o a.csr
	assert_fails 3 'the code is refused'
	request --code "$(printf '%065d' 0)" --key-out a.key -o a.csr
	assert_fails 3
	request --code ABC123 -p cumulocity --key-out a.key -o a.csr
	assert_fails 2 'takes a signature'
	request --code ABC123 -p aws-iot-sni-only --key-out a.key -o a.csr
	assert_fails 3 'needs no proof'
}

@test "mistakes on the command line" {
	request --key-out a.key -o a.csr
	assert_fails 2 'there is no code'
	request --code ABC123 -o a.csr
	assert_fails 2 'nothing says where the private key goes'
	request --code ABC123 --key-out - -o a.csr
	assert_fails 2 "needs a file of its own"
	request --code ABC123 --key-out a.key --outform text
	assert_fails 2 "the value of '--outform'"
}
