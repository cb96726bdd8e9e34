/* SPDX-License-Identifier: Apache-2.0
 *
 * Which OpenSSL library context this thread works in.
 *
 * The tool has OpenSSL's own, and never says so.  The library has one of its own for each
 * of its contexts: then no provider or engine that somebody named in openssl.cnf (which
 * OpenSSL reads by itself, for its default context) comes near a CA's signature, and what the
 * program around it does with OpenSSL is left alone.  So whatever fetches an algorithm, or
 * decodes what will, asks here.
 */
#ifndef CAPROOF_BASE_CRYPTO_H
#define CAPROOF_BASE_CRYPTO_H

#include <openssl/types.h>

/* This thread's; NULL: OpenSSL's default. */
OSSL_LIB_CTX *crypto_context(void);
/* Choose it, until it is chosen again; returns the one before. */
OSSL_LIB_CTX *crypto_use(OSSL_LIB_CTX *context);

#endif
