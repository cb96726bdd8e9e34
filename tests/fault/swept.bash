# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Runs the sweep and demands that it swept.

SWEEP=$TOP_BUILDDIR/tests/fault/sweep

# The check of a proof by p256 or another CA of make_ca.
proof_check() {
	echo "openssl verify -x509_strict -CAfile '$FIXTURES/$1.pem' '$OUT/proof.pem' > '$T/verify.log' 2>&1"
}

# swept OPTIONS -- COMMAND...: nothing broken, and not nothing done.
swept() {
	"$SWEEP" "$@" > "$T/sweep" 2>&1 || fail "$(tail -n 60 "$T/sweep")"
	grep -qE '^[1-9][0-9]* combinations, 0 broken$' "$T/sweep" || fail "$(tail -n 5 "$T/sweep")"
	sed -n 's/^\(exit \|[0-9]* allocations\|[0-9]* combinations\)/# &/p' "$T/sweep" >&3
}
