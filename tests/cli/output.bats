# SPDX-License-Identifier: Apache-2.0
#
# The output appears whole or not at all, and never in the place of something.

load helper

setup() {
	common_setup
	use_ca p256
}

sign() {
	run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" "$@"
}

@test "an existing file stays, unless --force is given" {
	echo precious > "$OUT/proof.pem"
	sign -o proof.pem
	assert_fails 7 'proof.pem'
	[ "$(cat "$OUT/proof.pem")" = precious ]
	assert_calls '.*' 0
	sign -f -o proof.pem
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "--force replaces a regular file only" {
	echo precious > "$T/target"
	ln -s "$T/target" "$OUT/link.pem"
	sign -f -o link.pem
	assert_fails 7 link.pem
	[ "$(cat "$T/target")" = precious ]
	mkdir "$OUT/folder.pem"
	sign -f -o folder.pem
	assert_fails 7 folder.pem
	sign -f -o /dev/null
	assert_fails 7 /dev/null
}

@test "a file that turns up while the token signs stays" {
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	ALLOW_FILES=yes
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	wait_for_call C_Sign
	echo precious > "$OUT/proof.pem"
	release
	wait_caproof
	assert_fails 7 proof.pem
	[ "$(cat "$OUT/proof.pem")" = precious ]
	assert_files_in "$OUT" proof.pem
}

@test "a folder that is not there, or cannot be written" {
	sign -o nowhere/proof.pem
	assert_fails 7 nowhere
	assert_calls '.*' 0
	sign -o /proc/proof.pem
	assert_fails 7 /proc
}

@test "a full disk" {
	sign -o /dev/full
	assert_fails 7
	# without the shim: its log would not be written either
	export CAPROOF_MODULE=$SOFTHSM
	RUN_WITH=(prlimit --fsize=100)
	sign -o proof.pem
	assert_fails 7 proof.pem
	assert_no_file proof.pem
}

@test "standard output that cannot be written" {
	run_caproof sh
	RUN_WITH=(sh -c '"$@" > /dev/full' sh)
	sign
	assert_fails 7
}

@test "never a proof without its key" {
	echo precious > "$OUT/a.key"
	sign -o a.pem --key-out a.key
	assert_fails 7 a.key
	assert_no_file a.pem
	sign -o same --key-out same
	assert_fails 2
	sign -f -o same --key-out ./same
	assert_fails 2
	# the proof turns up meanwhile: the key is taken back
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	ALLOW_FILES=yes
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o b.pem --key-out b.key
	wait_for_call C_Sign
	echo precious > "$OUT/b.pem"
	release
	wait_caproof
	assert_fails 7 b.pem
	assert_files_in "$OUT" a.key b.pem
}

@test "Ctrl-C and SIGTERM while the token signs leave nothing behind" {
	local signal
	for signal in INT:130 TERM:143; do
		export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
		start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem --key-out k
		wait_for_call C_Sign
		signal_caproof "${signal%:*}"
		release
		wait_caproof
		assert_status "${signal#*:}"
		assert_files_in "$OUT"
	done
}

@test "a second Ctrl-C ends at once" {
	export CAPROOF_SHIM_RULES='C_Sign=hang'
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	wait_for_call C_Sign
	signal_caproof INT
	kill -s INT "$caproof_pid"
	wait_caproof
	assert_status 130
	assert_files_in "$OUT"
}

@test "Ctrl-C twice after the proof is in place: it stays, and that is success" {
	export CAPROOF_SHIM_RULES='C_Finalize=hang'
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	wait_for_call C_Finalize
	signal_caproof INT
	kill -s INT "$caproof_pid"
	wait_caproof
	assert_status 0
	assert_stderr_has 'interrupted after the output was in place'
	assert_proof proof.pem CODE-123
}

@test "kill -9 while the token signs: no file" {
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	wait_for_call C_Sign
	kill -KILL "$caproof_pid"
	wait_caproof
	assert_status 137
	assert_files_in "$OUT"
}
