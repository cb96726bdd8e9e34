/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing plan.json, of a ceremony or of its rehearsal, as plan_read.c reads it.
 */
#ifndef CAPROOF_CEREMONY_PLAN_WRITE_H
#define CAPROOF_CEREMONY_PLAN_WRITE_H

#include "ceremony/plan_file.h"

/* 128 random bits as hex: the number of a ceremony. */
#define CEREMONY_ID_SIZE 33
NODISCARD enum caproof_status ceremony_id_draw(char out[CEREMONY_ID_SIZE], struct error *err);

/* Put ITEM, a JSON object, at the end of ITEMS, behind a comma when it is not the first.  A
 * request that it has is written, else its subject_key.  On failure ITEMS may end in part of
 * it. */
NODISCARD enum caproof_status ceremony_item_write(const struct ceremony_item *item,
	struct bytes *items, struct error *err);
/* plan.json of PLAN, by this version of caproof, for the issuer CA and the algorithm
 * PLAN->algorithm; its items are ITEMS, made by ceremony_item_write. */
NODISCARD enum caproof_status ceremony_plan_write(const struct ceremony_plan *plan,
	const struct ca *ca, struct span items, struct bytes *out, struct error *err);

#endif
