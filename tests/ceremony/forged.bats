#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Plans whose octets are not what their fields say, approved by honest cards that read nothing
# but codes: only who makes the octets once more finds out, and everybody does, before a login.

load ../cli/helper
load ceremony
load bundle

# octets: what item 1 has to be, by openssl's and the shell's hands; B_CONSTRAINTS and B_MORE
# replace and add extensions.
octets() {
	local item
	item=$(jq -c '.items[1]' "$C/plan.json")
	of() { jq -r "$1" <<< "$item"; }
	b_tbs "$CA" 300a06082a8648ce3d040302 "$(of .serial)" "$(of .not_before)" "$(of .not_after)" \
		"$(of .code)" "$(of .subject_key | base64 -d | b_hex)"
}

# forge HEX: these octets are in the plan, with their hash, and approved.
forge() {
	local name
	printf %s "$1" | b_unhex > "$T/tbs"
	edit_json "$C/plan.json" ".items[1].tbs_der = \"$(base64 -w0 < "$T/tbs")\" |
		.items[1].tbs_sha256 = \"$(file_hash "$T/tbs")\""
	for name in alice bob; do
		jq -c --arg name "$name" --arg plan "$(file_hash "$C/plan.json")" \
			'{format: "caproof/approval/1", ceremony_id, decision: "approve", role: "officer",
			name: $name, plan_sha256: $plan, items: (.items | length), reviewed_with: "eyes",
			time: .created, comment: ""}' "$C/plan.json" > "$C/approvals/$name.json"
		sign_statement "$name"
	done
}

# found_by_all TEXT: show, approve, run and both verifiers refuse item 1.
found_by_all() {
	cp -a "$C" "$T/forged"
	run_caproof ceremony show c
	assert_fails 9 "item 1 of the plan: $1"
	run_caproof ceremony approve c --cert "$C/roster/alice.pem" --key-file "$(key_of alice)"
	assert_fails 9 "item 1 of the plan: $1"
	diff -r "$C" "$T/forged" || fail 'approve wrote something'
	run_it
	assert_shut plan "item 1 of the plan: $1"
	[ ! -s "$T/calls" ] || fail 'the module was loaded'
	# a record that somebody else made of it, and sealed
	rm "$C/transcript.jsonl"
	mkdir -p "$C/certs"
	b_record "$C" run.start '{"caproof":"0.1.0","openssl":"3","argv":"x"}'
	b_record "$C" abort '{"why":"the end"}'
	b_seal_json "$C"
	b_sums "$C"
	openssl cms -sign -binary -md sha256 -signer "$C/roster/oscar.pem" -inkey "$(key_of oscar)" -outform DER \
		-in "$C/SHA256SUMS" -out "$C/SHA256SUMS.operator.oscar.p7s"
	openssl cms -sign -binary -md sha256 -signer "$C/roster/walter.pem" -inkey "$(key_of walter)" -outform DER \
		-in "$C/SHA256SUMS" -out "$C/SHA256SUMS.witness.walter.p7s"
	verify_it
	assert_status 9
	assert_stderr_has "item 1 of the plan: $1"
	grep -q '^refused  item 1: the octets to be signed are not' "$T/verify-bundle" || fail "$(cat "$T/verify-bundle")"
	rm -rf "$C" "$T/forged"
	cp -a "$T/planned" "$C"
}

planned() {
	use_ca p256
	plan_it
	cp -a "$C" "$T/planned"
}

# What these tests make is what caproof makes, but for what they forge.
@test "nothing forged: the same octets, and the run signs them" {
	planned
	[ "$(octets)" = "$(jq -r '.items[1].tbs_der' "$C/plan.json" | base64 -d | b_hex)" ]
	forge "$(octets)"
	run_it
	assert_status 0
	seal_it
	verify_it
	assert_status 0
}

@test "CA:TRUE, with and without a length; no constraints at all" {
	planned
	for B_CONSTRAINTS in 300f0603551d130101ff040530030101ff 30120603551d130101ff040830060101ff020100 ''; do
		forge "$(octets)"
		found_by_all 'the octets to be signed are not those that its fields make'
	done
}

@test "one extension more: usage, a name, constraints, one that nobody knows, one that comes twice" {
	planned
	for B_MORE in 30130603551d25040c300a06082b06010505070301 30130603551d11040c300a8208612e746573742e78 \
		300f0603551d1e0101ff040530030a0100 300906032a030404023000 300e0603551d0f0101ff040403020780; do
		forge "$(octets)"
		found_by_all 'the octets to be signed are not those that its fields make'
	done
}

@test "another key usage, another issuer, another key, another version, octets behind the end" {
	local hex
	planned
	hex=$(octets)
	for forged in "${hex/0603551d0f0101ff040403020780/0603551d0f0101ff040403020186}" \
		"${hex/a003020102/a003020101}" "${hex}0000" "$(CA=$C/roster/alice.pem octets)"; do
		[ "$forged" != "$hex" ] || fail 'nothing was forged'
		forge "$forged"
		found_by_all 'the octets to be signed are not those that its fields make'
	done
}
