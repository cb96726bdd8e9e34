/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and reading seal.json.
 */
#include "ceremony/seal_file.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/plan_internal.h"

const char *ceremony_outcome_name(enum ceremony_outcome outcome) {
	static const char *const names[] = { "complete", "partial", "aborted" };

	return names[outcome];
}

enum ceremony_outcome ceremony_outcome(const struct ceremony *c) {
	bool all = true, any = false;

	for (size_t i = 0; i < c->plan.count; i++) {
		struct transcript_item item = transcript_item(&c->transcript, (long)i);

		all = all && item.written;
		any = any || item.attempts > 0;
	}
	return all ? OUTCOME_COMPLETE : any ? OUTCOME_PARTIAL : OUTCOME_ABORTED;
}

bool ceremony_is_unresolved(const struct ceremony *c, long index) {
	struct transcript_item item = transcript_item(&c->transcript, index);

	return item.attempts > 0 && !item.written;
}

static enum caproof_status list_unresolved(const struct ceremony *c, struct bytes *out,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;
	bool first = true;
	char number[32];

	for (size_t i = 0; status == CAPROOF_OK && i < c->plan.count; i++) {
		if (!ceremony_is_unresolved(c, (long)i))
			continue;
		snprintf(number, sizeof(number), "%s%zu", first ? "" : ",", i);
		first = false;
		status = bytes_append(out, number, strlen(number), err);
	}
	return status;
}

enum caproof_status seal_make(const struct ceremony *c, time_t time, struct bytes *out,
	struct error *err) {
	char when[TEXT_TIME_SIZE];
	enum caproof_status status = json_append_line(out, err,
		"{s:s, s:s, s:s*, s:s, s:I, s:s, s:s, s:s}", "format", "caproof/seal/1", "ceremony_id",
		c->plan.id, "rehearses", c->plan.rehearses, "outcome",
		ceremony_outcome_name(ceremony_outcome(c)), "records", (long long)c->transcript.count,
		"head_sha256", c->transcript.head, "plan_sha256", c->plan.sha256, "time",
		text_time(when, time));

	if (status != CAPROOF_OK)
		return status;
	out->len -= 2; /* the end of the object */
	status = bytes_append(out, ",\"unresolved\":[", 15, err);
	if (status == CAPROOF_OK)
		status = list_unresolved(c, out, err);
	return status == CAPROOF_OK ? bytes_append(out, "]}\n", 3, err) : status;
}

enum caproof_status seal_time(struct span text, time_t *out, struct error *err) {
	struct json_document document = JSON_DOCUMENT_INIT;
	struct json_place top;
	enum caproof_status status = json_parse(text, BUNDLE_FILE_MAX, SEAL_FILE, ERROR_RECORD,
		&document, err);

	if (status == CAPROOF_OK) {
		top = json_top(&document);
		status = ceremony_time_read(&top, "time", JSON_REQUIRED, out, err);
	}
	json_clear(&document);
	return status;
}

const char *seal_signature_name(char *buf, const struct ceremony_member *member) {
	snprintf(buf, SEAL_NAME_SIZE, "SHA256SUMS.%s.%s.p7s", ceremony_role_name(member->role),
		member->name);
	return buf;
}
