/* SPDX-License-Identifier: Apache-2.0
 *
 * The transcript as a time line.  A refusal, an abort, a deviation, a login or a signature
 * that failed and a statement that does not count stand out, by a word and a frame.  Every
 * member of a record is shown, but for those that chain it and those that repeat the plan.
 */
#include "ceremony_page.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char *const titles[] = {
	[EVENT_RUN_START] = "The run begins",
	[EVENT_REHEARSAL] = "This is a rehearsal, and no token was asked",
	[EVENT_MODULE] = "The module's file",
	[EVENT_POLICY] = "The policy, against the hash that was given",
	[EVENT_APPROVAL] = "A statement",
	[EVENT_GATE_PASSED] = "All gates are open, and the plan is confirmed",
	[EVENT_GATE_REFUSED] = "A gate is shut",
	[EVENT_TOKEN] = "The token",
	[EVENT_LOGIN] = "Login",
	[EVENT_KEY] = "The key, as the module reports it",
	[EVENT_SIGN_INTENT] = "is handed to the token",
	[EVENT_SIGN_RESULT] = "is back from the token",
	[EVENT_VERIFIED] = "the signature verifies",
	[EVENT_WRITTEN] = "the file is in its place",
	[EVENT_DEVIATION] = "Not as planned",
	[EVENT_ABORT] = "The run stops",
	[EVENT_RUN_END] = "The run ends",
};

static bool says(const struct transcript_record *record, const char *key,
	const char *const *words) {
	struct json_place top = json_top(&record->document);
	struct error ignored = ERROR_INIT;
	const char *text = NULL;

	if (json_read_string(&top, key, JSON_REQUIRED, 64, &text, &ignored) != CAPROOF_OK)
		return false;
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static bool counts(const struct transcript_record *record) {
	struct json_place top = json_top(&record->document);
	struct error ignored = ERROR_INIT;
	bool flag = false;

	return json_read_flag(&top, "counts", JSON_REQUIRED, &flag, &ignored) == CAPROOF_OK && flag;
}

/* The word for what stands out; NULL: nothing does. */
static const char *mark(const struct ceremony_page *page,
	const struct transcript_record *record) {
	static const char *const good[] = { "ok", "CKR_OK", "signed", NULL };
	static const char *const approve[] = { "approve", NULL };

	if (record->event == EVENT_GATE_REFUSED)
		return "refused";
	if (record->event == EVENT_ABORT)
		return "abort";
	if (record->event == EVENT_REHEARSAL)
		return "rehearsal";
	if (record->event == EVENT_DEVIATION)
		return "deviation";
	if ((record->event == EVENT_LOGIN || record->event == EVENT_SIGN_RESULT) &&
		!says(record, "result", good))
		return "failed";
	if (record->event == EVENT_APPROVAL && !counts(record))
		return "does not count";
	if (record->event == EVENT_APPROVAL && !says(record, "decision", approve))
		return "rejected";
	if (record->event == EVENT_SIGN_INTENT && record->attempt > 1)
		return "again";
	if (record->tbs_sha256 != NULL && (record->index < 0 ||
		(size_t)record->index >= page->c.plan.count || strcmp(record->tbs_sha256,
		page->c.plan.items[record->index].tbs_sha256) != 0))
		return "not in the plan";
	return NULL;
}

/* --- a record -------------------------------------------------------------------------------- */

static void put_value(struct html *html, const json_t *value) {
	char *text = json_is_string(value) ? NULL :
		json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	if (!json_is_string(value) && text == NULL)
		html->no_memory = true;
	html_put(html, "%s", json_is_string(value) ? json_string_value(value) : text);
	free(text);
}

static bool is_told_otherwise(const char *key, bool loud) {
	static const char *const always[] = { "seq", "prev", "time", "mono_ms", "event", "index",
		"attempt", NULL };

	for (size_t i = 0; always[i] != NULL; i++)
		if (strcmp(key, always[i]) == 0)
			return true;
	return !loud && strcmp(key, "tbs_sha256") == 0; /* it is the item's, in the plan */
}

static void put_details(struct html *html, const struct transcript_record *record, bool loud) {
	struct json_place top = json_top(&record->document), member = { .key = NULL };
	const char *between = "";

	html_put(html, "<span class=\"detail\">");
	while (json_next(&top, &member)) {
		if (is_told_otherwise(member.key, loud))
			continue;
		html_put(html, "%s<i>%s</i> ", between, member.key);
		put_value(html, member.value);
		between = " \302\267 ";
	}
	html_put(html, "</span>");
}

static void put_title(struct html *html, const struct transcript_record *record) {
	if (record->index >= 0)
		html_put(html, "<strong>Item %ld</strong>: ", record->index);
	html_put(html, "%s", titles[record->event]);
	if (record->attempt > 1)
		html_put(html, ", attempt %ld", record->attempt);
}

size_t page_loud_records(struct ceremony_page *page) {
	const struct transcript *t = &page->c.transcript;
	struct html *html = &page->html;
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++) {
		const char *word = mark(page, &t->records[i]);

		if (word == NULL || t->records[i].event == EVENT_APPROVAL || ++count > 20)
			continue;
		html_put(html, "<li><span class=\"mark\">%s</span> ", word);
		put_title(html, &t->records[i]);
		html_put(html, " (record %ld): ", t->records[i].seq);
		put_details(html, &t->records[i], false);
		html_put(html, "</li>\n");
	}
	if (count > 20)
		html_put(html, "<li>And %zu more, in the time line.</li>\n", count - 20);
	return count;
}

static const char *clock_of(char *buf, time_t when) {
	const char *clock = strchr(text_time(buf, when), 'T');

	return clock != NULL ? clock + 1 : buf;
}

static void put_record(struct ceremony_page *page, const struct transcript_record *record) {
	struct html *html = &page->html;
	const char *word = mark(page, record);
	char when[TEXT_TIME_SIZE];

	html_put(html, "<tr class=\"%s\"><td class=\"exact\">%s</td><td>%ld</td><td>",
		word != NULL ? "loud" : "", clock_of(when, record->time),
		record->seq);
	if (word != NULL)
		html_put(html, "<span class=\"mark\">%s</span> ", word);
	put_title(html, record);
	html_put(html, " ");
	put_details(html, record, word != NULL);
	html_put(html, "</td></tr>\n");
}

void page_timeline(struct ceremony_page *page) {
	const struct transcript *t = &page->c.transcript;
	struct html *html = &page->html;
	char day[TEXT_TIME_SIZE] = "", when[TEXT_TIME_SIZE];
	long runs = 0;

	html_put(html, "<h2>What happened</h2>\n");
	if (t->count == 0) {
		html_put(html, "<p>Nothing yet: there is no record.</p>\n");
		return;
	}
	html_put(html, "<p class=\"small\">%zu records, in UTC, each chained to the one before; the "
		"first to the plan. The last one's SHA-256 is <code>%s</code></p>\n"
		"<table class=\"line\"><thead><tr><th style=\"width:22mm\">Time</th>"
		"<th style=\"width:15mm\">Record</th><th>Event</th></tr></thead><tbody>\n", t->count,
		t->head);
	for (size_t i = 0; i < t->count; i++) {
		const struct transcript_record *record = &t->records[i];

		runs += record->event == EVENT_RUN_START;
		text_time(when, record->time);
		when[strcspn(when, "T")] = '\0';
		if (record->event == EVENT_RUN_START || strcmp(day, when) != 0)
			html_put(html, "<tr class=\"run\"><td colspan=\"3\">Run %ld, %s</td></tr>\n", runs,
				when);
		snprintf(day, sizeof(day), "%s", when);
		put_record(page, record);
	}
	html_put(html, "</tbody></table>\n");
}
