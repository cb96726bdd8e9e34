/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof sign`: plan, find the key, log in, sign, seal.  Everything that can be refused
 * is refused before the PIN is asked for.
 */
#include "cmd.h"

#include "report.h"
#include "sign.h"

static enum caproof_status open_outputs(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	enum caproof_status status = output_open(o->common.out, 0644, o->common.force, &run->base.out,
		err);

	if (status == CAPROOF_OK && o->key_out != NULL)
		status = output_open(o->key_out, 0600, o->common.force, &run->base.key_out, err);
	if (status == CAPROOF_OK && o->key_out != NULL &&
		output_is_same(run->base.out, run->base.key_out)) {
		error_set(err, ERROR_USAGE, "'--out' and '--key-out' are the same file");
		error_hint(err, "name another file for the key");
		status = error_status(err);
	}
	return status;
}

/* With --force a mistyped name would destroy what this very run reads. */
static enum caproof_status spare_inputs(const struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	const char *const inputs[] = { o->ca, o->code_file, o->csr, o->common.platform,
		o->common.pin.path };

	return common_spare_inputs(run->base.out, run->base.key_out, inputs,
		sizeof(inputs) / sizeof(inputs[0]), err);
}

static enum caproof_status sign_and_seal(struct sign_run *run, struct error *err) {
	struct span pem = span_of(NULL, 0);
	BIO *key = NULL;
	char *data;
	enum caproof_status status = CAPROOF_OK;

	if (run->base.key_out != NULL) {
		status = subject_pem(&run->subject, &key, err);
		if (status != CAPROOF_OK)
			return status;
		pem.len = (size_t)BIO_get_mem_data(key, &data);
		pem.data = (const unsigned char *)data;
	}
	status = run_prove(&run->base, run->ca, pem, err);
	BIO_free(key);
	return status;
}

static void note_code(const struct sign_run *run) {
	const struct platform *platform = run->base.platform;

	if (run->base.plan->code_trimmed)
		report_note("caproof: white space around the code was dropped");
	if (run->options->code_issued != PLAN_DEFAULT && platform_code_lifetime(platform) == 0)
		report_note("caproof: the code's age was not checked: the lifetime of codes of platform "
			"'%s' is: %s", platform_name(platform), platform_code_lifetime_text(platform));
}

/* The story of a run, told in order. */
static enum caproof_status run_sign(struct sign_run *run, struct error *err) {
	enum caproof_status status;

	if ((status = run_prepare(&run->base, err)) != CAPROOF_OK)
		return status;
	run_map_module(&run->base);
	if ((status = sign_read(run, err)) != CAPROOF_OK ||
		(status = sign_plan(run, err)) != CAPROOF_OK ||
		(status = open_outputs(run, err)) != CAPROOF_OK ||
		(status = spare_inputs(run, err)) != CAPROOF_OK)
		return status;
	report_check_warnings(&run->base.plan->checks);
	note_code(run);
	if ((status = run_locate(&run->base, &run->ca->key, bytes_span(&run->ca->der), err)) !=
		CAPROOF_OK)
		return status;
	if (run->options->common.dry_run)
		return sign_report_plan(run, err);
	if ((status = sign_and_seal(run, err)) != CAPROOF_OK)
		return status;
	return run_conclude(&run->base, sign_report_done(run, err), err);
}

int cmd_sign(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[SIGN_OPTION_COUNT], *operands[1];
	struct sign_options options;
	struct sign_run run = { .options = &options, .base = { .options = &options.common } };
	int code;

	if (options_parse(&sign_command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (sign_wants_help(values)) {
		options_help(&sign_command_line, argv[0]);
		code = CAPROOF_OK;
	} else if (sign_options_parse(values, &options, &err) != CAPROOF_OK) {
		code = report_error(&err);
	} else {
		run.base.certificate = options.ca_uri;
		if (run_sign(&run, &err) != CAPROOF_OK && err.id == ERROR_NONE)
			error_set(&err, ERROR_INTERNAL, "a step failed without saying why");
		code = run_finish(&run.base, &err);
		sign_run_clear(&run);
		sign_options_clear(&options);
	}
	options_free(&sign_command_line, values, operands);
	return code;
}
