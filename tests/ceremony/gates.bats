#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Each gate of `caproof ceremony run`, shut: exit 9, nobody logged in, the refusal is the last
# record of a whole chain, and it can be sealed.

load ../cli/helper
load ceremony

past() {
	date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ
}

# replan FILTER: the plan changed before anybody approved it.
replan() {
	use_ca p256
	plan_it
	edit_json "$C/plan.json" "$1"
	approve_by alice bob
}

# restate NAME FILTER: an approval that was signed as changed.
restate() {
	edit_json "$C/approvals/$1.json" "$2"
	sign_statement "$1"
}

@test "policy: another hash than the one that was given" {
	ready
	POLICY=$(printf x | sha256sum | cut -c1-64)
	run_it
	assert_shut policy 'not the one that was given'
}

@test "policy: the plan was made for another" {
	ready
	jq '.approve.threshold = 1' "$ROOM/policy.json" > "$C/policy.json"
	POLICY=$(file_hash "$C/policy.json")
	run_it
	assert_shut policy 'another policy'
}

@test "policy: it is no policy, or has a key twice" {
	ready
	echo '{' > "$C/policy.json"
	run_it
	assert_shut policy
	sed 's/"name": "Two officers",/&"name": "Two officers",/' "$ROOM/policy.json" > "$C/policy.json"
	refute cmp -s "$ROOM/policy.json" "$C/policy.json"
	run_it
	assert_shut policy
}

@test "roster: a member's certificate was exchanged" {
	ready
	cp "$FIXTURES/person-mallory.pem" "$C/roster/alice.pem"
	run_it
	assert_shut policy 'is not that of the certificate in roster/alice.pem'
}

@test "roster: one key under two officers' names, and in roles that are to be separate" {
	use_ca p256
	make_policy
	make_list
	cp "$ROOM/policy.json" "$T/policy"
	jq --arg sha "$(cert_hash "$ROOM/roster/alice.pem")" \
		'(.members[] | select(.name == "bob")).cert_sha256 = $sha' "$T/policy" > "$ROOM/policy.json"
	cp "$ROOM/roster/alice.pem" "$ROOM/roster/bob.pem"
	run_caproof ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c
	assert_fails 3 "'alice' and 'bob' have the same key and the same role"
	cp "$FIXTURES/person-bob.pem" "$ROOM/roster/bob.pem"
	jq --arg sha "$(cert_hash "$ROOM/roster/alice.pem")" \
		'(.members[] | select(.name == "oscar")).cert_sha256 = $sha' "$T/policy" > "$ROOM/policy.json"
	cp "$ROOM/roster/alice.pem" "$ROOM/roster/oscar.pem"
	run_caproof ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c
	assert_fails 3 'roles that one person may not hold'
	assert_no_file c
}

@test "roster: a member with the CA's own key" {
	use_ca p256
	plan_it
	cp "$CA" "$C/roster/bob.pem"
	jq --arg sha "$(cert_hash "$CA")" '(.members[] | select(.name == "bob")).cert_sha256 = $sha' \
		"$ROOM/policy.json" > "$C/policy.json"
	POLICY=$(file_hash "$C/policy.json")
	edit_json "$C/plan.json" ".policy_sha256 = \"$POLICY\""
	run_it
	assert_shut roster "the CA's own key"
	cp "$C/policy.json" "$ROOM/policy.json"
	cp "$CA" "$ROOM/roster/bob.pem"
	run_caproof ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c2
	assert_fails 3 "the CA's own key"
	assert_no_file c2
}

@test "plan: a field beside the octets was altered" {
	local filter
	for filter in '.items[0].code = "Code9"' '.items[1].subject = "CN=other"' \
		'.items[2].san_uri = "urn:x:other"' '.items[3].serial = "00112233445566778899aabbccddeeff"' \
		'.items[4].not_after = "2098-01-01T00:00:00Z"' '.items[0].tbs_sha256 = .items[1].tbs_sha256' \
		'.items[0].out = "../x"' '.issuer.subject = "CN=other"' '.signature.name = "RSA-SHA256"' \
		'.items[0].more = 1' '.items[1].index = 7'; do
		rm -rf "$OUT/c"
		replan_quietly "$filter"
		run_it
		assert_shut plan
	done
}

# Officers who did not look: their approvals are of the altered plan.
replan_quietly() {
	use_ca p256
	plan_it
	edit_json "$C/plan.json" "$1"
}

@test "plan: altered octets, with a hash that fits them" {
	local hex
	use_ca p256
	plan_it
	# CA:TRUE: 3000 in basicConstraints to 3003 0101ff, lengths and all, is longer work; one
	# octet of the key usage will do.
	hex=$(jq -r '.items[0].tbs_der' "$C/plan.json" | base64 -d | od -An -v -tx1 | tr -d ' \n' |
		sed 's/0603551d0f0101ff040403020780/0603551d0f0101ff040403020784/')
	printf '%s' "$hex" | tr a-f A-F | basenc -d --base16 > "$T/tbs"
	edit_json "$C/plan.json" ".items[0].tbs_der = \"$(base64 -w0 < "$T/tbs")\" |
		.items[0].tbs_sha256 = \"$(file_hash "$T/tbs")\""
	run_it
	assert_shut plan 'not those that its fields make'
}

@test "plan: not written as caproof writes it, or a key twice" {
	ready
	jq . "$C/plan.json" > "$T/pretty"
	cp "$T/pretty" "$C/plan.json"
	run_it
	assert_shut plan 'not written as caproof writes it'
}

@test "plan: altered after a run, the refusal is behind the records that there are" {
	ready
	export CAPROOF_SHIM_RULES='C_Sign#2=CKR_GENERAL_ERROR'
	run_it
	export CAPROOF_SHIM_RULES=
	cp "$C/plan.json" "$T/plan.json"
	edit_json "$C/plan.json" '.items[4].code = "Code9"'
	run_it
	assert_fails 9 "the gate 'plan' is shut"
	assert_calls C_Login 0
	cp "$T/plan.json" "$C/plan.json"
	assert_chain
	assert_last_event gate.refused
}

@test "inputs: a request or the CA certificate was exchanged" {
	ready
	cp "$C/inputs/0003.csr" "$T/csr"
	make_csr "$T/other.csr" Code-of-3 p384
	cp "$T/other.csr" "$C/inputs/0003.csr"
	run_it
	assert_shut plan 'not the file that was planned'
	cp "$T/csr" "$C/inputs/0003.csr"
	make_ca p256-other
	cp "$FIXTURES/p256-other.pem" "$C/inputs/ca.pem"
	run_it
	assert_shut plan 'inputs/ca.pem'
}

@test "quorum: one approval, one copied under another name, one by another card" {
	use_ca p256
	plan_it
	approve_by alice
	run_it
	assert_shut quorum '1 of 2'
	assert_hint 'copy those of each officer'
	cp "$C/approvals/alice.json" "$C/approvals/bob.json"
	cp "$C/approvals/alice.p7s" "$C/approvals/bob.p7s"
	run_it
	assert_shut quorum '1 of 2'
	rm "$C"/approvals/bob.*
	approve_by bob
	sign_statement bob mallory
	run_it
	assert_shut quorum '1 of 2'
	assert_stderr_has "'bob': its signature is not by a member of the roster"
}

@test "quorum: an approval of another plan, or that was changed after it was signed" {
	ready
	edit_json "$C/approvals/bob.json" '.comment = "later"'
	run_it
	assert_shut quorum '1 of 2'
	restate bob ".plan_sha256 = \"$POLICY\""
	run_it
	assert_shut quorum '1 of 2'
	[ "$(events 'select(.event == "approval" and .name == "bob").why' | tail -n 1)" = 'it is about another plan' ]
}

@test "quorum: an approval by somebody who is no officer, whatever it says" {
	use_ca p256
	plan_it
	approve_by alice bob
	jq -c '.name = "oscar"' "$C/approvals/bob.json" > "$C/approvals/oscar.json"
	sign_statement oscar
	rm "$C"/approvals/bob.*
	run_it
	assert_shut quorum '1 of 2'
	jq -c '.role = "operator"' "$C/approvals/oscar.json" > "$T/statement"
	cp "$T/statement" "$C/approvals/oscar.json"
	sign_statement oscar
	run_it
	assert_shut quorum '1 of 2'
	[ "$(events 'select(.event == "approval" and .name == "oscar").why' | tail -n 1)" = 'only officers approve' ]
}

@test "quorum: too old, and from the future" {
	ready
	restate bob ".time = \"$(past '73 hours ago')\""
	run_it
	assert_shut quorum '1 of 2'
	[ "$(events 'select(.event == "approval" and .name == "bob").why' | tail -n 1)" = 'it is older than the policy allows' ]
	restate bob ".time = \"$(past '1 hour')\""
	run_it
	assert_shut quorum '1 of 2'
	[ "$(events 'select(.event == "approval" and .name == "bob").why' | tail -n 1)" = 'it is from the future' ]
	restate bob ".time = \"$(past '71 hours ago')\""
	run_it
	assert_status 0
}

@test "veto: one reject stops it, though two approve" {
	use_ca p256
	make_policy '.approve.threshold = 1'
	plan_it
	approve_by alice
	quietly ceremony approve c --cert "$C/roster/bob.pem" --key-file "$(key_of bob)" --reject \
		--reason 'this is not our code'
	run_it
	assert_shut veto
	assert_stderr_has "'bob': this is not our code"
}

@test "no veto where the policy has none" {
	use_ca p256
	make_policy '.approve.threshold = 1 | .approve.veto = false'
	plan_it
	approve_by alice
	quietly ceremony approve c --cert "$C/roster/bob.pem" --key-file "$(key_of bob)" --reject --reason no
	run_it
	assert_status 0
}

@test "window: too early, too late" {
	replan ".execute.not_before = \"$(past '1 hour')\" | .execute.not_after = \"$(past '2 hours')\""
	run_it
	assert_shut window
	rm -rf "$OUT/c"
	replan ".execute.not_before = \"$(past '2 hours ago')\" | .execute.not_after = \"$(past '1 hour ago')\""
	run_it
	assert_shut window
}

@test "codes: one expired" {
	replan ".items[1].code_expires = \"$(past '1 minute ago')\""
	run_it
	assert_shut codes 'item 1 expired'
}

@test "token: another token, another key" {
	use_ca p256-other
	make_ca p256
	CA=$FIXTURES/p256.pem
	plan_it --key "pkcs11:token=$TOKEN;object=rootCA"
	approve_by alice bob
	run_it
	assert_shut token
	rm -rf "$OUT/c"
	plan_it --key 'pkcs11:token=another-token'
	approve_by alice bob
	run_it
	assert_shut token another-token
}

@test "token: another serial number than the planned key's" {
	use_ca p256
	plan_it --key "pkcs11:token=$TOKEN;serial=0123456789abcdef"
	approve_by alice bob
	run_it
	assert_shut token
}

@test "outputs: a file that nobody wrote, one that is gone, one that was exchanged" {
	ready
	mkdir "$C/certs"
	cp "$CA" "$C/certs/0001.pem"
	run_it
	assert_shut outputs 'no record'
	rm "$C/certs/0001.pem"
	run_it
	assert_status 0
	mv "$C/certs/0002.pem" "$T/kept"
	PASSED=1
	run_it
	assert_shut outputs 'is gone'
	cp "$C/certs/0001.pem" "$C/certs/0002.pem"
	run_it
	assert_shut outputs 'not what the plan makes'
	cp "$T/kept" "$C/certs/0002.pem"
	run_it
	assert_status 0
	assert_calls C_Sign 0
}

@test "confirmation: other words, none, no terminal" {
	local words
	ready
	words=$(confirmed)
	WORDS='aardvark aardvark' run_it
	assert_shut confirmation
	WORDS=${words% *} run_it
	assert_shut confirmation
	run_caproof ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE"
	assert_shut confirmation 'no terminal'
	assert_hint '--confirm'
}

@test "a sealed ceremony is closed: run and approve write nothing" {
	use_ca p256
	plan_it
	approve_by alice
	run_it
	seal_it
	before_run
	cp -a "$C" "$T/sealed"
	approve_refused
	run_it
	assert_fails 9 'is sealed'
	assert_calls C_Login 0
	edit_json "$C/plan.json" '.purpose = "other"'
	cp "$C/plan.json" "$T/sealed/plan.json"
	run_it
	assert_status 9
	diff -r "$C" "$T/sealed"
}

approve_refused() {
	run_caproof ceremony approve c --cert "$C/roster/bob.pem" --key-file "$(key_of bob)"
	assert_fails 9 'is sealed'
}

@test "retry: of an item that is not indeterminate" {
	ready
	run_it --retry 2 --reason 'to be sure'
	assert_shut retry 'not indeterminate'
}

@test "show and approve refuse an altered plan as well" {
	use_ca p256
	plan_it
	edit_json "$C/plan.json" '.items[0].code = "Code9"'
	run_caproof ceremony show c
	assert_fails 9 'item 0'
	run_caproof ceremony approve c --cert "$C/roster/bob.pem" --key-file "$(key_of bob)"
	assert_fails 9 'item 0'
}

@test "what the run knew not to count is a remark of the verifiers, not a finding" {
	ready
	restate bob ".time = \"$(past '73 hours ago')\""
	run_it
	assert_shut quorum '1 of 2'
	seal_it
	verify_it
	assert_status 0
	assert_stdout_has 'bob approves, which does not count'
}

@test "the window ends while the items are signed: the next one is not announced" {
	local until
	use_ca p256
	plan_it
	until=$(past '20 seconds')
	edit_json "$C/plan.json" ".execute.not_after = \"$until\""
	approve_by alice bob
	export CAPROOF_SHIM_RULES="C_Sign#2=until:$GO"
	start_caproof ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE" \
		--confirm "$(confirmed)"
	wait_for_call C_Sign
	wait_until is_past "$until" || fail 'the window does not end'
	release
	wait_caproof
	assert_fails_late 9 "the gate 'window' is shut"
	assert_calls C_Sign 2
	seal_it
	verify_it
	assert_status 0
	[ "$(head -n 1 "$STDOUT")" = 'outcome partial' ]
}

is_past() {
	[ "$(date +%s)" -gt "$(date -d "$1" +%s)" ]
}

assert_fails_late() {
	assert_fails "$@"
	assert_last_event gate.refused
}

@test "a refused run is sealed, and verifies as aborted" {
	use_ca p256
	plan_it
	approve_by alice
	run_it
	assert_shut quorum
	seal_it
	verify_it
	assert_status 0
	[ "$(head -n 1 "$STDOUT")" = 'outcome aborted' ] || fail 'the outcome is not said'
}
