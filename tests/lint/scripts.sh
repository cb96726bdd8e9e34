#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The scripts, by shellcheck; the manual pages, by mandoc.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck disable=SC2016 # it is the mistake that is meant
printf '#!/bin/sh\nrm -rf $1/x\n' >"$scratch/bad"
printf '.Dd today\n.Dt X 1\n.Os\n.Sh NAME\n.Nope\n' >"$scratch/bad.1"

scripts=$(find autogen.sh completion debian/tests scripts .ci tests/ceremony tests/docs tests/fuzz tests/lint tests/support -type f \
	! -name '*.[ch]' ! -name '*.py' ! -name '*.def' ! -name '*.supp' ! -name '*.bats' \
	-exec grep -lE '^#!.*sh|^# shellcheck shell=' {} + | sort)
plan 6
nothing "shellcheck finds a mistake" "$(shellcheck "$scratch/bad" | grep -q SC2086 || echo missed)"
# shellcheck disable=SC2086 # a list of names
nothing "shellcheck has no remark on the scripts" \
	"$(shellcheck -f gcc -e SC1091 ${scripts:?} 2>&1)"
nothing "shellcheck has no remark on the bats files" \
	"$(find tests -name '*.bats' -exec shellcheck -s bats -S warning -e SC1091,SC2030,SC2031,SC2034,SC2054,SC2154 -f gcc {} + 2>&1)"
nothing "scripts can be run" "$(find scripts .ci autogen.sh debian/rules debian/tests -type f ! -name '*.jq' ! -name control ! -name token.sh ! -perm -100)"
nothing "mandoc finds a mistake" "$(mandoc -Tlint "$scratch/bad.1" | grep -q Nope || echo missed)"
nothing "mandoc has no remark on the manual pages" \
	"$(mandoc -Tlint -Wwarning man/*.[1-9] 2>/dev/null)"
