/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof sign` was asked for, what it has read, and what it says: shared by the
 * files sign_*.c and cmd_sign.c only.
 */
#ifndef CAPROOF_CLI_SIGN_H
#define CAPROOF_CLI_SIGN_H

#include "options.h"
#include "pin.h"
#include "prove.h"
#include "subject.h"

/* The options of one run, parsed and checked against each other; texts are borrowed from
 * `values`. */
struct sign_options {
	char **values;
	const char *ca, *code, *code_file, *csr, *platform, *out, *key_out;
	const char *module_option;
	struct uri *key, *ca_uri;   /* NULL when not given, or not a URI */
	struct pin_source pin;
	bool pem, force, allow_final_try, dry_run, json;
	enum digest digest;         /* DIGEST_NONE: by the key */
	bool pss;
	bool subject_key_given;
	enum subject_key subject_key;
	unsigned char serial[SERIAL_MAX];
	size_t serial_len;          /* 0: random */
	time_t now, code_issued, not_before, not_after;
	unsigned timeout;           /* seconds; 0: none */
};

extern const struct command_line sign_command_line;
#define SIGN_OPTION_COUNT 32

NODISCARD enum caproof_status sign_options_parse(char **values, struct sign_options *out,
	struct error *err);
void sign_options_clear(struct sign_options *options);
bool sign_wants_help(char **values);

/* Everything that a run owns. */
struct sign_run {
	const struct sign_options *options;
	struct platform *platform;
	struct module *module;
	struct ca *ca;
	struct request *request;
	struct bytes code;          /* as given */
	struct subject subject;
	struct plan *plan;
	struct output *out, *key_out;
	struct signer *signer;
	struct proof proof;
	char *stopped_text, *stopped_json, *late_text, *late_json; /* see interrupt.h */
};

/* Platform, CA certificate, request, code; the plan made of them. */
NODISCARD enum caproof_status sign_read(struct sign_run *run, struct error *err);
NODISCARD enum caproof_status sign_plan(struct sign_run *run, struct error *err);
/* The module that the options name, once. */
NODISCARD enum caproof_status sign_open_module(struct sign_run *run, struct error *err);
void sign_run_clear(struct sign_run *run);

/* What is shown: the plan in words (dry run), the summary, or JSON. */
NODISCARD enum caproof_status sign_report_plan(const struct sign_run *run, struct error *err);
NODISCARD enum caproof_status sign_report_done(const struct sign_run *run, struct error *err);

#endif
