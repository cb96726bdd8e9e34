/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of codes: what is taken, what is refused, and that each refusal names its line.
 *
 * Linked with --wrap, so that the library's own allocations can be made to fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "list.h"

/* --- allocations that fail ------------------------------------------------------ */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);

static unsigned long until_failure; /* 0: none fails */

static bool fails(void) {
	return until_failure != 0 && --until_failure == 0;
}

void *__wrap_malloc(size_t size) {
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
	return fails() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text) {
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len) {
	return fails() ? NULL : __real_strndup(text, len);
}

/* --- what is taken --------------------------------------------------------------- */

static struct list *parse_octets(const void *data, size_t len) {
	struct error err = ERROR_INIT;
	struct list *list = NULL;

	if (list_parse(span_of(data, len), "codes.csv", &list, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	assert_non_null(list);
	return list;
}

static struct list *parse(const char *text) {
	return parse_octets(text, strlen(text));
}

static void assert_row(const struct list *list, size_t index, size_t line, const char *code,
	const char *note) {
	assert_true(index < list->count);
	assert_int_equal(list->rows[index].line, line);
	assert_null(list->rows[index].error);
	if (code != NULL)
		assert_string_equal(list->rows[index].code, code);
	else
		assert_null(list->rows[index].code);
	if (note != NULL)
		assert_string_equal(list->rows[index].note, note);
	else
		assert_null(list->rows[index].note);
}

static void every_column(void **state) {
	struct list *list = parse("code,csr,platform,tenant,out,code_issued,note\n"
		"c,r.csr,aws-iot,t,o.pem,2026-11-25T12:00:00Z,n\n");
	const struct list_row *row = list->rows;

	(void)state;
	assert_int_equal(list->count, 1);
	assert_row(list, 0, 2, "c", "n");
	assert_string_equal(row->csr, "r.csr");
	assert_string_equal(row->platform, "aws-iot");
	assert_string_equal(row->tenant, "t");
	assert_string_equal(row->out, "o.pem");
	assert_true(row->code_issued == 1795608000);
	list_free(list);
}

static void columns_in_any_order(void **state) {
	struct list *list = parse("note,code_issued,csr,code\n"
		"n,2026-11-25T14:30:00+02:30,r,c\n,,only.csr,\n");

	(void)state;
	assert_row(list, 0, 2, "c", "n");
	assert_string_equal(list->rows[0].csr, "r");
	assert_true(list->rows[0].code_issued == 1795608000);
	assert_null(list->rows[0].platform);
	assert_row(list, 1, 3, NULL, NULL);
	assert_string_equal(list->rows[1].csr, "only.csr");
	assert_true(list->rows[1].code_issued == LIST_NO_TIME);
	list_free(list);
}

static void blanks_are_absent_and_nothing_is_trimmed(void **state) {
	struct list *list = parse("code,note,platform,code_issued\n"
		"a,  ,\"\",\n b ,\" \t\r\n \", x,   \n\"c\",n \t,\" \",\"\"\n");

	(void)state;
	assert_int_equal(list->count, 3);
	assert_row(list, 0, 2, "a", NULL);
	assert_null(list->rows[0].platform);
	assert_row(list, 1, 3, " b ", NULL);
	assert_string_equal(list->rows[1].platform, " x");
	assert_true(list->rows[1].code_issued == LIST_NO_TIME);
	assert_row(list, 2, 5, "c", "n \t");
	assert_null(list->rows[2].platform);
	list_free(list);
}

static void what_spreadsheets_write(void **state) {
	static const char *const texts[] = {
		"code,note\na,b\nc,d\n",
		"code,note\na,b\nc,d",
		"code,note\r\na,b\r\nc,d\r\n",
		"\xEF\xBB\xBF" "code,note\r\na,b\r\nc,d",
		"\xEF\xBB\xBF" "\"code\",\"note\"\r\n\"a\",\"b\"\r\n\"c\",\"d\"\r\n",
		"\"code\",note\na,\"b\"\nc,\"d\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct list *list = parse(texts[i]);

		assert_int_equal(list->count, 2);
		assert_row(list, 0, 2, "a", "b");
		assert_row(list, 1, 3, "c", "d");
		list_free(list);
	}
}

static void empty_lines_are_counted_but_no_rows(void **state) {
	struct list *list = parse("\n\r\ncode,note\n\n\na,b\n\r\n\nc,d\n\n\n");

	(void)state;
	assert_int_equal(list->count, 2);
	assert_row(list, 0, 6, "a", "b");
	assert_row(list, 1, 9, "c", "d");
	list_free(list);
}

static void quotes(void **state) {
	struct list *list = parse("code,note\n"
		"a,\"x, \"\"y\"\" z\"\n"
		"b,\"first\nsecond\r\n\nlast\"\n"
		"\"c\n\",\"\n\"\n"
		"d,\"\"\"\"\n"
		"e,'\n"
		"f,\"Prüf \xF0\x9F\x94\x91\"");

	(void)state;
	assert_int_equal(list->count, 6);
	assert_row(list, 0, 2, "a", "x, \"y\" z");
	assert_row(list, 1, 3, "b", "first\nsecond\r\n\nlast");
	assert_row(list, 2, 7, "c\n", NULL);
	assert_row(list, 3, 10, "d", "\"");
	assert_row(list, 4, 11, "e", "'");
	assert_row(list, 5, 12, "f", "Prüf \xF0\x9F\x94\x91");
	list_free(list);
}

static void assert_named(const char *path, const char *name, const char *folder) {
	struct error err = ERROR_INIT;
	struct list *list = NULL;

	assert_int_equal(list_parse(span_of("code\na\n", 7), path, &list, &err), CAPROOF_OK);
	assert_string_equal(list->name, name);
	assert_string_equal(list->folder, folder);
	list_free(list);
}

static void names_and_folders(void **state) {
	(void)state;
	assert_named("codes.csv", "codes.csv", ".");
	assert_named("-", "standard input", ".");
	assert_named("a/b/codes.csv", "a/b/codes.csv", "a/b");
	assert_named("/codes.csv", "/codes.csv", "/");
	assert_named("./-", "./-", ".");
	assert_named("a\x1B[2J\xE2\x80\xAE/x", "a\\x1b[2J\\u{202E}/x", "a\x1B[2J\xE2\x80\xAE");
}

static void the_hash_is_that_of_the_file(void **state) {
	struct list *list = parse("code\nabc\n"), *marked = parse("\xEF\xBB\xBF" "code\nabc\n");

	(void)state;
	/* printf 'code\nabc\n' | sha256sum */
	assert_string_equal(list->sha256,
		"cfa7bf4be2e734fd1ce19fce4a8d9e9aa0a3186420baea7ad3bd2ca7fb6b859b");
	assert_string_equal(marked->sha256,
		"621db6ac47d1a318641db36a63295ccbbaa79601cd7f62b51fbeee403f12482b");
	list_free(list);
	list_free(marked);
}

/* --- rows that cannot be used ------------------------------------------------------ */

static void assert_fault(const struct list *list, size_t index, size_t line, const char *error) {
	assert_true(index < list->count);
	assert_int_equal(list->rows[index].line, line);
	assert_non_null(list->rows[index].error);
	assert_string_equal(list->rows[index].error, error);
	assert_true(list->rows[index].code_issued == LIST_NO_TIME);
}

static void faults_of_rows(void **state) {
	struct list *list = parse("code,csr,code_issued\n"
		"good,,\n"
		"a,b\n"
		"a\n"
		"\"a\n\",b,,d\n"
		" ,,\n"
		"a,,2026-11-25\n"
		"a,b,\"\x1B[2J\"\n"
		"a,,1969-12-31T23:59:59Z\n"
		"a,, 2026-11-25T12:00:00Z\n"
		"\n"
		",,2026-11-25T12:00:00Z\n"
		"last,,2026-11-25T12:00:00Z");

	(void)state;
	assert_int_equal(list->count, 11);
	assert_row(list, 0, 2, "good", NULL);
	assert_fault(list, 1, 3, "it has 2 fields, line 1 names 3");
	assert_null(list->rows[1].code);
	assert_null(list->rows[1].csr);
	assert_fault(list, 2, 4, "it has 1 field, line 1 names 3");
	assert_fault(list, 3, 5, "it has 4 fields, line 1 names 3");
	assert_null(list->rows[3].code);
	assert_fault(list, 4, 7, "it has neither a code nor a csr");
	assert_fault(list, 5, 8, "its code_issued is '2026-11-25', not an RFC 3339 time such as "
		"2026-11-25T12:00:00Z");
	assert_string_equal(list->rows[5].code, "a");
	assert_fault(list, 6, 9, "its code_issued is '\\x1b[2J', not an RFC 3339 time such as "
		"2026-11-25T12:00:00Z");
	assert_string_equal(list->rows[6].csr, "b");
	assert_fault(list, 7, 10, "its code_issued is '1969-12-31T23:59:59Z', not an RFC 3339 time "
		"such as 2026-11-25T12:00:00Z");
	assert_fault(list, 8, 11, "its code_issued is ' 2026-11-25T12:00:00Z', not an RFC 3339 time "
		"such as 2026-11-25T12:00:00Z");
	assert_int_equal(list->rows[9].line, 13);
	assert_string_equal(list->rows[9].error, "it has neither a code nor a csr");
	assert_row(list, 10, 14, "last", NULL);
	list_free(list);
}

static void fields_have_a_limit(void **state) {
	static char text[64 + 3 * (LIST_FIELD_MAX + 1)];
	struct list *list;
	int len = snprintf(text, sizeof text, "code,note\na,%0*d\nb,%0*d\n%0*d,n\n", LIST_FIELD_MAX,
		1, LIST_FIELD_MAX + 1, 1, LIST_FIELD_MAX + 1, 1);

	(void)state;
	assert_true(len > 0 && (size_t)len < sizeof text);
	list = parse(text);
	assert_int_equal(list->count, 3);
	assert_null(list->rows[0].error);
	assert_int_equal(strlen(list->rows[0].note), LIST_FIELD_MAX);
	assert_fault(list, 1, 3, "its field 'note' has 4097 octets, the limit is 4096");
	assert_null(list->rows[1].note);
	assert_string_equal(list->rows[1].code, "b");
	assert_fault(list, 2, 4, "its field 'code' has 4097 octets, the limit is 4096");
	assert_null(list->rows[2].code);
	assert_string_equal(list->rows[2].note, "n");
	list_free(list);
}

/* A row says nothing that one before it said. */
static void rows_do_not_leak_into_each_other(void **state) {
	struct list *list = parse("code,note,code_issued\nlong-code,a note,2026-11-25T12:00:00Z\n"
		"b,,\nc\nd,,\n");

	(void)state;
	assert_row(list, 1, 3, "b", NULL);
	assert_true(list->rows[1].code_issued == LIST_NO_TIME);
	assert_fault(list, 2, 4, "it has 1 field, line 1 names 3");
	assert_row(list, 3, 5, "d", NULL);
	list_free(list);
}

/* --- lists that cannot be used ------------------------------------------------------ */

static void assert_refused_octets(const char *text, size_t len, const char *sentence) {
	struct error err = ERROR_INIT;
	struct list *list = NULL;

	assert_int_equal(list_parse(span_of(text, len), "codes.csv", &list, &err), CAPROOF_INPUT);
	assert_null(list);
	assert_int_equal(err.id, ERROR_LIST_FORMAT);
	assert_string_equal(err.message, sentence);
	assert_true(*error_hint_text(&err) != '\0');
}

static void assert_refused(const char *text, const char *sentence) {
	assert_refused_octets(text, strlen(text), sentence);
}

static void headers_that_are_refused(void **state) {
	(void)state;
	assert_refused("", "list 'codes.csv', line 1: there are no names of columns");
	assert_refused("\xEF\xBB\xBF", "list 'codes.csv', line 1: there are no names of columns");
	assert_refused("\n\r\n\n", "list 'codes.csv', line 1: there are no names of columns");
	assert_refused("7f3a9c51\n", "list 'codes.csv', line 1: there is no column '7f3a9c51'; "
		"there are: code, csr, platform, tenant, out, code_issued, note");
	assert_refused("\ncode,Note\na,b\n", "list 'codes.csv', line 2: there is no column 'Note'; "
		"there are: code, csr, platform, tenant, out, code_issued, note");
	assert_refused("code, csr\na,b\n", "list 'codes.csv', line 1: there is no column ' csr'; "
		"there are: code, csr, platform, tenant, out, code_issued, note");
	assert_refused("code,\x1B[2J\n", "list 'codes.csv', line 1: there is no column '\\x1b[2J'; "
		"there are: code, csr, platform, tenant, out, code_issued, note");
	assert_refused("code,note,\na,b,\n", "list 'codes.csv', line 1: column 3 has no name");
	assert_refused(",code\n,b\n", "list 'codes.csv', line 1: column 1 has no name");
	assert_refused("code,note,code\na,b,c\n",
		"list 'codes.csv', line 1: column 'code' is there twice");
	assert_refused("platform,note\na,b\n",
		"list 'codes.csv', line 1: there is neither a column 'code' nor a column 'csr'");
	assert_refused("code,note\n", "list 'codes.csv', line 1: no row follows the names of the "
		"columns");
	assert_refused("\n\ncsr\r\n\n\n", "list 'codes.csv', line 3: no row follows the names of the "
		"columns");
}

static void octets_that_are_refused(void **state) {
	(void)state;
	assert_refused_octets("code\na\0b\n", 9,
		"list 'codes.csv', line 2: there is a NUL octet: this is not a text file");
	assert_refused_octets("code\na\n\0", 8,
		"list 'codes.csv', line 3: there is a NUL octet: this is not a text file");
	assert_refused_octets("\xFF\xFE" "c\0o\0d\0e\0", 10,
		"list 'codes.csv', line 1: there is a NUL octet: this is not a text file");
	assert_refused("code\na\nPr\xFC" "f\n", "list 'codes.csv', line 3: this is not UTF-8");
	assert_refused("code\n\"a\n\xC3\n\xBC\"\n", "list 'codes.csv', line 3: this is not UTF-8");
	assert_refused("code\ra\r",
		"list 'codes.csv', line 1: there is a carriage return that does not end the line");
	assert_refused("code\na\r\r\n",
		"list 'codes.csv', line 2: there is a carriage return that does not end the line");
	assert_refused("code\n\"a\n\rb\"\n",
		"list 'codes.csv', line 3: there is a carriage return that does not end the line");
	assert_refused("code\na\r",
		"list 'codes.csv', line 2: there is a carriage return that does not end the line");
}

static void quotes_that_are_refused(void **state) {
	(void)state;
	assert_refused("code\na\"b\n", "list 'codes.csv', line 2: there is a quote out of place");
	assert_refused("code,note\na, \"b\"\n",
		"list 'codes.csv', line 2: there is a quote out of place");
	assert_refused("code,note\na,\"b\" \n",
		"list 'codes.csv', line 2: there is a quote out of place");
	assert_refused("code\n\"a\"b\n", "list 'codes.csv', line 2: there is a quote out of place");
	assert_refused("code,note\na,\"b\nc,\"d\"\n",
		"list 'codes.csv', line 3: there is a quote out of place, in a field that begins in "
		"line 2");
	assert_refused("code,note\n\"a\n\",\"b\nc\nd\n",
		"list 'codes.csv', line 3: a field begins with a quote that is never closed");
	assert_refused("code\na\n\nb\n\"", "list 'codes.csv', line 5: a field begins with a quote "
		"that is never closed");
	assert_refused("\"code\n", "list 'codes.csv', line 1: a field begins with a quote that is "
		"never closed");
}

static void standard_input_is_named(void **state) {
	struct error err = ERROR_INIT;
	struct list *list = NULL;

	(void)state;
	assert_int_equal(list_parse(span_of("x", 1), "-", &list, &err), CAPROOF_INPUT);
	assert_string_equal(err.message, "list on standard input, line 1: there is no column 'x'; "
		"there are: code, csr, platform, tenant, out, code_issued, note");
	error_reset(&err);
	assert_int_equal(list_parse(span_of("x", 1), "\x1B[2J", &list, &err), CAPROOF_INPUT);
	assert_non_null(strstr(err.message, "list '\\x1b[2J', line 1: "));
}

static void semicolons_have_a_hint(void **state) {
	static const char *const texts[] = { "code;platform\na;b\n", "code\tplatform\na\tb\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;
		struct list *list = NULL;

		assert_int_equal(list_parse(span_of(texts[i], strlen(texts[i])), "x", &list, &err),
			CAPROOF_INPUT);
		assert_non_null(strstr(error_hint_text(&err), "not semicolons or tabs"));
	}
}

/* --- many, and none ----------------------------------------------------------------- */

#define ROW_SIZE 32

/* COUNT rows; each hundredth lacks a field. */
static char *long_list(size_t count) {
	char *text = malloc(16 + count * ROW_SIZE);
	size_t len;

	assert_non_null(text);
	len = (size_t)snprintf(text, 16, "code,note\n");
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, ROW_SIZE, i % 100 == 99 ? "code-%zu\n" :
			"code-%zu,note %zu\n", i, i);
	return text;
}

static void ten_thousand_rows(void **state) {
	char *text = long_list(10000), code[ROW_SIZE];
	struct list *list = parse(text);
	size_t bad = 0;

	(void)state;
	free(text);
	assert_int_equal(list->count, 10000);
	for (size_t i = 0; i < list->count; i++) {
		assert_int_equal(list->rows[i].line, i + 2);
		if (list->rows[i].error != NULL) {
			assert_int_equal(i % 100, 99);
			bad++;
			continue;
		}
		snprintf(code, sizeof code, "code-%zu", i);
		assert_string_equal(list->rows[i].code, code);
	}
	assert_int_equal(bad, 100);
	list_free(list);
}

static void rows_have_a_limit(void **state) {
	char *text = long_list(100001);
	size_t most = strlen(text);
	struct list *list;

	(void)state;
	assert_refused(text, "list 'codes.csv', line 100002: there are more than 100000 rows");
	while (text[most - 2] != '\n')
		most--;
	list = parse_octets(text, most - 1);
	assert_int_equal(list->count, 100000);
	list_free(list);
	free(text);
}

static void each_allocation_may_fail(void **state) {
	static const char text[] = "code,note,code_issued\na,b,no\nc\nd,\"e\nf\",\n";
	unsigned long failures = 0;

	(void)state;
	for (;;) {
		struct error err = ERROR_INIT;
		struct list *list = NULL;
		enum caproof_status status;

		until_failure = failures + 1;
		status = list_parse(span_of(text, strlen(text)), "a/codes.csv", &list, &err);
		if (until_failure != 0) {
			until_failure = 0;
			assert_int_equal(status, CAPROOF_OK);
			list_free(list);
			break;
		}
		failures++;
		assert_int_equal(status, CAPROOF_UNEXPECTED);
		assert_int_equal(err.id, ERROR_MEMORY);
		assert_null(list);
	}
	/* reader, list, name, folder, table, two texts, two reasons */
	assert_true(failures >= 9);
	list_free(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column),
		cmocka_unit_test(columns_in_any_order),
		cmocka_unit_test(blanks_are_absent_and_nothing_is_trimmed),
		cmocka_unit_test(what_spreadsheets_write),
		cmocka_unit_test(empty_lines_are_counted_but_no_rows),
		cmocka_unit_test(quotes),
		cmocka_unit_test(names_and_folders),
		cmocka_unit_test(the_hash_is_that_of_the_file),
		cmocka_unit_test(faults_of_rows),
		cmocka_unit_test(fields_have_a_limit),
		cmocka_unit_test(rows_do_not_leak_into_each_other),
		cmocka_unit_test(headers_that_are_refused),
		cmocka_unit_test(octets_that_are_refused),
		cmocka_unit_test(quotes_that_are_refused),
		cmocka_unit_test(standard_input_is_named),
		cmocka_unit_test(semicolons_have_a_hint),
		cmocka_unit_test(ten_thousand_rows),
		cmocka_unit_test(rows_have_a_limit),
		cmocka_unit_test(each_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
