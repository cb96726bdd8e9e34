/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and requests read without decoding the public key in them.  OpenSSL decodes
 * it each time, asked or not, with a decoder that it sets up anew: many times the work of
 * reading the rest (75 us to 4 us, OpenSSL 3.0).  A list has thousands of them.
 */
#ifndef CAPROOF_X509_KEYLESS_H
#define CAPROOF_X509_KEYLESS_H

#include <openssl/x509.h>

#include "base/bytes.h"

/* All of DER is one certificate, or one request; NULL: it is none, or no memory.  Of the
 * functions that take an X509 or X509_REQ, those that need the key in it, or an algorithm
 * without being given a library context, must not be called with what is returned; those that
 * ask for what OpenSSL remembers of the extensions neither, for it begins with a fingerprint. */
X509 *keyless_certificate(struct span der);
X509_REQ *keyless_request(struct span der);

/* Whether the signature of CERT, which was read from DER, is PKEY's (RFC 5280 4.1.1.3). */
bool keyless_verify(const X509 *cert, struct span der, EVP_PKEY *pkey);

/* The key in a SubjectPublicKeyInfo (RFC 5280 4.1.2.7), which the caller frees; NULL: it
 * cannot be read, cannot be a key, or no memory.  The kinds that nearly everybody has are not
 * left to OpenSSL's decoders. */
EVP_PKEY *keyless_decode(struct span spki);

#endif
