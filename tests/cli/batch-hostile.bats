# SPDX-License-Identifier: Apache-2.0
#
# caproof batch with lists, folders and journals that somebody has tampered with, and
# with ends of pipes that are closed or slow.

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

# fails CODE TEXT...: with sentences and a hint.
fails() {
	assert_status "$1"
	shift
	grep -q '^caproof: ' "$STDERR" && tail -n 1 "$STDERR" | grep -q '^hint: ' ||
		fail 'not a sentence and a hint'
	assert_stderr_has "$@"
}

# journal_without EXPRESSION: as if the process had been killed before it wrote those lines.
journal_without() {
	grep -v "$1" "$JOURNAL" > "$T/journal"
	cp "$T/journal" "$JOURNAL"
}

@test "a request that is exchanged after the check: what was checked is signed" {
	make_csr "$OUT/a.csr" CODE-A
	make_csr "$T/b.csr" CODE-B rsa2048
	list csr a.csr
	export CAPROOF_SHIM_RULES='C_Login=sleep:1500'
	start_caproof batch list.csv -c "$CA" -d d --pin "file:$PIN_FILE"
	wait_for_call C_Login
	cp "$T/b.csr" "$OUT/a.csr"
	wait_caproof
	assert_status 0
	openssl x509 -in "$OUT/d/generic-CODE-A.pem" -noout -pubkey > "$T/a.pub"
	openssl pkey -in "$OUT/a.csr.key" -pubout | cmp - "$T/a.pub"
}

@test "requests and rule files that would be waited for, or take the PIN from standard input" {
	local row
	mkfifo "$T/fifo"
	for row in "$T/fifo" /dev/stdin /dev/zero /dev/fd/0; do
		list csr,code "$row,CODE-A"
		batch
		fails 3 'line 2' 'not a regular file'
	done
	for row in "$T/fifo" /dev/stdin; do
		list code,platform "CODE-A,$row"
		batch
		fails 3 'line 2' 'no regular file'
	done
	assert_calls '.*' 0
}

@test "a list that names the PIN's file does not show what is in it" {
	echo 12345678 > "$OUT/number"
	for row in csr,code:number,A csr,code:"$PIN_FILE",A code,platform:A,./number \
		code,platform:A,"$PIN_FILE"; do
		list "${row%%:*}" "${row#*:}"
		batch
		fails 3 'line 2'
		refute grep -qE '12345678|pY' "$STDERR" || fail 'it shows the file'
	done
}

@test "a list names no more platforms than are kept in memory" {
	local i
	for ((i = 0; i < 257; i++)); do
		ln -s "$CAPROOF_PLATFORMS/generic.json" "$OUT/rules-$i.json"
	done
	seq 0 256 | sed 's/.*/code-&,.\/rules-&.json,p&.pem/; 1i code,platform,out' > "$OUT/list.csv"
	batch -n
	fails 3 'line 258' '256 platforms'
	sed -i '$d' "$OUT/list.csv"
	batch -n
	assert_status 0
}

@test "no output is a journal, here or further down" {
	mkdir "$OUT/d/sub"
	echo precious > "$OUT/d/sub/caproof-batch.jsonl"
	for name in sub/caproof-batch.jsonl sub/Caproof-Batch.JSONL CAPROOF-BATCH.jsonl; do
		list code,out "abc1,$name"
		batch --force
		fails 3 'line 2' 'that of a journal'
	done
	[ "$(cat "$OUT/d/sub/caproof-batch.jsonl")" = precious ]
}

@test "an old proof is not what an interrupted --force was about to make" {
	many 1
	batch
	assert_status 0
	cp "$OUT/d/generic-code-00001.pem" "$T/old.pem"
	batch --force
	assert_status 0
	cp "$T/old.pem" "$OUT/d/generic-code-00001.pem"
	tac "$JOURNAL" | sed '0,/"event":"end"/{/"event":"end"/d}; 0,/"event":"result"/{/"event":"result"/d}' |
		tac > "$T/journal"
	cp "$T/journal" "$JOURNAL"
	batch --resume
	fails 7 'line 2' 'exists already'
	batch --resume --force
	assert_status 0
	assert_calls C_Sign 1
	refute cmp -s "$T/old.pem" "$OUT/d/generic-code-00001.pem"
}

@test "a journal that was edited makes no proof of what is none" {
	local old new
	many 2
	batch
	assert_status 0
	old=$(sha256sum < "$OUT/d/generic-code-00001.pem" | cut -d ' ' -f 1)
	cp "$OUT/d/generic-code-00002.pem" "$OUT/d/generic-code-00001.pem"
	new=$(sha256sum < "$OUT/d/generic-code-00001.pem" | cut -d ' ' -f 1)
	sed -i "s/$old/$new/" "$JOURNAL"
	batch --resume
	fails 3 'line 2' 'as the journal says, and is none'
	assert_calls '.*' 0
}

@test "a finished row is finished, though its code has expired or its request is gone" {
	make_csr "$OUT/a.csr" abc3
	list code,platform,code_issued,csr "abc1,quectel,$(date -u +%FT%TZ)," abc2,,, abc3,,,a.csr
	batch
	assert_status 0
	journal_without '"end"\|"result".*abc2'
	rm "$OUT/a.csr"
	sed -i '2s/20[^,]*/2020-01-01T00:00:00Z/' "$OUT/list.csv"
	batch --resume
	assert_status 0
	assert_stderr_has '3 of 3 proofs'
	# one that is old enough to be invalid by now was uploaded long ago
	journal_without '"end"'
	run_caproof batch list.csv -c "$CA" -d d --pin "file:$PIN_FILE" --resume
	assert_status 0
	assert_calls '.*' 0
}

@test "the proof of another code is not this one's, whatever its file is called" {
	list code,out abc1,a.pem
	batch
	assert_status 0
	list code,out abc2,a.pem
	batch --resume
	fails 7 'line 2' 'exists already'
	batch --resume --force
	assert_status 0
	assert_proof d/a.pem abc2
}

@test "the journal of another CA says nothing about this one's codes" {
	list code,out abc1,a.pem
	batch
	assert_status 0
	make_ca rsa2048
	token_import "$FIXTURES/rsa2048.key" other 09
	CA=$FIXTURES/rsa2048.pem
	list code,out abc1,b.pem
	batch
	assert_status 0
	refute_stderr_has 'proven before'
	list code,out abc1,a.pem
	batch --resume
	fails 7 'line 2' 'exists already'
}

@test "a journal that is a FIFO, or has another name too" {
	many 2
	mkfifo "$JOURNAL"
	timeout 20 "$CAPROOF" batch "$OUT/list.csv" -c "$CA" -d "$OUT/d" --pin "file:$PIN_FILE" \
		2> "$STDERR" && fail 'it took a FIFO'
	assert_stderr_has 'not a plain file of its own'
	rm "$JOURNAL"
	batch
	assert_status 0
	ln "$JOURNAL" "$T/second"
	batch --resume
	fails 3 'not a plain file of its own'
}

@test "bad rows are named before anything is signed, in a dry run too" {
	list code,platform abc1,generic abc2,nowhere
	batch -n --keep-going
	assert_status 3
	assert_stdout_has "line 2: code 'abc1'"
	assert_stderr_has 'line 3: there is no platform' '1 of 2 rows'
	batch -n --keep-going --json
	assert_status 3
	jq -es '[.[:-1][].row.state] == ["planned", "failed"] and .[-1].dry_run and
		.[-1].summary.failed == 1 and .[-1].error.exit == 3' "$STDOUT"
	(umask 077 && echo 00000000 > "$T/wrong")
	run_caproof batch list.csv -c "$CA" -d d --pin "file:$T/wrong" --keep-going
	fails 5 'line 3: there is no platform' '1 of 2 rows are refused and left out'
	batch --keep-going
	assert_status 3
	[ "$(grep -c 'no platform' "$STDERR")" -eq 2 ] # once of its own, once in the last words
}

@test "standard output that is closed, full or left: nothing is lost" {
	many 300
	RUN_WITH=(bash -c 'exec "$@" >&-' -)
	batch --json
	fails 7 'standard output'
	assert_calls '.*' 0
	RUN_WITH=(bash -c 'exec "$@" > /dev/full' -)
	batch --json
	fails 7 'cannot write to standard output' --resume
	RUN_WITH=(bash -c '"$@" | head -n 3; exit "${PIPESTATUS[0]}"' -)
	batch --json --resume
	fails 7 'cannot write to standard output' --resume
	RUN_WITH=()
	batch --resume --json
	assert_status 0
	jq -es 'length == 301 and .[-1].summary.done == 300' "$STDOUT"
	jq -es '[.[] | select(.event == "result") | .out] | length == 300 and (unique | length) == 300' \
		"$JOURNAL"
}

@test "closed standard error and input: nothing of it comes into a file" {
	many 3
	RUN_WITH=(bash -c 'exec "$@" 2>&- <&-' -)
	batch
	assert_status 0
	jq -es 'length == 8' "$JOURNAL"
}

@test "--timeout is about the module, not about a reader that is slow" {
	many 300
	RUN_WITH=(bash -c '"$@" | (sleep 3; cat); exit "${PIPESTATUS[0]}"' -)
	batch --json --timeout 1
	assert_status 0
	jq -es 'length == 301' "$STDOUT"
}

@test "a dry run reads a journal that it may not write" {
	many 2
	batch
	assert_status 0
	journal_without '"end"'
	chmod a-w "$JOURNAL" "$OUT/d"
	# nobody's permissions stop root, but for a root without capabilities
	[ "$(id -u)" -ne 0 ] || RUN_WITH=(setpriv --bounding-set=-all --inh-caps=-all)
	batch --resume
	fails 7 'permi'
	batch -n --resume
	assert_status 0
	assert_stdout_has 'done in an earlier run'
	assert_calls '.*' 0
}

@test "Ctrl-C while the list is checked: 130, an object that says so, and no file" {
	many 100000
	start_caproof batch list.csv -c "$CA" -d d --pin "file:$PIN_FILE" --json -n
	sleep 0.7
	kill -s INT "$caproof_pid"
	wait_caproof
	assert_status 130
	tail -n 1 "$STDOUT" | jq -e '.error.exit == 130 and .error.id == "interrupted"'
	assert_files_in "$OUT/d"
}

@test "what ended the run is not put on a row that failed before" {
	many 200
	export CAPROOF_SHIM_RULES='C_Sign#4=corrupt'
	RUN_WITH=(bash -c 'ulimit -f 24; exec "$@"' -)
	batch -j 1 --keep-going
	assert_status 7
	grep -q '^caproof: [0-9]* of 200 proofs are in place: cannot write the journal' "$STDERR" ||
		fail 'the journal is no row'
}
