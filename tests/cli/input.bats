# SPDX-License-Identifier: Apache-2.0
#
# Bad input: a sentence each, exit 3, and the token is not touched.

load helper

refused() {
	local ca=$1
	shift
	run_caproof sign -c "$ca" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 3 "$@"
	assert_no_file proof.pem
	assert_calls '.*' 0
}

setup() {
	common_setup
	use_ca p256
}

@test "a CA file that cannot be read, is a folder, empty, or endless" {
	refused "$T/missing.pem" missing.pem
	refused "$T" "$T"
	: > "$T/empty.pem"
	refused "$T/empty.pem" empty
	refused /dev/zero '16 MiB'
	truncate -s 17M "$T/large.pem"
	refused "$T/large.pem" '16 MiB'
}

@test "a CA file that is truncated, has something behind it, or is no certificate" {
	openssl x509 -in "$CA" -outform DER -out "$T/ca.der"
	head -c 200 "$T/ca.der" > "$T/short.der"
	refused "$T/short.der" truncated
	{ cat "$T/ca.der"; echo x; } > "$T/tail.der"
	refused "$T/tail.der" 'behind its end'
	head -n 3 "$CA" > "$T/short.pem"
	refused "$T/short.pem" 'cut off'
	echo hello > "$T/text.pem"
	refused "$T/text.pem" neither
	make_csr "$T/x.csr" CODE-123
	refused "$T/x.csr" 'CERTIFICATE REQUEST'
}

@test "several certificates, or a private key, in the CA file" {
	make_ca rsa2048
	cat "$CA" "$FIXTURES/rsa2048.pem" > "$T/chain.pem"
	refused "$T/chain.pem" 'holds 2 certificates' 'CN=Test CA rsa2048'
	cat "$CA" "$CA_KEY" > "$T/both.pem"
	refused "$T/both.pem" 'private key'
	refused "$CA_KEY" 'private key'
}

@test "a CA certificate that is expired, not yet valid, no CA, or may not sign certificates" {
	local kind
	for kind in expired future not-ca no-key-cert-sign; do
		make_ca "$kind"
		run_caproof sign -c "$FIXTURES/$kind.pem" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
		assert_fails 3 'refuses'
		assert_calls '.*' 0
	done
}

@test "a CA certificate with a key that caproof cannot sign with" {
	make_ca k256
	refused "$FIXTURES/k256.pem" 'cannot sign with'
}

@test "a request that is wrong" {
	csr() {
		run_caproof sign -c "$CA" --csr "$1" --pin "file:$PIN_FILE" -o proof.pem
		shift
		assert_fails 3 "$@"
		assert_calls '.*' 0
	}
	make_csr "$T/weak.csr" CODE-123 rsa1024
	csr "$T/weak.csr" weak RSA-1024
	make_csr "$T/good.csr" CODE-123
	openssl req -in "$T/good.csr" -outform DER -out "$T/good.der"
	# the last octet is the end of its signature
	{ head -c -1 "$T/good.der"; printf '\377'; } > "$T/bad.der"
	csr "$T/bad.der" 'signature that is not right'
	csr "$CA" 'CERTIFICATE'
	make_csr "$T/host.csr" host.example.com
	csr "$T/host.csr" 'does not look like a verification code'
	csr "$T/missing.csr" missing.csr
}

@test "codes that are empty, too long, or hold what no code holds" {
	local code
	for code in '' ' ' "$(printf 'a%.0s' {1..65})" 'two words' 'quo"te' "quo'te" $'a\nb' $'a\tb' \
		$'a\x01b' $'a\xe2\x80\xaeb' $'a\xff'; do
		run_caproof sign -c "$CA" --code "$code" --pin "file:$PIN_FILE" -o proof.pem
		assert_fails 3 code
		assert_calls '.*' 0
	done
	run_caproof sign -c "$CA" --code "$(printf 'a%.0s' {1..64})" --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
}

@test "a file's name is made safe to show" {
	run_caproof sign -c $'no\e[31m-\xe2\x80\xaesuch.pem' --code X --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 3
	refute grep -q $'\e' "$STDERR"
	refute grep -q $'\xe2\x80\xae' "$STDERR"
}

@test "--code-issued against the lifetime of quectel's codes" {
	run_caproof sign -c "$CA" --code X1 -p quectel --code-issued "$(date -u -d '8 days ago' +%FT%TZ)" \
		--pin "file:$PIN_FILE" -o proof.pem
	assert_fails 3 'the code expired at '
	assert_calls '.*' 0
	run_caproof sign -c "$CA" --code X1 -p quectel --code-issued "$(date -u -d '163 hours ago' +%FT%TZ)" \
		--pin "file:$PIN_FILE" -o late.pem
	assert_status 0
	assert_stderr_has 'caproof: warning: the code lives until '
	refute_stderr_has 'was not checked'
	run_caproof sign -c "$CA" --code X1 -p generic --code-issued "$(date -u -d '8 days ago' +%FT%TZ)" \
		--pin "file:$PIN_FILE" -o any.pem
	assert_status 0
	assert_stderr_has "the code's age was not checked: the lifetime of codes of platform 'generic' is: as the platform says"
	run_caproof sign -c "$CA" --code X1 -p quectel --code-issued "$(date -u -d '1 day ago' +%FT%TZ)" \
		--pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
}
