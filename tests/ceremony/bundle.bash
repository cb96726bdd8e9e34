# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Makes sealed bundles of ceremonies from nothing, with openssl and jq alone: what the
# verifiers are held against must not come from the tool that they verify.  The CA's key
# is in a file and stands in for the token.  DER is put together here, octet by octet.
#
#   ceremony_people KEYS              keys and certificates of everybody, and CAs
#   ceremony_make KEYS OUT KIND       OUT/bundle, OUT/policy.sha256, OUT/ca.pem
#   ceremony_remake KEYS OUT KIND     again from OUT/bundle/plan.json on: approvals,
#                                     results, transcript, seals
#   ceremony_verify OUT COMMAND...    COMMAND OUT/bundle --policy-sha256 H --ca OUT/ca.pem
#
# Kinds: complete, partial, aborted, rejected, retried, resumed, unsigned (threshold 0), ecdsa,
# pss, ed25519, attached.

export CEREMONY_KINDS='complete partial aborted rejected retried resumed unsigned ecdsa pss ed25519 attached'

b_hash() { sha256sum <"$1" | cut -c1-64; }
b_hex() { od -An -v -tx1 | tr -d ' \n'; }
b_unhex() { tr a-f A-F | basenc -d --base16; }
b_time() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# tlv TAG HEX...: one DER element.
b_tlv() {
	local tag=$1 body length
	shift
	body=$(printf '%s' "$@")
	length=$((${#body} / 2))
	if [ "$length" -lt 128 ]; then printf '%s%02x%s' "$tag" "$length" "$body"
	elif [ "$length" -lt 256 ]; then printf '%s81%02x%s' "$tag" "$length" "$body"
	else printf '%s82%04x%s' "$tag" "$length" "$body"; fi
}

# --- people -----------------------------------------------------------------------------------

# A key and a certificate for it, KEYS/NAME.key and KEYS/NAME.pem.
b_person() {
	local keys=$1 name=$2
	shift 2
	openssl genpkey "$@" -out "$keys/$name.key" 2>/dev/null
	openssl req -x509 -new -key "$keys/$name.key" -days 3650 -subj "/CN=$name" \
		-out "$keys/$name.pem"
}

b_ca() {
	local keys=$1 name=$2 now
	shift 2
	now=$(date +%s)
	mkdir -p "$keys/$name.d"
	: >"$keys/$name.d/index"
	cat >"$keys/$name.d/cnf" <<-CNF
		[ca]
		default_ca = x
		[x]
		database = $keys/$name.d/index
		new_certs_dir = $keys/$name.d
		default_md = sha256
		policy = any
		rand_serial = yes
		x509_extensions = v3
		[any]
		commonName = supplied
		organizationName = optional
		[v3]
		basicConstraints = critical,CA:TRUE
		keyUsage = critical,keyCertSign,cRLSign
		subjectKeyIdentifier = hash
		authorityKeyIdentifier = keyid
		[req]
		distinguished_name = dn
		[dn]
	CNF
	openssl genpkey "$@" -out "$keys/$name.key" 2>/dev/null
	openssl req -new -config "$keys/$name.d/cnf" -key "$keys/$name.key" \
		-subj "/O=Acme, Ltd/CN=Device CA $name" -out "$keys/$name.d/csr"
	openssl ca -batch -selfsign -config "$keys/$name.d/cnf" \
		-keyfile "$keys/$name.key" -in "$keys/$name.d/csr" -notext -out "$keys/$name.pem" \
		-startdate "$(date -u -d "@$((now - 5184000))" +%Y%m%d%H%M%SZ)" \
		-enddate "$(date -u -d "@$((now + 315360000))" +%Y%m%d%H%M%SZ)" 2>"$keys/$name.d/log"
}

ceremony_people() {
	local keys=$1
	mkdir -p "$keys"
	b_ca "$keys" ca-rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	b_ca "$keys" ca-ec -algorithm EC -pkeyopt ec_paramgen_curve:P-256
	b_ca "$keys" ca-ed -algorithm ED25519
	b_person "$keys" alice -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	b_person "$keys" bob -algorithm EC -pkeyopt ec_paramgen_curve:P-256
	b_person "$keys" carol -algorithm EC -pkeyopt ec_paramgen_curve:P-384
	b_person "$keys" dave -algorithm EC -pkeyopt ec_paramgen_curve:P-256
	b_person "$keys" erin -algorithm RSA -pkeyopt rsa_keygen_bits:2048
	b_person "$keys" frank -algorithm EC -pkeyopt ec_paramgen_curve:P-256
	# nobody's: a stranger, and one whose certificate alice's key has issued
	b_person "$keys" mallory -algorithm EC -pkeyopt ec_paramgen_curve:P-256
	openssl req -new -key "$keys/mallory.key" -subj /CN=alice |
		openssl x509 -req -CA "$keys/alice.pem" -CAkey "$keys/alice.key" -set_serial 7 -days 99 \
			-out "$keys/issued.pem" 2>/dev/null
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/device.key"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/fresh.key"
	openssl req -new -key "$keys/device.key" -subj "/CN=$(b_code 0)" -out "$keys/device.csr"
}

# --- policy and plan ---------------------------------------------------------------------------

b_algorithm() { # KIND: the signature's name, the mechanism, the AlgorithmIdentifier, the CA
	case $1 in
	ecdsa) echo "ECDSA-SHA256|CKM_ECDSA|300a06082a8648ce3d040302|ca-ec" ;;
	ed25519) echo "Ed25519|CKM_EDDSA|300506032b6570|ca-ed" ;;
	pss) echo "RSA-PSS-SHA256|CKM_RSA_PKCS_PSS|$(
		hash=300d06096086480165030402010500
		b_tlv 30 06092a864886f70d01010a "$(b_tlv 30 "$(b_tlv a0 $hash)" \
			"$(b_tlv a1 "$(b_tlv 30 06092a864886f70d010108 $hash)")" a203020120)")|ca-rsa" ;;
	*) echo "RSA-SHA256|CKM_RSA_PKCS|300d06092a864886f70d01010b0500|ca-rsa" ;;
	esac
}

b_code() {
	case $1 in
	0) echo 3C5F0A7B9E1D4C82A6F03B5D7E9A1C4F6B8D0E2A4C6F8091 ;;
	1) echo tenant+7/x=Y ;;
	2) echo kV9xTq3LwZ8rN5mB2cJ7hD4gF6sA1pQ0.uY-e_R ;;
	3) echo 8f14e45fceea167a5a36dedd4bea2543 ;;
	4) echo Prüfcode-4 ;;
	esac
}

b_policy() { # KEYS BUNDLE KIND
	local keys=$1 bundle=$2 threshold=2 name
	[ "$3" != unsigned ] || threshold=0
	mkdir -p "$bundle/roster"
	for name in alice bob carol dave erin frank; do
		cp "$keys/$name.pem" "$bundle/roster/$name.pem"
		openssl x509 -in "$keys/$name.pem" -outform DER | sha256sum | cut -c1-64
	done | jq -Rn --argjson threshold "$threshold" '[inputs] as $sha | {format: "caproof/policy/1",
		name: "Device CAs 2026", approve: {threshold: $threshold, veto: true, max_age_hours: 72},
		separate: [["officer", "operator"], ["operator", "witness"], ["requester", "officer"]],
		seal: {operator: 1, witness: 1}, members: [["alice", "bob", "carol", "dave", "erin", "frank"],
		["officer", "officer", "officer", "operator", "witness", "requester"], $sha] | transpose |
		map({name: .[0], role: .[1], cert_sha256: .[2]})}' >"$bundle/policy.json"
}

# spki OPENSSL-ARGUMENTS: the public key as hexadecimal DER.
b_spki() { openssl pkey "$@" -pubout -outform DER | b_hex; }
b_asn1_time() { b_tlv 17 "$(date -u -d "$1" +%y%m%d%H%M%SZ | tr -d '\n' | b_hex)"; }

# tbs CA ALGORITHM SERIAL FROM UNTIL CN SPKI [SAN-URI]: a tbsCertificate, hexadecimal; the
# extensions can be replaced by B_EXTENSIONS, more added by B_MORE.
b_tbs() {
	local ca=$1 algorithm=$2 serial=$3 cn=$6 spki=$7 san=${8-} string=13 name ski aki extensions
	while [ "${serial#00}" != "$serial" ]; do serial=${serial#00}; done
	case $serial in [89a-f]*) serial=00$serial ;; esac
	[ -z "$(printf %s "$cn" | tr -d "A-Za-z0-9 '()+,./:=?-")" ] || string=0c
	name=$(b_tlv 30 "$(b_tlv 31 "$(b_tlv 30 0603550403 "$(b_tlv $string "$(printf %s "$cn" | b_hex)")")")")
	ski=$(printf %s "$spki" | b_unhex | openssl asn1parse -inform DER | sed -n \
		's/^ *\([0-9]*\):d=1 .*hl=\([0-9]\) .*BIT STRING.*/\1 \2/p' |
		{ read -r at head; printf %s "$spki" | b_unhex | tail -c "+$((at + head + 2))"; } | sha1sum | cut -c1-40)
	aki=$(openssl x509 -in "$ca" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -dc 0-9A-F | tr A-F a-f)
	extensions="${B_CONSTRAINTS-300c0603551d130101ff04023000}300e0603551d0f0101ff040403020780"
	extensions+=$(b_tlv 30 0603551d0e "$(b_tlv 04 "$(b_tlv 04 "$ski")")")
	extensions+=$(b_tlv 30 0603551d23 "$(b_tlv 04 "$(b_tlv 30 "$(b_tlv 80 "$aki")")")")
	[ -z "$san" ] || extensions+=$(b_tlv 30 0603551d11 "$(b_tlv 04 "$(b_tlv 30 "$(b_tlv 86 \
		"$(printf %s "$san" | b_hex)")")")")
	extensions+=${B_MORE-}
	b_tlv 30 a003020102 "$(b_tlv 02 "$serial")" "$algorithm" "$(b_issuer "$ca")" \
		"$(b_tlv 30 "$(b_asn1_time "$4")" "$(b_asn1_time "$5")")" "$name" "$spki" \
		"$(b_tlv a3 "$(b_tlv 30 "$extensions")")"
}

# The CA's subject, hexadecimal DER: of the second-level elements the fifth behind the version.
b_issuer() {
	local at head length
	read -r at head length < <(openssl x509 -in "$1" -outform DER | openssl asn1parse -inform DER |
		sed -n 's/^ *\([0-9]*\):d=2 *hl=\([0-9]\) *l= *\([0-9]*\) .*/\1 \2 \3/p' | sed -n 6p)
	openssl x509 -in "$1" -outform DER | tail -c "+$((at + 1))" | head -c "$((head + length))" | b_hex
}

# item CA ALGORITHM INDEX FORM PLATFORM FROM UNTIL SERIAL SPKI EXTRA-JSON
b_item() {
	local ca=$1 algorithm=$2 i=$3 form=$4 code cn san='' tbs number
	code=$(b_code "$i")
	cn=$code
	number=$(printf %04d "$i")
	if [ "$form" = certificate-san-uri ]; then
		cn=caproof
		san=${B_SAN-urn:nerveshub:verify:}$code
	fi
	if [ "$form" = signature ]; then tbs=$(printf %s "$code" | b_hex)
	else tbs=$(b_tbs "$ca" "$algorithm" "$8" "$6" "$7" "$cn" "$9" "$san"); fi
	printf %s "$tbs" | b_unhex >"$ca.tbs"
	jq -nc --argjson index "$i" --arg form "$form" --arg platform "$5" --arg code "$code" \
		--arg serial "$8" --arg from "$6" --arg until "$7" --argjson extra "${10}" --arg cn "$cn" \
		--arg sha "$(b_hash "$ca.tbs")" --arg der "$(base64 -w0 <"$ca.tbs")" --arg number "$number" \
		--arg san "$san" --arg key "$(printf %s "$9" | b_unhex | base64 -w0)" \
		'{index: $index, form: $form, platform: $platform, code: $code} + $extra +
		if $form == "signature" then {} else
		if $extra | has("request") then {} else {subject_key: $key} end +
		if $san == "" then {} else {san_uri: $san} end + {serial: $serial,
			subject: "CN=\($cn | gsub("(?<c>[,+;<>\\\\])"; "\\\(.c)"))",
			not_before: $from, not_after: $until} end + {tbs_sha256: $sha, tbs_der: $der,
		out: (if $form == "signature" then "signatures/\($number).b64" else "certs/\($number).pem" end)}'
}

b_plan() { # KEYS OUT KIND
	local keys=$1 out=$2 name mechanism algorithm ca now from until fresh bundle=$2/bundle
	IFS='|' read -r name mechanism algorithm ca < <(b_algorithm "$3")
	cp "$keys/$ca.pem" "$out/ca.pem"
	mkdir -p "$bundle/inputs"
	cp "$keys/$ca.pem" "$bundle/inputs/ca.pem"
	cp "$keys/device.csr" "$bundle/inputs/0000.csr"
	now=$(($(date +%s) - 7200))
	from=$(b_time $((now - 86400)))
	until=$(b_time $((now + 604800)))
	fresh=$(b_spki -in "$keys/fresh.key")
	B_CA=$out/ca.pem
	{
		b_item "$B_CA" "$algorithm" 0 certificate-cn azure-dps "$from" "$until" \
			3f000000000000000000000000000001 "$(b_spki -in "$keys/device.key")" "$(jq -nc \
			--arg sha "$(b_hash "$keys/device.csr")" --arg expiry "$(b_time $((now + 86400)))" \
			'{tenant: "Acme Europe", code_expires: $expiry, request: {file: "inputs/0000.csr", sha256: $sha}}')"
		b_item "$B_CA" "$algorithm" 1 certificate-cn generic "$from" "$until" \
			7f000000000000000000000000000002 "$fresh" '{"note":"a \"note\""}'
		b_item "$B_CA" "$algorithm" 2 certificate-san-uri nerveshub "$from" "$until" \
			00000000000000000000000000008003 "$fresh" '{}'
		b_item "$B_CA" "$algorithm" 3 signature cumulocity '' '' '' '' '{"tenant":"t3"}'
		b_item "$B_CA" "$algorithm" 4 certificate-cn generic "$from" "$until" \
			0123456789abcdef0123456789abcdef "$(b_spki -in "$keys/$ca.key")" '{}'
	} | jq -sc --arg policy "$(b_hash "$bundle/policy.json")" --arg created "$(b_time "$now")" \
		--arg until "$(b_time $((now + 86400)))" --arg name "$name" --arg mechanism "$mechanism" \
		--arg cert "$(openssl x509 -in "$B_CA" -outform DER | sha256sum | cut -c1-64)" \
		--arg spki "$(openssl x509 -in "$B_CA" -noout -pubkey | openssl pkey -pubin -outform DER |
			sha256sum | cut -c1-64)" --arg id "$(openssl rand -hex 16)" \
		--arg subject "$(openssl x509 -in "$B_CA" -noout -subject -nameopt RFC2253)" \
		'{format: "caproof/plan/1", ceremony_id: $id, created: $created, purpose: "a test",
		reference: "CHG-7", tool: {version: "0.1.0"}, execute: {not_before: $created, not_after: $until},
		policy_sha256: $policy, issuer: {file: "inputs/ca.pem", cert_sha256: $cert, spki_sha256: $spki,
		subject: ($subject | ltrimstr("subject="))}, key: {uri: "pkcs11:token=Ceremony;object=ca",
		expect: {sensitive: true, never_extractable: true}}, signature: {name: $name,
		mechanism: $mechanism}, items: .}' >"$bundle/plan.json"
}

# --- approvals, results, transcript, seals ------------------------------------------------------

# cms KEYS NAME FILE: the signature of FILE by NAME's card on standard output.
b_cms() {
	# shellcheck disable=SC2086 # words
	openssl cms -sign -binary -md "${B_MD-sha256}" -signer "$1/${B_SIGNER_CERT-$2}.pem" -inkey "$1/${B_SIGNER-$2}.key" \
		-in "$3" -outform DER ${B_CMS:+$B_CMS}
}

# approve KEYS BUNDLE NAME DECISION [JQ-FILTER]: seconds after the plan in B_AFTER.
b_approve() {
	local keys=$1 bundle=$2 name=$3 file=$2/approvals/$3
	mkdir -p "$bundle/approvals"
	jq -c --arg name "$name" --arg decision "$4" --arg plan "$(b_hash "$bundle/plan.json")" \
		--argjson after "${B_AFTER-600}" '{format: "caproof/approval/1", ceremony_id: .ceremony_id,
		decision: $decision, role: "officer", name: $name, plan_sha256: $plan, items: (.items | length),
		reviewed_with: "caproof 0.1.0", time: (.created | fromdate + $after | todate),
		comment: (if $decision == "reject" then "not our tenant" else "" end)} | '"${5-.}" \
		"$bundle/plan.json" >"$file.json"
	b_cms "$keys" "$name" "$file.json" >"$file.p7s"
}

# sign KEYS KIND FILE: the CA's signature of FILE, as the token makes it.
b_sign() {
	case $2 in
	ed25519) openssl pkeyutl -sign -rawin -inkey "$1/ca-ed.key" -in "$3" ;;
	ecdsa) openssl dgst -sha256 -sign "$1/ca-ec.key" "$3" ;;
	pss) openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
		-sign "$1/ca-rsa.key" "$3" ;;
	*) openssl dgst -sha256 -sign "$1/ca-rsa.key" "$3" ;;
	esac
}

b_result() { # KEYS BUNDLE KIND INDEX
	local form algorithm t=$2.tbs
	jq -j ".items[$4].tbs_der" "$2/plan.json" | base64 -di >"$t"
	form=$(jq -r ".items[$4].form" "$2/plan.json")
	IFS='|' read -r _ _ algorithm _ < <(b_algorithm "$3")
	mkdir -p "$2/certs" "$2/signatures"
	if [ "$form" = signature ]; then
		{ b_sign "$1" "$3" "$t" | base64 -w0; echo; } >"$2/signatures/$(printf %04d "$4").b64"
	else
		b_tlv 30 "$(b_hex <"$t")" "$algorithm" "$(b_tlv 03 00 "$(b_sign "$1" "$3" "$t" | b_hex)")" |
			b_unhex >"$t.cert"
		openssl x509 -inform DER -in "$t.cert" -out "$2/certs/$(printf %04d "$4").pem"
	fi
	rm -f "$t" "$t.cert"
}

# record BUNDLE EVENT [JSON]: one more line, a second later.
b_record() {
	local file=$1/transcript.jsonl prev seq=0
	prev=$(b_hash "$1/plan.json")
	if [ -s "$file" ]; then
		prev=$(tail -n 1 "$file" | sha256sum | cut -c1-64)
		seq=$(wc -l <"$file")
	fi
	jq -c --argjson seq "$seq" --arg prev "$prev" --arg event "$2" --argjson extra "${3-{\}}" \
		--argjson start "${B_START-3600}" '{seq: $seq, prev: $prev, time: (.created | fromdate + $start + $seq | todate),
		mono_ms: ($seq * 1000), event: $event} + $extra' "$1/plan.json" >>"$file"
}

# gates BUNDLE: what is recorded up to the gate, with the approvals that are there.
b_gates() {
	local file
	b_record "$1" run.start '{"caproof":"0.1.0","openssl":"3.0.17","host":"airgap",
		"argv":"caproof ceremony run bundle"}'
	b_record "$1" module "{\"path\":\"/usr/lib/softhsm/libsofthsm2.so\",\"sha256\":\"$(echo | sha256sum | cut -c1-64)\"}"
	b_record "$1" policy "$(jq -nc --arg sha "$(b_hash "$1/policy.json")" \
		'{sha256: $sha, expected: $sha, from: "the command line"}')"
	for file in "$1"/approvals/*.json; do
		[ -f "$file" ] || continue
		b_record "$1" approval "$(jq -c '{name, decision, counts: true}' "$file")"
	done
}

b_passed() {
	b_record "$1" gate.passed "$(jq -nc --arg plan "$(b_hash "$1/plan.json")" --argjson yes "$(find "$1" \
		-path '*/approvals/*.json' | wc -l)" '{plan_sha256: $plan, approvals: $yes}')"
	b_record "$1" token '{"label":"Ceremony","serial":"7","manufacturer":"SoftHSM","model":"SoftHSM v2","firmware":"2.6","flags":1037}'
	b_record "$1" login '{"result":"ok"}'
	b_record "$1" key '{"uri":"pkcs11:object=ca","sensitive":"true",
		"always_sensitive":"true","extractable":"false","never_extractable":"true","local":"true",
		"always_authenticate":false}'
}

b_intent() { # BUNDLE INDEX ATTEMPT [EVENT JSON]
	b_record "$1" "${4-sign.intent}" "$(jq -c --argjson i "$2" --argjson n "$3" --argjson extra "${5-{\}}" \
		'{index: $i, attempt: $n, tbs_sha256: .items[$i].tbs_sha256} + $extra' "$1/plan.json")"
}

b_found() { # BUNDLE EVENT INDEX [MORE]: with the hash of the result
	local file sha
	file=$(jq -r ".items[$3].out" "$1/plan.json")
	case $file in
	*.pem) sha=$(openssl x509 -in "$1/$file" -outform DER | sha256sum | cut -c1-64) ;;
	*) sha=$(base64 -d "$1/$file" | sha256sum | cut -c1-64) ;;
	esac
	b_record "$1" "$2" "$(jq -nc --arg sha "$sha" --arg file "$file" \
		"{index: $3} + if \"$2\" == \"written\" then {file: \$file} else {} end + {sha256: \$sha} + ${4-{\}}")"
}

b_done() { # KEYS BUNDLE KIND INDEX [ATTEMPT]
	b_intent "$2" "$4" "${5-1}"
	b_intent "$2" "$4" "${5-1}" sign.result '{"result":"signed"}'
	b_result "$1" "$2" "$3" "$4"
	b_found "$2" verified "$4"
	b_found "$2" written "$4"
}

b_run() { # KEYS BUNDLE KIND
	local i count
	count=$(jq '.items | length' "$2/plan.json")
	b_gates "$2"
	case $3 in
	aborted)
		b_record "$2" gate.refused '{"gate":"quorum","why":"1 approval, 2 are needed"}'
		return ;;
	rejected)
		b_record "$2" gate.refused '{"gate":"veto","why":"carol rejects the plan"}'
		return ;;
	esac
	b_passed "$2"
	for ((i = 0; i < count; i++)); do
		if [ "$i" = 2 ]; then
			case $3 in
			partial)
				b_intent "$2" 2 1
				b_intent "$2" 2 1 sign.result '{"result":"failed","detail":"CKR_DEVICE_REMOVED"}'
				b_record "$2" abort '{"why":"the token is gone","id":"token.removed"}'
				return ;;
			retried)
				b_intent "$2" 2 1
				b_gates "$2"
				b_record "$2" deviation '{"index":2,"what":"signed again","reason":"the power failed"}'
				b_passed "$2"
				b_done "$1" "$2" "$3" 2 2
				continue ;;
			resumed)
				b_intent "$2" 2 1
				b_intent "$2" 2 1 sign.result '{"result":"signed"}'
				b_result "$1" "$2" "$3" 2
				b_found "$2" verified 2
				b_gates "$2"
				b_found "$2" verified 2 '{found: true}'
				b_found "$2" written 2 '{found: true}'
				b_passed "$2"
				continue ;;
			esac
		fi
		b_done "$1" "$2" "$3" "$i"
	done
	b_record "$2" run.end "{\"written\":$count}"
}

# sums BUNDLE: SHA256SUMS made again.
b_sums() {
	(
		cd "$1" || exit
		find . -type f ! -path './anchors/*' ! -name SHA256SUMS ! -path './SHA256SUMS.*' -print0 |
			sed -z 's|^\./||' | LC_ALL=C sort -z | xargs -0 sha256sum -- >../SHA256SUMS
		mv ../SHA256SUMS SHA256SUMS
	)
}

# seal_json BUNDLE; sealed KEYS BUNDLE: sums and signatures of operator and witness.
b_seal_json() {
	jq -sc --slurpfile plan "$1/plan.json" --arg hash "$(b_hash "$1/plan.json")" \
		--arg head "$(tail -n 1 "$1/transcript.jsonl" | sha256sum | cut -c1-64)" \
		'[.[] | select(.event == "sign.intent").index] as $tried | [.[] | select(.event ==
		"written").index] as $done | {format: "caproof/seal/1", ceremony_id: $plan[0].ceremony_id,
		outcome: (if $done | length == ($plan[0].items | length) then "complete" elif $tried == [] then
		"aborted" else "partial" end), records: length, head_sha256: $head, plan_sha256: $hash,
		time: (.[-1].time | fromdate + 60 | todate), unresolved: ($tried - $done | unique)}' \
		"$1/transcript.jsonl" >"$1/seal.json"
}

b_sealed() {
	b_sums "$2"
	b_cms "$1" dave "$2/SHA256SUMS" >"$2/SHA256SUMS.operator.dave.p7s"
	b_cms "$1" erin "$2/SHA256SUMS" >"$2/SHA256SUMS.witness.erin.p7s"
}

# approvals KEYS BUNDLE KIND
b_approvals() {
	local officers name
	case $3 in
	aborted) officers=alice ;;
	unsigned) officers='' ;;
	*) officers='alice bob' ;;
	esac
	for name in $officers; do b_approve "$1" "$2" "$name" approve; done
	[ "$3" != rejected ] || b_approve "$1" "$2" carol reject
}

ceremony_remake() {
	rm -rf "$2/bundle/"{approvals,certs,signatures,transcript.jsonl,seal.json,SHA256SUMS*}
	b_approvals "$1" "$2/bundle" "$3"
	b_run "$1" "$2/bundle" "$3"
	b_seal_json "$2/bundle"
	b_sealed "$1" "$2/bundle"
}

ceremony_make() {
	mkdir -p "$2/bundle"
	b_policy "$1" "$2/bundle" "$3"
	b_hash "$2/bundle/policy.json" >"$2/policy.sha256"
	b_plan "$1" "$2" "$3"
	if [ "$3" = attached ]; then
		mkdir -p "$2/bundle/attach/scan" "$2/bundle/anchors"
		echo 1 >"$2/bundle/attach/scan/"$'new\nline \\ "quoted" \'$(touch x)\'.txt'
		echo 2 >"$2/bundle/attach/-rf *"
		echo 3 >"$2/bundle/anchors/SHA256SUMS.tsr"
	fi
	ceremony_remake "$@"
}

ceremony_verify() {
	local out=$1
	shift
	"$@" "$out/bundle" --policy-sha256 "$(cat "$out/policy.sha256")" --ca "$out/ca.pem"
}
