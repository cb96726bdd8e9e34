/* SPDX-License-Identifier: Apache-2.0
 *
 * A read-only session (PKCS#11 2.40 5.6).  Cheap: a login belongs to the token, not
 * to a session, so several of these share one.
 */
#ifndef CAPROOF_TOKEN_SESSION_H
#define CAPROOF_TOKEN_SESSION_H

#include <stdbool.h>

#include "token/token.h"

struct session {
	const struct token *token; /* borrowed */
	CK_SESSION_HANDLE handle;
	bool open;
	bool lost; /* the token forgot it: CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED */
};

#define SESSION_INIT { NULL, 0, false, false }

/* SESSION must be closed.  Untouched on failure. */
NODISCARD enum caproof_status session_open(struct session *session, const struct token *token,
	struct error *err);
/* The same; *NO_ROOM: it failed because the token has as many sessions as it allows
 * (CKR_SESSION_COUNT). */
NODISCARD enum caproof_status session_open_if_room(struct session *session,
	const struct token *token, bool *no_room, struct error *err);
void session_close(struct session *session); /* safe on a closed one */

/* In place of a lost one.  The new session is opened before the old one is given up:
 * closing the last session of a token logs out (2.40 5.6.2). */
NODISCARD enum caproof_status session_renew(struct session *session, struct error *err);

/* Whether the token still holds a user's login, as this session sees it. */
NODISCARD enum caproof_status session_is_logged_in(struct session *session, bool *out,
	struct error *err);

CK_FUNCTION_LIST *session_functions(const struct session *session);

/* Record that CALL failed with RV in SESSION while DOING ("search"): "cannot search token
 * 'x': ...".  Notes a lost session. */
enum caproof_status session_error(struct session *session, CK_RV rv, const char *call,
	const char *doing, struct error *err);

#endif
