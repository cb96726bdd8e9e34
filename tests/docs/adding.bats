#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What docs/adding-a-platform.md and docs/adding-a-command.md tell: the rule file is taken and its
# commands run; the command's code is what the compiler takes, and calls nothing that is not there.

load ../cli/helper
load docs

# fenced FILE KIND N: the N-th block of that kind.
fenced() {
	awk -v kind="$2" -v n="$3" '
	$0 == "```" kind { count++; on = count == n; next }
	/^```/ { on = 0 }
	on { print }' "$1"
}

@test "a platform of one's own" {
	use_ca p256
	cp "$CA" "$OUT/rootCA.pem"
	export CAPROOF_MODULE=$SOFTHSM
	fenced "$TOP_SRCDIR/docs/adding-a-platform.md" json 1 > "$OUT/mine.json"
	blocks "$TOP_SRCDIR/docs/adding-a-platform.md" > "$T/script"
	assert_document "$T/script"
	assert_stdout_has 'Example IoT, Device CA guide' 'code.usual-shape'
	assert_stderr_has 'Devices › CA certificates › Verify: upload proof.pem'
	make_ca no-aki
	run_caproof check "$FIXTURES/no-aki.pem" -p ./mine.json
	assert_status 3
	assert_stdout_has 'refused  ca.authority-key-identifier'
}

@test "the files that a new platform is to be named in name every platform" {
	local file name
	sed -n '/^## For everybody/,$s/^| `\([^`]*\)` | .*/\1/p' "$TOP_SRCDIR/docs/adding-a-platform.md" |
		grep -v CHANGELOG > "$T/files"
	[ "$(wc -l < "$T/files")" -ge 6 ]
	while read -r file; do
		for name in "$TOP_SRCDIR"/platforms/*.json; do
			name=${name##*/}
			grep -qE "(^|[^a-z-])${name%.json}([^a-z-]|\$)" "$TOP_SRCDIR/$file" || fail "$file: ${name%.json}"
		done
	done < "$T/files"
}

@test "a command: its code compiles, and all that it calls is in the tool" {
	local page=$TOP_SRCDIR/docs/adding-a-command.md symbol
	fenced "$page" c 1 > "$T/fingerprint_options.def"
	fenced "$page" c 2 > "$T/cmd_fingerprint.c"
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Wno-missing-prototypes -c \
		-I "$T" -I "$TOP_SRCDIR/src/cli" -I "$TOP_SRCDIR/src/lib" -I "$TOP_SRCDIR/include" \
		-o "$T/command.o" "$T/cmd_fingerprint.c" > "$T/log" 2>&1 || fail "$(cat "$T/log")"
	nm -u "$T/command.o" | awk '{ print $2 }' | grep -E '^(options|report|inputs|ca)_' > "$T/called"
	[ "$(wc -l < "$T/called")" -ge 6 ]
	while read -r symbol; do
		grep -rqE "[ *]$symbol\(" "$TOP_SRCDIR/src" --include='*.c' || fail "there is no $symbol"
	done < "$T/called"
}

@test "the files that a new command is to be named in name the commands" {
	local file
	for file in src/cli/cmd.h src/cli/main.c src/cli/local.mk completion/caproof man/caproof.1; do
		grep -qF "\`$file\`" "$TOP_SRCDIR/docs/adding-a-command.md" || fail "$file is not named"
		grep -q 'ca.cert' "$TOP_SRCDIR/$file" || fail "$file does not name the commands"
	done
}
