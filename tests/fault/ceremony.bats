#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Ceremonies while everything fails in turn: each Cryptoki call of a run and of an approval, and
# memory in each phase.  Whatever failed, the run says so, and the next one goes on to a record
# that both seal and verify take: nothing is signed twice without being asked for.
#
# As in memory.bats only the first allocation of each chain of calls fails, and each 11th of those;
# fewer where the tool is built with sanitizers.

load ../cli/helper
load ../ceremony/ceremony
load swept

setup() {
	common_setup
	export ALLOW_FILES=1 CAPROOF_FAILALLOC_NAME=${CAPROOF##*/}
	FAILALLOC=$SUPPORT/.libs/failalloc.so
	CHOICE=(-p -s 11)
}

# A small ceremony, approved: one item, one officer, the operator's seal.
small() {
	use_ca p256
	make_policy '.approve.threshold = 1 | .seal = {operator: 1}'
	printf '%s\n' code,platform Code-1,generic > "$OUT/list.csv"
	plan_it
	[ "${1:-}" = unapproved ] || approve_by alice
	cp -a "$C" "$T/planned"
	words=$(confirmed)
}

# tool COMMAND AFTERWARDS: $T/tool runs COMMAND on a fresh copy of the ceremony, with the fault,
# then AFTERWARDS without it, where $status is that of COMMAND and `broken WHY` ends it.
tool() {
	cat > "$T/tool" <<-EOF
		#!/bin/bash
		broken() {
			echo "caproof: broken: \$* \$(cat "$T/after.err")" >&2
			exit 99
		}
		quiet() { "$CAPROOF" ceremony "\$@" > "$T/after.err" 2>&1; }
		cd "$OUT" || exit 99
		rm -rf c c.rehearsal page.html planned
		cp -a "$T/planned" c
		status=0
		: > "$T/after.err"
		"$CAPROOF" ceremony $1 > "$T/tool.out" 2> "$T/tool.err" || status=\$?
		unset LD_PRELOAD CAPROOF_FAILALLOC CAPROOF_SHIM_RULES
		export CAPROOF_SHIM_LOG=$T/after.calls
		$2
		grep -E '^caproof: |^virtual memory exhausted' "$T/tool.err" | grep -v '^caproof: warning' | tail -n 1 >&2
		[ \$status -ne 0 ] || exit 0
		exit \$status
	EOF
	chmod +x "$T/tool"
}

# Goes on with a run until it is done, with a retry where one is asked for, seals, verifies.
go_on() {
	cat <<-EOF
		run() { quiet run c -m "$SHIM" --policy-sha256 $POLICY --confirm '$words' --pin "file:$PIN_FILE" "\$@"; }
		[ ! -e c/certs/0000.pem ] || openssl verify -partial_chain -CAfile "$CA" c/certs/0000.pem > "$T/after.err" 2>&1 ||
			broken 'a certificate that is none'
		[ \$status -ne 0 ] || [ -e c/certs/0000.pem ] || broken 'done, and nothing is there'
		if [ \$status -ne 0 ] && ! run; then
			grep -q 'may have signed item 0 already' "$T/after.err" || broken 'it does not go on'
			[ ! -e c/certs/0000.pem ] || broken 'written and called indeterminate'
			run --retry 0 --reason 'the test' || broken 'no retry'
		fi
		quiet seal c --role operator --cert c/roster/oscar.pem --key-file "$(key_of oscar)" || broken 'no seal'
		quiet verify c --policy-sha256 $POLICY --ca "$CA" || broken 'it does not verify'
	EOF
}

run_arguments() {
	echo "run c -m '$SHIM' --policy-sha256 $POLICY --confirm '$words' --pin 'file:$PIN_FILE'"
}

with_sanitizers() {
	grep -q __asan_init "$CAPROOF" || return 0
	CHOICE=(-p -s 67)
	export ASAN_OPTIONS=detect_leaks=1:exitcode=99:verify_asan_link_order=0:fast_unwind_on_malloc=0:malloc_context_size=60
	export LSAN_OPTIONS=suppressions=$TOP_SRCDIR/tests/support/lsan-memory.supp:print_suppressions=0
}

without_memory() {
	with_sanitizers
	[ -z "${CAPROOF_SWEEP_STRIDE:-}" ] || CHOICE=(-s "$CAPROOF_SWEEP_STRIDE")
	swept -a "$FAILALLOC" "${CHOICE[@]}" -- "$T/tool"
}

@test "a run, each call of the module" {
	small
	tool "$(run_arguments)" "$(go_on)"
	swept -- "$T/tool"
}

@test "an approval by card, each call of the module: both files or none" {
	small unapproved
	token_new cards
	token_import "$(key_of alice)" alice a1 cards
	tool "approve c --cert c/roster/alice.pem -m '$SHIM' --key pkcs11:token=cards --pin 'file:$PIN_FILE'" \
		'[ $status -eq 0 ] && n=2 || n=0; [ "$(ls c/approvals | wc -l)" -eq $n ] || broken "not both files or none"'
	swept -- "$T/tool"
}

@test "a run without memory" {
	small
	tool "$(run_arguments)" "$(go_on)"
	without_memory
}

@test "a rehearsal without memory: the ceremony stays as it is" {
	small
	tool "run c --rehearse --policy-sha256 $POLICY --confirm '$words'" \
		"diff -r c '$T/planned' > '$T/after.err' 2>&1 || broken 'the ceremony was changed'; $(
			)[ \$status -ne 0 ] || [ -e c.rehearsal/certs/0000.pem ] || broken 'nothing was rehearsed'"
	without_memory
}

@test "planning, showing, approving without memory" {
	small unapproved
	tool "plan list.csv -c '$CA' --policy '$ROOM/policy.json' -o planned" \
		'[ $status -eq 0 ] && [ -e planned/plan.json ] || [ ! -e planned ] || broken "half a plan"'
	without_memory
	tool 'show c' ''
	without_memory
	tool "approve c --cert c/roster/alice.pem --key-file '$(key_of alice)'" \
		'[ $status -eq 0 ] && n=2 || n=0; [ "$(ls c/approvals | wc -l)" -eq $n ] || broken "not both files or none"'
	without_memory
}

@test "sealing, verifying, reporting without memory" {
	small
	run_it
	assert_status 0
	rm -rf "$T/planned"
	cp -a "$C" "$T/planned"
	tool "seal c --role operator --cert c/roster/oscar.pem --key-file '$(key_of oscar)'" \
		"[ \$status -eq 0 ] || quiet seal c --role operator --cert c/roster/oscar.pem --key-file '$(key_of oscar)' || broken 'no second seal'
		quiet verify c --policy-sha256 $POLICY --ca '$CA' || broken 'it does not verify'"
	without_memory
	rm -rf "$C"
	cp -a "$T/planned" "$C"
	quietly ceremony seal c --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	rm -rf "$T/planned"
	cp -a "$C" "$T/planned"
	tool "verify c --policy-sha256 $POLICY --ca '$CA'" ''
	without_memory
	tool "report c -o page.html --policy-sha256 $POLICY -c '$CA'" \
		'[ $status -eq 0 ] && grep -q "</html>" page.html || [ ! -e page.html ] || broken "half a page"'
	without_memory
}
