/* SPDX-License-Identifier: Apache-2.0
 *
 * The key that a CA certificate is to be made for: its public half, from the token that
 * holds it, or from an older certificate of it.
 */
#ifndef CAPROOF_OWN_KEY_H
#define CAPROOF_OWN_KEY_H

#include "token/signer.h"
#include "x509/ca.h"

struct own_key {
	struct public_key key;
	struct bytes spki; /* DER SubjectPublicKeyInfo */
};

/* What the token shows of the key that URI names, without a login.  Errors: token.*,
 * key.none, key.several with the candidates' URIs, key.unable, device. */
NODISCARD enum caproof_status own_key_read(struct module *module, const struct uri *uri,
	struct own_key *out, struct error *err);
/* The same after a login, as signer_reveal does it; *SIGNER knows the key by its URI only. */
NODISCARD enum caproof_status own_key_reveal(struct module *module,
	const struct signer_query *query, struct own_key *out, struct signer **signer,
	struct error *err);
/* The key of CA, its SubjectPublicKeyInfo octet by octet. */
NODISCARD enum caproof_status own_key_copy(const struct ca *ca, struct own_key *out,
	struct error *err);
void own_key_clear(struct own_key *key);

#endif
