# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034
#
# Runs the commands of a document as they stand there, in one shell, in an empty folder; the
# first that fails is named.  Stands on tests/cli/helper.bash.
#
#   blocks FILE [NAME]     the ```sh blocks of a Markdown file: those that have no name, or
#                          those below a line <!-- test: NAME -->
#   examples FILE          the literal displays of a manual page's section EXAMPLES
#   run_document SCRIPT    $STDOUT, $STDERR, $status; what was set in it is kept for the next
#   assert_document SCRIPT the same, and it must succeed
#
# In the documents people type PINs and words.  Here a stand-in for caproof gives them, and
# one for curl is the time stamping authority.

setup() {
	common_setup
	export ALLOW_FILES=1 SUPPORT PIN_FILE T FIXTURES
	BIN=$T/bin
	mkdir -p "$BIN"
	stand_ins
}

teardown() {
	common_teardown
}

blocks() {
	awk -v name="${2:-}" '
	/^<!-- test: / { below = $3 }
	/^```/ { if (!inside) { on = $0 == "```sh" && below == name; inside = 1 }
		else { inside = on = 0; below = "" }
		print ""; next }
	{ print on ? $0 : "" }' "$1"
}

examples() {
	awk '
	/^\.Sh / { section = $2 }
	/^\.Bd -literal/ && section == "EXAMPLES" { on = 1; print ""; next }
	/^\.Ed/ { on = 0 }
	{ if (on) { gsub(/\\e/, "\\"); gsub(/\\-/, "-"); print } else print "" }' "$1"
}

stand_ins() {
	cat > "$BIN/caproof" <<-'SH'
		#!/bin/bash
		case "$1 $2" in
		sign* | batch* | ca-cert* | 'ceremony run' | 'ceremony approve' | 'ceremony seal') asks=1 ;;
		tokens*) [[ " $* " != *' --login '* ]] || asks=1 ;;
		esac
		case " $* " in
		*' --pin '* | *' --key-file '* | *' --rehearse '* | *' --help '*) asks= ;;
		esac
		[ -z "$asks" ] || set -- "$@" --pin "file:$PIN_FILE"
		if [ "$1 $2" = 'ceremony run' ] && [[ " $* " != *' --confirm '* ]]; then
			words=$("$CAPROOF" ceremony show "$3" |
				awk '/^plan hash/ { on = 1; next } on { print tolower($1 " " $2); exit }')
			set -- "$@" --confirm "${WORDS:-${words:-none none}}"
		fi
		exec "$CAPROOF" "$@"
	SH
	cat > "$BIN/curl" <<-'SH'
		#!/bin/bash
		while [ $# -gt 0 ]; do
			case $1 in
			--data-binary) query=${2#@}; shift ;;
			-o) out=$2; shift ;;
			esac
			shift
		done
		exec openssl ts -reply -config "$FIXTURES/tsa/conf" -queryfile "$query" -out "$out"
	SH
	ln -s "$TOP_SRCDIR/scripts/verify-bundle" "$BIN/verify-bundle"
	chmod +x "$BIN/caproof" "$BIN/curl"
	export PATH=$BIN:$PATH CAPROOF
}

# A time stamping authority; its root is tsa.pem in the output folder.
make_tsa() {
	[ ! -s "$FIXTURES/tsa/pem" ] || { cp "$FIXTURES/tsa/pem" "$OUT/tsa.pem"; return; }
	mkdir -p "$FIXTURES/tsa"
	printf '%s\n' '[req]' 'distinguished_name = none' '[none]' '[stamps]' \
		'extendedKeyUsage = critical,timeStamping' '[tsa]' 'default_tsa = here' '[here]' \
		"serial = $FIXTURES/tsa/serial" "signer_cert = $FIXTURES/tsa/pem" "certs = $FIXTURES/tsa/pem" \
		"signer_key = $FIXTURES/tsa/key" 'signer_digest = sha256' 'default_policy = 1.2.3.4' \
		'digests = sha256' > "$FIXTURES/tsa/conf"
	echo 01 > "$FIXTURES/tsa/serial"
	openssl req -x509 -newkey rsa:2048 -noenc -config "$FIXTURES/tsa/conf" -extensions stamps -days 30 \
		-subj '/CN=Time stamps' -keyout "$FIXTURES/tsa/key" -out "$FIXTURES/tsa/pem" 2> "$T/setup.log" ||
		fail "$(cat "$T/setup.log")"
	cp "$FIXTURES/tsa/pem" "$OUT/tsa.pem"
}

# once NAME COMMAND...: what it leaves in the token and output folders, made once in a run of bats.
once() {
	local name=$1 place=$FIXTURES/once-$1
	shift
	if [ -d "$place" ]; then
		rm -rf "$T/tokens" "$OUT"
		cp -a "$place/." "$T"
		return
	fi
	"$@"
	mkdir "$place"
	cp -a "$T/tokens" "$OUT" "$place"
	[ ! -f "$T/kept" ] || cp "$T/kept" "$place"
}

run_document() {
	status=0
	(cd "$OUT" && DOCUMENT=$1 bash -c '
		set -eEuo pipefail
		trap '\''echo "line $LINENO of the document: $BASH_COMMAND" >&2'\'' ERR
		[ ! -f "$T/kept" ] || . "$T/kept"
		. "$DOCUMENT"
		{ declare -p HSM CARD CA C POLICY 2> /dev/null || true; } > "$T/kept"
	') < /dev/null > "$STDOUT" 2> "$STDERR" || status=$?
	check_no_pin
}

assert_document() {
	[ "$(grep -c . "$1")" -gt 1 ] || fail "no command was found for $1"
	run_document "$1"
	assert_status 0
}
