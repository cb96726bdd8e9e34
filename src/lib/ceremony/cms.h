/* SPDX-License-Identifier: Apache-2.0
 *
 * Detached CMS signatures (RFC 5652) by people's cards, with the signer's certificate
 * pinned: no chain is built and no certificate is taken from the message.
 */
#ifndef CAPROOF_CEREMONY_CMS_H
#define CAPROOF_CEREMONY_CMS_H

#include <openssl/x509.h>

#include "base/algorithm.h"
#include "base/public_key.h"

/* Octets to a signature: a token's signer, or a key file. */
struct cms_key {
	enum caproof_status (*sign)(void *arg, const struct algorithm *algorithm,
		struct span message, struct bytes *signature, struct error *err);
	void *arg;
};

/* The algorithm by which the key of CERT signs a CMS message: RSA PKCS#1 v1.5 or ECDSA, with
 * SHA-256 (P-384: SHA-384, P-521: SHA-512).  Errors: ceremony.signer (another kind of key). */
NODISCARD enum caproof_status cms_algorithm(X509 *cert, struct algorithm *out,
	struct public_key *key, struct error *err);
/* A detached SignedData of CONTENT, DER: one SignerInfo that names CERT by issuer and serial
 * number, CERT itself in it, SHA-256 or what cms_algorithm says, no certificate of others.
 * 'openssl cms -verify -binary' takes it.  The result is verified here before it is
 * returned.  Errors: KEY's, signature. */
NODISCARD enum caproof_status cms_sign(struct span content, X509 *cert, const struct cms_key *key,
	struct bytes *out, struct error *err);

/* Why a message does not count, in words that follow "the signature"; static. */
struct cms_verdict {
	bool good;
	size_t signer;     /* good: which of the certificates signed */
	const char *why;   /* not good: "has 2 signers", "is not by a member of the roster" */
};
/* Hold MESSAGE (DER) against CONTENT and the COUNT certificates in ROSTER: exactly one
 * SignerInfo, detached, SHA-256 or stronger (RSA PKCS#1 v1.5, RSA-PSS or ECDSA), made with the
 * key of one of these very certificates, whatever certificates the message carries.  What
 * does not hold is no error: only memory is. */
NODISCARD enum caproof_status cms_verify(struct span message, struct span content,
	X509 *const *roster, size_t count, struct cms_verdict *out, struct error *err);

#endif
