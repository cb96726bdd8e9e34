# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# SoftHSM behind `p11-kit server`: the network case, and a device that can vanish.
# See softhsm.bash for the functions.

# shellcheck source=tests/token/softhsm.bash
. "$TOP_SRCDIR/tests/token/softhsm.bash"
eval "softhsm_$(declare -f token_start)"

# There may be folders that are not everybody's to look into.
TOKEN_MODULE=$(find /usr/lib -name p11-kit-client.so -print -quit 2> /dev/null || true)
export TOKEN_MODULE
# p11-kit does not carry CKM_EDDSA, at least up to 0.25.5 (p11-kit issue 668).
export TOKEN_EDDSA=no

token_start() {
	softhsm_token_start "$1"
	# A process group of its own: the server has a child for each client.
	setsid p11-kit server -f --provider /usr/lib/softhsm/libsofthsm2.so -n "$1/socket" \
		"pkcs11:token=$TOKEN" > "$1/server.log" 2>&1 3>&- &
	echo $! > "$1/server.pid"
	export P11_KIT_SERVER_ADDRESS=unix:path=$1/socket
	wait_until test -S "$1/socket" || fail "$(cat "$1/server.log")"
}

token_stop() {
	kill -- "-$(cat "$1/server.pid")"
}
