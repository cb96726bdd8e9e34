/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans.  What the tool reads from its options stands in one struct here; what is made of
 * it is the tool's.
 */
#include "api.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "prepare.h"
#include "x509/request.h"

/* What a program of today knows; an older one, with fewer members, is not known yet. */
#define SIZE_OF_FIRST sizeof(struct caproof_plan_input)

static time_t given(time_t when) {
	return when != 0 ? when : PLAN_DEFAULT;
}

static enum caproof_status refuse(struct call *call, const char *what) {
	error_set(call->err, ERROR_USAGE, "%s", what);
	error_hint(call->err, "libcaproof(3) tells what a plan takes");
	return error_status(call->err);
}

/* Members that this version does not know are refused, unless they are zero. */
static bool is_known(const struct caproof_plan_input *input) {
	const unsigned char *octets = (const unsigned char *)input;

	for (size_t i = sizeof(*input); i < input->size; i++)
		if (octets[i] != 0)
			return false;
	return input->size >= SIZE_OF_FIRST;
}

/* DER puts a zero before a set top bit. */
static bool is_positive(const unsigned char *serial, size_t size) {
	return size <= SERIAL_MAX && serial[0] != 0 &&
		(size < SERIAL_MAX || (serial[0] & 0x80) == 0);
}

static enum caproof_status check_form(struct call *call,
	const struct caproof_plan_input *input) {
	if (platform_form(input->platform->platform) != FORM_SIGNATURE || input->request != NULL)
		return CAPROOF_OK;
	if (input->der)
		return refuse(call, "the platform takes a line of base64 text, not DER");
	if (input->subject_key != CAPROOF_SUBJECT_KEY_DEFAULT)
		return refuse(call, "the platform takes a signature, in which there is no key");
	return CAPROOF_OK;
}

static enum caproof_status check_input(struct call *call,
	const struct caproof_plan_input *input) {
	if (input == NULL)
		return call_needs(call, "input or out");
	if (!is_known(input))
		return refuse(call, "the plan's input is not one of this version of the library");
	if (input->ca == NULL || input->platform == NULL)
		return refuse(call, "the plan has no CA certificate, or no platform");
	if (input->code == NULL && input->request == NULL &&
		platform_form(input->platform->platform) != FORM_NONE)
		return refuse(call, "there is nothing to prove: no code and no request was given");
	if (input->serial_size > 0 && (input->serial == NULL ||
		!is_positive(input->serial, input->serial_size)))
		return refuse(call, "the serial number begins with a zero, or is longer than "
			"20 octets");
	if (input->hash > CAPROOF_HASH_SHA512 || input->subject_key > CAPROOF_SUBJECT_KEY_CA)
		return refuse(call, "the plan has a hash or a kind of key that there is not");
	if (input->request_size > FILE_MAX_SIZE)
		return error_set(call->err, ERROR_INPUT_TOO_LARGE, "the request holds more than 16 MiB");
	return check_form(call, input);
}

static enum digest digest_of(enum caproof_hash hash) {
	static const enum digest digests[] = { DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA384,
		DIGEST_SHA512 };

	return digests[hash];
}

static enum subject_key key_of(enum caproof_subject_key key) {
	static const enum subject_key keys[] = { SUBJECT_KEY_P256, SUBJECT_KEY_P256,
		SUBJECT_KEY_RSA2048, SUBJECT_KEY_RSA3072, SUBJECT_KEY_CA };

	return keys[key];
}

/* The plan's fresh private key is wiped here: whoever wants to keep one brings a request. */
static enum caproof_status make(struct call *call, const struct caproof_plan_input *in,
	const struct request *request, struct plan **plan, struct checks *refused) {
	const char *code = in->code;
	struct prepare_input input = {
		.plan = {
			.ca = in->ca->ca,
			.platform = in->platform->platform,
			.code = span_of(code, code != NULL ? strlen(code) : 0),
			.request = request,
			.serial = span_of(in->serial, in->serial_size),
			.now = time_of(in->now),
			.code_issued = given(in->code_issued),
			.not_before = given(in->not_before),
			.not_after = given(in->not_after),
			.out_name = in->file_name != NULL ? in->file_name : "-",
			.pem = !in->der,
			.refused = refused,
		},
		.digest = digest_of(in->hash),
		.pss = in->pss,
		.subject_key_given = in->subject_key != CAPROOF_SUBJECT_KEY_DEFAULT,
		.subject_key = key_of(in->subject_key),
	};
	struct subject subject = { BYTES_INIT, NULL };
	enum caproof_status status = prepare(&input, &subject, plan, call->err);

	subject_clear(&subject);
	return status;
}

static enum caproof_status wrap(struct call *call, const struct caproof_plan_input *input,
	struct plan *plan, struct caproof_plan **out) {
	struct caproof_plan *wrapped = calloc(1, sizeof(*wrapped));
	enum caproof_status status;

	if (wrapped == NULL) {
		plan_free(plan);
		return error_memory(call->err);
	}
	wrapped->plan = plan;
	wrapped->ca = ca_use((struct caproof_ca *)(uintptr_t)input->ca);
	wrapped->platform = platform_use((struct caproof_platform *)(uintptr_t)input->platform);
	wrapped->now = input->now;
	wrapped->pem = !input->der;
	status = checks_wrap(&plan->checks, &wrapped->checks, call->err);
	if (status == CAPROOF_OK)
		*out = wrapped;
	else
		caproof_plan_free(wrapped);
	return status;
}

static enum caproof_status plan(struct call *call, const struct caproof_plan_input *input,
	struct caproof_plan **out, struct caproof_checks **refused) {
	struct checks checks = CHECKS_INIT;
	struct request *request = NULL;
	struct plan *made = NULL;
	enum caproof_status status = check_input(call, input);

	if (status == CAPROOF_OK && input->request != NULL)
		status = request_parse(span_of(input->request, input->request_size), "request", &request,
			call->err);
	if (status == CAPROOF_OK)
		status = make(call, input, request, &made, &checks);
	if (status == CAPROOF_OK)
		status = wrap(call, input, made, out);
	else if (refused != NULL && checks_first_refused(&checks) != NULL &&
		checks_wrap(&checks, refused, call->err) != CAPROOF_OK)
		status = CAPROOF_UNEXPECTED;
	checks_clear(&checks);
	request_free(request);
	return status;
}

enum caproof_status caproof_plan_make(struct caproof *c, const struct caproof_plan_input *input,
	struct caproof_plan **out, struct caproof_checks **refused) {
	struct call call;

	if (out != NULL)
		*out = NULL;
	if (refused != NULL)
		*refused = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (out == NULL)
		return call_end(&call, call_needs(&call, "input or out"));
	return call_end(&call, plan(&call, input, out, refused));
}

void caproof_plan_free(struct caproof_plan *plan) {
	if (plan == NULL)
		return;
	plan_free(plan->plan);
	caproof_checks_free(plan->checks);
	caproof_ca_free(plan->ca);
	caproof_platform_free(plan->platform);
	free(plan);
}

const void *caproof_plan_octets(const struct caproof_plan *plan, size_t *size) {
	if (plan == NULL || size == NULL)
		return NULL;
	*size = plan->plan->tbs.len;
	return plan->plan->tbs.data;
}

const char *caproof_plan_code(const struct caproof_plan *plan) {
	return plan != NULL ? plan->plan->code : NULL;
}

const char *caproof_plan_serial(const struct caproof_plan *plan) {
	return plan != NULL ? plan->plan->serial : NULL;
}

time_t caproof_plan_not_before(const struct caproof_plan *plan) {
	return plan != NULL ? plan->plan->not_before : 0;
}

time_t caproof_plan_not_after(const struct caproof_plan *plan) {
	return plan != NULL ? plan->plan->not_after : 0;
}

const struct caproof_checks *caproof_plan_get0_checks(const struct caproof_plan *plan) {
	return plan != NULL ? plan->checks : NULL;
}
