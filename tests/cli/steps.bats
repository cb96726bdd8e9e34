# SPDX-License-Identifier: Apache-2.0
#
# What to type or click next, for every platform: the real names are filled in and quoted,
# and what the shell makes of a command is the files that there are.

setup() {
	load helper
	common_setup
	use_ca rsa2048
	names
	steps > "$T/steps"
}

# Names that a shell would take apart, or a command for an option.
names() {
	SPACES=(-c "it's my ca.pem" "--out=the proof;.pem")
	DASHES=(--ca=-ca.pem --out=-proof.pem)
	cp "$CA" "$OUT/it's my ca.pem"
	cp "$CA" "$OUT/-ca.pem"
}

# The platform, a code, and what its steps must tell, whatever else they say.
steps() {
	local hex=0123456789ABCDEF uuid=2c8b5905-b34a-4b64-8112-f6c047ae065c
	cat <<-END
	generic           Code-1      upload @PROOF@ where
	generic           Code-1      verification certificate of @CA@
	quectel           a1b2c3      Product Development › Device CA Certificate
	quectel           a1b2c3      Verify Certificate beside the CA and upload @PROOF@
	aws-iot           $hex$hex$hex$hex  --ca-certificate file://@CA@ --verification-certificate file://@PROOF@ --set-as-active
	aws-iot-sni-only  -           aws iot register-ca-certificate --ca-certificate file://@CA@ --certificate-mode SNI_ONLY
	azure-iothub      $hex$hex$hex  az iot hub certificate verify
	azure-iothub      $hex$hex$hex  --path @PROOF@ --etag ETAG
	azure-iothub      $hex$hex$hex  the etag that generate-verification-code returned
	azure-dps         $hex$hex$hex  az iot dps certificate verify
	azure-dps         $hex$hex$hex  --path @PROOF@ --etag ETAG
	azure-dps         $hex$hex$hex  the etag that generate-verification-code returned
	huawei-iotda      $uuid       action_id=verify with the text of @PROOF@ as verify_content
	huawei-iotdp      $uuid       action verify and the text of @PROOF@ as verify_content
	alibaba-iot       0123abCD    upload @CA@ and @PROOF@ together
	alibaba-mqtt      ${uuid}2089  RegisterCaCertificate with the text of @CA@ as CaContent and the text of @PROOF@ as VerificationContent
	tencent-iothub    whatever    CreatePrivateCA with the text of @CA@ as CertText and the text of @PROOF@ as VerifyCertText
	tencent-tdmq      $uuid       RegisterCaCertificate
	tencent-tdmq      $uuid       the Format PEM
	cumulocity        The-code/1  the one line of @PROOF@
	cumulocity        The-code/1  with the body {"proofOfPossessionSignedVerificationCode": "LINE"}
	nerveshub         SFMyNTY.g2  the base64 of @CA@ as cert and that of @PROOF@ as verification_cert
	nerveshub-page    $hex$hex$hex$hex  upload @CA@ as certificate and @PROOF@ as verification certificate
	peridio           AbC$hex$hex  upload @CA@ and @PROOF@ together
	END
}

platforms() {
	jq -r .name "$TOP_SRCDIR"/platforms/*.json
}

# sign_for PLATFORM OPTION...: a proof; $T/told has the steps in JSON, $T/shown in words.
sign_for() {
	local platform=$1 code
	shift
	read -r _ code _ < <(grep "^$platform " "$T/steps") || fail "no steps in the table for '$platform'"
	rm -f "$OUT"/*proof*
	run_caproof sign -p "$platform" --code "$code" --pin "file:$PIN_FILE" --json "$@"
	assert_status 0
	jq -r '.next_steps[]' "$STDOUT" > "$T/told"
	sed -n '/^  next    /,$s/^\(  next\|      \)    //p' "$STDERR" > "$T/shown"
	diff "$T/told" "$T/shown" >&2 || fail "$platform: JSON tells other steps than the screen"
}

# filled PLATFORM CA PROOF: the steps of its file with these in place, by other means than
# the tool's.
filled() {
	jq -r --arg ca "$2" --arg proof "$3" '.next_steps[] | split("{ca}") | join($ca) |
		split("{proof}") | join($proof) | split("{{") | join("{") | split("}}") | join("}")' \
		"$TOP_SRCDIR/platforms/$1.json"
}

# tells PLATFORM CA PROOF: each text of the table is in $T/told, and nothing but the steps
# of the file are.
tells() {
	local platform text n=0
	while read -r platform _ text; do
		[ "$platform" = "$1" ] || continue
		text=${text//@CA@/$2}
		grep -qF -e "${text//@PROOF@/$3}" "$T/told" || fail "$1: no step tells: ${text//@PROOF@/$3}"
		: $((n += 1))
	done < "$T/steps"
	[ "$n" -gt 0 ] || fail "no steps in the table for '$1'"
	diff <(filled "$@") "$T/told" >&2 || fail "$1: other steps than in its file"
}

# Run the steps that are commands, with programs of these names that only look whether the
# files they are given are the CA certificate and the proof.
run_steps() {
	local step proof=$1
	cat > "$T/program" <<-'END'
		for word; do
			case $word in
			-?*.pem) exit 9 ;;
			*.pem) cat -- "${word#file://}" ;;
			esac
		done
	END
	mkdir -p "$T/bin"
	printf '#!/bin/sh\n. "%s"\n' "$T/program" | tee "$T/bin/aws" > "$T/bin/az"
	chmod +x "$T/bin/aws" "$T/bin/az"
	while IFS= read -r step; do
		case $step in
		'aws '*) cat "$CA" "$proof" > "$T/wanted" ;;
		'az '*) cat "$proof" > "$T/wanted" ;;
		*) continue ;;
		esac
		(cd "$OUT" && PATH=$T/bin:$PATH sh -c "$step") > "$T/given" || fail "the shell: $step"
		diff "$T/wanted" "$T/given" >&2 || fail "other files: $step"
		echo "$step" >> "$T/ran"
	done < "$T/told"
}

@test "the table has every platform, and no other" {
	diff <(platforms | LC_ALL=C sort) <(cut -d' ' -f1 "$T/steps" | LC_ALL=C sort -u) >&2 ||
		fail 'other platforms in the table'
}

@test "every platform's steps, in words and in JSON, with names that have spaces and quotes" {
	local platform
	for platform in $(platforms); do
		[ "$platform" != aws-iot-sni-only ] || continue
		sign_for "$platform" "${SPACES[@]}"
		tells "$platform" "'it'\\''s my ca.pem'" "'the proof;.pem'"
		run_steps "$OUT/the proof;.pem"
	done
	[ "$(wc -l < "$T/ran")" -ge 3 ] || fail 'no command was run'
}

@test "every platform's steps with names that begin with a dash" {
	local platform
	for platform in $(platforms); do
		[ "$platform" != aws-iot-sni-only ] || continue
		sign_for "$platform" "${DASHES[@]}"
		tells "$platform" ./-ca.pem ./-proof.pem
		run_steps "$OUT/-proof.pem"
	done
	[ "$(wc -l < "$T/ran")" -ge 3 ] || fail 'no command was run'
}

@test "what has no file name is called what it is" {
	token_put cert "$CA" rootCA 01
	run_caproof sign -p aws-iot -c "pkcs11:token=$TOKEN;object=rootCA;type=cert" \
		--code "$(printf '%064d' 7)" --pin "file:$PIN_FILE"
	assert_status 0
	assert_stderr_has 'file://CA_FILE --verification-certificate file://PROOF_FILE --set-as-active'
}

@test "where no proof is needed, the steps are the hint" {
	run_caproof sign -p aws-iot-sni-only "${SPACES[@]}"
	assert_fails 3 "needs no proof: nothing was made"
	sed -n '/^hint: /,$p' "$STDERR" | sed '1d; s|^  ||' > "$T/told"
	tells aws-iot-sni-only "'it'\\''s my ca.pem'" none
	: > "$T/none"
	run_steps "$T/none"
	run_caproof sign -p aws-iot-sni-only "${DASHES[@]}" --json
	assert_status 3
	jq -r .error.hint "$STDOUT" | sed '1d; s|^  ||' > "$T/told"
	tells aws-iot-sni-only ./-ca.pem none
	run_steps "$T/none"
	[ "$(wc -l < "$T/ran")" -eq 2 ] || fail 'no command was run'
}
