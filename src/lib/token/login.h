/* SPDX-License-Identifier: Apache-2.0
 *
 * The PIN and what may be done with it.  Everything that can lock a token is here.
 *
 * Promise: one C_Login(CKU_USER); a second one only after a lost session, when the
 * first was accepted; a context-specific one at most once a signature and never again
 * after one failed; no PIN goes to a token whose flags forbid it.
 */
#ifndef CAPROOF_TOKEN_LOGIN_H
#define CAPROOF_TOKEN_LOGIN_H

#include <pthread.h>

#include "token/session.h"
#include "token/signer.h"

struct login {
	struct token *token;          /* borrowed; its flags are read again after a failure */
	const struct signer_pin *ask; /* borrowed */
	bool allow_final_try;
	const char *key;              /* for the prompt; borrowed, may be NULL */
	struct secret *pin;           /* NULL before it was asked for, and with a PIN pad */
	bool tried;                   /* C_Login(CKU_USER) was called */
	bool accepted;                /* and it succeeded */
	bool restored;                /* the second one was made */
	unsigned contexts;            /* C_Login(CKU_CONTEXT_SPECIFIC) calls so far */
	bool context_failed;
	pthread_mutex_t lock;         /* for the second and later calls, which any session may need */
};

/* What a login begins with: zero, and this. */
#define LOGIN_LOCK PTHREAD_MUTEX_INITIALIZER

/* Whether the token's flags let a PIN be tried.  Errors: pin.locked, pin.final-try,
 * pin.state. */
NODISCARD enum caproof_status login_check(const struct login *login, struct error *err);

/* C_Login(CKU_USER), after asking for the PIN.  Once; refused the second time. */
NODISCARD enum caproof_status login_user(struct login *login, struct session *session,
	struct error *err);

/* After a lost session: log in again, if the token says that the login is gone and the
 * first one was accepted. */
NODISCARD enum caproof_status login_restore(struct login *login, struct session *session,
	struct error *err);

/* C_Login(CKU_CONTEXT_SPECIFIC) between C_SignInit and C_Sign (2.40 5.13). */
NODISCARD enum caproof_status login_context(struct login *login, struct session *session,
	struct error *err);

void login_clear(struct login *login); /* wipes the PIN */

#endif
