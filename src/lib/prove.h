/* SPDX-License-Identifier: Apache-2.0
 *
 * The story of a proof: plan, sign, seal.
 */
#ifndef CAPROOF_PROVE_H
#define CAPROOF_PROVE_H

#include "base/file.h"
#include "plan.h"
#include "seal.h"
#include "token/signer.h"

/* What one proof needs once its plan is made. */
struct prove_item {
	const struct plan *plan;
	const struct ca *ca;     /* NULL for the plan of a CA certificate */
	const struct platform *platform;
	time_t now;
	bool pem;
	struct output *out;      /* prove() */
	struct output *key_out;  /* NULL: the fresh key is not kept */
	struct span key_pem;
	/* Asked after the signature; true: write nothing.  May be NULL. */
	bool (*cancelled)(void *arg);
	void *arg;
};

/* Sign ITEM's octets with SIGNER and seal the result, which is written nowhere.  Errors:
 * device, key.*, signature, proof, interrupted; after any of them OUT is untouched. */
NODISCARD enum caproof_status prove_unwritten(struct signer *signer,
	const struct prove_item *item, struct proof *out, struct error *err);

/* The same, and write it: the key, when it is kept, first, and never a proof without it.
 * Errors: those, and output.*; after any of them nothing is there under either name. */
NODISCARD enum caproof_status prove(struct signer *signer, const struct prove_item *item,
	struct proof *out, struct error *err);

#endif
