# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016
#
# Every way of spoiling a good bundle that a verifier has to notice.  A mutation is a
# function m_NAME KEYS OUT, where OUT holds a copy of a good bundle (see bundle.bash); the
# table says of which kind, and in which words scripts/verify-bundle must refuse it, so that
# no mutation is caught by accident.  Most are sealed again by the true operator and witness:
# the sums alone would give them away otherwise.
#
#   mutation_list                        the names
#   mutation_make NAME KEYS GOOD OUT     GOOD/KIND are good bundles
#   mutation_words NAME                  what must be said

# NAME KIND WORDS
MUTATIONS='
record_edited            complete  SHA256SUMS does not name
record_edited_summed     complete  the seal of the operator dave is wrong
record_edited_sealed     complete  chain is broken
record_removed           complete  does not have the records
file_added               complete  belong to nothing
file_added_attach        complete  SHA256SUMS does not name
file_removed             complete  files are missing
file_removed_attach      attached  SHA256SUMS does not name
file_renamed             complete  files are missing
file_newline_name        complete  belong to nothing
file_spare_approval      complete  approvals/carol.json is not an approval
file_link                complete  links, special
file_link_plan           complete  links, special
file_link_folder         complete  links, special
file_deep                complete  links, special
file_fifo                complete  links, special
sums_unsigned            complete  the seal of the operator dave is wrong
sums_unsorted            complete  SHA256SUMS does not name
sums_dotted              complete  SHA256SUMS does not name
sums_incomplete          complete  SHA256SUMS does not name
unsealed                 complete  not sealed
seal_witness_missing     complete  fewer seals by role witness
seal_operator_missing    complete  fewer seals by role operator
seal_by_another          complete  the seal of the witness erin is wrong
seal_of_another_file     complete  the seal of the witness erin is wrong
seal_two_signers         complete  the seal of the witness erin is wrong
seal_md5                 complete  the seal of the witness erin is wrong
seal_outcome             partial   does not tell what happened
seal_key_order           complete  fields of a seal
seal_records             complete  does not tell what happened
seal_head                complete  does not tell what happened
seal_unresolved          partial   does not tell what happened
seal_plan                complete  does not tell what happened
seal_other_ceremony      complete  does not tell what happened
tail_dropped             complete  does not have the records
tail_dropped_item        complete  belong to nothing
cert_swapped             complete  item 1: the certificate is not the planned octets
cert_signature_spoilt    complete  item 1: the certificate is not the planned octets
cert_signature_kept      complete  item 1: the certificate is not the planned octets
cert_other_ca            complete  item 1: the certificate is not the planned octets
cert_two                 complete  item 1: the certificate is not the planned octets
cert_trailing_text       complete  item 1: the certificate is not the planned octets
cert_unrecorded          partial   belong to nothing
b64_of_another           complete  item 3: the CA.s signature is wrong
b64_two_lines            complete  item 3: the CA.s signature is wrong
result_hash_verified     complete  tell of another result
result_hash_written      complete  tell of another result
result_hash_both         complete  tell of another result
result_other_file        complete  order of a ceremony
approval_copied          complete  approvals/carol.json is not an approval
approval_copied_renamed  complete  approvals/carol.json is not an approval
approval_to_reject       complete  approvals/bob.json is not an approval
reject_to_approve        rejected  approvals/carol.json is not an approval
approval_removed         complete  without the approvals
approval_other_plan      complete  approvals/bob.json is not an approval
approval_other_ceremony  complete  approvals/bob.json is not an approval
approval_item_count      complete  approvals/bob.json is not an approval
approval_by_issued       complete  approvals/alice.json is not an approval
approval_by_issued_in    complete  approvals/alice.json is not an approval
approval_by_stranger     complete  approvals/bob.json is not an approval
approval_by_operator     complete  approvals/bob.json is not an approval
approval_of_operator     complete  belong to nothing
approval_role            complete  approvals/bob.json is not an approval
approval_two_signers     complete  approvals/bob.json is not an approval
approval_same_twice      complete  approvals/bob.json is not an approval
approval_md5             complete  approvals/alice.json is not an approval
approval_sha1            complete  approvals/alice.json is not an approval
approval_attached        complete  approvals/bob.json is not an approval
approval_key_order       complete  approvals/bob.json is not an approval
approval_old             complete  without the approvals
approval_future          complete  without the approvals
approval_signature_alone complete  approvals/carol.json is not an approval
approval_of_a_stranger   complete  without the approvals
approval_large_signature complete  approvals/bob.json is not an approval
approval_unrecorded      complete  without the approvals
approval_veto            complete  without the approvals
approval_one_key         complete  one key has two members
approval_quorum          aborted   without the approvals
roster_exchanged         complete  the certificate of bob is not
roster_ca_key            complete  the key of carol is the CA
roster_two_roles         complete  one key has two members
policy_exchanged         complete  not the one whose hash
policy_not_planned       complete  fields of a plan
policy_duplicate_key     complete  has a key twice
policy_unknown_key       complete  fields of a policy
policy_float             complete  policy.json is not strict
policy_invalid_utf8      complete  policy.json is not strict
policy_two_documents     complete  policy.json is not strict
policy_nobody_seals      complete  fields of a policy
plan_duplicate_key       complete  plan.json is not strict
plan_unknown_key         complete  fields of a plan
plan_null                complete  plan.json is not strict
plan_float               complete  plan.json is not strict
plan_exponent            complete  plan.json is not strict
plan_large_integer       complete  plan.json is not strict
plan_leading_zero        complete  plan.json is not strict
plan_nan                 complete  plan.json is not strict
plan_control             complete  plan.json is not strict
plan_nul                 complete  plan.json is not strict
plan_invalid_utf8        complete  plan.json is not strict
plan_pretty              complete  plan.json is not strict
plan_no_newline          complete  plan.json is not strict
plan_two_lines           complete  plan.json is not strict
plan_format              complete  fields of a plan
plan_format_not_first    complete  fields of a plan
plan_pin                 complete  fields of a plan
plan_out                 complete  fields of a plan
plan_out_outside         complete  fields of a plan
plan_request_outside     complete  fields of a plan
plan_rehearses           complete  a rehearsal
plan_code                complete  item 1: the octets to be signed are not
plan_code_of_request     complete  item 0: the subject.s key is not as planned
plan_serial              complete  item 1: the octets to be signed are not
plan_subject             complete  item 1: the octets to be signed are not
plan_validity            complete  item 1: the octets to be signed are not
plan_tbs_hash            complete  item 1: tbs_der is not base64
plan_tbs_base64          complete  item 1: tbs_der is not base64
plan_subject_key         complete  item 1: the subject.s key is not as planned
plan_ca_key              complete  item 1: the octets to be signed are not
plan_request_hash        complete  item 0: the request is not the planned one
plan_issuer              complete  the plan is for another CA
plan_algorithm           complete  item 0: the octets to be signed are not
plan_algorithm_key       complete  the CA.s key does not sign
plan_serial_twice        complete  fields of a plan
plan_window              complete  order of a ceremony
plan_expired             complete  order of a ceremony
tbs_ca_true              complete  item 1: the octets to be signed are not
tbs_no_constraints       complete  item 1: the octets to be signed are not
tbs_eku                  complete  item 1: the octets to be signed are not
tbs_san                  complete  item 1: the octets to be signed are not
plan_san_https           complete  item 2: the octets to be signed are not
plan_san_missing         complete  fields of a plan
tbs_san_other            complete  item 2: the octets to be signed are not
tbs_san_other_code       complete  item 2: the octets to be signed are not
tbs_as_code              complete  item 3: what is signed is not the code
tbs_as_signature_code    complete  fields of a plan
jws_as_code              complete  fields of a plan
no_gate                  complete  order of a ceremony
no_login                 complete  order of a ceremony
login_failed             complete  order of a ceremony
no_key                   complete  order of a ceremony
key_extractable          complete  order of a ceremony
gate_of_another_run      retried   order of a ceremony
gate_after_abort         complete  without the approvals
gate_without_policy      complete  without the approvals
intent_item_unknown      complete  order of a ceremony
gate_other_policy        complete  without the approvals
gate_other_approvals     complete  without the approvals
no_intent                complete  order of a ceremony
no_result                complete  order of a ceremony
result_failed            complete  order of a ceremony
no_verified              complete  order of a ceremony
attempt_jumps            complete  order of a ceremony
result_of_another        complete  order of a ceremony
intent_other_tbs         complete  order of a ceremony
signed_twice             complete  order of a ceremony
sequence_jumps           complete  does not have the records
event_unknown            complete  does not have the records
record_unknown_key       complete  does not have the records
record_duplicate_key     complete  transcript.jsonl is not strict
first_not_run_start      complete  does not have the records
seal_json_duplicate_key  complete  seal.json is not strict
seal_json_unknown_key    complete  fields of a seal
other_ca                 complete  the plan is for another CA
'

mutation_list() { printf '%s' "$MUTATIONS" | sed -n 's/^\([a-z0-9_]*\) .*/\1/p'; }
mutation_kind() { printf '%s' "$MUTATIONS" | sed -n "s/^$1  *\([a-z0-9]*\) .*/\1/p"; }
mutation_words() { printf '%s' "$MUTATIONS" | sed -n "s/^$1  *[a-z0-9]*  *//p"; }
mutation_make() {
	mkdir -p "$4"
	cp -a "$3/$(mutation_kind "$1")/." "$4/"
	"m_$1" "$2" "$4" "$4/bundle"
}

# --- helpers: $1 keys, $2 out, $3 bundle ---------------------------------------------------------

# edit FILE JQ-FILTER [OPTION...]
x_edit() {
	jq -c "${@:3}" "$2" "$1" >"$1.new"
	mv "$1.new" "$1"
}

# The chain made again after records were changed, numbered again unless a number is kept.
x_rechain() {
	local prev line
	prev=$(b_hash "$1/plan.json")
	while IFS= read -r line; do
		line=${line/\"prev\":\"????????????????????????????????????????????????????????????????\"/\"prev\":\"$prev\"}
		printf '%s\n' "$line" >>"$1/transcript.new"
		prev=$(printf '%s\n' "$line" | sha256sum | cut -c1-64)
	done <"$1/transcript.jsonl"
	mv "$1/transcript.new" "$1/transcript.jsonl"
}

# records KEYS BUNDLE JQ-FILTER: the list of records changed, chained and sealed again.
x_records() {
	jq -cs "[$3] | to_entries[] | .key as \$n | .value | .seq = (.keep // \$n) | del(.keep)" \
		"$2/transcript.jsonl" >"$2/transcript.new"
	mv "$2/transcript.new" "$2/transcript.jsonl"
	x_rechain "$2"
	b_seal_json "$2"
	b_sealed "$1" "$2"
}

# plan KEYS OUT JQ-FILTER: the plan changed, and everything after it made again.
x_plan() {
	x_edit "$2/bundle/plan.json" "$3" "${@:4}"
	ceremony_remake "$1" "$2" complete
}

# The plan as text, changed by sed; only sums and seals made again.
x_plan_text() {
	sed "${@:3}" -i "$2/plan.json"
	b_sealed "$1" "$2"
}

# policy KEYS OUT JQ-FILTER: a changed policy whose hash the auditor has, with its plan.
x_policy() {
	jq "$3" "$2/bundle/policy.json" >"$2/bundle/policy.new"
	mv "$2/bundle/policy.new" "$2/bundle/policy.json"
	b_hash "$2/bundle/policy.json" >"$2/policy.sha256"
	x_plan "$1" "$2" '.policy_sha256 = $sha' --arg sha "$(cat "$2/policy.sha256")"
}
x_policy_text() {
	sed "$3" -i "$2/bundle/policy.json"
	b_hash "$2/bundle/policy.json" >"$2/policy.sha256"
	b_sealed "$1" "$2/bundle"
}
x_seal() {
	x_edit "$2/seal.json" "$3"
	b_sealed "$1" "$2"
}

# Item N with octets of its own, given as hexadecimal DER.
x_tbs() {
	printf %s "$4" | b_unhex >"$2/tbs"
	x_plan "$1" "$2" ".items[$3] |= (.tbs_sha256 = \$sha | .tbs_der = \$der)" \
		--arg sha "$(b_hash "$2/tbs")" --arg der "$(base64 -w0 <"$2/tbs")"
}
# item1 OUT KEYS [CN] [SAN]: the octets of item 1, with what B_... say.
x_item1() {
	local plan=$1/bundle/plan.json
	b_tbs "$1/ca.pem" 300d06092a864886f70d01010b0500 "$(jq -r '.items[1].serial' "$plan")" \
		"$(jq -r '.items[1].not_before' "$plan")" "$(jq -r '.items[1].not_after' "$plan")" \
		"${3-$(b_code 1)}" "$(b_spki -in "$2/fresh.key")" "${4-}"
}
# A certificate of the CA for item 1's octets changed by sed (hexadecimal), signed by $4.
x_cert() {
	local tbs=$2.tbs
	jq -j '.items[1].tbs_der' "$2/plan.json" | base64 -d | b_hex | sed "$3" | b_unhex >"$tbs"
	b_tlv 30 "$(b_hex <"$tbs")" 300d06092a864886f70d01010b0500 \
		"$(b_tlv 03 00 "$(openssl dgst -sha256 -sign "$4" "$tbs" | b_hex)")" | b_unhex |
		openssl x509 -inform DER -out "$2/certs/0001.pem"
	b_sealed "$1" "$2"
}

# --- files, sums, seals ---------------------------------------------------------------------------

m_record_edited() { sed -i s/airgap/office/ "$3/transcript.jsonl"; }
m_record_edited_summed() { m_record_edited "$@"; x_rechain "$3"; b_seal_json "$3"; b_sums "$3"; }
m_record_edited_sealed() { m_record_edited "$@"; b_sealed "$1" "$3"; }
m_record_removed() { sed -i 2d "$3/transcript.jsonl"; b_seal_json "$3"; b_sealed "$1" "$3"; }
m_file_added() { echo >"$3/note.txt"; b_sealed "$1" "$3"; }
m_file_added_attach() { mkdir -p "$3/attach"; echo >"$3/attach/note.txt"; }
m_file_removed() { rm "$3/inputs/0000.csr"; b_sealed "$1" "$3"; }
m_file_removed_attach() { rm "$3/attach/-rf *"; }
m_file_renamed() { mv "$3/certs/0000.pem" "$3/certs/0009.pem"; b_sealed "$1" "$3"; }
m_file_newline_name() { mkdir "$3/"$'plan.json\n.'; echo >"$3/"$'plan.json\n./plan.json'; b_sealed "$1" "$3"; }
m_file_spare_approval() { echo '{}' >"$3/approvals/carol.json"; b_sealed "$1" "$3"; }
m_file_link() { mkdir -p "$3/attach"; ln -s /etc/passwd "$3/attach/x"; b_sealed "$1" "$3"; }
m_file_link_plan() { mv "$3/plan.json" "$2/plan.json"; ln -s ../plan.json "$3/plan.json"; b_sealed "$1" "$3"; }
m_file_link_folder() { mv "$3/certs" "$2/certs"; ln -s ../certs "$3/certs"; }
m_file_deep() { mkdir -p "$3/attach/2/3/4/5/6/7/8/9"; echo >"$3/attach/2/3/4/5/6/7/8/9/x"; b_sealed "$1" "$3"; }
m_file_fifo() { mkdir -p "$3/anchors"; mkfifo "$3/anchors/x"; }
m_sums_unsigned() { mkdir -p "$3/attach"; echo >"$3/attach/x"; b_sums "$3"; }
m_sums_changed() {
	b_cms "$1" dave "$3/SHA256SUMS" >"$3/SHA256SUMS.operator.dave.p7s"
	b_cms "$1" erin "$3/SHA256SUMS" >"$3/SHA256SUMS.witness.erin.p7s"
}
m_sums_unsorted() { sort -o "$3/SHA256SUMS" "$3/SHA256SUMS"; m_sums_changed "$@"; }
m_sums_dotted() { sed -i 's|  |  ./|' "$3/SHA256SUMS"; m_sums_changed "$@"; }
m_sums_incomplete() { sed -i 1d "$3/SHA256SUMS"; m_sums_changed "$@"; }
m_unsealed() { rm "$3/seal.json" "$3/"SHA256SUMS*; }
m_seal_witness_missing() { rm "$3/SHA256SUMS.witness.erin.p7s"; }
m_seal_operator_missing() { rm "$3/SHA256SUMS.operator.dave.p7s"; }
m_seal_by_another() { b_cms "$1" dave "$3/SHA256SUMS" >"$3/SHA256SUMS.witness.erin.p7s"; }
m_seal_of_another_file() { b_cms "$1" erin "$3/plan.json" >"$3/SHA256SUMS.witness.erin.p7s"; }
m_seal_two_signers() {
	B_CMS="-signer $1/dave.pem -inkey $1/dave.key" \
		b_cms "$1" erin "$3/SHA256SUMS" >"$3/SHA256SUMS.witness.erin.p7s"
}
m_seal_md5() { B_MD=md5 b_cms "$1" erin "$3/SHA256SUMS" >"$3/SHA256SUMS.witness.erin.p7s"; }
m_seal_outcome() { x_seal "$1" "$3" '.outcome = "complete"'; }
m_seal_key_order() { x_seal "$1" "$3" '{format, outcome} + .'; }
m_seal_records() { x_seal "$1" "$3" '.records += 1'; }
m_seal_head() { x_seal "$1" "$3" '.head_sha256 = .plan_sha256'; }
m_seal_unresolved() { x_seal "$1" "$3" '.unresolved = []'; }
m_seal_plan() { x_seal "$1" "$3" '.plan_sha256 = .head_sha256'; }
m_seal_other_ceremony() { x_seal "$1" "$3" '.ceremony_id |= (explode | reverse | implode)'; }
m_seal_json_duplicate_key() { sed -i 's/"outcome"/"outcome":"partial",&/' "$3/seal.json"; b_sealed "$1" "$3"; }
m_seal_json_unknown_key() { x_seal "$1" "$3" '.note = "x"'; }

# --- results ---------------------------------------------------------------------------------------

m_tail_dropped() { x_records "$1" "$3" '.[:-1][]'; }
m_tail_dropped_item() { x_records "$1" "$3" '.[] | select(.index != 4)'; }
m_cert_swapped() { x_cert "$1" "$3" 's/0000000002300d/0000000009300d/' "$1/ca-rsa.key"; }
m_cert_signature_spoilt() {
	openssl x509 -in "$3/certs/0001.pem" -outform DER | b_hex | sed 's/..$/00/; s/\(.*\)..00$/\1a500/' |
		b_unhex | openssl x509 -inform DER -out "$2/spoilt.pem"
	mv "$2/spoilt.pem" "$3/certs/0001.pem"
	b_sealed "$1" "$3"
}
m_cert_signature_kept() {
	openssl x509 -in "$3/certs/0001.pem" -outform DER | b_hex | sed 's/0000000002300d/0000000009300d/' |
		b_unhex | openssl x509 -inform DER -out "$2/kept.pem"
	mv "$2/kept.pem" "$3/certs/0001.pem"
	b_sealed "$1" "$3"
}
m_cert_other_ca() {
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$2/other.key" 2>/dev/null
	x_cert "$1" "$3" '' "$2/other.key"
}
m_cert_two() { cat "$3/certs/0000.pem" >>"$3/certs/0001.pem"; b_sealed "$1" "$3"; }
m_cert_trailing_text() { echo hello >>"$3/certs/0001.pem"; b_sealed "$1" "$3"; }
m_cert_unrecorded() { b_result "$1" "$3" partial 2; b_sealed "$1" "$3"; }
m_b64_of_another() {
	{ echo x | openssl dgst -sha256 -sign "$1/ca-rsa.key" | base64 -w0; echo; } >"$3/signatures/0003.b64"
	b_sealed "$1" "$3"
}
m_b64_two_lines() { base64 -d "$3/signatures/0003.b64" | base64 >"$2/b64"; mv "$2/b64" "$3/signatures/0003.b64"; b_sealed "$1" "$3"; }

# --- approvals and people ------------------------------------------------------------------------

m_approval_copied() {
	cp "$3/approvals/alice.json" "$3/approvals/carol.json"
	cp "$3/approvals/alice.p7s" "$3/approvals/carol.p7s"
	b_sealed "$1" "$3"
}
m_approval_copied_renamed() {
	m_approval_copied "$@"
	sed -i 's/"name":"alice"/"name":"carol"/' "$3/approvals/carol.json"
	b_sealed "$1" "$3"
}
m_approval_to_reject() { sed -i 's/"approve"/"reject"/' "$3/approvals/bob.json"; b_sealed "$1" "$3"; }
# The record of the approval is that of an approval: only the signature gives it away.
m_reject_to_approve() { sed -i 's/"decision":"reject"/"decision":"approve"/' "$3/approvals/carol.json"; b_sealed "$1" "$3"; }
m_approval_removed() { rm "$3/approvals/bob."*; b_sealed "$1" "$3"; }
x_approve() { b_approve "$1" "$2" "$3" approve "${4-.}"; b_sealed "$1" "$2"; }
m_approval_other_plan() { x_approve "$1" "$3" bob '.plan_sha256 |= (explode | reverse | implode)'; }
m_approval_other_ceremony() { x_approve "$1" "$3" bob '.ceremony_id |= (explode | reverse | implode)'; }
m_approval_item_count() { x_approve "$1" "$3" bob '.items -= 1'; }
m_approval_by_issued() { B_SIGNER=mallory B_SIGNER_CERT=issued b_approve "$1" "$3" alice approve; b_sealed "$1" "$3"; }
m_approval_by_issued_in() {
	B_CMS="-certfile $1/alice.pem" B_SIGNER=mallory B_SIGNER_CERT=issued b_approve "$1" "$3" alice approve
	b_sealed "$1" "$3"
}
m_approval_by_stranger() { B_SIGNER=mallory B_SIGNER_CERT=mallory b_approve "$1" "$3" bob approve; b_sealed "$1" "$3"; }
m_approval_by_operator() { B_SIGNER=dave B_SIGNER_CERT=dave b_approve "$1" "$3" bob approve; b_sealed "$1" "$3"; }
m_approval_of_operator() { x_approve "$1" "$3" dave; }
m_approval_role() { x_approve "$1" "$3" bob '.role = "operator"'; }
m_approval_two_signers() { B_CMS="-signer $1/carol.pem -inkey $1/carol.key" b_approve "$1" "$3" bob approve; b_sealed "$1" "$3"; }
m_approval_same_twice() { B_CMS="-nocerts -signer $1/bob.pem -inkey $1/bob.key" b_approve "$1" "$3" bob approve; b_sealed "$1" "$3"; }
m_approval_md5() { B_MD=md5 b_approve "$1" "$3" alice approve; b_sealed "$1" "$3"; }
m_approval_sha1() { B_MD=sha1 b_approve "$1" "$3" alice approve; b_sealed "$1" "$3"; }
m_approval_attached() { B_CMS=-nodetach b_approve "$1" "$3" bob approve; b_sealed "$1" "$3"; }
m_approval_key_order() { x_approve "$1" "$3" bob '{format, decision} + .'; }
m_approval_old() { B_AFTER=-300000 x_approve "$1" "$3" bob; }
m_approval_future() { B_AFTER=86000 x_approve "$1" "$3" bob; }
m_approval_veto() { b_approve "$1" "$3" carol reject; b_sealed "$1" "$3"; }
m_approval_signature_alone() { cp "$3/approvals/bob.p7s" "$3/approvals/carol.p7s"; b_sealed "$1" "$3"; }
m_approval_of_a_stranger() { x_records "$1" "$3" '.[] | if .name == "bob" then ., .name = "nobody" else . end'; }
m_approval_large_signature() {
	head -c 70000 /dev/zero >>"$3/approvals/bob.p7s"
	b_sealed "$1" "$3"
}
m_approval_one_key() {
	x_keys "$@" alice carol
	x_policy "$2/keys" "$2" '.members[2].cert_sha256 = .members[0].cert_sha256'
	rm "$3/approvals/bob."*
	b_approve "$2/keys" "$3" carol approve
	x_records "$1" "$3" '.[] | if false then .
		elif .name == "bob" then .name = "carol" else . end'
}
m_approval_quorum() {
	rm "$3/transcript.jsonl"
	b_run "$1" "$3" complete
	b_seal_json "$3"
	b_sealed "$1" "$3"
}
# keys KEYS OUT BUNDLE ONE OTHER: one person under two names, with one card.
x_keys() {
	cp -r "$1" "$2/keys"
	cp "$1/$4.key" "$2/keys/$5.key"
	cp "$1/$4.pem" "$2/keys/$5.pem"
	cp "$1/$4.pem" "$3/roster/$5.pem"
}
m_roster_exchanged() { cp "$1/mallory.pem" "$3/roster/bob.pem"; b_sealed "$1" "$3"; }
m_roster_ca_key() {
	cp "$2/ca.pem" "$3/roster/carol.pem"
	x_policy "$1" "$2" ".members[2].cert_sha256 = \"$(openssl x509 -in "$2/ca.pem" -outform DER | sha256sum | cut -c1-64)\""
}
m_roster_two_roles() {
	x_keys "$@" carol dave
	x_policy "$2/keys" "$2" '.members[3].cert_sha256 = .members[2].cert_sha256'
}

# --- policy ----------------------------------------------------------------------------------------

m_policy_exchanged() { x_edit "$3/policy.json" '.approve.threshold = 1'; b_sealed "$1" "$3"; }
m_policy_not_planned() { x_edit "$3/policy.json" '.approve.threshold = 1'; b_hash "$3/policy.json" >"$2/policy.sha256"; b_sealed "$1" "$3"; }
m_policy_duplicate_key() { x_policy_text "$1" "$2" 's/"threshold": 2/"threshold": 0, &/'; }
m_policy_unknown_key() { x_policy_text "$1" "$2" 's/"threshold": 2/"any": 0, &/'; }
m_policy_float() { x_policy_text "$1" "$2" 's/"threshold": 2/&.0/'; }
m_policy_invalid_utf8() { x_policy_text "$1" "$2" 's/Device CAs/\xc3\x28/'; }
m_policy_two_documents() { x_policy_text "$1" "$2" '$a {}'; }
m_policy_nobody_seals() { x_policy "$1" "$2" '.seal = {operator: 0, witness: 0}'; }

# --- plan ------------------------------------------------------------------------------------------

m_plan_duplicate_key() { x_plan_text "$1" "$3" 's/"reference"/"reference":"CHG-1",&/'; }
m_plan_unknown_key() { x_plan "$1" "$2" '.items[0].extra = "x"'; }
m_plan_null() { x_plan "$1" "$2" '.items[0].note = null'; }
m_plan_float() { x_plan_text "$1" "$3" 's/"index":1,/"index":1.0,/'; }
m_plan_exponent() { x_plan_text "$1" "$3" 's/"index":1,/"index":1e0,/'; }
m_plan_large_integer() { x_plan_text "$1" "$3" 's/"index":1,/"index":9007199254740993,/'; }
m_plan_leading_zero() { x_plan_text "$1" "$3" 's/"index":1,/"index":01,/'; }
m_plan_nan() { x_plan_text "$1" "$3" 's/"index":1,/"index":NaN,/'; }
m_plan_control() { x_plan_text "$1" "$3" 's/a test/a\\u001b[2Jtest/'; }
m_plan_nul() { x_plan_text "$1" "$3" 's/a test/a\x00test/'; }
m_plan_invalid_utf8() { x_plan_text "$1" "$3" 's/a test/a\xfftest/'; }
m_plan_pretty() { jq . "$3/plan.json" >"$2/plan"; mv "$2/plan" "$3/plan.json"; b_sealed "$1" "$3"; }
m_plan_no_newline() { truncate -s -1 "$3/plan.json"; b_sealed "$1" "$3"; }
m_plan_two_lines() { echo '{}' >>"$3/plan.json"; b_sealed "$1" "$3"; }
m_plan_format() { x_plan "$1" "$2" '.format = "caproof/plan/2"'; }
m_plan_format_not_first() { x_plan "$1" "$2" '{ceremony_id} + .'; }
m_plan_pin() { x_plan "$1" "$2" '.key.uri += "?pin-value=1234"'; }
m_plan_out() { x_plan "$1" "$2" '.items[0].out = "certs/0001.pem"'; }
m_plan_out_outside() { x_plan "$1" "$2" '.items[0].out = "../0000.pem"'; }
m_plan_request_outside() { x_plan "$1" "$2" '.items[0].request.file = "/etc/passwd"'; }
m_plan_rehearses() { x_plan "$1" "$2" '.rehearses = .policy_sha256'; }
m_plan_code() { x_plan "$1" "$2" '.items[1] |= (.code = "other-code" | .subject = "CN=other-code")'; }
m_plan_code_of_request() { x_plan "$1" "$2" '.items[0] |= (.code |= ascii_downcase | .subject |= "CN=" + (.[3:] | ascii_downcase))'; }
m_plan_serial() { x_plan "$1" "$2" '.items[1].serial |= sub("2$"; "5")'; }
m_plan_subject() { x_plan "$1" "$2" '.items[1].subject = "CN=other"'; }
m_plan_validity() { x_plan "$1" "$2" '.items[1].not_after |= (fromdate + 1 | todate)'; }
m_plan_tbs_hash() { x_plan "$1" "$2" '.items[1].tbs_sha256 = .items[0].tbs_sha256'; }
m_plan_tbs_base64() { x_plan "$1" "$2" '.items[1].tbs_der |= .[:64] + " " + .[64:]'; }
m_plan_subject_key() { x_plan "$1" "$2" '.items[1].subject_key = "p256"'; }
m_plan_ca_key() { x_plan "$1" "$2" '.items[1].subject_key = .items[4].subject_key'; }
m_plan_san_missing() { x_plan "$1" "$2" 'del(.items[2].san_uri)'; }
m_plan_request_hash() { x_plan "$1" "$2" '.items[0].request.sha256 = .policy_sha256'; }
m_plan_issuer() { x_plan "$1" "$2" '.issuer.subject = "CN=Other"'; }
m_plan_algorithm() { x_plan "$1" "$2" '.signature.name = "RSA-SHA384"'; }
m_plan_algorithm_key() { x_plan "$1" "$2" '.signature = {name: "ECDSA-SHA256", mechanism: "CKM_ECDSA"}'; }
m_plan_serial_twice() { x_plan "$1" "$2" '.items[1].serial = .items[0].serial'; }
m_plan_window() { x_plan "$1" "$2" '.execute.not_after = (.created | fromdate + 3600 | todate)'; }
m_plan_expired() { x_plan "$1" "$2" '.items[0].code_expires = .created'; }

# --- octets to be signed ---------------------------------------------------------------------------

m_tbs_ca_true() { x_tbs "$1" "$2" 1 "$(B_CONSTRAINTS=300f0603551d130101ff040530030101ff x_item1 "$2" "$1")"; }
m_tbs_no_constraints() { x_tbs "$1" "$2" 1 "$(B_CONSTRAINTS='' x_item1 "$2" "$1")"; }
m_tbs_eku() { x_tbs "$1" "$2" 1 "$(B_MORE=30130603551d25040c300a06082b06010505070301 x_item1 "$2" "$1")"; }
m_tbs_san() { x_tbs "$1" "$2" 1 "$(x_item1 "$2" "$1" "$(b_code 1)" urn:x)"; }
x_item2() {
	local tbs
	tbs=$(jq '.items[1] = .items[2]' "$2/bundle/plan.json" >"$2/two.json"
		mkdir -p "$2/two/bundle" && mv "$2/two.json" "$2/two/bundle/plan.json" && cp "$2/ca.pem" "$2/two/"
		x_item1 "$2/two" "$1" caproof "$3")
	x_tbs "$1" "$2" 2 "$tbs"
}
m_tbs_san_other() { x_item2 "$1" "$2" "urn:other:$(b_code 2)"; }
m_plan_san_https() {
	x_edit "$3/plan.json" '.items[2].san_uri |= sub("urn:nerveshub:verify:"; "https://example.org/")'
	x_item2 "$1" "$2" "https://example.org/$(b_code 2)"
}
m_tbs_san_other_code() { x_item2 "$1" "$2" "urn:nerveshub:verify:other"; }
m_tbs_as_code() { x_tbs "$1" "$2" 3 "$(x_item1 "$2" "$1")"; }
m_tbs_as_signature_code() { x_plan "$1" "$2" '.items[1] |= {index, form: "signature", platform, code, tbs_sha256, tbs_der, out: "signatures/0001.b64", serial}'; }
m_jws_as_code() {
	x_plan "$1" "$2" '.items[3] |= (.code = "eyJhbGciOiJSUzI1NiJ9.e30" | .tbs_der = (.code | @base64) | .tbs_sha256 = $sha)' \
		--arg sha "$(printf %s eyJhbGciOiJSUzI1NiJ9.e30 | sha256sum | cut -c1-64)"
}

# --- what happened ---------------------------------------------------------------------------------

m_approval_unrecorded() { x_records "$1" "$3" '.[] | select(.name != "bob")'; }
m_no_gate() { x_records "$1" "$3" '.[] | select(.event != "gate.passed")'; }
m_no_login() { x_records "$1" "$3" '.[] | select(.event != "login")'; }
m_login_failed() { x_records "$1" "$3" '.[] | if .event == "login" then .result = "pin.incorrect" else . end'; }
m_no_key() { x_records "$1" "$3" '.[] | select(.event != "key")'; }
m_key_extractable() { x_records "$1" "$3" '.[] | if .event == "key" then .never_extractable = "not reported" else . end'; }
m_gate_of_another_run() { x_records "$1" "$3" '[.[] | select(.event == "gate.passed").seq][-1] as $last | .[] | select(.seq != $last)'; }
m_gate_other_policy() { x_records "$1" "$3" '.[] | if .event == "policy" then .sha256 |= (explode | reverse | implode) else . end'; }
m_gate_after_abort() {
	x_records "$1" "$3" '.[] | if .event == "gate.passed" then {prev, time, mono_ms, event: "abort", why: "x"}, . else . end'
}
m_gate_without_policy() { x_records "$1" "$3" '.[] | select(.event != "policy")'; }
m_intent_item_unknown() { x_records "$1" "$3" '.[] | ., if .event == "written" and .index == 1 then {prev, time, mono_ms, event: "deviation", what: "x", index: 99} else empty end'; }
m_gate_other_approvals() { x_records "$1" "$3" '.[] | if .event == "gate.passed" then .approvals = 3 else . end'; }
m_no_intent() { x_records "$1" "$3" '.[] | select(.event != "sign.intent" or .index != 1)'; }
m_no_result() { x_records "$1" "$3" '.[] | select(.event != "sign.result" or .index != 1)'; }
m_result_failed() { x_records "$1" "$3" '.[] | if .event == "sign.result" and .index == 1 then .result = "failed" else . end'; }
m_no_verified() { x_records "$1" "$3" '.[] | select(.event != "verified" or .index != 1)'; }
m_attempt_jumps() { x_records "$1" "$3" '.[] | if .attempt and .index == 1 then .attempt = 2 else . end'; }
m_result_of_another() { x_records "$1" "$3" '.[] | if .event == "sign.result" and .index == 1 then .attempt = 2 else . end'; }
m_intent_other_tbs() { x_records "$1" "$3" '.[] | if .event == "sign.intent" and .index == 1 then .tbs_sha256 |= (explode | reverse | implode) else . end'; }
x_hash() { x_records "$1" "$2" ".[] | if ($3) and .index == 1 and .sha256 then .sha256 |= (explode | reverse | implode) else . end"; }
m_result_hash_verified() { x_hash "$1" "$3" '.event == "verified"'; }
m_result_hash_written() { x_hash "$1" "$3" '.event == "written"'; }
m_result_hash_both() { x_hash "$1" "$3" true; }
m_result_other_file() { x_records "$1" "$3" '.[] | if .event == "written" and .index == 1 then .file = "certs/0000.pem" else . end'; }
m_signed_twice() { x_records "$1" "$3" '.[] | if .event == "written" and .index == 1 then ., . else . end'; }
m_sequence_jumps() { x_records "$1" "$3" '.[] | if .event == "login" then .keep = 99 else . end'; }
m_event_unknown() { x_records "$1" "$3" '.[] | if .event == "token" then .event = "tokens" else . end'; }
m_record_unknown_key() { x_records "$1" "$3" '.[] | if .event == "sign.intent" then .note = "x" else . end'; }
m_record_duplicate_key() { sed -i 's/"event":"login"/"event":"abort",&/' "$3/transcript.jsonl"; x_rechain "$3"; b_sealed "$1" "$3"; }
m_first_not_run_start() { x_records "$1" "$3" '.[1:][]'; }

m_other_ca() { cp "$1/ca-ec.pem" "$2/ca.pem"; }
