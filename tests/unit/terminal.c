/* SPDX-License-Identifier: Apache-2.0
 *
 * Terminals for tests.  Every wait has an end: a prompt that hangs fails its test.
 */
#include "terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 60000

void terminal_start(struct terminal *terminal, terminal_body *body, void *arg) {
	int answers[2], orders[2];

	memset(terminal, 0, sizeof *terminal);
	assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
	assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
	terminal->pid = forkpty(&terminal->keyboard, NULL, NULL, NULL);
	assert_true(terminal->pid >= 0);
	if (terminal->pid == 0) {
		close(answers[0]);
		close(orders[1]);
		/* whatever the tests were started with */
		for (int sig = 1; sig < SIGRTMIN; sig++)
			signal(sig, SIG_DFL);
		body(answers[1], orders[0], arg);
		_exit(0);
	}
	close(answers[1]);
	close(orders[0]);
	terminal->answers = answers[0];
	terminal->orders = orders[1];
}

void terminal_type(const struct terminal *terminal, const char *keys, size_t len) {
	assert_int_equal(write(terminal->keyboard, keys, len), len);
}

static bool readable(int fd) {
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, PATIENCE_MS) == 1;
}

void terminal_expect(struct terminal *terminal, const char *text) {
	size_t len = strlen(terminal->seen);

	while (strstr(terminal->seen, text) == NULL) {
		char octet = 0;

		if (len + 1 >= sizeof terminal->seen || !readable(terminal->keyboard) ||
			read(terminal->keyboard, &octet, 1) != 1)
			fail_msg("'%s' was not shown, only '%s'", text, terminal->seen);
		if (octet != '\r')
			terminal->seen[len++] = octet;
		terminal->seen[len] = '\0';
	}
}

bool terminal_echoes(const struct terminal *terminal) {
	struct termios modes;

	assert_int_equal(tcgetattr(terminal->keyboard, &modes), 0);
	return (modes.c_lflag & ECHO) != 0;
}

void terminal_answer(struct terminal *terminal, void *answer, size_t size) {
	if (!readable(terminal->answers) || read(terminal->answers, answer, size) != (ssize_t)size)
		fail_msg("the child gives no answer; it has shown '%s'", terminal->seen);
}

int terminal_end(struct terminal *terminal) {
	int status = -1;

	for (int i = 0; waitpid(terminal->pid, &status, WNOHANG) == 0; i++) {
		if (i == PATIENCE_MS / 10) {
			kill(terminal->pid, SIGKILL);
			fail_msg("the child does not end; it has shown '%s'", terminal->seen);
		}
		usleep(10000);
	}
	close(terminal->keyboard);
	close(terminal->answers);
	close(terminal->orders);
	return status;
}
