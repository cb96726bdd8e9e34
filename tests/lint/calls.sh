#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Calls that this project does without, and those that only the tool may make.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

# call NAMES: an expression for a call of one of them, and of nothing that ends so.
call() {
	printf '(^|[^A-Za-z0-9_])(%s)[[:space:]]*\\(' "$1"
}

plan 11
forbid "no string function without a bound" \
	"$(call 'strcpy|strcat|sprintf|vsprintf|gets|stpcpy')" 'strcpy(a, b);' src include
forbid "no shell is started" \
	"$(call 'system|popen|exec[lv][pe]*|posix_spawnp?|wordexp')" 'system(command);' src include
forbid "no OpenSSL engine" '(^|[^A-Za-z0-9_])ENGINE_' 'ENGINE_init(e);' src include
# They would first take the certificate's fingerprint, in a context that has no algorithms
# (src/lib/x509/keyless.h), and then know nothing.
forbid "what OpenSSL remembers of a certificate's extensions is not asked for" \
	"$(call 'X509_(get_pathlen|get_extension_flags|get_(extended_)?key_usage|self_signed|check_(purpose|ca|akid|issued|host|email|trust))')" \
	'length = X509_get_pathlen(cert);' src
forbid "no network" "$(call 'socket|connect|getaddrinfo|BIO_new_connect')" \
	'fd = socket(AF_INET, SOCK_STREAM, 0);' src include
forbid "secrets are wiped by OPENSSL_cleanse, not by memset" \
	'(^|[^A-Za-z0-9_])(memset[[:space:]]*\([^,]*(pin|secret|pass|key)|bzero|explicit_bzero)' \
	'memset(pin, 0, length);' src
forbid "predictable or text-made numbers are not used" "$(call 'rand|srand|random|atoi|atol|atoll')" \
	'n = atoi(text);' src
forbid "the library does not print" \
	"$(call 'printf|fprintf|vprintf|vfprintf|dprintf|puts|putchar|perror|ERR_print_errors_fp')" \
	'printf("x");' src/lib src/api
forbid "the library does not touch the standard streams" \
	'(^|[^A-Za-z0-9_])(stdin|stdout|stderr)([^A-Za-z0-9_]|$)' \
	'fputs("x", stderr);' src/lib src/api
forbid "the library does not end the process" "$(call 'exit|_exit|abort|quick_exit|atexit|assert')" \
	'exit(1);' src/lib src/api
forbid "the library does not read the environment" "$(call 'getenv|secure_getenv|setenv|putenv')" \
	'getenv("HOME");' src/lib src/api
