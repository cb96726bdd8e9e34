#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# NSS softokn: a module that wants arguments of its own, which p11-kit's configuration
# gives it, and a database made by NSS's own tools.
#
# p11-kit reads no user's configuration for root, and /etc is not a test's to write in: so
# root runs caproof as somebody who is nobody.  The module in that configuration is the
# shim in front of softokn, so that calls are counted behind p11-kit's proxy.

load ../cli/helper

# There may be folders that are not everybody's to look into.
SOFTOKN=$(find /usr/lib -name libsoftokn3.so -print -quit 2> /dev/null || true)
DB='NSS Certificate DB'
DB_URI=pkcs11:token=NSS%20Certificate%20DB

# nss_new DIR PASSWORD: a database; an empty password is none.
nss_new() {
	mkdir "$1"
	printf '%s\n' "$2" > "$T/password"
	certutil -N -d "sql:$1" -f "$T/password" > "$T/setup.log" 2>&1 || fail "$(cat "$T/setup.log")"
}

# nss_import KIND: the CA of that kind with its key, by pk12util.
nss_import() {
	make_ca "$1"
	openssl pkcs12 -export -inkey "$FIXTURES/$1.key" -in "$FIXTURES/$1.pem" -name "root-$1" \
		-passout pass:carry -out "$T/import.p12"
	pk12util -i "$T/import.p12" -d "sql:$T/db" -k "$T/password" -W carry \
		> "$T/setup.log" 2>&1 || fail "$(cat "$T/setup.log")"
	cp "$FIXTURES/$1.pem" "$T/$1.pem"
}

# The one module that p11-kit's user configuration names.
configure() {
	mkdir -p "$T/home/.config/pkcs11/modules"
	echo 'user-config: only' > "$T/home/.config/pkcs11/pkcs11.conf"
	printf '%s\n' "module: $T/shim.so" \
		"x-init-reserved: configdir='sql:$T/db' certPrefix='' keyPrefix='' secmod='secmod.db' flags=readOnly" \
		> "$T/home/.config/pkcs11/modules/nss.module"
	export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config
}

# Hands what caproof needs to nobody, when this is root.
hand_over() {
	[ "$(id -u)" -eq 0 ] || return 0
	chown -R nobody "$T"
	RUN_WITH=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
}

setup() {
	local BATS_TEST_TMPDIR
	BATS_TEST_TMPDIR=$(mktemp -d /tmp/caproof-nss.XXXXXX)
	common_setup
	cp "$CAPROOF" "$T/caproof"
	cp "$SHIM" "$T/shim.so"
	cp -r "$CAPROOF_PLATFORMS" "$T/platforms"
	export CAPROOF=$T/caproof CAPROOF_PLATFORMS=$T/platforms CAPROOF_SHIM_MODULE=$SOFTOKN
	unset CAPROOF_MODULE
	nss_new "$T/db" "$PIN"
	configure
}

teardown() {
	common_teardown
	rm -rf "$T"
}

# signs KIND [ARGUMENTS]
signs() {
	CA=$T/$1.pem
	shift
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem --force "$@"
	assert_status 0
	assert_proof proof.pem Code_123
	assert_calls C_Login 1
	assert_calls C_Sign 1
}

# NSS 3.87 does not start without its arguments; 3.110 does, and has no database.
@test "by its path: the way is told, or it is empty" {
	nss_import p256
	hand_over
	run_caproof tokens -m "$SOFTOKN" --json
	if [ "$status" -eq 0 ]; then
		jq -e '[.tokens[] | (.keys, .certificates)[]] == []' "$STDOUT"
		run_caproof sign -c "$T/p256.pem" --code Code_123 -o proof.pem -m "$SOFTOKN" -k "$DB_URI"
		assert_fails 6 "$DB"
	else
		run_caproof tokens -m "$SOFTOKN"
		assert_fails 4 "cannot initialise module '$SOFTOKN'" 'arguments of its own'
		assert_hint x-init-reserved
		assert_hint 'caproof(1)'
		run_caproof sign -c "$T/p256.pem" --code Code_123 -o proof.pem -m "$SOFTOKN"
		assert_fails 4 'arguments of its own'
	fi
	assert_no_file proof.pem
}

@test "by p11-kit's configuration: tokens and keys are listed" {
	nss_import rsa2048
	nss_import p256
	hand_over
	run_caproof tokens --json
	assert_status 0
	assert_calls C_Login 0
	[ "$(jq -r '[.tokens[].label] | index("'"$DB"'") != null' "$STDOUT")" = true ]
	[ "$(jq -r "[.tokens[] | select(.label == \"$DB\") | .keys[].type] | sort | join(\",\")" \
		"$STDOUT")" = 'EC P-256,RSA-2048' ]
	run_caproof tokens -k "$DB_URI" --login --pin "file:$PIN_FILE" --json
	assert_status 0
	assert_calls C_Login 1
	[ "$(jq -r '[.tokens[].keys[] | select(.sign) | .label] | sort | join(",")' "$STDOUT")" = \
		root-p256,root-rsa2048 ]
	[ "$(jq -r '[.tokens[].keys[] | .certificate] | index(null)' "$STDOUT")" = null ]
}

@test "it signs: keys found by the certificate, and by the URIs that are listed" {
	local kind uri
	for kind in rsa2048 p256 p384 p521; do
		nss_import "$kind"
	done
	hand_over
	for kind in rsa2048 p256 p384 p521; do
		signs "$kind"
		run_caproof tokens -k "$DB_URI" --login --pin "file:$PIN_FILE" --json
		uri=$(jq -r ".tokens[].keys[] | select(.label == \"root-$kind\") | .uri" "$STDOUT")
		signs "$kind" -k "$uri"
	done
	signs rsa2048 --pss
	grep -q rsassaPss "$T/proof.txt"
}

@test "a CA certificate in the database, and a new one for its key" {
	nss_import p256
	hand_over
	run_caproof sign -c "$DB_URI;object=root-p256;type=cert" --code Code_123 \
		--pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem Code_123 "$T/p256.pem"
	run_caproof ca-cert -k "$DB_URI" --subject 'CN=Own Root' --pin "file:$PIN_FILE" -o ca.pem
	assert_status 0
	assert_calls C_Login 1
	openssl verify -x509_strict -check_ss_sig -CAfile "$OUT/ca.pem" "$OUT/ca.pem"
}

@test "a wrong password is tried once" {
	nss_import p256
	(umask 077 && echo not-the-password > "$T/wrong")
	hand_over
	run_caproof sign -c "$T/p256.pem" --code Code_123 --pin "file:$T/wrong" -o proof.pem
	assert_fails 5 "$DB"
	assert_calls C_Login 1
	assert_calls C_Sign 0
}

@test "a database without a password: no PIN is asked for" {
	rm -r "$T/db"
	nss_new "$T/db" ''
	nss_import p256
	hand_over
	run_caproof sign -c "$T/p256.pem" --code Code_123 -o proof.pem
	assert_status 0
	assert_proof proof.pem Code_123 "$T/p256.pem"
	assert_calls C_Login 0
}
