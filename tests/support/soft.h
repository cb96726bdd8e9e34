/* SPDX-License-Identifier: Apache-2.0
 *
 * CA certificates and requests from software keys, for the unit tests.  Made with
 * OpenSSL's own builder, not with caproof's, so that the two check each other.
 */
#ifndef CAPROOF_TESTS_SOFT_H
#define CAPROOF_TESTS_SOFT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/bytes.h"

#define SOFT_NOW ((time_t)1795000000) /* 2026-11-18: every test's clock */
#define SOFT_DAY (24 * 60 * 60)

struct soft_ca {
	const char *kind;       /* "rsa2048", "p256", "p384", "p521", "ed25519", "pss2048",
	                         * "pss2048-sha384-48": with this hash and salt only */
	const char *extensions; /* like "basicConstraints=critical,CA:TRUE;subjectKeyIdentifier=hash";
	                         * NULL: all that a CA should have */
	long version;           /* 0: v3 */
	time_t not_before, not_after; /* 0: a year back, a year ahead */
	const EVP_MD *digest;   /* NULL: SHA-256 */
};

EVP_PKEY *soft_key(const char *kind);
/* A self-signed certificate for KEY; the caller frees it. */
X509 *soft_certificate(const struct soft_ca *spec, EVP_PKEY *key, const char *common_name);
struct bytes soft_pem(X509 *cert);
struct bytes soft_der(X509 *cert);
/* A request for KEY with the Common Name and, when not NULL, the extensions asked for. */
struct bytes soft_request(EVP_PKEY *key, const char *common_name, const char *extensions);
/* Sign MESSAGE as a token would; DIGEST NULL for EdDSA.  PSS_SALT: octets; 0: no PSS. */
struct bytes soft_sign(EVP_PKEY *key, const char *digest, unsigned pss_salt, struct span message);

#endif
