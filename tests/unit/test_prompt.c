/* SPDX-License-Identifier: Apache-2.0
 *
 * The prompt on a terminal: what it says, that it does not show what is typed, and that
 * the terminal is as before on every way out.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/cli/interrupt.h"
#include "../../src/cli/pin.h"
#include "../../src/cli/prompt.h"
#include "../../src/cli/report.h"
#include "terminal.h"

static const struct caproof_pin_prompt plain = { .token = "Ceremony 2026", .serial = "00a1",
	.key = "rootCA" };
#define PROMPT "PIN for token 'Ceremony 2026' (serial 00a1), key 'rootCA': "

/* The tool's own goes to standard error, which is the terminal here. */
void report_warning(const char *fmt, ...) {
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
}

static void tell(int answers, enum caproof_status status, struct secret *secret,
	const struct error *err) {
	struct answer answer = { .status = (int)status, .id = (int)err->id };

	answer.interrupt_status = interrupt_status();
	snprintf(answer.message, sizeof answer.message, "%.199s", err->message);
	if (secret != NULL)
		memcpy(answer.pin, secret_data(secret), secret_len(secret) % sizeof answer.pin);
	if (write(answers, &answer, sizeof answer) != (ssize_t)sizeof answer)
		_exit(90);
	secret_free(secret);
}

/* ARG is the prompt; the source is what --pin says, by default. */
static void ask(int answers, int orders, void *arg) {
	struct error err = ERROR_INIT;
	struct pin_source source;
	struct secret *secret = NULL;
	enum caproof_status status;
	char order;

	interrupt_install();
	status = pin_source_parse(NULL, &source, &err);
	if (status == CAPROOF_OK)
		status = pin_ask(&source, arg, &secret, &err);
	tell(answers, status, secret, &err);
	pin_source_clear(&source);
	/* The terminal lives as long as its leader: let the parent look first. */
	if (read(orders, &order, 1) != 1)
		_exit(91);
}

static void begin(struct terminal *terminal, const struct caproof_pin_prompt *prompt,
	const char *text) {
	terminal_start(terminal, ask, (void *)(uintptr_t)prompt);
	terminal_expect(terminal, text);
	assert_false(terminal_echoes(terminal));
}

/* The answer; the terminal must echo again, and show nothing but SHOWN. */
static struct answer finish(struct terminal *terminal, const char *shown) {
	struct answer answer;

	terminal_answer(terminal, &answer, sizeof answer);
	terminal_expect(terminal, shown);
	assert_string_equal(terminal->seen, shown);
	assert_true(terminal_echoes(terminal));
	assert_int_equal(write(terminal->orders, "e", 1), 1);
	assert_int_equal(terminal_end(terminal), 0);
	return answer;
}

static void it_names_token_serial_and_key(void **state) {
	struct terminal terminal;
	struct answer answer;

	(void)state;
	begin(&terminal, &plain, PROMPT);
	terminal_type(&terminal, "123456\n", 7);
	answer = finish(&terminal, PROMPT "\n");
	assert_int_equal(answer.status, CAPROOF_OK);
	assert_string_equal(answer.pin, "123456");
}

static void it_says_only_what_is_known(void **state) {
	struct caproof_pin_prompt prompt = { .token = "Card", .serial = "1" };
	struct terminal terminal;

	(void)state;
	begin(&terminal, &prompt, "PIN for token 'Card' (serial 1): ");
	terminal_type(&terminal, "1\n", 2);
	finish(&terminal, "PIN for token 'Card' (serial 1): \n");
	prompt.serial = "";
	prompt.key = "k";
	begin(&terminal, &prompt, "PIN for token 'Card', key 'k': ");
	terminal_type(&terminal, "1\n", 2);
	finish(&terminal, "PIN for token 'Card', key 'k': \n");
}

static void it_warns_before_it_asks(void **state) {
	struct caproof_pin_prompt prompt = plain;
	struct terminal terminal;

	(void)state;
	prompt.few_tries = true;
	begin(&terminal, &prompt, PROMPT);
	terminal_type(&terminal, "1\n", 2);
	finish(&terminal,
		"a wrong PIN was entered lately: the token allows few more tries\n" PROMPT "\n");
	prompt.final_try = true;
	begin(&terminal, &prompt, PROMPT);
	terminal_type(&terminal, "1\n", 2);
	finish(&terminal, "one wrong PIN will lock this token\n" PROMPT "\n");
}

static void what_is_erased_is_not_in_the_pin(void **state) {
	struct terminal terminal;

	(void)state;
	begin(&terminal, &plain, PROMPT);
	terminal_type(&terminal, "12x\x7F" "34\n", 7);
	assert_string_equal(finish(&terminal, PROMPT "\n").pin, "1234");
}

static void nothing_is_no_pin(void **state) {
	struct terminal terminal;
	struct answer answer;

	(void)state;
	begin(&terminal, &plain, PROMPT);
	terminal_type(&terminal, "\n", 1);
	answer = finish(&terminal, PROMPT "\n");
	assert_int_equal(answer.status, CAPROOF_PIN);
	assert_int_equal(answer.id, ERROR_PIN_NONE);
	begin(&terminal, &plain, PROMPT);
	terminal_type(&terminal, "\x04", 1);
	answer = finish(&terminal, PROMPT "\n");
	assert_int_equal(answer.id, ERROR_PIN_NONE);
	assert_string_equal(answer.message, "no PIN was entered");
}

static void too_much_is_no_pin(void **state) {
	char line[SECRET_MAX + 10];
	struct terminal terminal;
	struct answer answer;

	(void)state;
	memset(line, '1', sizeof line);
	line[sizeof line - 1] = '\n';
	begin(&terminal, &plain, PROMPT);
	terminal_type(&terminal, line, sizeof line);
	answer = finish(&terminal, PROMPT "\n");
	assert_int_equal(answer.id, ERROR_PIN_LENGTH);
	assert_string_equal(answer.message, "what was entered is too long for a PIN");
}

static void ctrl_c_gives_the_terminal_back(void **state) {
	struct terminal terminal;
	struct answer answer;

	(void)state;
	begin(&terminal, &plain, PROMPT);
	terminal_type(&terminal, "12\x03", 3);
	answer = finish(&terminal, PROMPT "\n");
	assert_int_equal(answer.status, CAPROOF_INTERRUPTED);
	assert_string_equal(answer.message, "interrupted while asking for the PIN");
	assert_int_equal(answer.interrupt_status, 130);
}

static void so_does_every_other_signal(void **state) {
	static const struct {
		int sig, status;
	} signals[] = { { SIGTERM, 143 }, { SIGHUP, 143 }, { SIGQUIT, 130 }, { SIGINT, 130 } };

	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		struct terminal terminal;
		struct answer answer;

		begin(&terminal, &plain, PROMPT);
		assert_int_equal(kill(terminal.pid, signals[i].sig), 0);
		answer = finish(&terminal, PROMPT "\n");
		assert_int_equal(answer.id, ERROR_INTERRUPTED);
		assert_int_equal(answer.interrupt_status, signals[i].status);
	}
}

/* The signal lands on a thread that a module might have. */
static void *sleep_long(void *arg) {
	for (;;)
		pause();
	return arg;
}

static void ask_beside_a_thread(int answers, int orders, void *arg) {
	pthread_t thread;
	sigset_t all;

	if (pthread_create(&thread, NULL, sleep_long, NULL) != 0)
		_exit(92);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	ask(answers, orders, arg);
}

static void a_signal_to_another_thread_counts(void **state) {
	struct terminal terminal;

	(void)state;
	terminal_start(&terminal, ask_beside_a_thread, (void *)(uintptr_t)&plain);
	terminal_expect(&terminal, PROMPT);
	terminal_type(&terminal, "\x03", 1);
	assert_int_equal(finish(&terminal, PROMPT "\n").id, ERROR_INTERRUPTED);
}

/* A shell: the child below is its foreground job. */
static void ask_as_a_job(int answers, int orders, void *arg) {
	pid_t pid;
	int status;
	char order;

	signal(SIGTTOU, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(STDIN_FILENO, getpid());
		signal(SIGTTOU, SIG_DFL);
		ask(answers, orders, arg);
		_exit(0);
	}
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		tcsetpgrp(STDIN_FILENO, getpgrp());
		if (write(answers, "s", 1) != 1 || read(orders, &order, 1) != 1)
			_exit(93);
		tcsetpgrp(STDIN_FILENO, pid);
		kill(-pid, SIGCONT);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 94);
}

static void ctrl_z_lends_the_terminal_back(void **state) {
	struct terminal terminal;
	struct answer answer;
	char stopped;

	(void)state;
	terminal_start(&terminal, ask_as_a_job, (void *)(uintptr_t)&plain);
	terminal_expect(&terminal, PROMPT);
	for (int i = 0; i < 2; i++) {
		assert_false(terminal_echoes(&terminal));
		terminal_type(&terminal, "99\x1A", 3);
		terminal_answer(&terminal, &stopped, 1);
		assert_int_equal(stopped, 's');
		assert_true(terminal_echoes(&terminal));
		assert_int_equal(write(terminal.orders, "c", 1), 1);
		terminal_expect(&terminal,
			i == 0 ? PROMPT "\n" PROMPT : PROMPT "\n" PROMPT "\n" PROMPT);
	}
	assert_false(terminal_echoes(&terminal));
	terminal_type(&terminal, "1234\n", 5);
	answer = finish(&terminal, PROMPT "\n" PROMPT "\n" PROMPT "\n");
	assert_string_equal(answer.pin, "1234");
}

/* SIGSTOP cannot be caught; a shell may have set its own modes meanwhile. */
static void after_any_stop_it_does_not_echo(void **state) {
	struct terminal terminal;

	(void)state;
	begin(&terminal, &plain, PROMPT);
	assert_int_equal(kill(terminal.pid, SIGSTOP), 0);
	assert_int_equal(kill(terminal.pid, SIGCONT), 0);
	terminal_expect(&terminal, PROMPT PROMPT);
	assert_false(terminal_echoes(&terminal));
	terminal_type(&terminal, "1234\n", 5);
	assert_string_equal(finish(&terminal, PROMPT PROMPT "\n").pin, "1234");
}

static void *restore_and_end(void *arg) {
	char order;

	if (read(*(int *)arg, &order, 1) == 1)
		prompt_restore();
	_exit(7);
}

static void end_from_outside(int answers, int orders, void *arg) {
	pthread_t thread;

	if (pthread_create(&thread, NULL, restore_and_end, &orders) != 0)
		_exit(92);
	ask(answers, -1, arg);
}

static void whoever_ends_the_process_can_restore(void **state) {
	struct terminal terminal;
	int other;

	(void)state;
	terminal_start(&terminal, end_from_outside, (void *)(uintptr_t)&plain);
	terminal_expect(&terminal, PROMPT);
	assert_false(terminal_echoes(&terminal));
	other = dup(terminal.keyboard);
	assert_int_equal(write(terminal.orders, "e", 1), 1);
	assert_int_equal(terminal_end(&terminal) >> 8, 7);
	terminal.keyboard = other;
	assert_true(terminal_echoes(&terminal));
	close(other);
}

static void ask_standard_input(int answers, int orders, void *arg) {
	struct error err = ERROR_INIT;
	struct pin_source source;
	struct secret *secret = NULL;
	enum caproof_status status;
	char order;

	interrupt_install();
	status = pin_source_parse("stdin", &source, &err);
	if (status == CAPROOF_OK)
		status = pin_ask(&source, arg, &secret, &err);
	tell(answers, status, secret, &err);
	if (read(orders, &order, 1) != 1)
		_exit(91);
}

static void a_terminal_as_standard_input_does_not_echo(void **state) {
	struct terminal terminal;

	(void)state;
	terminal_start(&terminal, ask_standard_input, (void *)(uintptr_t)&plain);
	terminal_expect(&terminal, PROMPT);
	assert_false(terminal_echoes(&terminal));
	terminal_type(&terminal, "1234\n", 5);
	assert_string_equal(finish(&terminal, PROMPT "\n").pin, "1234");
}

static void without_a_terminal_it_does_not_wait(void **state) {
	int answers[2], orders[2];
	struct answer answer;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(answers), 0);
	assert_int_equal(pipe(orders), 0);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		setsid();
		ask(answers[1], orders[0], (void *)(uintptr_t)&plain);
		_exit(0);
	}
	close(answers[1]);
	assert_int_equal(read(answers[0], &answer, sizeof answer), sizeof answer);
	assert_int_equal(answer.status, CAPROOF_PIN);
	assert_int_equal(answer.id, ERROR_PIN_NONE);
	assert_string_equal(answer.message,
		"cannot ask for the PIN: there is no terminal (there is no such device)");
	assert_int_equal(write(orders[1], "e", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(answers[0]);
	close(orders[0]);
	close(orders[1]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_names_token_serial_and_key),
		cmocka_unit_test(it_says_only_what_is_known),
		cmocka_unit_test(it_warns_before_it_asks),
		cmocka_unit_test(what_is_erased_is_not_in_the_pin),
		cmocka_unit_test(nothing_is_no_pin),
		cmocka_unit_test(too_much_is_no_pin),
		cmocka_unit_test(ctrl_c_gives_the_terminal_back),
		cmocka_unit_test(so_does_every_other_signal),
		cmocka_unit_test(a_signal_to_another_thread_counts),
		cmocka_unit_test(ctrl_z_lends_the_terminal_back),
		cmocka_unit_test(after_any_stop_it_does_not_echo),
		cmocka_unit_test(whoever_ends_the_process_can_restore),
		cmocka_unit_test(a_terminal_as_standard_input_does_not_echo),
		cmocka_unit_test(without_a_terminal_it_does_not_wait),
	};

	return cmocka_run_group_tests_name("prompt", tests, NULL, NULL);
}
