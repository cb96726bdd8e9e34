/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files verify*.c share, and nobody else.
 */
#ifndef CAPROOF_VERIFY_INTERNAL_H
#define CAPROOF_VERIFY_INTERNAL_H

#include "verify.h"

struct proof_view {
	const struct verify_input *input;
	struct span der;
	X509 *cert;        /* its key is not decoded: x509/keyless.h */
	struct checks *checks;
	bool signed_by_ca; /* set by the first check: what else a foreign signature breaks is quiet */
};

/* One check each; ERR is the caller's. */
#define HOLDS(view, id, source, ...) \
	checks_add((view)->checks, id, CHECK_OK, source, NULL, err, __VA_ARGS__)
#define WARNS(view, id, source, way_out, ...) \
	checks_add((view)->checks, id, CHECK_WARNING, source, way_out, err, __VA_ARGS__)
#define REFUSES(view, id, source, way_out, ...) \
	checks_add((view)->checks, id, CHECK_REFUSED, source, way_out, err, __VA_ARGS__)

/* Whether the code is in its place, alone and equal (verify_code.c). */
NODISCARD enum caproof_status verify_code_place(struct proof_view *view, struct error *err);

/* The algorithm of a certificate's signature; false when caproof does not know it. */
NODISCARD bool verify_algorithm_of(X509 *cert, struct algorithm *out);
/* The algorithm with which SIGNATURE over CODE verifies under the CA's key; *GOOD is false
 * when there is none. */
NODISCARD enum caproof_status verify_algorithm_found(const struct ca *ca, struct span code,
	struct span signature, struct algorithm *out, bool *good, struct error *err);

#endif
