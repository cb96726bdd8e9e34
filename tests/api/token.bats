#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# libcaproof on a token: what its callbacks are told, that no PIN is tried twice, that
# objects may be freed in any order, and how each failure is called.

load ../cli/helper

setup() {
	common_setup
	CAPROOF=$TOP_BUILDDIR/tests/api/drive
	unset CAPROOF_MODULE
	folder=$CAPROOF_PLATFORMS
	export CAPROOF_PLATFORMS=/nowhere
}

# drive CODE PLATFORM [WORD...]
drive() {
	local code=$1 platform=$2
	shift 2
	run_caproof "$CA" "$code" "$platform" "$folder" "$SHIM" "$@"
}

@test "a proof, the stages in order, and what the callback is told" {
	use_ca p256 rootCA 01
	drive Code123 generic "pin=$PIN" out=proof.pem
	assert_status 0
	grep "^stage" "$STDOUT" > "$T/stages"
	printf "stage: %s\n" 0 1 2 3 4 | diff - "$T/stages"
	grep -qE "^asked: token=$TOKEN serial=[0-9a-f]+ key=rootCA few=0 final=0 pad=0 size=1024$" "$STDOUT"
	assert_proof proof.pem Code123
	[ ! -s "$STDERR" ]
}
