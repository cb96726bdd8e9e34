/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates for a list: nothing is judged here, so nothing is refused.  Whoever
 * proves a certificate reads it with ca_parse, which refuses a lot.
 */
#include "x509/glance.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Whether memory, not the octets, is why OpenSSL failed: the first cause is somewhere under
 * errors of those that called.  Empties OpenSSL's queue. */
static bool out_of_memory(void) {
	bool found = false;

	for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error())
		found |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return found;
}

/* NULL with CAPROOF_OK: not a certificate. */
static enum caproof_status decode(struct span *der, X509 **out, struct error *err) {
	const unsigned char *at = der->data;
	enum caproof_status status = CAPROOF_OK;

	*out = NULL;
	if (der->len == 0 || der->len > LONG_MAX)
		return CAPROOF_OK;
	ERR_clear_error();
	*out = d2i_X509(NULL, &at, (long)der->len);
	if (*out != NULL)
		der->len = (size_t)(at - der->data);
	else if (out_of_memory())
		status = error_memory(err);
	return status;
}

/* A key that OpenSSL does not know is of another kind. */
static enum caproof_status take_key(X509 *cert, struct public_key *out, struct error *err) {
	EVP_PKEY *pkey = X509_get0_pubkey(cert);

	if (pkey != NULL)
		return key_from_pkey(pkey, out, err);
	return out_of_memory() ? error_memory(err) : CAPROOF_OK;
}

/* An extension that is damaged, or there twice, makes no CA.  OpenSSL's own reading of the
 * extensions takes a lack of memory for that. */
static enum caproof_status take_constraints(X509 *cert, bool *is_ca, struct error *err) {
	BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(cert, NID_basic_constraints, NULL, NULL);

	if (constraints == NULL && out_of_memory())
		return error_memory(err);
	*is_ca = constraints != NULL && constraints->ca != 0;
	BASIC_CONSTRAINTS_free(constraints);
	return CAPROOF_OK;
}

static enum caproof_status take(X509 *cert, struct glance *out, struct error *err) {
	enum caproof_status status;

	out->subject = name_text(X509_get_subject_name(cert));
	if (out->subject == NULL)
		return error_memory(err);
	out->decoded = true;
	out->ends = time_from_asn1(X509_get0_notAfter(cert), &out->not_after);
	ERR_clear_error();
	status = take_constraints(cert, &out->is_ca, err);
	return status == CAPROOF_OK ? take_key(cert, &out->key, err) : status;
}

enum caproof_status glance_at(struct span der, struct glance *out, struct error *err) {
	X509 *cert;
	enum caproof_status status = decode(&der, &cert, err);

	if (status == CAPROOF_OK && der.len > 0)
		status = sha256_hex(der, out->sha256, err);
	if (status == CAPROOF_OK && cert != NULL)
		status = take(cert, out, err);
	X509_free(cert);
	return status;
}

void glance_clear(struct glance *glance) {
	free(glance->subject);
	glance->subject = NULL;
	public_key_clear(&glance->key);
}
