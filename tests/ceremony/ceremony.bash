# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2119,SC2120,SC2154
#
# A ceremony of five items in the making, for the tests of `caproof ceremony`: two officers,
# an operator and a witness, a policy, a list.  Stands on tests/cli/helper.bash.
#
#   make_people [KIND...]   keys and certificates: alice and carla are officers, bob too
#   make_policy [JQ]        $T/room/policy.json and its roster, changed by a filter
#   plan_it [ARGUMENTS]     $OUT/c
#   approve_by NAME...      with key files
#   run_it [ARGUMENTS]      `ceremony run`, confirmed (or $WORDS), with the PIN of the test
#                           (or in the file $PIN_IN)
#   seal_it                 by operator and witness, with key files
#   verify_it               `ceremony verify`

setup() {
	common_setup
	export ALLOW_FILES=1
}

# person NAME KIND
person() {
	ca_key "person-$1" "$2"
	[ -s "$FIXTURES/person-$1.pem" ] || openssl req -x509 -new -key "$FIXTURES/person-$1.key" \
		-days 3650 -subj "/CN=$1" -out "$FIXTURES/person-$1.pem" 2> "$FIXTURES/log" ||
		fail "$(cat "$FIXTURES/log")"
}

key_of() {
	echo "$FIXTURES/person-$1.key"
}

make_people() {
	person alice rsa2048
	person bob p256
	person oscar p256
	person walter rsa2048
	person mallory p256
}

# member NAME ROLE: one line of JSON.
member() {
	jq -cn --arg name "$1" --arg role "$2" --arg sha "$(cert_hash "$ROOM/roster/$1.pem")" \
		'{name: $name, role: $role, cert_sha256: $sha}'
}

cert_hash() {
	openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64
}

file_hash() {
	sha256sum < "$1" | cut -c1-64
}

make_policy() {
	local name
	ROOM=$T/room
	make_people
	mkdir -p "$ROOM/roster"
	for name in alice bob oscar walter; do
		cp "$FIXTURES/person-$name.pem" "$ROOM/roster/$name.pem"
	done
	{ member alice officer; member bob officer; member oscar operator; member walter witness; } |
		jq -s '{format: "caproof/policy/1", name: "Two officers", approve: {threshold: 2,
			veto: true, max_age_hours: 72}, separate: [["officer", "operator"]],
			seal: {operator: 1, witness: 1}, members: .}' | jq "${1:-.}" > "$ROOM/policy.json"
	POLICY=$(file_hash "$ROOM/policy.json")
}

make_list() {
	make_csr "$OUT/device.csr" Code-of-3
	rm -f "$OUT/device.csr.key"
	printf '%s\n' 'code,csr,platform,tenant,note' 'Code0,,quectel,Acme,the first' \
		'Code-1,,generic,,' 'code2,,nerveshub,Beta & Söhne,' ',device.csr,generic,Acme,' \
		'Code_4,,generic,,' > "$OUT/list.csv"
}

# What is not the subject of a test is not checked like a run of its own.
quietly() {
	(cd "$OUT" && "$CAPROOF" "$@") > "$T/quiet" 2>&1 || fail "caproof $*: $(cat "$T/quiet")"
}

plan_it() {
	[ -n "${POLICY:-}" ] || make_policy
	[ -s "$OUT/list.csv" ] || make_list
	quietly ceremony plan list.csv -c "$CA" --policy "$ROOM/policy.json" -o c \
		--expect-key "${EXPECT:-sensitive}" "$@"
	C=$OUT/c
}

approve_by() {
	local name
	for name; do
		quietly ceremony approve c --cert "$C/roster/$name.pem" --key-file "$(key_of "$name")"
	done
}

confirmed() {
	(cd "$OUT" && "$CAPROOF" ceremony show c) > "$T/show" 2>&1 || return 0
	awk '/^plan hash/ { f = 1; next } f { print tolower($1 " " $2); exit }' "$T/show"
}

run_it() {
	local words
	words=${WORDS:-$(confirmed)}
	run_caproof ceremony run c -m "$SHIM" --policy-sha256 "$POLICY" --confirm "${words:-none none}" \
		--pin "file:${PIN_IN:-$PIN_FILE}" "$@"
}

seal_it() {
	quietly ceremony seal c --role operator --cert "$C/roster/oscar.pem" \
		--key-file "$(key_of oscar)"
	quietly ceremony seal c --role witness --cert "$C/roster/walter.pem" \
		--key-file "$(key_of walter)"
}

# Both verifiers, of one mind: $status is caproof's.
verify_it() {
	local other=0
	run_caproof ceremony verify c --policy-sha256 "$POLICY" --ca "$CA"
	"$TOP_SRCDIR/scripts/verify-bundle" "$C" --policy-sha256 "$POLICY" --ca "$CA" \
		> "$T/verify-bundle" 2>&1 || other=$?
	[ "$other" -eq "$status" ] ||
		fail "verify-bundle ends with $other, caproof with $status:" "$(cat "$T/verify-bundle")"
}

# A planned ceremony with both approvals.
ready() {
	use_ca "${1:-p256}"
	plan_it
	approve_by alice bob
}

# edit_json FILE FILTER: as caproof writes it, on one line.
edit_json() {
	jq -c "$2" "$1" > "$T/edited" || fail "jq $2"
	cat "$T/edited" > "$1"
}

# sign_statement NAME [SIGNER]: the approval of NAME as it stands, signed by openssl alone.
sign_statement() {
	openssl cms -sign -binary -in "$C/approvals/$1.json" -signer "$FIXTURES/person-${2:-$1}.pem" \
		-inkey "$(key_of "${2:-$1}")" -md sha256 -outform DER -out "$C/approvals/$1.p7s"
}

# events FILTER: of the records, one value a line.
events() {
	jq -r "$1" "$C/transcript.jsonl"
}

assert_last_event() {
	[ "$(events .event | tail -n 1)" = "$1" ] || fail "the last event is not $1: $(cat "$C/transcript.jsonl")"
}

# The chain of records, by sha256sum and jq alone.
assert_chain() {
	local line prev
	prev=$(file_hash "$C/plan.json")
	while IFS= read -r line; do
		[ "$(jq -r .prev <<< "$line")" = "$prev" ] || fail "the chain is broken: $line"
		prev=$(printf '%s\n' "$line" | sha256sum | cut -c1-64)
	done < "$C/transcript.jsonl"
}

# assert_shut GATE [TEXT]: exit 9, nobody logged in, and the refusal is the last record.
assert_shut() {
	assert_fails 9 "the gate '$1' is shut" "${2:-}"
	assert_calls C_Login 0
	assert_last_event gate.refused
	[ "$(events 'select(.event == "gate.refused").gate' | tail -n 1)" = "$1" ] ||
		fail "another gate was recorded: $(tail -n 1 "$C/transcript.jsonl")"
	[ "$(events 'select(.event == "gate.passed") | .seq' | wc -l)" -eq "${PASSED:-0}" ] ||
		fail 'a gate.passed is in the record'
	assert_chain
}

# assert_results: what stands in certs/ and signatures/ is the planned octets, signed by the CA.
assert_results() {
	local i out
	for i in 0 1 2 3 4; do
		out=$(jq -r ".items[$i].out" "$C/plan.json")
		openssl verify -partial_chain -CAfile "$CA" "$C/$out" > "$T/openssl" 2>&1 ||
			fail "$out: $(cat "$T/openssl")"
		openssl x509 -in "$C/$out" -outform DER | openssl asn1parse -inform DER -strparse 4 \
			-noout -out "$T/tbs"
		[ "$(base64 -w0 < "$T/tbs")" = "$(jq -r ".items[$i].tbs_der" "$C/plan.json")" ] ||
			fail "$out is not the planned octets"
	done
}
