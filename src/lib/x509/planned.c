/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a TBSCertificate through OpenSSL's certificate reader.
 */
#include "x509/planned.h"

#include <openssl/err.h>

#include "x509/key.h"
#include "x509/tbs.h"

enum caproof_status planned_read(struct span tbs, const struct algorithm *algorithm,
	enum key_type key_type, X509 **out, struct error *err) {
	struct bytes der = BYTES_INIT;
	const unsigned char *p;
	enum caproof_status status = certificate_join(tbs, algorithm, key_type, span_of("", 1), &der,
		err);

	if (status != CAPROOF_OK)
		return status;
	p = der.data;
	ERR_set_mark();
	*out = d2i_X509(NULL, &p, (long)der.len);
	ERR_pop_to_mark();
	if (*out != NULL && p != der.data + der.len) {
		X509_free(*out);
		*out = NULL;
	}
	bytes_clear(&der);
	return *out != NULL ? CAPROOF_OK : error_set(err, ERROR_PROOF_FORMAT, "the octets that are to "
		"be signed are no TBSCertificate");
}

enum caproof_status planned_spki(X509 *cert, struct bytes *out, struct error *err) {
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	enum caproof_status status = len > 0 ? bytes_copy(out, der, (size_t)len, err) :
		crypto_error(err, "encode a public key");

	OPENSSL_free(der);
	return status;
}
