#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The library as a program finds it: installed into an empty folder, found by pkg-config, the
# examples built against that and nothing else, run on a token.  And that it keeps to itself:
# what it calls, what it writes to, and what it has that can change.

load ../cli/helper

# Installed once for all tests here.
setup() {
	common_setup
	DEST=$BATS_RUN_TMPDIR/dest
	[ -d "$DEST" ] || env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$TOP_BUILDDIR" install \
		DESTDIR="$DEST" > "$T/install.log" 2>&1 || fail "$(tail -n 20 "$T/install.log")"
	PC=$(find "$DEST" -name libcaproof.pc)
	LIBRARY=$TOP_BUILDDIR/.libs/libcaproof.so.0
	export PKG_CONFIG_PATH=${PC%/*} PKG_CONFIG_SYSROOT_DIR=$DEST
	LD_LIBRARY_PATH=$(dirname "$(dirname "$PC")")
	folder=$(find "$DEST" -type d -name platforms)
	unset CAPROOF_MODULE CAPROOF_PLATFORMS
}

# example NAME: $T/NAME, from the installed header and library alone.
example() {
	local flags
	read -ra flags <<< "$(pkg-config --cflags --libs libcaproof)"
	"${CC:-cc}" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wpedantic -Werror -O1 \
		-o "$T/$1" "$TOP_SRCDIR/examples/$1.c" "${flags[@]}"
	CAPROOF=$T/$1
	RUN_WITH=(env "LD_LIBRARY_PATH=$LD_LIBRARY_PATH")
}

@test "header, library, its link, pkg-config file and manual are installed" {
	local file
	[ -f "$(find "$DEST" -path '*/include/caproof/caproof.h')" ]
	[ "$(readlink "$LD_LIBRARY_PATH/libcaproof.so")" = libcaproof.so.0.0.0 ]
	[ "$(readlink "$LD_LIBRARY_PATH/libcaproof.so.0")" = libcaproof.so.0.0.0 ]
	[ -f "$(find "$DEST" -path '*/man3/libcaproof.3')" ]
	for file in libcaproof-core libcaproof-proof libcaproof-tool; do
		[ -z "$(find "$DEST" -name "$file*")" ] || fail "$file is installed"
	done
	pkg-config --validate libcaproof
	[ "$(pkg-config --modversion libcaproof)" = \
		"$("$TOP_BUILDDIR/caproof" --version | sed -n '1s/^caproof //p')" ]
}

@test "the examples have fewer than 80 lines" {
	local lines
	for file in "$TOP_SRCDIR"/examples/*.c; do
		lines=$(wc -l < "$file")
		[ "$lines" -lt 80 ] || fail "$file: $lines lines"
	done
}

@test "the example that proves, on a token; a wrong PIN once" {
	example prove
	use_ca p256
	printf '%s\n' "$PIN" > "$T/typed"
	STDIN=$T/typed
	run_caproof "$CA" Code123 "$folder/generic.json" "$SHIM"
	assert_status 0
	openssl verify -partial_chain -trusted "$CA" "$STDOUT"
	openssl x509 -in "$STDOUT" -noout -subject | grep -Eq 'CN ?= ?Code123'
	grep -qF "PIN for token '$TOKEN'" "$STDERR"
	echo wrong-pin > "$T/typed"
	run_caproof "$CA" Code123 "$folder/generic.json" "$SHIM"
	assert_status 5
	[ "$(count_calls C_Login)" -eq 1 ]
	assert_stderr_has "prove: cannot log in to token '$TOKEN': the PIN is wrong"
	: > "$T/typed"
	run_caproof "$CA" Code123 "$folder/generic.json" "$SHIM"
	assert_status 5
	[ "$(count_calls C_Login)" -eq 0 ]
	run_caproof
	assert_status 2
}

# A proof by openssl, so that no token is needed.
soft_proof() {
	make_ca p256
	CA=$FIXTURES/p256.pem
	make_csr "$T/csr.pem" Code123
	printf 'basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n' > "$T/ext"
	openssl x509 -req -in "$T/csr.pem" -CA "$CA" -CAkey "$FIXTURES/p256.key" -days 3 \
		-set_serial 0x1234 -extfile "$T/ext" -out "$T/proof.pem" 2> "$T/openssl.log"
}

@test "the example that checks and verifies; a proof that was altered, and another code" {
	example verify
	soft_proof
	run_caproof "$CA" Code123 "$folder/generic.json" "$T/proof.pem"
	assert_status 0
	grep -q '^ok  *proof.signature: ' "$STDOUT"
	grep -q '^ok  *ca.validity: ' "$STDOUT"
	openssl x509 -in "$T/proof.pem" -outform DER -out "$T/proof.der"
	printf '\377' | dd of="$T/proof.der" bs=1 seek="$(($(stat -c %s "$T/proof.der") - 8))" \
		conv=notrunc status=none
	run_caproof "$CA" Code123 "$folder/generic.json" "$T/proof.der"
	assert_status 8
	grep -q '^refused  *proof.signature: ' "$STDOUT"
	run_caproof "$CA" Code124 "$folder/generic.json" "$T/proof.pem"
	assert_status 8
	make_ca expired
	run_caproof "$FIXTURES/expired.pem" Code123 "$folder/generic.json" "$T/proof.pem"
	assert_status 3
	assert_stderr_has "refuses"
}

@test "C++ takes the header" {
	local compiler flags
	read -ra flags <<< "$(pkg-config --cflags --libs libcaproof)"
	printf '%s\n' '#include <caproof/caproof.h>' '#include <caproof/caproof.h>' 'int main() {' \
		'caproof *c = caproof_new();' 'caproof_plan_input input{};' 'input.size = sizeof(input);' \
		'caproof_plan *plan;' \
		'int status = caproof_plan_make(c, &input, &plan, nullptr);' \
		'caproof_free(c);' 'return status == CAPROOF_USAGE ? 0 : 1;' '}' > "$T/program.cc"
	for compiler in g++ clang++; do
		for standard in c++11 c++20; do
			"$compiler" -std=$standard -Wall -Wextra -Wpedantic -Werror -o "$T/program" \
				"$T/program.cc" "${flags[@]}"
			LD_LIBRARY_PATH=$LD_LIBRARY_PATH "$T/program"
		done
	done
}

# Fetched from other libraries: what a library has no business with.
forbidden='getenv|secure_getenv|setenv|putenv|unsetenv|clearenv
printf|vprintf|puts|putchar|putc|fwrite|fprintf|vfprintf|dprintf|perror|write|stdout|stderr|stdin
exit|_exit|_Exit|quick_exit|abort|atexit|raise|kill|signal|sigaction|pthread_sigmask|alarm
fork|vfork|execve|system|popen|socket|connect|umask|chdir|setlocale|srand
json_set_alloc_funcs|CRYPTO_set_mem_functions|OPENSSL_init_crypto|OSSL_LIB_CTX_set0_default|OPENSSL_config|CONF_modules_load_file'

@test "it calls nothing that prints, ends, reads the environment or changes the process" {
	local pattern
	pattern=$(printf '%s' "$forbidden" | tr '\n' '|')
	nm -D --undefined-only "$LIBRARY" | awk '{ print $2 }' | sed 's/@.*//; s/^__\(.*\)_chk$/\1/' \
		> "$T/calls-out"
	grep -qx OSSL_LIB_CTX_new "$T/calls-out"
	refute grep -xE "$pattern" "$T/calls-out"
}

@test "what it has that can change is the process's by its nature" {
	# What PKCS#11 modules are in use, and under which lock; the OpenSSL context in which
	# certificates are read, made once; two hooks that only the tool sets; and, for each
	# thread, the OpenSSL context of the call that it is in.
	objdump -t "$LIBRARY" | awk 'NF > 4 && $(NF-2) ~ /^\.(data|bss|tdata|tbss)$/ && $(NF-1) !~ /^0+$/ { print $NF }' |
		sed 's/\.[0-9]*$//' | grep -vE '^(completed|__dso_handle|__TMC_END__)$' | sort > "$T/state"
	printf '%s\n' all empty in_use interrupted loader lock made | diff - "$T/state"
}

@test "it writes to no descriptor, and needs none of the usual three" {
	use_ca p256
	export LD_LIBRARY_PATH
	CAPROOF=$TOP_BUILDDIR/tests/api/.libs/drive
	[ -x "$CAPROOF" ] || CAPROOF=$TOP_BUILDDIR/tests/api/drive
	"$CAPROOF" "$CA" Code123 generic "$TOP_SRCDIR/platforms" "$SOFTHSM" "pin=$PIN" \
		"out=$T/proof.pem" silent <&- >&- 2>&- || fail "status $?"
	openssl verify -partial_chain -trusted "$CA" "$T/proof.pem"
	strace -f -qq -e trace=write,writev,sendto,sendmsg,openat -o "$T/trace" "$CAPROOF" "$CA" \
		Code123 generic "$TOP_SRCDIR/platforms" "$SOFTHSM" "pin=$PIN" silent
	grep -q 'generic\.json' "$T/trace"
	# The module has files of its own.
	refute grep -E 'write(v)?\([012],|send' "$T/trace"
}

@test "what openssl.cnf has for the program does not reach it, nor does the environment" {
	example verify
	soft_proof
	printf '%s\n' 'openssl_conf = all' '[all]' 'providers = providers' '[providers]' 'base = base' \
		'[base]' 'activate = 1' > "$T/openssl.cnf"
	export OPENSSL_CONF=$T/openssl.cnf CAPROOF_PLATFORMS=/nowhere CAPROOF_MODULE=/nowhere
	refute openssl dgst -sha256 "$CA"
	run_caproof "$CA" Code123 "$folder/generic.json" "$T/proof.pem"
	assert_status 0
}

@test "valgrind finds nothing in a proof" {
	use_ca p256
	libtool=$TOP_BUILDDIR/libtool
	"$libtool" --mode=execute valgrind -q --error-exitcode=99 --leak-check=full \
		"$TOP_BUILDDIR/tests/api/drive" "$CA" Code123 generic "$TOP_SRCDIR/platforms" "$SOFTHSM" \
		"pin=$PIN" "out=$T/proof.pem" free-early > "$STDOUT" 2> "$STDERR" || fail "status $?"
}
