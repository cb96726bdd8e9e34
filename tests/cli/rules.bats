# SPDX-License-Identifier: Apache-2.0
#
# Every rule of every platform, with a real certificate, code or option that passes it and
# one that fails it and nothing else.  Three tables say which; a rule of any rule file that
# is not in them fails, and so does a platform whose codes are not.

setup() {
	load helper
	common_setup
	NOW=$(date +%s)
	tables
}

# --- the tables ------------------------------------------------------------------------

# The rule; what it is everywhere, whatever a rule file says; for which forms; the case
# that fails it, and where the good certificate says nothing, the one that passes.
rules() {
	cat <<-'END'
	ca.validity                   refuse all       expired
	ca.expires-soon               warn   all       expires-soon
	ca.version                    warn   all       version-1
	ca.basic-constraints-present  warn   all       no-basic-constraints
	ca.basic-constraints          refuse all       not-a-ca
	ca.key-usage                  refuse all       no-key-cert-sign
	ca.subject-key-identifier     -      all       no-ski
	ca.authority-key-identifier   -      all       no-aki
	ca.signature-md5              refuse all       md5
	ca.signature-sha1             warn   all       sha1
	ca.key-size-1024              refuse all       rsa1023
	ca.key-size-2048              warn   all       rsa2047
	ca.roca                       warn   all       roca
	ca.key-type                   -      all       p256
	ca.curve                      -      all       k256  p256
	ca.file-size                  -      all       long-file
	ca.pem-size                   -      all       long-pem
	ca.file-suffix                -      all       name
	ca.file-encoding              -      all       der
	ca.text-around-pem            -      all       text
	code.absent                   refuse none      given
	code.present                  refuse proof     empty
	code.encoding                 refuse proof     latin-1
	code.controls                 refuse proof     line-end
	code.spaces                   refuse proof     space
	code.quotes                   refuse proof     quote
	code.ascii                    refuse ascii     umlaut
	code.length                   refuse proof     long
	code.shape                    -      proof     bad-shape
	code.usual-shape              -      proof     unusual
	code.age                      refuse lifetime  old
	code.ends-soon                warn   lifetime  nearly-old
	code.issued                   warn   proof     tomorrow
	output.pss                    -      proof     pss
	output.digest                 -      proof     sha384
	output.suffix                 -      proof     txt
	output.encoding               -      proof     out-der
	END
}

# CA certificates: the key, the hash, the days of their validity from today, and the
# extensions that differ from a good one's; nothing behind '=': without it.
certificates() {
	cat <<-'END'
	good                  rsa2048 sha256 -1    3650
	expired               rsa2048 sha256 -400  -1
	expires-soon          rsa2048 sha256 -400  29
	no-basic-constraints  rsa2048 sha256 -1    3650  basicConstraints=
	not-a-ca              rsa2048 sha256 -1    3650  basicConstraints=critical,CA:FALSE
	no-key-cert-sign      rsa2048 sha256 -1    3650  keyUsage=critical,cRLSign
	no-ski                rsa2048 sha256 -1    3650  subjectKeyIdentifier= authorityKeyIdentifier=DER:3006800401020304
	no-aki                rsa2048 sha256 -1    3650  authorityKeyIdentifier=
	md5                   rsa2048 md5    -1    3650
	sha1                  rsa2048 sha1   -1    3650
	rsa1023               rsa1023 sha256 -1    3650
	rsa2047               rsa2047 sha256 -1    3650
	p256                  p256    sha256 -1    3650
	k256                  k256    sha256 -1    3650
	long-pem              rsa2048 sha256 -1    3650  nsComment=LONG
	END
}

# Codes: a good one, one that is not of the platform's shape, and one that is only unusual.
# A '-' where there is no such rule.
codes() {
	local hex=0123456789ABCDEF uuid=2c8b5905-b34a-4b64-8112-f6c047ae065c
	cat <<-END
	generic           Code-1_2.3                   -                            -
	quectel           a1b2c3                       -                            -
	aws-iot           $hex${hex,,}$hex$hex         $hex$hex$hex${hex%F}         -
	aws-iot-sni-only  -                            -                            -
	azure-iothub      $hex$hex$hex                 $hex$hex${hex}0              ${hex,,}$hex$hex
	azure-dps         $hex$hex$hex                 $hex${hex}012345G7           $hex${hex}01234567
	huawei-iotda      $uuid                        -                            ${uuid^^}
	huawei-iotdp      $uuid                        -                            ${uuid//-/}
	alibaba-iot       0123abCD                     0123abCG                     -
	alibaba-mqtt      ${uuid}2089123456            -                            $uuid-2089
	tencent-iothub    whatever                     -                            -
	tencent-tdmq      $uuid                        -                            ${uuid}0
	cumulocity        The{code}=given/1            -                            -
	nerveshub         SFMyNTY.g2gDbQAAAAwxLU5l.4x  -                            -
	nerveshub-page    $hex$hex$hex$hex             $hex$hex$hex${hex,,}         -
	peridio           AbC${hex}${hex,,}            -                            AbC$hex$hex^
	END
}

# --- what the tables and the rule files mean ---------------------------------------------

# $T/expected: one object, {PLATFORM: {RULE: "refused" or "warning"}}, by the tables and by
# the rule files themselves, without asking the tool.
tables() {
	rules > "$T/rules"
	certificates > "$T/certificates"
	codes > "$T/codes"
	jq -Rn '[inputs | [splits(" +")] | {id: .[0], severity: .[1], forms: .[2]}]' "$T/rules" > "$T/rules.json"
	jq -sn --slurpfile table "$T/rules.json" '
		def rank: {"-": 0, "warn": 1, "refuse": 2}[.];
		def applies($p): . == "all" or . == $p.proof.form or
			(. == "proof" and $p.proof.form != "none") or
			(. == "ascii" and ($p.proof.form | IN("signature", "certificate-san-uri"))) or
			(. == "lifetime" and $p.code.lifetime_seconds != null);
		[inputs[] | . as $p | {(.name): (
			[$table[0][] | select(.severity != "-") | . as $r | select($r.forms | applies($p))] +
			[$p.rules[]? | {id: .rule, severity}] | group_by(.id) |
			map(max_by(.severity | rank) | {(.id): (if .severity == "refuse" then "refused" else "warning" end)}) |
			add)}] | add' "$TOP_SRCDIR"/platforms/*.json > "$T/expected" || fail 'jq'
	jq -r '.name + " " + first((.rules[]? | select(.rule == "output.suffix") | .suffixes[0]), ".pem")' \
		"$TOP_SRCDIR"/platforms/*.json > "$T/suffixes"
}

platforms() {
	jq -r 'keys[]' "$T/expected"
}

# The rules of PLATFORM that begin with PREFIX.
rules_of() {
	jq -r --arg p "$1" --arg prefix "$2" '.[$p] | keys[] | select(startswith($prefix))' "$T/expected"
}

# The file of the platform NAME, and its length of life in seconds or the default.
lifetime_of() {
	jq -r '.code.lifetime_seconds // 0' "$TOP_SRCDIR/platforms/$1.json"
}

warn_after() {
	jq -r '.code | .warn_after_seconds // (.lifetime_seconds - (.lifetime_seconds / 8 | floor))' \
		"$TOP_SRCDIR/platforms/$1.json"
}

code_max() {
	[ "$(jq -r .proof.form "$TOP_SRCDIR/platforms/$1.json")" = certificate-cn ] && echo 64 || echo 1024
}

# --- certificates ------------------------------------------------------------------------

FILES=rules

# make_certificate NAME KEY HASH FROM UNTIL EXTENSION...: $FIXTURES/rules/NAME.pem
make_certificate() {
	local name=$1 key=$2 hash=$3 from=$4 until=$5 work=$FIXTURES/$FILES/$1.ca line
	local -A extensions=([basicConstraints]=critical,CA:TRUE [keyUsage]=critical,keyCertSign,cRLSign
		[subjectKeyIdentifier]=hash [authorityKeyIdentifier]=keyid:always)
	shift 5
	for line in "$@"; do
		extensions[${line%%=*}]=${line#*=}
	done
	[ "${extensions[nsComment]:-}" != LONG ] || extensions[nsComment]=$(printf '%050000d' 0)
	[ -n "${extensions[authorityKeyIdentifier]}" ] || extensions[authorityKeyIdentifier]=none
	[ -n "${extensions[subjectKeyIdentifier]}" ] || extensions[subjectKeyIdentifier]=none
	ca_key "$key" "$key"
	mkdir -p "$work"
	: > "$work/index.txt"
	echo 4711 > "$work/serial"
	printf '%s\n' '[ca]' 'default_ca = this' '[this]' "database = $work/index.txt" "serial = $work/serial" \
		"new_certs_dir = $work" 'policy = any' '[any]' 'commonName = optional' '[req]' \
		'distinguished_name = none' '[none]' '[ext]' > "$work/cnf"
	for line in "${!extensions[@]}"; do
		[ -z "${extensions[$line]}" ] || echo "$line = ${extensions[$line]}" >> "$work/cnf"
	done
	openssl req -new -key "$FIXTURES/$key.key" -config "$work/cnf" -subj "/CN=Rules $name" -out "$work/csr" \
		2> "$T/setup.log" || fail "$(cat "$T/setup.log")"
	openssl ca -batch -selfsign -config "$work/cnf" -notext -md "$hash" -keyfile "$FIXTURES/$key.key" \
		-in "$work/csr" -extensions ext -startdate "$(date -u -d "$from days" +%Y%m%d%H%M%SZ)" \
		-enddate "$(date -u -d "$until days" +%Y%m%d%H%M%SZ)" -out "$FIXTURES/$FILES/$name.pem" \
		> "$T/setup.log" 2>&1 || fail "$name: $(cat "$T/setup.log")"
}

# A public key with the ROCA fingerprint: a modulus that leaves 1 behind after division by
# each prime from 3 to 167, as any power of 65537 does sooner or later.
make_roca_key() {
	local modulus
	modulus=$(printf '924cba6ae99dfa084537facc54948df0c23da044d8cabe0edd75bc6%0456d1' 0)
	printf '%s\n' 'asn1 = SEQUENCE:key' '[key]' 'a = SEQUENCE:algorithm' 'b = BITWRAP,SEQUENCE:rsa' \
		'[algorithm]' 'a = OID:rsaEncryption' 'b = NULL' '[rsa]' "a = INTEGER:0x$modulus" \
		'b = INTEGER:65537' > "$T/roca.cnf"
	openssl asn1parse -genconf "$T/roca.cnf" -noout -out "$T/roca.der"
	openssl pkey -pubin -inform DER -in "$T/roca.der" -pubout -out "$1"
}

# Nobody knows that key's private half, so that its CA is one below the good one.
make_roca() {
	local days from
	days='ca cert_signing_key crl_signing_key expiration_days=3000 serial=17 cn=roca'
	from=$(date -u -d yesterday '+%Y-%m-%d %H:%M:%S UTC')
	make_roca_key "$T/roca.pub"
	tr ' ' '\n' <<< "$days" > "$T/roca.tmpl"
	echo "activation_date=\"$from\"" >> "$T/roca.tmpl"
	certtool --generate-certificate --load-pubkey "$T/roca.pub" --template "$T/roca.tmpl" \
		--load-ca-certificate "$FIXTURES/$FILES/good.pem" --load-ca-privkey "$FIXTURES/rsa2048.key" \
		--outfile "$FIXTURES/$FILES/roca.pem" > "$T/setup.log" 2>&1 || fail "$(cat "$T/setup.log")"
}

make_version_1() {
	echo 'cn = "Rules version 1"' > "$T/v1.tmpl"
	date -u -d yesterday '+activation_date="%Y-%m-%d %H:%M:%S UTC"' >> "$T/v1.tmpl"
	echo 'expiration_days = 3650' >> "$T/v1.tmpl"
	certtool --generate-self-signed --v1 --load-privkey "$FIXTURES/rsa2048.key" --template "$T/v1.tmpl" \
		--outfile "$FIXTURES/$FILES/version-1.pem" > "$T/setup.log" 2>&1 || fail "$(cat "$T/setup.log")"
}

# All of them, once in a run: the table's, and those that are files of another kind.
make_certificates() {
	local dir=$FIXTURES/$FILES row
	[ ! -e "$dir/done" ] || return 0
	mkdir -p "$dir"
	while read -r -a row; do
		make_certificate "${row[@]}"
	done < "$T/certificates"
	make_version_1
	make_roca
	(cat "$dir/good.pem" && yes 'more text' | head -c 1048576) > "$dir/long-file.pem"
	(echo 'Subject: a CA' && cat "$dir/good.pem") > "$dir/text.pem"
	openssl x509 -in "$dir/good.pem" -outform DER -out "$dir/der.pem"
	cp "$dir/good.pem" "$dir/name.txt"
	: > "$dir/done"
}

# certificate_of CASE: the path.
certificate_of() {
	local file
	for file in "$FIXTURES/$FILES/$1".{pem,txt}; do
		[ ! -e "$file" ] || break
	done
	[ -e "$file" ] || fail "no certificate is called '$1'"
	echo "$file"
}

# judge RULE BAD GOOD: a line for each platform that has the rule: its name, and what is wrong
# with the pair, the files being the answers of 'check -p all'.
judge() {
	jq -rn --arg r "$1" --slurpfile expected "$T/expected" --slurpfile bad "$2" --slurpfile good "$3" '
		def failing: [.checks[] | select(.result != "ok") | .id + " " + .result] | join(", ");
		def passes: any(.checks[]; .id == $r and .result == "ok" and
			(.message | startswith("not applicable") | not));
		$good[0].platforms as $goods | $bad[0].platforms[] | .platform as $p |
		$expected[0][$p][$r] as $want | select($want != null) |
		(if failing == $r + " " + $want then "" else "fails <" + failing + ">" end) +
		(if any($goods[]; .platform == $p and passes) then "" else " does not pass" end) |
		$p + ": " + .' || fail "jq: $1"
}

# --- codes and outputs -------------------------------------------------------------------

# code_case PLATFORM CASE: sets code and options.
code_case() {
	local good bad unusual suffix issued=$((NOW - 60))
	read -r _ good bad unusual < <(grep -E "^$platform " "$T/codes") ||
		fail "no code in the table for the platform '$platform'"
	code=$good
	read -r _ suffix < <(grep "^$1 " "$T/suffixes") || fail "no platform '$1'"
	options=(-o "proof$suffix")
	case $2 in
	good) ;;
	given) code=abc ;;
	empty) code='' ;;
	latin-1) code=${good:0:3}$'\xe9'${good:4} ;;
	line-end) code=${good:0:3}$'\n'${good:4} ;;
	space) code="${good:0:3} ${good:4}" ;;
	quote) code="${good:0:3}'${good:4}" ;;
	umlaut) code=äbc ;;
	long) code=$(printf '%0*d' $(($(code_max "$platform") + 1)) 0) ;;
	bad-shape) code=$bad ;;
	unusual) code=$unusual ;;
	old) issued=$((NOW - $(lifetime_of "$platform") - 60)) ;;
	nearly-old) issued=$((NOW - $(warn_after "$platform") - 60)) ;;
	tomorrow) issued=$((NOW + 86400)) ;;
	pss) options+=(--pss) ;;
	sha384) options+=(--hash sha384) ;;
	txt) options=(-o proof.txt) ;;
	out-der) options+=(--outform der) ;;
	*) fail "no such case: $2" ;;
	esac
	[ "$code" != - ] || fail "no code for the case '$2' of the platform '$platform'"
	options+=(--code-issued "$(date -u -d "@$issued" +%Y-%m-%dT%H:%M:%SZ)")
}

# try PLATFORM CASE: a dry run, in JSON.
try() {
	local code options
	code_case "$1" "$2"
	run_caproof sign -c "$FIXTURES/$FILES/good.pem" -p "$1" --code "$code" "${options[@]}" --dry-run --json
}

# refused_by PLATFORM RULE SENTENCE: this rule alone, by its sentence, with a way out.
refused_by() {
	assert_status 3
	jq -e --arg s ": $3" --arg r "$2" '[.checks[] | select(.result != "ok") | [.id, .result]] == [[$r, "refused"]] and
		(.error | .exit == 3 and (.message | contains($s)) and (.hint | length > 10 and (contains("also: ") | not)))' \
		"$STDOUT" > "$T/jq" || fail "$1: not refused by $2 alone"
	refute_stderr_has 'warning: '
}

# tells_renewal PLATFORM: a code that is too old comes with how to get a new one.
tells_renewal() {
	jq -e --arg r "$(jq -r .code.renewal "$TOP_SRCDIR/platforms/$1.json")" '.error.hint | contains($r)' \
		"$STDOUT" > "$T/jq" || fail "$1: not said how to get a new code"
}

# warned_by PLATFORM RULE: this rule alone, and the run goes on.
warned_by() {
	assert_status 0
	[ "$(jq -c '[.checks[] | select(.result != "ok") | [.id, .result]]' "$STDOUT")" = "[[\"$2\",\"warning\"]]" ] ||
		fail "$1: not a warning by $2 alone"
	assert_stderr_has "caproof: warning: "
}

# --- the tests -----------------------------------------------------------------------------

@test "the tables name every rule of every platform, with its severity, and no other" {
	local platform rule
	for platform in $(platforms); do
		run_caproof platforms "$platform" --json
		assert_status 0
		jq -S '[.platform.rules[] | {(.id): (if .severity == "refuse" then "refused" else "warning" end)}] | add' \
			"$STDOUT" > "$T/told"
		diff <(jq -S --arg p "$platform" '.[$p]' "$T/expected") "$T/told" >&2 || fail "$platform has other rules"
		while read -r rule; do
			grep -q "^$rule " "$T/rules" || fail "$platform: the rule $rule is not in the table"
		done < <(rules_of "$platform" '')
		grep -q "^$platform " "$T/codes" || fail "no code in the table for the platform '$platform'"
	done
	while read -r rule _; do
		jq -e --arg r "$rule" 'any(.[]; has($r))' "$T/expected" > "$T/jq" || fail "no platform has the rule $rule"
	done < "$T/rules"
	diff <(platforms) <(cut -d' ' -f1 "$T/codes" | LC_ALL=C sort) >&2 || fail 'other platforms in the table of codes'
}

@test "a CA certificate passes, and each that is broken fails its own rule and nothing else" {
	local rule bad good
	make_certificates
	for bad in good $(sed -n 's/^ca\.[a-z0-9-]* *[^ ]* *all *//p' "$T/rules"); do
		run_caproof check "$(certificate_of "$bad")" -p all --json
		cp "$STDOUT" "$T/$bad.json"
	done
	while read -r rule _ _ bad good; do
		judge "$rule" "$T/$bad.json" "$T/${good:-good}.json" | sed "s/^/$rule, $bad, /" >> "$T/judged"
	done < <(grep '^ca\.' "$T/rules")
	refute grep -v ': $' "$T/judged"
	[ "$(jq '[.[] | keys[] | select(startswith("ca."))] | length' "$T/expected")" = "$(wc -l < "$T/judged")" ] ||
		fail 'not a pair for each rule'
	jq -e 'all(.platforms[].checks[]; .result == "ok")' "$T/good.json" > "$T/jq" ||
		fail 'the good certificate is not good everywhere'
}

@test "one platform alone says the same as all of them" {
	make_certificates
	run_caproof check "$(certificate_of no-aki)" -p all --json
	cp "$STDOUT" "$T/all.json"
	for platform in $(platforms); do
		run_caproof check "$(certificate_of no-aki)" -p "$platform" --json
		[ "$(jq -c .checks "$STDOUT")" = "$(jq -c --arg p "$platform" '.platforms[] | select(.platform == $p) |
			.checks' "$T/all.json")" ] || fail "$platform says something else alone"
	done
}

@test "a code and an output pass every rule of every platform" {
	local platform
	make_certificates
	token_ready
	token_import "$FIXTURES/rsa2048.key" rootCA 01
	for platform in $(platforms); do
		[ "$platform" != aws-iot-sni-only ] || continue
		try "$platform" good
		assert_status 0
		refute_stderr_has 'warning: '
		diff <(rules_of "$platform" '') <(jq -r '.checks[] | select(.result == "ok" and
			((.id | startswith("ca.")) or (.message | startswith("not applicable") | not))) | .id' "$STDOUT" |
			sort -u | grep -E '^(ca|code|output)\.') >&2 || fail "$platform: not every rule holds"
	done
	run_caproof sign -c "$FIXTURES/$FILES/good.pem" -p aws-iot-sni-only -o proof.pem --dry-run --json
	assert_status 3
	[ "$(jq -r .error.message "$STDOUT")" = "platform 'aws-iot-sni-only' needs no proof: nothing was made" ]
}

@test "each code and output that is broken fails its own rule and nothing else" {
	local platform rule severity sentence bad n=0
	make_certificates
	token_ready
	token_import "$FIXTURES/rsa2048.key" rootCA 01
	for platform in $(platforms); do
		run_caproof platforms "$platform" --json
		jq -r '.platform.rules[] | select(.id | startswith("ca.") | not) |
			[.id, .severity, .sentence + ", because " + .why] | @tsv' "$STDOUT" > "$T/told"
		[ -z "$(grep -P '\trefuse\t' "$T/told" | cut -f3 | sort | uniq -d)" ] ||
			fail "$platform: two rules with one sentence cannot be told apart"
		while IFS=$'\t' read -r rule severity sentence; do
			read -r _ _ _ bad < <(grep "^$rule " "$T/rules")
			try "$platform" "$bad"
			case $severity in
			refuse) refused_by "$platform" "$rule" "$sentence" ;;
			warn) warned_by "$platform" "$rule" ;;
			esac
			[ "$rule" != code.age ] || tells_renewal "$platform"
			: $((n += 1))
		done < "$T/told"
	done
	[ "$n" -gt 120 ] || fail "only $n pairs"
}
