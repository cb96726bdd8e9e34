/* SPDX-License-Identifier: Apache-2.0
 *
 * A public key as plain numbers: what the certificate layer knows of the CA's
 * key and what the token layer looks for.  It lets the two meet without either
 * knowing the other.
 */
#ifndef CAPROOF_BASE_PUBLIC_KEY_H
#define CAPROOF_BASE_PUBLIC_KEY_H

#include "base/bytes.h"

enum key_type { KEY_OTHER, KEY_RSA, KEY_EC, KEY_ED25519, KEY_ED448 };

enum key_curve { CURVE_NONE, CURVE_P256, CURVE_P384, CURVE_P521, CURVE_OTHER };

struct public_key {
	enum key_type type;
	enum key_curve curve;   /* KEY_EC only */
	unsigned bits;          /* modulus or field size */
	struct bytes modulus;   /* KEY_RSA: big endian, no leading zero octet */
	struct bytes exponent;  /* KEY_RSA: likewise */
	struct bytes ec_params; /* KEY_EC, KEY_ED*: DER ECParameters (an OID) */
	struct bytes point;     /* KEY_EC: uncompressed SEC1 point, raw;
	                           KEY_ED*: the 32 or 57 octets of RFC 8032 */
};

void public_key_clear(struct public_key *key);

/* "RSA-2048", "EC P-256", "Ed25519".  Writes at most SIZE octets into BUF, returns BUF. */
const char *public_key_describe(const struct public_key *key, char *buf, size_t size);

#endif
