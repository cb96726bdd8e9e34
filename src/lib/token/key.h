/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of a token's private keys is the CA's.
 */
#ifndef CAPROOF_TOKEN_KEY_H
#define CAPROOF_TOKEN_KEY_H

#include "token/probe.h"

struct key_query {
	const struct public_key *public_key;
	struct span id, label;    /* of the URI; empty when it names no key */
	const struct object *half; /* the CA's public half as the token shows it; NULL: not seen */
};

/* Find the one private key.  *COMPARED: the token's own public half, or the private key's
 * own attributes, show that it is the CA's; false means that nothing could be compared.
 * Errors: key.none, key.foreign, key.several with the candidates' URIs, device. */
NODISCARD enum caproof_status key_find(struct session *session, const struct key_query *query,
	struct object *out, bool *compared, struct error *err);

#endif
