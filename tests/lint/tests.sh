#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A test that can pass by not running is not a test.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

# dodges FILE...: places where a test leaves itself out.
dodges() {
	grep -nE '(^|[^A-Za-z_])sk[i]p([[:space:]]|\(|$)|exit 7[7]|# *(SK[I]P|TO[D]O)' "$@"
}

# unplanned FILE...: scripts that do not state their plan.
unplanned() {
	grep -LE '^[[:space:]]*plan [0-9]+$' "$@"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'sk%s "no token"\n' ip >"$scratch/leaves.bats"
echo 'result 0 "fine"' >"$scratch/planless.sh"

tests=$(find tests/ceremony tests/docs tests/unit tests/cli tests/token tests/fault tests/fuzz tests/lint -type f \
	\( -name '*.c' -o -name '*.bats' -o -name '*.sh' -o -name '*.bash' \))
plan 5
nothing "a test that leaves itself out is found" \
	"$(dodges "$scratch/leaves.bats" | grep -q . || echo missed)"
nothing "a script without a plan is found" \
	"$(unplanned "$scratch/planless.sh" | grep -q . || echo missed)"
# shellcheck disable=SC2086 # a list of names
nothing "no test leaves itself out" "$(dodges $tests)"
nothing "every script states its plan" "$(unplanned tests/lint/*.sh)"
nothing "every unit test and every bats file holds a test" "$(
	find tests -name '*.bats' -exec grep -L '^@test ' {} +
	find tests/unit -name 'test_*.c' -exec grep -L 'cmocka_run_group_tests' {} +
)"
