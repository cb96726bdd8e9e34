/* SPDX-License-Identifier: Apache-2.0
 *
 * From a key and a name to the octets of a CA certificate, and back to the rules.
 */
#include "ca_certificate.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "x509/signature.h"

#define DAY (24 * 60 * 60)
#define SIGNATURE_ROOM 2048 /* octets: RSA of 16384 bits */

/* The first rule that refuses becomes the error; the others follow in the hint. */
static enum caproof_status refuse(const struct platform *platform, const struct checks *checks,
	struct error *err) {
	const struct check *first = checks_first_refused(checks);

	if (first == NULL)
		return CAPROOF_OK;
	error_set(err, ERROR_RULE, "platform '%s' would refuse the CA certificate: %s",
		platform_name(platform), first->message);
	error_hint(err, "nothing was written; 'caproof platforms' shows what a platform asks for");
	for (const struct check *c = first + 1; c < checks->list + checks->count; c++)
		if (c->result == CHECK_REFUSED)
			error_hint_line(err, "also: %s", c->message);
	return error_status(err);
}

static size_t signature_len(const struct public_key *key) {
	switch (key->type) {
	case KEY_RSA:
		return key->modulus.len < SIGNATURE_ROOM ? key->modulus.len : SIGNATURE_ROOM;
	case KEY_EC:
		return 2 * ((key->bits + 7) / 8 + 3) + 3; /* DER, at its longest */
	case KEY_ED448:
		return 114;
	case KEY_ED25519:
	case KEY_OTHER:
		break;
	}
	return 64;
}

/* The rules, held against the certificate that is planned: with room where the signature
 * will be, so that a platform's refusal costs no login and no signature. */
static enum caproof_status foresee(const struct ca_certificate_input *input, struct plan *plan,
	struct error *err) {
	static const unsigned char room[SIGNATURE_ROOM];
	struct bytes der = BYTES_INIT;
	struct ca *ca = NULL;
	enum caproof_status status = certificate_join(bytes_span(&plan->tbs), &plan->algorithm,
		plan->key_type, span_of(room, signature_len(input->key)), &der, err);

	if (status == CAPROOF_OK)
		status = ca_parse_planned(bytes_span(&der), input->out_name, &ca, err);
	if (status == CAPROOF_OK) {
		ca->facts.pem = input->pem;
		ca->facts.file_size = input->pem ? ca->facts.pem_size : der.len;
		status = platform_check_ca(input->platform, &ca->facts, input->now, &plan->checks, err);
	}
	if (status == CAPROOF_OK)
		status = refuse(input->platform, &plan->checks, err);
	ca_free(ca);
	bytes_clear(&der);
	return status;
}

static enum caproof_status choose_validity(const struct ca_certificate_input *input,
	struct plan *plan, struct error *err) {
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE];

	plan->not_before = input->not_before != PLAN_DEFAULT ? input->not_before : input->now - DAY;
	plan->not_after = input->not_after != PLAN_DEFAULT ? input->not_after :
		input->now + (time_t)CA_DEFAULT_DAYS * DAY;
	if (plan->not_before < plan->not_after)
		return CAPROOF_OK;
	error_set(err, ERROR_VALIDITY, "the CA certificate would end (%s) before it begins (%s)",
		text_time(until, plan->not_after), text_time(from, plan->not_before));
	error_hint(err, "choose a later end with --days or --not-after");
	return error_status(err);
}

static enum caproof_status encode(const struct ca_certificate_input *input, struct plan *plan,
	struct error *err) {
	unsigned char computed[20];
	struct span id = input->subject_key_id;
	struct tbs tbs = {
		.algorithm = input->algorithm,
		.key_type = input->key->type,
		.serial = input->serial,
		.issuer = input->subject,
		.subject = input->subject,
		.not_before = plan->not_before,
		.not_after = plan->not_after,
		.spki = input->spki,
		.is_ca = true,
		.path_len = input->path_len,
	};
	enum caproof_status status = CAPROOF_OK;

	if (id.len == 0) {
		status = key_identifier(input->spki, computed, err);
		id = span_of(computed, sizeof(computed));
	}
	tbs.subject_key_id = tbs.authority_key_id = id;
	if (status == CAPROOF_OK)
		status = bytes_copy(&plan->ca_key_id, id.data, id.len, err);
	if (status == CAPROOF_OK)
		status = tbs_encode(&tbs, &plan->tbs, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&plan->tbs), plan->tbs_sha256, err);
	return status;
}

static enum caproof_status fill(const struct ca_certificate_input *input, struct plan *plan,
	struct error *err) {
	enum caproof_status status = bytes_copy(&plan->ca_spki, input->spki.data, input->spki.len,
		err);

	if (status != CAPROOF_OK)
		return status;
	plan->is_ca = true;
	plan->form = FORM_NONE;
	plan->algorithm = input->algorithm;
	plan->key_type = input->key->type;
	plan->path_len = input->path_len;
	plan->serial = text_hex(input->serial.data, input->serial.len);
	plan->out_name = text_safe_dup(input->out_name, strlen(input->out_name));
	if (plan->serial == NULL || plan->out_name == NULL)
		return error_memory(err);
	status = sha256_hex(input->spki, plan->subject_spki_sha256, err);
	if (status == CAPROOF_OK)
		status = choose_validity(input, plan, err);
	if (status == CAPROOF_OK)
		status = encode(input, plan, err);
	return status;
}

enum caproof_status ca_certificate_plan(const struct ca_certificate_input *input,
	struct plan **out, struct error *err) {
	struct plan *plan = calloc(1, sizeof(*plan));
	enum caproof_status status;

	if (plan == NULL)
		return error_memory(err);
	status = fill(input, plan, err);
	if (status == CAPROOF_OK)
		status = foresee(input, plan, err);
	if (status == CAPROOF_OK)
		*out = plan;
	else
		plan_give_up(plan, input->refused);
	return status;
}

enum caproof_status ca_certificate_check(const struct plan *plan, const struct platform *platform,
	struct span file, time_t now, struct checks *checks, struct error *err) {
	struct ca *ca = NULL;
	enum caproof_status status = ca_parse(file, plan->out_name, &ca, err);

	if (status != CAPROOF_OK)
		return status;
	if (!ca->facts.self_signed || !span_equal(bytes_span(&ca->spki), bytes_span(&plan->ca_spki)))
		status = error_set(err, ERROR_PROOF,
			"the finished CA certificate is not signed with the key that it certifies");
	if (status == CAPROOF_OK)
		status = checks_add(checks, "certificate.self-signed", CHECK_OK,
			"RFC 5280, section 3.2", NULL, err, "signed with the very key that it certifies");
	if (status == CAPROOF_OK)
		status = platform_check_ca(platform, &ca->facts, now, checks, err);
	if (status == CAPROOF_OK)
		status = refuse(platform, checks, err);
	ca_free(ca);
	return status;
}
