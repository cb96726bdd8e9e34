#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Ceremonies that something stopped: killed at each record, damaged signatures, tokens that go
# away, wrong PINs, full disks.  What was written stays, what may have been signed is said.

load ../cli/helper
load ceremony

# assert_settled: sealed, both verifiers content, and the outcome that is given.
assert_settled() {
	seal_it
	verify_it
	assert_status 0
	[ "$(head -n 1 "$STDOUT")" = "outcome $1" ] || fail "not $1: $(head -n 1 "$STDOUT")"
}

# killed_after N: a run that is killed while its N-th record goes to the disk.
killed_after() {
	RUN_WITH=(env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$T/strace" -e trace=fdatasync
		-e "inject=fdatasync:signal=KILL:when=$1")
	run_it
	RUN_WITH=()
	assert_status 137
	[ "$(wc -l < "$C/transcript.jsonl")" -eq "$1" ] || fail "killed elsewhere than at record $1"
}

# The item that a run refuses to go on with.
indeterminate_item() {
	sed -n 's/.*may have signed item \([0-9]*\) already.*/\1/p' "$STDERR"
}

# go_on: run until everything is written, with one retry where one is asked for.
go_on() {
	local item
	run_it
	if [ "$status" -eq 9 ]; then
		item=$(indeterminate_item)
		[ -n "$item" ] || fail 'it does not say which item is indeterminate'
		assert_calls C_Login 0
		[ "$(events "select(.index == $item) | .event" | tail -n 1)" != written ] ||
			fail "item $item is written and called indeterminate"
		run_it --retry "$item" --reason 'the power failed'
	fi
	assert_status 0
}

# at_each_record FIRST STEP: killed at every STEP-th record; some of them are torn as well.
at_each_record() {
	local i records n=0
	ready
	cp -a "$C" "$T/planned"
	run_it
	assert_status 0
	records=$(wc -l < "$C/transcript.jsonl")
	for ((i = $1; i < records; i += $2)); do
		rm -rf "$C"
		cp -a "$T/planned" "$C"
		killed_after "$i"
		[ $((i % 2)) -eq 0 ] || truncate -s -9 "$C/transcript.jsonl"
		go_on
		assert_chain
		assert_results
		assert_settled complete
		: $((n += 1))
	done
	[ "$n" -ge 9 ] || fail "killed $n times only"
}

@test "killed at each record, then continued: the first of three" {
	at_each_record 1 3
}

@test "killed at each record, then continued: the second of three" {
	at_each_record 2 3
}

@test "killed at each record, then continued: the third of three" {
	at_each_record 3 3
}

@test "kill -9 while the token signs: that item is indeterminate, and no other" {
	ready
	export CAPROOF_SHIM_RULES='C_Sign#3=kill:9'
	run_it
	assert_status 137
	assert_last_event sign.intent
	export CAPROOF_SHIM_RULES=
	run_caproof ceremony seal c --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	assert_fails 9 'in the middle of a run'
	run_it
	PASSED=1 assert_shut indeterminate 'item 2'
	cp -a "$C" "$T/refused"
	assert_settled partial
	[ "$(jq -c .unresolved "$C/seal.json")" = '[2]' ]
	assert_stdout_has 'item 2: indeterminate'
	rm -rf "$C"
	cp -a "$T/refused" "$C"
	run_it --retry 3 --reason 'the wrong one'
	PASSED=1 assert_shut indeterminate 'item 2'
	run_it --retry 2 --reason 'the machine was switched off'
	assert_status 0
	assert_calls C_Sign 3
	assert_settled complete
}

@test "a damaged signature: exit 8, its octets in attach/, and the run stops" {
	local how
	use_ca p256
	plan_it
	approve_by alice bob
	cp -a "$C" "$T/planned"
	for how in corrupt zero; do
		rm -rf "$C"
		cp -a "$T/planned" "$C"
		export CAPROOF_SHIM_RULES="C_Sign#2=$how"
		run_it
		assert_fails 8 'item 1 does not verify'
		assert_calls C_Sign 2
		assert_last_event abort
		[ -s "$C/attach/wrong-signature-0001-1" ] || fail 'its octets are not kept'
		assert_no_file c/certs/0001.pem
		assert_chain
		export CAPROOF_SHIM_RULES=
	done
	assert_settled partial
}

@test "the token goes away: exit 4, the failure in the record, --retry goes on" {
	ready
	export CAPROOF_SHIM_RULES='C_Sign#4=CKR_DEVICE_REMOVED'
	run_it
	assert_fails 4
	assert_last_event abort
	[ "$(events 'select(.event == "sign.result").result' | tail -n 1)" = failed ]
	export CAPROOF_SHIM_RULES=
	go_on
	assert_settled complete
}

@test "a wrong PIN is in the record, and was tried once" {
	ready
	printf 'wrong-1\n' > "$T/wrong"
	PIN_IN=$T/wrong run_it
	assert_fails 5
	assert_calls C_Login 1
	[ "$(events 'select(.event == "login").result')" = pin.incorrect ]
	assert_last_event abort
	refute grep -q wrong-1 "$C/transcript.jsonl"
	run_it
	assert_status 0
	assert_settled complete
}

@test "a module that is not there: exit 4, as for every command" {
	ready
	run_caproof ceremony run c -m "$T/nowhere.so" --policy-sha256 "$POLICY"
	assert_fails 4 'cannot read the module' 'nowhere.so'
	assert_last_event abort
	run_it
	assert_status 0
}

@test "a key that is not as the plan expects: exit 9, and nothing was to be signed" {
	use_ca p256
	EXPECT=never-extractable plan_it
	approve_by alice bob
	run_it
	assert_fails 9 'never extractable'
	assert_calls C_Login 1
	assert_calls C_SignInit 0
	assert_last_event abort
	[ "$(events 'select(.event == "sign.intent").seq')" = '' ]
	assert_chain
	assert_settled aborted
}

@test "a key of which the module does not say that it is sensitive: exit 9" {
	use_ca p256
	plan_it
	approve_by alice bob
	export CAPROOF_SHIM_RULES='C_GetAttributeValue=set:CKA_SENSITIVE=00'
	run_it
	assert_fails 9 'does not report that the key is sensitive'
	assert_calls C_SignInit 0
	assert_last_event abort
}

@test "a torn last record is put aside with its hash" {
	ready
	export CAPROOF_SHIM_RULES='C_Sign#2=CKR_GENERAL_ERROR'
	run_it
	export CAPROOF_SHIM_RULES=
	printf '{"seq":99,"prev":"' >> "$C/transcript.jsonl"
	go_on
	[ "$(cat "$C/$(events 'select(.file != null and .event == "deviation").file')")" = '{"seq":99,"prev":"' ]
	[ "$(events 'select(.file != null and .event == "deviation").sha256')" = "$(printf '{"seq":99,"prev":"' | sha256sum | cut -c1-64)" ]
	assert_chain
	assert_settled complete
}

@test "a record that was altered, or taken away: exit 9, and nothing is added" {
	ready
	export CAPROOF_SHIM_RULES='C_Sign#2=CKR_GENERAL_ERROR'
	run_it
	export CAPROOF_SHIM_RULES=
	cp "$C/transcript.jsonl" "$T/kept"
	sed '2s/command line/command-line/' "$T/kept" > "$C/transcript.jsonl"
	refute cmp -s "$T/kept" "$C/transcript.jsonl"
	cp "$C/transcript.jsonl" "$T/altered"
	run_it
	assert_fails 9 'altered'
	assert_calls C_Login 0
	cmp "$T/altered" "$C/transcript.jsonl"
	sed 1d "$T/kept" > "$C/transcript.jsonl"
	run_it
	assert_fails 9 transcript
}

@test "a transcript that cannot be written: exit 7 before the module is loaded" {
	ready
	RUN_WITH=(env --ignore-signal=XFSZ prlimit --fsize=700)
	run_it
	assert_fails 7 'cannot write the transcript'
	[ ! -s "$T/calls" ] || fail 'the module was loaded'
	RUN_WITH=()
	run_it
	assert_status 0
}

@test "a result that cannot be written ends the record, and its item is indeterminate" {
	ready
	mkdir "$C/elsewhere"
	ln -s elsewhere "$C/certs"
	run_it
	assert_status 7
	assert_last_event abort
	[ -z "$(ls "$C/elsewhere")" ] || fail 'something was written through a link'
	rm "$C/certs"
	rmdir "$C/elsewhere"
	go_on
	assert_settled complete
}

@test "two runs at once: the second one is refused and changes nothing" {
	ready
	export CAPROOF_SHIM_RULES="C_Sign#1=until:$GO"
	words=$(confirmed)
	start_caproof ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE" \
		--confirm "$words"
	wait_for_call C_Sign
	cp "$C/transcript.jsonl" "$T/before"
	(cd "$OUT" && CAPROOF_SHIM_LOG=$T/other CAPROOF_SHIM_RULES='' "$CAPROOF" ceremony run c \
		-m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE" --confirm "$words") \
		> "$T/second" 2>&1 && fail 'the second run went on'
	grep -q 'another run' "$T/second" || fail "$(cat "$T/second")"
	(cd "$OUT" && "$CAPROOF" ceremony seal c --role operator --cert "$C/roster/oscar.pem" \
		--key-file "$(key_of oscar)") > "$T/second" 2>&1 && fail 'it was sealed meanwhile'
	cmp "$T/before" "$C/transcript.jsonl"
	release
	wait_caproof
	assert_status 0
	assert_chain
}

@test "Ctrl-C between two items: recorded, and the next run goes on without a retry" {
	ready
	export CAPROOF_SHIM_RULES="C_Sign#2=until:$GO"
	start_caproof ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE" \
		--confirm "$(confirmed)"
	wait_for_call C_Sign
	signal_caproof INT
	release
	wait_caproof
	assert_status 130
	assert_last_event abort
	export CAPROOF_SHIM_RULES=
	run_it
	assert_status 0
	assert_calls C_Sign 3
	assert_settled complete
}
