/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof sign`: plan, find the key, log in, sign, seal.  Everything that can be refused
 * is refused before the PIN is asked for.
 */
#include "cmd.h"

#include <stdlib.h>

#include "interrupt.h"
#include "report.h"
#include "sign.h"

#define TOUCH_NOTICE_MS 2000

static bool cancelled(void *arg) {
	(void)arg;
	return interrupt_pending();
}

static enum caproof_status stop_if_interrupted(struct error *err) {
	if (interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	return CAPROOF_OK;
}

/* What is said by those who may not format: the second Ctrl-C and the watchdog. */
static enum caproof_status prepare_texts(struct sign_run *run, struct error *err) {
	struct error late = ERROR_INIT, stopped = ERROR_INIT;

	error_set(&stopped, ERROR_INTERRUPTED, "interrupted");
	error_set(&late, ERROR_TIMEOUT, "the PKCS#11 module did not answer within %u seconds",
		run->options->timeout);
	if (!report_prepare(&stopped, &run->stopped_text, &run->stopped_json) ||
		!report_prepare(&late, &run->late_text, &run->late_json))
		return error_memory(err);
	interrupt_set_texts(run->stopped_text, run->stopped_json);
	/* From here on a module may hang: in loading, in any call, in C_Finalize. */
	return interrupt_timeout_start(run->options->timeout, run->late_text, run->late_json, err);
}

static enum caproof_status open_outputs(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	enum caproof_status status = output_open(o->out, 0644, o->force, &run->out, err);

	if (status == CAPROOF_OK && o->key_out != NULL)
		status = output_open(o->key_out, 0600, o->force, &run->key_out, err);
	return status;
}

static enum caproof_status locate(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	struct signer_query query = {
		.uri = o->key,
		.public_key = &run->ca->key,
		.certificate = bytes_span(&run->ca->der),
		.algorithm = run->plan->algorithm,
		.pin_names_token = pin_is_prompt(&o->pin),
		.allow_final_try = o->allow_final_try,
		.pin = { pin_ask, pin_notify, (void *)(uintptr_t)&o->pin },
	};
	enum caproof_status status = sign_open_module(run, err);

	if (status == CAPROOF_OK)
		status = stop_if_interrupted(err);
	if (status == CAPROOF_OK)
		status = signer_locate(run->module, &query, &run->signer, err);
	return status;
}

static enum caproof_status sign_and_seal(struct sign_run *run, struct error *err) {
	struct prove_item item = {
		.plan = run->plan,
		.ca = run->ca,
		.platform = run->platform,
		.now = run->options->now,
		.pem = run->options->pem,
		.out = run->out,
		.key_out = run->key_out,
		.cancelled = cancelled,
	};
	BIO *key = NULL;
	char *data;
	enum caproof_status status = CAPROOF_OK;

	if (run->key_out != NULL) {
		status = subject_pem(&run->subject, &key, err);
		if (status != CAPROOF_OK)
			return status;
		item.key_pem.len = (size_t)BIO_get_mem_data(key, &data);
		item.key_pem.data = (const unsigned char *)data;
	}
	interrupt_notice_start(TOUCH_NOTICE_MS, "caproof: waiting for the token: it may want to be "
		"touched, or a confirmation on its own display\n");
	status = prove(run->signer, &item, &run->proof, err);
	interrupt_notice_stop();
	BIO_free(key);
	return status;
}

/* The story of a run, told in order. */
static enum caproof_status run_sign(struct sign_run *run, struct error *err) {
	enum caproof_status status;

	if ((status = prepare_texts(run, err)) != CAPROOF_OK ||
		(status = sign_read(run, err)) != CAPROOF_OK ||
		(status = sign_plan(run, err)) != CAPROOF_OK ||
		(status = open_outputs(run, err)) != CAPROOF_OK)
		return status;
	report_check_warnings(&run->plan->checks);
	if ((status = locate(run, err)) != CAPROOF_OK)
		return status;
	if (run->options->dry_run)
		return sign_report_plan(run, err);
	if ((status = signer_unlock(run->signer, err)) != CAPROOF_OK ||
		(status = stop_if_interrupted(err)) != CAPROOF_OK ||
		(status = sign_and_seal(run, err)) != CAPROOF_OK)
		return status;
	return sign_report_done(run, err);
}

static int finish(struct sign_run *run, const struct error *err) {
	int code = (int)error_status(err);

	if (err->id == ERROR_INTERRUPTED)
		code = interrupt_status();
	if (err->id != ERROR_NONE)
		report_error(err);
	sign_run_clear(run);
	interrupt_finish();
	interrupt_set_texts(NULL, NULL);
	free(run->stopped_text);
	free(run->stopped_json);
	free(run->late_text);
	free(run->late_json);
	return code;
}

int cmd_sign(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[SIGN_OPTION_COUNT], *operands[1];
	struct sign_options options;
	struct sign_run run = { .options = &options };
	int code;

	if (options_parse(&sign_command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (sign_wants_help(values)) {
		options_help(&sign_command_line, argv[0]);
		code = CAPROOF_OK;
	} else if (sign_options_parse(values, &options, &err) != CAPROOF_OK) {
		code = report_error(&err);
	} else {
		if (run_sign(&run, &err) != CAPROOF_OK && err.id == ERROR_NONE)
			error_set(&err, ERROR_INTERNAL, "a step failed without saying why");
		code = finish(&run, &err);
		sign_options_clear(&options);
	}
	options_free(&sign_command_line, values, operands);
	return code;
}
