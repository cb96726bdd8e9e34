#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A device that vanishes: the server behind p11-kit's remote module is killed.

load ../cli/helper
# shellcheck source=tests/token/p11kit.bash
. "$TOP_SRCDIR/tests/token/p11kit.bash"

setup() {
	common_setup
	token_start "$T"
	use_ca p256
	export CAPROOF_SHIM_MODULE=$TOKEN_MODULE
}

teardown() {
	common_teardown
	[ -e "$T/vanished" ] || token_stop "$T"
}

vanish() {
	token_stop "$T"
	touch "$T/vanished"
	wait_until has_vanished || fail 'the server is still there'
}

has_vanished() {
	! ps -o stat= -s "$(cat "$T/server.pid")" | grep -qv '^Z'
}

# vanishes_in FUNCTION [COMMAND...]: the server is killed while the tool is in that call.
vanishes_in() {
	local call=$1
	shift
	[ "$#" -gt 0 ] || set -- sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	export CAPROOF_SHIM_RULES="$call=until:$GO"
	start_caproof "$@"
	wait_for_call "${call%#*}"
	vanish
	release
	wait_caproof
	assert_fails 4
	assert_files_in "$OUT"
}

@test "the server is there: the control" {
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	assert_proof proof.pem Code_123
}

@test "gone before the tool starts" {
	vanish
	run_caproof sign -c "$CA" --code Code_123 --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 4
}

@test "gone while slots are listed" {
	vanishes_in C_GetSlotList#1
}

@test "gone while a session is opened" {
	vanishes_in C_OpenSession#1
}

@test "gone during the login" {
	vanishes_in C_Login#1
}

@test "gone while it signs" {
	vanishes_in C_Sign#1
}

@test "gone while tokens reads objects" {
	vanishes_in C_FindObjects#1 tokens
}

@test "gone while tokens reads objects, logged in" {
	vanishes_in C_GetAttributeValue#1 tokens --login --pin "file:$PIN_FILE"
}

@test "gone while ca-cert signs" {
	vanishes_in C_Sign#1 ca-cert -k "pkcs11:token=$TOKEN;object=rootCA" --subject 'CN=Own Root' \
		--pin "file:$PIN_FILE" -o ca.pem
}
