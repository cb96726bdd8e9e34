/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `caproof sign`: one table, parsed strictly, and what they mean together.
 */
#include "sign.h"

#include <string.h>

#define OPTION_FILE "sign_options.def"
#include "option_table.h"

const struct command_line sign_command_line = {
	"-c CA (--code CODE | --code-file FILE | --csr FILE) [OPTION...]",
	"Makes the proof that a CA is yours: a verification certificate for the\n"
	"platform's code, signed by the CA's private key inside its PKCS#11 token.\n\n"
	"Example:\n"
	"  caproof sign -c rootCA.pem --code 7f3d9a -p quectel \\\n"
	"      -m /usr/lib/softhsm/libsofthsm2.so -o verification.pem\n\n"
	"Exit codes: 0 done, 2 command line, 3 input or rule, 4 module or token, 5 PIN,\n"
	"6 key, 7 output, 8 the signature does not verify, 130 and 143 interrupted.\n"
	"See caproof(1).",
	table, 0, 0
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= SIGN_OPTION_COUNT, "room for every value");

static enum caproof_status check_inputs(const struct sign_options *o, struct error *err) {
	unsigned stdin_users = (unsigned)pin_path_is_stdin(o->ca) +
		(unsigned)pin_path_is_stdin(o->code_file) + (unsigned)pin_path_is_stdin(o->csr) +
		(unsigned)pin_uses_stdin(&o->common.pin);

	if (o->ca == NULL)
		return common_conflict("no CA certificate was given",
			"name it with --ca; 'caproof sign --help' shows an example", err);
	return common_code(o->code, o->code_file, stdin_users, err);
}

static enum caproof_status check_outputs(const struct sign_options *o, struct error *err) {
	if (o->common.json && !o->common.dry_run && strcmp(o->common.out, "-") == 0)
		return common_conflict("with '--json' standard output is taken: the proof needs a file",
			"name one with --out", err);
	if (o->csr != NULL && (o->subject_key_given || o->key_out != NULL))
		return common_conflict("with '--csr' the proof's key is the request's: there is no fresh "
			"key", "leave out --subject-key and --key-out", err);
	if (o->key_out == NULL)
		return CAPROOF_OK;
	if (o->subject_key_given && o->subject_key == SUBJECT_KEY_CA)
		return common_conflict("with '--subject-key ca' there is no fresh key to keep",
			"leave out --key-out", err);
	if (strcmp(o->key_out, "-") == 0 || strcmp(o->key_out, o->common.out) == 0)
		return common_conflict("'--key-out' needs a file of its own", "name another file", err);
	return CAPROOF_OK;
}

static void take_common(char **values, struct common_values *out) {
	*out = (struct common_values){
		.command = "sign",
		.platform = values[PLATFORM],
		.key = values[KEY],
		.module = values[MODULE],
		.pin = values[PIN],
		.out = values[OUT],
		.outform = values[OUTFORM],
		.days = values[DAYS],
		.not_before = values[NOT_BEFORE],
		.not_after = values[NOT_AFTER],
		.hash = values[HASH],
		.serial = values[SERIAL],
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

static enum caproof_status parse_own(char **values, struct sign_options *o, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	o->ca = values[CA];
	o->code = values[CODE];
	o->code_file = values[CODE_FILE];
	o->csr = values[CSR];
	o->key_out = values[KEY_OUT];
	o->code_issued = PLAN_DEFAULT;
	o->subject_key_given = values[SUBJECT_KEY] != NULL;
	if (o->ca != NULL && uri_is_uri(o->ca))
		status = uri_parse(o->ca, URI_COMMAND_LINE, &o->ca_uri, err);
	if (status == CAPROOF_OK)
		status = common_time("sign", "code-issued", values[CODE_ISSUED], &o->code_issued, err);
	if (status == CAPROOF_OK && o->subject_key_given)
		status = common_subject_key("sign", values[SUBJECT_KEY], true, &o->subject_key, err);
	return status;
}

enum caproof_status sign_options_parse(char **values, struct sign_options *o, struct error *err) {
	struct common_values common;
	enum caproof_status status;

	memset(o, 0, sizeof(*o));
	take_common(values, &common);
	if ((status = common_options_parse(&common, &o->common, err)) != CAPROOF_OK ||
		(status = parse_own(values, o, err)) != CAPROOF_OK ||
		(status = check_inputs(o, err)) != CAPROOF_OK ||
		(status = check_outputs(o, err)) != CAPROOF_OK)
		sign_options_clear(o);
	return status;
}

bool sign_wants_help(char **values) {
	return values[HELP] != NULL;
}

void sign_options_clear(struct sign_options *o) {
	common_options_clear(&o->common);
	uri_free(o->ca_uri);
	o->ca_uri = NULL;
}
