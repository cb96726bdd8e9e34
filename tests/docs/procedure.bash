# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034
#
# The procedure of docs/ceremony-two-officers.md in parts, on software tokens: who carries it
# out, and what can go wrong.  Stands on docs.bash.

TWO=$TOP_SRCDIR/docs/ceremony-two-officers.md

# The CA's key is made in the token, and never was anywhere else.
ca_in_token() {
	TOKEN='CA HSM'
	token_new "$TOKEN"
	token_generate EC:secp256r1 rootCA 01
	"$CAPROOF" ca-cert -m "$SOFTHSM" -k 'pkcs11:token=CA%20HSM;object=rootCA' --subject 'CN=Device CA' \
		--pin "file:$PIN_FILE" -q -o "$OUT/rootCA.pem" || fail 'no CA'
}

# card NAME...: a token of that name with key and certificate.
card() {
	local name
	for name; do
		ca_key "card-$name" p256
		openssl req -x509 -new -key "$FIXTURES/card-$name.key" -days 30 -subj "/CN=$name" \
			-out "$FIXTURES/card-$name.pem" 2> "$T/setup.log"
		token_new "$name"
		token_import "$FIXTURES/card-$name.key" "$name" 01 "$name"
		TOKEN=$name token_put cert "$FIXTURES/card-$name.pem" "$name" 01
	done
}

# record_says FILTER: of all records, with jq; true for one of them.
record_says() {
	jq -e -s "any(.[]; $1)" "$OUT/c1/transcript.jsonl" > "$T/jq" || fail "no record with $1"
}

people_and_ca() {
	card alice bob oscar walter
	ca_in_token
	make_tsa
}

two_officers() {
	once people-and-ca people_and_ca
	blocks "$TWO" > "$T/whole"
}

# before_the_room, the_room, after_it: the parts of the procedure.
before_the_room() {
	sed -n '1,/^## The form/p' "$TWO" > "$T/part.md"
	blocks "$T/part.md" > "$T/before"
	once before-the-room assert_document "$T/before"
}

# Where the HSM is lost, its module is one that fails on demand.
through_the_shim() {
	echo "HSM=$SHIM" > "$T/shim"
	run_document "$T/shim"
	assert_status 0
}

signing() {
	sed -n '/^### 3\. Signing/,/^### 4\./p' "$TWO" > "$T/part.md"
	blocks "$T/part.md" > "$T/signing"
}

sealing() {
	sed -n '/^### 4\. Sealing/,/^## Afterwards/p' "$TWO" > "$T/part.md"
	blocks "$T/part.md" > "$T/sealing"
	assert_document "$T/sealing"
}

named() {
	blocks "$TWO" "$1" > "$T/named"
	assert_document "$T/named"
}

verified() {
	local policy
	policy=$(sha256sum < "$OUT/policy.json" | cut -c1-64)
	(cd "$OUT" && "$CAPROOF" ceremony verify c1 --policy-sha256 "$policy" -c rootCA.pem) \
		> "$STDOUT" 2> "$STDERR" || fail 'the record does not hold'
	[ "$(head -n 1 "$STDOUT")" = "outcome $1" ] || fail "the outcome is not $1"
}

# The HSM is lost while it signs the second item, which is then signed again.
interrupted_ceremony() {
	two_officers
	before_the_room
	through_the_shim
	signing
	export CAPROOF_SHIM_RULES='C_Sign#2=CKR_DEVICE_REMOVED'
	run_document "$T/signing"
	assert_status 4
	export CAPROOF_SHIM_RULES=
	run_document "$T/signing"
	assert_status 9
	assert_stdout_has "the gate 'indeterminate' is shut" 'item 1'
	named indeterminate
	sealing
}
