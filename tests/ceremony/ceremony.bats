#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Ceremonies from plan to verification: cards and key files, results held against openssl,
# sha256sum and jq.  What shuts a gate is in gates.bats, what goes wrong in stopped.bats.

load ../cli/helper
load ceremony

# cms_is_good SIGNATURE CONTENT NAME: by openssl, the roster pinned.
cms_is_good() {
	openssl cms -verify -binary -inform DER -in "$C/$1" -content "$C/$2" -nointern -noverify \
		-certfile "$C/roster/$3.pem" -out "$T/content" 2> "$T/openssl" ||
		fail "$1: $(cat "$T/openssl")"
}

# cards NAME...: their keys and certificates in a second token.
cards() {
	local name n=1
	token_new cards
	for name; do
		token_import "$(key_of "$name")" "$name" "a$n" cards
		TOKEN=cards token_put cert "$FIXTURES/person-$name.pem" "$name" "a$n"
		: $((n += 1))
	done
}

by_card() {
	local phase=$1
	shift
	run_caproof ceremony "$phase" c -m "$SHIM" --pin "file:$PIN_FILE" "$@"
	assert_status 0
	assert_calls C_Login 1
	assert_calls C_Sign 1
}

@test "a whole ceremony: RSA and EC cards, checked by openssl, sha256sum and jq" {
	use_ca p256
	plan_it --purpose 'Codes of the fourth quarter' --reference 'T-4711'
	cards alice bob oscar walter
	by_card approve --cert "$C/roster/alice.pem"
	by_card approve --cert 'pkcs11:token=cards;object=bob;type=cert'
	run_it
	assert_status 0
	assert_calls C_Login 1
	assert_calls C_Sign 5
	by_card seal --role operator --cert 'pkcs11:token=cards;object=oscar;type=cert'
	by_card seal --role witness --cert "$C/roster/walter.pem"
	verify_it
	assert_status 0
	[ "$(head -n 1 "$STDOUT")" = 'outcome complete' ] || fail 'the outcome is not said first'

	cms_is_good approvals/alice.p7s approvals/alice.json alice
	cms_is_good approvals/bob.p7s approvals/bob.json bob
	cms_is_good SHA256SUMS.operator.oscar.p7s SHA256SUMS oscar
	cms_is_good SHA256SUMS.witness.walter.p7s SHA256SUMS walter
	(cd "$C" && sha256sum -c --quiet SHA256SUMS) || fail 'SHA256SUMS does not hold'
	assert_chain
	assert_results
	[ "$(jq -r .outcome "$C/seal.json")" = complete ]
	[ "$(jq -r .head_sha256 "$C/seal.json")" = "$(tail -n 1 "$C/transcript.jsonl" | sha256sum | cut -c1-64)" ]
	[ "$(jq -r .records "$C/seal.json")" = "$(wc -l < "$C/transcript.jsonl")" ]
}

@test "cards whose keys are named by URI, RSA and EC, in a second token" {
	ready
	rm "$C"/approvals/*
	cards alice bob oscar walter mallory
	by_card approve --cert "$C/roster/alice.pem" --key 'pkcs11:token=cards;object=alice;type=private'
	by_card approve --cert 'pkcs11:token=cards;object=bob;type=cert' --key 'pkcs11:token=cards;id=%a2'
	cms_is_good approvals/alice.p7s approvals/alice.json alice
	cms_is_good approvals/bob.p7s approvals/bob.json bob
	run_it
	assert_status 0
	by_card seal --role operator --cert "$C/roster/oscar.pem" --key 'pkcs11:token=cards;object=oscar'
	by_card seal --role witness --cert "$C/roster/walter.pem" --key 'pkcs11:token=cards;object=walter'
	cms_is_good SHA256SUMS.operator.oscar.p7s SHA256SUMS oscar
	cms_is_good SHA256SUMS.witness.walter.p7s SHA256SUMS walter
	verify_it
	assert_status 0
}

@test "a card's other key, and one in another token, sign nothing" {
	use_ca p256
	plan_it
	cards alice bob
	for uri in 'pkcs11:token=cards;object=bob' "pkcs11:token=$TOKEN;object=rootCA" 'pkcs11:token=cards;object=carol'; do
		run_caproof ceremony approve c -m "$SHIM" --pin "file:$PIN_FILE" --cert "$C/roster/alice.pem" --key "$uri"
		assert_status 6
		assert_calls C_SignInit 0
		[ -z "$(ls "$C/approvals")" ] || fail "$uri: something was written"
	done
}

@test "a whole ceremony with an RSA key and key files" {
	ready rsa2048
	run_it
	assert_status 0
	assert_results
	seal_it
	verify_it
	assert_status 0
}

@test "every file that caproof writes is what jq -c makes of it" {
	local file
	ready
	run_it
	seal_it
	for file in plan.json approvals/alice.json transcript.jsonl seal.json; do
		jq -c . "$C/$file" | cmp - "$C/$file" || fail "$file is written otherwise"
		[ "$file" = transcript.jsonl ] || [ "$(jq -r 'keys_unsorted[0]' "$C/$file")" = format ] ||
			fail "$file does not begin with its format"
	done
	[ "$(events .seq | tr '\n' ' ')" = "$(seq 0 $(($(wc -l < "$C/transcript.jsonl") - 1)) | tr '\n' ' ')" ]
}

@test "the transcript tells everything in its order, each item announced first" {
	ready
	run_it
	[ "$(events .event | tr '\n' ' ')" = "run.start policy approval approval module token gate.passed login key $(
		for i in 0 1 2 3 4; do printf 'sign.intent sign.result verified written '; done
	)run.end " ] || fail "$(events .event)"
	[ "$(events 'select(.event == "module").sha256')" = "$(file_hash "$SHIM")" ]
	refute grep -qF -e "$PIN" "$C/transcript.jsonl"
}

# by_openssl NAME OPTIONS: the statement of NAME as it stands, signed by openssl alone.
by_openssl() {
	local name=$1
	shift
	openssl cms -sign -binary -in "$C/approvals/$name.json" -signer "$FIXTURES/person-$name.pem" \
		-inkey "$(key_of "$name")" -outform DER -out "$C/approvals/$name.p7s" "$@"
}

@test "approvals that openssl cms -sign made count, in each of its ways" {
	local how
	ready
	cp -a "$C" "$T/ready"
	for how in '-md sha256' '-md sha384 -noattr' '-md sha512 -nocerts' '-md sha256 -keyid -nosmimecap'; do
		rm -rf "$C"
		cp -a "$T/ready" "$C"
		# shellcheck disable=SC2086 # words
		by_openssl bob $how
		# shellcheck disable=SC2086
		by_openssl alice $how
		run_it
		assert_status 0
		seal_it
		verify_it
		assert_status 0
	done
	rm -rf "$C"
	cp -a "$T/ready" "$C"
	by_openssl alice -md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest
	cms_is_good approvals/alice.p7s approvals/alice.json alice
	run_it
	assert_status 0
}

@test "a run in two halves goes on where it stopped" {
	ready
	export CAPROOF_SHIM_RULES='C_Sign#3=CKR_GENERAL_ERROR'
	run_it
	assert_fails 4
	assert_hint '--retry 2'
	export CAPROOF_SHIM_RULES=
	run_it
	PASSED=1 assert_shut indeterminate 'item 2'
	run_it --retry 2 --reason 'the token was pulled out'
	assert_status 0
	assert_calls C_Sign 3
	[ "$(events 'select(.event == "sign.intent" and .index == 2).attempt' | tr '\n' ' ')" = '1 2 ' ]
	[ "$(events 'select(.event == "sign.intent") | .tbs_sha256' | sort -u | wc -l)" -eq 5 ]
	[ "$(events 'select(.event == "deviation").reason')" = 'the token was pulled out' ]
	assert_results
	seal_it
	verify_it
	assert_status 0
}

@test "the signature form: the code itself is signed, in signatures/" {
	use_ca p256
	make_policy
	printf '%s\n' code,platform Code-123,cumulocity > "$OUT/list.csv"
	plan_it
	approve_by alice bob
	run_it
	assert_status 0
	base64 -d "$C/signatures/0000.b64" > "$T/signature"
	openssl x509 -in "$CA" -noout -pubkey > "$T/ca.pub"
	printf Code-123 | openssl dgst -sha256 -verify "$T/ca.pub" -signature "$T/signature"
	seal_it
	verify_it
	assert_status 0
}

@test "one person alone: threshold 0, operator and witness in one, and it is said" {
	use_ca p256
	make_policy '.approve.threshold = 0 | .separate = [] | .members |= [.[2], .[2] + {name: "oscar-too", role: "witness"}]'
	cp "$ROOM/roster/oscar.pem" "$ROOM/roster/oscar-too.pem"
	plan_it
	quietly ceremony show c
	grep -q 'nobody has to approve' "$T/quiet"
	run_it
	assert_status 0
	quietly ceremony seal c --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	quietly ceremony seal c --role witness --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	verify_it
	assert_status 0
	assert_stdout_has 'the policy asks for none'
}

@test "the confirmation is typed at a terminal, once the gates are open" {
	local words
	ready
	words=$(confirmed)
	printf '%s\n' "$words" > "$T/words"
	run_on_terminal -w 'to begin: ' -e -i "$T/words" -- \
		ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE"
	assert_status 0
	assert_results
}

@test "who is not in the roster, or has another role, neither approves nor seals" {
	ready
	run_caproof ceremony approve c --cert "$FIXTURES/person-mallory.pem" --key-file "$(key_of mallory)"
	assert_fails 3 'not one of the roster'
	run_caproof ceremony approve c --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	assert_fails 3 "'oscar' is operator"
	assert_hint 'this is for the officer'
	run_it
	run_caproof ceremony seal c --role witness --cert "$C/roster/alice.pem" --key-file "$(key_of alice)"
	assert_fails 3 "'alice' is officer"
	run_caproof ceremony seal c --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of walter)"
	assert_fails 6 'not the key of the certificate'
	assert_no_file c/seal.json
}

@test "a wrong PIN of a sealer closes nothing, and a second seal compares" {
	ready
	run_it
	cards oscar
	printf 'wrong-1\n' > "$T/wrong"
	run_caproof ceremony seal c --role operator --cert "$C/roster/oscar.pem" -m "$SHIM" --pin "file:$T/wrong"
	assert_fails 5
	assert_no_file c/seal.json
	assert_no_file c/SHA256SUMS
	quietly ceremony seal c --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	echo late > "$C/attach-late"
	run_caproof ceremony seal c --role witness --cert "$C/roster/walter.pem" --key-file "$(key_of walter)"
	assert_fails 9 'changed after the first seal'
	rm "$C/attach-late"
	quietly ceremony seal c --role witness --cert "$C/roster/walter.pem" --key-file "$(key_of walter)"
	run_caproof ceremony seal c --role witness --cert "$C/roster/walter.pem" --key-file "$(key_of walter)"
	assert_fails 7 'has sealed it already'
}

@test "a file that belongs to nothing is found before the first seal, not by the auditor" {
	ready
	run_it
	echo none of it > "$C/approvals/note.txt"
	run_caproof ceremony seal c --role operator --cert "$C/roster/oscar.pem" --key-file "$(key_of oscar)"
	assert_fails 3 "'approvals/note.txt' belongs to nothing in the ceremony"
	assert_hint attach/
	assert_no_file c/seal.json
	mkdir "$C/attach"
	mv "$C/approvals/note.txt" "$C/attach"
	seal_it
	verify_it
	assert_status 0
}

@test "Ctrl-C instead of the words: interrupted, and not a wrong confirmation" {
	ready
	run_on_terminal -w 'to begin: ' -e -k c -- \
		ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --pin "file:$PIN_FILE"
	assert_status 130
	assert_calls C_Login 0
	[ "$(events '.id // .gate' | tail -n 1)" = interrupted ]
	run_it
	assert_status 0
}

@test "what was said is not said again: a second approval, a folder that is there" {
	ready
	run_caproof ceremony approve c --cert "$C/roster/alice.pem" --key-file "$(key_of alice)" --reject --reason no
	assert_fails 7 'has spoken already'
	run_caproof ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c
	assert_fails 7 'exists already'
	assert_hint 'choose another name'
	refute grep -qF -e --force "$STDERR"
}

@test "a policy that nobody could ever fulfil is refused when it is planned" {
	local filter
	use_ca p256
	make_list
	for filter in '.approve.threshold = 3' '.members[2].role = "requester"' '.members[3].role = "requester"'; do
		make_policy "$filter"
		run_caproof ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c
		assert_fails 3 'the policy asks for'
		assert_no_file c
	done
}

@test "texts that no verifier would read are refused on the command line" {
	local text
	use_ca p256
	make_policy
	make_list
	for text in $'two\nlines' $'bell\a' $'not UTF-8 \xff' '' $'\u202eeman'; do
		run_caproof ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c --purpose "$text"
		assert_fails 2 purpose
	done
	assert_no_file c
	plan_it
	run_caproof ceremony approve c --cert "$C/roster/alice.pem" --key-file "$(key_of alice)" --reject --reason $'a\nb'
	assert_fails 2 reason
	run_caproof ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --retry 0 --reason $'a\nb'
	assert_fails 2 reason
	run_caproof ceremony run c -m "$SHIM" --policy-sha256 ABC
	assert_fails 2 policy-sha256
	assert_hint 'it has 3 characters'
	assert_no_file c/transcript.jsonl
}

@test "what is said of a typing error has the whole command in it" {
	run_caproof ceremony report --forc "$T/c"
	assert_status 2
	assert_hint "did you mean '--force'? 'caproof ceremony report --help' lists the options"
	run_caproof ceremony seal
	assert_status 2
	assert_hint 'the usage is: caproof ceremony seal DIR'
}

@test "show: whose code it is comes first in each item, 80 columns, the hash in words at the end" {
	local hash words first
	use_ca p256
	plan_it --purpose 'Codes of the fourth quarter'
	run_caproof ceremony show c
	assert_status 0
	[ "$(grep -c '^item [0-9]$' "$STDOUT")" -eq 5 ]
	first=$(grep -A3 '^item ' "$STDOUT" | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort | uniq -c | tr -s ' ')
	[ "$first" = "$(printf ' 5 code\n 5 platform\n 5 tenant')" ] || fail "first in the items: $first"
	# Codes and the plan hash are unbroken, however long they are.
	[ -z "$(grep -vE '^  code |[0-9a-f]{64}$' "$STDOUT" | grep -E '.{81}')" ] || fail 'wider than 80 columns'
	hash=$(file_hash "$C/plan.json")
	grep -qx "plan hash $hash" "$STDOUT" || fail 'the hash in hex is not there, unbroken'
	words=$(sed "1,/^plan hash/d" "$STDOUT" | tr -s ' \n' ' ')
	[ "$(wc -w <<< "$words")" -eq 32 ] || fail "not 32 words: $words"
}
