/* SPDX-License-Identifier: Apache-2.0
 *
 * Logging in.  The token's flags come before the PIN, the PIN's length before the
 * token, and after a failure the flags again, so that the person knows what is left.
 * Nothing here tries a PIN twice.
 */
#include "token/login.h"

#include <string.h>

#include "token/ckr.h"

static bool has(const struct login *login, CK_FLAGS flag) {
	return (login->token->info.flags & flag) != 0;
}

static const char *describe(const struct login *login, char *buf, size_t size) {
	return token_describe(login->token, buf, size);
}

enum caproof_status login_check(const struct login *login, struct error *err) {
	char token[224];

	describe(login, token, sizeof(token));
	if (has(login, CKF_USER_PIN_LOCKED))
		return error_set(err, ERROR_PIN_LOCKED, "cannot log in to %s: its PIN is locked", token);
	if (!has(login, CKF_USER_PIN_INITIALIZED))
		return error_set(err, ERROR_PIN_STATE, "cannot log in to %s: it has no user PIN yet",
			token);
	if (has(login, CKF_USER_PIN_FINAL_TRY) && !login->allow_final_try)
		return error_set(err, ERROR_PIN_FINAL_TRY,
			"will not log in to %s: one more wrong PIN locks it", token);
	return CAPROOF_OK;
}

static struct caproof_pin_prompt make_prompt(const struct login *login) {
	return (struct caproof_pin_prompt){
		.token = login->token->label,
		.serial = login->token->serial,
		.key = login->key,
		.few_tries = has(login, CKF_USER_PIN_COUNT_LOW),
		.final_try = has(login, CKF_USER_PIN_FINAL_TRY),
		.pin_pad = has(login, CKF_PROTECTED_AUTHENTICATION_PATH),
	};
}

static enum caproof_status check_length(const struct login *login, struct error *err) {
	const CK_TOKEN_INFO *info = &login->token->info;
	size_t len = secret_len(login->pin);
	bool limits = info->ulMaxPinLen > 0 && info->ulMaxPinLen != CK_UNAVAILABLE_INFORMATION &&
		info->ulMinPinLen <= info->ulMaxPinLen;
	char token[224];

	if (len > 0 && (!limits || (len >= info->ulMinPinLen && len <= info->ulMaxPinLen)))
		return CAPROOF_OK;
	describe(login, token, sizeof(token));
	if (len == 0)
		return error_set(err, ERROR_PIN_LENGTH, "will not log in to %s: the PIN is empty", token);
	error_set(err, ERROR_PIN_LENGTH, "will not log in to %s: the PIN is too %s for it", token,
		len < info->ulMinPinLen ? "short" : "long");
	error_hint(err, "the token takes PINs of %lu to %lu octets; check the PIN; no try was spent",
		info->ulMinPinLen, info->ulMaxPinLen);
	return error_status(err);
}

/* A fork has the page of the PIN, and zeros in it: an empty PIN could cost a try. */
static enum caproof_status refuse_fork(const struct login *login, struct error *err) {
	char token[224];

	error_set(err, ERROR_PIN_NONE, "will not log in to %s: the PIN was given to the process that "
		"this one was forked from", describe(login, token, sizeof(token)));
	error_hint(err, "no try was spent; find the token after the fork");
	return error_status(err);
}

/* A NULL PIN means the reader's own keys (2.40 5.6.7). */
static enum caproof_status get_pin(struct login *login, struct error *err) {
	struct caproof_pin_prompt prompt = make_prompt(login);
	enum caproof_status status;

	if (prompt.pin_pad) {
		if (login->ask->notify != NULL)
			login->ask->notify(login->ask->arg, &prompt);
		return CAPROOF_OK;
	}
	if (login->pin != NULL)
		return secret_len(login->pin) > 0 ? CAPROOF_OK : refuse_fork(login, err);
	status = login->ask->ask(login->ask->arg, &prompt, &login->pin, err);
	if (status == CAPROOF_OK)
		status = check_length(login, err);
	if (status != CAPROOF_OK)
		login_clear(login);
	return status;
}

static CK_RV call(struct login *login, struct session *session, CK_USER_TYPE user) {
	bool pad = login->pin == NULL;

	return session_functions(session)->C_Login(session->handle, user,
		pad ? NULL : secret_data(login->pin), pad ? 0 : secret_len(login->pin));
}

/* Gone for now: nothing is asked of it any more. */
static bool is_gone(CK_RV rv) {
	return rv == CKR_DEVICE_REMOVED || rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_DEVICE_ERROR;
}

/* The person at the reader pressed "cancel" or waited too long. */
static bool is_refusal(CK_RV rv) {
	return rv == CKR_CANCEL || rv == CKR_FUNCTION_CANCELED || rv == CKR_FUNCTION_REJECTED;
}

static void say_what_is_left(const struct login *login, struct error *err) {
	if (has(login, CKF_USER_PIN_FINAL_TRY))
		error_hint(err, "one try is left: one more wrong PIN locks the token; be sure of the PIN, "
			"then run this again with --allow-final-try");
	else if (has(login, CKF_USER_PIN_COUNT_LOW))
		error_hint(err, "the token allows few more tries; check the PIN before running this again");
}

static enum caproof_status login_error(struct login *login, CK_RV rv, struct error *err) {
	struct error ignored = ERROR_INIT;
	bool wrong = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE;
	bool fresh = !is_gone(rv) &&
		token_refresh(login->token->module, login->token, &ignored) == CAPROOF_OK;
	char token[224], name[64];

	describe(login, token, sizeof(token));
	if (login->pin == NULL && is_refusal(rv)) {
		error_set(err, ERROR_PIN_NONE, "cannot log in to %s: no PIN was entered on the reader",
			token);
		error_hint(err, "run this again and enter the PIN on the reader");
		error_detail(err, "C_Login: %s", ckr_name(rv, name, sizeof(name)));
		return error_status(err);
	}
	if (wrong && fresh && has(login, CKF_USER_PIN_LOCKED)) {
		error_set(err, ERROR_PIN_LOCKED,
			"cannot log in to %s: the PIN is wrong, and it is locked now", token);
		error_detail(err, "C_Login: %s", ckr_name(rv, name, sizeof(name)));
		return error_status(err);
	}
	ckr_error(err, rv, "C_Login", module_path(login->token->module), "cannot log in to %s", token);
	if (wrong && fresh)
		say_what_is_left(login, err);
	return error_status(err);
}

/* A PIN that was refused is good for nothing more. */
static enum caproof_status refused(struct login *login, CK_RV rv, struct error *err) {
	enum caproof_status status = login_error(login, rv, err);

	login->context_failed = true;
	login_clear(login);
	return status;
}

enum caproof_status login_user(struct login *login, struct session *session, struct error *err) {
	enum caproof_status status;
	CK_RV rv;

	if (login->tried)
		return error_set(err, ERROR_INTERNAL, "a second login was about to be made");
	status = login_check(login, err);
	if (status == CAPROOF_OK)
		status = get_pin(login, err);
	if (status != CAPROOF_OK)
		return status;
	login->tried = true;
	rv = call(login, session, CKU_USER);
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return refused(login, rv, err);
	login->accepted = true;
	return CAPROOF_OK;
}

static enum caproof_status restore(struct login *login, struct session *session,
	struct error *err) {
	enum caproof_status status;
	bool logged_in;
	CK_RV rv;

	/* Never a third time. */
	if (!login->accepted || login->restored)
		return CAPROOF_OK;
	status = session_is_logged_in(session, &logged_in, err);
	if (status != CAPROOF_OK || logged_in)
		return status;
	status = get_pin(login, err);
	if (status != CAPROOF_OK)
		return status;
	login->restored = true;
	rv = call(login, session, CKU_USER);
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return refused(login, rv, err);
	return CAPROOF_OK;
}

enum caproof_status login_restore(struct login *login, struct session *session,
	struct error *err) {
	enum caproof_status status;

	pthread_mutex_lock(&login->lock);
	status = restore(login, session, err);
	pthread_mutex_unlock(&login->lock);
	return status;
}

static enum caproof_status log_in_for_key(struct login *login, struct session *session,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;
	CK_RV rv;

	if (login->context_failed)
		return error_set(err, ERROR_PIN_INCORRECT,
			"will not give the PIN again that the token refused for a signature");
	if (login->pin == NULL)
		status = login_check(login, err);
	if (status == CAPROOF_OK)
		status = get_pin(login, err);
	if (status != CAPROOF_OK)
		return status;
	login->contexts++;
	rv = call(login, session, CKU_CONTEXT_SPECIFIC);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return CAPROOF_OK;
	(void)refused(login, rv, err);
	return error_context(err, "the key wants the PIN for each signature");
}

enum caproof_status login_context(struct login *login, struct session *session,
	struct error *err) {
	enum caproof_status status;

	pthread_mutex_lock(&login->lock);
	status = log_in_for_key(login, session, err);
	pthread_mutex_unlock(&login->lock);
	return status;
}

void login_clear(struct login *login) {
	secret_free(login->pin);
	login->pin = NULL;
}
