/* SPDX-License-Identifier: Apache-2.0
 *
 * A child on a terminal of its own, and what it says about a PIN.
 */
#ifndef CAPROOF_TESTS_TERMINAL_H
#define CAPROOF_TESTS_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

/* What a child tells its parent. */
struct answer {
	int status, id;
	int interrupt_status;
	char message[200];
	char pin[64];
};

struct terminal {
	int keyboard; /* the master side */
	int answers;  /* struct answer, or single letters */
	int orders;   /* single letters to the child */
	pid_t pid;
	char seen[4096]; /* all that was shown, carriage returns left out */
};

/* What the child runs: ANSWERS and ORDERS are its ends. */
typedef void terminal_body(int answers, int orders, void *arg);

/* Start BODY in a child whose controlling terminal is new. */
void terminal_start(struct terminal *terminal, terminal_body *body, void *arg);
void terminal_type(const struct terminal *terminal, const char *keys, size_t len);
/* Wait until TEXT was shown; fails the test after some seconds. */
void terminal_expect(struct terminal *terminal, const char *text);
bool terminal_echoes(const struct terminal *terminal);
/* Read what the child answers; fails the test when it does not. */
void terminal_answer(struct terminal *terminal, void *answer, size_t size);
/* How it ended, as of waitpid. */
int terminal_end(struct terminal *terminal);

#endif
