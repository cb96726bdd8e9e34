# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
#
# Bundles that somebody made to do harm: an answer in time, never a crash, nothing read or written
# outside of the bundle, and no verifier that takes what the other refuses.

TOP_SRCDIR=${TOP_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
VERIFY=$TOP_SRCDIR/scripts/verify-bundle

setup_file() {
	export LC_ALL=C.UTF-8 CEREMONY=$BATS_FILE_TMPDIR CAPROOF_PLATFORMS=$TOP_SRCDIR/platforms
	. "$BATS_TEST_DIRNAME/bundle.bash"
	ceremony_people "$CEREMONY/keys"
	ceremony_make "$CEREMONY/keys" "$CEREMONY/good" ecdsa
}

setup() {
	. "$BATS_TEST_DIRNAME/bundle.bash"
	OUT=$BATS_TEST_TMPDIR/out
	DIR=$OUT/bundle
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
	cp -r "$CEREMONY/good/bundle/." "$OUTSIDE"
	fresh
}

fresh() {
	rm -rf "$OUT"
	cp -r "$CEREMONY/good" "$OUT"
}

refute() { if "$@"; then return 1; fi; }

# answers COMMAND...: within a minute, with an exit code that is an answer; what is outside stays.
answers() {
	(cd "$OUTSIDE" && find . -printf '%p %y %T@ %C@\n' | sort) >"$BATS_TEST_TMPDIR/before"
	run timeout -k 5 60 "$@" </dev/null
	case $status in
	0 | 2 | 3 | 7 | 8 | 9) ;;
	*) echo "$*: $status: $output" && return 1 ;;
	esac
	(cd "$OUTSIDE" && find . -printf '%p %y %T@ %C@\n' | sort) | cmp - "$BATS_TEST_TMPDIR/before"
}

# all_answer: every phase, and both verifiers; those refuse.
all_answer() {
	local policy
	policy=$(cat "$OUT/policy.sha256")
	answers "$CAPROOF" ceremony show "$DIR"
	answers "$CAPROOF" ceremony approve "$DIR" --cert "$CEREMONY/keys/carol.pem" --key-file "$CEREMONY/keys/carol.key"
	answers "$CAPROOF" ceremony run "$DIR" -m /nowhere.so --policy-sha256 "$policy" --confirm 'a b'
	answers "$CAPROOF" ceremony run "$DIR" --rehearse --policy-sha256 "$policy" --confirm 'a b'
	answers "$CAPROOF" ceremony seal "$DIR" --role operator --cert "$CEREMONY/keys/dave.pem" --key-file "$CEREMONY/keys/dave.key"
	answers "$CAPROOF" ceremony report "$DIR" -o "$BATS_TEST_TMPDIR/page.html" --force --policy-sha256 "$policy" -c "$OUT/ca.pem"
	answers "$CAPROOF" ceremony verify "$DIR" --policy-sha256 "$policy" --ca "$OUT/ca.pem"
	[ "$status" -eq 8 ] || [ "$status" -eq 9 ]
	[ ! -e "$DIR.rehearsal" ]
}

both_refuse() {
	all_answer
	answers "$VERIFY" "$DIR" --policy-sha256 "$(cat "$OUT/policy.sha256")" --ca "$OUT/ca.pem"
	[ "$status" -eq 8 ] || [ "$status" -eq 9 ]
}

FILES='plan.json policy.json transcript.jsonl seal.json SHA256SUMS inputs/ca.pem inputs/0000.csr roster/alice.pem
	approvals/alice.json approvals/alice.p7s certs/0000.pem signatures/0003.b64 SHA256SUMS.operator.dave.p7s'

# in_place_of MAKER: each file of the bundle is what MAKER makes; the verifiers refuse that.
in_place_of() {
	local file
	for file in $FILES; do
		fresh
		rm "$DIR/$file"
		"$1" "$DIR/$file" "$file"
		all_answer || { echo "$1 $file"; false; }
	done
	answers "$VERIFY" "$DIR" --policy-sha256 "$(cat "$OUT/policy.sha256")" --ca "$OUT/ca.pem"
	[ "$status" -eq 9 ]
}

to_the_same() { ln -s "$OUTSIDE/$2" "$1"; }
to_itself() { ln -s "${1##*/}" "$1"; }
to_zeros() { ln -s /dev/zero "$1"; }
pipe() { mkfifo "$1"; }
folder() { mkdir "$1"; }

@test "links to the very same file elsewhere" { in_place_of to_the_same; }
@test "links to themselves, to endless devices" { in_place_of to_itself && in_place_of to_zeros; }
@test "pipes that nobody writes to, folders" { in_place_of pipe && in_place_of folder; }

@test "folders that are links to folders elsewhere" {
	local folder
	for folder in inputs roster approvals certs signatures; do
		fresh
		rm -r "${DIR:?}/$folder"
		ln -s "$OUTSIDE/$folder" "$DIR/$folder"
		both_refuse
	done
}

@test "names with line feeds, escapes, dots, and more of them than anybody reads" {
	mkdir -p "$DIR/attach"
	(cd "$DIR/attach" && touch -- $'a\nb' $'\e[31m' '..x' '...' '-rf' '$(touch x)' $'\xff\xfe' ' ' '*')
	both_refuse
	refute ls "$DIR/x" "$DIR/attach/x"
	b_sealed "$CEREMONY/keys" "$DIR"
	answers "$CAPROOF" ceremony verify "$DIR" --policy-sha256 "$(cat "$OUT/policy.sha256")" --ca "$OUT/ca.pem"
	[ "$status" -eq 0 ]
	refute grep -q $'\e' <<<"$output"
	answers "$VERIFY" "$DIR" --policy-sha256 "$(cat "$OUT/policy.sha256")" --ca "$OUT/ca.pem"
	[ "$status" -eq 0 ]
	fresh
	mkdir -p "$DIR/$(printf 'd/%.0s' {1..60})"
	both_refuse
}

# Paths in the files themselves: what they name is neither opened nor made.
@test "paths that lead out of the bundle are not followed" {
	local filter
	for filter in '.items[0].request.file = "../../outside/inputs/0000.csr"' '.issuer.file = "../outside/inputs/ca.pem"' \
		'.items[1].out = "../../outside/x.pem"' '.items[1].out = "/tmp/caproof-hostile"'; do
		fresh
		jq -c "$filter" "$CEREMONY/good/bundle/plan.json" >"$DIR/plan.json"
		both_refuse
	done
	fresh
	jq '.members[0].name = "../../outside/roster/alice"' "$CEREMONY/good/bundle/policy.json" >"$DIR/policy.json"
	b_hash "$DIR/policy.json" >"$OUT/policy.sha256"
	both_refuse
	[ ! -e /tmp/caproof-hostile ]
	command -v strace
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=%file -o "$BATS_TEST_TMPDIR/trace" "$CAPROOF" ceremony verify "$DIR" \
		--policy-sha256 "$(cat "$OUT/policy.sha256")" --ca "$OUT/ca.pem" || :
	grep -q policy.json "$BATS_TEST_TMPDIR/trace"
	refute grep -E 'outside|O_(WRONLY|RDWR|CREAT)' "$BATS_TEST_TMPDIR/trace"
}
