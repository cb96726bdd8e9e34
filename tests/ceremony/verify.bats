# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
#
# `caproof ceremony verify` accepts every good bundle and refuses every mutation of
# mutations.bash, as scripts/verify-bundle does: the two were written apart from each other.

TOP_SRCDIR=${TOP_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}

setup_file() {
	export LC_ALL=C.UTF-8 CEREMONY=$BATS_FILE_TMPDIR CAPROOF_PLATFORMS=$TOP_SRCDIR/platforms
	. "$BATS_TEST_DIRNAME/bundle.bash"
	ceremony_people "$CEREMONY/keys"
	for kind in $CEREMONY_KINDS; do
		ceremony_make "$CEREMONY/keys" "$CEREMONY/good/$kind" "$kind"
	done
}

setup() {
	. "$BATS_TEST_DIRNAME/bundle.bash"
	. "$BATS_TEST_DIRNAME/mutations.bash"
}

@test "every good bundle is accepted, its outcome first" {
	for kind in $CEREMONY_KINDS; do
		run ceremony_verify "$CEREMONY/good/$kind" "${CAPROOF:?}" ceremony verify
		echo "$kind: $output"
		[ "$status" -eq 0 ]
		case ${lines[0]} in
		'outcome complete' | 'outcome partial' | 'outcome aborted') ;;
		*) false ;;
		esac
	done
}

# Eight and nine are the only answers: a mutation that is a bug of the tool's is none.
refused_all() {
	local names mutation failed='' n=0
	names=$(mutation_list | sed -n "$1")
	for mutation in $names; do
		: $((n += 1))
		mutation_make "$mutation" "$CEREMONY/keys" "$CEREMONY/good" "$BATS_TEST_TMPDIR/$mutation"
		run ceremony_verify "$BATS_TEST_TMPDIR/$mutation" "${CAPROOF:?}" ceremony verify
		if [ "$status" -ne 8 ] && [ "$status" -ne 9 ]; then
			failed="$failed $mutation"
			printf '%s: %s\n%s\n' "$mutation" "$status" "$output"
		fi
		rm -rf "${BATS_TEST_TMPDIR:?}/$mutation"
	done
	[ "$n" -ge 40 ]
	[ -z "$failed" ]
}

@test "the first fifty mutations are refused" { refused_all 1,50p; }
@test "the next fifty mutations are refused" { refused_all 51,100p; }
@test "the others are refused" { refused_all '101,$p'; }
