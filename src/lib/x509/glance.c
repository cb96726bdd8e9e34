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

static bool out_of_memory(void) {
	unsigned long code = ERR_peek_last_error();

	return code != 0 && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
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
	ERR_clear_error();
	return status;
}

/* A key that OpenSSL does not know is of another kind. */
static enum caproof_status take_key(X509 *cert, struct public_key *out, struct error *err) {
	EVP_PKEY *pkey = X509_get0_pubkey(cert);

	if (pkey != NULL)
		return key_from_pkey(pkey, out, err);
	if (out_of_memory())
		return error_memory(err);
	ERR_clear_error();
	return CAPROOF_OK;
}

static enum caproof_status take(X509 *cert, struct glance *out, struct error *err) {
	out->subject = name_text(X509_get_subject_name(cert));
	if (out->subject == NULL)
		return error_memory(err);
	out->decoded = true;
	out->ends = time_from_asn1(X509_get0_notAfter(cert), &out->not_after);
	out->is_ca = (X509_get_extension_flags(cert) & EXFLAG_CA) != 0;
	ERR_clear_error();
	return take_key(cert, &out->key, err);
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
