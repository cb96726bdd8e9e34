# SPDX-License-Identifier: Apache-2.0
#
# caproof platforms: the list, one in full, and caproof-platforms(7).

setup() {
	load helper
	common_setup
}

shipped() {
	find "$TOP_SRCDIR/platforms" -name '*.json' -printf '%f\n' | sed 's/\.json$//' | LC_ALL=C sort
}

@test "the list names every rule file with form, lifetime and title" {
	local name text n=0
	run_caproof platforms
	assert_status 0
	tr -s ' \n' ' ' < "$STDOUT" > "$T/flat"
	while read -r name; do
		# blanks are squeezed, and a long line is broken
		text="$name $(jq -r '"\(.proof.form) \(.title)"' "$TOP_SRCDIR/platforms/$name.json")"
		grep -qF -e "$text" "$T/flat" || fail "not in the list: $text"
		grep -qF -e "$text code lifetime: $(jq -r .code.lifetime "$TOP_SRCDIR/platforms/$name.json")" "$T/flat" ||
			fail "no lifetime for $name"
		: $((n += 1))
	done < <(shipped)
	[ "$n" -ge 15 ] || fail "only $n platforms"
	assert_calls '.*' 0
}

@test "one in full: every rule of the file, its sources, notes and next steps" {
	local name n=0 text
	while read -r name; do
		run_caproof platforms "$name"
		assert_status 0
		tr -s ' \n' ' ' < "$STDOUT" > "$T/flat"
		while IFS= read -r text; do
			grep -qF -e "$text" "$T/flat" || fail "$name: not shown: $text"
			: $((n += 1))
		done < <(jq -r '.title, .proof.form, (.rules[]? | .rule, .sentence), (.sources[] | .title, .read,
			(.url // empty)), .notes[]?' "$TOP_SRCDIR/platforms/$name.json" | tr -s ' ')
	done < <(shipped)
	[ "$n" -gt 150 ] || fail "only $n texts"
}

@test "what is inferred says so" {
	run_caproof platforms alibaba-iot
	assert_status 0
	tr -s ' \n' ' ' < "$STDOUT" | grep -q 'ca.key-type: .*(inferred' || fail 'not called inferred'
}

@test "a rule says that it is inferred where its source is, and nowhere else" {
	local name n=0
	while read -r name; do
		run_caproof platforms "$name" --json
		jq -n --slurpfile told "$STDOUT" --slurpfile file "$TOP_SRCDIR/platforms/$name.json" '
			$file[0] as $f | ($f.rules // [])[] | . as $r | $told[0].platform.rules[] |
			select(.id == $r.rule) | {id, said: (.source | contains("(inferred: ")),
			is: ($f.sources[$r.source].inferred // false)}' > "$T/pairs"
		jq -se 'all(.[]; .said == .is)' "$T/pairs" > "$T/jq" || fail "$name: $(jq -c . "$T/pairs")"
		: $((n += $(jq -s 'map(select(.is)) | length' "$T/pairs")))
	done < <(shipped)
	[ "$n" -ge 10 ] || fail "only $n rules are inferred"
}

@test "JSON" {
	run_caproof platforms --json
	assert_status 0
	[ "$(jq -r '.platforms[].name' "$STDOUT")" = "$(shipped)" ] || fail 'other platforms'
	jq -se 'length == 1 and .[0].caproof == 1 and .[0].command == "platforms" and
		all(.[0].platforms[]; keys == ["code_lifetime", "code_lifetime_seconds", "form", "name", "title"])' \
		"$STDOUT" > "$T/jq" || fail 'not that JSON'
	run_caproof platforms quectel --json
	assert_status 0
	jq -e '.platform.name == "quectel" and .platform.code_lifetime_seconds == 604800 and
		.platform.subject_key == "rsa2048" and (.platform.sources | length) > 0 and
		(.platform.next_steps | length) > 0 and
		all(.platform.rules[]; (.severity | IN("warn", "refuse")) and .source != null) and
		any(.platform.rules[]; .id == "ca.authority-key-identifier" and .severity == "refuse" and .own) and
		any(.platform.rules[]; .id == "ca.validity" and (.own | not))' "$STDOUT" > "$T/jq" || fail 'not that JSON'
}

@test "a rule file of one's own, and one that is broken" {
	sed 's/"name": "generic"/"name": "mine"/' "$TOP_SRCDIR/platforms/generic.json" > "$OUT/mine.json"
	run_caproof platforms ./mine.json
	assert_status 0
	assert_stdout_has mine ca.validity
	echo '{ "format": 1 }' > "$OUT/bad.json"
	run_caproof platforms ./bad.json
	assert_fails 3 bad.json format
	run_caproof platforms nosuch
	assert_fails 3 "no platform named 'nosuch'"
	assert_hint quectel
	run_caproof platforms nosuch --json
	assert_status 3
	jq -e '.error.id == "platform.unknown"' "$STDOUT" > "$T/jq" || fail 'no error in JSON'
}

@test "a broken rule file does not hide the others, and is told" {
	mkdir "$T/platforms"
	cp "$TOP_SRCDIR"/platforms/{generic,quectel}.json "$T/platforms"
	echo '{' > "$T/platforms/broken.json"
	CAPROOF_PLATFORMS=$T/platforms run_caproof platforms
	assert_status 3
	assert_stdout_has generic quectel
	assert_stderr_has broken.json
	CAPROOF_PLATFORMS=$T/platforms run_caproof platforms --json
	assert_status 3
	jq -se 'length == 1 and (.[0].platforms | length) == 2 and .[0].error.exit == 3' "$STDOUT" \
		> "$T/jq" || fail 'not that JSON'
	CAPROOF_PLATFORMS=$T/there-is-none run_caproof platforms
	assert_fails 3 'cannot list the rule files'
	CAPROOF_PLATFORMS=$T/there-is-none run_caproof platforms quectel
	assert_fails 3 "there is no platform named 'quectel'"
	assert_hint "there-is-none': there is no such file or folder: install caproof"
}

# refuses_file TEXT KEY SED-SCRIPT: the rule file of quectel, altered so, for every command;
# the mistake is in the last line with TEXT.
refuses_file() {
	local line text=$2
	sed "$3" "$TOP_SRCDIR/platforms/quectel.json" > "$OUT/bad.json"
	line=$(grep -nF -e "$1" "$OUT/bad.json" | tail -n 1 | cut -d: -f1)
	refute cmp -s "$OUT/bad.json" "$TOP_SRCDIR/platforms/quectel.json"
	run_caproof platforms ./bad.json
	assert_fails 3 "./bad.json" "line $line" "$text"
	run_caproof check "$FIXTURES/p256.pem" -p ./bad.json
	assert_fails 3 "./bad.json" "line $line" "$text"
	run_caproof sign -c "$FIXTURES/p256.pem" --code x -p ./bad.json -o proof.pem
	assert_fails 3 "./bad.json" "line $line" "$text"
	assert_calls '.*' 0
}

@test "a rule file with a mistake: its name, the line and the key" {
	make_ca p256
	refuses_file tilte "'tilte'" 's/"title": "Quectel/"tilte": "Quectel/'
	refuses_file '"name"' name '3p'
	refuses_file '"title": 7' "'title'" 's/"title": "Quectel.*/"title": 7,/'
	refuses_file certificate-cm "'proof.form'" 's/certificate-cn/certificate-cm/'
	refuses_file 999999999999 "'code.lifetime_seconds'" 's/604800/999999999999/'
	refuses_file deny "'rules[0].severity'" '0,/"refuse"/s//"deny"/'
	refuses_file -1 "max'" 's/1048576/-1/'
	refuses_file '{poof}' "'next_steps[1]'" 's/upload {proof}/upload {poof}/'
	refuses_file "'{proof}'" "'next_steps[1]'" "s/upload {proof}/upload '{proof}'/"
	head -c 300000 /dev/zero | tr '\0' ' ' > "$OUT/bad.json"
	run_caproof check "$FIXTURES/p256.pem" -p ./bad.json
	assert_fails 3 './bad.json' '262144'
	run_caproof check "$FIXTURES/p256.pem" -p /dev/zero
	assert_fails 3 '/dev/zero'
}

# What caproof-platforms(7) lists between two of its headings.
in_manual() {
	awk -v from="$1" -v to="$2" '
	$0 == from { on = 1; next }
	$0 == to { exit }
	on && /^\.It Sy / { print $3 }' "$TOP_SRCDIR/man/caproof-platforms.7"
}

@test "the manual page lists the same platforms" {
	diff <(in_manual '.Ss Platforms' '.Sh RULES') <(shipped) >&2 || fail 'other platforms in the manual'
	run_caproof platforms --json
	diff <(in_manual '.Ss Platforms' '.Sh RULES') <(jq -r '.platforms[].name' "$STDOUT") >&2 ||
		fail 'other platforms in the manual'
}

@test "the manual page tells of every rule, and how severe it is" {
	local name
	while read -r name; do
		run_caproof platforms "$name" --json
		jq -r '.platform.rules[] | .id' "$STDOUT" >> "$T/ids"
		jq -r '.platform.rules[] | select(.own | not) | .id + " " + .severity' "$STDOUT" >> "$T/severities"
	done < <(shipped)
	in_manual '.Sh RULES' '.Sh RULE FILES' | sort > "$T/manual"
	comm -13 "$T/manual" <(sort -u "$T/ids") > "$T/untold"
	[ ! -s "$T/untold" ] || fail "not in the manual: $(cat "$T/untold")"
	comm -23 "$T/manual" <(sed -n 's/^RULE([A-Z0-9_]*, "\([^"]*\)".*/\1/p' \
		"$TOP_SRCDIR/src/lib/platform/rules.def" | sort) > "$T/unknown"
	[ ! -s "$T/unknown" ] || fail "only in the manual: $(cat "$T/unknown")"
	run_caproof platforms generic --json
	awk '/^\.It Sy / { id = $3; next }
		id != "" && /^Refused everywhere/ { print id, "refuse" }
		id != "" && /^A warning everywhere/ { print id, "warn" }
		{ id = "" }' "$TOP_SRCDIR/man/caproof-platforms.7" | sort > "$T/manual"
	comm -13 <(jq -r '.platform.rules[] | .id + " " + .severity' "$STDOUT" | sort) "$T/manual" > "$T/wrong"
	[ -s "$T/manual" ] || fail 'the manual tells no severity'
	refute grep -vE '^code\.(present|absent) ' "$T/wrong"
}
