#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Every form of proof, by each kind of key, is taken by three implementations that had no
# part in making it: OpenSSL, GnuTLS and NSS.

load helper

# takes_openssl CA PROOF and so on: the verdict of that implementation.
takes_openssl() {
	openssl verify -x509_strict -CAfile "$1" "$2" > "$T/log" 2>&1
}

takes_gnutls() {
	certtool --verify --load-ca-certificate "$1" --infile "$2" > "$T/log" 2>&1
}

# In a database that trusts this CA and nothing else; -u C is the use as a TLS client.
takes_nss() {
	rm -rf "$T/db"
	mkdir "$T/db"
	certutil -N -d "sql:$T/db" --empty-password > "$T/log" 2>&1 || fail "$(cat "$T/log")"
	certutil -A -d "sql:$T/db" -n ca -t TC,, -i "$1" > "$T/log" 2>&1 || fail "$(cat "$T/log")"
	certutil -A -d "sql:$T/db" -n proof -t ,, -i "$2" > "$T/log" 2>&1 || fail "$(cat "$T/log")"
	certutil -V -d "sql:$T/db" -n proof -u C -e > "$T/log" 2>&1
}

# accepted IMPLEMENTATIONS: the proof under $CA, and not under another CA of its name.
accepted() {
	local by
	for by in "$@"; do
		"takes_$by" "$CA" "$OUT/proof.pem" || fail "$by: $(cat "$T/log")"
		refute "takes_$by" "$OTHER" "$OUT/proof.pem"
	done
}

# proves KIND [ARGUMENTS]: with a new key of that kind in the token.
proves() {
	local kind=$1
	shift
	: $((ids += 1))
	use_ca "$kind" "root-$kind" "$(printf '%02x' "$ids")"
	make_ca "$kind-other"
	OTHER=$FIXTURES/$kind-other.pem
	run_caproof sign -c "$CA" --pin "file:$PIN_FILE" --force -o proof.pem "$@"
	assert_status 0
}

@test "a certificate with the code in the CN: RSA, P-256, P-384, P-521" {
	local kind
	for kind in rsa2048 rsa3072 p256 p384 p521; do
		proves "$kind" --code Code_123
		accepted openssl gnutls nss
	done
}

@test "a certificate signed with RSA-PSS, with each hash" {
	local hash
	for hash in sha256 sha384 sha512; do
		proves rsa2048 --code Code_123 --pss --hash "$hash"
		x509 proof.pem -text | grep -q rsassaPss
		accepted openssl gnutls nss
	done
}

# NSS 3.87, Debian 12's, does not know Ed25519.
@test "a certificate signed with Ed25519" {
	# Whole stacks, so that a leak of the module's is known for one.
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:fast_unwind_on_malloc=0"
	local name
	token_ready
	for name in 1 2; do
		token_generate EC:edwards25519 "root-$name" "0$name"
		run_caproof ca-cert -k "pkcs11:token=$TOKEN;object=root-$name" --subject 'CN=Own Root' \
			--pin "file:$PIN_FILE" -o "ca$name.pem"
		assert_status 0
	done
	CA=$OUT/ca1.pem OTHER=$OUT/ca2.pem
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	accepted openssl gnutls
}

@test "a certificate with another public key: a request's, an RSA one, the CA's own" {
	make_csr "$T/csr.pem" Code_123 rsa2048
	proves p256 --csr "$T/csr.pem"
	accepted openssl gnutls nss
	proves p256 --code Code_123 --subject-key rsa2048
	accepted openssl gnutls nss
	proves p256 --code Code_123 --subject-key ca
	accepted openssl gnutls nss
}

@test "a certificate with the code in a URI" {
	local kind
	for kind in rsa2048 p256 p384 p521; do
		proves "$kind" --code 0123456789abcdef0123456789abcdef -p nerveshub
		x509 proof.pem -ext subjectAltName | grep -q URI:
		accepted openssl gnutls nss
	done
}

# takes_dgst CA OPTIONS: the signature, decoded, over the octets of the code and no others.
takes_dgst() {
	openssl x509 -in "$1" -noout -pubkey > "$T/public.pem"
	shift
	openssl base64 -d -A -in "$OUT/proof.pem" -out "$T/signature"
	printf %s Code_123 | openssl dgst -verify "$T/public.pem" -signature "$T/signature" "$@" \
		> "$T/log" 2>&1
}

@test "a signature over the code: RSA, P-256, P-384, P-521, RSA-PSS" {
	local kind
	for kind in rsa2048 rsa3072 p256 p384 p521; do
		proves "$kind" --code Code_123 -p cumulocity
		takes_dgst "$CA" -sha256 || fail "$(cat "$T/log")"
		refute takes_dgst "$OTHER" -sha256
	done
	printf '%s\n' '{ "format": "caproof/platform/1", "name": "bare", "title": "Bare",' \
		'"sources": { "guide": { "title": "Guide", "read": "2026-11-22" } },' \
		'"proof": { "form": "signature", "source": "guide" },' \
		'"code": { "lifetime": "a day", "renewal": "ask", "source": "guide" },' \
		'"rules": [{ "rule": "ca.version", "severity": "refuse", "sentence": "v3", "source": "guide" }],' \
		'"next_steps": ["upload {proof}"] }' \
		> "$T/bare.json"
	for kind in p384:sha384 p521:sha512; do
		proves "${kind%:*}" --code Code_123 -p "$T/bare.json"
		takes_dgst "$CA" "-${kind#*:}" || fail "$(cat "$T/log")"
		refute takes_dgst "$OTHER" "-${kind#*:}"
	done
	proves rsa2048 --code Code_123 -p "$T/bare.json" --pss
	takes_dgst "$CA" -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
	refute takes_dgst "$CA" -sha256
}

@test "the platform's hash is the default, and one that was asked for is never exchanged" {
	proves p384 --code Code_123 -p cumulocity --hash sha256
	takes_dgst "$CA" -sha256
	run_caproof sign -c "$CA" --pin "file:$PIN_FILE" --code Code_123 -p cumulocity --hash sha384 \
		-o other.pem
	assert_fails 3 'SHA-256 only'
	assert_calls C_Login 0
}
