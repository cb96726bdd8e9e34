#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The procedures of docs/ceremony-*.md and the worked example of caproof-ceremony(7): every
# command is run as it is printed.

load ../cli/helper
load docs
load procedure

MANUAL=$TOP_SRCDIR/man/caproof-ceremony.7
ONE=$TOP_SRCDIR/docs/ceremony-one-person.md

@test "a block that fails is a failure, and is named" {
	printf '%s\n' text '```sh' true 'false "here"' '```' '```text' nonsense '```' > "$T/x.md"
	blocks "$T/x.md" > "$T/script"
	refute grep nonsense "$T/script"
	run_document "$T/script"
	[ "$status" -ne 0 ]
	assert_stderr_has 'line 4 of the document: false "here"'
}

@test "two officers, an operator and a witness: from the roster to the time stamp" {
	two_officers
	assert_document "$T/whole"
	grep -q 'all 2 items are signed, verified and in place' "$OUT/c1/attach/terminal.txt"
	refute grep -qF -e "$PIN" "$OUT/c1/attach/terminal.txt"
	assert_stdout_has 'outcome complete' 'sealed by walter, witness' 'Verification: OK'
	assert_file report.html
	[ "$(sed -n 's/^plan hash \([0-9a-f]*\)$/\1/p' "$STDOUT" | sort -u)" = "$(sha256sum < "$OUT/c1/plan.json" | cut -c1-64)" ]
	record_says '.event == "key" and .never_extractable == "true"'
	verified complete
}

@test "two officers: the HSM is lost while it signs, and the item is signed again" {
	interrupted_ceremony
	verified complete
	record_says '.event == "deviation" and .index == 1 and .reason == "the HSM lost power while item 1 was signed"'
}

@test "two officers: the HSM is lost and does not come back, and what there is is sealed" {
	two_officers
	before_the_room
	through_the_shim
	signing
	export CAPROOF_SHIM_RULES='C_Sign#2=CKR_DEVICE_REMOVED'
	run_document "$T/signing"
	assert_status 4
	sealing
	verified partial
	[ "$(jq -c .unresolved "$OUT/c1/seal.json")" = '[1]' ]
}

@test "two officers: an officer rejects, the run is refused before the login, and is sealed" {
	two_officers
	before_the_room
	rm "$OUT"/c1/approvals/bob.*
	named reject
	signing
	run_document "$T/signing"
	assert_status 9
	assert_stdout_has "the gate 'veto' is shut"
	sealing
	verified aborted
}

@test "two officers: a wrong PIN and wrong words cost a run, not the ceremony" {
	two_officers
	before_the_room
	signing
	WORDS='wrong words' run_document "$T/signing"
	assert_status 9
	assert_stdout_has "the gate 'confirmation' is shut"
	(umask 077 && echo wrong-1234 > "$T/wrong")
	PIN_FILE=$T/wrong run_document "$T/signing"
	assert_status 5
	assert_document "$T/signing"
	sealing
	verified complete
	record_says '.event == "login" and .result != "ok"'
}

@test "two officers: every gate that is named there is a gate" {
	local gate
	grep -o "the gate '[a-z]*' is shut" "$TWO" | sort -u > "$T/gates"
	[ -s "$T/gates" ]
	while read -r gate; do
		gate=${gate#*\'}
		sed -n '/^\.Sh GATES/,/^\.Sh FILES/p' "$MANUAL" | grep -qw "${gate%%\'*}" || fail "no gate '$gate'"
	done < "$T/gates"
}

@test "one person: from the card to the query for a time stamp" {
	card oscar
	ca_in_token
	blocks "$ONE" > "$T/whole"
	assert_document "$T/whole"
	assert_stdout_has 'outcome complete' 'the policy asks for none'
	verified complete
}

# The policy of the manual page, with the certificates of this test in their order.
policy_of_manual() {
	local name
	awk '/^\.Sh / { section = $2 } /^\.Bd/ { on = section == "EXAMPLES"; next } /^\.Ed/ { on = 0 }
		on && /^\{ "format"/ { json = 1 } on && json { print } !on { json = 0 }' "$MANUAL" > "$T/policy"
	for name in alice bob oscar walter; do
		sed -i "/\"$name\"/s/\"[0-9a-f]*\.\.\.\"/\"$(openssl x509 -in "$OUT/roster/$name.pem" -outform DER |
			sha256sum | cut -c1-64)\"/" "$T/policy"
	done
	cp "$T/policy" "$OUT/policy.json"
}

@test "the worked example of the manual page" {
	local name
	two_officers
	mkdir -p "$OUT/roster"
	for name in alice bob oscar walter; do
		cp "$FIXTURES/card-$name.pem" "$OUT/roster/$name.pem"
	done
	cp "$FIXTURES/card-bob.pem" "$OUT/bob.pem"
	cp "$FIXTURES/card-bob.key" "$OUT/bob.key"
	policy_of_manual
	printf '%s\n' code,platform Code-1,generic Code-2,quectel > "$OUT/codes.csv"
	printf '%s\n' "HSM=$SOFTHSM CARD=$SOFTHSM POLICY=$(sha256sum < "$OUT/policy.json" | cut -c1-64)" > "$T/example"
	examples "$MANUAL" | sed '/^{ "format"/,/\] }$/d' >> "$T/example"
	grep -q '^caproof ceremony verify' "$T/example"
	assert_document "$T/example"
	assert_stdout_has 'outcome complete' 'Verification: OK'
	verified complete
}
