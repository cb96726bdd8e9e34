/* SPDX-License-Identifier: Apache-2.0
 *
 * One DER object out of a file that people send around: PEM with text and CRLF
 * around it, or DER.  Refuses a file that holds several, something else, a private
 * key, or anything behind the object.
 */
#ifndef CAPROOF_X509_DOCUMENT_H
#define CAPROOF_X509_DOCUMENT_H

#include "base/bytes.h"

/* What is looked for, and how to speak of it. */
struct document_kind {
	const char *what;          /* "CA certificate" */
	const char *object;        /* "certificate" */
	const char *const *labels; /* PEM labels taken, NULL-terminated */
	enum error_id format, several;
};

extern const struct document_kind document_ca, document_request, document_proof;

struct document {
	struct bytes der;
	bool pem;
	bool text_around; /* anything but white space outside the PEM armour */
	size_t size;      /* of the file */
};

/* NAME stands for the file in errors.  The DER is not decoded further than its length. */
NODISCARD enum caproof_status document_parse(struct span file, const char *name,
	const struct document_kind *kind, struct document *out, struct error *err);
void document_clear(struct document *document);

/* DER as PEM (RFC 7468) with this LABEL; nothing secret, for it is not wiped. */
NODISCARD enum caproof_status document_pem(const char *label, struct span der,
	struct bytes *out, struct error *err);

/* Whether no length in DER is indefinite: BER would be copied into what is signed. */
bool document_is_definite(struct span der);

#endif
