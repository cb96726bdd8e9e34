#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What holds for every file of the tree: it is built and distributed, says whose it
# is, and speaks of nothing but this project.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

fragments=$(find . -path ./build -prune -o -name 'caproof-*' -prune -o \
	\( -name local.mk -o -name Makefile.am \) -print)

# unlisted FILE...: those that no Makefile fragment names.
unlisted() {
	for file in "$@"; do
		# shellcheck disable=SC2086 # a list of names
		grep -qE "(^|[[:space:]])${file%.c}(\.c)?([[:space:]]|\$)" $fragments || echo "$file"
	done
}

# nameless FILE...: those whose first two lines do not name the licence.
nameless() {
	for file in "$@"; do
		sed -n '1,2p' "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' || echo "$file"
	done
}

sources=$(find src include examples tests \( -name '*.[ch]' -o -name '*.def' \) | sort)
scripts=$(find autogen.sh completion/caproof debian/rules debian/tests scripts .ci tests -type f \
	\( -path 'completion/*' -o -path debian/rules -o -path debian/tests/library -o -path debian/tests/proof -o -path debian/tests/token.sh -o -path 'scripts/*' -o -path '.ci/*' -o -name '*.sh' -o -name '*.bats' -o -name '*.bash' \) | sort)
data=$(find platforms man docs tests/fuzz -name '*.json' -o -name '*.[1-9]' -o -name '*.md' -o -name '*.svg' -o -path '*/found/*' -type f | sort)
# What dpkg-buildpackage makes there is left out.
packaging=$(find debian/changelog debian/co[np]* debian/source debian/tests -type f | sort
	find debian -maxdepth 1 -name '*.docs' -o -maxdepth 1 -name '*.install' -o -maxdepth 1 -name '*.symbols')
texts='README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md Makefile.am configure.ac m4/caproof.m4'
manuals=$(find man -name '*.[1-9]')

# A folder's name in front of a path, not in the middle of one.
edge="(^|[[:space:]\"'=(:\`])"
home='/(home|Users|root)/[A-Za-z0-9_.-]+/'

# shellcheck disable=SC2086 # lists of names
{
	plan 9
	nothing "a file that no fragment names is found" \
		"$(unlisted src/lib/base/never.c | grep -q never || echo missed)"
	nothing "every source, test and script is in a Makefile fragment" \
		"$(unlisted $sources $scripts $data $packaging)"
	nothing "a file without a licence line is found" \
		"$(nameless COPYING | grep -q COPYING || echo missed)"
	nothing "every file names its licence" \
		"$(nameless $sources $scripts $fragments configure.ac m4/caproof.m4)"
	nothing "a C file's licence is its first line" "$(for file in $sources; do
		head -n 1 "$file" | grep -q '^/\* SPDX-License-Identifier: Apache-2\.0' || echo "$file"
	done)"
	nothing "a path of somebody's machine is found" \
		"$(echo 'open("/ho''me/me/x")' | grep -qE "$edge$home" || echo missed)"
	nothing "no file knows somebody's machine" \
		"$(grep -nE "$edge($home|$TOP_SRCDIR)" $sources $scripts $data $packaging $texts $manuals $fragments)"
	nothing "no file says that it is unfinished" \
		"$(grep -nE '(TO''DO|FIX''ME|\bX''XX\b|not (yet )?imple''mented|\bst''ub)\b' \
			$sources $scripts $data $packaging $texts $manuals $fragments)"
	nothing "no line is over 100 columns, with a tab as 4" "$(for file in $sources; do
		expand -t 4 "$file" | awk -v file="$file" '
			length($0) > 100 && file !~ /\.def$/ { print file ":" FNR ": " length($0) " columns" }'
	done)"
}
