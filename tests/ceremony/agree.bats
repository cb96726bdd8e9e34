# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
#
# `caproof ceremony verify` and scripts/verify-bundle are of one mind where two programs easily
# are not: about spelling, about certificates that have one name, about transcripts that take long.

TOP_SRCDIR=${TOP_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
TOP_BUILDDIR=${TOP_BUILDDIR:-$TOP_SRCDIR}
VERIFY=$TOP_SRCDIR/scripts/verify-bundle

setup_file() {
	export LC_ALL=C.UTF-8 CEREMONY=$BATS_FILE_TMPDIR CAPROOF_PLATFORMS=$TOP_SRCDIR/platforms
	. "$BATS_TEST_DIRNAME/bundle.bash"
	ceremony_people "$CEREMONY/keys"
	ceremony_make "$CEREMONY/keys" "$CEREMONY/good" ecdsa
}

setup() {
	. "$BATS_TEST_DIRNAME/bundle.bash"
	OUT=$BATS_TEST_TMPDIR/out
	cp -r "$CEREMONY/good" "$OUT"
}

# both KEYS-OF-ONE-MIND: $status is that of both, which may not take longer than people wait.
both() {
	local other=0
	run timeout 120 bash -c '. "$0"; ceremony_verify "$@"' "$BATS_TEST_DIRNAME/bundle.bash" "$OUT" "${CAPROOF:?}" ceremony verify
	timeout 600 bash -c '. "$0"; ceremony_verify "$@"' "$BATS_TEST_DIRNAME/bundle.bash" "$OUT" "$VERIFY" >"$BATS_TEST_TMPDIR/other" 2>&1 || other=$?
	echo "caproof: $status: $output"
	echo "verify-bundle: $other: $(cat "$BATS_TEST_TMPDIR/other")"
	[ "$status" -eq "$other" ] || { [ "$status" -ge 8 ] && [ "$status" -le 9 ] && [ "$other" -ge 8 ] && [ "$other" -le 9 ]; }
}

said() { printf '%s\n' "$output" | grep -qF -- "$1" && grep -qF -- "${2-$1}" "$BATS_TEST_TMPDIR/other"; }

# --- spelling ---------------------------------------------------------------------------------------

# A text between the quotes of JSON, and what becomes of it in the plan (one way to write it) and in
# the policy (any way that means one thing).
spellings() {
	cat <<-'TABLE'
		plain                   yes yes
		a/b                     yes yes
		a\/b                    no  yes
		\"\\                    yes yes
		<&>'                    yes yes
		\u0041                  no  yes
		\u00e9                  no  yes
		\u00E9                  no  yes
		@c3a9@                  yes yes
		\ud83d\ude00            no  yes
		@f09f9880@              yes yes
		\n                      no  no
		\t                      no  no
		\b\f\r                  no  no
		\u0000                  no  no
		\u0001                  no  no
		\u001b                  no  no
		\u001B                  no  no
		@1b@                    no  no
		@09@                    no  no
		@7f@                    no  no
		\u007f                  no  no
		\u0085                  no  no
		@c285@                  no  no
		@c2a0@                  yes yes
		\u00ad                  no  no
		@c2ad@                  no  no
		\u200b                  no  no
		@e2808b@                no  no
		\u2028                  no  no
		@e280a8@                no  no
		@e280a9@                no  no
		\u202e                  no  no
		@e280ae@                no  no
		@e280af@                yes yes
		@e281a0@                no  no
		@efbbbf@                no  no
		@efbfbd@                no  no
		\ufffd                  no  no
		\uffff                  no  no
		@efbfbf@                no  no
		@ee8080@                yes yes
		@f3a08081@              no  no
		@f48fbfbf@              yes yes
		\ud800                  no  no
		\udc00\ud800            no  no
		@eda080@                no  no
		@c0af@                  no  no
		@ff@                    no  no
		@f4908080@              no  no
		@c3@                    no  no
		@00@                    no  no
		\x                      no  no
		\u12                    no  no
		                        no  no
	TABLE
}

# The octets that a row of the table stands for.
octets_of() {
	local rest=$1
	while [[ $rest == *@*@* ]]; do
		printf %s "${rest%%@*}"
		rest=${rest#*@}
		printf %s "${rest%%@*}" | b_unhex
		rest=${rest#*@}
	done
	printf %s "$rest"
}

# put FILE KEY ROW: the text of the first KEY becomes that row.
put() {
	{
		sed "s/\"$2\": *\"[^\"]*\".*//;T;q" "$1" | head -c -1
		printf '"%s":"' "$2"
		octets_of "$3"
		printf '"'
		sed "0,/\"$2\": *\"[^\"]*\"/s//\x01/" "$1" | sed '0,/\x01/{/\x01/!d;s/.*\x01//}'
	} >"$1.new"
	mv "$1.new" "$1"
}

# judged WORD FILE: whether show and verify-bundle take the spelling of FILE, and WORD says so too.
judged() {
	local mine=yes other=yes
	run "$CAPROOF" ceremony show "$OUT/bundle"
	[ "$status" -ne 3 ] || mine=no
	[ "$status" -le 9 ]
	b_hash "$OUT/bundle/policy.json" >"$OUT/policy.sha256"
	ceremony_verify "$OUT" "$VERIFY" >"$BATS_TEST_TMPDIR/other" 2>&1 || :
	! grep -q "^refused  $2 \(is not strict\|does not have\)" "$BATS_TEST_TMPDIR/other" || other=no
	[ "$mine" = "$1" ] && [ "$other" = "$1" ]
}

agreed_on() { # FILE KEY COLUMN
	local row word failed='' n=0
	cp "$OUT/bundle/$1" "$BATS_TEST_TMPDIR/kept"
	while IFS= read -r row; do
		word=$(awk -v column="$3" '{ print $(NF - 2 + column) }' <<<"$row")
		row=$(sed -E 's/ +(yes|no) +(yes|no)$//' <<<"$row")
		cp "$BATS_TEST_TMPDIR/kept" "$OUT/bundle/$1"
		put "$OUT/bundle/$1" "$2" "$row"
		judged "$word" "$1" || failed+="; '$row' in $1: should be $word: $output, $(grep refused "$BATS_TEST_TMPDIR/other")"
		: $((n += 1))
	done < <(spellings)
	[ "$n" -ge 50 ]
	[ -z "$failed" ] || { echo "$failed"; false; }
}

@test "the plan: one way to write it, and no text that cannot be seen" { agreed_on plan.json purpose 1; }
@test "the policy: any way that means one thing, and no text that cannot be seen" { agreed_on policy.json name 2; }

@test "numbers: no sign, no fraction, no exponent, nothing above 2^53-1" {
	local number failed=''
	cp "$OUT/bundle/policy.json" "$BATS_TEST_TMPDIR/kept"
	for number in 72 -0 072 7.2e1 72.0 1e1 9007199254740993 9007199254740991 8784 8785 0 -1 NaN '"72"' null true; do
		sed "s/\"max_age_hours\": *72/\"max_age_hours\": $number/" "$BATS_TEST_TMPDIR/kept" >"$OUT/bundle/policy.json"
		case $number in
		72 | 8784) judged yes policy.json ;;
		*) judged no policy.json ;;
		esac || failed+="; $number: $output, $(grep refused "$BATS_TEST_TMPDIR/other")"
	done
	[ -z "$failed" ] || { echo "$failed"; false; }
}

# --- one name, two certificates -----------------------------------------------------------------------

# twins A B: new certificates for their keys, with the same issuer and serial number.
twins() {
	local name
	cp -r "$CEREMONY/keys" "$BATS_TEST_TMPDIR/keys"
	KEYS=$BATS_TEST_TMPDIR/keys
	for name; do
		openssl req -new -key "$KEYS/$name.key" -subj /CN=twin 2>/dev/null | openssl x509 -req -CA "$KEYS/mallory.pem" \
			-CAkey "$KEYS/mallory.key" -set_serial 7 -days "$((90 + ${#name}))" -out "$KEYS/$name.pem" 2>/dev/null
	done
	rm -r "$OUT"
	ceremony_make "$KEYS" "$OUT" complete
}

@test "two officers with one issuer and serial number: each speaks for the key that signed" {
	twins alice bob
	both
	[ "$status" -eq 0 ]
	# alice's key under bob's statement: the name in the message is bob's as well
	B_SIGNER=alice B_SIGNER_CERT=alice b_approve "$KEYS" "$OUT/bundle" bob approve
	b_sealed "$KEYS" "$OUT/bundle"
	both
	[ "$status" -ge 8 ]
	said "bob approves, which does not count: somebody else signed it" approvals/bob.json
}

@test "an officer and a witness with one key, issuer and serial number: the order of the roster does not matter" {
	cp "$CEREMONY/keys/alice.key" "$CEREMONY/keys/frank.key"
	twins alice frank
	jq '.separate = [["officer", "operator"]] | .members |= [.[5] | .role = "witness"] + .[:4] | .seal.witness = 1' \
		"$OUT/bundle/policy.json" >"$OUT/policy.json"
	mv "$OUT/policy.json" "$OUT/bundle/policy.json"
	rm "$OUT/bundle/roster/erin.pem"
	b_hash "$OUT/bundle/policy.json" >"$OUT/policy.sha256"
	jq -c --arg sha "$(cat "$OUT/policy.sha256")" '.policy_sha256 = $sha' "$OUT/bundle/plan.json" >"$OUT/plan.json"
	mv "$OUT/plan.json" "$OUT/bundle/plan.json"
	ceremony_remake "$KEYS" "$OUT" complete
	mv "$OUT/bundle/SHA256SUMS.witness.erin.p7s" "$BATS_TEST_TMPDIR"
	b_cms "$KEYS" frank "$OUT/bundle/SHA256SUMS" >"$OUT/bundle/SHA256SUMS.witness.frank.p7s"
	both
	[ "$status" -eq 0 ]
	said 'sealed by'
}

# --- long transcripts ------------------------------------------------------------------------------

# long COUNT RECORD...: the records, that many times, as the whole transcript, sealed.
long() {
	local count=$1
	shift
	mapfile -t LONG < <(printf '{"time":"2026-11-25T12:00:00Z","mono_ms":1,%s}\n' "$@")
	rm -rf "$OUT/bundle/"{certs,signatures}
	for ((i = 0; i < 100; i++)); do printf '%s\n' "${LONG[@]}"; done >"$BATS_TEST_TMPDIR/hundred"
	for ((i = 0; i < count / 100; i++)); do cat "$BATS_TEST_TMPDIR/hundred"; done |
		"$TOP_BUILDDIR/tests/support/chain" "$(b_hash "$OUT/bundle/plan.json")" >"$OUT/bundle/transcript.jsonl"
	jq -nc --slurpfile plan "$OUT/bundle/plan.json" --arg hash "$(b_hash "$OUT/bundle/plan.json")" \
		--arg head "$(tail -n 1 "$OUT/bundle/transcript.jsonl" | sha256sum | cut -c1-64)" \
		--argjson records "$(wc -l <"$OUT/bundle/transcript.jsonl")" --arg outcome "${OUTCOME-aborted}" \
		--argjson unresolved "${UNRESOLVED-[]}" '{format: "caproof/seal/1", ceremony_id: $plan[0].ceremony_id,
		outcome: $outcome, records: $records, head_sha256: $head, plan_sha256: $hash,
		time: "2026-11-26T12:00:00Z", unresolved: $unresolved}' >"$OUT/bundle/seal.json"
	b_sealed "$CEREMONY/keys" "$OUT/bundle"
}

@test "a million records are more than a file may have: refused at once" {
	long 1000000 '"event":"abort","why":"x"'
	[ "$(wc -l <"$OUT/bundle/transcript.jsonl")" -eq 1000000 ]
	both
	[ "$status" -eq 9 ]
	said '16 MiB' transcript.jsonl
}

@test "fifteen thousand runs that were refused: an answer, and the same" {
	long 15000 '"event":"run.start","caproof":"0.1.0","openssl":"3","argv":"x"' \
		"\"event\":\"policy\",\"sha256\":\"$(cat "$OUT/policy.sha256")\",\"expected\":\"$(cat "$OUT/policy.sha256")\",\"from\":\"x\"" \
		'"event":"approval","name":"alice","decision":"approve","counts":true' \
		'"event":"gate.refused","gate":"quorum","why":"x"'
	[ "$(wc -c <"$OUT/bundle/transcript.jsonl")" -gt 12000000 ]
	both
	[ "$status" -eq 0 ]
	said 'outcome aborted' 'outcome: aborted'
}

@test "as many gates and intents as there is room for: an answer, and the same" {
	long 15000 '"event":"run.start","caproof":"0.1.0","openssl":"3","argv":"x"' \
		"\"event\":\"gate.passed\",\"plan_sha256\":\"$(b_hash "$OUT/bundle/plan.json")\",\"approvals\":0" \
		"\"event\":\"sign.intent\",\"index\":0,\"attempt\":1,\"tbs_sha256\":\"$(jq -r '.items[0].tbs_sha256' "$OUT/bundle/plan.json")\"" \
		'"event":"abort","why":"x"'
	both
	[ "$status" -eq 9 ]
	said 'the transcript is broken' 'refused  '
}
