/* SPDX-License-Identifier: Apache-2.0
 *
 * The public half of a key that only a URI names: from the public key or the certificate
 * beside it, or from a private key that shows it.
 */
#ifndef CAPROOF_TOKEN_PUBLIC_HALF_H
#define CAPROOF_TOKEN_PUBLIC_HALF_H

#include "token/search.h"
#include "token/uri.h"

struct public_half {
	struct public_key key;    /* as the token shows it, a point perhaps compressed; type
	                             KEY_OTHER for a certificate and for what is not known here */
	struct bytes certificate; /* DER; empty for a public key object */
	char *uri;                /* of the private key that goes with it */
};

struct public_halves {
	struct public_half list[SEARCH_MAX];
	size_t count;
};

/* The public halves that fit URI, which may name a token alone, without a login: public key
 * objects, or the certificates where a token has no such public key.  The same key may be
 * there several times.  A token that fails is no failure when the URI names another one.
 * Errors: usage.uri (another type than private), token.*, key.none (nothing to see),
 * key.several (more than can be listed), device. */
NODISCARD enum caproof_status public_halves_read(struct module *module, const struct uri *uri,
	struct public_halves *out, struct error *err);
/* Append what SESSION's token shows of them, in the session's state.  HALVES is unchanged on
 * failure, except that key.several may have added some. */
NODISCARD enum caproof_status public_halves_gather(struct session *session, const struct uri *uri,
	struct public_halves *halves, struct error *err);
void public_halves_clear(struct public_halves *halves);

#endif
