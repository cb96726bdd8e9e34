/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back from plain numbers to a SubjectPublicKeyInfo (RFC 5280 4.1.2.7): for a
 * key of which there is no certificate yet.
 */
#ifndef CAPROOF_X509_PUBLIC_KEY_INFO_H
#define CAPROOF_X509_PUBLIC_KEY_INFO_H

#include "x509/key.h"

/* A key of the numbers in KEY, which the caller frees; of an EC key only CURVE and POINT are
 * looked at.  NULL, and OpenSSL's reasons in its queue: they are no key, or no memory. */
EVP_PKEY *public_key_make(const struct public_key *key);

/* Encode KEY as DER; a point may be compressed.  *EXACT, unless NULL and to be cleared by
 * the caller, gets the numbers as caproof has them everywhere else.  Errors: key.unable
 * (numbers that are no key, or a kind of key that caproof does not sign with). */
NODISCARD enum caproof_status public_key_info(const struct public_key *key, struct bytes *out,
	struct public_key *exact, struct error *err);

#endif
