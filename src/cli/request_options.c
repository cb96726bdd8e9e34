/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `caproof request`: one table, and what they mean together.
 */
#include "request.h"

#include <string.h>

#include "common.h"
#include "report.h"

#define OPTION_FILE "request_options.def"
#include "option_table.h"

const struct command_line request_command_line = {
	"(--code CODE | --code-file FILE) --key-out FILE [OPTION...]",
	"Makes a key pair and a certificate request for a verification code, without any\n"
	"token.  Whoever holds the CA's token makes the proof of it with 'caproof sign'.\n\n"
	"Example:\n"
	"  caproof request --code 7f3d9a -p quectel --key-out proof.key --pass prompt \\\n"
	"      -o proof.csr",
	table, 0, 0
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= REQUEST_OPTION_COUNT, "room for every value");

static enum caproof_status parse_outform(char **values, struct request_options *o,
	struct error *err) {
	const char *form = values[OUTFORM];

	o->pem = common_is_pem(form, o->out);
	if (form != NULL && strcmp(form, "pem") != 0 && strcmp(form, "der") != 0)
		return common_bad_value("request", "outform", "pem or der", err);
	return CAPROOF_OK;
}

static enum caproof_status parse_pass(const char *source, struct request_options *o,
	struct error *err) {
	enum caproof_status status;

	if (source == NULL)
		return CAPROOF_OK;
	o->encrypt = true;
	status = pin_source_parse(source, &o->pass, err);
	if (status != CAPROOF_OK && err->id == ERROR_USAGE_PIN_SHOWN)
		error_hint(err, "a pass phrase on the command line can be read by every user of this "
			"machine and stays in the shell's history: use --pass prompt, file:PATH, fd:N, "
			"env:VAR or stdin");
	else if (status == CAPROOF_PIN)
		error_hint(err, "give --pass prompt, file:PATH, fd:N, env:VAR or stdin");
	return status;
}

static enum caproof_status check(const struct request_options *o, bool json, struct error *err) {
	if (o->code == NULL && o->code_file == NULL)
		return common_conflict("there is no code to make a request for",
			"give the code that the platform shows with --code", err);
	if (o->key_out == NULL)
		return common_conflict("nothing says where the private key goes",
			"name a file with --key-out", err);
	if (strcmp(o->key_out, "-") == 0)
		return common_conflict("'--key-out' needs a file of its own", "name a file", err);
	if (json && strcmp(o->out, "-") == 0)
		return common_conflict("with '--json' standard output is taken: the request needs a file",
			"name one with --out", err);
	return CAPROOF_OK;
}

enum caproof_status request_options_parse(char **values, struct request_options *o,
	struct error *err) {
	enum caproof_status status;

	memset(o, 0, sizeof(*o));
	report_setup("request", values[QUIET] != NULL, values[VERBOSE] != NULL, values[JSON] != NULL);
	o->now = time(NULL);
	o->code = values[CODE];
	o->code_file = values[CODE_FILE];
	o->platform = values[PLATFORM] != NULL ? values[PLATFORM] : "generic";
	o->out = values[OUT] != NULL ? values[OUT] : "-";
	o->key_out = values[KEY_OUT];
	o->force = values[FORCE] != NULL;
	o->subject_key_given = values[SUBJECT_KEY] != NULL;
	status = check(o, values[JSON] != NULL, err);
	if (status == CAPROOF_OK && o->subject_key_given)
		status = common_subject_key("request", values[SUBJECT_KEY], false, &o->subject_key, err);
	if (status == CAPROOF_OK)
		status = parse_outform(values, o, err);
	if (status == CAPROOF_OK)
		status = parse_pass(values[PASS], o, err);
	if (status == CAPROOF_OK)
		status = common_code(o->code, o->code_file, (unsigned)pin_path_is_stdin(o->code_file) +
			(unsigned)pin_uses_stdin(&o->pass), err);
	if (status != CAPROOF_OK)
		request_options_clear(o);
	return status;
}

bool request_wants_help(char **values) {
	return values[HELP] != NULL;
}

void request_options_clear(struct request_options *o) {
	pin_source_clear(&o->pass);
}
