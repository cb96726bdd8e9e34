#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# README: the terminal session that it shows is what the tool says, played again; its commands for
# a token of one's own run, with SoftHSM in the place of the vendor's module.

load ../cli/helper
load docs

README=$TOP_SRCDIR/README.md

# The text of an SVG; numbers that are another one each time, and times, are all alike.
said() {
	sed -n 's/^<text[^>]*>\(.*\)<\/text>$/\1/p' "$1" |
		sed -E 's/[0-9a-f]{64}|[0-9a-f]{32}|serial [0-9a-f]{16}/NUMBER/g; s/[0-9]{4}-[0-9-]*T[0-9:]*Z/TIME/g'
}

@test "the session, played again" {
	"$TOP_SRCDIR/scripts/record-session" "$TOP_BUILDDIR" > "$T/again.svg"
	[ "$(said "$T/again.svg" | wc -l)" -gt 15 ]
	diff <(said "$TOP_SRCDIR/docs/session.svg") <(said "$T/again.svg") >&2 ||
		fail 'README shows something else: scripts/record-session BUILD >docs/session.svg'
	grep -qF '(docs/session.svg)' "$README"
}

@test "its pictures are well-formed, and fetch nothing" {
	local picture
	for picture in session how-it-works; do
		xmllint --noout "$TOP_SRCDIR/docs/$picture.svg"
		grep -qF "(docs/$picture.svg)" "$README"
		refute grep -E 'href|url\(["'\'']?http|<script|<image' "$TOP_SRCDIR/docs/$picture.svg"
	done
}

@test "the commands for a token of one's own" {
	use_ca p256
	cp "$CA" "$OUT/rootCA.pem"
	printf 'code,platform\n3fa9c1,quectel\n77ab02,\n' > "$OUT/codes.csv"
	sed -n '/^## With your own token/,/^### Platforms/p' "$README" > "$T/part.md"
	blocks "$T/part.md" | sed "s|/usr/lib/vendor/libpkcs11.so|$SOFTHSM|" > "$T/commands"
	grep -q '^caproof batch' "$T/commands"
	assert_document "$T/commands"
	assert_proof proof.pem 7f3a9c51e2d04b68
	[ "$(find "$OUT/proofs" -name '*.pem' | wc -l)" -eq 2 ]
}

@test "the comparison: our column, measured again; README has rows of it" {
	local table=$TOP_SRCDIR/docs/comparison.md
	"$TOP_SRCDIR/scripts/compare" "$TOP_BUILDDIR" caproof > "$T/again.md"
	[ "$(grep -c '^| ' "$T/again.md")" -gt 10 ]
	diff <(awk -F '|' '/^[|] / { print $2 "|" $5 }' "$table") \
		<(awk -F '|' '/^[|] / { print $2 "|" $3 }' "$T/again.md") >&2 ||
		fail 'it is another one: scripts/compare BUILD >docs/comparison.md'
	sed -n '/^## How it compares/,/^## What it costs/p' "$README" | grep '^|' > "$T/rows"
	[ "$(wc -l < "$T/rows")" -gt 6 ]
	refute grep -vxFf "$table" "$T/rows"
}
