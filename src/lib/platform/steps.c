/* SPDX-License-Identifier: Apache-2.0
 *
 * Next steps: what to type or click after the proof was made.  caproof runs none of
 * them, but people paste them into a shell, so every value goes in quoted, and a
 * template may not put quotes of its own around it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "platform/model.h"

enum placeholder { PLACE_CA, PLACE_PROOF, PLACE_CODE, PLACE_CA_SHA256, PLACE_COUNT };

static const char *const placeholders[PLACE_COUNT] = {
	"{ca}", "{proof}", "{code}", "{ca_sha256}"
};

/* What stands for a value that has no name. */
static const char *const unnamed[PLACE_COUNT] = { "CA_FILE", "PROOF_FILE", "CODE", "CA_SHA256" };

static enum placeholder placeholder_at(const char *text) {
	enum placeholder place = 0;
	while (place < PLACE_COUNT &&
		strncmp(text, placeholders[place], strlen(placeholders[place])) != 0)
		place++;
	return place;
}

bool step_is_valid(const char *text, const char **complaint) {
	bool uses_values = false;
	for (const char *at = text; (at = strpbrk(at, "{}"));) {
		if (at[0] == at[1]) { /* {{ and }} are braces */
			at += 2;
			continue;
		}
		enum placeholder place = placeholder_at(at);
		*complaint = "has a brace that begins none of {ca}, {proof}, {code}, {ca_sha256}; "
			     "write {{ or }} for a brace";
		if (place == PLACE_COUNT)
			return false;
		uses_values = true;
		at += strlen(placeholders[place]);
	}
	*complaint = "has both a placeholder and a quote or backslash: values are quoted already";
	return !uses_values || !strpbrk(text, "'\"`\\");
}

static bool has_name(const char *value) {
	return value && *value && strcmp(value, "-") != 0 && strncasecmp(value, "pkcs11:", 7) != 0;
}

/* The text to insert, on the heap; NULL: no memory. */
static char *value_quote(enum placeholder place, const char *value) {
	bool is_file = place == PLACE_CA || place == PLACE_PROOF;
	char *path = NULL;
	if (!has_name(value))
		return strdup(unnamed[place]);
	/* A file name that begins with a dash would be an option. */
	if (asprintf(&path, "%s%s", is_file && value[0] == '-' ? "./" : "", value) < 0)
		return NULL;
	char *safe = text_safe_dup(path, strlen(path));
	char *quoted = safe ? text_shell_quote(safe) : NULL;
	free(safe);
	free(path);
	return quoted;
}

static const char *value_of(enum placeholder place, const struct platform_values *values) {
	switch (place) {
	case PLACE_CA:
		return values->ca_file;
	case PLACE_PROOF:
		return values->proof_file;
	case PLACE_CODE:
		return values->code;
	case PLACE_CA_SHA256:
		return values->ca_sha256;
	case PLACE_COUNT:
		break;
	}
	return NULL;
}

/* Write the step with QUOTED in place of its placeholders; NULL: no memory. */
static char *step_fill(const char *step, char *const quoted[PLACE_COUNT]) {
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	while (*step) {
		enum placeholder place = placeholder_at(step);
		if (place < PLACE_COUNT) {
			fputs(quoted[place], out);
			step += strlen(placeholders[place]);
			continue;
		}
		fputc(*step, out);
		step += (*step == '{' || *step == '}') ? 2 : 1;
	}
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

enum caproof_status platform_next_steps(const struct platform *platform,
	const struct platform_values *values, char ***out, struct error *err) {
	char *quoted[PLACE_COUNT] = { NULL };
	enum caproof_status status = CAPROOF_OK;
	char **steps = calloc(platform->step_count + 1, sizeof *steps);
	if (!steps)
		return error_memory(err);
	for (enum placeholder place = 0; place < PLACE_COUNT; place++) {
		quoted[place] = value_quote(place, value_of(place, values));
		if (!quoted[place])
			status = error_memory(err);
	}
	for (size_t i = 0; status == CAPROOF_OK && i < platform->step_count; i++) {
		steps[i] = step_fill(platform->steps[i], quoted);
		if (!steps[i])
			status = error_memory(err);
	}
	for (enum placeholder place = 0; place < PLACE_COUNT; place++)
		free(quoted[place]);
	if (status == CAPROOF_OK)
		*out = steps;
	else
		platform_free_steps(steps);
	return status;
}

void platform_free_steps(char **steps) {
	for (size_t i = 0; steps && steps[i]; i++)
		free(steps[i]);
	free(steps);
}
