/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of checks, in the shape that programs see, and finished proofs held against them.
 */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "verify.h"

static enum caproof_result result_of(enum check_result result) {
	switch (result) {
	case CHECK_OK:
		return CAPROOF_CHECK_OK;
	case CHECK_WARNING:
		return CAPROOF_CHECK_WARNING;
	case CHECK_REFUSED:
		break;
	}
	return CAPROOF_CHECK_REFUSED;
}

enum caproof_status checks_wrap(struct checks *checks, struct caproof_checks **out,
	struct error *err) {
	struct caproof_checks *wrapped = calloc(1, sizeof(*wrapped));
	struct caproof_check *list = calloc(checks->count + 1, sizeof(*list));

	if (wrapped == NULL || list == NULL) {
		free(wrapped);
		free(list);
		checks_clear(checks);
		error_reset(err); /* a verdict, which is less than this */
		return error_memory(err);
	}
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *check = &checks->list[i];

		list[i] = (struct caproof_check){ check->id, result_of(check->result), check->message,
			check->source, check->way_out };
	}
	wrapped->checks = *checks;
	wrapped->list = list;
	*checks = (struct checks)CHECKS_INIT;
	*out = wrapped;
	return CAPROOF_OK;
}

size_t caproof_checks_count(const struct caproof_checks *checks) {
	return checks != NULL ? checks->checks.count : 0;
}

const struct caproof_check *caproof_checks_get0(const struct caproof_checks *checks,
	size_t index) {
	return checks != NULL && index < checks->checks.count ? &checks->list[index] : NULL;
}

enum caproof_result caproof_checks_result(const struct caproof_checks *checks) {
	enum caproof_result worst = CAPROOF_CHECK_OK;

	for (size_t i = 0; i < caproof_checks_count(checks); i++)
		if (checks->list[i].result > worst)
			worst = checks->list[i].result;
	return worst;
}

void caproof_checks_free(struct caproof_checks *checks) {
	if (checks == NULL)
		return;
	checks_clear(&checks->checks);
	free(checks->list);
	free(checks);
}

/* --- finished proofs ----------------------------------------------------------------------- */

static enum caproof_status verify(struct call *call, const struct verify_input *input,
	struct span file, const char *name, struct caproof_checks **out) {
	struct checks checks = CHECKS_INIT;
	char shown[300], what[400];
	enum caproof_status verdict = CAPROOF_OK,
		status = verify_file(input, file, name, &checks, call->err);

	if (status == CAPROOF_OK) {
		snprintf(what, sizeof(what), "the proof '%s' is refused",
			text_safe(shown, sizeof(shown), name, strlen(name)));
		verdict = checks_to_error(&checks, ERROR_PROOF, what, call->err);
	}
	if (status != CAPROOF_OK || out == NULL)
		checks_clear(&checks);
	else
		status = checks_wrap(&checks, out, call->err);
	return status == CAPROOF_OK ? verdict : status;
}

enum caproof_status caproof_verify(struct caproof *c, const struct caproof_ca *ca,
	const struct caproof_platform *platform, const char *code, const void *data, size_t size,
	const char *name, time_t at, struct caproof_checks **checks) {
	struct verify_input input;
	struct call call;

	if (checks != NULL)
		*checks = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (ca == NULL || platform == NULL || data == NULL || name == NULL)
		return call_end(&call, call_needs(&call, "ca, platform, data or name"));
	if (size > FILE_MAX_SIZE)
		return call_end(&call, error_set(call.err, ERROR_INPUT_TOO_LARGE,
			"the proof holds more than 16 MiB"));
	input = (struct verify_input){ ca->ca, platform->platform, code, time_of(at) };
	return call_end(&call, verify(&call, &input, span_of(data, size), name, checks));
}
