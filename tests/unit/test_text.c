/* SPDX-License-Identifier: Apache-2.0
 *
 * Text made safe, and text taken strictly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void assert_safe(const char *text, const char *expected) {
	char buf[200];
	char *copy = text_safe_dup(text, strlen(text));

	assert_string_equal(text_safe(buf, sizeof buf, text, strlen(text)), expected);
	assert_string_equal(copy, expected);
	free(copy);
}

static void what_can_be_read_stays(void **state) {
	(void)state;
	assert_safe("", "");
	assert_safe("Ceremony 2026", "Ceremony 2026");
	assert_safe("C:\\token", "C:\\token");
	assert_safe("Prüfstück \xE9\x8D\xB5 \xF0\x9F\x94\x91",
		"Prüfstück \xE9\x8D\xB5 \xF0\x9F\x94\x91");
}

static void what_moves_or_hides_is_escaped(void **state) {
	(void)state;
	assert_safe("a\x1B[2Jb\n\t\x7F", "a\\x1b[2Jb\\x0a\\x09\\x7f");
	assert_safe("\xC2\x9B" "2J", "\\u{009B}2J");
	assert_safe("\xE2\x80\xAE" "txt.exe", "\\u{202E}txt.exe");
	assert_safe("a\xE2\x80\x8B" "b\xEF\xBB\xBF", "a\\u{200B}b\\u{FEFF}");
	assert_safe("\xE2\x81\xA6\xE2\x80\xA8", "\\u{2066}\\u{2028}");
	assert_safe("\xF3\xA0\x81\x81", "\\u{E0041}");
}

static void a_nul_is_escaped(void **state) {
	char buf[20];

	(void)state;
	assert_string_equal(text_safe(buf, sizeof buf, "a\0b", 3), "a\\x00b");
}

static void invalid_utf8_is_escaped(void **state) {
	(void)state;
	assert_safe("\x80", "\\x80");
	assert_safe("\xC3", "\\xc3");
	assert_safe("\xC3(", "\\xc3(");
	assert_safe("\xC0\xAF", "\\xc0\\xaf");             /* overlong */
	assert_safe("\xE0\x80\xAF", "\\xe0\\x80\\xaf");
	assert_safe("\xED\xA0\x80", "\\xed\\xa0\\x80");    /* surrogate */
	assert_safe("\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_safe("\xFF\xFE", "\\xff\\xfe");
}

static void what_does_not_fit_is_cut(void **state) {
	char buf[16];

	(void)state;
	assert_string_equal(text_safe(buf, 9, "12345678", 8), "12345678");
	assert_string_equal(text_safe(buf, 9, "123456789", 9), "12345...");
	/* neither a character nor an escape is cut in two */
	assert_string_equal(text_safe(buf, 9, "1234\xC3\xBC\xC3\xBC\xC3\xBC", 10), "1234...");
	assert_string_equal(text_safe(buf, 9, "12\n\n\n", 5), "12...");
	assert_string_equal(text_safe(buf, 4, "12345", 5), "...");
	assert_string_equal(text_safe(buf, 1, "12345", 5), "");
}

static void assert_quoted(const char *text, const char *expected) {
	char *quoted = text_shell_quote(text);

	assert_string_equal(quoted, expected);
	free(quoted);
}

static void shell_quoting(void **state) {
	(void)state;
	assert_quoted("proof.pem", "proof.pem");
	assert_quoted("a=b/c:d,e@f%g+h", "a=b/c:d,e@f%g+h");
	assert_quoted("", "''");
	assert_quoted("~", "'~'");
	assert_quoted("=ls", "'=ls'");
	assert_quoted("pkcs11:token=a;id=%01", "'pkcs11:token=a;id=%01'");
	assert_quoted("it's $HOME `x` \"y\"", "'it'\\''s $HOME `x` \"y\"'");
	assert_quoted("a\\b c", "'a\\b c'");
	assert_quoted("Prüf", "'Prüf'");
	assert_quoted("a\nb'\\\xFF", "$'a\\012b\\'\\\\\\377'");
	assert_quoted("\xE2\x80\xAE", "$'\\342\\200\\256'");
	assert_quoted("\x01", "$'\\001'");
}

/* The shell has the last word. */
static void shells_read_it_back(void **state) {
	static const char *const texts[] = {
		"a b'c\"d$e`f\\g", "x;y&z|(", "tab\tnl\n\x01'\\", "*?[", ""
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char *quoted = text_shell_quote(texts[i]);
		char script[200], back[100] = "";
		FILE *pipe;
		size_t n;

		snprintf(script, sizeof script, "printf %%s %s", quoted);
		assert_int_equal(setenv("SCRIPT", script, 1), 0);
		pipe = popen("exec bash -c \"$SCRIPT\"", "r");
		assert_non_null(pipe);
		n = fread(back, 1, sizeof back - 1, pipe);
		back[n] = '\0';
		assert_int_equal(pclose(pipe), 0);
		assert_string_equal(back, texts[i]);
		free(quoted);
	}
}

static void hex(void **state) {
	struct bytes out = BYTES_INIT;
	char *text = text_hex("\x00\xAb\xFF", 3);

	(void)state;
	assert_string_equal(text, "00abff");
	free(text);
	text = text_hex("", 0);
	assert_string_equal(text, "");
	free(text);
	assert_true(text_unhex("00aBFf", &out));
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.data, "\x00\xAB\xFF", 3);
	bytes_clear(&out);
}

static void bad_hex_is_refused(void **state) {
	static const char *const bad[] = {
		"", "0", "0x00", "0g", "00 11", " 00", "00\n", "-1", "00:11"
	};
	struct bytes out = BYTES_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(text_unhex(bad[i], &out));
	assert_null(out.data);
}

static void numbers(void **state) {
	uint64_t n = 7;

	(void)state;
	assert_true(text_number("0", 0, 10, &n));
	assert_int_equal(n, 0);
	assert_true(text_number("10", 0, 10, &n));
	assert_int_equal(n, 10);
	assert_true(text_number("18446744073709551615", 0, UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
}

static void bad_numbers_are_refused(void **state) {
	static const char *const bad[] = {
		"", "00", "010", "+1", "-1", " 1", "1 ", "1x", "0x1", "1e1", "1.0", "11",
		"18446744073709551616", "18446744073709551620", "99999999999999999999999"
	};
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(text_number(bad[i], 0, 10, &n));
	assert_false(text_number("1", 2, 10, &n));
	assert_false(text_number("18446744073709551616", 0, UINT64_MAX, &n));
	assert_int_equal(n, 7);
}

static void assert_time(const char *text, time_t expected) {
	time_t out = 0;

	assert_true(text_time_parse(text, &out));
	assert_true(out == expected);
}

static void times(void **state) {
	char buf[TEXT_TIME_SIZE];

	(void)state;
	assert_string_equal(text_time(buf, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(text_time(buf, 1795608000), "2026-11-25T12:00:00Z");
	assert_string_equal(text_time(buf, 253402300799), "9999-12-31T23:59:59Z");
	assert_time("2026-11-25T12:00:00Z", 1795608000);
	assert_time("2026-11-25t12:00:00z", 1795608000);
	assert_time("2026-11-25T14:30:00+02:30", 1795608000);
	assert_time("2026-11-25T11:00:00-01:00", 1795608000);
	assert_time("2026-11-25T12:00:00-00:00", 1795608000);
	assert_time("2024-02-29T00:00:00Z", 1709164800);
	assert_time("2000-02-29T00:00:00Z", 951782400);
}

static void bad_times_are_refused(void **state) {
	static const char *const bad[] = {
		"", "2026-11-25", "2026-11-25T12:00:00", "2026-11-25 12:00:00Z",
		"2026-11-25T12:00Z", "2026-11-25T12:00:00.0Z", "2026-11-25T12:00:60Z",
		"2026-11-25T24:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "26-01-01T00:00:00Z", "2026-1-1T00:00:00Z",
		"2026-11-25T12:00:00+0200", "2026-11-25T12:00:00+24:00",
		"2026-11-25T12:00:00+02:60",
		"2026-11-25T12:00:00ZZ", " 2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z ",
		"+026-11-25T12:00:00Z", "now"
	};
	time_t out = 7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(text_time_parse(bad[i], &out));
	assert_true(out == 7);
}

static void a_time_out_of_range_is_no_crash(void **state) {
	char buf[TEXT_TIME_SIZE];

	(void)state;
	assert_true(strlen(text_time(buf, (time_t)INT64_MAX)) < sizeof buf);
	assert_true(strlen(text_time(buf, (time_t)INT64_MIN)) < sizeof buf);
}

static void utf8(void **state) {
	(void)state;
	assert_true(text_is_utf8("", 0));
	assert_true(text_is_utf8("abc", 3));
	assert_true(text_is_utf8("\xC3\xBC\xE2\x82\xAC\xF0\x9F\x94\x91", 9));
	assert_false(text_is_utf8("a\0b", 3));
	assert_false(text_is_utf8("\xC3", 1));
	assert_false(text_is_utf8("\xC0\x80", 2));
	assert_false(text_is_utf8("\xED\xBF\xBF", 3));
	assert_false(text_is_utf8("\xF5\x80\x80\x80", 4));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_read_stays),
		cmocka_unit_test(what_moves_or_hides_is_escaped),
		cmocka_unit_test(a_nul_is_escaped),
		cmocka_unit_test(invalid_utf8_is_escaped),
		cmocka_unit_test(what_does_not_fit_is_cut),
		cmocka_unit_test(shell_quoting),
		cmocka_unit_test(shells_read_it_back),
		cmocka_unit_test(hex),
		cmocka_unit_test(bad_hex_is_refused),
		cmocka_unit_test(numbers),
		cmocka_unit_test(bad_numbers_are_refused),
		cmocka_unit_test(times),
		cmocka_unit_test(bad_times_are_refused),
		cmocka_unit_test(a_time_out_of_range_is_no_crash),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
