/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fuzz targets share: a fixed world of keys, CA certificates and platforms, and
 * what has to hold whatever a stranger sends.  A target reads its first octet as knobs
 * (which platform, which key) and the rest as the file; with a knob it signs the file
 * again with a key of its own, so that what lies behind a right signature is reached too.
 */
#ifndef CAPROOF_TESTS_FUZZ_H
#define CAPROOF_TESTS_FUZZ_H

#include <openssl/evp.h>

#include "ca_certificate.h"
#include "ceremony/bundle.h"
#include "seal.h"
#include "../support/soft.h"

#define FUZZ_NOW SOFT_NOW
/* Good for every platform that has a code. */
#define FUZZ_CODE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FUZZ_SUBJECT "Fuzz CA" /* the CAs are O=Soft Works, CN=Fuzz CA */

#define FUZZ_MUST(condition) \
	((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition, NULL))

enum fuzz_kind { FUZZ_ED25519, FUZZ_P256, FUZZ_RSA, FUZZ_KINDS };

struct fuzz_world {
	struct platform *platforms[16]; /* those of platforms/, by name */
	size_t platform_count;
	EVP_PKEY *keys[FUZZ_KINDS];
	struct ca *cas[FUZZ_KINDS];     /* of these keys */
};

/* libFuzzer's entry, and that of drive.c; always 0. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Made by the first call. */
const struct fuzz_world *fuzz_world(void);

/* A ceremony's folder: inputs/ca.pem is the CA of FUZZ_P256; roster/ has alice (FUZZ_RSA), bob
 * (FUZZ_P256) and walter (FUZZ_ED25519).  Made by the first call, gone at the end. */
const struct bundle *fuzz_bundle(void);
/* Put CONTENT there, over what was. */
void fuzz_file(const char *name, struct span content);
/* TEXT with an edit: INPUT's first two octets say where, its third how many octets go, and the
 * rest comes there. */
struct bytes fuzz_edited(struct span text, struct span input);

/* Ends the process with a word on what did not hold. */
_Noreturn void fuzz_broken(const char *file, int line, const char *what, const char *text);

/* Takes the first octet off INPUT; 0 when it is empty. */
unsigned fuzz_knob(struct span *input);
/* A NUL-terminated copy that is not one octet longer. */
char *fuzz_text(struct span input);

/* Whether STATUS is CAPROOF_OK; if not, ERR must be a reason that a person can read, and
 * never a bug of caproof's own.  Forgets what OpenSSL remembers. */
bool fuzz_fine(enum caproof_status status, const struct error *err);
/* Every check can be shown. */
void fuzz_checks(const struct checks *checks);
/* TEXT is valid UTF-8 without anything hidden in it, but for newlines. */
void fuzz_shown(const char *text);

/* What FUZZ_KINDS is for in knobs: leave the signature alone. */
enum fuzz_kind fuzz_kind(unsigned knob);
/* FILE as DER, signed by KIND's key; OWN: for that key as well.  A copy of FILE when it is
 * no certificate, or KIND is FUZZ_KINDS. */
struct bytes fuzz_signed_certificate(struct span file, enum fuzz_kind kind, bool own);
struct bytes fuzz_signed_request(struct span file, enum fuzz_kind kind);

/* The inputs of a plan that is as good as the world can make it. */
struct plan_input fuzz_plan(const struct platform *platform, enum fuzz_kind kind);
/* What is planned is what is made: signed with KIND's key, PLAN becomes a proof that
 * everything accepts at NOW. */
void fuzz_seal(const struct plan *plan, const struct ca *ca, const struct platform *platform,
	enum fuzz_kind kind, time_t now);

#endif
