/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions, apart from what is done in them, so that another one can be had at any
 * time: to go on after one was lost, or to sign in several at once.  Never a
 * read-write session: nothing in a token is made, changed or deleted.
 */
#include "token/session.h"

#include "token/ckr.h"

CK_FUNCTION_LIST *session_functions(const struct session *session) {
	return module_functions(session->token->module);
}

enum caproof_status session_error(struct session *session, CK_RV rv, const char *call,
	const char *doing, struct error *err) {
	char token[224];

	if (rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED)
		session->lost = true;
	return ckr_error(err, rv, call, module_path(session->token->module), "cannot %s %s", doing,
		token_describe(session->token, token, sizeof(token)));
}

static CK_RV open_handle(const struct token *token, CK_SESSION_HANDLE *handle) {
	return module_functions(token->module)->C_OpenSession(token->slot, CKF_SERIAL_SESSION, NULL,
		NULL, handle);
}

enum caproof_status session_open(struct session *session, const struct token *token,
	struct error *err) {
	bool no_room;

	return session_open_if_room(session, token, &no_room, err);
}

enum caproof_status session_open_if_room(struct session *session, const struct token *token,
	bool *no_room, struct error *err) {
	struct session fresh = { token, 0, true, false };
	CK_RV rv = open_handle(token, &fresh.handle);

	*no_room = rv == CKR_SESSION_COUNT;
	if (rv != CKR_OK)
		return session_error(&fresh, rv, "C_OpenSession", "open a session on", err);
	*session = fresh;
	return CAPROOF_OK;
}

void session_close(struct session *session) {
	if (session->open)
		session_functions(session)->C_CloseSession(session->handle);
	session->open = false;
}

enum caproof_status session_renew(struct session *session, struct error *err) {
	const struct token *token = session->token;
	CK_SESSION_HANDLE handle = 0;
	CK_RV rv = open_handle(token, &handle);

	/* A token with one session only may still count the one that it claims to have lost. */
	if (rv == CKR_SESSION_COUNT) {
		session_close(session);
		rv = open_handle(token, &handle);
	}
	session_close(session);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_OpenSession", "open a session again on", err);
	*session = (struct session){ token, handle, true, false };
	return CAPROOF_OK;
}

enum caproof_status session_is_logged_in(struct session *session, bool *out, struct error *err) {
	CK_SESSION_INFO info;
	CK_RV rv = session_functions(session)->C_GetSessionInfo(session->handle, &info);

	if (rv != CKR_OK)
		return session_error(session, rv, "C_GetSessionInfo", "read the state of a session on",
			err);
	*out = info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
	return CAPROOF_OK;
}
