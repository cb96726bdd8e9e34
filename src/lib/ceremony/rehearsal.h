/* SPDX-License-Identifier: Apache-2.0
 *
 * Rehearsals: a ceremony's folder beside the real one, with a key and an issuer that were made
 * for it.  Everything that could be taken for the real thing says that it is not.
 */
#ifndef CAPROOF_CEREMONY_REHEARSAL_H
#define CAPROOF_CEREMONY_REHEARSAL_H

#include "ceremony/ceremony.h"

/* A key that is thrown away, and the CA certificate by which it is known. */
struct rehearsal_key {
	EVP_PKEY *pkey;
	struct ca *ca;         /* "CN=REHEARSAL 0123456789abcdef: worth nothing" */
};

/* A fresh key of the kind of PLAN's CA, for the time of PLAN's items.  OUT must be cleared
 * whatever happens. */
NODISCARD enum caproof_status rehearsal_key_make(const struct ceremony_plan *plan, time_t now,
	struct rehearsal_key *out, struct error *err);
void rehearsal_key_clear(struct rehearsal_key *key);
/* What ceremony_sign calls; ARG is the struct rehearsal_key. */
NODISCARD enum caproof_status rehearsal_key_sign(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err);

/* Make the folder PATH, which must not be there, from PLANNED, of which nothing is changed:
 * its items under KEY's issuer, its policy under another name, its roster and its requests.
 * On failure the folder is taken away.  Errors: output.exists, output.write. */
NODISCARD enum caproof_status rehearsal_make(const struct ceremony *planned,
	const struct rehearsal_key *key, const char *path, struct error *err);
/* The records of REHEARSED behind run.start: what it rehearses, and the gates that PLANNED has
 * passed. */
NODISCARD enum caproof_status rehearsal_begin(struct ceremony *rehearsed,
	const struct ceremony *planned, struct error *err);

#endif
