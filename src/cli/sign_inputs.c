/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof sign` reads, and the plan that is made of it.  Nothing here touches a
 * token, unless the CA certificate itself lies in one.
 */
#include "sign.h"

#include "common.h"
#include "inputs.h"

static enum caproof_status read_request(struct sign_run *run, struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status;

	if (run->options->csr == NULL)
		return CAPROOF_OK;
	status = file_read(run->options->csr, "request", &file, err);
	if (status == CAPROOF_OK)
		status = request_parse(bytes_span(&file), run->options->csr, &run->request, err);
	bytes_clear(&file);
	return status;
}

/* A platform that needs no proof has no code either: the plan says so. */
static enum caproof_status read_code(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;

	if (o->code == NULL && o->code_file == NULL && o->csr == NULL &&
		platform_form(run->base.platform) != FORM_NONE)
		return common_conflict("there is nothing to prove: no code and no request was given",
			"give the code that the platform shows with --code", err);
	return inputs_read_code(o->code, o->code_file, &run->code, err);
}

enum caproof_status sign_read(struct sign_run *run, struct error *err) {
	enum caproof_status status;

	if ((status = run_load_platform(&run->base, err)) != CAPROOF_OK ||
		(status = read_code(run, err)) != CAPROOF_OK ||
		(status = read_request(run, err)) != CAPROOF_OK)
		return status;
	return run_read_certificate(&run->base, run->options->ca, "CA certificate", &run->ca, err);
}

static enum caproof_status make_subject(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;

	if (run->request != NULL || platform_form(run->base.platform) == FORM_NONE)
		return CAPROOF_OK;
	if (platform_form(run->base.platform) == FORM_SIGNATURE) {
		if (!o->common.pem) {
			error_set(err, ERROR_USAGE, "platform '%s' takes a line of base64 text, not DER",
				platform_name(run->base.platform));
			error_hint(err, "leave out --outform, and let the output's name not end in .der");
			return error_status(err);
		}
		if (!o->subject_key_given && o->key_out == NULL)
			return CAPROOF_OK;
		error_set(err, ERROR_USAGE, "platform '%s' takes a signature, in which there is no key",
			platform_name(run->base.platform));
		error_hint(err, "leave out --subject-key and --key-out");
		return error_status(err);
	}
	return subject_make(o->subject_key_given ? o->subject_key :
		platform_subject_key(run->base.platform), run->ca, &run->subject, err);
}

enum caproof_status sign_plan(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	unsigned char random[SERIAL_SIZE];
	struct plan_input input = {
		.ca = run->ca,
		.platform = run->base.platform,
		.code = bytes_span(&run->code),
		.request = run->request,
		.serial = span_of(o->common.serial, o->common.serial_len),
		.now = o->common.now,
		.code_issued = o->code_issued,
		.not_before = o->common.not_before,
		.not_after = o->common.not_after,
		.out_name = o->common.out,
		.pem = o->common.pem,
	};
	enum caproof_status status = run_choose_algorithm(&run->base, run->ca, &input.algorithm, err);

	if (status == CAPROOF_OK)
		status = make_subject(run, err);
	if (status == CAPROOF_OK && o->common.serial_len == 0) {
		status = serial_make(random, err);
		input.serial = span_of(random, sizeof(random));
	}
	if (status != CAPROOF_OK)
		return status;
	input.subject_spki = bytes_span(&run->subject.spki);
	return plan_build(&input, &run->base.plan, err);
}

void sign_run_clear(struct sign_run *run) {
	subject_clear(&run->subject);
	bytes_clear(&run->code);
	request_free(run->request);
	ca_free(run->ca);
}
