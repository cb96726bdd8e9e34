#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The recipes that can be tested here, each command as it is printed; and each says whether it is.

load ../cli/helper
load docs

RECIPES=$TOP_SRCDIR/docs/recipes

pins() {
	cp "$PIN_FILE" "$OUT/pin.txt"
	echo "$SO_PIN" > "$OUT/sopin.txt"
}

recipe() {
	blocks "$RECIPES/$1.md" > "$T/recipe"
	assert_document "$T/recipe"
	assert_proof proof.pem 7f3a9c51e2d04b68 "$OUT/rootCA.pem"
}

# A software TPM, ended with the test.
in_tpm() {
	# shellcheck source=tests/token/tpm2.bash
	. "$TOP_SRCDIR/tests/token/tpm2.bash"
	mkdir -p "$T/tpm"
	token_start "$T/tpm"
	rm -rf "$T/tpm/store"
	unset TPM2_PKCS11_STORE
}

teardown() {
	[ ! -f "$T/tpm/abrmd.pid" ] || token_stop "$T/tpm"
	[ ! -f "$T/server.pid" ] || kill "$(cat "$T/server.pid")" 2> "$T/kill.log" || true
	common_teardown
}

@test "SoftHSM" {
	pins
	recipe softhsm
	assert_stdout_has "Key 'oldCA'"
}

@test "TPM 2.0, on a software TPM" {
	export ASAN_OPTIONS="$ASAN_OPTIONS:fast_unwind_on_malloc=0"
	in_tpm
	pins
	recipe tpm2
}

@test "p11-kit over SSH, with a stand-in for ssh" {
	TOKEN='Demo CA'
	use_ca p256
	cp "$CA" "$OUT/rootCA.pem"
	cat > "$BIN/ssh" <<-'SH'
		#!/bin/bash
		# -f -N -L NEAR:FAR HOST
		ln -s "${4#*:}" "${4%%:*}"
	SH
	chmod +x "$BIN/ssh"
	export XDG_RUNTIME_DIR=$T
	recipe p11-kit-ssh
	assert_stdout_has "Token 'Demo CA'"
}

@test "every recipe says whether it is tested, and is in the list" {
	local file name
	for file in "$RECIPES"/*.md; do
		name=${file##*/}
		[ "$name" != README.md ] || continue
		grep -qE '\*\*(Tested|Not tested)\*\*' "$file" || fail "$name does not say it"
		[ "$(wc -l < "$file")" -le 50 ] || fail "$name is more than a screen"
		grep -qF "]($name)" "$RECIPES/README.md" || fail "$name is not in the list"
		if grep -q '\*\*Tested\*\*' "$file"; then
			grep -q "^	recipe ${name%.md}\$" "$BATS_TEST_FILENAME" || fail "$name is not tested"
		else
			grep "]($name)" "$RECIPES/README.md" | grep -q 'not tested' || fail "$name: the list says otherwise"
			refute grep -q '^```sh' "$file"
		fi
	done
}

# What a recipe has caproof do, one command a line: NAME and options.
commands_of() {
	sed -e :a -e '/\\$/N; s/\\\n//; ta' "$@" | sed -n 's/.*\(caproof [a-z][a-z-]* .*\)/\1/p' | grep -- ' --\?[a-z]'
}

@test "what the recipes that are not tested have caproof do, it takes" {
	local line name option
	commands_of "$RECIPES"/*.md > "$T/commands"
	[ "$(wc -l < "$T/commands")" -gt 15 ]
	while read -r line; do
		name=${line#caproof }
		name=${name%% *}
		"$CAPROOF" "$name" --help > "$T/help" || fail "no command $name: $line"
		for option in $(grep -oE ' --?[a-z][a-z0-9-]*' <<< "${line%%\`*}"); do
			grep -qE "^ +(-., )?$option([,= ]|\$)" "$T/help" || fail "$name has no $option: $line"
		done
	done < "$T/commands"
}
