# SPDX-License-Identifier: Apache-2.0
#
# caproof check: CA certificates of all kinds against the platforms' rules.

setup() {
	load helper
	common_setup
}

# found RESULT ID: the check's line on standard output.
found() {
	grep -qE "^$1 +$2: " "$STDOUT" || fail "$2 is not $1"
}

# The contract for a refusal whose list is the output.
assert_refused() {
	assert_status 3
	[ "$(grep -c '^caproof: ' "$STDERR")" -eq 1 ] || fail "not exactly one line 'caproof: …'"
	assert_stderr_has "$@"
}

# An intermediate under the root p256; its key is its own.
make_intermediate() {
	make_ca p256
	ca_key intermediate p256
	[ -s "$FIXTURES/intermediate.pem" ] && return
	printf '%s\n' 'basicConstraints = critical,CA:TRUE' 'keyUsage = critical,keyCertSign' \
		'subjectKeyIdentifier = hash' 'authorityKeyIdentifier = keyid' > "$FIXTURES/intermediate.ext"
	openssl req -new -key "$FIXTURES/intermediate.key" -subj '/CN=Intermediate' \
		-out "$FIXTURES/intermediate.csr"
	openssl x509 -req -in "$FIXTURES/intermediate.csr" -CA "$FIXTURES/p256.pem" \
		-CAkey "$FIXTURES/p256.key" -set_serial 7 -days 300 -extfile "$FIXTURES/intermediate.ext" \
		-out "$FIXTURES/intermediate.pem" 2> "$T/setup.log"
}

@test "a good CA certificate passes, and what it is is said" {
	make_ca p256
	run_caproof check "$FIXTURES/p256.pem"
	assert_status 0
	[ ! -s "$STDERR" ] || fail 'something is on standard error'
	assert_stdout_has 'CN=Test CA p256' 'a self-signed root, X.509 v3, EC P-256, PEM' \
		"$(openssl x509 -in "$FIXTURES/p256.pem" -outform DER | sha256sum | cut -d' ' -f1)" \
		' 0 warnings, 0 refused'
	found ok ca.validity
	found ok ca.roca
	refute grep -qE '^(warning|refused) ' "$STDOUT"
	assert_calls '.*' 0
}

@test "lines fit 80 columns" {
	make_ca no-aki
	run_caproof check "$FIXTURES/no-aki.pem" -p quectel
	assert_status 3
	found refused ca.authority-key-identifier
	# what is longer is one word: a path or an address
	refute awk 'length($0) > 80 && NF > 2 { bad = 1 } END { exit !bad }' "$STDOUT"
}

@test "the matrix of all platforms fits 80 columns, whatever is wrong" {
	local kind
	for kind in no-ski v1 no-basic-constraints not-ca expired k256 ed25519; do
		make_ca "$kind"
		run_caproof check "$FIXTURES/$kind.pem" -p all
		grep -q '^aws-iot ' "$STDOUT" || fail 'no matrix'
		# the name of the file is one word
		refute grep -vP '^  file |^.{0,80}$' "$STDOUT"
	done
}

@test "a way out for each rule that does not hold, on every platform" {
	local kind name n=0
	for kind in no-ski v1 no-basic-constraints not-ca no-key-cert-sign expired k256; do
		make_ca "$kind"
		for name in "$TOP_SRCDIR"/platforms/*.json; do
			run_caproof check "$FIXTURES/$kind.pem" -p "$(basename "$name" .json)"
			[ "$(grep -cE '^(refused|warning) ' "$STDOUT")" -eq "$(grep -c '^         way out: ' "$STDOUT")" ] ||
				fail "$kind, $name: not a way out for each"
			: $((n += $(grep -c '^         way out: ' "$STDOUT" || true)))
		done
	done
	[ "$n" -gt 80 ] || fail "only $n"
}

@test "what is refused is told with the reason, the source and the way out" {
	make_ca no-aki
	run_caproof check "$FIXTURES/no-aki.pem" -p quectel
	assert_refused "platform 'quectel' refuses" 'no authority key identifier' 'ca-cert'
	[ "$(grep -c '^refused ' "$STDOUT")" -eq 1 ] || fail 'not exactly one rule is refused'
	found refused ca.authority-key-identifier
	grep -q '^         way out: ' "$STDOUT" || fail 'no way out'
	grep -qE '^[0-9]+ ok, 0 warnings, 1 refused$' "$STDOUT" || fail 'other numbers'
	assert_stdout_has 'read 2026-11-22' '1 refused'
	run_caproof check "$FIXTURES/no-aki.pem" -p generic
	assert_status 0
}

@test "each mistake refuses its own rule" {
	local kind
	declare -A rule=([expired]=ca.validity [future]=ca.validity [not-ca]=ca.basic-constraints
		[no-key-cert-sign]=ca.key-usage)
	for kind in "${!rule[@]}"; do
		make_ca "$kind"
		run_caproof check "$FIXTURES/$kind.pem"
		assert_refused "platform 'generic' refuses"
		found refused "${rule[$kind]}"
		[ "$(grep -c '^refused ' "$STDOUT")" -eq 1 ] || fail "$kind: not exactly one rule is refused"
	done
}

@test "what the platform's file notes comes last, in text and in JSON" {
	local note platforms=$TOP_SRCDIR/platforms
	make_ca p256
	run_caproof check "$FIXTURES/p256.pem" -p aws-iot
	assert_status 0
	tr -s ' \n' ' ' < "$STDOUT" | sed 's/.* 0 refused //' > "$T/last"
	grep -q '^to know beforehand - .*platform aws-iot-sni-only' "$T/last" || fail 'no suggestion'
	while IFS= read -r note; do
		grep -qF -e "- $note" "$T/last" || fail "no note: $note"
	done < <(jq -r '.notes[]' "$platforms/aws-iot.json")
	run_caproof check "$FIXTURES/p256.pem" -p aws-iot --json
	[ "$(jq -c .notes "$STDOUT")" = "$(jq -c .notes "$platforms/aws-iot.json")" ] || fail 'other notes in JSON'
	run_caproof check "$FIXTURES/p256.pem" -p all --json
	[ "$(jq -c '[.platforms[].notes[]] | sort' "$STDOUT")" = \
		"$(jq -sc '[.[].notes[]?] | sort' "$platforms"/*.json)" ] || fail 'other notes of all platforms'
	run_caproof check "$FIXTURES/p256.pem" -p generic
	refute grep -q 'to know beforehand' "$STDOUT"
}

@test "warnings do not refuse" {
	make_ca v1
	run_caproof check "$FIXTURES/v1.pem"
	assert_status 0
	found warning ca.version
	grep -qE '^[0-9]+ ok, 1 warning, 0 refused$' "$STDOUT" || fail 'other numbers'
	make_ca no-basic-constraints
	run_caproof check "$FIXTURES/no-basic-constraints.pem"
	assert_status 0
	found warning ca.basic-constraints-present
	run_caproof check "$FIXTURES/no-basic-constraints.pem" -p aws-iot
	assert_refused "platform 'aws-iot' refuses"
	found refused ca.basic-constraints-present
}

@test "DER, text around PEM, CRLF, standard input" {
	make_ca p256
	openssl x509 -in "$FIXTURES/p256.pem" -outform DER -out "$T/ca.der"
	openssl x509 -in "$FIXTURES/p256.pem" -text -out "$T/text.pem"
	sed 's/$/\r/' "$FIXTURES/p256.pem" > "$T/crlf.pem"
	run_caproof check "$T/ca.der"
	assert_status 0
	assert_stdout_has 'EC P-256, DER'
	run_caproof check "$T/text.pem"
	assert_status 0
	assert_stdout_has 'PEM with other text around it'
	run_caproof check "$T/text.pem" -p aws-iot
	assert_status 0
	found warning ca.text-around-pem
	run_caproof check "$T/crlf.pem"
	assert_status 0
	STDIN=$FIXTURES/p256.pem run_caproof check -
	assert_status 0
}

@test "an intermediate is called one, a chain file is not taken" {
	make_intermediate
	run_caproof check "$FIXTURES/intermediate.pem"
	assert_status 0
	assert_stdout_has 'an intermediate, issued by another CA'
	cat "$FIXTURES/intermediate.pem" "$FIXTURES/p256.pem" > "$T/chain.pem"
	run_caproof check "$T/chain.pem"
	assert_fails 3 'holds 2 certificates'
	assert_stderr_has 'CN=Intermediate' 'CN=Test CA p256'
}

@test "what is no CA certificate is refused without a list" {
	make_ca p256
	cat "$FIXTURES/p256.pem" "$FIXTURES/p256.key" > "$T/with-key.pem"
	echo nothing > "$T/nothing"
	run_caproof check "$T/with-key.pem"
	assert_fails 3 'private key'
	run_caproof check "$T/nothing"
	assert_fails 3 'neither a PEM nor a DER'
	run_caproof check "$T/there-is-none"
	assert_fails 3 'there-is-none'
	run_caproof check "$FIXTURES/p256.pem" -p nosuch
	assert_fails 3 "no platform named 'nosuch'"
	run_caproof check
	assert_fails 2 'something is missing'
	assert_hint 'the usage is: caproof check CA [OPTION...]'
	run_caproof check -c "$FIXTURES/p256.pem"
	assert_fails 2 "there is no option '-c'"
	assert_hint 'the usage is: caproof check CA [OPTION...]'
	run_caproof check "$FIXTURES/p256.pem" "$FIXTURES/p256.pem"
	assert_fails 2 'belongs to no option'
}

@test "-p all is a matrix, and refuses only when every platform does" {
	local name
	make_ca p256
	run_caproof check "$FIXTURES/p256.pem" -p all
	assert_status 0
	for name in "$TOP_SRCDIR"/platforms/*.json; do
		name=$(basename "$name" .json)
		[ "$(grep -cE "^$name +(ok|warning|refused) " "$STDOUT")" -eq 1 ] || fail "no line for $name"
	done
	grep -qE '^alibaba-iot +refused +refused by ca.key-type' "$STDOUT" || fail 'no reason'
	make_ca expired
	run_caproof check "$FIXTURES/expired.pem" -p all
	assert_refused 'every platform refuses'
}

@test "a broken rule file does not hide the others" {
	make_ca p256
	mkdir "$T/platforms"
	cp "$TOP_SRCDIR"/platforms/{generic,quectel}.json "$T/platforms"
	echo '{' > "$T/platforms/broken.json"
	CAPROOF_PLATFORMS=$T/platforms run_caproof check "$FIXTURES/p256.pem" -p all
	assert_refused broken.json
	grep -qE '^quectel +ok ' "$STDOUT" || fail 'quectel is hidden'
}

@test "a rule file of one's own" {
	make_ca p256
	sed 's/"name": "generic"/"name": "mine"/' "$TOP_SRCDIR/platforms/generic.json" > "$OUT/mine.json"
	run_caproof check "$FIXTURES/p256.pem" -p ./mine.json
	assert_status 0
	assert_stdout_has 'platform mine'
}

@test "a certificate object in the token" {
	use_ca p256
	token_put cert "$CA" rootCA 01
	run_caproof check "pkcs11:token=$TOKEN;object=rootCA;type=cert"
	assert_status 0
	assert_stdout_has 'CN=Test CA p256'
	assert_calls C_Login 0
}

@test "JSON: one object, the checks with four keys each" {
	make_ca p256
	make_ca no-aki
	run_caproof check "$FIXTURES/p256.pem" -p quectel --json
	assert_status 0
	jq -se 'length == 1 and .[0].caproof == 1 and .[0].command == "check" and
		.[0].platform == "quectel" and (.[0] | has("error") | not) and
		(.[0].checks | length) > 10 and
		all(.[0].checks[]; keys == ["id", "message", "result", "source"] and .result == "ok") and
		(.[0].checks | map(.id) | length == (unique | length))' "$STDOUT" > "$T/jq" || fail 'not that JSON'
	[ "$(head -c 27 "$STDOUT" | tr -d ' ')" = '{"caproof":1,"command":"che' ] || fail 'the first keys'
	run_caproof check "$FIXTURES/no-aki.pem" -p quectel --json
	assert_refused "platform 'quectel' refuses"
	jq -se 'length == 1 and .[0].error.id == "rule" and .[0].error.exit == 3 and
		([.[0].checks[] | select(.result == "refused")] | map(.id)) ==
		["ca.authority-key-identifier"]' "$STDOUT" > "$T/jq" || fail 'not that JSON'
}

@test "JSON of all platforms names each" {
	make_ca p256
	run_caproof check "$FIXTURES/p256.pem" -p all --json
	assert_status 0
	[ "$(jq -r '.platforms[].platform' "$STDOUT")" = "$(cd "$TOP_SRCDIR/platforms" &&
		find . -name '*.json' -printf '%f\n' | sed 's/\.json$//' | LC_ALL=C sort)" ] || fail 'not all'
	jq -e 'all(.platforms[]; (.checks | length) > 0 and (.result | IN("ok", "warning", "refused")))' \
		"$STDOUT" > "$T/jq" || fail 'a platform without its checks'
	run_caproof check "$T/there-is-none" --json
	assert_status 3
	jq -e '.command == "check" and .error.exit == 3' "$STDOUT" > "$T/jq" || fail 'no error in JSON'
}

@test "control characters in the certificate are not written to the terminal" {
	printf 'x\033[31m\342\200\256y' > "$T/name"
	ca_key escape p256
	openssl req -x509 -new -key "$FIXTURES/escape.key" -utf8 -subj "/CN=$(cat "$T/name")" -days 99 \
		-out "$T/escape.pem" 2> "$T/setup.log"
	run_caproof check "$T/escape.pem"
	assert_status 0
	refute grep -q "$(printf '\033')" "$STDOUT"
	refute grep -q "$(printf '\342\200\256')" "$STDOUT"
}

@test "a signal ends the wait for an input" {
	local signal writer
	declare -A code=([INT]=130 [TERM]=143)
	mkfifo "$T/fifo"
	for signal in INT TERM; do
		start_caproof check "$T/fifo"
		# The shell opens it, and becomes sleep, as soon as there is a reader.
		sleep 60 > "$T/fifo" 3>&- &
		writer=$!
		wait_until grep -qsx sleep "/proc/$writer/comm" || { kill "$writer"; fail 'it does not read'; }
		kill "-$signal" "$caproof_pid"
		wait_caproof
		kill "$writer"
		assert_fails "${code[$signal]}" interrupted
	done
}
