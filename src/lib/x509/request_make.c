/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a certificate request.  No extensions are asked for: the CA decides on them.
 */
#include "x509/request_make.h"

#include <string.h>

/* PrintableString when the code allows it, else UTF8String (RFC 5280 4.1.2.4). */
static bool set_subject(X509_REQ *request, const char *code) {
	const unsigned char *text = (const unsigned char *)code;
	int len = (int)strlen(code);
	int type = ASN1_PRINTABLE_type(text, len) == V_ASN1_PRINTABLESTRING ?
		V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
	X509_NAME *name = X509_NAME_new();
	bool done = name != NULL &&
		X509_NAME_add_entry_by_NID(name, NID_commonName, type, text, len, -1, 0) == 1 &&
		X509_REQ_set_subject_name(request, name) == 1;

	X509_NAME_free(name);
	return done;
}

enum caproof_status request_make(EVP_PKEY *pkey, const char *code, struct bytes *out,
	struct error *err) {
	X509_REQ *request = X509_REQ_new();
	unsigned char *der = NULL;
	enum caproof_status status;
	int len = -1;

	if (request != NULL && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
		set_subject(request, code) && X509_REQ_set_pubkey(request, pkey) == 1 &&
		X509_REQ_sign(request, pkey, EVP_sha256()) > 0)
		len = i2d_X509_REQ(request, &der);
	if (len <= 0)
		status = crypto_error(err, "make a certificate request");
	else
		status = bytes_copy(out, der, (size_t)len, err);
	OPENSSL_free(der);
	X509_REQ_free(request);
	return status;
}
