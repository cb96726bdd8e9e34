/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing the items of a ceremony: intent on the disk, C_Sign, verify, write.
 */
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "ceremony/ceremony.h"
#include "x509/document.h"
#include "x509/keyless.h"
#include "x509/signature.h"
#include "x509/tbs.h"

enum caproof_status ceremony_result_make(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span signature, struct bytes *file,
	struct error *err) {
	struct bytes der = BYTES_INIT;
	enum caproof_status status;

	if (item->form == FORM_SIGNATURE)
		return base64_line(signature, file, err);
	status = certificate_join(bytes_span(&item->tbs), &plan->algorithm, plan->ca->key.type,
		signature, &der, err);
	if (status == CAPROOF_OK)
		status = document_pem(PEM_STRING_X509, bytes_span(&der), file, err);
	bytes_clear(&der);
	return status;
}

/* --- what is there already ------------------------------------------------------------ */

/* The signature in a certificate, borrowed from CERT. */
static struct span signature_of(X509 *cert) {
	const ASN1_BIT_STRING *bits = NULL;

	X509_get0_signature(&bits, NULL, cert);
	return span_of(ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits));
}

/* Join again what was taken apart: only the very same file will do. */
static enum caproof_status check_certificate(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span file, bool *good,
	char sha256[SHA256_HEX_SIZE], struct error *err) {
	struct document document = { 0 };
	struct error why = ERROR_INIT;
	struct bytes again = BYTES_INIT;
	X509 *cert;
	enum caproof_status status = document_parse(file, item->out, &document_proof, &document, &why);

	if (status != CAPROOF_OK) {
		if (why.id == ERROR_MEMORY)
			*err = why;
		return why.id == ERROR_MEMORY ? status : CAPROOF_OK;
	}
	cert = keyless_certificate(bytes_span(&document.der));
	status = sha256_hex(bytes_span(&document.der), sha256, err);
	if (cert != NULL && status == CAPROOF_OK)
		status = ceremony_result_make(plan, item, signature_of(cert), &again, err);
	if (cert != NULL && status == CAPROOF_OK && span_equal(bytes_span(&again), file))
		status = signature_verify(plan->ca, &plan->algorithm, bytes_span(&item->tbs),
			signature_of(cert), good, err);
	bytes_clear(&again);
	X509_free(cert);
	document_clear(&document);
	return status;
}

static enum caproof_status check_signature(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span file, bool *good,
	char sha256[SHA256_HEX_SIZE], struct error *err) {
	struct bytes signature = BYTES_INIT;
	char text[8192];
	enum caproof_status status;

	if (file.len < 2 || file.len >= sizeof(text) || file.data[file.len - 1] != '\n' ||
		memchr(file.data, '\0', file.len) != NULL)
		return CAPROOF_OK;
	memcpy(text, file.data, file.len - 1);
	text[file.len - 1] = '\0';
	status = base64_decode(text, &signature, err);
	if (status != CAPROOF_OK || signature.len == 0)
		return status;
	status = sha256_hex(bytes_span(&signature), sha256, err);
	if (status == CAPROOF_OK)
		status = signature_verify(plan->ca, &plan->algorithm, bytes_span(&item->tbs),
			bytes_span(&signature), good, err);
	bytes_clear(&signature);
	return status;
}

enum caproof_status ceremony_result_check(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span file, bool *good,
	char sha256[SHA256_HEX_SIZE], struct error *err) {
	*good = false;
	sha256[0] = '\0';
	return item->form == FORM_SIGNATURE ?
		check_signature(plan, item, file, good, sha256, err) :
		check_certificate(plan, item, file, good, sha256, err);
}

/* --- signing -------------------------------------------------------------------------- */

struct performing {
	struct ceremony *c;
	const struct ceremony_key *key;
	const struct ceremony_item *item;
	long attempt;
};

static enum caproof_status record(const struct performing *p, enum transcript_event event,
	const char *result, const char *detail, struct error *err) {
	return transcript_add(&p->c->transcript, event, err, "s:I, s:I, s:s, s:s*, s:s*", "index",
		(long long)p->item->index, "attempt", (long long)p->attempt, "tbs_sha256",
		p->item->tbs_sha256, "result", result, "detail", detail);
}

static enum caproof_status abort_run(struct ceremony *c, const struct error *why,
	struct error *err) {
	struct error late = ERROR_INIT;

	if (transcript_add(&c->transcript, EVENT_ABORT, &late, "s:s, s:s", "why", why->message, "id",
		error_id_name(why->id)) != CAPROOF_OK)
		*err = late;
	else
		*err = *why;
	return error_status(err);
}

/* The octets of a wrong signature are evidence: the one thing that is written although it
 * does not verify. */
static enum caproof_status keep_wrong(const struct performing *p, struct span signature,
	struct error *err) {
	struct error why = ERROR_INIT;
	char path[64];
	enum caproof_status status = bundle_make_folder(&p->c->bundle, "attach", err);

	snprintf(path, sizeof(path), "attach/wrong-signature-%04ld-%ld", p->item->index, p->attempt);
	if (status == CAPROOF_OK)
		status = bundle_write(&p->c->bundle, path, signature, err);
	if (status != CAPROOF_OK)
		return status;
	error_set(&why, ERROR_SIGNATURE, "the signature that the token returned for item %ld does not "
		"verify with the public key of the CA certificate; its octets are in '%s'",
		p->item->index, path);
	error_hint(&why, "stop the ceremony: the token or the way to it is faulty, or the key is not "
		"the CA's");
	return abort_run(p->c, &why, err);
}

static enum caproof_status write_result(const struct performing *p, struct span signature,
	struct error *err) {
	const struct ceremony_item *item = p->item;
	struct bytes file = BYTES_INIT;
	char sha256[SHA256_HEX_SIZE];
	bool good = false;
	enum caproof_status status = ceremony_result_make(&p->c->plan, item, signature, &file, err);

	if (status == CAPROOF_OK)
		status = ceremony_result_check(&p->c->plan, item, bytes_span(&file), &good, sha256, err);
	if (status == CAPROOF_OK && !good) {
		bytes_clear(&file);
		return keep_wrong(p, signature, err);
	}
	if (status == CAPROOF_OK)
		status = transcript_add(&p->c->transcript, EVENT_VERIFIED, err, "s:I, s:s", "index",
			(long long)item->index, "sha256", sha256);
	if (status == CAPROOF_OK)
		status = bundle_make_folder(&p->c->bundle, item->form == FORM_SIGNATURE ? "signatures" :
			"certs", err);
	if (status == CAPROOF_OK)
		status = bundle_write(&p->c->bundle, item->out, bytes_span(&file), err);
	if (status == CAPROOF_OK)
		status = transcript_add(&p->c->transcript, EVENT_WRITTEN, err, "s:I, s:s, s:s", "index",
			(long long)item->index, "file", item->out, "sha256", sha256);
	bytes_clear(&file);
	return status;
}

static enum caproof_status sign_item(const struct performing *p, struct error *err) {
	struct ceremony *c = p->c;
	struct bytes signature = BYTES_INIT;
	struct error why = ERROR_INIT;
	enum caproof_status status = record(p, EVENT_SIGN_INTENT, NULL, NULL, err);

	if (status != CAPROOF_OK)
		return status;
	if (p->key->sign(p->key->arg, &c->plan.algorithm, bytes_span(&p->item->tbs), &signature,
		&why) != CAPROOF_OK) {
		error_hint(&why, "what is written stays; the token may have signed item %ld: see to the "
			"token, then run this again with --retry %ld --reason TEXT", p->item->index,
			p->item->index);
		status = record(p, EVENT_SIGN_RESULT, "failed", why.detail[0] != '\0' ? why.detail :
			error_id_name(why.id), err);
		return status == CAPROOF_OK ? abort_run(c, &why, err) : status;
	}
	status = record(p, EVENT_SIGN_RESULT, "signed", NULL, err);
	if (status == CAPROOF_OK)
		status = write_result(p, bytes_span(&signature), err);
	bytes_clear(&signature);
	return status;
}

enum caproof_status ceremony_sign(struct ceremony *c, const struct ceremony_key *key,
	const struct ceremony_events *events, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < c->plan.count; i++) {
		const struct ceremony_item *item = &c->plan.items[i];
		struct transcript_item done = transcript_item(&c->transcript, item->index);
		struct performing p = { c, key, item, done.attempts + 1 };

		if (done.written)
			continue;
		if (events->cancelled(events->arg)) {
			struct error why = ERROR_INIT;

			error_set(&why, ERROR_INTERRUPTED, "interrupted before item %ld", item->index);
			error_hint(&why, "what is written stays; run it again to go on");
			return abort_run(c, &why, err);
		}
		c->now = time(NULL);
		status = ceremony_check_time(c, err);
		if (status == CAPROOF_OK)
			status = sign_item(&p, err);
		if (status == CAPROOF_OK)
			events->item(events->arg, item, item->out);
	}
	return status == CAPROOF_OK ? transcript_add(&c->transcript, EVENT_RUN_END, err, "s:I",
		"written", (long long)c->plan.count) : status;
}
