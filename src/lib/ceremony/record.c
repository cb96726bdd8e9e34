/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a record, member by member: what no event has is refused, and so is what is not of
 * its kind, for the other verifier refuses it as well.
 */
#include "ceremony/record.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/plan_internal.h"
#include "ceremony/policy.h"

#define COUNT_MAX 9007199254740991LL

enum kind { KIND_NONE, KIND_TEXT, KIND_SHA256, KIND_COUNT, KIND_FLAG, KIND_NAME, KIND_DECISION,
	KIND_RESULT };

struct member {
	const char *name;
	enum kind kind;
	enum json_need need;
};

#define MEMBERS_MAX 8

#define NEEDS(kind, name) { name, KIND_##kind, JSON_REQUIRED }
#define MAY(kind, name) { name, KIND_##kind, JSON_OPTIONAL }

static const struct member members[][MEMBERS_MAX] = {
#define EVENT(symbol, name, ...) { __VA_ARGS__, { NULL, KIND_NONE, JSON_OPTIONAL } },
#include "ceremony/events.def"
#undef EVENT
};

static const char *const names[] = {
#define EVENT(symbol, name, ...) name,
#include "ceremony/events.def"
#undef EVENT
	NULL
};

const char *transcript_event_name(enum transcript_event event) {
	return names[event];
}

/* Not every text has something to say: a token may have no serial number. */
static enum caproof_status read_text(const struct json_place *top, const struct member *member,
	struct error *err) {
	const char *text = NULL;

	return json_is_empty_string(top, member->name) ? CAPROOF_OK :
		json_read_string(top, member->name, member->need, RECORD_SIZE_MAX, &text, err);
}

static enum caproof_status read_sha256(const struct json_place *top, const struct member *member,
	struct error *err) {
	const char *text = NULL;
	enum caproof_status status = json_read_string(top, member->name, member->need, 64, &text, err);

	if (status != CAPROOF_OK || text == NULL || text_is_hex(text, 64))
		return status;
	return json_fail(top, member->name, err, "is no SHA-256 in lower-case hexadecimal");
}

static enum caproof_status read_name(const struct json_place *top, const struct member *member,
	struct error *err) {
	const char *text = NULL;
	enum caproof_status status = json_read_string(top, member->name, member->need, 64, &text, err);

	if (status != CAPROOF_OK || ceremony_is_member_name(text))
		return status;
	return json_fail(top, member->name, err, "is no name of a member");
}

static enum caproof_status read_member(const struct json_place *top, const struct member *member,
	struct error *err) {
	static const char *const decisions[] = { "approve", "reject", NULL };
	static const char *const results[] = { "signed", "failed", NULL };
	long long number;
	size_t word;
	bool flag;

	switch (member->kind) {
	case KIND_TEXT:
		return read_text(top, member, err);
	case KIND_SHA256:
		return read_sha256(top, member, err);
	case KIND_COUNT:
		return json_read_number(top, member->name, member->need, 0, COUNT_MAX, &number, err);
	case KIND_FLAG:
		return json_read_flag(top, member->name, member->need, &flag, err);
	case KIND_NAME:
		return read_name(top, member, err);
	case KIND_DECISION:
		return json_read_word(top, member->name, member->need, decisions, &word, err);
	case KIND_RESULT:
		return json_read_word(top, member->name, member->need, results, &word, err);
	case KIND_NONE:
		break;
	}
	return CAPROOF_OK;
}

static enum caproof_status refuse_others(const struct json_place *top,
	const struct member *of_event, struct error *err) {
	const char *keys[5 + MEMBERS_MAX] = { "seq", "prev", "time", "mono_ms", "event" };

	for (size_t i = 0; of_event[i].name != NULL; i++)
		keys[5 + i] = of_event[i].name;
	return json_only(top, keys, err);
}

/* What all have, and which event it is. */
static enum caproof_status read_head(const struct json_place *top, size_t seq,
	struct transcript_record *record, struct error *err) {
	long long number = 0, mono = 0;
	size_t event = 0;
	enum caproof_status status;

	if ((status = json_read_number(top, "seq", JSON_REQUIRED, (long long)seq, (long long)seq,
		&number, err)) != CAPROOF_OK ||
		(status = json_read_string(top, "prev", JSON_REQUIRED, 64, &record->prev, err)) !=
		CAPROOF_OK ||
		(status = ceremony_time_read(top, "time", JSON_REQUIRED, &record->time, err)) !=
		CAPROOF_OK ||
		(status = json_read_number(top, "mono_ms", JSON_REQUIRED, 0, COUNT_MAX, &mono, err)) !=
		CAPROOF_OK ||
		(status = json_read_word(top, "event", JSON_REQUIRED, names, &event, err)) != CAPROOF_OK)
		return status;
	record->seq = (long)number;
	record->mono_ms = (long)mono;
	record->event = (enum transcript_event)event;
	return CAPROOF_OK;
}

/* What others ask for by name; the kinds have been seen to. */
static enum caproof_status take(const struct json_place *top, struct transcript_record *record,
	struct error *err) {
	long long index = -1, attempt = -1;
	enum caproof_status status;

	if ((status = json_read_number(top, "index", JSON_OPTIONAL, 0, CEREMONY_ITEMS_MAX, &index,
		err)) != CAPROOF_OK ||
		(status = json_read_number(top, "attempt", JSON_OPTIONAL, 1, COUNT_MAX, &attempt, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(top, "tbs_sha256", JSON_OPTIONAL, 64, &record->tbs_sha256,
			err)) != CAPROOF_OK ||
		(status = json_read_string(top, "sha256", JSON_OPTIONAL, 64, &record->sha256, err)) !=
		CAPROOF_OK)
		return status;
	record->index = (long)index;
	record->attempt = (long)attempt;
	return json_is_empty_string(top, "file") ? CAPROOF_OK : json_read_string(top, "file",
		JSON_OPTIONAL, RECORD_SIZE_MAX, &record->file, err);
}

static enum caproof_status read_all(struct transcript_record *record, size_t seq,
	struct error *err) {
	struct json_place top = json_top(&record->document);
	const struct member *of_event;
	enum caproof_status status = read_head(&top, seq, record, err);

	if (status != CAPROOF_OK)
		return status;
	of_event = members[record->event];
	status = refuse_others(&top, of_event, err);
	for (size_t i = 0; status == CAPROOF_OK && of_event[i].name != NULL; i++)
		status = read_member(&top, &of_event[i], err);
	return status == CAPROOF_OK ? take(&top, record, err) : status;
}

enum caproof_status record_read(struct span line, size_t seq, struct transcript_record *out,
	struct error *err) {
	struct transcript_record record = { .document = JSON_DOCUMENT_INIT, .index = -1 };
	char name[64];
	enum caproof_status status;

	snprintf(name, sizeof(name), "record %zu of the transcript", seq);
	status = json_parse(line, RECORD_SIZE_MAX, name, ERROR_RECORD, &record.document, err);
	if (status == CAPROOF_OK)
		status = json_check_canonical(&record.document, err);
	if (status == CAPROOF_OK)
		status = read_all(&record, seq, err);
	if (status == CAPROOF_OK)
		*out = record;
	else
		json_clear(&record.document);
	return status;
}
