/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sweep demands of a run.
 */
#ifndef CAPROOF_TESTS_DEMAND_H
#define CAPROOF_TESTS_DEMAND_H

#include <stdbool.h>

struct result {
	int status;        /* of waitpid */
	bool late;
	char *log, *errors; /* the shim's log; standard error */
};

/* NULL, or what is wrong with a run that may end with 0 or with a digit of CODES.
 * OUTS: the files it should write, up to a NULL; CHECK: the command that accepts them, or
 * NULL. */
const char *demand(const struct result *result, const char *codes, const char *const *outs,
	const char *check);

#endif
