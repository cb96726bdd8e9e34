/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the journal of a folder.  It is read as strictly as if a stranger had written
 * it: what it says decides what is signed again.
 */
#include "journal.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "journal_internal.h"

#define LINE_MAX_SIZE (64u * 1024)
#define TEXT_MAX 8192

enum event { EVENT_BEGIN, EVENT_INTENT, EVENT_RESULT, EVENT_FAILED, EVENT_UNUSED, EVENT_END };
static const char *const events[] = { "begin", "intent", "result", "failed", "unused", "end",
	NULL };

/* What a line is read into. */
struct reading {
	struct journal *journal;
	char ca_sha256[65]; /* of the batch that the line belongs to */
};

static int compare_out(const void *a, const void *b) {
	return strcmp(((const struct journal_entry *)a)->out, ((const struct journal_entry *)b)->out);
}

static int compare_code(const void *a, const void *b) {
	const struct journal_entry *x = a, *y = b;
	int order = strcmp(x->ca_sha256, y->ca_sha256);

	if (order == 0)
		order = strcmp(x->platform, y->platform);
	return order != 0 ? order : strcmp(x->code, y->code);
}

static void free_entry(struct journal_entry *entry) {
	free(entry->out);
	free(entry->platform);
	free(entry->code);
	free(entry->ca_sha256);
	free(entry->serial);
	free(entry->sha256);
	free(entry);
}

static void free_nothing(void *node) {
	(void)node;
}

void journal_clear_entries(struct journal *journal) {
	tdestroy(journal->by_out, free_nothing);
	tdestroy(journal->by_code, free_nothing);
	journal->by_out = journal->by_code = NULL;
	for (size_t i = 0; i < journal->count; i++)
		free_entry(journal->entries[i]);
	free(journal->entries);
	journal->entries = NULL;
	journal->count = 0;
}

const struct journal_entry *journal_find(const struct journal *journal, const char *out) {
	struct journal_entry key = { .out = (char *)out };
	void *node = tfind(&key, &journal->by_out, compare_out);

	return node != NULL ? *(struct journal_entry **)node : NULL;
}

const struct journal_entry *journal_find_code(const struct journal *journal,
	const char *ca_sha256, const char *platform, const char *code) {
	struct journal_entry key = {
		.ca_sha256 = (char *)ca_sha256, .platform = (char *)platform, .code = (char *)code
	};
	void *node = tfind(&key, &journal->by_code, compare_code);

	return node != NULL ? *(struct journal_entry **)node : NULL;
}

bool journal_is_unfinished(const struct journal *journal) {
	return journal->unfinished;
}

bool journal_is_empty(const struct journal *journal) {
	return journal->count == 0;
}

/* The entry for OUT, a new one where there is none. */
static struct journal_entry *entry_for(struct journal *journal, const char *out) {
	struct journal_entry *entry = (struct journal_entry *)journal_find(journal, out);
	struct journal_entry **larger;

	if (entry != NULL)
		return entry;
	if (journal->count == journal->room) {
		size_t room = journal->room == 0 ? 64 : journal->room * 2;

		/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
		larger = realloc(journal->entries, room * sizeof(*larger));
		if (larger == NULL)
			return NULL;
		journal->entries = larger;
		journal->room = room;
	}
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return NULL;
	entry->out = strdup(out);
	if (entry->out == NULL || tsearch(entry, &journal->by_out, compare_out) == NULL) {
		free_entry(entry);
		return NULL;
	}
	journal->entries[journal->count++] = entry;
	return entry;
}

static bool replace(char **text, const char *with) {
	free(*text);
	*text = with != NULL ? strdup(with) : NULL;
	return with == NULL || *text != NULL;
}

/* --- lines ------------------------------------------------------------------------- */

static enum caproof_status read_begin(struct reading *reading, const struct json_place *line,
	struct error *err) {
	static const char *const keys[] = { "caproof", "journal", "event", "time", "list",
		"list_sha256", "ca_sha256", "rows", NULL };
	static const char *const kinds[] = { "batch", NULL };
	const char *sha256 = NULL;
	long long version = 0;
	size_t kind = 0;
	enum caproof_status status;

	if ((status = json_only(line, keys, err)) != CAPROOF_OK ||
		(status = json_read_number(line, "caproof", JSON_REQUIRED, 1, 1, &version, err)) !=
		CAPROOF_OK ||
		(status = json_read_word(line, "journal", JSON_REQUIRED, kinds, &kind, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(line, "ca_sha256", JSON_REQUIRED, 64, &sha256, err)) !=
		CAPROOF_OK)
		return status;
	snprintf(reading->ca_sha256, sizeof(reading->ca_sha256), "%s", sha256);
	reading->journal->unfinished = true;
	return CAPROOF_OK;
}

static enum caproof_status read_intent(struct reading *reading, const struct json_place *line,
	struct error *err) {
	static const char *const keys[] = { "event", "line", "out", "platform", "code", "serial",
		"tbs_sha256", NULL };
	const char *out = NULL, *platform = NULL, *code = NULL, *serial = NULL;
	struct journal_entry *entry;
	enum caproof_status status;

	if ((status = json_only(line, keys, err)) != CAPROOF_OK ||
		(status = json_read_string(line, "out", JSON_REQUIRED, TEXT_MAX, &out, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(line, "platform", JSON_REQUIRED, TEXT_MAX, &platform, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(line, "code", JSON_REQUIRED, TEXT_MAX, &code, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(line, "serial", JSON_OPTIONAL, TEXT_MAX, &serial, err)) !=
		CAPROOF_OK)
		return status;
	entry = entry_for(reading->journal, out);
	if (entry == NULL || !replace(&entry->platform, platform) || !replace(&entry->code, code) ||
		!replace(&entry->serial, serial) || !replace(&entry->ca_sha256, reading->ca_sha256) ||
		!replace(&entry->sha256, NULL))
		return error_memory(err);
	entry->finished = entry->unused = false;
	return CAPROOF_OK;
}

/* What became of the intent for the same output. */
static enum caproof_status read_outcome(struct reading *reading, const struct json_place *line,
	enum event event, struct error *err) {
	static const char *const keys[] = { "event", "line", "out", "sha256", "found", "error", NULL };
	const char *out = NULL, *sha256 = NULL;
	struct journal_entry *entry;
	enum caproof_status status;

	if ((status = json_only(line, keys, err)) != CAPROOF_OK ||
		(status = json_read_string(line, "out", JSON_REQUIRED, TEXT_MAX, &out, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(line, "sha256", event == EVENT_RESULT ? JSON_REQUIRED :
			JSON_OPTIONAL, 64, &sha256, err)) != CAPROOF_OK)
		return status;
	entry = (struct journal_entry *)journal_find(reading->journal, out);
	if (entry == NULL)
		return json_fail(line, "out", err, "there was no intent for it");
	entry->unused = event == EVENT_UNUSED;
	entry->finished = event == EVENT_RESULT;
	if (!replace(&entry->sha256, entry->finished ? sha256 : NULL))
		return error_memory(err);
	return CAPROOF_OK;
}

static enum caproof_status read_event(struct reading *reading, const struct json_place *line,
	struct error *err) {
	size_t event = 0;
	enum caproof_status status = json_read_word(line, "event", JSON_REQUIRED, events, &event, err);

	if (status != CAPROOF_OK)
		return status;
	if (event == EVENT_BEGIN)
		return read_begin(reading, line, err);
	if (reading->ca_sha256[0] == '\0')
		return json_fail(line, "event", err, "nothing was begun before it");
	if (event == EVENT_INTENT)
		return read_intent(reading, line, err);
	if (event != EVENT_END)
		return read_outcome(reading, line, (enum event)event, err);
	reading->journal->unfinished = false;
	return CAPROOF_OK;
}

static enum caproof_status read_line(struct reading *reading, struct span text, size_t number,
	struct error *err) {
	struct json_document document = JSON_DOCUMENT_INIT;
	char name[80];
	struct json_place top;
	enum caproof_status status;

	snprintf(name, sizeof(name), "record %zu of the journal '%s'", number, JOURNAL_NAME);
	status = json_parse(text, LINE_MAX_SIZE, name, ERROR_JOURNAL, &document, err);
	if (status == CAPROOF_OK) {
		top = json_top(&document);
		status = read_event(reading, &top, err);
	}
	json_clear(&document);
	return status;
}

static enum caproof_status index_codes(struct journal *journal, struct error *err) {
	for (size_t i = 0; i < journal->count; i++) {
		struct journal_entry *entry = journal->entries[i];

		if (entry->finished && tsearch(entry, &journal->by_code, compare_code) == NULL)
			return error_memory(err);
	}
	return CAPROOF_OK;
}

enum caproof_status journal_parse(struct journal *journal, struct span text, struct error *err) {
	struct reading reading = { journal, "" };
	size_t at = 0, number = 0;
	enum caproof_status status = CAPROOF_OK;

	while (status == CAPROOF_OK && at < text.len) {
		const unsigned char *end = memchr(text.data + at, '\n', text.len - at);
		size_t len;

		if (end == NULL)
			break;
		len = (size_t)(end - (text.data + at));
		status = read_line(&reading, span_of(text.data + at, len), ++number, err);
		at += len + 1;
	}
	journal->whole = at;
	return status == CAPROOF_OK ? index_codes(journal, err) : status;
}
