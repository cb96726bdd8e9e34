/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of a plan share.
 */
#ifndef CAPROOF_CEREMONY_PLAN_INTERNAL_H
#define CAPROOF_CEREMONY_PLAN_INTERNAL_H

#include "ceremony/plan_file.h"

/* Hold ITEM against its own octets and its request. */
NODISCARD enum caproof_status ceremony_item_check(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_item *item, struct error *err);
/* The tbsCertificate that the fields and the request of ITEM make under PLAN's issuer. */
NODISCARD enum caproof_status ceremony_item_octets(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_item *item, struct bytes *out,
	struct error *err);
/* Read one member of the plan's `items`. */
NODISCARD enum caproof_status ceremony_item_read(const struct json_place *place, long index,
	struct ceremony_item *item, struct error *err);
/* An RFC 3339 time in UTC, as caproof writes it. */
NODISCARD enum caproof_status ceremony_time_read(const struct json_place *object,
	const char *key, enum json_need need, time_t *out, struct error *err);

#endif
