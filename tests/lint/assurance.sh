#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What docs/assurance.md names is there, and the mutants are of the code as it is and
# have their line in docs/mutants.md.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

# amiss FILE: files, functions and tests that FILE names and that are not there.  A
# function stands behind its file as `name()`, a test as *its name*.
# shellcheck disable=SC2016 # backquotes of Markdown
amiss() {
	grep -oE '`[^`]+`|\*[^*|`]+\*' "$1" | while read -r named; do
		name=${named#?} name=${name%?}
		case $named in
		'`'*'()`')
			grep -qE "(^|[^A-Za-z0-9_])${name%()}[()]" "$file" || echo "$file: no ${name}"
			;;
		'`'*)
			case $name in
			src/* | tests/* | scripts/* | configure.ac)
				file=$name
				[ -f "$file" ] || echo "there is no $file"
				;;
			esac
			;;
		*) grep -qF "\"$name\"" "$file" || echo "$file: no test '$name'" ;;
		esac
	done
}

# stale FILE: mutants whose line is not once in their file, or whose tests are gone.
stale() {
	awk '
	/^\[/ { name = substr($1, 2, length($1) - 2) }
	/^file / { path = $2 }
	/^- / {
		wanted = substr($0, 3); found = 0
		while ((getline line < path) > 0) { sub(/^[ \t]+/, "", line); found += line == wanted }
		close(path)
		if (found != 1) print name ": " found " times in " path ": " wanted
	}
	/^by unit / { test = "tests/unit/" $3 ".c" }
	/^by bats / { test = $3 }
	/^by / { if ((getline line < test) < 0) print name ": there is no " test; close(test) }' "$1"
}

names() {
	sed -n 's/^\[\([a-z0-9-]*\)\].*/\1/p' "$1" | sort
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck disable=SC2016
printf '%s\n' '| `src/cli/main.c` `none()` | `tests/cli/pin.bats` *no such test* | `src/gone.c` |' \
	>"$scratch/page.md"
printf '%s\n' '[x] a' 'file src/cli/main.c' '- int i = 0;' '+ int i;' 'by unit gone' >"$scratch/list"

plan 5
nothing "what is not there is found" \
	"$([ "$(amiss "$scratch/page.md" | grep -c .)" = 3 ] || echo missed)"
nothing "every file, function and test that the assurance names is there" \
	"$(amiss docs/assurance.md)"
nothing "a mutant of other code is found" \
	"$([ "$(stale "$scratch/list" | grep -c .)" = 2 ] || echo missed)"
nothing "every mutant's line is in its file, once, and its tests are there" \
	"$(stale tests/mutants.txt)"
# shellcheck disable=SC2016
same "docs/mutants.md has every mutant" \
	list "$(names tests/mutants.txt)" \
	docs "$(sed -n 's/^| `\([a-z0-9-]*\)` |.*/\1/p' docs/mutants.md | sort -u)"
