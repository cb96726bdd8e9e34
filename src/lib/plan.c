/* SPDX-License-Identifier: Apache-2.0
 *
 * From code, CA certificate and rules to the octets to be signed.
 */
#include "plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define DAY (24 * 60 * 60)

/* The first rule that refuses becomes the error; the others follow in the hint. */
static enum caproof_status refuse(const struct plan_input *input, const struct checks *checks,
	struct error *err) {
	const struct check *first = checks_first_refused(checks);
	bool code = first != NULL && strncmp(first->id, "code.", 5) == 0;

	if (first == NULL)
		return CAPROOF_OK;
	if (code)
		error_set(err, ERROR_CODE, "the code is refused: %s", first->message);
	else if (strncmp(first->id, "output.", 7) == 0)
		error_set(err, ERROR_RULE, "platform '%s' refuses such a proof: %s",
			platform_name(input->platform), first->message);
	else
		error_set(err, ERROR_RULE, "platform '%s' refuses '%s': %s",
			platform_name(input->platform), input->ca->name, first->message);
	if (first->way_out != NULL)
		error_hint(err, "%s", first->way_out);
	for (const struct check *c = first + 1; c < checks->list + checks->count; c++)
		if (c->result == CHECK_REFUSED)
			error_hint_line(err, "also: %s", c->message);
	return error_status(err);
}

/* What codes are made of; a host name, a mail address or a person's name is not. */
static bool is_plain_code(struct span code) {
	for (size_t i = 0; i < code.len; i++)
		if (!isalnum(code.data[i]) && code.data[i] != '-' && code.data[i] != '_')
			return false;
	return code.len > 0;
}

static enum caproof_status code_of_request(const struct request *request, struct span *code,
	struct error *err) {
	char shown[256];

	*code = bytes_span(&request->code);
	if (code->len == 0)
		return error_set(err, ERROR_CSR_CODE, "the request '%s' has no Common Name to be the code",
			request->name);
	if (is_plain_code(*code))
		return CAPROOF_OK;
	error_set(err, ERROR_CSR_CODE, "the request '%s' has the Common Name '%s', which does not look "
		"like a verification code", request->name,
		text_safe(shown, sizeof(shown), code->data, code->len));
	error_hint(err, "if it is the code, give it with --code as well");
	return error_status(err);
}

/* The code, from where it was given; a request must carry the same. */
static enum caproof_status read_code(const struct plan_input *input, struct plan *plan,
	struct error *err) {
	struct span code = span_trim(input->code);
	enum caproof_status status = CAPROOF_OK;

	plan->code_trimmed = code.len != input->code.len;
	if (input->code.data == NULL)
		status = code_of_request(input->request, &code, err);
	else if (input->request != NULL && !span_equal(code, bytes_span(&input->request->code)))
		status = error_set(err, ERROR_CSR_CODE, "the request '%s' does not have the code as its "
			"Common Name", input->request->name);
	if (status != CAPROOF_OK)
		return status;
	status = platform_check_code(input->platform, (const char *)code.data, code.len,
		input->code_issued, input->now, &plan->checks, err);
	if (status == CAPROOF_OK)
		status = refuse(input, &plan->checks, err);
	if (status != CAPROOF_OK)
		return status;
	plan->code = strndup((const char *)code.data, code.len);
	return plan->code != NULL ? CAPROOF_OK : error_memory(err);
}

/* What to do instead, with the CA's name filled in. */
static enum caproof_status hint_steps(const struct plan_input *input, const struct check *refused,
	struct error *err) {
	struct platform_values values = { .ca_file = input->ca->name, .ca_sha256 = input->ca->sha256 };
	struct error failed = ERROR_INIT;
	char **steps;

	if (platform_next_steps(input->platform, &values, &steps, &failed) != CAPROOF_OK) {
		*err = failed;
		return error_status(err);
	}
	error_hint(err, "%s", refused != NULL && refused->way_out != NULL ? refused->way_out :
		"register the CA certificate without one:");
	for (char **step = steps; *step != NULL; step++)
		error_hint_line(err, "%s", *step);
	platform_free_steps(steps);
	return error_status(err);
}

/* A platform that needs no proof refuses one, and so the code for it. */
static enum caproof_status make_nothing(const struct plan_input *input, struct checks *checks,
	struct error *err) {
	struct span code = span_trim(input->code);
	const struct check *refused;
	enum caproof_status status = platform_check_code(input->platform, (const char *)code.data,
		code.len, input->code_issued, input->now, checks, err);

	if (status != CAPROOF_OK)
		return status;
	refused = checks_first_refused(checks);
	error_set(err, ERROR_PLATFORM_NO_PROOF, "platform '%s' needs no proof: nothing was made%s%s",
		platform_name(input->platform), refused != NULL ? "; " : "",
		refused != NULL ? refused->message : "");
	return hint_steps(input, refused, err);
}

static enum caproof_status check_rules(const struct plan_input *input, struct plan *plan,
	struct error *err) {
	enum caproof_status status;

	plan->form = platform_form(input->platform);
	if (plan->form == FORM_NONE)
		return make_nothing(input, &plan->checks, err);
	status = platform_check_ca(input->platform, &input->ca->facts, input->now, &plan->checks, err);
	if (status == CAPROOF_OK)
		status = platform_check_output(input->platform, &input->algorithm, input->out_name,
			input->pem, &plan->checks, err);
	if (status == CAPROOF_OK)
		status = refuse(input, &plan->checks, err);
	return status;
}

/* Never outside the CA's own validity: a proof that outlives its CA proves nothing. */
static enum caproof_status choose_validity(const struct plan_input *input, struct plan *plan,
	struct error *err) {
	const struct ca_facts *ca = &input->ca->facts;
	time_t from = input->not_before != PLAN_DEFAULT ? input->not_before : input->now - DAY;
	time_t until = input->not_after != PLAN_DEFAULT ? input->not_after : input->now + 7 * DAY;
	char a[TEXT_TIME_SIZE], b[TEXT_TIME_SIZE];

	if (from >= until)
		return error_set(err, ERROR_VALIDITY, "the proof would end (%s) before it begins (%s)",
			text_time(b, until), text_time(a, from));
	plan->not_before = from > ca->not_before ? from : ca->not_before;
	plan->not_after = until < ca->not_after ? until : ca->not_after;
	plan->clipped = (plan->not_before != from && input->not_before != PLAN_DEFAULT) ||
		plan->not_after != until;
	if (plan->not_before >= plan->not_after)
		return error_set(err, ERROR_VALIDITY, "the times asked for are outside the CA "
			"certificate's own validity, %s to %s", text_time(a, ca->not_before),
			text_time(b, ca->not_after));
	if (plan->not_after < input->now || plan->not_before > input->now ||
		(platform_strict_not_before(input->platform) && plan->not_before == input->now))
		return error_set(err, ERROR_VALIDITY, "the proof would not be valid now, but from %s to %s",
			text_time(a, plan->not_before), text_time(b, plan->not_after));
	return CAPROOF_OK;
}

static enum caproof_status encode_certificate(const struct plan_input *input, struct plan *plan,
	struct error *err) {
	struct span spki = input->request != NULL ? bytes_span(&input->request->spki) :
		input->subject_spki;
	struct tbs tbs = {
		.algorithm = plan->algorithm,
		.key_type = plan->key_type,
		.serial = input->serial,
		.issuer = bytes_span(&input->ca->subject),
		.common_name = plan->code,
		.not_before = plan->not_before,
		.not_after = plan->not_after,
		.spki = spki,
		.authority_key_id = bytes_span(&input->ca->ski),
	};
	char *uri = NULL;
	enum caproof_status status = choose_validity(input, plan, err);

	if (status != CAPROOF_OK)
		return status;
	tbs.not_before = plan->not_before;
	tbs.not_after = plan->not_after;
	if (plan->form == FORM_CERTIFICATE_SAN_URI) {
		if (asprintf(&uri, "%s%s", platform_san_prefix(input->platform), plan->code) < 0)
			return error_memory(err);
		tbs.san_uri = uri;
		tbs.common_name = "caproof"; /* the code is longer than a CN may be */
	}
	if (ca_has_serial(input->ca, input->serial))
		status = error_set(err, ERROR_USAGE, "cannot use the serial number of the CA certificate "
			"itself: revoking one would revoke both");
	if (status != CAPROOF_OK) {
		free(uri);
		return status;
	}
	plan->serial = text_hex(input->serial.data, input->serial.len);
	status = plan->serial != NULL ? sha256_hex(spki, plan->subject_spki_sha256, err) :
		error_memory(err);
	if (status == CAPROOF_OK)
		status = tbs_encode(&tbs, &plan->tbs, err);
	free(uri);
	return status;
}

enum caproof_status plan_build(const struct plan_input *input, struct plan **out,
	struct error *err) {
	struct plan *plan = calloc(1, sizeof(*plan));
	enum caproof_status status;

	if (plan == NULL)
		return error_memory(err);
	plan->algorithm = input->algorithm;
	plan->key_type = input->ca->key.type;
	if ((status = check_rules(input, plan, err)) != CAPROOF_OK ||
		(status = read_code(input, plan, err)) != CAPROOF_OK)
		goto out;
	/* The code's rules have made sure that it cannot be anything else that a CA signs. */
	if (plan->form == FORM_SIGNATURE)
		status = bytes_copy(&plan->tbs, plan->code, strlen(plan->code), err);
	else
		status = encode_certificate(input, plan, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&plan->tbs), plan->tbs_sha256, err);
out:
	if (status == CAPROOF_OK)
		*out = plan;
	else
		plan_free(plan);
	return status;
}

void plan_free(struct plan *plan) {
	if (plan == NULL)
		return;
	free(plan->code);
	free(plan->serial);
	bytes_clear(&plan->tbs);
	checks_clear(&plan->checks);
	bytes_clear(&plan->ca_spki);
	bytes_clear(&plan->ca_key_id);
	free(plan->out_name);
	free(plan);
}
