/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tool says.
 */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static struct {
	const char *command;
	bool quiet, verbose, json;
	const struct checks *checks;
} report;

void report_setup(const char *command, bool quiet, bool verbose, bool as_json) {
	report.command = command;
	report.quiet = quiet;
	report.verbose = verbose;
	report.json = as_json;
}

void report_tell_checks(const struct checks *checks) {
	report.checks = checks;
}

bool report_is_json(void) {
	return report.json;
}

bool report_is_quiet(void) {
	return report.quiet;
}

void report_warning(const char *fmt, ...) {
	va_list args;

	if (report.quiet)
		return;
	fputs("caproof: warning: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

void report_note(const char *fmt, ...) {
	va_list args;

	if (report.quiet)
		return;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static char *error_text(const struct error *err) {
	const char *hint = error_hint_text(err);
	bool detail = report.verbose && err->detail[0] != '\0';
	char *text;

	if (asprintf(&text, "caproof: %s%s%s%s\n%s%s%s", err->message, detail ? " (" : "",
		detail ? err->detail : "", detail ? ")" : "", hint[0] != '\0' ? "hint: " : "", hint,
		hint[0] != '\0' ? "\n" : "") < 0)
		return NULL;
	return text;
}

json_t *report_json_error(const struct error *err) {
	return json_pack("{s:s, s:i, s:s, s:s}", "id", error_id_name(err->id), "exit",
		(int)error_status(err), "message", err->message, "hint", error_hint_text(err));
}

static bool add_checks(json_t *object) {
	if (object == NULL || report.checks == NULL || report.checks->count == 0)
		return object != NULL;
	return json_object_set_new(object, "checks", report_json_checks(report.checks)) == 0;
}

static char *error_json(const struct error *err) {
	json_t *object = report_json_new();
	json_t *inner = report_json_error(err);
	char *text = NULL, *line = NULL;

	if (add_checks(object) && inner != NULL && json_object_set(object, "error", inner) == 0)
		text = json_dumps(object, JSON_COMPACT);
	json_decref(inner);
	json_decref(object);
	if (text != NULL && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

bool report_prepare(const struct error *err, char **text, char **json) {
	*json = NULL;
	*text = error_text(err);
	if (*text == NULL)
		return false;
	if (!report.json)
		return true;
	*json = error_json(err);
	if (*json != NULL)
		return true;
	free(*text);
	*text = NULL;
	return false;
}

/* A library that ran out of memory may have called it something else: a file that cannot
 * be read, a signature that does not verify. */
static const struct error *true_cause(const struct error *err, struct error *memory) {
	if (err->id == ERROR_MEMORY || err->id == ERROR_INTERRUPTED || !memory_ran_out())
		return err;
	error_memory(memory);
	error_detail(memory, "%s", err->message);
	return memory;
}

int report_error(const struct error *given) {
	struct error memory = ERROR_INIT;
	const struct error *err = true_cause(given, &memory);
	char *text, *json;

	if (report_prepare(err, &text, &json)) {
		fputs(text, stderr);
		if (json != NULL) {
			fputs(json, stdout);
			fflush(stdout);
		}
		free(text);
		free(json);
	} else {
		fprintf(stderr, "caproof: %s\nhint: %s\n", err->message, error_hint_text(err));
	}
	return (int)error_status(err);
}

int report_error_text(const struct error *err) {
	bool json = report.json;
	int code;

	report.json = false;
	code = report_error(err);
	report.json = json;
	return code;
}

void report_check_warnings(const struct checks *checks) {
	for (size_t i = 0; i < checks->count; i++)
		if (checks->list[i].result == CHECK_WARNING)
			report_warning("%s", checks->list[i].message);
}

json_t *report_json_new(void) {
	return json_pack("{s:i, s:s}", "caproof", 1, "command", report.command);
}

json_t *report_json_checks(const struct checks *checks) {
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < checks->count; i++) {
		const struct check *check = &checks->list[i];
		json_t *entry = json_pack("{s:s, s:s, s:s, s:s?}", "id", check->id, "result",
			check_result_name(check->result), "message", check->message, "source", check->source);

		if (entry == NULL || json_array_append_new(list, entry) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

enum caproof_status report_json_print(json_t *object, struct error *err) {
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	enum caproof_status status = CAPROOF_OK;

	json_decref(object);
	if (text == NULL)
		return error_memory(err);
	if (puts(text) == EOF || fflush(stdout) != 0)
		status = error_set(err, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	free(text);
	return status;
}
