/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects that may be the CA's private key or its public half, and the choice among
 * them.  Pure: nothing here calls a module.
 */
#ifndef CAPROOF_TOKEN_KEY_CHOICE_H
#define CAPROOF_TOKEN_KEY_CHOICE_H

#include "token/key.h"

struct key_list {
	struct object *objects; /* from malloc */
	size_t count;
	bool cut; /* the token may have more that fit */
};

enum key_choice {
	KEY_CHOICE_NONE,     /* no private key in the list */
	KEY_CHOICE_FOREIGN,  /* private keys, and each is somebody else's */
	KEY_CHOICE_SEVERAL,  /* more than one, or perhaps more than one, may be the CA's */
	KEY_CHOICE_COMPARED, /* this one is the CA's */
	KEY_CHOICE_POSSIBLE  /* this one may be the CA's; nothing could be compared */
};

/* Choose in LIST; *INDEX for the last two. */
enum key_choice key_choose(const struct key_list *list, const struct key_query *query,
	size_t *index);

/* Whether the private key at INDEX may be the CA's, as far as the list tells. */
enum object_verdict key_judge(const struct key_list *list, size_t index,
	const struct key_query *query);

/* The same id and label: halves of one pair. */
bool key_is_pair(const struct object *a, const struct object *b);

#endif
