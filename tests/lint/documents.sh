#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual page, --help, README, CHANGELOG and the source say the same.
. "${TOP_SRCDIR:?}/tests/support/source.sh"
tool=${CAPROOF:?}

# The long options in a text.
options() {
	grep -oE -- '(^|[^A-Za-z0-9_-])--[a-z][a-z0-9-]*' | sed 's/^[^-]*//' | sort -u
}

# manual COMMAND: the options in the command's section of the manual page.
manual() {
	awk -v section=".Ss caproof $1" '
	$0 == section { inside = 1; next }
	/^\.S[sh] / { inside = 0 }
	inside && /^\.It Fl/' man/caproof.1 | sed 's/Fl -/--/g' | options
}

# What stands under "HEADING:" in --help.
listed() {
	awk -v heading="$1:" '$1 == heading { on = 1; next } on && NF == 0 { exit } on { print $1 }'
}

# The phases of a ceremony are commands of two words.
first=$("$tool" --help | listed Commands)
phases=$("$tool" ceremony --help | listed Phases | sed 's/^/ceremony /')
commands=$(printf '%s\n' "$first" "$phases" | grep -vx ceremony)
documented=$(sed -n 's/^\.Ss caproof //p' man/caproof.1)

# In the manual and in README 143 is told apart from 130; for the source both are
# an interruption.
source_codes=$({
	sed -n 's/.*CAPROOF_[A-Z]* = \([0-9]*\).*/\1/p' include/caproof/caproof.h
	echo 143
} | sort -n)
# The table of contents of exit codes: `.It 7` in the manual, `| 7 |` in README.
manual_codes=$(awk '/^\.Sh EXIT STATUS/ { on = 1; next } /^\.Sh/ { on = 0 }
	on && /^\.It/ { print $2 }' man/caproof.1 | sort -n)
readme_codes=$(sed -n '/^## Exit codes/,/^## /s/^| *\([0-9, ]*\) *|.*/\1/p' README.md |
	tr -d ' ' | tr ',' '\n' | grep . | sort -n)

version=$(sed -n 's/^AC_INIT(\[caproof\], \[\(.*\)\]).*/\1/p' configure.ac)

plan 9
same "the manual page has a section for every command" \
	"--help" "$(printf '%s\n' "$first" "$phases" | sort)" "manual" "$(echo "$documented" | sort)"
nothing "the manual page and --help name the same options" "$(
[ -n "$first" ] && [ -n "$phases" ] || echo "--help lists no command, or no phase"
echo "$commands" | while read -r command; do
	# shellcheck disable=SC2086 # a phase is two words
	helped=$("$tool" $command --help | options)
	[ -n "$helped" ] || echo "$command: --help names no option"
	[ "$helped" = "$(manual "$command")" ] ||
		printf '%s --help:\n%s\nmanual:\n%s\n' "$command" "$helped" "$(manual "$command")"
done)"
known=$({
	# shellcheck disable=SC2086
	echo "$commands" | while read -r command; do "$tool" $command --help; done
	echo ' --help --version --prefix'
	sed -n 's/.*AS_HELP_STRING(\[\(--[a-z-]*\).*/ \1/p' configure.ac
} | options)
nothing "README names only options that there are" "$(options <README.md | while read -r option; do
	echo "$known" | grep -qxe "$option" || echo "$option"
done)"
same "the manual page has the exit codes of the source" \
	source "$source_codes" manual "$manual_codes"
same "README has the exit codes of the manual page" \
	manual "$manual_codes" README "$readme_codes"
same "README lists the platforms that there are" \
	platforms "$(find platforms -name '*.json' | sed 's/.*\/\(.*\)\.json/\1/' | sort)" \
	README "$(sed -n '/^### Platforms/,/^### /s/^| [^ a-z]\([a-z0-9-]*\)[^ a-z] |.*/\1/p' README.md | sort)"
same "--version tells the version of configure.ac" \
	configure.ac "$version" tool "$("$tool" --version | sed -n '1s/^caproof //p')"
same "CHANGELOG begins with this version" \
	configure.ac "$version" CHANGELOG \
	"$(sed -n 's/^## \[\([0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)"
nothing "the manual page names every environment variable that is read" "$(
	grep -rhoE 'getenv\("[A-Z_0-9]+"\)' src/cli | sed 's/.*"\(.*\)".*/\1/' | sort -u |
		while read -r name; do grep -q "Ev $name" man/caproof.1 || echo "$name"; done
)"
