#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A function that outgrows its bound is two jobs; a file that does is two files.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

# functions MOST FILE...: those over MOST lines, from the line with the name to the
# closing brace.  Relies on the house style: what is outside of functions, and the
# closing brace of a function, start in the first column.
functions() {
	most=$1
	shift
	awk -v most="$most" '
	FNR == 1 { start = body = 0 }
	!body && !start && /^[A-Za-z_][^=]*\(/ { start = FNR; name = $0 }
	!body && /^[^#].*;[ \t]*$/ { start = 0 }
	!body && /=[ \t]*\{[ \t]*$/ { start = 0 }
	start && !body && /\{[ \t]*$/ { body = 1 }
	/^\}/ {
		if (body && FNR - start + 1 > most)
			print FILENAME ": " FNR - start + 1 " lines: " name
		start = body = 0
	}' "$@"
}

# lines FILE...: files over 400 lines.
lines() {
	wc -l "$@" | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
{
	echo 'static int long_one(int a,'
	echo '	int b)'
	echo '{'
	yes '	a += b;' | head -n 57
	echo '}'
} >"$scratch/61.c"
sed '5d' "$scratch/61.c" >"$scratch/60.c"
sed -e '3d' -e '2s/$/ {/' "$scratch/61.c" >"$scratch/60-other-brace.c"
yes '/* */' | head -n 401 >"$scratch/401.c"

lib=$(find src/lib src/api include -name '*.[ch]')
cli=$(find src/cli -name '*.[ch]')
plan 7
nothing "the rule finds a function of 61 lines" \
	"$(functions 60 "$scratch/61.c" | grep -q '61 lines: static int long_one' || echo missed)"
nothing "the rule finds one with its brace on the line of its name" \
	"$(functions 59 "$scratch/60-other-brace.c" | grep -q '60 lines' || echo missed)"
nothing "the rule lets one of 60 be" "$(functions 60 "$scratch/60.c")"
nothing "the rule finds a file of 401 lines" "$(lines "$scratch/401.c" | grep -q 401 || echo missed)"
# shellcheck disable=SC2086 # lists of names
{
	nothing "no function of the library is over 60 lines" "$(functions 60 $lib)"
	nothing "no function of the tool is over 80 lines" "$(functions 80 ${cli:?})"
	nothing "no file is over 400 lines" "$(lines $lib $cli)"
}
