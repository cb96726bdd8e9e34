#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The examples of caproof(1), run as they are printed.

load ../cli/helper
load docs

@test "the examples of caproof(1)" {
	TOKEN='Ceremony 2026'
	use_ca rsa2048
	cp "$CA" "$OUT/rootCA.pem"
	cp "$PIN_FILE" "$OUT/pin.txt"
	echo 7f3a9c51e2d04b68 > "$OUT/code.txt"
	export CAPROOF_MODULE=$SOFTHSM
	examples "$TOP_SRCDIR/man/caproof.1" > "$T/examples"
	grep -q '^caproof verify' "$T/examples"
	assert_document "$T/examples"
	assert_file proof.pem
	assert_file verification.pem
	assert_stderr_has 'signed'
}
