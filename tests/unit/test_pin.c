/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a PIN comes from: every source, what is refused, what is left behind.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/cli/pin.h"
#include "../../src/cli/report.h"

static const struct caproof_pin_prompt plain = { .token = "Card", .serial = "1" };
static char warnings[1000];

void report_warning(const char *fmt, ...) {
	size_t used = strlen(warnings);
	va_list args;

	va_start(args, fmt);
	vsnprintf(warnings + used, sizeof warnings - used, fmt, args);
	va_end(args);
}

static int enter_scratch(void **state) {
	static char folder[] = "/tmp/caproof-pin-XXXXXX";

	*state = folder;
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_scratch(void **state) {
	char command[64];

	snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
	return chdir("/") != 0 || system(command) != 0;
}

static void make(const char *path, const void *data, size_t len) {
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

/* A pipe that holds DATA and has ended; its reading side. */
static int pipe_with(const void *data, size_t len) {
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], data, len), len);
	close(ends[1]);
	return ends[0];
}

static struct pin_source parse(const char *text) {
	struct error err = ERROR_INIT;
	struct pin_source source;
	enum caproof_status status = pin_source_parse(text, &source, &err);

	assert_string_equal(err.message, "");
	assert_int_equal(status, CAPROOF_OK);
	return source;
}

static void assert_pin(const char *text, const char *expected) {
	struct error err = ERROR_INIT;
	struct pin_source source = parse(text);
	struct secret *secret = NULL;
	enum caproof_status status = pin_ask(&source, &plain, &secret, &err);

	assert_string_equal(err.message, "");
	assert_int_equal(status, CAPROOF_OK);
	assert_true(span_equal(secret_span(secret), span_of(expected, strlen(expected))));
	secret_free(secret);
	pin_source_clear(&source);
}

/* Refused when it is parsed or when it is asked. */
static void assert_refused(const char *text, enum error_id id, const char *sentence) {
	struct error err = ERROR_INIT;
	struct pin_source source = { .kind = PIN_PROMPT };
	struct secret *secret = NULL;

	if (pin_source_parse(text, &source, &err) == CAPROOF_OK)
		assert_int_not_equal(pin_ask(&source, &plain, &secret, &err), CAPROOF_OK);
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.id, id);
	assert_null(secret);
	pin_source_clear(&source);
}

static void a_pin_on_the_command_line_is_refused(void **state) {
	static const char *const texts[] = {
		"1234", "pass:1234", "", "Prompt", "file:", "fd:", "fd:x1234", "fd:01", "fd:-1",
		"fd:99999999999", "env:", "env:1234", "env:A=1234", "file", "stdin:"
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct error err = ERROR_INIT;
		struct pin_source source;

		assert_int_equal(pin_source_parse(texts[i], &source, &err), CAPROOF_USAGE);
		assert_int_equal(err.id, ERROR_USAGE_PIN_SHOWN);
		assert_string_equal(err.message, "--pin takes a source, not a PIN");
		assert_null(strstr(error_hint_text(&err), "1234"));
		assert_string_equal(err.detail, "");
	}
}

static void by_default_a_person_is_asked(void **state) {
	struct pin_source source = parse(NULL);

	(void)state;
	assert_true(pin_is_prompt(&source));
	assert_false(pin_uses_stdin(&source));
	source = parse("prompt");
	assert_true(pin_is_prompt(&source));
	source = parse("file:x");
	assert_false(pin_is_prompt(&source));
	pin_source_clear(&source);
	pin_source_clear(&source);
}

static void one_final_newline_is_dropped(void **state) {
	(void)state;
	make("bare", "1234", 4);
	make("lf", "1234\n", 5);
	make("crlf", "1234\r\n", 6);
	make("blanks", " 12 34 \n", 8);
	assert_pin("file:bare", "1234");
	assert_pin("file:lf", "1234");
	assert_pin("file:crlf", "1234");
	assert_pin("file:blanks", " 12 34 ");
}

static void what_would_cost_a_try_is_refused(void **state) {
	(void)state;
	make("empty", "", 0);
	make("newline", "\n", 1);
	make("crlf-only", "\r\n", 2);
	make("two", "1234\n\n", 6);
	make("lines", "1234\n5678\n", 10);
	make("cr", "1234\r", 5);
	make("nul", "12\0" "34\n", 6);
	assert_refused("file:empty", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'empty': it is empty");
	assert_refused("file:newline", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'newline': it is empty");
	assert_refused("file:crlf-only", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'crlf-only': it is empty");
	assert_refused("file:two", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'two': it has more than one line");
	assert_refused("file:lines", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'lines': it has more than one line");
	assert_refused("file:cr", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'cr': it has more than one line");
	assert_refused("file:nul", ERROR_PIN_NONE,
		"there is no PIN in the PIN file 'nul': it has a NUL octet");
}

static void a_file_that_cannot_be_read_is_a_sentence(void **state) {
	(void)state;
	assert_refused("file:none", ERROR_PIN_NONE,
		"cannot read the PIN file 'none': there is no such file or folder");
	assert_refused("file:.", ERROR_PIN_NONE, "cannot read the PIN file '.': it is a folder");
	assert_refused("file:a\x1B[2J", ERROR_PIN_NONE,
		"cannot read the PIN file 'a\\x1b[2J': there is no such file or folder");
}

static void the_length_is_bounded(void **state) {
	char longest[SECRET_MAX + 1];

	(void)state;
	memset(longest, '1', sizeof longest);
	make("long", longest, SECRET_MAX);
	assert_refused("file:long", ERROR_PIN_LENGTH,
		"what is in the PIN file 'long' is too long for a PIN");
	assert_refused("file:/dev/zero", ERROR_PIN_LENGTH,
		"what is in the PIN file '/dev/zero' is too long for a PIN");
	make("longest", longest, SECRET_MAX - 1);
	longest[SECRET_MAX - 1] = '\0';
	assert_pin("file:longest", longest);
}

static void a_pin_that_everyone_can_read_is_warned_of(void **state) {
	(void)state;
	make("open", "1234", 4);
	warnings[0] = '\0';
	assert_pin("file:open", "1234");
	assert_string_equal(warnings, "");
	assert_int_equal(chmod("open", 0644), 0);
	assert_pin("file:open", "1234");
	assert_string_equal(warnings,
		"the PIN file 'open' can be read by every user of this machine");
}

static void tries_are_warned_of(void **state) {
	struct caproof_pin_prompt prompt = plain;
	struct error err = ERROR_INIT;
	struct pin_source source = parse("file:bare");
	struct secret *secret = NULL;

	(void)state;
	prompt.few_tries = true;
	warnings[0] = '\0';
	assert_int_equal(pin_ask(&source, &prompt, &secret, &err), CAPROOF_OK);
	secret_free(secret);
	assert_string_equal(warnings,
		"token 'Card' allows few more tries: a wrong PIN was given lately");
	prompt.final_try = true;
	warnings[0] = '\0';
	assert_int_equal(pin_ask(&source, &prompt, &secret, &err), CAPROOF_OK);
	secret_free(secret);
	assert_string_equal(warnings, "one wrong PIN will lock token 'Card'");
	pin_source_clear(&source);
}

static void a_descriptor_is_read_once_and_closed(void **state) {
	struct error err = ERROR_INIT;
	struct secret *secret = NULL;
	struct pin_source source;
	char text[20];
	int fd = pipe_with("1234\n", 5);

	(void)state;
	snprintf(text, sizeof text, "fd:%d", fd);
	source = parse(text);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(pin_ask(&source, &plain, &secret, &err), CAPROOF_OK);
	assert_true(span_equal(secret_span(secret), span_of("1234", 4)));
	secret_free(secret);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(pin_ask(&source, &plain, &secret, &err), CAPROOF_PIN);
	assert_string_equal(err.message, "the file descriptor that --pin names was read already");
	pin_source_clear(&source);
	assert_refused(text, ERROR_PIN_NONE,
		"cannot read the file descriptor that --pin names: it is not open");
}

static void standard_input_is_read_to_its_end(void **state) {
	int before = dup(STDIN_FILENO);
	int fd = pipe_with("12345\r\n", 7);

	(void)state;
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	assert_pin("stdin", "12345");
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	assert_refused("stdin", ERROR_PIN_NONE, "there is no PIN in standard input: it is empty");
	if (before >= 0) {
		assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
		close(before);
	}
}

static void standard_input_has_many_names(void **state) {
	static const char *const names[] = { "stdin", "fd:0", "file:/dev/stdin", "file:/dev/fd/0",
		"file:/proc/self/fd/0" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct pin_source source = parse(names[i]);

		assert_true(pin_uses_stdin(&source));
		pin_source_clear(&source);
	}
}

extern char **environ;

/* Whether TEXT is anywhere in the memory that the kernel shows as the environment. */
static bool environment_shows(const char *text) {
	static char shown[1 << 20];
	FILE *file = fopen("/proc/self/environ", "r");
	size_t len;

	assert_non_null(file);
	len = fread(shown, 1, sizeof shown, file);
	fclose(file);
	return memmem(shown, len, text, strlen(text)) != NULL;
}

static void a_variable_leaves_no_trace(void **state) {
	(void)state;
	assert_true(environment_shows("CAPROOF_TEST_PIN=marker-8472"));
	assert_pin("env:CAPROOF_TEST_PIN", "marker-8472");
	assert_null(getenv("CAPROOF_TEST_PIN"));
	assert_false(environment_shows("marker-8472"));
	assert_refused("env:CAPROOF_TEST_PIN", ERROR_PIN_NONE,
		"there is no PIN in the environment variable that --pin names: it is not set");
}

static void a_variable_is_gone_once_it_is_parsed(void **state) {
	struct pin_source source;

	(void)state;
	assert_int_equal(setenv("ONCE", "1234", 1), 0);
	source = parse("env:ONCE");
	assert_null(getenv("ONCE"));
	pin_source_clear(&source);
}

static void a_variable_is_taken_wherever_it_stands(void **state) {
	static char first[] = "TWICE=1234", second[] = "TWICE=5678";
	char *twice[] = { first, second, NULL };
	char **before = environ;

	(void)state;
	environ = twice;
	assert_pin("env:TWICE", "1234");
	assert_null(getenv("TWICE"));
	environ = before;
	assert_memory_equal(first, "TWICE=\0\0\0\0", sizeof first);
	assert_memory_equal(second, "TWICE=\0\0\0\0", sizeof second);
}

static void bad_variables_are_refused(void **state) {
	char value[SECRET_MAX + 100];

	(void)state;
	assert_int_equal(setenv("EMPTY", "", 1), 0);
	assert_refused("env:EMPTY", ERROR_PIN_NONE,
		"there is no PIN in the environment variable that --pin names: it is empty");
	memset(value, '1', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	assert_int_equal(setenv("LONG", value, 1), 0);
	assert_refused("env:LONG", ERROR_PIN_LENGTH,
		"what is in the environment variable that --pin names is too long for a PIN");
	assert_null(getenv("LONG"));
}

static void a_source_can_be_a_path(void **state) {
	struct error err = ERROR_INIT;
	struct pin_source source;
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(pin_source_file("bare", &source, &err), CAPROOF_OK);
	assert_int_equal(pin_ask(&source, &plain, &secret, &err), CAPROOF_OK);
	assert_true(span_equal(secret_span(secret), span_of("1234", 4)));
	secret_free(secret);
	pin_source_clear(&source);
}

static void a_pin_pad_is_announced(void **state) {
	struct pin_source source = parse(NULL);
	int before = dup(STDERR_FILENO);
	int ends[2];
	char shown[200] = "";

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	pin_notify(&source, &plain);
	assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
	close(before);
	assert_true(read(ends[0], shown, sizeof shown - 1) > 0);
	close(ends[0]);
	assert_string_equal(shown, "caproof: enter the PIN on the reader of token 'Card'\n");
}

/* The kernel shows the environment that a program was started with: start this one
 * again, with the variable. */
static void with_marker(char **argv) {
	if (getenv("CAPROOF_TEST_PIN") != NULL)
		return;
	setenv("CAPROOF_TEST_PIN", "marker-8472", 1);
	execv("/proc/self/exe", argv);
	_exit(99);
}

int main(int argc, char **argv) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_on_the_command_line_is_refused),
		cmocka_unit_test(by_default_a_person_is_asked),
		cmocka_unit_test(one_final_newline_is_dropped),
		cmocka_unit_test(what_would_cost_a_try_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_a_sentence),
		cmocka_unit_test(the_length_is_bounded),
		cmocka_unit_test(a_pin_that_everyone_can_read_is_warned_of),
		cmocka_unit_test(tries_are_warned_of),
		cmocka_unit_test(a_descriptor_is_read_once_and_closed),
		cmocka_unit_test(standard_input_is_read_to_its_end),
		cmocka_unit_test(standard_input_has_many_names),
		cmocka_unit_test(a_variable_leaves_no_trace),
		cmocka_unit_test(a_variable_is_gone_once_it_is_parsed),
		cmocka_unit_test(a_variable_is_taken_wherever_it_stands),
		cmocka_unit_test(bad_variables_are_refused),
		cmocka_unit_test(a_source_can_be_a_path),
		cmocka_unit_test(a_pin_pad_is_announced),
	};

	(void)argc;
	with_marker(argv);
	return cmocka_run_group_tests_name("pin", tests, enter_scratch, leave_scratch);
}
