/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: what C_GetTokenInfo says, in a form that outlives the call.
 */
#ifndef CAPROOF_TOKEN_TOKEN_H
#define CAPROOF_TOKEN_TOKEN_H

#include <stdbool.h>

#include "token/module.h"

struct token {
	struct module *module;   /* borrowed: not to be used after module_close */
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;      /* as reported, blank padded */
	/* Safe to show: trimmed and escaped. */
	char label[160], manufacturer[160], model[80], serial[80];
	char firmware[16];       /* "1.3" */
};

/* Every slot with a token in it, initialised or not, on the heap (free with
 * free()).  A slot that fails is left out unless all fail.  No token at all is no
 * failure: *OUT is NULL and *COUNT 0. */
NODISCARD enum caproof_status token_list(struct module *module, struct token **out, size_t *count,
	struct error *err);

/* The same, and UNREAD (from ERROR_INIT) gets the failure of the first slot that was left
 * out: whoever wants "the only token" must know that there is one that could not be read. */
NODISCARD enum caproof_status token_list_all(struct module *module, struct token **out,
	size_t *count, struct error *unread, struct error *err);

/* Whether the token was initialised; the others hold no keys. */
bool token_is_initialised(const struct token *token);

/* "token 'Ceremony 2026'", or "token with serial '00a1'" when it has no label.  Writes at
 * most SIZE octets into BUF, returns BUF. */
const char *token_describe(const struct token *token, char *buf, size_t size);

/* Read the flags again (after a failed login).  Leaves TOKEN as it was on failure. */
NODISCARD enum caproof_status token_refresh(struct module *module, struct token *token,
	struct error *err);

#endif
