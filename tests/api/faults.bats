#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A program with libcaproof while everything fails in turn: each call of the module in each
# way, and allocations, the library's and those of what it stands on.  Unlike the tool the
# library does not watch OpenSSL's allocations, which are the process's: so a lack of memory
# may be called a damaged input.  It never makes a proof that is none, never dies of it and
# loses nothing.

load ../cli/helper
load ../fault/swept

setup() {
	common_setup
	DRIVE=$TOP_BUILDDIR/tests/api/.libs/drive
	[ -x "$DRIVE" ] || DRIVE=$TOP_BUILDDIR/tests/api/drive
	FAILALLOC=$SUPPORT/.libs/failalloc.so
	export LD_LIBRARY_PATH=$TOP_BUILDDIR/.libs CAPROOF_FAILALLOC_NAME=${DRIVE##*/}
}

@test "each call of the module fails in each way" {
	use_ca p256
	swept -o "$OUT/proof.pem" -c "$(proof_check p256)" -- "$DRIVE" "$CA" Code123 generic \
		"$CAPROOF_PLATFORMS" "$SHIM" "pin=$PIN" "out=$OUT/proof.pem"
}

# The number of each allocation that is the first on its chain of calls.
chains() {
	CAPROOF_FAILALLOC=paths CAPROOF_FAILALLOC_LOG=$T/chains LD_PRELOAD=$FAILALLOC "$@" > "$T/good"
	grep -E '^[0-9]+$' "$T/chains"
}

@test "allocations fail: no crash, no leak, no bad proof" {
	local stride=7 n runs=0 failures=0 status
	if grep -q __asan_init "$DRIVE"; then
		stride=41
		export ASAN_OPTIONS=detect_leaks=1:exitcode=99:verify_asan_link_order=0:fast_unwind_on_malloc=0:malloc_context_size=60
		export LSAN_OPTIONS=suppressions=$TOP_SRCDIR/tests/support/lsan-memory.supp:print_suppressions=0
	fi
	stride=${CAPROOF_SWEEP_STRIDE:-$stride}
	use_ca p256
	local command=("$DRIVE" "$CA" Code123 generic "$CAPROOF_PLATFORMS" "$SHIM" "pin=$PIN" "out=$OUT/proof.pem")
	chains "${command[@]}" | awk -v stride=$stride 'NR % stride == 1' > "$T/chosen"
	while read -r n; do
		rm -f "$OUT/proof.pem"
		status=0
		CAPROOF_FAILALLOC=$n CAPROOF_FAILALLOC_LOG=$T/log LD_PRELOAD=$FAILALLOC timeout 60 \
			"${command[@]}" > "$STDOUT" 2> "$STDERR" < /dev/null || status=$?
		runs=$((runs + 1))
		case $status in
		0) openssl verify -x509_strict -CAfile "$CA" "$OUT/proof.pem" > "$T/verify.log" ;;
		1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 98)
			failures=$((failures + 1))
			assert_no_file proof.pem
			;;
		*) fail "allocation $n: status $status" ;;
		esac
	done < "$T/chosen"
	echo "# $runs allocations, $failures of them fatal" >&3
	[ "$runs" -gt 20 ]
	[ "$failures" -gt 10 ]
}
