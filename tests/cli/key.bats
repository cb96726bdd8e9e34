# SPDX-License-Identifier: Apache-2.0
#
# The right key, or exit 6 and no C_Sign: the CA certificate has the last word.

load helper

sign() {
	run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem -f "$@"
}

no_signature() {
	assert_calls C_SignInit 0
	assert_calls C_Sign 0
	assert_no_file proof.pem
}

@test "a key of the URI that is not the CA's" {
	local kind
	for kind in rsa2048 p256; do
		make_ca "$kind-other"
		use_ca "$kind" "mine-$kind" "0${#kind}"
		token_import "$FIXTURES/$kind-other.key" "other-$kind" "1${#kind}"
		sign -k "pkcs11:token=$TOKEN;object=other-$kind"
		assert_fails 6
		no_signature
		sign -k "pkcs11:token=$TOKEN;object=mine-$kind"
		assert_status 0
		assert_proof proof.pem CODE-123
		rm "$OUT/proof.pem"
	done
}

@test "no key of the CA in any token" {
	local kind
	make_ca rsa2048-other
	make_ca p256-other
	for kind in rsa2048 p256; do
		use_ca "$kind-other" "other-$kind" "0${#kind}"
		make_ca "$kind"
		CA=$FIXTURES/$kind.pem
		sign
		assert_fails 6
		no_signature
	done
}

@test "an Ed25519 key beside it disturbs nothing" {
	token_ready
	token_generate EC:edwards25519 neighbour 0e
	for_kind() {
		use_ca "$1" "ca-$1" "$2"
		sign
		assert_status 0
		assert_proof proof.pem CODE-123
	}
	for_kind p256 01
	for_kind rsa2048 02
}

@test "keys that share a label, and keys that share an id" {
	make_ca p256-other
	use_ca p256 same 01
	token_import "$FIXTURES/p256-other.key" same 02
	sign
	assert_status 0
	assert_proof proof.pem CODE-123
	rm "$OUT/proof.pem"
	sign -k "pkcs11:token=$TOKEN;object=same"
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "EC keys that share label and id cannot be told apart: exit 6" {
	make_ca p256-other
	use_ca p256 same 01
	token_import "$FIXTURES/p256-other.key" same 01
	sign
	assert_fails 6
	no_signature
}

@test "RSA keys that share label and id are told apart by the modulus" {
	make_ca rsa2048-other
	use_ca rsa2048 same 01
	token_import "$FIXTURES/rsa2048-other.key" same 01
	sign
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "only the private key is in the token" {
	local kind
	for kind in rsa2048 p256; do
		use_ca "$kind" "ca-$kind" "0${#kind}"
		token_drop pubkey "ca-$kind"
		sign
		assert_status 0
		assert_proof proof.pem CODE-123
		rm "$OUT/proof.pem"
		token_drop privkey "ca-$kind"
	done
}

@test "two tokens: the one that holds the key is found, the PIN goes nowhere else" {
	use_ca p256
	token_new second
	sign
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "the key in two tokens: exit 6, and each candidate can be pasted" {
	local uri
	use_ca p256
	token_new second
	token_import "$CA_KEY" rootCA 01 second
	sign
	assert_fails 6
	no_signature
	assert_calls C_Login 0
	[ "$(grep -c "^  'pkcs11:" "$STDERR")" -eq 2 ]
	uri=$(sed -n "s/^  '\(pkcs11:.*\)'\$/\1/p" "$STDERR" | head -n 1)
	sign -k "$uri"
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "each attribute of a URI finds the key, and a wrong one finds nothing" {
	local slot serial uri n=0
	use_ca p256
	slot=$(softhsm2-util --show-slots | awk -v label="$TOKEN" '/^Slot / { slot = $2 } $1 == "Label:" && $2 == label { print slot }')
	serial=$(softhsm2-util --show-slots | awk '$1 == "Serial" && $3 { print $3; exit }')
	for uri in "token=$TOKEN" "serial=$serial" manufacturer=SoftHSM%20project model=SoftHSM%20v2 \
		"slot-id=$slot" object=rootCA id=%01 type=private "serial=$serial;id=%01;type=private"; do
		sign -k "pkcs11:$uri"
		assert_status 0
		assert_proof proof.pem CODE-123
		: $((n += 1))
	done
	[ "$n" -eq 9 ]
	rm "$OUT/proof.pem"
	for uri in token=x serial=x manufacturer=x model=x slot-id=4711; do
		sign -k "pkcs11:$uri;object=rootCA"
		assert_fails 4 'fits the URI'
		assert_calls C_Login 0
	done
	for uri in object=x id=%02; do
		sign -k "pkcs11:$uri"
		assert_fails 6
		no_signature
	done
}

@test "several private keys that could be it: each candidate can be pasted, the wrong one is exit 8" {
	local uri right=0 wrong=0
	make_ca p256-other
	use_ca p256 one 01
	token_import "$FIXTURES/p256-other.key" two 02
	token_drop pubkey one
	token_drop pubkey two
	sign
	assert_fails 6 'several private keys'
	no_signature
	sed -n "s/^  '\(pkcs11:.*\)'\$/\1/p" "$STDERR" > "$T/uris"
	[ "$(wc -l < "$T/uris")" -eq 2 ]
	while read -r uri; do
		sign -k "$uri"
		case $uri in
		*object=one*)
			assert_status 0
			assert_proof proof.pem CODE-123
			rm "$OUT/proof.pem"
			: $((right += 1))
			;;
		*)
			assert_fails 8
			assert_no_file proof.pem
			: $((wrong += 1))
			;;
		esac
	done < "$T/uris"
	[ "$right" -eq 1 ]
	[ "$wrong" -eq 1 ]
}

@test "no such token, no such object, no token at all" {
	use_ca p256
	sign -k 'pkcs11:token=elsewhere;object=rootCA'
	assert_fails 4 "no token 'elsewhere'"
	assert_hint "there are:"
	sign -k "pkcs11:token=$TOKEN;object=nobody"
	assert_fails 6
	no_signature
	rm -r "$T/tokens"
	mkdir "$T/tokens"
	sign
	assert_fails 4
}

@test "URIs that are not what they seem" {
	local uri
	use_ca p256
	for uri in 'pkcs11:token=a;token=b' 'pkcs11:object=root%00CA' 'pkcs11:colour=red' 'pkcs11:object=%zz' \
		'pkcs11:type=cert' "pkcs11:token=$TOKEN?pin-source=relative" rootCA; do
		sign -k "$uri"
		assert_fails 2
		assert_calls '.*' 0
	done
}

@test "a module that is missing, no library, or no PKCS#11 module" {
	use_ca p256
	sign -m "$T/missing.so"
	assert_fails 4 missing.so
	echo text > "$T/text.so"
	sign -m "$T/text.so"
	assert_fails 4 text.so
	sign -m "$(ldconfig -p | sed -n 's/.*libpopt\.so\.0 .*=> //p' | head -n 1)"
	assert_fails 4 libpopt
}

@test "a signature that the token corrupts: exit 8 and no file" {
	local rule kind
	for kind in rsa2048 p256; do
		use_ca "$kind" "ca-$kind" "0${#kind}"
		for rule in corrupt zero; do
			export CAPROOF_SHIM_RULES="C_Sign=$rule"
			sign
			assert_fails 8
			assert_no_file proof.pem
		done
		export CAPROOF_SHIM_RULES='C_Sign=empty'
		sign
		[ "$status" -eq 8 ] || assert_status 4
		assert_no_file proof.pem
	done
}

@test "a token that waits for a touch: a line says so" {
	use_ca p256
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	wait_until has "$STDERR" touched || fail 'not a word about a touch'
	release
	wait_caproof
	assert_status 0
	assert_stderr_has 'touched'
}
