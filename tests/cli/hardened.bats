#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What the process gives up before there is a secret in it, seen from outside.

load helper

# traced CALLS ARGUMENTS: sign, and what it asked the kernel for in $T/strace.
traced() {
	RUN_WITH=(strace -f -qq -o "$T/strace" -e "trace=$1")
	shift
	# LeakSanitizer cannot work under a tracer
	ASAN_OPTIONS=detect_leaks=0 run_caproof sign -c "$CA" --code CODE-123 "$@"
}

@test "no core dump, and no tracer of the same user, from the first moment" {
	use_ca p256
	traced prctl,prlimit64,setrlimit,openat --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	grep -n 'RLIMIT_CORE, {rlim_cur=0, rlim_max=0}' "$T/strace" > "$T/limit"
	grep -n 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE' "$T/strace" > "$T/dumpable"
	grep -n "$PIN_FILE" "$T/strace" > "$T/opened"
	[ "$(head -n 1 "$T/limit" | cut -d : -f 1)" -lt "$(head -n 1 "$T/opened" | cut -d : -f 1)" ]
	[ "$(head -n 1 "$T/dumpable" | cut -d : -f 1)" -lt "$(head -n 1 "$T/opened" | cut -d : -f 1)" ]
}

@test "a crash while the token signs leaves no core, though the shell allows one" {
	use_ca p256
	export CAPROOF_SHIM_RULES="C_Sign=until:$GO"
	ulimit -c unlimited 2> "$T/ulimit" || ulimit -S -c "$(ulimit -H -c)"
	start_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem
	wait_for_call C_Sign
	grep -E '^Max core file size +0 +0 ' "/proc/$caproof_pid/limits"
	kill -SEGV "$caproof_pid"
	wait_caproof
	assert_status 139
	assert_files_in "$OUT"
}

@test "the memory that holds the PIN is locked" {
	use_ca p256
	traced mlock,mlock2,madvise --pin "file:$PIN_FILE" -o proof.pem
	assert_status 0
	grep -qE 'mlock2?\(.* = 0$' "$T/strace"
	grep -q 'MADV_DONTDUMP' "$T/strace"
	grep -q 'MADV_WIPEONFORK' "$T/strace"
}

@test "the umask is kept: a private key is private, a proof as private as the user wants" {
	use_ca p256
	(umask 027 && run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem --key-out key.pem)
	assert_mode proof.pem 640
	assert_mode key.pem 600
}

@test "it is not installed setuid, and would not run so" {
	[ -z "$(find -L "$CAPROOF" -perm /6000)" ]
	cat > "$T/other.c" <<-'C'
		#include <unistd.h>
		uid_t geteuid(void) { return getuid() + 1; }
	C
	${CC:-cc} -shared -fPIC -o "$T/other.so" "$T/other.c"
	RUN_WITH=(env "LD_PRELOAD=$T/other.so" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0)
	run_caproof platforms
	assert_fails 2 'does not run setuid or setgid'
}
