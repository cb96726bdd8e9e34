/* SPDX-License-Identifier: Apache-2.0
 *
 * From OpenSSL's keys and certificate parts to caproof's plain numbers.
 */
#ifndef CAPROOF_X509_KEY_H
#define CAPROOF_X509_KEY_H

#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/algorithm.h"
#include "base/public_key.h"

/* The numbers of PKEY; type KEY_OTHER, and no numbers, for what caproof cannot sign with:
 * another kind of key, or an EC key with the curve CURVE_OTHER.  OUT must be empty. */
NODISCARD enum caproof_status key_from_pkey(const EVP_PKEY *pkey, struct public_key *out,
	struct error *err);

/* The Infineon fingerprint (CVE-2017-15361): the modulus is a power of 65537 modulo
 * each small prime.  False positives: one modulus in 2^27. */
bool key_has_roca(struct span modulus);

/* The parts of a SubjectPublicKeyInfo (RFC 5280 4.1.2.7): the content of the algorithm, and
 * the octets of the key, of which there are whole ones. */
NODISCARD bool key_parts(struct span spki, struct span *algorithm, struct span *bits);

/* RFC 5280 4.2.1.2 (1): the SHA-1 of the subjectPublicKey's bits. */
NODISCARD enum caproof_status key_identifier(struct span spki, unsigned char out[20],
	struct error *err);

/* A fresh key pair; the caller frees it. */
NODISCARD enum caproof_status key_generate_p256(EVP_PKEY **out, struct error *err);
NODISCARD enum caproof_status key_generate_rsa(unsigned bits, EVP_PKEY **out, struct error *err);
/* Of the same kind as LIKE: RSA with as many bits, up to 4096, or the same curve. */
NODISCARD enum caproof_status key_generate_like(const struct public_key *like, EVP_PKEY **out,
	struct error *err);
NODISCARD enum caproof_status key_spki(const EVP_PKEY *pkey, struct bytes *out, struct error *err);

/* A Name in the form of RFC 4514, UTF-8, safe to show; NULL: no memory. */
char *name_text(const X509_NAME *name);

/* False for a time that no calendar has. */
NODISCARD bool time_from_asn1(const ASN1_TIME *time, time_t *out);

/* SHA-256 as lower-case hex. */
#define SHA256_HEX_SIZE 65
NODISCARD enum caproof_status sha256_hex(struct span data, char out[SHA256_HEX_SIZE],
	struct error *err);

/* A failure inside OpenSSL that is nobody's input: memory, or a bug.  Takes the code
 * off OpenSSL's queue for the detail. */
enum caproof_status crypto_error(struct error *err, const char *what);

#endif
