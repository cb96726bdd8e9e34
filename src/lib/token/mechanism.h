/* SPDX-License-Identifier: Apache-2.0
 *
 * A signature algorithm as a token does it.
 */
#ifndef CAPROOF_TOKEN_MECHANISM_H
#define CAPROOF_TOKEN_MECHANISM_H

#include "base/algorithm.h"
#include "token/object.h"

/* What the token is given to sign. */
enum mechanism_input { INPUT_MESSAGE, INPUT_DIGEST, INPUT_DIGEST_INFO };

struct mechanism {
	CK_MECHANISM_TYPE type;
	enum mechanism_input input;
};

/* The first way to make ALGORITHM with KEY that TOKEN has (C_GetMechanismInfo: CKF_SIGN,
 * key sizes) and, when KEY_OBJECT is not NULL, that its CKA_ALLOWED_MECHANISMS allow.
 * Errors: key.unable, device. */
NODISCARD enum caproof_status mechanism_choose(const struct token *token,
	const struct algorithm *algorithm, const struct public_key *key,
	const struct object *key_object, struct mechanism *out, struct error *err);

/* Whether the key's CKA_ALLOWED_MECHANISMS, if it has any, have this one. */
bool mechanism_is_allowed(const struct mechanism *mechanism, const struct object *key_object);

#endif
