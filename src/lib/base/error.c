/* SPDX-License-Identifier: Apache-2.0
 *
 * One error, its sentence and its next step.  Nothing here allocates, so that
 * running out of memory can be reported like anything else.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum caproof_status status;
	const char *hint;
} table[ERROR_COUNT] = {
	[ERROR_NONE] = { "none", CAPROOF_OK, "" },
#define ERROR(symbol, id, status, hint) [ERROR_##symbol] = { id, status, hint },
#include "base/errors.def"
#undef ERROR
};

const char *error_id_name(enum error_id id) {
	return table[id].name;
}

enum caproof_status error_status(const struct error *err) {
	return table[err->id].status;
}

const char *error_hint_text(const struct error *err) {
	return err->hint[0] != '\0' ? err->hint : table[err->id].hint;
}

/* Between two characters of UTF-8, at AT or before. */
static void cut(char *buf, size_t at) {
	while (at > 0 && ((unsigned char)buf[at] & 0xc0) == 0x80)
		at--;
	memcpy(buf + at, "...", sizeof("..."));
}

/* What was cut off must not be taken for the whole. */
static void format(char *buf, size_t size, const char *fmt, va_list args) {
	int n = vsnprintf(buf, size, fmt, args);

	if (n < 0)
		buf[0] = '\0';
	else if ((size_t)n >= size)
		cut(buf, size - sizeof("..."));
}

enum caproof_status error_set(struct error *err, enum error_id id, const char *fmt, ...) {
	va_list args;

	if (err->id != ERROR_NONE)
		return error_status(err);
	err->id = id;
	err->hint[0] = err->detail[0] = '\0';
	va_start(args, fmt);
	format(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	return error_status(err);
}

enum caproof_status error_context(struct error *err, const char *fmt, ...) {
	char cause[sizeof(err->message)];
	size_t len;
	va_list args;

	memcpy(cause, err->message, sizeof(cause));
	va_start(args, fmt);
	format(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	len = strlen(err->message);
	if (snprintf(err->message + len, sizeof(err->message) - len, ": %s", cause) >=
		(int)(sizeof(err->message) - len))
		cut(err->message, sizeof(err->message) - sizeof("..."));
	return error_status(err);
}

void error_hint(struct error *err, const char *fmt, ...) {
	va_list args;

	va_start(args, fmt);
	format(err->hint, sizeof(err->hint), fmt, args);
	va_end(args);
}

void error_detail(struct error *err, const char *fmt, ...) {
	va_list args;

	va_start(args, fmt);
	format(err->detail, sizeof(err->detail), fmt, args);
	va_end(args);
}

void error_hint_line(struct error *err, const char *fmt, ...) {
	char line[1024];
	size_t used;
	va_list args;

	if (err->hint[0] == '\0')
		error_hint(err, "%s", table[err->id].hint);
	used = strlen(err->hint);
	va_start(args, fmt);
	format(line, sizeof(line), fmt, args);
	va_end(args);
	/* A URI that was cut could be pasted and find something else. */
	if (used + strlen(line) + sizeof("\n  \n  ...") > sizeof(err->hint)) {
		if (used < 4 || strcmp(err->hint + used - 4, " ...") != 0)
			snprintf(err->hint + used, sizeof(err->hint) - used, "\n  ...");
		return;
	}
	snprintf(err->hint + used, sizeof(err->hint) - used, "\n  %s", line);
}

enum caproof_status error_memory(struct error *err) {
	return error_set(err, ERROR_MEMORY, "out of memory");
}

void error_reset(struct error *err) {
	err->id = ERROR_NONE;
	err->message[0] = err->hint[0] = err->detail[0] = '\0';
}
