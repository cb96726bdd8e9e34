#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `caproof ceremony run --rehearse`: the same gates, no token, the planned ceremony as it was,
# and a folder beside it that nobody can take for a ceremony.

load ../cli/helper
load ceremony

# Every octet of the planned ceremony, and when anything in it was changed.
state() {
	(cd "$C" && find . -printf '%p %y %T@ %C@ %m\n' | sort && find . -type f -exec cksum {} + | sort)
}

# rehearse [ARGUMENTS]: confirmed (or $WORDS), and the ceremony is as it was.
rehearse() {
	local words
	words=${WORDS:-$(confirmed)}
	state > "$T/state"
	run_caproof ceremony run "${DIR:-c}" --rehearse --policy-sha256 "$POLICY" --confirm "${words:-none none}" "$@"
	state | diff "$T/state" - >&2 || fail 'the ceremony is not as it was'
	[ ! -e "$T/calls" ] || fail 'a module was loaded'
	R=$OUT/c.rehearsal
}

# assert_not_rehearsed CODE TEXT...
assert_not_rehearsed() {
	assert_fails "$@"
	assert_no_file c.rehearsal
}

seal_rehearsal() {
	quietly ceremony seal c.rehearsal --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	grep -q 'of a REHEARSAL: complete' "$T/quiet"
	quietly ceremony seal c.rehearsal --role witness --cert "$C/roster/walter.pem" --key-file "$(key_of walter)"
}

# refused_by_both POLICY CA: as a rehearsal, and in these words.
refused_by_both() {
	local other=0
	run_caproof ceremony verify c.rehearsal --policy-sha256 "$1" --ca "$2"
	assert_status 9
	assert_stderr_has 'this is a rehearsal'
	! grep -q '^outcome' "$STDOUT" || fail 'it has an outcome'
	"$TOP_SRCDIR/scripts/verify-bundle" "$R" --policy-sha256 "$1" --ca "$2" > "$T/verify-bundle" 2>&1 || other=$?
	[ "$other" -eq 9 ] && grep -q 'this is a rehearsal' "$T/verify-bundle" || fail "$(cat "$T/verify-bundle")"
}

# by_rehearsal_ca FILE: issued by the rehearsal's CA, to the holder of the planned one.
by_rehearsal_ca() {
	openssl verify -partial_chain -CAfile "$R/inputs/ca.pem" "$R/$1" > "$T/openssl" 2>&1 || fail "$1: $(cat "$T/openssl")"
	openssl x509 -in "$R/$1" -noout -issuer | grep -q 'CN *= *REHEARSAL' || fail "$1 does not say REHEARSAL"
	refute openssl verify -partial_chain -CAfile "$CA" "$R/$1" > "$T/openssl" 2>&1
}

@test "no module, no PIN, the ceremony as it was; every file says what it is" {
	local file
	ready
	rehearse
	assert_status 0
	assert_stderr_has REHEARSAL
	[ "$(jq -r .rehearses "$R/plan.json")" = "$(file_hash "$C/plan.json")" ]
	[ "$(jq -c '[.items[] | [.code, .tenant, .serial, .not_before, .not_after, .out]]' "$R/plan.json")" = \
		"$(jq -c '[.items[] | [.code, .tenant, .serial, .not_before, .not_after, .out]]' "$C/plan.json")" ]
	for file in "$R"/certs/*.pem; do
		by_rehearsal_ca "certs/${file##*/}"
	done
	[ "$(ls "$R/certs" | wc -l)" -eq 5 ]
	openssl x509 -in "$R/inputs/ca.pem" -noout -subject | grep -q 'CN *= *REHEARSAL'
	seal_rehearsal
	[ "$(jq -r .rehearses "$R/seal.json")" = "$(file_hash "$C/plan.json")" ]
	[ "$(jq -r 'select(.event == "rehearsal").rehearses' "$R/transcript.jsonl")" = "$(file_hash "$C/plan.json")" ]
	jq -r .name "$R/policy.json" | grep -q '^REHEARSAL: '
	grep -q '^REHEARSAL' "$R/attach/REHEARSAL.txt"
	grep -q ' attach/REHEARSAL.txt$' "$R/SHA256SUMS"
	find "$R" -name '*.json' -o -name '*.jsonl' | while read -r file; do
		grep -qi rehears "$file" || fail "$file does not say it"
	done
	quietly ceremony show c.rehearsal
	grep -q REHEARSAL "$T/quiet"
}

@test "neither verifier accepts it, sealed or not, with its own policy and issuer neither" {
	ready
	rehearse
	assert_status 0
	refused_by_both "$POLICY" "$CA"
	seal_rehearsal
	refused_by_both "$POLICY" "$CA"
	refused_by_both "$(file_hash "$R/policy.json")" "$R/inputs/ca.pem"
	rm "$R/transcript.jsonl"
	refused_by_both "$POLICY" "$CA"
}

@test "its report is unmistakable" {
	ready
	rehearse
	seal_rehearsal
	run_caproof ceremony report c.rehearsal -o page.html -c "$CA" --policy-sha256 "$POLICY"
	assert_status 0
	assert_stderr_has 'not verified, this is a rehearsal'
	grep -q '<strong>REHEARSAL</strong>' "$OUT/page.html"
	grep -q '<strong>Rehearsal</strong>5 of 5 items' "$OUT/page.html"
	grep -qF '<span class="mark">rehearsal</span>' "$OUT/page.html"
	refute grep -qE '<strong[^>]*>(Verified|Complete)<' "$OUT/page.html"
}

@test "the ceremony itself is run afterwards as if nothing had been" {
	ready
	rehearse
	assert_status 0
	run_it
	assert_status 0
	assert_calls C_Sign 5
	assert_results
	seal_it
	verify_it
	assert_status 0
}

@test "what is given for the token is neither loaded nor read" {
	ready
	rehearse -m "$SHIM" --pin file:/nowhere/pin
	assert_status 0
	rm -rf "$R"
	rehearse -m /nowhere/module.so --pin env:NOT_SET
	assert_status 0
	RUN_WITH=(strace -f -qq -o "$T/strace" -e trace=openat,open)
	rm -rf "$R"
	ASAN_OPTIONS=detect_leaks=0 rehearse -m "$SHIM" --pin "file:$PIN_FILE"
	assert_status 0
	grep -q c.rehearsal "$T/strace"
	refute grep -qE "shim[.]so|${PIN_FILE##*/}\"|/dev/tty" "$T/strace"
}

@test "beside the folder, however that is written" {
	ready
	DIR=c/ rehearse
	assert_status 0
	rm -rf "$R"
	DIR=./c/. rehearse
	assert_status 0
	[ -d "$R" ] || fail 'it is elsewhere'
	rm -rf "$R"
	DIR=c/inputs/.. rehearse
	assert_status 0
	[ -d "$R" ] || fail 'it is elsewhere'
}

@test "a folder that is there: exit 7, and it is left alone" {
	ready
	mkdir "$OUT/c.rehearsal"
	echo mine > "$OUT/c.rehearsal/mine"
	rehearse
	assert_fails 7 "'c.rehearsal' exists already"
	assert_files_in "$OUT/c.rehearsal" mine
	rm -r "$OUT/c.rehearsal"
	ln -s /nowhere "$OUT/c.rehearsal"
	rehearse
	assert_fails 7 'exists already'
}

@test "the gates are those of a run: quorum, veto" {
	use_ca p256
	make_policy '.approve.threshold = 1'
	plan_it
	rehearse
	assert_not_rehearsed 9 "the gate 'quorum' is shut"
	approve_by alice
	edit_json "$C/approvals/alice.json" '.comment = "later"'
	rehearse
	assert_not_rehearsed 9 "the gate 'quorum' is shut"
	assert_stderr_has "'alice': its signature is of other content"
	rm "$C"/approvals/alice.*
	approve_by alice
	quietly ceremony approve c --cert "$C/roster/bob.pem" --key-file "$(key_of bob)" --reject --reason no
	rehearse
	assert_not_rehearsed 9 "the gate 'veto' is shut"
}

@test "the gates are those of a run: policy, plan, outputs, window" {
	ready
	cp -a "$C" "$T/planned"
	POLICY=$(printf x | sha256sum | cut -c1-64) rehearse
	assert_not_rehearsed 9 "the gate 'policy' is shut"
	edit_json "$C/plan.json" '.items[0].code = "Code9"'
	rehearse
	assert_not_rehearsed 9 "the gate 'plan' is shut"
	cp -a "$T/planned/plan.json" "$C/plan.json"
	mkdir "$C/certs"
	cp "$CA" "$C/certs/0001.pem"
	rehearse
	assert_not_rehearsed 9 "the gate 'outputs' is shut"
	rm -r "$C/certs"
	edit_json "$C/plan.json" ".execute.not_before = \"2001-01-01T00:00:00Z\" | .execute.not_after = \"2001-01-02T00:00:00Z\""
	rm "$C"/approvals/*
	approve_by alice bob
	rehearse
	assert_not_rehearsed 9 "the gate 'window' is shut"
}

@test "the words are those of the plan, as in a run" {
	ready
	WORDS='aardvark aardvark' rehearse
	assert_not_rehearsed 9 "the gate 'confirmation' is shut"
	state > "$T/state"
	run_caproof ceremony run c --rehearse --policy-sha256 "$POLICY"
	assert_not_rehearsed 9 'no terminal'
	confirmed > "$T/words"
	run_on_terminal -w 'to begin: ' -e -i "$T/words" -- ceremony run c --rehearse --policy-sha256 "$POLICY"
	assert_status 0
	state | diff "$T/state" -
}

@test "a sealed ceremony, a rehearsal, and a retry are not rehearsed" {
	use_ca p256
	plan_it
	approve_by alice
	run_it
	seal_it
	rehearse
	assert_not_rehearsed 9 'is sealed'
	rm -rf "$C"
	plan_it
	approve_by alice bob
	rehearse --retry 0 --reason 'to be sure'
	assert_not_rehearsed 2 'a retry is not rehearsed'
	rehearse
	assert_status 0
	run_caproof ceremony run c.rehearsal --rehearse --policy-sha256 "$POLICY" --confirm 'none none'
	assert_fails 9 "the gate 'plan' is shut: this is a rehearsal"
	assert_no_file c.rehearsal.rehearsal
	run_caproof ceremony run c.rehearsal -m "$SHIM" --policy-sha256 "$(file_hash "$R/policy.json")" \
		--confirm 'none none' --pin "file:$PIN_FILE"
	assert_fails 9 "the gate 'plan' is shut: this is a rehearsal"
	[ ! -e "$T/calls" ] || fail 'a module was loaded'
}

@test "a throw-away key of each kind, and codes that are signed themselves" {
	local kind
	for kind in rsa2048 p384 ed25519; do
		make_ca "$kind"
		CA=$FIXTURES/$kind.pem
		rm -rf "$OUT/c" "$OUT/c.rehearsal"
		make_policy
		plan_it
		approve_by alice bob
		rehearse
		assert_status 0
		by_rehearsal_ca certs/0003.pem
		[ "$(openssl x509 -in "$R/inputs/ca.pem" -noout -text | grep -o 'Public Key Algorithm: .*')" = \
			"$(openssl x509 -in "$CA" -noout -text | grep -o 'Public Key Algorithm: .*')" ]
	done
	rm -rf "$OUT/c" "$OUT/c.rehearsal"
	make_ca p256
	CA=$FIXTURES/p256.pem
	printf '%s\n' code,platform Code-123,cumulocity > "$OUT/list.csv"
	plan_it
	approve_by alice bob
	rehearse
	assert_status 0
	base64 -d "$R/signatures/0000.b64" > "$T/signature"
	openssl x509 -in "$R/inputs/ca.pem" -noout -pubkey > "$T/ca.pub"
	printf Code-123 | openssl dgst -sha256 -verify "$T/ca.pub" -signature "$T/signature"
}

@test "a rehearsal's records in a ceremony are no ceremony's" {
	ready
	run_it
	assert_status 0
	head -n -1 "$C/transcript.jsonl" > "$T/records"
	jq -nc --arg prev "$(tail -n 1 "$T/records" | sha256sum | cut -c1-64)" \
		--arg plan "$(file_hash "$C/plan.json")" --argjson seq "$(wc -l < "$T/records")" \
		'{seq: $seq, prev: $prev, time: "2026-11-25T12:00:00Z", mono_ms: 1, event: "rehearsal",
			rehearses: $plan, policy_sha256: $plan}' >> "$T/records"
	jq -nc --arg prev "$(tail -n 1 "$T/records" | sha256sum | cut -c1-64)" --argjson seq "$(wc -l < "$T/records")" \
		'{seq: $seq, prev: $prev, time: "2026-11-25T12:00:00Z", mono_ms: 2, event: "run.end", written: 5}' >> "$T/records"
	cp "$T/records" "$C/transcript.jsonl"
	seal_it
	verify_it
	assert_status 9
	assert_stderr_has 'that of a rehearsal'
}
