#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A link of README or docs leads to a file of the tree, and to a heading that is in it.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

# anchors FILE: its headings, as they are linked to.
anchors() {
	sed -n 's/^##* *//p' "$1" | tr 'A-Z ' 'a-z-' | tr -d -c 'a-z0-9_\n-'
}

# astray FILE...: links that lead nowhere.
astray() {
	for file in "$@"; do
		grep -oE '\]\([^)]*\)' "$file" | sed 's/^](//; s/)$//' | grep -vE '^https?:' |
			while read -r link; do
				target=${link%%#*}
				[ -z "$target" ] && target=$file || target=$(dirname "$file")/$target
				[ -e "$target" ] || { echo "$file: $link"; continue; }
				case $link in
				*#*) anchors "$target" | grep -qx -e "${link#*#}" || echo "$file: $link" ;;
				esac
			done
	done
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '%s\n' '# A b' '[x](#a-b) [y](#c) [z](gone.md)' >"$scratch/page.md"
plan 3
same "a link that leads nowhere is found" \
	found "$(astray "$scratch/page.md")" \
	there "$(printf '%s: %s\n' "$scratch/page.md" '#c' "$scratch/page.md" gone.md)"
# shellcheck disable=SC2046 # a list of names
nothing "no link leads astray" "$(astray README.md CONTRIBUTING.md SECURITY.md $(find docs -name '*.md' | sort))"
# A page that nothing leads to is not read.
# shellcheck disable=SC2046 # a list of names
nothing "every document is linked to" "$(find docs -type f ! -name local.mk | sort | while read -r file; do
	grep -qE "\\]\\(([a-z./-]*/)?$(basename "$file")(#[^)]*)?\\)" README.md $(find docs -name '*.md' ! -path "$file") ||
		echo "$file"
done)"
