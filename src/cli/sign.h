/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof sign` was asked for, what it has read, and what it says: shared by the
 * files sign_*.c and cmd_sign.c only.
 */
#ifndef CAPROOF_CLI_SIGN_H
#define CAPROOF_CLI_SIGN_H

#include "options.h"
#include "run.h"
#include "subject.h"

/* The options of one run, parsed and checked against each other; texts are borrowed from
 * the values. */
struct sign_options {
	struct common_options common;
	const char *ca, *code, *code_file, *csr, *key_out;
	struct uri *ca_uri;         /* NULL when CA is no URI */
	bool subject_key_given;
	enum subject_key subject_key;
	time_t code_issued;
};

extern const struct command_line sign_command_line;
#define SIGN_OPTION_COUNT 32

NODISCARD enum caproof_status sign_options_parse(char **values, struct sign_options *out,
	struct error *err);
void sign_options_clear(struct sign_options *options);
bool sign_wants_help(char **values);

/* Everything that a run owns. */
struct sign_run {
	struct run base;
	const struct sign_options *options;
	struct ca *ca;
	struct request *request;
	struct bytes code;          /* as given */
	struct subject subject;
};

/* Platform, CA certificate, request, code; the plan made of them. */
NODISCARD enum caproof_status sign_read(struct sign_run *run, struct error *err);
NODISCARD enum caproof_status sign_plan(struct sign_run *run, struct error *err);
/* All but the base. */
void sign_run_clear(struct sign_run *run);

/* What is shown: the plan in words (dry run), the summary, or JSON. */
NODISCARD enum caproof_status sign_report_plan(const struct sign_run *run, struct error *err);
NODISCARD enum caproof_status sign_report_done(const struct sign_run *run, struct error *err);

#endif
