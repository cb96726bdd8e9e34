# SPDX-License-Identifier: Apache-2.0
#
# The PIN: where it comes from, where it never goes, and how often it is tried.

load helper

setup() {
	common_setup
	use_ca p256
}

sign() {
	run_caproof sign -c "$CA" --code CODE-123 -o proof.pem -f "$@"
}

@test "every source of a PIN" {
	sign --pin "file:$PIN_FILE"
	assert_status 0
	STDIN=$PIN_FILE
	sign --pin stdin
	assert_status 0
	sign --pin fd:0
	assert_status 0
	STDIN=/dev/null
	export THE_PIN=$PIN
	sign --pin env:THE_PIN
	assert_status 0
	unset THE_PIN
	sign -k "pkcs11:token=$TOKEN;object=rootCA?pin-source=file:$PIN_FILE"
	assert_status 0
	sign -k "pkcs11:token=$TOKEN;object=rootCA?pin-source=$PIN_FILE"
	assert_status 0
	printf '%s' "$PIN" > "$T/no-newline"
	sign --pin "file:$T/no-newline"
	assert_status 0
}

@test "the prompt names token, serial and key, and does not echo" {
	run_on_terminal -w "PIN for token '$TOKEN' (serial " -n -i "$PIN_FILE" -- \
		sign -c "$CA" --code CODE-123 -o proof.pem
	assert_status 0
	grep -q "key 'rootCA': " "$TTY_OUT"
	assert_proof proof.pem CODE-123
}

@test "Ctrl-C at the prompt: 130, the terminal restored, no login" {
	run_on_terminal -w 'PIN for token' -n -k c -- sign -c "$CA" --code CODE-123 -o proof.pem
	assert_status 130
	assert_calls C_Login 0
	assert_no_file proof.pem
}

@test "no terminal and no --pin: exit 5 at once" {
	sign
	assert_fails 5
	assert_calls C_Login 0
}

@test "a PIN on the command line is refused, and not repeated" {
	local arg
	for arg in "$PIN" "pass:$PIN" "1234"; do
		sign --pin "$arg"
		assert_fails 2
		refute_stderr_has "$arg"
		assert_calls '.*' 0
	done
	sign -k "pkcs11:token=$TOKEN;object=rootCA?pin-value=$PIN"
	assert_fails 2 PIN
	sign "--pni=$PIN"
	assert_fails 2 "'--pni'"
	sign --pin prompt "$PIN"
	assert_fails 2
	sign -k "pkcs11:token=$TOKEN?pin-source=%7Ccat%20$PIN_FILE"
	assert_fails 2
}

@test "a source that is missing or empty spends no try" {
	: > "$T/empty"
	sign --pin "file:$T/empty"
	assert_fails 5
	sign --pin "file:$T/missing"
	assert_fails 5
	sign --pin env:NO_SUCH_VARIABLE
	assert_fails 5
	sign --pin fd:77
	assert_fails 5
	printf 'a\0b\n' > "$T/nul"
	sign --pin "file:$T/nul"
	assert_fails 5
	assert_calls C_Login 0
}

@test "a wrong PIN: one C_Login, exit 5, a sentence" {
	echo wrong-pin > "$T/wrong"
	sign --pin "file:$T/wrong"
	assert_fails 5 'the PIN is wrong' "$TOKEN"
	assert_calls C_Login 1
	assert_no_file proof.pem
}

@test "the SO's PIN, given by mistake, is a wrong PIN and is tried once" {
	(umask 077 && echo "$SO_PIN" > "$T/so-pin")
	sign --pin "file:$T/so-pin"
	assert_fails 5 'the PIN is wrong'
	refute_stderr_has "$SO_PIN"
	assert_calls C_Login 1
	assert_calls C_Login 1 user=1
}

@test "a key that wants the PIN for each signature: it is asked for once" {
	token_drop privkey rootCA
	token_put privkey "$CA_KEY" rootCA 01 --always-auth
	run_on_terminal -w 'PIN for' -n -i "$PIN_FILE" -- sign -c "$CA" --code CODE-123 -o proof.pem
	assert_status 0
	assert_proof proof.pem CODE-123
	[ "$(grep -o 'PIN for' "$TTY_OUT" | wc -l)" -eq 1 ]
	assert_calls C_Login 1 user=1
	assert_calls C_Login 1 user=2
}

@test "a PIN of a length that the token does not take spends no try" {
	echo 1 > "$T/short"
	sign --pin "file:$T/short"
	assert_fails 5
	assert_calls C_Login 0
}

@test "the token's flags are read before the PIN is used" {
	# CKF_USER_PIN_LOCKED, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_COUNT_LOW
	export CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+0x40000'
	sign --pin "file:$PIN_FILE"
	assert_fails 5 locked
	assert_calls C_Login 0
	export CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+0x20000'
	sign --pin "file:$PIN_FILE"
	assert_fails 5
	assert_hint --allow-final-try
	assert_calls C_Login 0
	sign --pin "file:$PIN_FILE" --allow-final-try
	assert_status 0
	export CAPROOF_SHIM_RULES='C_GetTokenInfo=flags+0x10000'
	sign --pin "file:$PIN_FILE"
	assert_status 0
}

@test "the PIN is in no argument, no environment of others, and in no system call's text" {
	export THE_PIN=$PIN
	RUN_WITH=(strace -f -s 4096 -o "$T/strace" -e trace=execve,write,openat,connect)
	# LeakSanitizer cannot work under a tracer
	ASAN_OPTIONS=detect_leaks=0 sign --pin env:THE_PIN
	assert_status 0
	grep -q 'rootCA\|proof.pem' "$T/strace"
	refute grep -qF -e "$PIN" "$T/strace"
}

@test "/proc shows no PIN while the token signs" {
	export THE_PIN=$PIN CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	start_caproof sign -c "$CA" --code CODE-123 --pin env:THE_PIN -o proof.pem
	wait_for_call C_Sign
	tr '\0' '\n' < "/proc/$caproof_pid/cmdline" > "$T/cmdline"
	# Others may not even look: then there is nothing that could be seen.
	if [ -r "/proc/$caproof_pid/environ" ]; then
		tr '\0' '\n' < "/proc/$caproof_pid/environ" > "$T/environ"
	else
		echo CAPROOF_MODULE=hidden > "$T/environ"
	fi
	release
	wait_caproof
	assert_status 0
	grep -qx sign "$T/cmdline"
	refute grep -qF -e "$PIN" "$T/cmdline"
	grep -q '^CAPROOF_MODULE=' "$T/environ"
	refute grep -qF -e "$PIN" "$T/environ"
}
