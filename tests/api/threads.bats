#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Contexts of libcaproof beside each other.  Under ThreadSanitizer a data race ends the
# program with a status of its own.

load ../cli/helper

@test "two contexts, a module of the program's own, four threads: no session is taken away" {
	use_ca p256
	# Two contexts may ask for tokens at once, which SoftHSM has a race of its own in.
	export TSAN_OPTIONS="${TSAN_OPTIONS-} print_suppressions=0 suppressions=$TOP_SRCDIR/tests/support/tsan.supp"
	timeout -k 5 100 "$TOP_BUILDDIR/tests/api/threads" "$SOFTHSM" "$CA" "$TOP_SRCDIR/platforms" "$PIN" \
		> "$STDOUT" 2> "$STDERR" || fail "status $?"
	[ ! -s "$STDOUT" ]
	[ ! -s "$STDERR" ]
}
