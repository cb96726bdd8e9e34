/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof verify`: a finished proof, whoever made it, against the CA certificate, the code
 * and the platform, as the platform's own server will.  No chain is built: the key of this
 * very CA certificate signed it, or it is refused.
 */
#include "cmd.h"

#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"
#include "check_report.h"
#include "inputs.h"
#include "options.h"
#include "verify.h"

#define OPTION_FILE "verify_options.def"
#include "option_table.h"

static const struct command_line command_line = {
	"PROOF -c CA [OPTION...]",
	"Checks a finished proof as the platform will: signed by the key of this very CA\n"
	"certificate, the code alone in its place and equal octet by octet, valid now, no CA.\n\n"
	"Example:\n"
	"  caproof verify proof.pem -c rootCA.pem --code 7f3d9a -p quectel\n\n"
	"Exit codes: 0 the proof is good, 8 it is refused, 3 a file cannot be read as what it should\n"
	"be.  See caproof(1).",
	table, 1, 1
};

struct verify_run {
	const char *proof; /* the file's name */
	time_t at;
	struct platform *platform;
	struct ca *ca;
	struct bytes file;
	struct checks checks;
};

static enum caproof_status bad_usage(const char *what, const char *hint, struct error *err) {
	error_set(err, ERROR_USAGE, "%s", what);
	error_hint(err, "%s", hint);
	return error_status(err);
}

static enum caproof_status read_time(const char *text, time_t *out, struct error *err) {
	*out = time(NULL);
	if (text == NULL || text_time_parse(text, out))
		return CAPROOF_OK;
	return bad_usage("the value of '--at' is not a time in the form 2026-12-31T23:59:59Z",
		"'caproof verify --help' lists the options", err);
}

static enum caproof_status check_usage(char **values, struct verify_run *run, struct error *err) {
	if (values[CA] == NULL)
		return bad_usage("no CA certificate was given", "name it with --ca", err);
	if (strcmp(values[CA], "-") == 0 && strcmp(run->proof, "-") == 0)
		return bad_usage("the proof and the CA certificate cannot both come from standard input",
			"give one of them as a file", err);
	return read_time(values[AT], &run->at, err);
}

static enum caproof_status read_inputs(char **values, struct verify_run *run, struct error *err) {
	const char *platform = values[PLATFORM] != NULL ? values[PLATFORM] : "generic";
	enum caproof_status status;

	if ((status = check_usage(values, run, err)) != CAPROOF_OK ||
		(status = platform_load(platform, inputs_platform_directory(), &run->platform,
			err)) != CAPROOF_OK ||
		(status = inputs_read_ca(values[CA], &run->ca, err)) != CAPROOF_OK)
		return status;
	return file_read(run->proof, "proof", &run->file, err);
}

/* --- what is said ---------------------------------------------------------------- */

static void show(const struct verify_run *run) {
	char shown[400], at[TEXT_TIME_SIZE];

	show_field("proof", text_safe(shown, sizeof(shown), run->proof, strlen(run->proof)));
	show_ca(run->ca);
	snprintf(shown, sizeof(shown), "%s (%s), form %s", platform_name(run->platform),
		platform_title(run->platform), proof_form_name(platform_form(run->platform)));
	show_field("platform", shown);
	show_field("at", text_time(at, run->at));
	show_checks(&run->checks);
}

static json_t *to_json(const struct verify_run *run, const char *code) {
	json_t *object = report_json_new();
	char file[400], shown[1200], at[TEXT_TIME_SIZE];

	text_safe(file, sizeof(file), run->proof, strlen(run->proof));
	if (object != NULL &&
		json_put(object, "proof", json_pack("{s:s, s:s}", "file", file, "form",
			proof_form_name(platform_form(run->platform)))) &&
		json_put(object, "code", code == NULL ? json_null() :
			json_string(text_safe(shown, sizeof(shown), code, strlen(code)))) &&
		json_put(object, "platform", json_string(platform_name(run->platform))) &&
		json_put(object, "ca", json_of_ca(run->ca)) &&
		json_put(object, "time", json_string(text_time(at, run->at))) &&
		json_put(object, "checks", report_json_checks(&run->checks)))
		return object;
	json_decref(object);
	return NULL;
}

static int report(const struct verify_run *run, const char *code) {
	struct error err = ERROR_INIT;
	char shown[300], what[400];

	snprintf(what, sizeof(what), "the proof '%s' is refused",
		text_safe(shown, sizeof(shown), run->proof, strlen(run->proof)));
	if (checks_to_error(&run->checks, ERROR_PROOF, what, &err) == CAPROOF_UNEXPECTED)
		return report_error(&err);
	if (report_is_json())
		return report_result(to_json(run, code), &err);
	show(run);
	return report_result(NULL, &err);
}

static int run_verify(char **values, struct verify_run *run) {
	struct error err = ERROR_INIT;
	struct verify_input input;
	enum caproof_status status = read_inputs(values, run, &err);

	if (status == CAPROOF_OK) {
		input = (struct verify_input){ run->ca, run->platform, values[CODE], run->at };
		status = verify_file(&input, bytes_span(&run->file), run->proof, &run->checks, &err);
	}
	if (status != CAPROOF_OK)
		return report_failure(&err);
	return report(run, values[CODE]);
}

int cmd_verify(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	struct verify_run run = { 0 };
	int code = CAPROOF_OK;

	if (options_parse(&command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	report_setup(argv[0], false, false, values[JSON] != NULL);
	run.proof = operands[0];
	if (values[HELP] != NULL)
		options_help(&command_line, argv[0]);
	else
		code = run_verify(values, &run);
	checks_clear(&run.checks);
	bytes_clear(&run.file);
	ca_free(run.ca);
	platform_free(run.platform);
	options_free(&command_line, values, operands);
	return code;
}
