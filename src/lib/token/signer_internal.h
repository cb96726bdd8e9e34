/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a signer, for token/signer*.c only.
 */
#ifndef CAPROOF_TOKEN_SIGNER_INTERNAL_H
#define CAPROOF_TOKEN_SIGNER_INTERNAL_H

#include "token/object.h"
#include "token/sign.h"

struct signer {
	struct signer_query query;
	struct token token;
	struct session session;
	struct token login_token; /* the login's own, for its flags are read again */
	struct login own_login;
	struct login *login;    /* own_login, or that of the signer it was forked from */
	struct signing signings[SIGNER_ALGORITHMS]; /* one for each of the query's algorithms */
	struct object half;     /* the CA's public half, when HAVE_HALF */
	bool have_half;
	bool unlocked;
	bool renewed;           /* the one new session was had */
	struct signer_key shown;
};

#endif
