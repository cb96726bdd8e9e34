#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual page, --help, completion, README, CHANGELOG and the source say the same.
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

# Options as the completion writes them, LETTER/NAME and '=' before a value: of a help page on
# standard input, and of the option tables in files of the source.
help_options() {
	sed -nE -e '/^$/q' -e 's/^  (-(.),|   ) --([a-z0-9-]+)(=?).*/\2\/\3\4/p' | sed 's/^\///'
}

table_options() {
	sed -nE -e "s/^(OPTION\([A-Z0-9_]+,|\t(\[[A-Z0-9_]+\] = )?\{) \"([a-z0-9-]+)\", (0|'(.)'), (NULL|\").*/\5\/\3 \6/p" "$@" |
		sed -e 's/^\///' -e 's/ NULL$//' -e 's/ "$/=/'
}

# tables COMMAND: the files that its options are in.
tables() {
	name=$(echo "$1" | tr ' -' '__')
	[ ! -f "src/cli/${name}_options.def" ] || echo "src/cli/${name}_options.def"
	case $1 in 'ceremony '*) ;; *) return ;; esac
	echo "src/cli/$name.c"
	sed -n 's/^#include "\(ceremony_person_options.def\)"/src\/cli\/\1/p' "src/cli/$name.c" | sort -u
}

# completed FUNCTION ARGUMENT...: what a function of the completion says, a word a line.
completed() {
	# shellcheck disable=SC2016 # bash's own
	bash -c 'complete() { :; }; . completion/caproof; "$@"' bash "$@" | tr ' ' '\n' | grep .
}

# explained COMMAND NAME: what --help says of an option, a word a line.
explained() {
	# shellcheck disable=SC2086
	"$tool" $1 --help | awk -v name="--$2" '
	/^  (-.,|   ) --/ { on = index($0 "=", " " name "=") || index($0, " " name " ") }
	NF == 0 { on = 0 }
	on' | tr -s ' ,;:()' '\n'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

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

plan 14
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
nothing "the option tables are what --help names" "$(echo "$commands" | while read -r command; do
	# shellcheck disable=SC2046,SC2086 # lists of names
	[ "$(table_options $(tables "$command") | sort)" = "$("$tool" $command --help | help_options | sort)" ] ||
		echo "$command: $(tables "$command" | tr '\n' ' ')"
done)"
same "completion knows the commands and phases that there are" \
	"--help" "$first $phases" completion \
	"$(completed _caproof_commands '') $(completed _caproof_commands ceremony | sed 's/^/ceremony /')"
nothing "completion and --help name the same options" "$(echo "$commands" | while read -r command; do
	# shellcheck disable=SC2086
	"$tool" $command --help | help_options | sort >"$scratch/helped"
	completed _caproof_options "$command" | sort | diff "$scratch/helped" - >"$scratch/diff" ||
		sed "s/^/$command: /" "$scratch/diff"
done)"
# FILE, URI ... are kinds of values; a HASH, a TIME or a CODE is somebody's own.
nothing "completion helps with every value that is of a kind, or one of a few" "$(
	echo "$commands" | while read -r command; do
		# shellcheck disable=SC2086
		"$tool" $command --help |
			sed -nE 's/^.* --([a-z-]+)=(FILE|URI|DIR|PATH|NAME|SOURCE|FORM|TYPE|WORD|ROLE)[| ].*/\1/p' |
			while read -r name; do
				[ -n "$(completed _caproof_value "$command" "$name")" ] || echo "$command --$name"
			done
	done
)"
nothing "the values that completion offers are in --help" "$(echo "$commands" | while read -r command; do
	for name in $(completed _caproof_options "$command" | sed -n 's/^\(.\/\)\{0,1\}\(.*\)=$/\2/p'); do
		explained "$command" "$name" >"$scratch/words"
		[ -s "$scratch/words" ] || echo "$command --$name: --help does not explain it"
		for value in $(completed _caproof_value "$command" "$name" | grep '|' | tr '|' ' '); do
			grep -qxe "$value" "$scratch/words" || echo "$command --$name: $value"
		done
	done
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
