/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate request (PKCS#10, RFC 2986): all that is taken from it is its public
 * key, and its Common Name to compare.  Whatever extensions it asks for stay behind.
 */
#ifndef CAPROOF_X509_REQUEST_H
#define CAPROOF_X509_REQUEST_H

#include "x509/key.h"

struct request {
	char *name;          /* the file's name, safe to show */
	struct bytes spki;   /* DER, octet by octet */
	struct bytes code;   /* the Common Name as UTF-8; empty when it has none */
	struct public_key key;
	char sha256[SHA256_HEX_SIZE];      /* of the DER */
	char spki_sha256[SHA256_HEX_SIZE];
};

/* Read and judge the request in the octets of the file NAME: its own signature must be
 * right and its key strong enough (RSA of 2048 bits, a named curve of caproof's, EdDSA);
 * several Common Names are refused.  Errors: csr.*. */
NODISCARD enum caproof_status request_parse(struct span file, const char *name,
	struct request **out, struct error *err);
void request_free(struct request *request);

#endif
