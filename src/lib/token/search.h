/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding objects by template: a constant number of calls, whatever a token holds.
 */
#ifndef CAPROOF_TOKEN_SEARCH_H
#define CAPROOF_TOKEN_SEARCH_H

#include "token/object.h"

enum { SEARCH_MAX = 8, TEMPLATE_MAX = 6 };

/* What to search for.  Values are borrowed until the search was made. */
struct template {
	CK_ATTRIBUTE list[TEMPLATE_MAX];
	CK_ULONG count;
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE key_type;
};

struct found {
	CK_OBJECT_HANDLE handles[SEARCH_MAX];
	size_t count;
	bool cut; /* there may be more */
};

void template_class(struct template *t, CK_OBJECT_CLASS class);
void template_key_type(struct template *t, enum key_type type);
/* An empty value is left out: an object found by an empty id alone could be any. */
void template_add(struct template *t, CK_ATTRIBUTE_TYPE type, struct span value);

/* At most LIMIT (up to SEARCH_MAX) handles.  When one was found and UNIQUE is true the
 * module is asked again: it may hand them out one by one. */
NODISCARD enum caproof_status search(struct session *session, struct template *t, size_t limit,
	bool unique, struct found *out, struct error *err);

/* Find KEY among the public keys that can be seen, by its value and what T says already
 * (T may be empty): RSA by modulus; EC by the point, as an OCTET STRING like the standard
 * says, or RAW as some modules have it. */
NODISCARD enum caproof_status search_public_key(struct session *session, const struct template *t,
	const struct public_key *key, bool raw, struct found *out, struct error *err);

#endif
