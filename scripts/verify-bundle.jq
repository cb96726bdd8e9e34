# SPDX-License-Identifier: Apache-2.0
#
# What scripts/verify-bundle asks jq: which fields the files of a bundle have, what a certificate
# looks like octet by octet, and in which order a ceremony happens.  It only looks at values.

# --- Fields.  In a pattern a name with ? may be absent, "any" is anything, and texts that are not
# --- the name of a kind are regular expressions, a number is a text of so many octets and at least
# --- one; what a pattern does not name is refused.

def is($re): type == "string" and test("^(" + $re + ")$");
def fits($pattern): . as $value | ($pattern | type) as $type |
	if $type == "object" then
		type == "object" and
		all(keys[]; rtrimstr("?") == . and ($pattern[.] // $pattern[. + "?"]) != null) and
		all($pattern | keys[]; . as $key | rtrimstr("?") as $name |
			if $value | has($name) then $value[$name] | fits($pattern[$key]) else $key != $name end)
	elif $type == "array" then type == "array" and all(.[]; fits($pattern[0]))
	elif $type == "number" then type == "string" and length > 0 and utf8bytelength <= $pattern
	elif $pattern == "text" then type == "string"
	elif $pattern == "count" then type == "number"
	elif $pattern == "flag" then type == "boolean"
	elif $pattern == "time" then
		is("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z") and (fromdate | todate) == .
	else is($pattern) end;
def id: "[0-9a-f]{32}";
def sha: "[0-9a-f]{64}";
def name: "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
def role: "requester|officer|operator|witness";

# --- DER as hexadecimal text: taken apart, and put together.

def number: explode | reduce .[] as $c (0; . * 16 + $c - (if $c > 96 then 87 else 48 end));
def der: if . == "" then [] else
	(.[2:4] | number) as $first | (if $first > 128 then $first - 128 else 0 end) as $more |
	(4 + 2 * $more) as $head |
	($head + 2 * (if $more > 0 then .[4:$head] | number else $first end)) as $stop |
	if $first == 128 or $more > 4 or length < $stop then error("not DER")
	else [{tag: .[0:2], all: .[0:$stop], in: .[$head:$stop]}] + (.[$stop:] | der) end end;
def inside: der | if length == 1 then .[0].in | der else error("not one element") end;
def byte: [(. / 16 | floor), . % 16] | map("0123456789abcdef"[.:. + 1]) | add;
def tlv($tag): (length / 2) as $n | $tag + (if $n < 128 then $n | byte
	elif $n < 256 then "81" + ($n | byte)
	else "82" + ($n / 256 | floor | byte) + ($n % 256 | byte) end) + .;
def seq: tlv("30");
def ascii: explode | map(byte) | add;

# serial, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions
def tbs_parts: inside | if .[0].tag == "a0" then .[1:] else . end;
def certificate_parts: inside[0].all | tbs_parts;
def extension($oid): [.[-1] | select(.tag == "a3").in | inside[].all | inside |
	select(.[0].in == $oid)[-1].in][0];
def key_bits: inside[1].in[2:];

# RFC 5280 4.1.2.5; RFC 4055 5 and 3.1, RFC 5758 3.2, RFC 8410 3: [key's OID, identifier, mechanism]
def asn1_time: gsub("[-:T]"; "") |
	if . < "2050" then .[2:] | ascii | tlv("17") else ascii | tlv("18") end;
def algorithm: .[-3:] as $n | ("06096086480165030402" + {"256": "01", "384": "02", "512": "03"}[$n] +
		"0500" | seq) as $hash |
	if startswith("RSA-SHA") then ["2a864886f70d010101",
		"06092a864886f70d0101" + {"256": "0b", "384": "0c", "512": "0d"}[$n] + "0500", "CKM_RSA_PKCS"]
	elif startswith("RSA-PSS") then ["2a864886f70d0101(01|0a)", "06092a864886f70d01010a" +
		(($hash | tlv("a0")) + ("06092a864886f70d010108" + $hash | seq | tlv("a1")) +
		("0201" + {"256": "20", "384": "30", "512": "40"}[$n] | tlv("a2")) | seq), "CKM_RSA_PKCS_PSS"]
	elif startswith("ECDSA") then ["2a8648ce3d0201",
		"06082a8648ce3d0403" + {"256": "02", "384": "03", "512": "04"}[$n], "CKM_ECDSA"]
	elif . == "Ed25519" then ["2b6570", "06032b6570", "CKM_EDDSA"]
	else ["2b6571", "06032b6571", "CKM_EDDSA"] end;
def algorithm_der: algorithm[1] | seq;
def algorithm_suits($ca): algorithm[0] as $oid |
	$ca | certificate_parts[5].all | inside[0].all | inside[0].in | is($oid);

# --- The files.

# What any JSON may hold (given as a list of documents; their spelling is checked in the shell): no
# character that nobody sees, and none that stands for octets that are no UTF-8.
def hidden: "[\\p{Cc}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f" +
	"\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud82f\udca0-\ud82f\udca3" +
	"\ud834\udd73-\ud834\udd7a\udb40\udc00-\udb43\udfff]";
def plain_values: length > 0 and all(.[] | .. | if type == "object" then keys[], . else . end;
	if type == "string" then test(hidden) | not
	else type != "number" or . <= 9007199254740991 end);

def policy: keys_unsorted[0] == "format" and fits({format: "caproof/policy/1", name: 200,
		approve: {threshold: "count", veto: "flag", max_age_hours: "count"}, "separate?": [[role]],
		seal: {"operator?": "count", "witness?": "count"},
		members: [{name: name, role: role, cert_sha256: sha}]}) and
	.approve.max_age_hours > 0 and .approve.max_age_hours <= 8784 and
	(.seal | add > 0 and all(.[]; . <= 1)) and (.separate // [] | length <= 8) and
	all(.separate // [] | .[]; length == 2 and .[0] != .[1]) and
	(.members | length > 0 and length <= 64 and length == (unique_by(.name) | length)) and
	([.members[] | select(.role == "officer")] | length) >= .approve.threshold;

# For `signature` a code is the message itself, so it must not pass as anything else that is signed.
def code_fits($form): is("[^\\p{Z}\\p{Cf}\\p{Co}\\p{Pi}\\p{Pf}\"\u0027`]+") and
	if $form == "certificate-cn" then utf8bytelength <= 64
	else is("[!-~]{1,1024}") and ($form != "signature" or (is("e[w-z].*[.].*") | not)) end;
def item: ("000\(.index)"[-4:]) as $number | . as $item | (.code | code_fits($item.form)) and
	if .form == "signature" then .out == "signatures/\($number).b64" and
		all("serial", "subject", "not_before", "not_after", "request", "subject_key", "san_uri";
			$item[.] == null)
	else .out == "certs/\($number).pem" and has("serial") and .not_before < .not_after and
		has("request") != has("subject_key") and has("san_uri") == (.form != "certificate-cn") and
		all(.request | values; .file == "inputs/\($number).csr") end;
def plan($policy): (["format", "ceremony_id", "created", "purpose", "reference", "tool", "execute",
		"policy_sha256", "issuer", "key", "signature", "items"] - (["purpose", "reference"] - keys)) ==
		keys_unsorted and fits({format: "caproof/plan/1",
		ceremony_id: id, created: "time", "purpose?": 4096, "reference?": 4096,
		tool: {version: 32}, execute: {not_before: "time", not_after: "time"},
		policy_sha256: $policy, issuer: {file: "inputs/ca[.]pem", cert_sha256: sha,
			spki_sha256: sha, subject: 4096},
		key: {"uri?": "pkcs11:.*", expect: {sensitive: "flag", never_extractable: "flag"}},
		signature: {mechanism: "CKM_(RSA_PKCS|RSA_PKCS_PSS|ECDSA|EDDSA)",
			name: "(RSA|RSA-PSS|ECDSA)-SHA(256|384|512)|Ed25519|Ed448"},
		items: [{index: "count", form: "certificate-cn|certificate-san-uri|signature",
			platform: 64, "tenant?": 4096, code: 1024, "code_issued?": "time",
			"code_expires?": "time", "note?": 4096, "request?": {file: 64, sha256: sha},
			"subject_key?": 4096, "san_uri?": 2048, "serial?": id, "subject?": 1024,
			"not_before?": "time", "not_after?": "time", tbs_sha256: sha, tbs_der: 65536,
			out: 64}]}) and
	.signature.mechanism == (.signature.name | algorithm[2]) and
	(.key.uri // "" | test("pin-(value|source)") | not) and all(.items[]; item) and
	(.items | length > 0 and length <= 9999 and [.[].index] == [range(0; length)] and
		([.[].serial | values] | length == (unique | length)));

def approval($plan; $hash; $name): keys_unsorted == ["format", "ceremony_id", "decision", "role",
		"name", "plan_sha256", "items", "reviewed_with", "time", "comment"] and
	fits({format: "caproof/approval/1", ceremony_id: $plan.ceremony_id, role: "officer",
		decision: "approve|reject", name: name, plan_sha256: $hash, items: "count",
		reviewed_with: 200, time: "time", comment: "text"}) and (.comment | utf8bytelength) <= 4096 and
	.name == $name and .items == ($plan.items | length);

def records: {index: "count", attempt: "count", tbs_sha256: sha} as $sign |
	{index: "count", sha256: sha, "found?": "flag"} as $done | {
	"run.start": {caproof: "text", openssl: "text", "host?": "text", argv: "text"},
	"module": {path: "text", sha256: sha}, policy: {sha256: sha, expected: sha, from: "text"},
	approval: {name: name, decision: "approve|reject", counts: "flag", "why?": "text"},
	"gate.passed": {plan_sha256: sha, approvals: "count"},
	"gate.refused": {gate: "text", why: "text"},
	token: {label: "text", serial: "text", manufacturer: "text", model: "text", firmware: "text",
		flags: "count"},
	login: {result: "text"},
	key: {uri: "text", sensitive: "text", always_sensitive: "text", extractable: "text",
		never_extractable: "text", local: "text", always_authenticate: "flag"},
	"sign.intent": $sign, "sign.result": ($sign + {result: "signed|failed", "detail?": "text"}),
	verified: $done, written: ($done + {file: "text"}),
	deviation: {what: "text", "index?": "count", "reason?": "text", "file?": "text",
		"sha256?": sha},
	abort: {why: "text", "id?": "text"}, "run.end": {written: "count"}} as $events |
	[.[].seq] == [range(0; length)] and .[0].event == "run.start" and
	(.[-1].event | is("run.end|abort|gate.refused|deviation")) and
	all(.[]; (tojson | utf8bytelength) < 65536 and $events[.event] != null and fits($events[.event] +
		{seq: "count", prev: sha, time: "time", mono_ms: "count", event: "text"}));

def seal: keys_unsorted == ["format", "ceremony_id", "outcome", "records", "head_sha256",
	"plan_sha256", "time", "unresolved"] and fits({format: "caproof/seal/1", ceremony_id: id,
	outcome: "complete|partial|aborted", records: "count", head_sha256: sha, plan_sha256: sha,
	time: "time", unresolved: ["count"]});

# --- The names of the files: those that must be there (input: policy, plan, records), and those
# --- that may.

def must: .[0] as $policy | .[1] as $plan | ([.[2:][] | select(.event == "written").index]) as $w |
	("plan", "policy", "seal") + ".json", "transcript.jsonl", "SHA256SUMS", "inputs/ca.pem",
	"roster/\($policy.members[].name).pem", ($plan.items[].request.file | values),
	($plan.items[$w[]].out | values);
def may: .members[] | if .role == "officer" then "approvals/\(.name)." + ("json", "p7s")
	elif .role == "requester" then empty else "SHA256SUMS.\(.role).\(.name).p7s" end;

# The key that an item is about: the request's, when that is for the code, or the planned one.
def subject_key($planned; $csr; $code):
	if has("request") then $csr | inside[0].all | inside |
		select([.[1].all | inside[].all | inside[].all | inside | select(.[0].in == "550403")[1].in]
			== [$code])[2].all
	else $planned end;

# RFC 5280 4.1.2: what an item's octets must be; 55 1d: 13 basicConstraints, 0f keyUsage,
# 0e subjectKeyIdentifier, 23 authorityKeyIdentifier, 11 subjectAltName.
def rebuilt($signature; $ca; $tbs; $key; $ski; $code): (.form != "certificate-cn") as $uri |
	(if $uri then "caproof" else .code end) as $cn |
	(if $uri then $cn | ascii else $code end) as $cn_octets |
	(if $cn | is("[A-Za-z0-9 \u0027()+,./:=?-]+") then "13" else "0c" end) as $string |
	($ca | certificate_parts) as $issuer | ($issuer | extension("551d0e")) as $aki |
	(.san_uri // "" | ascii | tlv("86") | seq) as $san |
	(.serial | sub("^(00)+"; "") | if . < "8" then . else "00" + . end | tlv("02")) as $serial |
	["300c0603551d130101ff04023000", "300e0603551d0f0101ff040403020780",
		("0603551d0e" + ($ski | tlv("04") | tlv("04")) | seq),
		(if $aki then "0603551d23" + ($aki | der[0].in | tlv("80") | seq |
			tlv("04")) | seq else "" end),
		(if $uri then "0603551d11" + ($san | tlv("04")) | seq else "" end)] as $extensions |
	"a003020102" + $serial + ($signature | algorithm_der) + $issuer[4].all +
	([.not_before, .not_after] | map(asn1_time) | add | seq) +
	("0603550403" + ($cn_octets | tlv($string)) | seq | tlv("31") | seq) + $key +
	($extensions | add | seq | tlv("a3")) | seq | . == $tbs;
def san_fits: .code as $code | .san_uri == null or (.san_uri |
	endswith($code) and (rtrimstr($code) | is("urn:[A-Za-z0-9:/._-]*")));
def subject_fits: san_fits and (if .form == "certificate-cn" then .code else "caproof" end) as $cn |
	.subject == "CN=" + ($cn | gsub("(?<c>^#|[,+;<>\\\\])"; "\\\(.c)"));

# The signature in a certificate that is the planned octets, with the planned algorithm.
def signature_of($tbs; $signature): . as $all | inside | select(length == 3 and .[0].all == $tbs and
	.[1].all == ($signature | algorithm_der) and .[2].tag == "03" and .[2].in[0:2] == "00" and
	(map(.all) | add | seq) == $all)[2].in[2:];

# A CMS SignedData: detached, with one SignerInfo, its digest SHA-256 or stronger.
def one_signer: inside | .[0].in == "2a864886f70d010702" and (.[1].in | inside |
	(.[2].all | inside | length == 1 and .[0].in == "2a864886f70d010701") and .[-1].tag == "31" and
	(.[-1].all | inside | length == 1 and
		(.[0].all | inside[2].all | inside[0].in | is("60864801650304020[123]"))));

# --- What happened, held against plan, policy and approvals.  Each of these walks once through the
# --- records: a transcript may be long.

# Votes: valid approvals {name, key, decision, time}.  Those that count at a time.
def counted($gate; $policy): ($gate.time | fromdate) as $now | map(select(.time <= $gate.time and
	$now - (.time | fromdate) <= $policy.approve.max_age_hours * 3600 and .decision == "approve"));
def gate_fits($gate; $plan; $hash; $policy; $votes): ($votes | counted($gate; $policy)) as $yes |
	.policy and (.strange | not) and .yes == ($yes | map({(.name): 1}) | add // {}) and
	$gate.plan_sha256 == $hash and $gate.approvals == ($yes | length) and
	$gate.approvals >= $policy.approve.threshold and
	$gate.time >= $plan.execute.not_before and $gate.time <= $plan.execute.not_after and
	($policy.approve.veto | not or all($votes[]; .decision == "approve" or .time > $gate.time));

def ends_run: .event | is("run.start|run.end|abort|gate.refused");
# No gate is passed but with the policy and the approvals of the same run, and in time.
def gates_fit($plan; $hash; $policy; $policy_hash; $votes): {fine: true, yes: {}} as $new |
	(reduce .[] as $r ($new; if .fine | not then .
	elif $r | ends_run then $new
	elif $r.event == "policy" then
		.policy = ($r.sha256 == $policy_hash and $r.expected == $policy_hash)
	elif $r.event == "approval" and $r.counts and $r.decision == "approve" then
		if any($votes[]; .name == $r.name) then .yes[$r.name] += 1 else .strange = true end
	elif $r.event == "gate.passed" then .fine = gate_fits($r; $plan; $hash; $policy; $votes)
	else . end)).fine;

# No intent before a gate passed, a login and a key as planned, all in the same run and in time.
def runs_fit($plan): ($plan.items | length) as $count | (reduce .[] as $r ({fine: true};
	if .fine | not then .
	elif ($r.index // 0) >= $count then .fine = false
	elif $r | ends_run then {fine: true}
	elif $r.event == "gate.passed" then {fine: true, gate: true}
	elif $r.event == "login" then .fine = (.gate == true) | .login = ($r.result == "ok")
	elif $r.event == "key" then .key = (.login and
		all($plan.key.expect | to_entries[]; .value == false or $r[.key] == "true"))
	elif $r.event == "sign.intent" then $plan.items[$r.index] as $item |
		.fine = (.gate and .login and .key and
			$r.time >= $plan.execute.not_before and $r.time <= $plan.execute.not_after and
			($item.code_expires == null or $r.time <= $item.code_expires))
	else . end)).fine;

# Of each item that has records: intent, result, verified, written; attempts counted from 1, of the
# same octets, and since the last intent one hash of what was made.
def history($item): reduce .[] as $r ({stage: "planned", tries: 0, fine: true};
	.stage as $was | .fine = (.fine and ($r.tbs_sha256 // $item.tbs_sha256) == $item.tbs_sha256 and
		($r.file // $item.out) == $item.out and
		if $r.event == "sign.intent" then $was != "written" and $r.attempt == .tries + 1
		elif $r.event == "sign.result" then $was == "sign.intent" and $r.attempt == .tries
		elif $r.event == "verified" then $was == "signed" or $was == "verified"
		else $was == "verified" end) | .stage = ($r.result // $r.event) |
	if $r.event == "sign.intent" then .tries += 1 | .hashes = 0 | .sha256 = null
	elif $r.sha256 != null and $r.sha256 != .sha256 then .sha256 = $r.sha256 | .hashes += 1
	else . end);
def histories($plan): [.[] | select(.event | is("sign.*|verified|written"))] | group_by(.index) |
	map(.[0].index as $i | history($plan.items[$i]) + {index: $i});
# Results: lines of an index and the SHA-256 of what was made.
def items_fit($plan; $results): ($results | split("\n") | map(split(" ") | select(length == 2) |
	{(.[0]): .[1]}) | add // {}) as $made | all(histories($plan)[]; .fine and
		(.stage != "written" or (.hashes == 1 and .sha256 == $made[.index | tostring])));

def sealed_as($seal; $plan; $hash; $head): histories($plan) as $items |
	[$items[] | select(.stage == "written")] as $written |
	$seal.ceremony_id == $plan.ceremony_id and
	$seal.plan_sha256 == $hash and $seal.head_sha256 == $head and $seal.records == length and
	$seal.unresolved == [($items - $written)[].index] and
	$seal.outcome == if ($written | length) == ($plan.items | length) then "complete"
		elif $items != [] then "partial" else "aborted" end;

def separated($policy): . as $people |
	all(group_by(.[1])[]; length == (unique_by(.[2]) | length)) and all($policy.separate // [] | .[] |
	map(. as $role | [$people[] | select(.[1] == $role)[2]]); .[0] - .[1] == .[0]);
