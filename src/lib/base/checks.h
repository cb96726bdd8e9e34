/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of checks: the one shape in which `sign`, `check` and `verify` say
 * what was held against what.
 */
#ifndef CAPROOF_BASE_CHECKS_H
#define CAPROOF_BASE_CHECKS_H

#include "base/error.h"

enum check_result { CHECK_OK, CHECK_WARNING, CHECK_REFUSED };

struct check {
	const char *id;   /* static or owned by the platform; unique in a list */
	enum check_result result;
	char *message;    /* what was found, safe to show; owned */
	char *source;     /* where the rule is written, may be NULL; owned */
	char *way_out;    /* what to do when it is not ok, may be NULL; owned */
};

struct checks {
	struct check *list;
	size_t count;
};

#define CHECKS_INIT { NULL, 0 }

/* Append one check; copies the texts.  SOURCE and WAY_OUT may be NULL. */
NODISCARD enum caproof_status checks_add(struct checks *checks, const char *id,
	enum check_result result, const char *source, const char *way_out, struct error *err,
	const char *fmt, ...) PRINTF_LIKE(7, 8);
void checks_clear(struct checks *checks);

const char *check_result_name(enum check_result result); /* "ok", "warning", "refused" */
const struct check *checks_first_refused(const struct checks *checks); /* or NULL */
/* The first check that refuses becomes an error of ID, "WHAT: its message", the others
 * stand in the hint.  CAPROOF_OK when none does. */
NODISCARD enum caproof_status checks_to_error(const struct checks *checks, enum error_id id,
	const char *what, struct error *err);

#endif
