# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
#
# scripts/verify-bundle accepts every good bundle and refuses every mutation, each in the
# words of the check that is meant to find it: were that check taken away, the mutation would
# pass or be found by another, and either fails here.

TOP_SRCDIR=${TOP_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
VERIFY=$TOP_SRCDIR/scripts/verify-bundle

setup_file() {
	export LC_ALL=C.UTF-8 CEREMONY=$BATS_FILE_TMPDIR
	. "$BATS_TEST_DIRNAME/bundle.bash"
	ceremony_people "$CEREMONY/keys"
	for kind in $CEREMONY_KINDS; do
		ceremony_make "$CEREMONY/keys" "$CEREMONY/good/$kind" "$kind"
	done
}

setup() {
	. "$BATS_TEST_DIRNAME/bundle.bash"
	. "$BATS_TEST_DIRNAME/mutations.bash"
}

# accepted KIND OUTCOME
accepted() {
	run ceremony_verify "$CEREMONY/good/$1" "$VERIFY"
	echo "$output"
	[ "$status" = 0 ] && [ "${lines[0]}" = "outcome: $2" ]
	[ "$(printf '%s\n' "$output" | grep -c '^refused')" = 0 ]
}

# refused_all PREFIX... : the mutations whose names begin so; at least COUNT of them.
refused_all() {
	local count=$1 name names failed=''
	names=$(mutation_list | grep -E "^($2)")
	[ "$(printf '%s\n' "$names" | wc -l)" -ge "$count" ]
	for name in $names; do
		mutation_make "$name" "$CEREMONY/keys" "$CEREMONY/good" "$BATS_TEST_TMPDIR/$name"
		run ceremony_verify "$BATS_TEST_TMPDIR/$name" "$VERIFY"
		if [ "$status" != 8 ] && [ "$status" != 9 ] || [ "${lines[0]}" != "outcome: not verified" ] ||
			! printf '%s\n' "$output" | grep '^refused  ' | grep -q "$(mutation_words "$name")"; then
			failed="$failed $name"
			printf '%s: %s\n%s\n' "$name" "$status" "$output"
		fi
		rm -rf "${BATS_TEST_TMPDIR:?}/$name"
	done
	[ -z "$failed" ]
}

@test "a complete ceremony verifies" { accepted complete complete; }
@test "a sealed partial one verifies, and says so first" { accepted partial partial; }
@test "a sealed refusal verifies, and says so first" {
	accepted aborted aborted
	accepted rejected aborted
}
@test "an item signed a second time, and one written before its record" {
	accepted retried complete
	accepted resumed complete
}
@test "the item that is in doubt is named" {
	accepted partial partial
	printf '%s\n' "$output" | grep -q '^note     item 2'
}
@test "threshold 0 is allowed, and said" {
	accepted unsigned complete
	printf '%s\n' "$output" | grep -q 'no approval at all'
}
@test "every kind of CA key" {
	accepted ecdsa complete
	accepted pss complete
	accepted ed25519 complete
}
@test "attachments with hostile names, and time stamps" {
	accepted attached complete
	[ ! -e "$CEREMONY/good/attached/bundle/x" ] && [ ! -e x ]
}
@test "openssl takes the certificates and the CMS of the good bundles for what they are" {
	cd "$CEREMONY/good/complete/bundle"
	openssl verify -CAfile inputs/ca.pem certs/0000.pem certs/0001.pem certs/0002.pem certs/0004.pem
	openssl cms -verify -binary -inform DER -in approvals/bob.p7s -content approvals/bob.json \
		-CAfile roster/bob.pem -purpose any -out /dev/null
	sha256sum -c --quiet SHA256SUMS
}

@test "records, files and sums" { refused_all 19 'record_(edited|removed)|file_|sums_|unsealed'; }
@test "seals" { refused_all 14 'seal_'; }
@test "results" { refused_all 11 'tail_|cert_|b64_'; }
@test "approvals" { refused_all 24 'approval_|reject_'; }
@test "roster and policy" { refused_all 11 'roster_|policy_'; }
@test "the plan's spelling" { refused_all 14 'plan_(dup|unk|null|flo|exp|large|lead|nan|con|nul|inv|pre|no_|two)'; }
@test "the plan's fields" {
	refused_all 20 'plan_(for|pin|out|req|reh|cod|ser|sub|san|val|tbs|ca_|iss|alg|win|expired)'
}
@test "what is to be signed" { refused_all 9 'tbs_|jws_'; }
@test "the order of events" {
	refused_all 19 'no_|login_|key_|gate_|result_|attempt_|intent_|signed_|sequence_|event_|first_|record_(unk|dup)'
}
@test "another CA" { refused_all 1 'other_ca'; }
@test "every mutation is in one of these tests" {
	names=$(sed -n "s/.*refused_all [0-9]* '\(.*\)'.*/\1/p" "$BATS_TEST_FILENAME" | paste -sd '|')
	[ -z "$(mutation_list | grep -vE "^($names)")" ]
	[ "$(mutation_list | sort)" = "$(sed -n 's/^m_\([a-z0-9_]*\)() .*/\1/p' \
		"$BATS_TEST_DIRNAME/mutations.bash" | grep -vx sums_changed | sort)" ]
}

@test "another policy hash than the given one" {
	run "$VERIFY" "$CEREMONY/good/complete/bundle" --ca "$CEREMONY/good/complete/ca.pem" \
		--policy-sha256 "$(printf %064d 7)"
	[ "$status" = 9 ]
	printf '%s\n' "$output" | grep -q 'not the one whose hash was given'
}

@test "a wrong command line is exit 2" {
	for line in '' 'x' 'x --ca y' 'x --ca y --policy-sha256 7' 'x y --ca z a' '--what'; do
		# shellcheck disable=SC2086 # words
		run "$VERIFY" $line
		[ "$status" = 2 ]
	done
}

@test "nothing is written outside a temporary folder, which is gone afterwards" {
	mkdir "$BATS_TEST_TMPDIR/tmp"
	chmod -R a-w "$CEREMONY/good/attached/bundle"
	find "$CEREMONY/good/attached/" -printf '%p %T@\n' | sort >"$BATS_TEST_TMPDIR/before"
	TMPDIR=$BATS_TEST_TMPDIR/tmp ceremony_verify "$CEREMONY/good/attached" "$VERIFY"
	find "$CEREMONY/good/attached/" -printf '%p %T@\n' | sort >"$BATS_TEST_TMPDIR/after"
	chmod -R u+w "$CEREMONY/good/attached/bundle"
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}

@test "the script is shorter than 200 lines" {
	[ "$(wc -l <"$VERIFY")" -lt 200 ]
}
