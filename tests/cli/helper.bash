# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every command-line test stands on: a SoftHSM token of its own, CA certificates
# made on the spot, the tool run with its output apart, and assertions.
#
# Every run goes through the fault shim, and after every run, whatever the test is
# about, these are checked: no PIN in any output; one C_Login(CKU_USER) at most, on
# one token; no context-specific login after one failed; read-only sessions, nothing
# created, changed or deleted; nothing new in the output folder after a failure, and
# after a success nothing but the files that the command line names.
#
#   load helper                 (in tests/cli; `load ../cli/helper` elsewhere)
#   @test "..." {
#       use_ca p256
#       run_caproof sign -c "$CA" --code ABC123 --pin "file:$PIN_FILE" -o proof.pem
#       assert_status 0
#       assert_proof proof.pem ABC123
#   }

# Also when started by hand, without make.
TOP_SRCDIR=${TOP_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
TOP_BUILDDIR=${TOP_BUILDDIR:-$TOP_SRCDIR}
CAPROOF=${CAPROOF:-$TOP_BUILDDIR/caproof}
SUPPORT=$TOP_BUILDDIR/tests/support
SHIM=${SHIM:-$SUPPORT/.libs/shim.so}
PTYRUN=$SUPPORT/ptyrun
SOFTHSM=${SOFTHSM:-/usr/lib/softhsm/libsofthsm2.so}

# Not all digits: it must not turn up in a serial number by chance.
PIN=pY4-7391
SO_PIN=sY4-8462
TOKEN=caproof-test

setup() {
	common_setup
}

common_setup() {
	T=$BATS_TEST_TMPDIR
	GO=$T/go
	OUT=$T/out
	STDOUT=$T/stdout
	STDERR=$T/stderr
	TTY_OUT=$T/tty
	PIN_FILE=$T/pin
	FIXTURES=$BATS_RUN_TMPDIR/fixtures
	mkdir -p "$OUT" "$T/tokens" "$FIXTURES"
	: > "$STDOUT"
	: > "$STDERR"
	(umask 077 && printf '%s\n' "$PIN" > "$PIN_FILE")
	printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$T/tokens" > "$T/softhsm2.conf"
	export SOFTHSM2_CONF=$T/softhsm2.conf
	export CAPROOF_MODULE=$SHIM CAPROOF_SHIM_MODULE=$SOFTHSM
	export CAPROOF_SHIM_LOG=$T/calls CAPROOF_SHIM_RULES=
	export CAPROOF_PLATFORMS=${CAPROOF_PLATFORMS:-$TOP_SRCDIR/platforms}
	export LC_ALL=C.UTF-8
	STDIN=/dev/null
	RUN_WITH=()                  # a program to run the tool under
	export ALLOW_RELOGIN=        # set: the lost session rule allows a second login
	export ALLOW_UNUSED=         # set: a rule of the shim may have nothing to do
	export ALLOW_FILES=          # set: the command writes files that it does not name
	CA='' CA_KEY='' status=''
	[ -f "$SHIM" ] || fail "the fault shim is not built: $SHIM"
}

# Ends the test from any depth: a `return 1` is lost where a caller tests a function.
fail() {
	printf '%s\n' "$@" >&2
	show_run >&2
	exit 1
}

show_run() {
	local file
	for file in "$STDOUT" "$STDERR" "$TTY_OUT"; do
		[ ! -s "$file" ] || sed "s|^|${file##*/}: |" "$file"
	done
	[ ! -s "$T/calls" ] || tail -n 40 "$T/calls" | sed 's|^|call: |'
	echo "status: $status"
}

# --- tokens ----------------------------------------------------------------------

# token_new LABEL: one more token in this test's directory.
token_new() {
	softhsm2-util --init-token --free --label "$1" --so-pin "$SO_PIN" --pin "$PIN" \
		> "$T/setup.log" 2>&1 || fail "softhsm2-util --init-token: $(cat "$T/setup.log")"
}

# A token called $TOKEN, unless there is one already.
token_ready() {
	[ -n "$(find "$T/tokens" -name token.object -print -quit)" ] || token_new "$TOKEN"
}

# token_import KEYFILE LABEL ID [TOKEN]: private and public object.
token_import() {
	openssl pkcs8 -topk8 -nocrypt -in "$1" -out "$T/import.p8" || fail "no PKCS #8 key: $1"
	softhsm2-util --import "$T/import.p8" --token "${4:-$TOKEN}" --label "$2" --id "$3" \
		--pin "$PIN" --force > "$T/setup.log" 2>&1 ||
		fail "softhsm2-util --import: $(cat "$T/setup.log")"
}

# token_tool ARGUMENTS: pkcs11-tool, logged in to $TOKEN, not through the shim.
token_tool() {
	pkcs11-tool --module "$SOFTHSM" --token-label "$TOKEN" --login --pin "$PIN" "$@" \
		> "$T/setup.log" 2>&1 || fail "pkcs11-tool $*: $(cat "$T/setup.log")"
}

# token_generate TYPE LABEL ID: rsa:2048, EC:secp256r1, EC:edwards25519 ...
token_generate() {
	local type=$1 label=$2 id=$3
	shift 3
	token_tool --keypairgen --key-type "$type" --label "$label" --id "$id" "$@"
}

# token_put KIND FILE LABEL ID: a privkey, pubkey or cert object of its own (DER or PEM).
token_put() {
	local kind=$1 file=$2 label=$3 id=$4
	shift 4
	case $kind in
	privkey) openssl pkey -in "$file" -outform DER -out "$T/put.der" ;;
	pubkey) openssl pkey -in "$file" -pubout -outform DER -out "$T/put.der" ;;
	cert) openssl x509 -in "$file" -outform DER -out "$T/put.der" ;;
	esac
	token_tool --write-object "$T/put.der" --type "$kind" --label "$label" --id "$id" "$@"
}

# token_drop KIND LABEL: delete objects, as an owner might.
token_drop() {
	token_tool --delete-object --type "$1" --label "$2"
}

# token_fill N: N objects more: copies of a key that is nobody's CA.  SoftHSM has a
# file an object, so that copying them is quick and true.
token_fill() {
	local n=$1 i object
	ca_key filler p256
	touch "$T/before-fill"
	token_import "$FIXTURES/filler.key" filler f0
	find "$T/tokens" -name '*.object' ! -name token.object -newer "$T/before-fill" > "$T/fill"
	for ((i = 0; i < n; )); do
		while read -r object; do
			cp "$object" "${object%/*}/$(printf 'ffffffff-0000-0000-0000-%012d' "$i").object"
			: $((i += 1))
		done < "$T/fill"
	done
}

# --- CA certificates and requests ------------------------------------------------------

# ca_key NAME KIND: a key file, once in a run of bats.
ca_key() {
	local file=$FIXTURES/$1.key kind=$2 args
	[ ! -s "$file" ] || return 0
	case $kind in
	rsa*) args=(-algorithm RSA -pkeyopt "rsa_keygen_bits:${kind#rsa}") ;;
	p256 | p384 | p521) args=(-algorithm EC -pkeyopt "ec_paramgen_curve:P-${kind#p}") ;;
	ed25519 | ed448) args=(-algorithm "$kind") ;;
	k256) args=(-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1) ;;
	*) fail "no such kind of key: $kind" ;;
	esac
	openssl genpkey "${args[@]}" -out "$file" 2> "$FIXTURES/log" || fail "$(cat "$FIXTURES/log")"
}

# ca_by_openssl NAME KEY-KIND SUBJECT EXTENSIONS...: lines for the extension section.
# By 'openssl ca', because only it can date a certificate back in every OpenSSL, and some
# platforms do not take a CA in the very second in which its validity begins.
ca_by_openssl() {
	local name=$1 kind=$2 subject=$3 digest=sha256 work=$FIXTURES/$1.ca
	shift 3
	[ ! -s "$FIXTURES/$name.pem" ] || return 0
	ca_key "$name" "$kind"
	case $kind in
	p384) digest=sha384 ;;
	p521) digest=sha512 ;;
	ed*) digest=null ;;
	esac
	mkdir -p "$work"
	: > "$work/index.txt"
	openssl rand -hex 16 | sed 's/^./4/' > "$work/serial"
	printf '%s\n' '[req]' 'distinguished_name = none' '[none]' '[ca]' 'default_ca = this' \
		'[this]' "database = $work/index.txt" "serial = $work/serial" "new_certs_dir = $work" \
		'policy = any' '[any]' 'commonName = optional' '[ext]' "$@" > "$work/cnf"
	openssl req -new -key "$FIXTURES/$name.key" -config "$work/cnf" -utf8 -subj "$subject" \
		-out "$work/csr" 2> "$FIXTURES/log" || fail "$(cat "$FIXTURES/log")"
	openssl ca -batch -selfsign -config "$work/cnf" -preserveDN -utf8 -notext -md "$digest" \
		-keyfile "$FIXTURES/$name.key" -in "$work/csr" -extensions ext \
		-startdate "$(date -u -d yesterday +%Y%m%d%H%M%SZ)" -days 3650 \
		-out "$FIXTURES/$name.pem" > "$FIXTURES/log" 2>&1 || fail "$(cat "$FIXTURES/log")"
}

# ca_by_certtool NAME KEY-KIND FLAGS TEMPLATE-LINES...: what openssl req cannot do.
ca_by_certtool() {
	local name=$1 kind=$2 flags=$3
	shift 3
	[ ! -s "$FIXTURES/$name.pem" ] || return 0
	ca_key "$name" "$kind"
	printf '%s\n' "cn = \"Test CA $name\"" "$@" > "$FIXTURES/$name.tmpl"
	# shellcheck disable=SC2086 # a list of options
	certtool --generate-self-signed $flags --load-privkey "$FIXTURES/$name.key" \
		--template "$FIXTURES/$name.tmpl" --outfile "$FIXTURES/$name.pem" \
		> "$FIXTURES/log" 2>&1 || fail "$(cat "$FIXTURES/log")"
}

# make_ca KIND: the files $FIXTURES/KIND.key and KIND.pem.
# Good ones are called after their key (rsa2048 … p256 … ed25519; -other: another key
# under the same name); the rest after the one thing that is wrong with them.
make_ca() {
	local kind=$1
	local ca='basicConstraints = critical,CA:TRUE,pathlen:0'
	local use='keyUsage = critical,keyCertSign,cRLSign'
	local ski='subjectKeyIdentifier = hash' aki='authorityKeyIdentifier = keyid:always'
	case $kind in
	*-other) ca_by_openssl "$kind" "${kind%-other}" "/CN=Test CA ${kind%-other}" "$ca" "$use" "$ski" "$aki" ;;
	rsa* | p256 | p384 | p521 | ed25519 | ed448 | k256)
		ca_by_openssl "$kind" "$kind" "/CN=Test CA $kind" "$ca" "$use" "$ski" "$aki" ;;
	no-aki) ca_by_openssl "$kind" p256 "/CN=Test CA $kind" "$ca" "$use" "$ski" 'authorityKeyIdentifier = none' ;;
	no-ski) ca_by_openssl "$kind" p256 "/CN=Test CA $kind" "$ca" "$use" 'subjectKeyIdentifier = none' 'authorityKeyIdentifier = none' ;;
	not-ca) ca_by_openssl "$kind" p256 "/CN=Test CA $kind" 'basicConstraints = critical,CA:FALSE' "$use" "$ski" "$aki" ;;
	no-basic-constraints) ca_by_openssl "$kind" p256 "/CN=Test CA $kind" "$use" "$ski" "$aki" ;;
	no-key-cert-sign) ca_by_openssl "$kind" p256 "/CN=Test CA $kind" "$ca" 'keyUsage = critical,digitalSignature' "$ski" "$aki" ;;
	long-name) ca_by_openssl "$kind" p256 "/C=DE/O=Example Manufacturing GmbH/OU=Ceremony/CN=Root CA for devices of the north 2026" "$ca" "$use" "$ski" "$aki" ;;
	v1) ca_by_certtool v1 p256 --v1 'expiration_days = 3650' ;;
	expired) ca_by_certtool expired p256 '' ca cert_signing_key crl_signing_key \
		'activation_date = "2020-01-01 00:00:00 UTC"' 'expiration_date = "2021-01-01 00:00:00 UTC"' ;;
	future) ca_by_certtool future p256 '' ca cert_signing_key crl_signing_key \
		'activation_date = "2090-01-01 00:00:00 UTC"' 'expiration_date = "2099-01-01 00:00:00 UTC"' ;;
	*) fail "no such kind of CA: $kind" ;;
	esac
}

# use_ca KIND [LABEL [ID [TOKEN]]]: its key into the token, CA and CA_KEY to its files.
use_ca() {
	make_ca "$1"
	token_ready
	token_import "$FIXTURES/$1.key" "${2:-rootCA}" "${3:-01}" "${4:-$TOKEN}"
	CA=$FIXTURES/$1.pem
	export CA_KEY=$FIXTURES/$1.key
}

# make_csr FILE CN [KEY-KIND [EXTENSION...]]: a request, PEM; its key beside it.
make_csr() {
	local file=$1 cn=$2 kind=${3:-p256} extensions=() line
	shift "$(($# < 3 ? $# : 3))"
	for line in "$@"; do
		extensions+=(-addext "$line")
	done
	ca_key "csr-$kind" "$kind"
	cp "$FIXTURES/csr-$kind.key" "$file.key"
	printf '%s\n' '[req]' 'distinguished_name = dn' '[dn]' > "$T/csr.cnf"
	openssl req -new -key "$file.key" -config "$T/csr.cnf" -utf8 -subj "/CN=$cn" "${extensions[@]}" \
		-out "$file" 2> "$T/setup.log" || fail "$(cat "$T/setup.log")"
}

# --- running -----------------------------------------------------------------------

tree() {
	(cd "$OUT" && find . -mindepth 1 ! -type d -printf '%P\n' -exec cksum {} + | sort)
}

before_run() {
	rm -f "$T/calls" "$TTY_OUT" "$GO"
	: > "$STDOUT"
	: > "$STDERR"
	tree > "$T/tree"
}

# run_caproof ARGUMENTS: in the output folder, without a terminal; sets $status.
run_caproof() {
	before_run
	status=0
	(cd "$OUT" && exec env --default-signal=INT,TERM setsid -w timeout --foreground -k 5 60 \
		"${RUN_WITH[@]}" "$CAPROOF" "$@") < "$STDIN" > "$STDOUT" 2> "$STDERR" || status=$?
	after_run "$@"
}

# run_on_terminal STEPS -- ARGUMENTS: with a terminal of its own (tests/support/ptyrun.c);
# what it shows goes to $TTY_OUT.
run_on_terminal() {
	local steps=()
	while [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	shift
	before_run
	status=0
	(cd "$OUT" && exec "$PTYRUN" -o "$TTY_OUT" "${steps[@]}" -- "${RUN_WITH[@]}" "$CAPROOF" "$@") \
		< "$STDIN" > "$STDOUT" 2> "$STDERR" || status=$?
	after_run "$@"
}

# start_caproof ARGUMENTS: in the background; $caproof_pid.  wait_for_call until a rule
# of the shim holds it in a call: until release, where that is `until:$GO`;
# wait_caproof takes its exit code.
start_caproof() {
	before_run
	started=("$@")
	(cd "$OUT" && exec env --default-signal=INT,TERM setsid "${RUN_WITH[@]}" "$CAPROOF" "$@") \
		< "$STDIN" > "$STDOUT" 2> "$STDERR" 3>&- &
	caproof_pid=$!
}

# wait_until COMMAND...: it succeeds within a minute, which is long for any machine.
wait_until() {
	local i
	for ((i = 0; i < 3000; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	return 1
}

# wait_for_call FUNCTION [N]: rules of the shim have held it in N such calls.
wait_for_call() {
	wait_until was_called "$1" "${2:-1}" || fail "$1 was not called"
}

was_called() {
	[ -f "$T/calls" ] && [ "$(grep -cx "enter $1" "$T/calls")" -ge "$2" ]
}

release() {
	touch "$GO"
}

# signal_caproof SIGNAL: sent, and taken: of two that wait to be taken one is lost.
signal_caproof() {
	kill -s "$1" "$caproof_pid"
	wait_until signals_are_taken || fail "SIG$1 is not taken"
}

signals_are_taken() {
	! grep -qsE '^(Sig|Shd)Pnd:.*[1-9a-f]' "/proc/$caproof_pid/status"
}

wait_caproof() {
	status=0
	wait "$caproof_pid" || status=$?
	caproof_pid=
	after_run "${started[@]}"
}

teardown() {
	common_teardown
}

common_teardown() {
	[ -z "${caproof_pid:-}" ] || kill -KILL "$caproof_pid" 2> "$T/kill.log" || true
}

# --- what holds after every run ----------------------------------------------------

after_run() {
	check_no_pin
	check_calls
	check_left_behind "$@"
}

check_no_pin() {
	local file
	for file in "$STDOUT" "$STDERR" "$TTY_OUT" "$T/calls"; do
		if [ -f "$file" ] && grep -qF -e "$PIN" "$file"; then
			fail "the PIN is in ${file##*/}"
		fi
	done
}

readonly CHANGES='CreateObject|CopyObject|DestroyObject|SetAttributeValue|InitToken|InitPIN|SetPIN|GenerateKey|GenerateKeyPair|WrapKey|UnwrapKey|DeriveKey'

check_calls() {
	local logins bad most=1
	[ -f "$T/calls" ] || return 0
	logins=$(count_calls C_Login user=1)
	[ -z "$ALLOW_RELOGIN" ] || most=2
	[ "$logins" -le "$most" ] || fail "$logins calls of C_Login(CKU_USER)"
	[ "$(sed -n 's/^C_Login slot=\([0-9]*\).*/\1/p' "$T/calls" | sort -u | wc -l)" -le 1 ] ||
		fail 'logins on more than one token'
	awk '/^C_Login .*user=2/ { if (bad) exit 1; bad = !/rv=0x0$/ }' "$T/calls" ||
		fail 'a context-specific login after one that failed'
	bad=$(grep -E "^C_($CHANGES) " "$T/calls" || true)
	[ -z "$bad" ] || fail "the tool changed the token: $bad"
	bad=$(grep '^C_OpenSession .*flags=' "$T/calls" | grep -v ' flags=0x4 ' || true)
	[ -z "$bad" ] || fail "not a read-only session: $bad"
	bad=$(grep '^unused ' "$T/calls" || true)
	[ -n "$ALLOW_UNUSED" ] || [ -z "$bad" ] || fail "the shim: $bad"
}

check_left_behind() {
	local name
	tree > "$T/tree.after"
	[ -z "$ALLOW_FILES" ] || return 0
	if [ "$status" -ne 0 ]; then
		diff "$T/tree" "$T/tree.after" >&2 || fail "a failed run left something behind"
		return
	fi
	(cd "$OUT" && find . -mindepth 1 ! -type d -printf '%P\n' | sort) > "$T/names"
	while read -r name; do
		grep -qxF -e "$name" "$T/tree" || named "$name" "$@" || fail "left behind: $name"
	done < "$T/names"
}

# Is NAME one of the arguments, alone, after '=' or as a whole path?
named() {
	local name=$1 arg
	shift
	for arg in "$@"; do
		case $arg in
		"$name" | *="$name" | "$OUT/$name" | *="$OUT/$name" | "./$name" | -[ok]"$name") return 0 ;;
		esac
	done
	return 1
}

# --- assertions --------------------------------------------------------------------

assert_status() {
	[ "$status" -eq "$1" ] || fail "exit code $status, not $1"
}

# Text, not a pattern; line breaks of the message count as blanks.
has() {
	tr '\n' ' ' < "$1" | grep -qF -e "$2"
}

assert_stderr_has() {
	local text
	for text in "$@"; do
		has "$STDERR" "$text" || fail "not on standard error: '$text'"
	done
}

refute_stderr_has() {
	! has "$STDERR" "$1" || fail "on standard error: '$1'"
}

assert_stdout_has() {
	local text
	for text in "$@"; do
		has "$STDOUT" "$text" || fail "not on standard output: '$text'"
	done
}

assert_stdout_empty() {
	[ ! -s "$STDOUT" ] || fail 'something is on standard output'
}

# refute COMMAND...: it must fail.  (A line '! command' would not end a test.)
refute() {
	! "$@" || fail "should have failed: $*"
}

# assert_fails CODE TEXT...: the contract for every failure: the exit code, one sentence
# that begins with 'caproof: ' (warnings apart) and names no bare CKR_, nothing on
# standard output.
assert_fails() {
	assert_status "$1"
	shift
	[ "$(grep '^caproof: ' "$STDERR" | grep -cv '^caproof: warning: ')" -eq 1 ] || fail "not exactly one line 'caproof: …'"
	assert_stderr_has "$@"
	refute_stderr_has CKR_
	assert_stdout_empty
}

assert_hint() {
	grep '^hint: ' "$STDERR" | grep -qF -e "$1" || fail "no hint with '$1'"
}

assert_file() {
	[ -s "$OUT/$1" ] || fail "no file $1"
}

assert_no_file() {
	[ ! -e "$OUT/$1" ] || fail "there is a file $1"
}

# assert_files_in DIR NAME...: exactly these, hidden ones included.
assert_files_in() {
	local dir=$1
	shift
	diff <(printf '%s\n' "$@" | sed '/^$/d' | sort) <(cd "$dir" && find . -mindepth 1 -printf '%P\n' | sort) >&2 ||
		fail "other files in $dir than: $*"
}

assert_mode() {
	[ "$(stat -c %a "$OUT/$1")" = "$2" ] || fail "mode of $1 is $(stat -c %a "$OUT/$1"), not $2"
}

# count_calls FUNCTION [TEXT]: calls of the last run, by the shim's log; FUNCTION may be a
# pattern of grep -E, '.*' for all.
count_calls() {
	[ -f "$T/calls" ] || { echo 0; return; }
	grep -E "^($1) " "$T/calls" | grep ' rv=\|^enter ' | grep -v '^enter ' | grep -cF -e "${2:-}" || true
}

assert_calls() {
	local n
	n=$(count_calls "$1" "${3:-}")
	[ "$n" -eq "$2" ] || fail "$n calls of $1 ${3:-}, not $2"
}

assert_calls_at_most() {
	local n
	n=$(count_calls "$1" "${3:-}")
	[ "$n" -le "$2" ] || fail "$n calls of $1 ${3:-}, more than $2"
}

# x509 FILE OPTIONS: what openssl says of a certificate in the output folder.
x509() {
	local file=$1
	shift
	openssl x509 -in "$OUT/$file" -noout "$@"
}

# assert_proof FILE CODE [CA]: by two tools that did not make it: signed by the CA, valid
# now, v3, no CA, and the code is the one RDN of its subject.
assert_proof() {
	local file=$OUT/$1 ca=${3:-$CA} pem=$T/proof.pem
	[ -s "$file" ] || fail "no proof $1"
	openssl x509 -in "$file" -out "$pem" 2> "$T/x509.log" || fail "not a certificate: $1"
	openssl verify -x509_strict -CAfile "$ca" "$pem" > "$T/verify.log" 2>&1 ||
		fail "openssl verify: $(cat "$T/verify.log")"
	certtool --verify --load-ca-certificate "$ca" --infile "$pem" > "$T/certtool.log" 2>&1 ||
		fail "certtool --verify: $(cat "$T/certtool.log")"
	[ "$(openssl x509 -in "$pem" -noout -subject -nameopt RFC2253)" = "subject=CN=$2" ] ||
		fail "subject: $(openssl x509 -in "$pem" -noout -subject -nameopt RFC2253)"
	openssl x509 -in "$pem" -noout -text > "$T/proof.txt"
	grep -q 'Version: 3 ' "$T/proof.txt" || fail 'not a v3 certificate'
	grep -A1 'Basic Constraints: critical' "$T/proof.txt" | grep -q CA:FALSE || fail 'no critical CA:FALSE'
}
