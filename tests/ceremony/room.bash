# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A room for whole ceremonies with the tool itself: a SoftHSM token with the CA's key, a
# roster of three officers, an operator and a witness, whose keys are in files.
#
#   room_make ROOM               the token, CA, people and policy
#   room_plan ROOM NAME [OPTION...]         of ROOM/list.csv
#   room_approve ROOM NAME WHO [OPTION...]
#   room_run ROOM NAME [OPTION...]          confirmed
#   room_seal ROOM NAME                     by operator and witness

SOFTHSM=${SOFTHSM:-/usr/lib/softhsm/libsofthsm2.so}
export ROOM_PIN=pY4-7391

room_person() { # ROOM NAME
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1/$2.key" 2>/dev/null
	openssl req -x509 -new -key "$1/$2.key" -days 3650 -subj "/CN=$2" -out "$1/roster/$2.pem"
	openssl x509 -in "$1/roster/$2.pem" -outform DER | sha256sum | cut -c1-64
}

room_make() {
	local name
	export SOFTHSM2_CONF=$1/softhsm2.conf
	mkdir -p "$1/tokens" "$1/roster"
	printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$1/tokens" >"$1/softhsm2.conf"
	(umask 077 && printf '%s\n' "$ROOM_PIN" >"$1/pin")
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1/ca.key" 2>/dev/null
	openssl req -utf8 -x509 -new -key "$1/ca.key" -days 3650 -out "$1/ca.pem" \
		-subj "${ROOM_SUBJECT-/CN=Device CA}" -addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign
	softhsm2-util --init-token --free --label room --pin "$ROOM_PIN" --so-pin sY4-8462 >/dev/null
	softhsm2-util --import "$1/ca.key" --token room --pin "$ROOM_PIN" --label ca --id 01 >/dev/null
	for name in alice bob carol oscar walter; do
		room_person "$1" "$name"
	done | jq -Rn --arg name "${ROOM_POLICY-Two officers}" '[inputs] as $sha |
		{format: "caproof/policy/1", name: $name,
		approve: {threshold: 2, veto: true, max_age_hours: 72}, separate: [["officer", "operator"]],
		seal: {operator: 1, witness: 1}, members: [["alice", "bob", "carol", "oscar", "walter"],
		["officer", "officer", "officer", "operator", "witness"], $sha] | transpose |
		map({name: .[0], role: .[1], cert_sha256: .[2]})}' >"$1/policy.json"
	sha256sum "$1/policy.json" | cut -c1-64 >"$1/policy.sha256"
}

room_plan() {
	"$CAPROOF" ceremony plan "$1/list.csv" -c "$1/ca.pem" --policy "$1/policy.json" -o "$1/$2" \
		--expect-key sensitive -q "${@:3}"
}

room_approve() {
	"$CAPROOF" ceremony approve "$1/$2" -q --cert "$1/roster/$3.pem" --key-file "$1/$3.key" "${@:4}"
}

room_words() {
	"$CAPROOF" ceremony show "$1/$2" | awk '/^plan hash/ { on = 1; next }
		on { print tolower($1 " " $2); exit }'
}

room_run() {
	"$CAPROOF" ceremony run "$1/$2" -q -m "$SOFTHSM" --policy-sha256 "$(cat "$1/policy.sha256")" \
		--pin "file:$1/pin" --confirm "$(room_words "$1" "$2")" "${@:3}"
}

room_seal() {
	"$CAPROOF" ceremony seal "$1/$2" -q --role operator --cert "$1/roster/oscar.pem" \
		--key-file "$1/oscar.key"
	"$CAPROOF" ceremony seal "$1/$2" -q --role witness --cert "$1/roster/walter.pem" \
		--key-file "$1/walter.key"
}
