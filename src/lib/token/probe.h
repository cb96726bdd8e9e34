/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token shows of the CA's key to whoever can see: its public half.
 */
#ifndef CAPROOF_TOKEN_PROBE_H
#define CAPROOF_TOKEN_PROBE_H

#include "token/search.h"

enum probe_result {
	PROBE_NOTHING, /* no public half to compare with */
	PROBE_EQUAL,   /* the CA's, in *HALF */
	PROBE_FOREIGN  /* somebody else's */
};

struct probe {
	const struct public_key *key;
	struct span certificate; /* DER; empty: not looked for */
	enum probe_result result;
	struct object half;      /* PROBE_EQUAL: the public key or certificate object */
};

/* Look for the CA's public key by its value, and then for its certificate. */
NODISCARD enum caproof_status probe_value(struct session *session, struct probe *probe,
	struct error *err);

/* Look at the public half of the key with this ID and LABEL (one may be empty, not both):
 * public keys and certificates of that id, those of that label first; or of that label,
 * when there is no id. */
NODISCARD enum caproof_status probe_named(struct session *session, struct span id,
	struct span label, struct probe *probe, struct error *err);

#endif
