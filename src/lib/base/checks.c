/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of checks that every command shows in one shape.  It owns its texts,
 * so that a list outlives the platform file and the certificate it speaks of.
 * It judges nothing: results are put in by the rules.
 */
#include "base/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_clear(struct check *check) {
	free(check->message);
	free(check->source);
	free(check->way_out);
}

static bool copy_text(const char *text, char **out) {
	*out = text ? strdup(text) : NULL;
	return !text || *out;
}

enum caproof_status checks_add(struct checks *checks, const char *id, enum check_result result,
	const char *source, const char *way_out, struct error *err, const char *fmt, ...) {
	struct check check = { .id = id, .result = result };
	struct check *list = NULL;
	va_list args;
	va_start(args, fmt);
	int length = vasprintf(&check.message, fmt, args);
	va_end(args);
	if (length < 0) {
		check.message = NULL;
		goto out;
	}
	if (!copy_text(source, &check.source) || !copy_text(way_out, &check.way_out))
		goto out;
	list = reallocarray(checks->list, checks->count + 1, sizeof *list);
	if (!list)
		goto out;
	checks->list = list;
	checks->list[checks->count++] = check;
out:
	if (list)
		return CAPROOF_OK;
	check_clear(&check);
	return error_memory(err);
}

void checks_clear(struct checks *checks) {
	for (size_t i = 0; i < checks->count; i++)
		check_clear(&checks->list[i]);
	free(checks->list);
	*checks = (struct checks)CHECKS_INIT;
}

const char *check_result_name(enum check_result result) {
	switch (result) {
	case CHECK_OK:
		return "ok";
	case CHECK_WARNING:
		return "warning";
	case CHECK_REFUSED:
		break;
	}
	return "refused";
}

const struct check *checks_first_refused(const struct checks *checks) {
	for (size_t i = 0; i < checks->count; i++) {
		if (checks->list[i].result == CHECK_REFUSED)
			return &checks->list[i];
	}
	return NULL;
}

enum caproof_status checks_to_error(const struct checks *checks, enum error_id id,
	const char *what, struct error *err) {
	const struct check *first = checks_first_refused(checks);

	if (first == NULL)
		return CAPROOF_OK;
	error_set(err, id, "%s: %s", what, first->message);
	if (first->way_out != NULL)
		error_hint(err, "%s", first->way_out);
	for (const struct check *c = first + 1; c < checks->list + checks->count; c++)
		if (c->result == CHECK_REFUSED)
			error_hint_line(err, "also: %s", c->message);
	return error_status(err);
}
