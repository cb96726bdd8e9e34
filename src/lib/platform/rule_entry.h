/* SPDX-License-Identifier: Apache-2.0
 *
 * One rule of a rule file.
 */
#ifndef CAPROOF_PLATFORM_RULE_ENTRY_H
#define CAPROOF_PLATFORM_RULE_ENTRY_H

#include "platform/rules.h"

#define TEXT_MAX 512

/* Take the rule in ENTRY into PLATFORM, whose form and sources are known already.
 * Refused: an unknown rule, one that was there before, one that does not apply to the
 * form, a severity below the one that holds everywhere, and a missing, unknown or
 * absurd parameter. */
NODISCARD enum caproof_status rule_entry_read(const struct json_place *entry,
	struct platform *platform, struct error *err);

/* The source that OBJECT's key "source" names. */
NODISCARD enum caproof_status source_read(const struct json_place *object,
	const struct platform *platform, const struct source **out, struct error *err);

#endif
