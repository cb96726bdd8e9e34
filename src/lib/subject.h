/* SPDX-License-Identifier: Apache-2.0
 *
 * The key that a proof certifies when nobody brings one, and a serial number: the
 * randomness that Plan takes as arguments.
 */
#ifndef CAPROOF_SUBJECT_H
#define CAPROOF_SUBJECT_H

#include <openssl/evp.h>

#include "base/form.h"
#include "x509/ca.h"
#include "x509/tbs.h"

struct subject {
	struct bytes spki; /* DER SubjectPublicKeyInfo */
	EVP_PKEY *pkey;    /* the fresh key pair; NULL with SUBJECT_KEY_CA */
};

/* Make a fresh key pair of KIND, or take the CA's own public key. */
NODISCARD enum caproof_status subject_make(enum subject_key kind, const struct ca *ca,
	struct subject *out, struct error *err);
void subject_clear(struct subject *subject); /* wipes the key */

/* The private key as unencrypted PKCS#8 PEM, in memory that OpenSSL wipes: the caller
 * gives *OUT to BIO_free.  */
NODISCARD enum caproof_status subject_pem(const struct subject *subject, BIO **out,
	struct error *err);

/* The same, encrypted under PASS: AES-256 in CBC mode, its key by PBKDF2 with HMAC-SHA-256
 * (RFC 8018). */
NODISCARD enum caproof_status subject_pem_encrypted(const struct subject *subject,
	struct span pass, BIO **out, struct error *err);

/* 16 random octets: top bit clear, the first one not zero, so that the encoding is
 * exactly 16 octets long. */
#define SERIAL_SIZE 16
NODISCARD enum caproof_status serial_make(unsigned char out[SERIAL_SIZE], struct error *err);

#endif
