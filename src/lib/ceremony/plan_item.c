/* SPDX-License-Identifier: Apache-2.0
 *
 * One item of a plan against its own octets.  Officers read codes; what the CA key signs is
 * the DER beside them.  So the DER is made again from the fields, and must be the same.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/base64.h"
#include "base/text.h"
#include "ceremony/plan_internal.h"
#include "platform/platform.h"
#include "x509/planned.h"
#include "x509/tbs.h"

/* Of what stands before the code in a URI. */
#define URN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/._-"

static enum caproof_status disagree(const struct ceremony_item *item, const char *what,
	struct error *err) {
	error_set(err, ERROR_GATE, "item %ld of the plan: %s", item->index, what);
	error_hint(err, "this plan was altered, or not made by caproof: do not approve it, do not sign "
		"it; make a new one with 'caproof ceremony plan'");
	return error_status(err);
}

enum caproof_status ceremony_item_request(const struct bundle *bundle,
	const struct ceremony_item *item, struct request **out, struct error *err) {
	struct bytes file = BYTES_INIT;
	char sha256[SHA256_HEX_SIZE];
	enum caproof_status status = bundle_read(bundle, item->request_file, &file, err);

	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&file), sha256, err);
	if (status == CAPROOF_OK && strcmp(sha256, item->request_sha256) != 0)
		status = disagree(item, "its request is not the file that was planned", err);
	if (status == CAPROOF_OK)
		status = request_parse(bytes_span(&file), item->request_file, out, err);
	bytes_clear(&file);
	return status;
}

/* What is in a plan may come from anybody; in a request its signature speaks for the key. */
static enum caproof_status read_subject_key(const struct ceremony_item *item, struct bytes *out,
	struct error *err) {
	const unsigned char *at;
	EVP_PKEY *key;
	bool whole;

	if (base64_decode(item->subject_key, out, err) != CAPROOF_OK)
		return error_status(err);
	if (out->len == 0)
		return disagree(item, "its subject_key is no base64", err);
	at = out->data;
	ERR_set_mark();
	key = d2i_PUBKEY(NULL, &at, (long)out->len);
	ERR_pop_to_mark();
	whole = key != NULL && at == out->data + out->len;
	EVP_PKEY_free(key);
	return whole ? CAPROOF_OK : disagree(item, "its subject_key is no public key", err);
}

static enum caproof_status subject_spki(const struct bundle *bundle,
	const struct ceremony_item *item, struct bytes *out, struct error *err) {
	struct request *request = NULL;
	enum caproof_status status;

	if (item->request_file == NULL)
		return read_subject_key(item, out, err);
	status = ceremony_item_request(bundle, item, &request, err);
	if (status != CAPROOF_OK)
		return status;
	if (!span_equal(bytes_span(&request->code), span_of(item->code, strlen(item->code))))
		status = disagree(item, "its request has another Common Name than the code", err);
	else
		status = bytes_copy(out, request->spki.data, request->spki.len, err);
	request_free(request);
	return status;
}

/* What the subject may be: the code alone, or caproof's own name where the code is in a URI. */
static enum caproof_status check_subject(const struct ceremony_item *item, struct error *err) {
	size_t uri = item->san_uri != NULL ? strlen(item->san_uri) : 0, code = strlen(item->code);

	if (item->form == FORM_CERTIFICATE_CN)
		return item->san_uri == NULL ? CAPROOF_OK :
			disagree(item, "a URI has no place in this form", err);
	if (item->san_uri == NULL || uri < code + 4 || strncmp(item->san_uri, "urn:", 4) != 0 ||
		strspn(item->san_uri, URN_CHARACTERS) < uri - code ||
		strcmp(item->san_uri + uri - code, item->code) != 0)
		return disagree(item, "its URI does not end in the code", err);
	return CAPROOF_OK;
}

static enum caproof_status rebuild(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span serial, struct span spki, struct bytes *out,
	struct error *err) {
	struct tbs tbs = {
		.algorithm = plan->algorithm,
		.key_type = plan->ca->key.type,
		.serial = serial,
		.issuer = bytes_span(&plan->ca->subject),
		.common_name = item->form == FORM_CERTIFICATE_CN ? item->code : "caproof",
		.not_before = item->not_before,
		.not_after = item->not_after,
		.spki = spki,
		.authority_key_id = bytes_span(&plan->ca->ski),
		.san_uri = item->san_uri,
	};

	struct error why = ERROR_INIT;

	if (tbs_encode(&tbs, out, &why) == CAPROOF_OK)
		return CAPROOF_OK;
	return why.id == ERROR_MEMORY ? error_memory(err) :
		disagree(item, "its fields make no certificate", err);
}

static enum caproof_status check_shown_subject(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct error *err) {
	X509 *cert = NULL;
	char *subject = NULL;
	enum caproof_status status = planned_read(bytes_span(&item->tbs), &plan->algorithm,
		plan->ca->key.type, &cert, err);

	if (status == CAPROOF_OK)
		subject = name_text(X509_get_subject_name(cert));
	if (status == CAPROOF_OK && subject == NULL)
		status = error_memory(err);
	if (status == CAPROOF_OK && strcmp(subject, item->subject) != 0)
		status = disagree(item, "the subject beside its octets is not theirs", err);
	free(subject);
	X509_free(cert);
	return status;
}

enum caproof_status ceremony_item_octets(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_item *item, struct bytes *out,
	struct error *err) {
	struct bytes serial = BYTES_INIT, spki = BYTES_INIT;
	enum caproof_status status = CAPROOF_OK;

	if (!text_is_hex(item->serial, 32))
		return disagree(item, "its serial number is none", err);
	if (!text_unhex(item->serial, &serial))
		return error_memory(err);
	if ((serial.data[0] & 0x80) != 0 || ca_has_serial(plan->ca, bytes_span(&serial)))
		status = disagree(item, "its serial number is none", err);
	if (status == CAPROOF_OK)
		status = subject_spki(bundle, item, &spki, err);
	if (status == CAPROOF_OK)
		status = rebuild(plan, item, bytes_span(&serial), bytes_span(&spki), out, err);
	bytes_clear(&serial);
	bytes_clear(&spki);
	return status;
}

static enum caproof_status check_certificate(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_item *item, struct error *err) {
	struct bytes again = BYTES_INIT;
	enum caproof_status status = item->not_before < item->not_after ? check_subject(item, err) :
		disagree(item, "its validity ends before it begins", err);

	if (status == CAPROOF_OK)
		status = ceremony_item_octets(bundle, plan, item, &again, err);
	if (status == CAPROOF_OK && !span_equal(bytes_span(&again), bytes_span(&item->tbs)))
		status = disagree(item, "the octets to be signed are not those that its fields make", err);
	if (status == CAPROOF_OK)
		status = check_shown_subject(plan, item, err);
	bytes_clear(&again);
	return status;
}

static enum caproof_status check_signature(const struct ceremony_item *item,
	struct error *err) {
	if (item->serial != NULL || item->request_file != NULL || item->subject_key != NULL ||
		item->san_uri != NULL)
		return disagree(item, "it has fields that only certificates have", err);
	if (!span_equal(bytes_span(&item->tbs), span_of(item->code, strlen(item->code))))
		return disagree(item, "the octets to be signed are not its code", err);
	return CAPROOF_OK;
}

enum caproof_status ceremony_item_check(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_item *item, struct error *err) {
	struct checks checks = CHECKS_INIT;
	char sha256[SHA256_HEX_SIZE];
	enum caproof_status status = sha256_hex(bytes_span(&item->tbs), sha256, err);

	if (status != CAPROOF_OK)
		return status;
	if (strcmp(sha256, item->tbs_sha256) != 0)
		return disagree(item, "its hash is not that of its octets", err);
	/* What holds everywhere for codes, whatever today's rules of a platform say. */
	status = platform_check_any_code(item->code, strlen(item->code), item->form, &checks, err);
	if (status == CAPROOF_OK && checks_first_refused(&checks) != NULL)
		status = disagree(item, checks_first_refused(&checks)->message, err);
	checks_clear(&checks);
	if (status != CAPROOF_OK)
		return status;
	return item->form == FORM_SIGNATURE ? check_signature(item, err) :
		check_certificate(bundle, plan, item, err);
}
