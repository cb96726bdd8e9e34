# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# tpm2-pkcs11 over a software TPM: swtpm, and tpm2-abrmd on a message bus of its own.
# See softhsm.bash for the functions.
#
# Packages: swtpm tpm2-abrmd libtss2-tcti-tabrmd0 dbus-daemon libtpm2-pkcs11-1
# libtpm2-pkcs11-tools.  A TPM has no P-521 and no Ed25519, and RSA up to 2048 bits.

# There may be folders that are not everybody's to look into.
TOKEN_MODULE=$(find /usr/lib -name libtpm2_pkcs11.so -print -quit 2> /dev/null || true)
export TOKEN_MODULE
export TOKEN_KINDS='rsa2048 p256 p384'
export TOKEN_PUBLIC=$TOKEN_KINDS
export TOKEN_PSS=yes TOKEN_EDDSA=no

# in_background DIR NAME COMMAND...: with DIR/NAME.pid and DIR/NAME.log.
in_background() {
	local dir=$1 name=$2
	shift 2
	"$@" > "$dir/$name.log" 2>&1 3>&- &
	echo $! > "$dir/$name.pid"
}

bus_has_tpm() {
	dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.NameHasOwner string:com.intel.tss2.Tabrmd 2>&1 | grep -q 'boolean true'
}

# is_up_or_gone PID: it listens on two ports of its own, or has ended.
is_up_or_gone() {
	local listening
	kill -0 "$1" 2> "$BATS_FILE_TMPDIR/log" || return 0
	listening=$(awk '$4 == "0A" { printf "%ssocket:[%s]", or, $10; or = "\n" }' /proc/net/tcp)
	[ "$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | grep -cxF -e "$listening")" -eq 2 ]
}

# A port that is free, and whose next one is: swtpm wants both.
start_tpm() {
	local dir=$1 port i
	for ((i = 0; i < 20; i++)); do
		port=$((20000 + 2 * (RANDOM % 6000)))
		in_background "$dir" swtpm swtpm socket --tpm2 --flags not-need-init,startup-clear \
			--tpmstate "dir=$dir/state" --server "type=tcp,port=$port,bindaddr=127.0.0.1" \
			--ctrl "type=tcp,port=$((port + 1)),bindaddr=127.0.0.1"
		wait_until is_up_or_gone "$(cat "$dir/swtpm.pid")"
		if kill -0 "$(cat "$dir/swtpm.pid")"; then
			echo "$port" > "$dir/port"
			return 0
		fi
	done
	fail "$(cat "$dir/swtpm.log")"
}

token_start() {
	mkdir -p "$1/state" "$1/store"
	start_tpm "$1"
	in_background "$1" bus dbus-daemon --session --nofork --nopidfile --address="unix:path=$1/bus"
	wait_until test -S "$1/bus" || fail "$(cat "$1/bus.log")"
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$1/bus
	in_background "$1" abrmd tpm2-abrmd --session --allow-root \
		--tcti="swtpm:host=127.0.0.1,port=$(cat "$1/port")"
	wait_until bus_has_tpm || fail "$(cat "$1/abrmd.log")"
	export TPM2_PKCS11_TCTI=tabrmd:bus_type=session TPM2TOOLS_TCTI=tabrmd:bus_type=session
	export TPM2_PKCS11_STORE=$1/store
	tpm2_ptool init --path "$1/store" > "$1/log" 2>&1
	tpm2_ptool addtoken --pid=1 --label="$TOKEN" --userpin="$PIN" --sopin="$SO_PIN" \
		--path "$1/store" >> "$1/log" 2>&1
}

token_make_key() {
	local algorithm=$1
	case $1 in
	p256) algorithm=ecc256 ;;
	p384) algorithm=ecc384 ;;
	esac
	tpm2_ptool addkey --algorithm="$algorithm" --label="$TOKEN" --key-label="$2" --id="$3" \
		--userpin="$PIN" --path "$TPM2_PKCS11_STORE" > "$BATS_FILE_TMPDIR/log" 2>&1
}

# tpm2_ptool takes the id as text, not as hex.
token_uri_id() {
	echo "$1"
}

token_stop() {
	kill "$(cat "$1/abrmd.pid")" "$(cat "$1/bus.pid")" "$(cat "$1/swtpm.pid")"
}
