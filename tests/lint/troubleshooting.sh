#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs/troubleshooting.md has a section with a word in it for each way to fail, the exit codes
# and next steps of the source, and no message that the source does not have.
. "${TOP_SRCDIR:?}/tests/support/source.sh"
page=docs/troubleshooting.md

# wordless FILE: the ids of sections in which nobody wrote anything.
wordless() {
	awk '
	function end() { if (id != "" && !words) print id }
	/^### `/ { end(); id = $2; words = generated = 0; next }
	/^## / { end(); id = ""; next }
	/^Exit / { generated = 1; next }
	!NF { generated = 0; next }
	!generated { words = 1 }
	END { end() }' "$1"
}

# The strings of the source, each on one line as the compiler joins them.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
find src \( -name '*.c' -o -name '*.def' \) -exec cat {} + | tr '\n' ' ' |
	sed -E 's/"[[:space:]]*"//g' >"$scratch/strings"

# unsaid FILE: pieces of messages, between “ and ”, that are nowhere in the source.
unsaid() {
	tr '\n' ' ' <"$1" | grep -oE '“[^”]*”' | sed -e 's/^“//; s/”$//' -e 's/…/\n/g' |
		while read -r piece; do
			grep -qF -e "$piece" "$scratch/strings" || echo "$piece"
		done
}

plan 7
# shellcheck disable=SC2016 # Markdown has backticks
printf '### `a`\nExit 1.\n\n### `b`\nExit 2. Next step: c\nd.\n\nWords.\n\n' >"$scratch/page"
# shellcheck disable=SC2016
same "a section without a word is found" found "$(wordless "$scratch/page")" there '`a`'
nothing "every section has a word" "$(wordless "$page")"
printf 'It says “the sky is\ngreen”, or “the PIN is wrong”.\n' >"$scratch/page"
same "a message that nobody says is found" found "$(unsaid "$scratch/page")" there 'the sky is green'
nothing "every message is in the source" "$(unsaid "$page")"
nothing "exit codes, next steps and return values are those of the source" \
	"$(scripts/troubleshooting | diff - "$page" | head -n 20)"
same "every error has its section" \
	errors.def "$(grep -c '^ERROR(' src/lib/base/errors.def)" page "$(grep -c '^### ' "$page")"
same "every return value has its row" \
	ckr.def "$(grep -c '^CKR(' src/lib/token/ckr.def)" page "$(grep -c '^| CKR_' "$page")"
