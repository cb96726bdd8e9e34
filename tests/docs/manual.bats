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

@test "the id of an error, as docs/troubleshooting.md asks for it" {
	make_ca p256
	cp "$FIXTURES/p256.pem" "$OUT/rootCA.pem"
	export CAPROOF_MODULE=$T/no-module.so
	blocks "$TOP_SRCDIR/docs/troubleshooting.md" > "$T/script"
	run_document "$T/script"
	assert_status 4
	[ "$(cat "$STDOUT")" = module.load ]
}
