# SPDX-License-Identifier: Apache-2.0
#
# caproof batch: lists, names, one login, several sessions, and going on after whatever
# stopped it.

setup() {
	load helper
	common_setup
	use_ca p256
	ALLOW_FILES=yes
	mkdir "$OUT/d"
	JOURNAL=$OUT/d/caproof-batch.jsonl
}

# list LINES...: $OUT/list.csv
list() {
	printf '%s\n' "$@" > "$OUT/list.csv"
}

# many N: a list of N codes.
many() {
	seq -f 'code-%05g,generic' "$1" | sed '1i code,platform' > "$OUT/list.csv"
}

batch() {
	run_caproof batch list.csv -c "$CA" -d d --pin "file:$PIN_FILE" "$@"
}

# proofs N: so many are in the folder, whole and right, by openssl's word, each with a serial
# number of its own and with the code that its name has.
proofs() {
	local files=()
	readarray -t files < <(find "$OUT/d" -name '*.pem' | sort)
	[ "${#files[@]}" -eq "$1" ] || fail "${#files[@]} proofs, not $1"
	[ "$1" -gt 0 ] || return 0
	openssl verify -partial_chain -CAfile "$CA" "${files[@]}" > "$T/verify.log" 2>&1 ||
		fail "$(grep -v ': OK$' "$T/verify.log")"
	cat "${files[@]}" > "$T/all.pem"
	openssl storeutl -noout -text -certs "$T/all.pem" > "$T/all.txt"
	grep -A 1 'Serial Number:' "$T/all.txt" | grep -oE '([0-9a-f]{2}:){15}[0-9a-f]{2}' | sort -u \
		> "$T/serials"
	[ "$(wc -l < "$T/serials")" -eq "$1" ] || fail 'a serial number was used twice'
	sed -n 's/^ *Subject: CN *= *//p' "$T/all.txt" > "$T/codes"
	printf '%s\n' "${files[@]}" | sed 's|.*/generic-||; s/\.pem$//' | cmp - "$T/codes" ||
		fail 'a file is about something else'
}

# Every row with a result in the journal has exactly one, and nothing was begun after it.
results_once() {
	jq -r 'select(.event == "result") | .out' "$JOURNAL" | sort | uniq -d > "$T/twice"
	[ ! -s "$T/twice" ] || fail "signed twice: $(cat "$T/twice")"
	jq -r 'select(.event == "intent" or .event == "result") | .event + " " + .out' "$JOURNAL" |
		awk '$1 == "result" { done[$2] = 1; next } done[$2] { exit 1 }' ||
		fail 'a finished row was announced again'
}

# fails CODE TEXT...: with a line for each bad row, and one for them all.
fails() {
	assert_status "$1"
	shift
	grep -q '^caproof: ' "$STDERR" && tail -n 1 "$STDERR" | grep -q '^hint: ' ||
		fail 'not a sentence and a hint'
	assert_stderr_has "$@"
}

@test "a list: one login, proofs in the folder, a journal, a summary" {
	list code,platform,tenant 'abc1,quectel,"acme, inc"' 'a.b@c,,' xyz-1,generic,
	batch
	assert_status 0
	assert_stdout_empty
	assert_files_in "$OUT/d" caproof-batch.jsonl quectel-abc1.pem generic-a%2Eb%40c.pem \
		generic-xyz-1.pem
	assert_stderr_has '3 of 3 proofs are in the folder' 'quectel: 1 done' 'generic: 2 done'
	assert_calls C_Login 1
	assert_calls C_Sign 3
	for code in quectel-abc1:abc1 'generic-a%2Eb%40c:a.b@c'; do
		run_caproof verify "d/${code%%:*}.pem" --ca "$CA" --code "${code#*:}"
		assert_status 0
	done
	tail -n 1 "$JOURNAL" | jq -e '.event == "end" and .done == 3 and .failed == 0'
	results_once
}

@test "calls: two for each further certificate, whatever the list holds" {
	local few
	many 10
	batch -j 1 -k 'pkcs11:object=rootCA'
	assert_status 0
	few=$(count_calls '.*')
	rm -r "$OUT/d"
	mkdir "$OUT/d"
	many 60
	batch -j 1 -k 'pkcs11:object=rootCA'
	assert_status 0
	[ "$(count_calls '.*')" -eq $((few + 100)) ] || fail "$(count_calls '.*') calls for 60, $few for 10"
}

@test "requests: beside the list, with and without the code" {
	mkdir "$OUT/lists"
	make_csr "$OUT/lists/a.csr" CODE-A p256
	make_csr "$OUT/lists/b.csr" CODE-B rsa2048
	printf 'csr,code,out\r\na.csr,,a.der\r\n"b.csr",CODE-B,\r\n' > "$OUT/lists/l.csv"
	run_caproof batch lists/l.csv -c "$CA" -d d --pin "file:$PIN_FILE"
	assert_status 0
	assert_files_in "$OUT/d" caproof-batch.jsonl a.der generic-CODE-B.pem
	openssl x509 -in "$OUT/d/a.der" -inform DER -noout -pubkey > "$T/a.pub"
	openssl pkey -in "$OUT/lists/a.csr.key" -pubout | cmp - "$T/a.pub"
	list csr,code lists/b.csr,CODE-A
	batch
	fails 3 'line 2' Common
}

@test "bad rows: each named with its line, and nothing is signed" {
	make_csr "$OUT/good.csr" GOOD
	list code,platform,csr,out,code_issued 'abc1,quectel,,,' ',,,,' 'abc2,no-such-platform,,,' \
		'abc3,,missing.csr,,' 'abc4,,,../up.pem,' 'abc5,,,/abs.pem,' 'abc6,,,caproof-batch.jsonl,' \
		'abc7,quectel,,,2020-01-01T00:00:00Z' 'abc8,,,,yesterday' 'abc9,,,x.pem,' 'abc10,,,x.pem,' \
		'abc11,a,b,c' 'abc12,aws-iot-sni-only,,,' 'abc13,cumulocity,,y.der,' ',,good.csr,,' \
		'abc14,,-,,'
	batch
	fails 3 '13 of 16 rows' 'the first in line 3'
	assert_files_in "$OUT/d"
	assert_calls '.*' 0
	for line in 3 4 5 6 7 8 9 10 12 13 14 15 17; do
		grep -q "^caproof: line $line: " "$STDERR" || fail "line $line is not named"
	done
	refute grep -qE '^caproof: line (2|11|16): ' "$STDERR"
	batch --keep-going
	assert_status 3
	assert_files_in "$OUT/d" caproof-batch.jsonl quectel-abc1.pem x.pem generic-GOOD.pem
	assert_calls C_Sign 3
}

@test "a list that is none" {
	local text
	for text in 'code' 'code,colour\na,b' 'platform\nx' 'code\n"abc' 'code,code\na,b' ''; do
		printf '%b' "$text" > "$OUT/list.csv"
		batch
		assert_fails 3
		assert_files_in "$OUT/d"
		assert_calls '.*' 0
	done
}

@test "names stay in the folder: no links, nothing is replaced unasked" {
	mkdir "$OUT/d/sub" "$OUT/elsewhere"
	ln -s ../elsewhere "$OUT/d/link"
	list code,out abc1,link/a.pem
	batch
	fails 7 'line 2' 'symbolic link'
	[ -z "$(ls "$OUT/elsewhere")" ]
	list code,out abc1,sub/a.pem
	batch
	assert_status 0
	[ -s "$OUT/d/sub/a.pem" ]
	rm "$JOURNAL"
	batch
	fails 7 'exists already'
	batch --force
	assert_status 0
	ln -s nowhere "$OUT/d/b.pem"
	list code,out abc1,b.pem
	batch --force
	fails 7 'symbolic link'
	rm "$OUT/d/b.pem"
	list code,out abc1,list.csv
	run_caproof batch list.csv -c "$CA" -d . --force --pin "file:$PIN_FILE"
	fails 2 'line 2' 'same file as an input'
	batch -d nowhere
	assert_fails 2 # --out-dir twice
	run_caproof batch list.csv -c "$CA" -d nowhere --pin "file:$PIN_FILE"
	fails 7 nowhere --out-dir
}

@test "the default names are those of no other code" {
	list code,platform 'a+b,generic' 'a%2Bb,generic' 'a/b,generic'
	batch
	assert_status 0
	assert_files_in "$OUT/d" caproof-batch.jsonl generic-a%2Bb.pem generic-a%252Bb.pem \
		generic-a%2Fb.pem
}

@test "rows with the same code, and codes proven before, are pointed out" {
	list code,out abc1,a.pem abc1,b.pem
	batch
	assert_status 0
	assert_stderr_has 'warning: line 3: it has the same code as line 2'
	list code,out abc1,c.pem
	batch
	assert_status 0
	assert_stderr_has "warning: line 2: its code was proven before, in '"
}

@test "a wrong PIN leaves no journal" {
	many 3
	(umask 077 && echo 00000000 > "$T/wrong")
	run_caproof batch list.csv -c "$CA" -d d --pin "file:$T/wrong"
	fails 5
	assert_files_in "$OUT/d"
	assert_calls C_Login 1
	assert_calls C_Sign 0
}

@test "a dry run: no login, nothing written" {
	many 3
	batch -n
	assert_status 0
	assert_files_in "$OUT/d"
	assert_calls C_Login 0
	assert_stdout_has "code 'code-00003' for platform 'generic' in 'generic-code-00003.pem'"
	batch -n --json
	assert_status 0
	jq -es 'length == 4 and .[0].row.state == "planned" and .[3].dry_run' "$STDOUT"
}

@test "JSON Lines: a row each, in the list's order, and a summary last" {
	many 40
	batch --json -j 4 -q
	assert_status 0
	[ ! -s "$STDERR" ]
	jq -es '[.[:-1][].row.line] == [range(2; 42)] and all(.[:-1][]; .caproof == 1 and
		.command == "batch" and .row.state == "done" and (.row.proof.serial | length) == 32 and
		(.row.next_steps | length) > 0)' "$STDOUT"
	jq -es '.[-1].summary | .rows == 40 and .done == 40 and .failed == 0 and
		.platforms == [{"name": "generic", "done": 40, "failed": 0}]' "$STDOUT"
	jq -es '.[-1].sessions == 4' "$STDOUT"
	proofs 40
	list code,platform ok1, bad1,no-such-platform ok2,
	rm "$JOURNAL"
	batch --json --keep-going
	assert_status 3
	jq -es '[.[:-1][].row.state] == ["done", "failed", "done"] and .[1].row.error.exit == 3 and
		.[-1].error.exit == 3' "$STDOUT"
}

@test "N sessions sign at a time, with one login" {
	many 24
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	start_caproof batch list.csv -c "$CA" -d d -j 6 --pin "file:$PIN_FILE"
	wait_for_call C_Sign 6
	release
	wait_caproof
	assert_status 0
	proofs 24
	assert_calls C_OpenSession 6
	assert_calls C_Login 1
	# the log has `enter` when a call begins to wait and the call's own line at its end
	awk '/^enter C_Sign$/ { if (++now > most) most = now } /^C_Sign / { now-- }
		END { exit most != 6 }' "$T/calls" || fail 'not six at a time'
}

@test "how many sessions a token gets" {
	many 20
	export CAPROOF_SHIM_RULES='C_GetTokenInfo=sessions:3'
	batch
	assert_status 0
	assert_calls C_OpenSession 3
	rm -r "$OUT/d" && mkdir "$OUT/d"
	export CAPROOF_SHIM_RULES='C_OpenSession=limit:2'
	batch -j 5
	assert_status 0
	assert_stderr_has 'no more than 2 sessions'
	proofs 20
	for rule in 'C_GetTokenInfo=model:A TPM:TPM' 'C_GetSlotInfo=flags+CKF_REMOVABLE_DEVICE:card'; do
		rm -r "$OUT/d" && mkdir "$OUT/d"
		export CAPROOF_SHIM_RULES=${rule%:*}
		batch
		assert_status 0
		assert_calls C_OpenSession 1
		assert_stderr_has 'one session' "${rule##*:}"
		proofs 20
	done
	rm -r "$OUT/d" && mkdir "$OUT/d"
	unset CAPROOF_SHIM_RULES
	batch
	assert_status 0
	assert_calls C_OpenSession 8
}

@test "a key that wants the PIN for each signature: one session, one context login each" {
	many 5
	CA=$FIXTURES/rsa2048.pem
	make_ca rsa2048
	token_put privkey "$FIXTURES/rsa2048.key" always 07 --always-auth
	token_put pubkey "$FIXTURES/rsa2048.key" always 07
	run_caproof batch list.csv -c "$CA" -d d -j 4 --pin "file:$PIN_FILE"
	assert_status 0
	assert_stderr_has 'wants the PIN for each signature'
	assert_calls C_OpenSession 1
	[ "$(count_calls C_Login user=2)" -eq 5 ]
	proofs 5
}

@test "platforms that take other hashes than the key's share a list" {
	use_ca p384 rootCA 05
	list code,platform abc1,generic abc2,cumulocity
	batch
	assert_status 0
	openssl x509 -in "$OUT/d/generic-abc1.pem" -noout -text | grep -q ecdsa-with-SHA384
	run_caproof verify d/cumulocity-abc2.pem --ca "$CA" --code abc2 -p cumulocity
	assert_status 0
	assert_calls C_Login 0
}

@test "a corrupted signature is that row's failure, and no file" {
	many 10
	export CAPROOF_SHIM_RULES='C_Sign#4=corrupt'
	batch -j 1
	assert_status 8
	assert_stderr_has 'line 5' 'does not verify' --resume
	[ ! -e "$OUT/d/generic-code-00004.pem" ]
	results_once
	batch -j 1
	fails 3 --resume 'was interrupted'
	unset CAPROOF_SHIM_RULES
	batch --resume
	assert_status 0
	assert_stderr_has 'line 5: the token may have signed it'
	proofs 10
	results_once
	rm -r "$OUT/d" && mkdir "$OUT/d"
	export CAPROOF_SHIM_RULES='C_Sign#4=corrupt'
	batch -j 1 --keep-going
	assert_status 8
	proofs 9
}

@test "the device is lost: what was finished stays, the rest is resumed" {
	many 500
	export CAPROOF_SHIM_RULES='C_Sign#300+=CKR_DEVICE_REMOVED'
	batch -j 4
	assert_status 4
	assert_stderr_has '299 of 500 proofs are in place' --resume
	proofs 299
	unset CAPROOF_SHIM_RULES
	batch --resume -j 4
	assert_status 0
	proofs 500
	results_once
	assert_calls C_Sign 201
	batch --resume
	assert_status 0
	assert_stderr_has '500 of them were made in an earlier run'
	assert_calls '.*' 0
}

@test "a lost session in one of several: a new one, and one login" {
	many 30
	export CAPROOF_SHIM_RULES='C_SignInit#9=CKR_SESSION_HANDLE_INVALID'
	batch -j 3
	assert_status 0
	assert_calls C_OpenSession 4
	assert_calls C_Login 1
	proofs 30
}

@test "Ctrl-C: what the token has begun is finished, 130, and the rest is resumed" {
	local signal n
	many 60
	for signal in INT:130 TERM:143; do
		rm -rf "$OUT/d" && mkdir "$OUT/d"
		export CAPROOF_SHIM_RULES="C_Sign#5+=until:$GO"
		start_caproof batch list.csv -c "$CA" -d d -j 2 --pin "file:$PIN_FILE"
		wait_for_call C_Sign 2
		signal_caproof "${signal%:*}"
		release
		wait_caproof
		assert_status "${signal#*:}"
		assert_stderr_has 'proofs are in place' --resume
		n=$(find "$OUT/d" -name '*.pem' | wc -l)
		[ "$n" -lt 60 ]
		[ "$n" -eq "$(count_calls C_Sign)" ] || fail "$n proofs of $(count_calls C_Sign) signatures"
		proofs "$n"
		unset CAPROOF_SHIM_RULES
		batch --resume
		assert_status 0
		refute_stderr_has 'used up'
		proofs 60
		results_once
	done
}

@test "a second Ctrl-C ends at once, and it is not success" {
	many 10
	export CAPROOF_SHIM_RULES='C_Sign#4=hang'
	start_caproof batch list.csv -c "$CA" -d d -j 1 --pin "file:$PIN_FILE"
	wait_for_call C_Sign
	signal_caproof INT
	kill -s INT "$caproof_pid"
	wait_caproof
	assert_status 130
	assert_stderr_has --resume
	proofs 3
}

@test "a module that hangs: --timeout counts from the last answer" {
	many 10
	export CAPROOF_SHIM_RULES='C_Sign#6=hang;C_Sign#1-5=sleep:500'
	batch -j 1 --timeout 2
	assert_status 4
	assert_stderr_has 'did not answer' --resume
	proofs 5
}

@test "what is about to be signed is in the journal first" {
	list code abc1
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	start_caproof batch list.csv -c "$CA" -d d --pin "file:$PIN_FILE"
	wait_for_call C_Sign
	cp "$JOURNAL" "$T/journal"
	release
	wait_caproof
	assert_status 0
	[ "$(jq -r .event "$T/journal" | paste -sd ' ')" = 'begin intent' ]
}

@test "a record that was cut off is not what the next one goes on from" {
	many 2
	batch
	assert_status 0
	printf '{"event":"int' >> "$JOURNAL"
	many 3
	batch --resume
	assert_status 0
	batch --resume
	assert_status 0
	proofs 3
	jq -e . "$JOURNAL" > "$T/records"
}

@test "killed at any moment and resumed: nothing finished is lost, nothing is signed twice" {
	local i n=0
	many 60
	# SoftHSM empties its token's file at each login and writes it again: killed between
	# the two it has no token any more, which no batch can mend.
	cp -a "$T/tokens" "$T/tokens.kept"
	export CAPROOF_SHIM_RULES='C_Sign=sleep:15' ALLOW_UNUSED=yes
	for ((i = 0; i < 50; i++)); do
		start_caproof batch list.csv -c "$CA" -d d -j 3 --resume --pin "file:$PIN_FILE"
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))$((RANDOM % 10))"
		kill -KILL "$caproof_pid" 2> "$T/kill.log" || true
		wait_caproof
		rm -rf "$T/tokens"
		cp -a "$T/tokens.kept" "$T/tokens"
		[ "$status" -eq 0 ] || [ "$status" -eq 137 ] || fail "exit code $status"
		[ ! -e "$JOURNAL" ] || results_once
	done
	unset CAPROOF_SHIM_RULES
	batch --resume
	assert_status 0
	proofs 60
	results_once
	jq -r 'select(.event == "intent") | .serial' "$JOURNAL" | sort | uniq -d > "$T/twice"
	[ ! -s "$T/twice" ] || fail 'a serial number was announced twice'
	find "$OUT/d" -type f ! -name '*.pem' ! -name caproof-batch.jsonl > "$T/others"
	[ ! -s "$T/others" ] || fail "$(cat "$T/others")"
}

@test "a proof that came to its place before the journal knew is found, not made again" {
	many 5
	batch
	assert_status 0
	# as if the process had died between the proof and its result
	grep -v '"result".*code-00003\|"event":"end"' "$JOURNAL" > "$T/journal"
	cp "$T/journal" "$JOURNAL"
	printf '{"event":"intent","li' >> "$JOURNAL"
	batch --resume
	assert_status 0
	assert_calls '.*' 0
	proofs 5
	results_once
	jq -es 'any(.[]; .event == "result" and .found and .out == "generic-code-00003.pem")' "$JOURNAL"
	# a proof that somebody took away or changed
	rm "$OUT/d/generic-code-00002.pem"
	batch --resume
	fails 3 'line 3' gone
	cp "$OUT/d/generic-code-00001.pem" "$OUT/d/generic-code-00002.pem"
	batch --resume
	fails 3 'line 3' 'not the same'
}

@test "a journal that is damaged, locked or no file" {
	many 3
	batch
	assert_status 0
	cp "$JOURNAL" "$T/journal"
	sed -i '2s/intent/intend/' "$JOURNAL"
	batch --resume
	fails 3 'record 2 of the journal'
	rm "$JOURNAL"
	ln -s "$T/journal" "$JOURNAL"
	batch --resume
	fails 3 'symbolic link'
	rm "$JOURNAL"
	cp "$T/journal" "$JOURNAL"
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	many 4
	start_caproof batch list.csv -c "$CA" -d d --resume --pin "file:$PIN_FILE"
	wait_for_call C_Sign
	(cd "$OUT" && "$CAPROOF" batch list.csv -c "$CA" -d d --resume --pin "file:$PIN_FILE") \
		2> "$T/second" && fail 'two at a time'
	grep -q 'another batch is at work' "$T/second" || fail "$(cat "$T/second")"
	release
	wait_caproof
	assert_status 0
}

@test "no room for the journal: exit 7, and what is there is whole" {
	many 200
	RUN_WITH=(bash -c 'ulimit -f 24; exec "$@"' -)
	batch
	assert_status 7
	assert_stderr_has 'proofs are in place' --resume 'cannot write the journal'
	RUN_WITH=()
	proofs "$(find "$OUT/d" -name '*.pem' | wc -l)"
	batch --resume
	assert_status 0
	proofs 200
	results_once
}

@test "progress: a bar on a terminal, nothing with --quiet" {
	many 30
	export CAPROOF_SHIM_RULES='C_Sign=sleep:30' TERM=xterm
	RUN_WITH=(bash -c 'exec "$@" 2> /dev/tty' -)
	run_on_terminal -- batch list.csv -c "$CA" -d d -j 1 --pin "file:$PIN_FILE"
	assert_status 0
	grep -q '\[#*\.*\] [0-9]*/30  [0-9]*/s  [0-9]* s left  0 failed' "$TTY_OUT" ||
		fail 'no bar'
	rm -r "$OUT/d" && mkdir "$OUT/d"
	run_on_terminal -- batch list.csv -c "$CA" -d d -j 1 --pin "file:$PIN_FILE" -q
	assert_status 0
	[ ! -s "$TTY_OUT" ] || fail 'not quiet'
}

@test "10,000 rows, 100 of them bad: each is named with its line" {
	many 10000
	awk -F, -v OFS=, 'NR > 1 && NR % 100 == 50 { k = NR % 400
		if (k == 50) $2 = "nowhere"; else if (k == 150) $1 = ""; else if (k == 250) $0 = $0 ",more"
		else $1 = "code-00001" } { print }' "$OUT/list.csv" > "$T/bad.csv"
	mv "$T/bad.csv" "$OUT/list.csv"
	batch
	fails 3 '100 of 10000 rows'
	grep -oE '^caproof: line [0-9]+: ' "$STDERR" | grep -oE '[0-9]+' > "$T/named"
	seq 50 100 9950 | cmp - "$T/named"
	assert_calls '.*' 0
}
