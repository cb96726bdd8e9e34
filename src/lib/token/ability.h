/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token can sign with, for whoever has no key in mind yet.
 */
#ifndef CAPROOF_TOKEN_ABILITY_H
#define CAPROOF_TOKEN_ABILITY_H

#include "base/algorithm.h"
#include "token/token.h"

/* Sizes are bits of the modulus or of the field; MAX is 0 where the token does not tell. */
struct ability {
	enum scheme scheme;
	unsigned long min, max;
};

enum { ABILITY_MAX = 4 };

/* One entry for each scheme that TOKEN has a signing mechanism for.  Errors: device. */
NODISCARD enum caproof_status ability_read(const struct token *token,
	struct ability list[ABILITY_MAX], size_t *count, struct error *err);

#endif
