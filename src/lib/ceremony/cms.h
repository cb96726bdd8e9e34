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

/* Octets to a signature as a certificate would have it (ECDSA: DER, RFC 3279 2.2.3): a
 * token's signer, or a key file. */
struct cms_key {
	enum caproof_status (*sign)(void *arg, const struct algorithm *algorithm,
		struct span message, struct bytes *signature, struct error *err);
	void *arg;
};

/* The algorithm by which the key of CERT signs a CMS message: RSA PKCS#1 v1.5 or ECDSA, with
 * SHA-256 (P-384: SHA-384, P-521: SHA-512).  KEY, its numbers, is cleared by the caller.
 * Errors: ceremony.signer (another kind of key, or one for RSASSA-PSS only). */
NODISCARD enum caproof_status cms_algorithm(X509 *cert, struct algorithm *out,
	struct public_key *key, struct error *err);
/* A detached SignedData of CONTENT, DER: one SignerInfo that names CERT by issuer and serial
 * number, no signed attributes, CERT itself in it and no certificate of others, the hash that
 * cms_algorithm says.  'openssl cms -verify -binary' takes it.  The result is verified here
 * before it is returned.  Errors: KEY's, ceremony.signer, signature. */
NODISCARD enum caproof_status cms_sign(struct span content, X509 *cert, const struct cms_key *key,
	struct bytes *out, struct error *err);

/* A larger message counts for nothing: certificates that it carries are of no use here. */
#define CMS_SIZE_MAX 65536

/* Why a message does not count, in words that follow "the signature"; static. */
struct cms_verdict {
	bool good;
	size_t signer;     /* good: which of the certificates signed */
	const char *why;   /* not good: "has more than one signer"; good: NULL */
};
/* Hold MESSAGE (DER) against CONTENT and the COUNT certificates in ROSTER: exactly one
 * SignerInfo, detached, SHA-256 or stronger (RSA PKCS#1 v1.5, RSA-PSS or ECDSA), made with the
 * key of one of these very certificates, whatever certificates the message carries.  What
 * does not hold is no error: only memory is.  What counts here, counts with
 * 'openssl cms -verify -binary -nointern -noverify -certfile' and that one certificate; when
 * two of the roster have the same issuer and serial number, openssl looks at the first only. */
NODISCARD enum caproof_status cms_verify(struct span message, struct span content,
	X509 *const *roster, size_t count, struct cms_verdict *out, struct error *err);

#endif
