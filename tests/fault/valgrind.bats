#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A good run of each command under valgrind: nothing read before it was written, also by
# the libraries on caproof's behalf, which the sanitizers do not see; nothing lost.

load ../cli/helper

setup() {
	common_setup
	RUN_WITH=(valgrind -q --error-exitcode=98 --leak-check=full --errors-for-leak-kinds=definite,indirect
		"--log-file=$T/valgrind.%p")
}

# clean ARGUMENTS: valgrind ran, and had nothing to say.
clean() {
	rm -f "$T"/valgrind.*
	run_caproof "$@"
	compgen -G "$T/valgrind.*" > "$T/logs" || fail 'valgrind did not run'
	cat "$T"/valgrind.* > "$T/said"
	[ ! -s "$T/said" ] || fail "$(head -n 60 "$T/said")"
	assert_status 0
}

@test "valgrind finds what is wrong" {
	printf '%s\n' '#include <stdlib.h>' \
		'int main(void) { char *p = malloc(2); return p[0] == 7 ? 3 : 4; }' > "$T/bad.c"
	${CC:-cc} -g -O0 "$T/bad.c" -o "$T/bad"
	run "${RUN_WITH[@]}" "$T/bad"
	[ "$status" -eq 98 ]
}

@test "sign, verify and check" {
	use_ca p256
	clean sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	clean verify proof.pem -c "$CA" --code Code_123 --json
	clean check "$CA" -p all
}

@test "request, and sign with it" {
	use_ca rsa2048
	clean request --code Code_123 --key-out new.key -o new.csr --json
	clean sign -c "$CA" --csr new.csr --pin "file:$PIN_FILE" -o proof.der --json
}

@test "tokens and platforms" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	clean tokens
	clean tokens --login --pin "file:$PIN_FILE" --json
	clean platforms
}

@test "ca-cert, new and like an old one" {
	use_ca p256
	clean ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o ca.pem
	clean ca-cert --like "$CA" --pin "file:$PIN_FILE" -o like.pem --json
}
