/* SPDX-License-Identifier: Apache-2.0
 *
 * What names this CA certificate, and what it allows.  By hand where OpenSSL would first compute
 * a fingerprint, in a context that cannot (keyless.h).
 */
#include "x509/ca.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

bool ca_has_serial(const struct ca *ca, struct span serial) {
	const ASN1_INTEGER *own = X509_get0_serialNumber(ca->cert);

	return ca->facts.self_issued &&
		span_equal(serial, span_of(ASN1_STRING_get0_data(own), (size_t)ASN1_STRING_length(own)));
}

/* RFC 5280 4.2.1.1: one of the names is that of the CA's own issuer, or there is none that
 * could be. */
static bool names_issuer(const GENERAL_NAMES *names, const X509 *cert) {
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DIRNAME)
			return X509_NAME_cmp(name->d.directoryName, X509_get_issuer_name(cert)) == 0;
	}
	return true;
}

bool ca_is_named_by(const struct ca *ca, const AUTHORITY_KEYID *id) {
	/* One of no octets is one all the same. */
	if (id->keyid != NULL && ca->facts.has_ski &&
		!span_equal(bytes_span(&ca->ski), span_of(ASN1_STRING_get0_data(id->keyid),
			(size_t)ASN1_STRING_length(id->keyid))))
		return false;
	if (id->serial != NULL &&
		ASN1_INTEGER_cmp(id->serial, X509_get0_serialNumber(ca->cert)) != 0)
		return false;
	return id->issuer == NULL || names_issuer(id->issuer, ca->cert);
}

long ca_path_len(const struct ca *ca) {
	BASIC_CONSTRAINTS *constraints;
	long len = -1;

	ERR_set_mark();
	constraints = X509_get_ext_d2i(ca->cert, NID_basic_constraints, NULL, NULL);
	ERR_pop_to_mark();
	if (constraints != NULL && constraints->pathlen != NULL)
		len = ASN1_INTEGER_get(constraints->pathlen);
	BASIC_CONSTRAINTS_free(constraints);
	return len < 0 ? -1 : len;
}
