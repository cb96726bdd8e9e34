# SPDX-License-Identifier: Apache-2.0
#
# Ways to misuse a CA key, a PIN or a file that were found once, and must not come back.

load helper

sign() {
	run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem "$@"
}

@test "a copy of the CA certificate in another token does not draw the PIN there" {
	use_ca rsa2048
	token_drop pubkey rootCA
	token_new other
	TOKEN=other token_put cert "$CA" chain 77
	sign
	assert_fails 6
	assert_calls C_Login 0
	sign -k "pkcs11:token=$TOKEN"
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "the signature form does not sign a JSON Web Token" {
	local jwt
	use_ca rsa2048
	jwt=$(printf '{"alg":"RS256"}' | base64 | tr -d '=\n').$(printf '{"sub":"admin"}' | base64 | tr -d '=\n')
	run_caproof sign -c "$CA" --code "$jwt" -p cumulocity --pin "file:$PIN_FILE" -o x
	assert_fails 3 'JSON Web Token'
	run_caproof sign -c "$CA" --code Code42 -p cumulocity --pin "file:$PIN_FILE" -o x
	assert_status 0
	run_caproof sign -c "$CA" --code Code42 -p cumulocity --pin "file:$PIN_FILE" -o x.der
	assert_fails 2 base64
}

@test "a rule file cannot make the proof somebody's identity" {
	use_ca p256
	sed -e 's/"nerveshub"/"mine"/' -e 's/urn:nerveshub:verify:/spiffe:\/\/prod.example\//' \
		"$CAPROOF_PLATFORMS/nerveshub.json" > "$OUT/mine.json"
	run_caproof sign -c "$CA" --code abc -p ./mine.json --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 3 san_prefix
}

@test "no pass phrase is asked for, whatever a CA file says of itself" {
	use_ca p256
	{ sed '1a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n' "$CA"; cat "$CA"; } > "$T/two.pem"
	CA=$T/two.pem
	sign
	assert_fails 3
	refute grep -qi 'pass phrase' "$STDERR"
}

@test "an altered CA certificate is not signed for" {
	use_ca rsa2048
	openssl x509 -in "$CA" -outform DER | LC_ALL=C sed 's/Test CA rsa/Prod CA rsa/g' > "$T/edited.der"
	CA=$T/edited.der
	sign
	assert_fails 3 altered
	assert_calls '.*' 0
}

@test "--pin fd:N of a descriptor that is not open ends at once" {
	local n
	use_ca p256
	for n in 3 4 5 9; do
		RUN_WITH=(bash -c 'exec 3<&- 4<&- 5<&-; exec "$@"' bash)
		run_caproof sign -c "$CA" --code X --pin "fd:$n" -o proof.pem
		assert_fails 5
		assert_calls C_Login 0
	done
}

@test "a PIN by another tool's habit is not repeated" {
	local args
	use_ca p256
	for args in '-p 483920' '-P483920' '--pin483920' '-k pkcs11:token=x?pin-value:483920'; do
		# shellcheck disable=SC2086 # words on purpose
		run_caproof sign -c "$CA" --code X $args -o proof.pem
		[ "$status" -ne 0 ]
		refute grep -q 483920 "$STDERR"
	done
}

@test "--force spares what the run itself reads" {
	use_ca p256
	cp "$CA" "$OUT/ca.pem"
	cp "$PIN_FILE" "$OUT/pin"
	run_caproof sign -c ca.pem --code X --pin file:pin -o ca.pem -f
	assert_fails 2
	run_caproof sign -c ca.pem --code X --pin file:pin -o ./pin -f
	assert_fails 2
	cmp "$CA" "$OUT/ca.pem"
}

@test "the CA's own serial number is not given to a proof" {
	use_ca p256
	sign --serial "$(openssl x509 -in "$CA" -noout -serial | cut -d= -f2)"
	assert_fails 2
	assert_no_file proof.pem
}

@test "standard input under its other names is still one" {
	use_ca p256
	STDIN=$CA
	run_caproof sign -c /dev/stdin --code-file - --pin "file:$PIN_FILE" -o proof.pem
	assert_fails 2 'standard input'
	run_caproof sign -c "$CA" --code-file /dev/stdin --pin stdin -o proof.pem
	assert_fails 2 'standard input'
}

@test "a name that is no UTF-8 does not spoil the JSON" {
	use_ca p256
	ALLOW_FILES=yes
	run_caproof sign -c "$CA" --code X --pin "file:$PIN_FILE" --json -o $'\xff.pem'
	assert_status 0
	jq -e .proof.file "$STDOUT" > "$T/jq"
}

@test "after C_Sign was called nothing is signed again" {
	use_ca p256
	export CAPROOF_SHIM_RULES='C_Sign#1=late:CKR_SESSION_CLOSED'
	sign
	assert_fails 4
	assert_calls C_Sign 1
	assert_no_file proof.pem
}

@test "echo is back after any signal that ends a program" {
	local signal
	use_ca p256
	for signal in 10 14 24; do
		run_on_terminal -w 'PIN for token' -n -s "$signal" -- sign -c "$CA" --code X -o proof.pem
		assert_status 143
	done
}
