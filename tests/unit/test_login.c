/* SPDX-License-Identifier: Apache-2.0
 *
 * How often a PIN goes to a token, whoever asks for it: a token of a few functions counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "token/login.h"
#include "token/session.h"

static unsigned logins, asked;
static CK_RV answer;
static CK_STATE state_of_session;

static CK_RV counted_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
	CK_ULONG len) {
	(void)session;
	(void)user;
	assert_int_equal(len, 4);
	assert_memory_equal(pin, "1234", 4);
	logins++;
	return answer;
}

static CK_RV session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info) {
	(void)session;
	*info = (CK_SESSION_INFO){ .state = state_of_session };
	return CKR_OK;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
	(void)slot;
	memset(info, ' ', sizeof(*info));
	info->flags = CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED;
	return CKR_OK;
}

CK_FUNCTION_LIST *__wrap_module_functions(const struct module *module);
const char *__wrap_module_path(const struct module *module);

CK_FUNCTION_LIST *__wrap_module_functions(const struct module *module) {
	static CK_FUNCTION_LIST functions = { .C_Login = counted_login,
		.C_GetSessionInfo = session_info, .C_GetTokenInfo = token_info };

	(void)module;
	return &functions;
}

const char *__wrap_module_path(const struct module *module) {
	(void)module;
	return "module.so";
}

static enum caproof_status give_pin(void *arg, const struct caproof_pin_prompt *prompt,
	struct secret **out, struct error *err) {
	(void)arg;
	(void)prompt;
	asked++;
	if (secret_new(out, err) != CAPROOF_OK)
		fail_msg("%s", err->message);
	secret_set_len(*out, 4);
	memcpy(secret_data(*out), "1234", 4);
	return CAPROOF_OK;
}

static const struct signer_pin ask = { give_pin, NULL, NULL };

struct bench {
	struct token token;
	struct login login;
	struct session session;
	struct error err;
};

static void begin(struct bench *b, CK_RV rv) {
	*b = (struct bench){ .err = ERROR_INIT };
	b->token.info.flags = CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED;
	b->login = (struct login){ .token = &b->token, .ask = &ask, .lock = LOGIN_LOCK };
	b->session = (struct session){ &b->token, 1, true, false };
	logins = asked = 0;
	answer = rv;
	state_of_session = CKS_RO_PUBLIC_SESSION;
}

static void end(struct bench *b, unsigned times) {
	assert_int_equal(logins, times);
	assert_true(asked <= 1);
	login_clear(&b->login);
}

static void refused(struct bench *b, enum caproof_status status, enum error_id id) {
	assert_int_not_equal(status, CAPROOF_OK);
	assert_int_equal(b->err.id, id);
	error_reset(&b->err);
}

static void good(enum caproof_status status) {
	assert_int_equal(status, CAPROOF_OK);
}

static void a_second_login_is_refused(void **state) {
	struct bench b;

	(void)state;
	begin(&b, CKR_OK);
	good(login_user(&b.login, &b.session, &b.err));
	refused(&b, login_user(&b.login, &b.session, &b.err), ERROR_INTERNAL);
	end(&b, 1);
}

static void a_wrong_pin_is_not_given_again(void **state) {
	struct bench b;

	(void)state;
	begin(&b, CKR_PIN_INCORRECT);
	refused(&b, login_user(&b.login, &b.session, &b.err), ERROR_PIN_INCORRECT);
	refused(&b, login_user(&b.login, &b.session, &b.err), ERROR_INTERNAL);
	good(login_restore(&b.login, &b.session, &b.err));
	end(&b, 1);
}

static void a_lost_login_is_made_again_once(void **state) {
	struct bench b;

	(void)state;
	begin(&b, CKR_OK);
	good(login_user(&b.login, &b.session, &b.err));
	state_of_session = CKS_RO_USER_FUNCTIONS;
	good(login_restore(&b.login, &b.session, &b.err));
	assert_int_equal(logins, 1);
	state_of_session = CKS_RO_PUBLIC_SESSION;
	good(login_restore(&b.login, &b.session, &b.err));
	assert_int_equal(logins, 2);
	good(login_restore(&b.login, &b.session, &b.err));
	end(&b, 2);
}

static void what_was_refused_for_a_signature_is_not_given_again(void **state) {
	struct bench b;

	(void)state;
	begin(&b, CKR_OK);
	good(login_user(&b.login, &b.session, &b.err));
	answer = CKR_PIN_INCORRECT;
	refused(&b, login_context(&b.login, &b.session, &b.err), ERROR_PIN_INCORRECT);
	answer = CKR_OK;
	refused(&b, login_context(&b.login, &b.session, &b.err), ERROR_PIN_INCORRECT);
	end(&b, 2);
}

static void flags_come_before_the_pin(void **state) {
	struct bench b;

	(void)state;
	begin(&b, CKR_OK);
	b.token.info.flags |= CKF_USER_PIN_LOCKED;
	refused(&b, login_user(&b.login, &b.session, &b.err), ERROR_PIN_LOCKED);
	b.token.info.flags = CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_FINAL_TRY;
	refused(&b, login_user(&b.login, &b.session, &b.err), ERROR_PIN_FINAL_TRY);
	b.token.info.flags = 0;
	refused(&b, login_user(&b.login, &b.session, &b.err), ERROR_PIN_STATE);
	assert_int_equal(asked, 0);
	b.token.info.flags = CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_FINAL_TRY;
	b.login.allow_final_try = true;
	good(login_user(&b.login, &b.session, &b.err));
	end(&b, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_login_is_refused),
		cmocka_unit_test(a_wrong_pin_is_not_given_again),
		cmocka_unit_test(a_lost_login_is_made_again_once),
		cmocka_unit_test(what_was_refused_for_a_signature_is_not_given_again),
		cmocka_unit_test(flags_come_before_the_pin),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
