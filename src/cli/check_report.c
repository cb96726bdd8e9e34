/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of checks, for people and in JSON.
 */
#include "check_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "layout.h"

#define FIELD_INDENT 11
#define RESULT_INDENT 9 /* "refused  " */

void show_field(const char *name, const char *text) {
	char head[32];

	snprintf(head, sizeof(head), "  %s ", name);
	layout_words(FIELD_INDENT, head, text);
}

static const char *kind_of(const struct ca_facts *facts) {
	if (facts->self_signed)
		return "a self-signed root";
	if (facts->self_issued)
		return "a root by its names, but not signed with its own key";
	return "an intermediate, issued by another CA";
}

void show_ca(const struct ca *ca) {
	const struct ca_facts *facts = &ca->facts;
	char key[64], kind[256];

	snprintf(kind, sizeof(kind), "%s, X.509 v%d, %s, %s%s", kind_of(facts), facts->version,
		public_key_describe(&ca->key, key, sizeof(key)), facts->pem ? "PEM" : "DER",
		facts->text_around_pem ? " with other text around it" : "");
	show_field("CA", ca->subject_text);
	show_field("file", ca->name);
	show_field("kind", kind);
	show_field("SHA-256", ca->sha256);
}

static void show_check(const struct check *check) {
	char lead[128], *line = NULL;

	snprintf(lead, sizeof(lead), "%-*s%s: ", RESULT_INDENT, check_result_name(check->result),
		check->id);
	if (asprintf(&line, "%s%s%s%s", check->message, check->source != NULL ? " [" : "",
		check->source != NULL ? check->source : "", check->source != NULL ? "]" : "") < 0)
		line = NULL;
	layout_words(RESULT_INDENT, lead, line != NULL ? line : check->message);
	free(line);
	if (check->result != CHECK_OK && check->way_out != NULL)
		layout_words(RESULT_INDENT + 2, "         way out: ", check->way_out);
}

void show_checks(const struct checks *checks) {
	size_t warnings = checks_count(checks, CHECK_WARNING);

	putchar('\n');
	for (size_t i = 0; i < checks->count; i++)
		show_check(&checks->list[i]);
	printf("\n%zu ok, %zu warning%s, %zu refused\n", checks_count(checks, CHECK_OK), warnings,
		warnings == 1 ? "" : "s", checks_count(checks, CHECK_REFUSED));
}

void show_notes(const struct platform *platform) {
	const char *note;

	if (platform_note(platform, 0) != NULL)
		puts("\nto know beforehand");
	for (size_t i = 0; (note = platform_note(platform, i)) != NULL; i++)
		layout_words(4, "  - ", note);
}

size_t checks_count(const struct checks *checks, enum check_result result) {
	size_t n = 0;

	for (size_t i = 0; i < checks->count; i++)
		n += checks->list[i].result == result;
	return n;
}

enum check_result checks_result(const struct checks *checks) {
	if (checks_count(checks, CHECK_REFUSED) > 0)
		return CHECK_REFUSED;
	return checks_count(checks, CHECK_WARNING) > 0 ? CHECK_WARNING : CHECK_OK;
}

/* --- JSON --------------------------------------------------------------------- */

bool json_put(json_t *object, const char *key, json_t *value) {
	return value != NULL && json_object_set_new(object, key, value) == 0;
}

json_t *json_of_ca(const struct ca *ca) {
	char key[64];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:b}", "file", ca->name, "subject",
		ca->subject_text, "sha256", ca->sha256, "spki_sha256", ca->spki_sha256, "key",
		public_key_describe(&ca->key, key, sizeof(key)), "version", ca->facts.version,
		"self_signed", (int)ca->facts.self_signed);
}

json_t *json_of_notes(const struct platform *platform) {
	json_t *list = json_array();
	const char *note;

	for (size_t i = 0; list != NULL && (note = platform_note(platform, i)) != NULL; i++) {
		if (json_array_append_new(list, json_string(note)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

int report_failure(const struct error *err) {
	int code = report_error(err);

	return err->id == ERROR_INTERRUPTED ? interrupt_status() : code;
}

static int report_text(const struct error *err) {
	struct error unwritten = ERROR_INIT;

	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return err->id != ERROR_NONE ? report_error(err) : CAPROOF_OK;
	error_set(&unwritten, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	return report_error_text(err->id != ERROR_NONE ? err : &unwritten);
}

int report_result(json_t *object, const struct error *err) {
	struct error unwritten = ERROR_INIT;

	if (!report_is_json())
		return report_text(err);
	if (object == NULL && err->id != ERROR_NONE)
		return report_error(err);
	if (err->id != ERROR_NONE && object != NULL &&
		!json_put(object, "error", report_json_error(err))) {
		json_decref(object);
		object = NULL;
	}
	if (report_json_print(object, &unwritten) != CAPROOF_OK)
		return report_error_text(err->id != ERROR_NONE ? err : &unwritten);
	return err->id != ERROR_NONE ? report_error_text(err) : CAPROOF_OK;
}
