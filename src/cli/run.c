/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of a run that signs.  Everything that can be refused is refused before the
 * PIN is asked for; the order of the steps is their callers' story.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "inputs.h"
#include "interrupt.h"
#include "report.h"
#include "token/certificate.h"

#define TOUCH_NOTICE_MS 2000

static bool cancelled(void *arg) {
	(void)arg;
	return interrupt_pending();
}

enum caproof_status run_stop_if_interrupted(struct error *err) {
	if (interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	return CAPROOF_OK;
}

/* What is said by those who may not format: the second Ctrl-C and the watchdog. */
enum caproof_status run_prepare(struct run *run, struct error *err) {
	struct error late = ERROR_INIT, stopped = ERROR_INIT;

	error_set(&stopped, ERROR_INTERRUPTED, "interrupted");
	error_set(&late, ERROR_TIMEOUT, "the PKCS#11 module did not answer within %u seconds",
		run->options->timeout);
	if (run->stopped_hint != NULL) {
		error_hint(&stopped, "%s", run->stopped_hint);
		error_hint(&late, "%s", run->stopped_hint);
	}
	if (!report_prepare(&stopped, &run->stopped_text, &run->stopped_json) ||
		!report_prepare(&late, &run->late_text, &run->late_json))
		return error_memory(err);
	interrupt_set_texts(run->stopped_text, run->stopped_json);
	return CAPROOF_OK;
}

enum caproof_status run_load_platform(struct run *run, struct error *err) {
	return platform_load(run->options->platform, inputs_platform_directory(), &run->platform, err);
}

enum caproof_status run_read_certificate(struct run *run, const char *path, const char *what,
	struct ca **out, struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status;

	if (run->certificate == NULL) {
		status = file_read(path, what, &file, err);
	} else {
		status = run_open_module(run, err);
		if (status == CAPROOF_OK)
			status = certificate_read(run->module, run->certificate, &file, err);
	}
	if (status == CAPROOF_OK)
		status = ca_parse(bytes_span(&file), path, out, err);
	bytes_clear(&file);
	return status;
}

static struct signer_query make_query(const struct run *run) {
	const struct common_options *o = run->options;

	return (struct signer_query){
		.uri = o->key,
		.pin_names_token = pin_is_prompt(&o->pin),
		.allow_final_try = o->allow_final_try,
		.pin = { pin_ask, pin_notify, (void *)(uintptr_t)&o->pin },
	};
}

enum caproof_status run_locate(struct run *run, const struct public_key *key,
	struct span certificate, struct error *err) {
	return run_locate_for(run, key, certificate, &run->plan->algorithm, 1, err);
}

enum caproof_status run_locate_for(struct run *run, const struct public_key *key,
	struct span certificate, const struct algorithm *algorithms, size_t count,
	struct error *err) {
	struct signer_query query = make_query(run);
	enum caproof_status status;

	if (run->signer != NULL)
		return signer_know(run->signer, key, algorithms, err);
	query.public_key = key;
	query.certificate = certificate;
	query.algorithms_count = count;
	memcpy(query.algorithms, algorithms, count * sizeof(*algorithms));
	status = run_open_module(run, err);
	if (status == CAPROOF_OK)
		status = run_stop_if_interrupted(err);
	if (status == CAPROOF_OK)
		status = signer_locate(run->module, &query, &run->signer, err);
	return status;
}

enum caproof_status run_reveal(struct run *run, struct own_key *out, struct error *err) {
	struct signer_query query = make_query(run);
	enum caproof_status status = run_stop_if_interrupted(err);

	if (status == CAPROOF_OK)
		status = own_key_reveal(run->module, &query, out, &run->signer, err);
	interrupt_timeout_resume(); /* a PIN pad's notice stopped it */
	return status == CAPROOF_OK ? run_stop_if_interrupted(err) : status;
}

#define TOUCH_NOTICE "caproof: waiting for the token: it may want to be touched, or a " \
	"confirmation on its own display\n"

void run_notice_touch(bool over_bar) {
	interrupt_notice_start(TOUCH_NOTICE_MS, over_bar ? "\r\033[K" TOUCH_NOTICE : TOUCH_NOTICE);
}

enum caproof_status run_unlock(struct run *run, struct error *err) {
	enum caproof_status status = signer_unlock(run->signer, err);

	interrupt_timeout_resume(); /* a PIN pad's notice stopped it */
	return status == CAPROOF_OK ? run_stop_if_interrupted(err) : status;
}

enum caproof_status run_prove(struct run *run, const struct ca *ca, struct span key_pem,
	struct error *err) {
	struct prove_item item = {
		.plan = run->plan,
		.ca = ca,
		.platform = run->platform,
		.now = run->options->now,
		.pem = run->options->pem,
		.out = run->out,
		.key_out = run->key_out,
		.key_pem = key_pem,
		.cancelled = cancelled,
	};
	enum caproof_status status = run_unlock(run, err);

	if (status != CAPROOF_OK)
		return status;
	run_notice_touch(false);
	status = prove(run->signer, &item, &run->proof, err);
	interrupt_notice_stop();
	interrupt_timeout_resume();
	return status;
}

void run_clear(struct run *run) {
	run_end_mapping(run);
	proof_clear(&run->proof);
	signer_free(run->signer);
	module_close(run->module);
	output_free(run->out);
	output_free(run->key_out);
	plan_free(run->plan);
	checks_clear(&run->refused);
	platform_free(run->platform);
}

enum caproof_status run_conclude(struct run *run, enum caproof_status reported,
	struct error *err) {
	if (reported == CAPROOF_OK)
		return CAPROOF_OK;
	if (strcmp(run->options->out, "-") == 0) {
		report_warning("the result is out, but could not be described: %s", err->message);
		error_reset(err);
		return CAPROOF_OK;
	}
	output_retract(run->out);
	if (run->key_out != NULL)
		output_retract(run->key_out);
	return reported;
}

int run_finish(struct run *run, const struct error *err) {
	int code = CAPROOF_OK;

	report_tell_checks(run->plan != NULL ? &run->plan->checks : &run->refused);
	if (err->id != ERROR_NONE)
		code = run->json_told ? report_error_text(err) : report_error(err);
	report_tell_checks(NULL);
	if (err->id == ERROR_INTERRUPTED)
		code = interrupt_status();
	run_clear(run);
	interrupt_finish();
	interrupt_set_texts(NULL, NULL);
	free(run->stopped_text);
	free(run->stopped_json);
	free(run->late_text);
	free(run->late_json);
	run_leave_mapping(run, code);
	return code;
}

const char *run_place(const struct run *run, char *buf, size_t size) {
	const char *out = run->options->out;

	if (strcmp(out, "-") == 0)
		out = "standard output";
	return text_safe(buf, size, out, strlen(out));
}

const char *run_key_name(const struct run *run, char *buf, size_t size) {
	const struct signer_key *key = signer_get0_key(run->signer);

	if (key->uri == NULL)
		snprintf(buf, size, "found after the login");
	else
		snprintf(buf, size, "'%s' (id %s)", key->label, key->id[0] != '\0' ? key->id : "none");
	return buf;
}
