/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof request` was asked for, what it makes, and what it says: shared by the
 * files request_*.c and cmd_request.c only.
 */
#ifndef CAPROOF_CLI_REQUEST_H
#define CAPROOF_CLI_REQUEST_H

#include "base/file.h"
#include "options.h"
#include "pin.h"
#include "platform/platform.h"
#include "subject.h"
#include "x509/request.h"

/* Texts are borrowed from the values. */
struct request_options {
	const char *code, *code_file, *platform, *out, *key_out;
	struct pin_source pass;
	bool encrypt;
	bool pem, force;
	bool subject_key_given;
	enum subject_key subject_key;
	time_t now;
};

extern const struct command_line request_command_line;
#define REQUEST_OPTION_COUNT 16

NODISCARD enum caproof_status request_options_parse(char **values, struct request_options *out,
	struct error *err);
void request_options_clear(struct request_options *options);
bool request_wants_help(char **values);

struct request_run {
	const struct request_options *options;
	struct platform *platform;
	struct checks checks;    /* of the code */
	char *code;
	struct subject subject;
	struct bytes der;        /* the request */
	struct request *request; /* read back */
	struct output *out, *key_out;
};

/* The summary, and with --json the object. */
NODISCARD enum caproof_status request_report(const struct request_run *run, struct error *err);

#endif
