# SPDX-License-Identifier: Apache-2.0
#
# Where the module comes from, and modules that want more than a path.

load helper

setup() {
	common_setup
	use_ca p256
}

sign() {
	run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem -f "$@"
}

@test "--module, the URI's module-path and the environment name the module" {
	sign
	assert_status 0
	unset CAPROOF_MODULE
	sign -m "$SHIM"
	assert_status 0
	assert_calls C_Sign 1
	sign -k "pkcs11:token=$TOKEN;object=rootCA?module-path=$SHIM"
	assert_status 0
	assert_calls C_Sign 1
	sign -m "$SOFTHSM" -k "pkcs11:token=$TOKEN;object=rootCA?module-path=$SHIM"
	assert_fails 2 'two different'
}

@test "without any, p11-kit's proxy finds the token among all modules" {
	unset CAPROOF_MODULE
	# some of the modules that the proxy loads leak when their device is not there
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	sign -k "pkcs11:token=$TOKEN;object=rootCA"
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "by p11-kit's proxy no token gets the PIN that neither an object nor anybody names" {
	token_drop pubkey rootCA
	unset CAPROOF_MODULE
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	sign
	assert_fails 6
	assert_hint 'name the token with --key'
	sign -k "pkcs11:token=$TOKEN"
	assert_status 0
}

@test "a module that wants arguments: the way by p11-kit's configuration is told" {
	export CAPROOF_SHIM_RULES='C_Initialize=CKR_ARGUMENTS_BAD'
	sign
	assert_fails 4
	assert_hint x-init-reserved
}

# --- files that are no modules ---------------------------------------------------------

# patched OFFSET OCTET: the shim with one octet of its ELF header changed.
patched() {
	cp "$SHIM" "$T/patched.so"
	printf "\\x$2" | dd of="$T/patched.so" bs=1 seek="$1" conv=notrunc 2> "$T/setup.log"
}

@test "a module for another architecture, or of another word size" {
	patched 18 f7    # e_machine: eBPF
	sign -m "$T/patched.so"
	assert_fails 4 "cannot load module '$T/patched.so'" 'another architecture'
	patched 4 01     # EI_CLASS: 32 bits
	sign -m "$T/patched.so"
	assert_fails 4 'another architecture'
}

@test "a module that was cut off" {
	head -c 5000 "$SHIM" > "$T/half.so"
	sign -m "$T/half.so"
	assert_fails 4 'the file is cut off'
	assert_hint 'install the module again'
}

@test "a module whose own library is missing: it is named" {
	echo 'int answer(void); int answer(void) { return 42; }' > "$T/gone.c"
	echo 'int answer(void); int C_GetFunctionList(void); int C_GetFunctionList(void) { return answer(); }' > "$T/needs.c"
	"${CC:-cc}" -shared -fPIC -o "$T/libgone.so" "$T/gone.c"
	"${CC:-cc}" -shared -fPIC -o "$T/needs.so" "$T/needs.c" -L"$T" -lgone
	rm "$T/libgone.so"
	sign -m "$T/needs.so"
	assert_fails 4 "cannot load module '$T/needs.so'" libgone.so
	assert_hint "the module needs 'libgone.so'"
}

@test "a module that may not be read" {
	cp "$SHIM" "$T/closed.so"
	chmod 000 "$T/closed.so"
	# root could read it all the same
	[ "$(id -u)" -ne 0 ] || RUN_WITH=(setpriv --bounding-set '-dac_override,-dac_read_search')
	sign -m "$T/closed.so"
	assert_fails 4 'no permission to read it'
	assert_hint permissions
}

@test "a folder, a FIFO and an empty name are no modules" {
	mkfifo "$T/fifo.so"
	sign -m "$T/fifo.so"
	assert_fails 4 'not a regular file'
	sign -m "$T"
	assert_fails 4 'not a regular file'
	sign -m ''
	[ "$status" -eq 2 ] || assert_fails 4 'its path is empty'
}

@test "a vendor's own return value: its number, and the module's name" {
	export CAPROOF_SHIM_RULES='C_SignInit=0x80000042'
	sign
	assert_fails 4 0x80000042 "$SHIM"
	assert_hint "module's vendor"
}

# --- what a module does while its file is mapped ------------------------------------------

# constructed C: a shared library, no module, that runs C first, and then makes "$T/begun".
constructed() {
	cat > "$T/odd.c" <<-C
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <setjmp.h>
		#include <signal.h>
		#include <sys/wait.h>
		#include <unistd.h>
		int C_GetFunctionList(void);
		int C_GetFunctionList(void) { return 6; }
		static sigjmp_buf back;
		__attribute__((unused)) static void jump(int sig) { siglongjmp(back, sig); }
		__attribute__((constructor)) static void construct(void) {
			$1
			close(open("$T/begun", O_CREAT | O_WRONLY, 0600));
			$2
		}
	C
	"${CC:-cc}" -shared -fPIC -o "$T/odd.so" "$T/odd.c"
}

# The CA certificate comes when the constructor has run, so this is not in the main thread.
sign_when_begun() {
	rm -f "$T/ca.fifo"
	mkfifo "$T/ca.fifo"
	(until [ -e "$T/begun" ]; do sleep 0.05; done; cat "$CA" > "$T/ca.fifo") 3>&- &
	run timeout 60 "$CAPROOF" sign -c "$T/ca.fifo" --code CODE-123 --pin "file:$PIN_FILE" -m "$T/odd.so"
	kill $! 2> "$T/kill.log" || true
}

@test "a constructor that tries an instruction out, and catches the signal" {
	constructed 'struct sigaction trying = { .sa_handler = jump }, before;
		sigaction(SIGILL, &trying, &before);
		if (sigsetjmp(back, 1) == 0)
			raise(SIGILL);
		sigaction(SIGILL, &before, NULL);' ''
	sign_when_begun
	[ "$status" = 4 ]
	[[ $output == *'does not give its list of functions'* ]]
}

@test "what a constructor starts can be interrupted as what the shell starts" {
	constructed "int ended;
		if (fork() == 0) {
			dup2(open(\"$T/mask\", O_CREAT | O_WRONLY, 0600), 1);
			execlp(\"grep\", \"grep\", \"SigBlk:\", \"/proc/self/status\", (char *)0);
			_exit(1);
		}
		wait(&ended);" ''
	sign_when_begun
	[ "$status" = 4 ]
	grep SigBlk: /proc/self/status | diff - "$T/mask"
}

@test "a constructor that hangs keeps no run back that does not need the module" {
	constructed '' 'for (;;) pause();'
	local word
	printf 'code\nno code\n' > "$T/list.csv"
	for word in 'sign -c /nowhere --code CODE-123 -o x.pem' "batch $T/list.csv -c /nowhere -d $T"; do
		rm -f "$T/begun"
		# shellcheck disable=SC2086 # words
		run_caproof $word --json --timeout 20 --pin "file:$PIN_FILE" -m "$T/odd.so"
		assert_status 3
		[ "$(wc -l < "$STDOUT")" = 1 ]
		jq -e '.error.id == "input.read"' "$STDOUT"
		[ -e "$T/begun" ]
	done
}
