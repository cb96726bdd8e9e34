/* SPDX-License-Identifier: Apache-2.0
 *
 * Every return value has a sentence, an exit code and a next step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "token/ckr.h"

/* All of PKCS#11 2.40, and what 3.0 added, by number: not taken from the table. */
static const CK_RV standard[] = {
	0x001, 0x002, 0x003, 0x005, 0x006, 0x007, 0x008, 0x009, 0x00a, 0x010, 0x011, 0x012, 0x013,
	0x01a, 0x01b, 0x020, 0x021, 0x030, 0x031, 0x032, 0x040, 0x041, 0x042, 0x050, 0x051, 0x054,
	0x060, 0x062, 0x063, 0x064, 0x065, 0x066, 0x067, 0x068, 0x069, 0x06a, 0x070, 0x071, 0x082,
	0x090, 0x091, 0x0a0, 0x0a1, 0x0a2, 0x0a3, 0x0a4, 0x0b0, 0x0b1, 0x0b3, 0x0b4, 0x0b5, 0x0b6,
	0x0b7, 0x0b8, 0x0c0, 0x0c1, 0x0d0, 0x0d1, 0x0e0, 0x0e1, 0x0e2, 0x0f0, 0x0f1, 0x0f2, 0x100,
	0x101, 0x102, 0x103, 0x104, 0x105, 0x110, 0x112, 0x113, 0x114, 0x115, 0x120, 0x121, 0x130,
	0x140, 0x150, 0x160, 0x170, 0x180, 0x190, 0x191, 0x1a0, 0x1a1, 0x1b0, 0x1b1, 0x1b5, 0x1b6,
	0x1b7, 0x1b8, 0x1b9, 0x200, 0x201, 0x202, 0x203,
};

static struct error failed(CK_RV rv, const char *call) {
	struct error err = ERROR_INIT;

	assert_int_not_equal(ckr_error(&err, rv, call, "/usr/lib/vendor.so", "cannot sign on token "
		"'%s'", "x"), CAPROOF_OK);
	return err;
}

/* What a person sees has no code in it; what -v shows has the call and the name. */
static void each_value_has_a_sentence_and_a_next_step(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
		struct error err = failed(standard[i], "C_Sign");
		char name[64], detail[96];

		ckr_name(standard[i], name, sizeof name);
		if (strncmp(name, "CKR_", 4) != 0 || strstr(name, "VENDOR") != NULL)
			fail_msg("0x%lx has no name", standard[i]);
		snprintf(detail, sizeof detail, "C_Sign: %s", name);
		assert_string_equal(err.detail, detail);
		if (strncmp(err.message, "cannot sign on token 'x': ", 26) != 0 ||
			strlen(err.message) < 36 || strstr(err.message, "CKR_") != NULL)
			fail_msg("%s: %s", name, err.message);
		if (error_hint_text(&err)[0] == '\0' || strstr(error_hint_text(&err), "CKR_") != NULL)
			fail_msg("%s: hint: %s", name, error_hint_text(&err));
	}
}

static void house_style_is_kept(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
		struct error err = failed(standard[i], "C_Sign");
		size_t len = strlen(err.message);

		if (err.message[len - 1] == '.' || strstr(err.message, "  ") != NULL)
			fail_msg("%s", err.message);
	}
}

static void assert_exit(CK_RV rv, enum error_id id, enum caproof_status status) {
	struct error err = failed(rv, "C_Login");

	assert_int_equal(err.id, id);
	assert_int_equal(error_status(&err), status);
}

static void the_exit_code_tells_what_to_do(void **state) {
	(void)state;
	assert_exit(CKR_PIN_INCORRECT, ERROR_PIN_INCORRECT, CAPROOF_PIN);
	assert_exit(CKR_PIN_LOCKED, ERROR_PIN_LOCKED, CAPROOF_PIN);
	assert_exit(CKR_PIN_EXPIRED, ERROR_PIN_STATE, CAPROOF_PIN);
	assert_exit(CKR_PIN_LEN_RANGE, ERROR_PIN_LENGTH, CAPROOF_PIN);
	assert_exit(CKR_USER_PIN_NOT_INITIALIZED, ERROR_PIN_STATE, CAPROOF_PIN);
	assert_exit(CKR_DEVICE_REMOVED, ERROR_DEVICE, CAPROOF_DEVICE);
	assert_exit(CKR_TOKEN_NOT_PRESENT, ERROR_TOKEN_MISSING, CAPROOF_DEVICE);
	assert_exit(CKR_GENERAL_ERROR, ERROR_DEVICE, CAPROOF_DEVICE);
	assert_exit(CKR_HOST_MEMORY, ERROR_DEVICE, CAPROOF_DEVICE);
	assert_exit(CKR_MECHANISM_INVALID, ERROR_KEY_UNABLE, CAPROOF_KEY);
	assert_exit(CKR_KEY_FUNCTION_NOT_PERMITTED, ERROR_KEY_UNABLE, CAPROOF_KEY);
}

static void a_vendors_value_is_shown_as_a_number_with_its_module(void **state) {
	struct error err = failed(CKR_VENDOR_DEFINED | 0x42, "C_Sign");

	(void)state;
	assert_int_equal(error_status(&err), CAPROOF_DEVICE);
	assert_non_null(strstr(err.message, "0x80000042"));
	assert_non_null(strstr(err.message, "/usr/lib/vendor.so"));
	assert_string_equal(err.detail, "C_Sign: CKR_VENDOR_DEFINED+0x42");
}

static void a_value_of_no_standard_is_not_guessed_at(void **state) {
	struct error err = failed(0x7777, "C_Sign");

	(void)state;
	assert_int_equal(error_status(&err), CAPROOF_DEVICE);
	assert_non_null(strstr(err.message, "0x00007777"));
	assert_string_equal(err.detail, "C_Sign: 0x7777");
}

static void a_modules_name_is_made_safe(void **state) {
	struct error err = ERROR_INIT;

	(void)state;
	ckr_error(&err, CKR_VENDOR_DEFINED, "C_Sign", "/tmp/\x1b[2J.so", "cannot sign");
	assert_null(strchr(err.message, '\x1b'));
	err = (struct error)ERROR_INIT;
	ckr_error(&err, CKR_VENDOR_DEFINED, "C_Sign", NULL, "cannot sign");
	assert_int_equal(err.id, ERROR_DEVICE);
}

static void the_first_cause_stays(void **state) {
	struct error err = failed(CKR_PIN_INCORRECT, "C_Login"), before = err;

	(void)state;
	assert_int_equal(ckr_error(&err, CKR_DEVICE_REMOVED, "C_CloseSession", "m", "cannot close"),
		CAPROOF_PIN);
	assert_memory_equal(&err, &before, sizeof err);
}

static void names_are_the_standards(void **state) {
	char name[64];

	(void)state;
	assert_string_equal(ckr_name(CKR_OK, name, sizeof name), "CKR_OK");
	assert_string_equal(ckr_name(0xa0, name, sizeof name), "CKR_PIN_INCORRECT");
	assert_string_equal(ckr_name(0x1b6, name, sizeof name), "CKR_FIPS_SELF_TEST_FAILED");
	assert_string_equal(ckr_name(0x1c1, name, sizeof name), "CKR_FIPS_SELF_TEST_FAILED");
	assert_string_equal(ckr_name(0x203, name, sizeof name), "CKR_KEY_EXHAUSTED");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_has_a_sentence_and_a_next_step),
		cmocka_unit_test(house_style_is_kept),
		cmocka_unit_test(the_exit_code_tells_what_to_do),
		cmocka_unit_test(a_vendors_value_is_shown_as_a_number_with_its_module),
		cmocka_unit_test(a_value_of_no_standard_is_not_guessed_at),
		cmocka_unit_test(a_modules_name_is_made_safe),
		cmocka_unit_test(the_first_cause_stays),
		cmocka_unit_test(names_are_the_standards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
