/* SPDX-License-Identifier: Apache-2.0
 *
 * What is inside a platform, for the files of this folder only.  All texts are
 * borrowed from the parsed rule file, which the platform keeps.
 */
#ifndef CAPROOF_PLATFORM_MODEL_H
#define CAPROOF_PLATFORM_MODEL_H

#include "base/json.h"
#include "platform/platform.h"
#include "platform/shape.h"

#define RULE_FILE_MAX_SIZE (256u * 1024)
#define NAME_MAX_LENGTH 64
#define CODE_MAX_CN 64       /* RFC 5280 A.1: ub-common-name, in octets to be on the safe side */
#define CODE_MAX_OTHER 1024
#define SOURCES_MAX 32
#define STEPS_MAX 32
#define LIST_MAX 16
#define SOURCE_TEXT_SIZE 1024

enum rule_id {
#define RULE(symbol, ...) RULE_##symbol,
#include "platform/rules.def"
#undef RULE
	RULE_COUNT
};

/* What a rule of a rule file is given besides its texts. */
enum parameter_kind {
	PARAMETER_NONE, PARAMETER_MAX, PARAMETER_SUFFIXES, PARAMETER_KEY_TYPES,
	PARAMETER_CURVES, PARAMETER_DIGESTS, PARAMETER_SHAPE
};

struct parameter {
	size_t max;
	const char *suffixes[LIST_MAX];
	size_t suffix_count;
	unsigned set; /* bits: enum key_type, enum key_curve or enum digest */
	struct shape shape;
};

struct source {
	const char *key, *title, *url, *read; /* url may be NULL */
	bool inferred;
};

/* A rule as a platform's file sharpens it; severity CHECK_OK: the file says nothing. */
struct own_rule {
	enum check_result severity;
	const char *sentence, *why, *way_out; /* why and way_out may be NULL */
	const struct source *source;
	struct parameter parameter;
};

struct platform {
	struct json_document document;
	const char *name, *title;
	struct source sources[SOURCES_MAX];
	size_t source_count;

	enum proof_form form;
	enum subject_key subject_key;
	const char *san_prefix;
	bool strict_not_before;
	const struct source *proof_source;

	long lifetime, warn_after;              /* seconds; 0: not published */
	const char *lifetime_text, *renewal;    /* may be NULL */
	const struct source *code_source;

	struct own_rule rules[RULE_COUNT];
	const char *steps[STEPS_MAX], *notes[STEPS_MAX];
	size_t step_count, note_count;
};

/* Read a rule file's text into PLATFORM, which is zeroed; NAME is the file's.  On
 * failure (platform.file) PLATFORM is cleared. */
NODISCARD enum caproof_status rule_file_parse(struct span text, const char *name,
	struct platform *platform, struct error *err);

/* Whether the text of a next step may be used: known placeholders, none near quotes.
 * Otherwise *COMPLAINT says what is wrong. */
bool step_is_valid(const char *text, const char **complaint);

/* Write how a source is cited: title, address, when it was read, whether inferred. */
const char *source_cite(const struct source *source, char *buf, size_t size);

/* Find the shipped platforms' names for an error that NAME is none of them. */
enum caproof_status list_unknown(const char *name, const char *directory, struct error *err);
bool name_is_valid(const char *name);

#endif
