/* SPDX-License-Identifier: Apache-2.0
 *
 * The key of a rehearsal.  It is in memory only and never written: what it signed can be
 * looked at, and nothing more can be signed with it.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "ceremony/rehearsal.h"
#include "x509/signature.h"
#include "x509/tbs.h"

#define DAY (24 * 60 * 60)

static enum caproof_status make_name(const struct ceremony_plan *plan, struct bytes *out,
	struct error *err) {
	X509_NAME *name = X509_NAME_new();
	unsigned char text[65], *der = NULL;
	int len = -1;
	enum caproof_status status;

	snprintf((char *)text, sizeof(text), "REHEARSAL %.16s: worth nothing", plan->sha256);
	if (name != NULL && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1)
		len = i2d_X509_NAME(name, &der);
	status = len > 0 ? bytes_copy(out, der, (size_t)len, err) :
		crypto_error(err, "encode the name of a rehearsal's CA");
	OPENSSL_free(der);
	X509_NAME_free(name);
	return status;
}

/* Valid as long as the items that it is to issue. */
static void choose_validity(const struct ceremony_plan *plan, time_t now, struct tbs *tbs) {
	tbs->not_before = now - DAY;
	tbs->not_after = now + DAY;
	for (size_t i = 0; i < plan->count; i++) {
		const struct ceremony_item *item = &plan->items[i];

		if (item->form == FORM_SIGNATURE)
			continue;
		if (item->not_before < tbs->not_before)
			tbs->not_before = item->not_before;
		if (item->not_after > tbs->not_after)
			tbs->not_after = item->not_after;
	}
}

static enum caproof_status make_octets(const struct ceremony_plan *plan, EVP_PKEY *pkey,
	time_t now, struct bytes *out, struct error *err) {
	struct bytes name = BYTES_INIT, spki = BYTES_INIT;
	unsigned char serial[16];
	struct tbs tbs = { .algorithm = plan->algorithm, .key_type = plan->ca->key.type,
		.is_ca = true, .path_len = 0 };
	enum caproof_status status = make_name(plan, &name, err);

	if (status == CAPROOF_OK)
		status = key_spki(pkey, &spki, err);
	if (status == CAPROOF_OK && RAND_bytes(serial, sizeof(serial)) != 1)
		status = crypto_error(err, "draw a serial number");
	if (status != CAPROOF_OK)
		goto out;
	serial[0] = (serial[0] & 0x7f) | 0x40;
	choose_validity(plan, now, &tbs);
	tbs.serial = span_of(serial, sizeof(serial));
	tbs.issuer = tbs.subject = bytes_span(&name);
	tbs.spki = bytes_span(&spki);
	status = tbs_encode(&tbs, out, err);
out:
	bytes_clear(&name);
	bytes_clear(&spki);
	return status;
}

static enum caproof_status issue(const struct ceremony_plan *plan, time_t now,
	struct rehearsal_key *key, struct error *err) {
	struct bytes tbs = BYTES_INIT, signature = BYTES_INIT, der = BYTES_INIT;
	enum caproof_status status = make_octets(plan, key->pkey, now, &tbs, err);

	if (status == CAPROOF_OK)
		status = signature_make(key->pkey, &plan->algorithm, bytes_span(&tbs), &signature, err);
	if (status == CAPROOF_OK)
		status = certificate_join(bytes_span(&tbs), &plan->algorithm, plan->ca->key.type,
			bytes_span(&signature), &der, err);
	if (status == CAPROOF_OK)
		status = ca_parse(bytes_span(&der), "the rehearsal's CA certificate", &key->ca, err);
	bytes_clear(&tbs);
	bytes_clear(&signature);
	bytes_clear(&der);
	return status;
}

enum caproof_status rehearsal_key_make(const struct ceremony_plan *plan, time_t now,
	struct rehearsal_key *out, struct error *err) {
	enum caproof_status status;

	*out = (struct rehearsal_key){ NULL, NULL };
	status = key_generate_like(&plan->ca->key, &out->pkey, err);
	return status == CAPROOF_OK ? issue(plan, now, out, err) : status;
}

void rehearsal_key_clear(struct rehearsal_key *key) {
	EVP_PKEY_free(key->pkey);
	ca_free(key->ca);
	*key = (struct rehearsal_key){ NULL, NULL };
}

enum caproof_status rehearsal_key_sign(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	const struct rehearsal_key *key = arg;

	return signature_make(key->pkey, algorithm, message, signature, err);
}
