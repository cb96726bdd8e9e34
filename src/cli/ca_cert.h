/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof ca-cert` was asked for, what it has found, and what it says: shared by
 * the files ca_cert_*.c and cmd_ca_cert.c only.
 */
#ifndef CAPROOF_CLI_CA_CERT_H
#define CAPROOF_CLI_CA_CERT_H

#include "options.h"
#include "own_key.h"
#include "run.h"

struct ca_cert_options {
	struct common_options common;
	struct bytes subject;       /* DER Name; empty with --like */
	const char *like;           /* NULL without */
	struct uri *like_uri;       /* NULL when it is a file */
	bool path_len_given;
	long path_len;              /* -1: no limit */
};

extern const struct command_line ca_cert_command_line;
#define CA_CERT_OPTION_COUNT 32

NODISCARD enum caproof_status ca_cert_options_parse(char **values, struct ca_cert_options *out,
	struct error *err);
void ca_cert_options_clear(struct ca_cert_options *options);
bool ca_cert_wants_help(char **values);

struct ca_cert_run {
	struct run base;
	const struct ca_cert_options *options;
	struct ca *like;            /* NULL without --like */
	struct own_key key;
	char *subject_text;         /* RFC 4514, safe to show */
};

/* What is shown: the plan in words (dry run), the summary, or JSON. */
NODISCARD enum caproof_status ca_cert_report_plan(const struct ca_cert_run *run,
	struct error *err);
NODISCARD enum caproof_status ca_cert_report_done(const struct ca_cert_run *run,
	struct error *err);

#endif
