/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures in software: the CA certificate's public key has the last word.
 */
#ifndef CAPROOF_X509_SIGNATURE_H
#define CAPROOF_X509_SIGNATURE_H

#include "x509/ca.h"

/* Whether SIGNATURE over MESSAGE, made with ALGORITHM, is right under the CA's key.
 * A wrong one is *GOOD = false and no error. */
NODISCARD enum caproof_status signature_verify(const struct ca *ca,
	const struct algorithm *algorithm, struct span message, struct span signature, bool *good,
	struct error *err);

/* The same under the key in a DER SubjectPublicKeyInfo. */
NODISCARD enum caproof_status signature_verify_spki(struct span spki,
	const struct algorithm *algorithm, struct span message, struct span signature, bool *good,
	struct error *err);

/* The same under PKEY.  That PKEY cannot be used with ALGORITHM is an internal error. */
NODISCARD enum caproof_status signature_verify_key(EVP_PKEY *pkey,
	const struct algorithm *algorithm, struct span message, struct span signature, bool *good,
	struct error *err);

/* Sign MESSAGE with the private key PKEY, as a certificate would have it (ECDSA: DER).  OUT
 * must be empty. */
NODISCARD enum caproof_status signature_make(EVP_PKEY *pkey, const struct algorithm *algorithm,
	struct span message, struct bytes *out, struct error *err);

#endif
