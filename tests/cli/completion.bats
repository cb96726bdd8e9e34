#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Completion in bash: what is offered, in the function itself; and in a bash on a terminal, that
# what a person gets by Tab and Enter is what the tool is given.

load helper

COMPLETION=$TOP_SRCDIR/completion/caproof

# A tool that answers what completion asks, and otherwise prints its arguments, one a line.
fake_tool() {
	mkdir -p "$T/bin"
	cat > "$T/bin/caproof" <<-'TOOL'
		#!/bin/sh
		case "$1 $*" in
		tokens*--json* | platforms*--json*) exec "$CAPROOF" "$@" ;;
		esac
		for argument; do printf '<%s>\n' "$argument"; done
		echo '<end>'
	TOOL
	chmod +x "$T/bin/caproof"
	PATH=$T/bin:$PATH
	export CAPROOF
}

# offered LINE: the completions of its end, one a line.
offered() {
	rm -f "$T/calls"
	(cd "$OUT" && bash -c '. "$1"; COMP_LINE=$2 COMP_POINT=${#2}; _caproof; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$COMPLETION" "$1") > "$STDOUT" 2> "$STDERR"
	[ ! -s "$STDERR" ] || fail "completion says something: $(cat "$STDERR")"
	check_no_pin
	check_calls
	assert_calls C_Login 0
}

# assert_offered LINE WORD...: these, and no others.
assert_offered() {
	local line=$1
	shift
	offered "$line"
	diff <(printf '%s\n' "$@" | sort) <(sort "$STDOUT") >&2 || fail "other completions of '$line'"
}

# typed TEXT: on a terminal, with \t for Tab, then Enter; the arguments in $STDOUT.
typed() {
	printf '. "%s"\nPS1="ready "\nbind "set bell-style none"\nbind "set enable-bracketed-paste off"\n' \
		"$COMPLETION" > "$T/bashrc"
	printf '%b\n' "$1" > "$T/keys"
	(cd "$OUT" && INPUTRC=/dev/null HISTFILE='' TERM=dumb "$PTYRUN" -a -o "$TTY_OUT" -w 'ready ' \
		-i "$T/keys" -w $'<end>\r\nready ' -k d -- bash --rcfile "$T/bashrc" -i) > "$STDOUT" 2>&1 ||
		fail "on the terminal: $(cat "$STDOUT" "$TTY_OUT")"
	tr -d '\r' < "$TTY_OUT" | grep '^<' | grep -vx '<end>' > "$STDOUT"
}

# assert_typed TEXT ARGUMENT...: what the tool was given in the end.
assert_typed() {
	local text=$1
	shift
	typed "$text"
	diff <(printf '<%s>\n' "$@") "$STDOUT" >&2 || fail "typed: $text"
}

@test "commands, phases, options; none is offered twice" {
	fake_tool
	assert_offered 'caproof ' sign batch check verify platforms tokens request ca-cert ceremony
	assert_offered 'caproof ver' verify
	assert_offered 'caproof --' --help --version
	assert_offered 'caproof ceremony s' show seal
	assert_offered 'caproof ceremony seal --r' --role
	assert_offered 'caproof sign --co' --code --code-file --code-issued
	assert_offered 'caproof sign --code x --co' --code-file --code-issued
	assert_offered 'caproof sign --code=x --co' --code-file --code-issued
	assert_offered 'caproof sign -c ca.pem --c' --code --code-file --csr --code-issued
	assert_offered 'caproof sign --code --co' ''
	assert_offered 'caproof platforms generic ' --json --help
	assert_offered 'caproof nothing -' ''
	assert_offered 'caproof sign -- --co' ''
}

@test "values that are one of a few" {
	fake_tool
	assert_offered 'caproof sign --hash ' sha256 sha384 sha512
	assert_offered 'caproof sign --hash=sha2' sha256
	assert_offered 'caproof batch l.csv --subject-key ' p256 rsa2048 rsa3072 ca
	assert_offered 'caproof request --subject-key ' p256 rsa2048 rsa3072
	assert_offered 'caproof sign --outform ' pem der
	assert_offered 'caproof ceremony seal c --role ' operator witness
	assert_offered 'caproof ceremony plan --expect-key ' never-extractable sensitive nothing
	assert_offered 'caproof ca-cert --path-len n' none
	assert_offered 'caproof sign --pin ' prompt file: fd: env: stdin
	CAPROOF_PIN_OF_TEST=x assert_offered 'caproof sign --pin env:CAPROOF_PIN_OF' CAPROOF_PIN_OF_TEST
	assert_offered 'caproof sign --code ' ''
}

@test "platforms are those that the tool knows" {
	local platforms
	fake_tool
	mapfile -t platforms < <("$CAPROOF" platforms --json | jq -r '.platforms[].name')
	[ "${#platforms[@]}" -gt 10 ]
	assert_offered 'caproof sign -p ' "${platforms[@]}"
	assert_offered 'caproof platforms ' "${platforms[@]}"
	assert_offered 'caproof check ca.pem --platform ' "${platforms[@]}" all
	assert_offered 'caproof sign --platform=qu' quectel
	export CAPROOF_PLATFORMS=$T/none
	assert_offered 'caproof sign -p ' ''
}

@test "tokens, keys and certificates of the module, without a login" {
	local full
	fake_tool
	use_ca p256
	token_put cert "$CA" 'root CA' 01
	assert_offered 'caproof sign -k ' "pkcs11:token=$TOKEN" "pkcs11:token=$TOKEN\\;id=%01"
	assert_offered 'caproof tokens -k ' "pkcs11:token=$TOKEN" "pkcs11:token=$TOKEN\\;id=%01" \
		"pkcs11:token=$TOKEN\\;id=%01\\;object=root%20CA\\;type=cert"
	assert_offered "caproof sign --key='pkcs11:token=$TOKEN;i" "pkcs11:token=$TOKEN;id=%01"
	assert_offered "caproof sign --key pkcs11:token=$TOKEN\\;i" "$TOKEN\\;id=%01"
	assert_offered 'caproof check p' "pkcs11:token=$TOKEN\\;id=%01\\;object=root%20CA\\;type=cert"
	assert_offered 'caproof check ' ''
	offered 'caproof ceremony verify -c p'
	refute grep -q pkcs11 "$STDOUT"

	# Of two tokens of one name the whole URI tells which.
	token_new "$TOKEN"
	full=$("$CAPROOF" tokens --json | jq -r '.tokens[0].keys[].uri, .tokens[1].keys[].uri' | sed 's/;/\\;/g')
	assert_offered 'caproof sign -k pkcs11:model=' "$(sed 's/^pkcs11:model=//' <<< "$full")" \
		"$("$CAPROOF" tokens --json | jq -r '.tokens[].uri | select(contains("token="))' |
			sed 's/;/\\;/g; s/^pkcs11:model=//')"
}

@test "the module on the command line is asked; none, or a broken one, offers nothing" {
	fake_tool
	token_ready
	unset CAPROOF_MODULE
	assert_offered "caproof sign -m '$SHIM' -k pkcs11:token=" "$TOKEN"
	assert_offered "caproof sign --module=$SHIM -k pkcs11:token=" "$TOKEN"
	assert_offered "caproof sign -m $T/nothing.so -k " ''
	assert_offered "caproof sign -m \$MODULE -k pkcs11:token=$TOKEN" ''
}

@test "on a terminal: what is completed is what the tool gets" {
	fake_tool
	use_ca p256
	token_put cert "$CA" 'root CA' 01
	cp "$CA" "$OUT/a root.pem"
	assert_typed 'caproof si\t--cod\t X -k pk\t\\;\t' sign --code X -k "pkcs11:token=$TOKEN;id=%01"
	assert_typed "caproof sign --key='pkcs11:tok\t;\t" sign "--key=pkcs11:token=$TOKEN;id=%01"
	assert_typed 'caproof check pkcs\t --plat\tqu\t' check \
		"pkcs11:token=$TOKEN;id=%01;object=root%20CA;type=cert" --platform quectel
}

@test "on a terminal: names of files and folders, also behind a colon or an equals sign" {
	fake_tool
	mkdir "$OUT/proofs"
	touch "$OUT/a root.pem" "$OUT/proofs.csv"
	assert_typed 'caproof sign --ca=a\t--pin file:a\t' sign '--ca=a root.pem' --pin 'file:a root.pem'
	assert_typed 'caproof batch proofs.\t--out-dir p\t' batch proofs.csv --out-dir proofs/
	assert_typed 'caproof verify a\t--code X --at Y' verify 'a root.pem' --code X --at Y
}
