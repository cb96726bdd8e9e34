/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a certificate request (PKCS#10, RFC 2986): a code, a public key, and nothing
 * that a CA would have to ignore.
 */
#ifndef CAPROOF_X509_REQUEST_MAKE_H
#define CAPROOF_X509_REQUEST_MAKE_H

#include "x509/request.h"

/* A request with the Common Name CODE, signed with PKEY, as DER.  Only memory and bugs can
 * fail. */
NODISCARD enum caproof_status request_make(EVP_PKEY *pkey, const char *code, struct bytes *out,
	struct error *err);

#endif
