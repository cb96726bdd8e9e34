# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# SoftHSM as a token under test: what it can do, and how it is started and stopped.
# Every token's file has the same functions and variables; list.bats uses no others.
#
#   token_start DIR        start it, in this folder; exports what its users need
#   token_make_key KIND LABEL ID
#   token_uri_id ID        that id (two digits) as a URI's attribute has it
#   token_stop DIR         end what was started, by process id
#   TOKEN_MODULE           the PKCS#11 module
#   TOKEN_KINDS            the keys it can make
#   TOKEN_PUBLIC           the keys whose public half can be seen without a login
#   TOKEN_PSS              yes when it signs with RSA-PSS
#   TOKEN_EDDSA            yes when it signs with Ed25519, else no

export TOKEN_MODULE=/usr/lib/softhsm/libsofthsm2.so
export TOKEN_KINDS='rsa2048 rsa3072 rsa4096 p256 p384 p521 ed25519'
export TOKEN_PUBLIC=$TOKEN_KINDS
export TOKEN_PSS=yes TOKEN_EDDSA=yes

token_start() {
	mkdir -p "$1/tokens"
	printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$1/tokens" > "$1/softhsm2.conf"
	export SOFTHSM2_CONF=$1/softhsm2.conf
	softhsm2-util --init-token --free --label "$TOKEN" --so-pin "$SO_PIN" --pin "$PIN" > "$1/log" 2>&1
}

token_make_key() {
	local type
	case $1 in
	rsa*) type=rsa:${1#rsa} ;;
	p256) type=EC:secp256r1 ;;
	p384) type=EC:secp384r1 ;;
	p521) type=EC:secp521r1 ;;
	ed25519) type=EC:edwards25519 ;;
	esac
	pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so --token-label "$TOKEN" --login --pin "$PIN" \
		--keypairgen --key-type "$type" --label "$2" --id "$3" > "$BATS_FILE_TMPDIR/log" 2>&1
}

token_uri_id() {
	echo "%$1"
}

token_stop() {
	:
}
