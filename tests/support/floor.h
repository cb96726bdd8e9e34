/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor's duties: what is done with a signature besides having it made.
 */
#ifndef CAPROOF_TESTS_FLOOR_H
#define CAPROOF_TESTS_FLOOR_H

#include <openssl/x509.h>

#define DIGEST_SIZE 32

/* Before the threads: the CA certificate, where N.csr is read and N.pem written. */
void duties_begin(const char *ca, const char *requests, const char *proofs, int rsa);

/* Read request NUMBER, check its signature, build the certificate; DIGEST is what
 * must be signed. */
X509 *duty_build(long number, unsigned char digest[DIGEST_SIZE]);

/* Put the token's SIGNATURE in, verify it with the CA certificate's key, write and free
 * the certificate. */
void duty_finish(long number, X509 *cert, const unsigned char *signature, size_t len);

_Noreturn void die(const char *what, unsigned long code);

#endif
