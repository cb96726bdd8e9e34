/* SPDX-License-Identifier: Apache-2.0
 *
 * Which platforms there are: the rule files in a folder, by name.  The files are
 * not read here, so that one broken file does not hide the others.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "platform/model.h"

#define SUFFIX ".json"

static int is_rule_file(const struct dirent *entry) {
	char name[NAME_MAX_LENGTH + 1];
	size_t len = strlen(entry->d_name);
	if (len <= strlen(SUFFIX) || strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) != 0)
		return 0;
	len -= strlen(SUFFIX);
	if (len > NAME_MAX_LENGTH)
		return 0;
	memcpy(name, entry->d_name, len);
	name[len] = '\0';
	return name_is_valid(name);
}

static int compare_names(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum caproof_status platform_list(const char *directory, char ***out, struct error *err) {
	struct dirent **entries = NULL;
	char shown[256];
	errno = 0;
	int count = scandir(directory, &entries, is_rule_file, NULL);
	if (count < 0 && errno == ENOMEM)
		return error_memory(err);
	if (count < 0)
		return error_set(err, ERROR_INPUT_READ, "cannot list the rule files in '%s': %s",
			text_safe(shown, sizeof shown, directory, strlen(directory)), errno_text(errno));
	char **names = calloc((size_t)count + 1, sizeof *names);
	bool failed = !names;
	for (int i = 0; i < count; i++) {
		size_t len = strlen(entries[i]->d_name) - strlen(SUFFIX);
		if (!failed)
			failed = !(names[i] = strndup(entries[i]->d_name, len));
		free(entries[i]);
	}
	free(entries);
	if (failed) {
		platform_free_steps(names);
		return error_memory(err);
	}
	qsort(names, (size_t)count, sizeof *names, compare_names);
	*out = names;
	return CAPROOF_OK;
}

static size_t min3(size_t a, size_t b, size_t c) {
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

/* How many letters to add, drop or change (Levenshtein); both are short names. */
static size_t distance(const char *a, const char *b) {
	size_t row[NAME_MAX_LENGTH + 1];
	size_t len = strlen(b);
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[len];
}

/* Move the name that is most like NAME to the front; the others stay in order. */
static void nearest_first(char **names, const char *name) {
	size_t best = 0;
	for (size_t i = 1; names[0] && names[i]; i++) {
		if (distance(name, names[i]) < distance(name, names[best]))
			best = i;
	}
	if (best == 0)
		return;
	char *nearest = names[best];
	memmove(names + 1, names, best * sizeof *names);
	names[0] = nearest;
}

enum caproof_status list_unknown(const char *name, const char *directory, struct error *err) {
	char shown[NAME_MAX_LENGTH * 2], known[2048] = "";
	char **names = NULL;
	struct error failed = ERROR_INIT;
	enum caproof_status status;
	text_safe(shown, sizeof shown, name, strlen(name));
	/* Other tools take the PIN by -p. */
	if (name[0] != '\0' && name[strspn(name, "0123456789")] == '\0')
		return error_set(err, ERROR_USAGE_PIN_SHOWN, "no platform has a number for its name");
	status = error_set(err, ERROR_PLATFORM_UNKNOWN, "there is no platform named '%s'", shown);
	if (platform_list(directory, &names, &failed) != CAPROOF_OK) {
		if (failed.id != ERROR_MEMORY)
			error_hint(err, "%s: install caproof, or name their folder in CAPROOF_PLATFORMS",
				failed.message);
		return status;
	}
	if (strlen(name) <= NAME_MAX_LENGTH)
		nearest_first(names, name);
	for (size_t i = 0, len = 0; names[i] && len < sizeof known - 1; i++, len = strlen(known))
		snprintf(known + len, sizeof known - len, "%s%s", i ? ", " : "", names[i]);
	if (*known)
		error_hint(err, "the platforms are: %s; a file of your own needs a slash in its "
				"name, as in ./rules.json", known);
	platform_free_steps(names);
	return status;
}
