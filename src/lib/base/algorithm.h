/* SPDX-License-Identifier: Apache-2.0
 *
 * A signature algorithm as the two halves of caproof both understand it: the
 * certificate layer turns it into an AlgorithmIdentifier, the token layer into
 * a mechanism.
 */
#ifndef CAPROOF_BASE_ALGORITHM_H
#define CAPROOF_BASE_ALGORITHM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/public_key.h"

enum scheme { SCHEME_RSA_PKCS1, SCHEME_RSA_PSS, SCHEME_ECDSA, SCHEME_EDDSA };

/* DIGEST_NONE with SCHEME_EDDSA only: it signs the message itself. */
enum digest { DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

struct algorithm {
	enum scheme scheme;
	enum digest digest;
	/* SCHEME_RSA_PSS: MGF1 uses the same digest and the salt is as long as
	 * its output (RFC 4055 3.1), unless the key's own parameters ask for a
	 * longer salt. */
	unsigned salt_len;
};

bool algorithm_equal(const struct algorithm *a, const struct algorithm *b);

size_t digest_size(enum digest digest);      /* octets: 0, 32, 48, 64 */
const char *digest_name(enum digest digest); /* "SHA256", as EVP_MD_fetch takes it */

/* "sha256" and so on; false when TEXT names none of the three. */
NODISCARD bool digest_parse(const char *text, enum digest *out);

/* "RSA PKCS#1 v1.5 with SHA-256", "ECDSA with SHA-384", "Ed25519".  Static. */
const char *algorithm_describe(const struct algorithm *algorithm, enum key_type type);

#endif
