/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `caproof batch`: one table, parsed strictly, and what they mean together.
 */
#include <string.h>

#include "base/text.h"
#include "batch_cmd.h"

#define OPTION_FILE "batch_options.def"
#include "option_table.h"

const struct command_line batch_command_line = {
	"LIST.csv -c CA [OPTION...]",
	"Makes a proof for every row of a list, with one login.  LIST.csv (RFC 4180; '-' is\n"
	"standard input) begins with a line that names its columns: code or csr or both, and\n"
	"platform, tenant, out, code_issued, note as needed.  The whole list is checked before\n"
	"the PIN is asked for.  A journal in the folder lets --resume go on after whatever\n"
	"interrupted it.\n\n"
	"Example:\n"
	"  caproof batch regions.csv -c rootCA.pem -p aws-iot -d proofs \\\n"
	"      -m /usr/lib/softhsm/libsofthsm2.so\n\n"
	"Exit codes: 0 done, 2 command line, 3 list, row or rule, 4 module or token, 5 PIN, 6 key,\n"
	"7 output, 8 a signature does not verify, 130 and 143 interrupted (what is finished\n"
	"stays).  See caproof(1).",
	table, 1, 1
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= BATCH_OPTION_COUNT, "room for every value");

static enum caproof_status check_inputs(const struct batch_options *o, struct error *err) {
	unsigned stdin_users = (unsigned)pin_path_is_stdin(o->ca) +
		(unsigned)pin_path_is_stdin(o->list) + (unsigned)pin_uses_stdin(&o->common.pin);

	if (o->ca == NULL)
		return common_conflict("no CA certificate was given",
			"name it with --ca; 'caproof batch --help' shows an example", err);
	if (stdin_users > 1)
		return common_conflict("standard input cannot be read for two things at once",
			"give one of them by a file", err);
	return CAPROOF_OK;
}

static void take_common(char **values, struct common_values *out) {
	*out = (struct common_values){
		.command = "batch",
		.platform = values[PLATFORM],
		.key = values[KEY],
		.module = values[MODULE],
		.pin = values[PIN],
		.days = values[DAYS],
		.not_before = values[NOT_BEFORE],
		.not_after = values[NOT_AFTER],
		.hash = values[HASH],
		.timeout = values[TIMEOUT],
		.pss = values[PSS] != NULL,
		.force = values[FORCE] != NULL,
		.allow_final_try = values[ALLOW_FINAL_TRY] != NULL,
		.dry_run = values[DRY_RUN] != NULL,
		.json = values[JSON] != NULL,
		.quiet = values[QUIET] != NULL,
		.verbose = values[VERBOSE] != NULL,
	};
}

static enum caproof_status parse_jobs(const char *value, unsigned *out, struct error *err) {
	uint64_t jobs = 0;

	if (value != NULL && !text_number(value, 1, SIGNER_SESSIONS_MAX, &jobs))
		return common_bad_value("batch", "jobs", "a number from 1 to 32", err);
	*out = (unsigned)jobs;
	return CAPROOF_OK;
}

static enum caproof_status parse_own(char **values, char **operands, struct batch_options *o,
	struct error *err) {
	enum caproof_status status = parse_jobs(values[JOBS], &o->jobs, err);

	o->list = operands[0];
	o->ca = values[CA];
	o->out_dir = values[OUT_DIR] != NULL ? values[OUT_DIR] : ".";
	o->keep_going = values[KEEP_GOING] != NULL;
	o->resume = values[RESUME] != NULL;
	o->subject_key_given = values[SUBJECT_KEY] != NULL;
	if (status == CAPROOF_OK && o->ca != NULL && uri_is_uri(o->ca))
		status = uri_parse(o->ca, URI_COMMAND_LINE, &o->ca_uri, err);
	if (status == CAPROOF_OK && o->subject_key_given)
		status = common_subject_key("batch", values[SUBJECT_KEY], true, &o->subject_key, err);
	return status;
}

enum caproof_status batch_options_parse(char **values, char **operands, struct batch_options *o,
	struct error *err) {
	struct common_values common;
	enum caproof_status status;

	memset(o, 0, sizeof(*o));
	take_common(values, &common);
	if ((status = common_options_parse(&common, &o->common, err)) != CAPROOF_OK ||
		(status = parse_own(values, operands, o, err)) != CAPROOF_OK ||
		(status = check_inputs(o, err)) != CAPROOF_OK)
		batch_options_clear(o);
	return status;
}

bool batch_wants_help(char **values) {
	return values[HELP] != NULL;
}

void batch_options_clear(struct batch_options *o) {
	common_options_clear(&o->common);
	uri_free(o->ca_uri);
	o->ca_uri = NULL;
}
