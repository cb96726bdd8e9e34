#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The table of docs/ceremony-audit.md: each test that it names is there, and each field is in a
# bundle that the tool made.

load ../cli/helper
load docs
load procedure

TABLE=$TOP_SRCDIR/docs/ceremony-audit.md

# named_tests FILE: FILE.bats and the test's name, a tab between.
named_tests() {
	grep -oE '`[a-z_]+\.bats`: "[^"]+"' "$1" | sed -E 's/^`([^`]*)`: "(.*)"$/\1\t\2/' | sort -u
}

# missing_tests FILE
missing_tests() {
	local file name
	while IFS=$'\t' read -r file name; do
		grep -qF "@test \"$name\" {" "$TOP_SRCDIR/tests/ceremony/$file" || echo "$file: $name"
	done < <(named_tests "$1")
}

# named_fields FILE: what stands between backticks in the third column.
named_fields() {
	awk -F ' [|] ' '/^\| / { print $3 }' "$1" | grep -oE '`[^`]+`' | tr -d '`' | sort -u
}

# missing_fields FILE: those that are not in $OUT/c1, nor in the manual page's list of files.
missing_fields() {
	local file path event field
	while read -r field; do
		read -r file event path <<< "$field"
		case $field in
		'transcript.jsonl '*)
			jq -es "map(select(.event == \"$event\") | $path) | any(. != null)" "$OUT/c1/$file" ;;
		*' .'*)
			jq -es "map($event) | any(. != null)" "$OUT/c1/$file" ;;
		*)
			sed -n '/^\.Sh FILES/,/^\.Ss/p' "$TOP_SRCDIR/man/caproof-ceremony.7" | grep -qF "$file" ;;
		esac > "$T/jq" 2>&1 || echo "$field"
	done < <(named_fields "$1")
}

@test "every test that is named is there" {
	printf '%s\n' '| a | b | `x` | `gates.bats`: "no such test" |' > "$T/bad"
	[ "$(missing_tests "$T/bad")" = 'gates.bats: no such test' ]
	[ "$(named_tests "$TABLE" | wc -l)" -gt 20 ]
	[ -z "$(missing_tests "$TABLE")" ] || fail "$(missing_tests "$TABLE")"
}

@test "every field is in a bundle that the tool made" {
	interrupted_ceremony
	printf '%s\n' '| a | b | `plan.json .nothing` `transcript.jsonl login .pin` `nowhere/x` | |' > "$T/bad"
	[ "$(missing_fields "$T/bad" | wc -l)" -eq 3 ]
	[ "$(named_fields "$TABLE" | wc -l)" -gt 40 ]
	[ -z "$(missing_fields "$TABLE")" ] || fail "$(missing_fields "$TABLE")"
}

@test "every row says how far it is answered" {
	awk -F ' [|] ' '/^\| / && !/^\| requirement/ && $2 !~ /^\*\*(yes|part|nothing)\*\*/ { print }' "$TABLE" > "$T/rows"
	[ ! -s "$T/rows" ] || fail "$(cat "$T/rows")"
}
