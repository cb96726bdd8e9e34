# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# TAP for tests in sh.  The plan is stated first, so that a script that ends early,
# or a loop that never runs, is a failure.

tap_count=0

plan() {
	echo "1..$1"
}

# result STATUS DESCRIPTION
result() {
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
	fi
}

# nothing DESCRIPTION TEXT: passes when TEXT, a list of findings, is empty.
nothing() {
	if [ -z "$2" ]; then
		result 0 "$1"
	else
		result 1 "$1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

# same DESCRIPTION NAME LIST NAME LIST: two sorted lists are equal, and not empty.
same() {
	if [ -z "$3" ]; then
		nothing "$1" "$2: nothing was found"
	elif [ "$3" = "$5" ]; then
		result 0 "$1"
	else
		nothing "$1" "$(printf '%s:\n%s\n%s:\n%s\n' "$2" "$3" "$4" "$5")"
	fi
}
