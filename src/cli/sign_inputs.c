/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof sign` reads, and the plan that is made of it.  Nothing here touches a
 * token, unless the CA certificate itself lies in one.
 */
#include "sign.h"

#include "common.h"
#include "inputs.h"
#include "prepare.h"

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

static enum caproof_status check_form(const struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;

	if (platform_form(run->base.platform) != FORM_SIGNATURE || run->request != NULL)
		return CAPROOF_OK;
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

enum caproof_status sign_plan(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	struct prepare_input input = {
		.plan = {
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
			.refused = &run->base.refused,
		},
		.digest = o->common.digest,
		.pss = o->common.pss,
		.subject_key_given = o->subject_key_given,
		.subject_key = o->subject_key,
	};
	enum caproof_status status = check_form(run, err);

	return status == CAPROOF_OK ? prepare(&input, &run->subject, &run->base.plan, err) : status;
}

void sign_run_clear(struct sign_run *run) {
	subject_clear(&run->subject);
	bytes_clear(&run->code);
	request_free(run->request);
	ca_free(run->ca);
}
