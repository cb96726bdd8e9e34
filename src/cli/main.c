/* SPDX-License-Identifier: Apache-2.0
 *
 * caproof: the tool.  Finds the command; hardens the process before anything secret is
 * in it.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/json.h"
#include "cmd.h"
#include "harden.h"
#include "interrupt.h"
#include "memory.h"
#include "report.h"

static const struct {
	const char *name, *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "sign", "make the proof: verification code (or CSR) in, certificate out", cmd_sign },
	{ "batch", "the same for a whole list, with one login", cmd_batch },
	{ "check", "hold a CA certificate against a platform's upload rules", cmd_check },
	{ "verify", "hold a finished proof against the CA certificate, the code and the platform",
		cmd_verify },
	{ "platforms", "list the platforms known, or show one with its rules and sources",
		cmd_platforms },
	{ "tokens", "list tokens, keys and certificates with PKCS#11 URIs ready to paste", cmd_tokens },
	{ "request", "make a key pair and a CSR for a code (for the team without the token)",
		cmd_request },
	{ "ca-cert", "self-sign a CA certificate for a key in the token", cmd_ca_cert },
	{ "ceremony", "plan, approve, run, seal and verify an audited ceremony", cmd_ceremony },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void) {
	puts("Usage: caproof COMMAND [OPTION...]\n\n"
		"Proves that a certificate authority is yours while its private key stays in its\n"
		"HSM, smart card or TPM.\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	puts("\n'caproof COMMAND --help' lists a command's options; caproof(1) explains them.\n"
		"'caproof --version' tells this version and those of the libraries.");
	return CAPROOF_OK;
}

static int version(void) {
	printf("caproof %s\n%s\nlibp11 %s (built with)\np11-kit %s (built with)\n", caproof_version(),
		OpenSSL_version(OPENSSL_VERSION), CAPROOF_LIBP11_VERSION, CAPROOF_P11_KIT_VERSION);
	return CAPROOF_OK;
}

static int no_command(const char *typed) {
	struct error err = ERROR_INIT;

	if (typed == NULL)
		error_set(&err, ERROR_USAGE, "no command was given");
	else
		error_set(&err, ERROR_USAGE, "there is no such command");
	error_hint(&err, "'caproof --help' lists the commands");
	return report_error(&err);
}

static int borrowed_rights(void) {
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_USAGE, "caproof does not run setuid or setgid");
	error_hint(&err, "it would write files and load modules with rights that are not yours: take "
		"these bits off the program");
	return report_error(&err);
}

static int no_memory(void) {
	struct error err = ERROR_INIT;

	error_memory(&err);
	return report_error(&err);
}

static bool asks_for_json(int argc, char **argv) {
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

int main(int argc, char **argv) {
	const char *name = argc > 1 ? argv[1] : NULL;

	harden_process();
	memory_watch();
	json_guard();
	interrupt_install();
	/* caproof needs nothing of openssl.cnf, and an engine or provider named there would be
	 * code that nobody asked for beside a CA key */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
	report_setup("", false, false, asks_for_json(argc, argv));
	if (harden_has_borrowed_rights())
		return borrowed_rights();
	if (name != NULL && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
		strcmp(name, "help") == 0))
		return help();
	if (name != NULL && strcmp(name, "--version") == 0)
		return version();
	for (size_t i = 0; name != NULL && i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		report_setup(commands[i].name, false, false, asks_for_json(argc, argv));
		/* It is made once: without it OpenSSL 3.0 follows NULL in the first fetch. */
		if (OSSL_LIB_CTX_get0_global_default() == NULL)
			return no_memory();
		return commands[i].run(argc - 1, argv + 1);
	}
	return no_command(name);
}
