/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON as input from strangers: read whole, strictly, and told apart by place.
 *
 * A document is at most as large as its reader allows; duplicate keys, NUL, bad
 * UTF-8 and deep nesting are refused by the parser.  Every complaint about what
 * a value means names the document, the line and the key.  Only json.c knows
 * which library parses.
 */
#ifndef CAPROOF_BASE_JSON_H
#define CAPROOF_BASE_JSON_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/bytes.h"

struct json_t; /* the parser's */

struct json_document {
	struct json_t *root;
	char *text;             /* NUL-terminated copy, to find lines in */
	char *name;             /* "rule file './mine.json'", safe to show */
	enum error_id error_id; /* what complaints about it are filed under */
};

#define JSON_DOCUMENT_INIT { NULL, NULL, NULL, ERROR_NONE }

/* A value and the way to it.  Lives as long as its parents and its document. */
struct json_place {
	const struct json_document *document;
	const struct json_place *parent; /* NULL: the whole document */
	const char *key;                 /* in its parent; NULL in an array */
	size_t index;                    /* in an array, from 0 */
	struct json_t *value;
};

enum json_need { JSON_OPTIONAL, JSON_REQUIRED };

/* Once, before anything is parsed, in a process of our own: jansson's allocation functions
 * are taken over, so that the parser survives a lack of memory anywhere (json_guard.c). */
void json_guard(void);

/* Parse TEXT, at most MAX octets, whose top is an object.  NAME says what it is in
 * complaints and is escaped here; OUT is untouched on failure. */
NODISCARD enum caproof_status json_parse(struct span text, size_t max, const char *name,
	enum error_id error_id, struct json_document *out, struct error *err);
void json_clear(struct json_document *document);
struct json_place json_top(const struct json_document *document);

/* Complain about KEY in OBJECT (NULL: about OBJECT itself). */
enum caproof_status json_fail(const struct json_place *object, const char *key,
	struct error *err, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Refuse every key that is not in the NULL-terminated KEYS. */
NODISCARD enum caproof_status json_only(const struct json_place *object,
	const char *const *keys, struct error *err);

/* Typed values.  An optional one that is absent leaves OUT as it was.  Strings are
 * 1 to MAX octets, without U+FFFD and any character that text_is_hidden(), and are borrowed
 * from the document. */
NODISCARD enum caproof_status json_read_string(const struct json_place *object, const char *key,
	enum json_need need, size_t max, const char **out, struct error *err);
/* Whether KEY is there and is "", which json_read_string refuses. */
bool json_is_empty_string(const struct json_place *object, const char *key);
bool json_is_empty_array(const struct json_place *object, const char *key);
NODISCARD enum caproof_status json_read_number(const struct json_place *object, const char *key,
	enum json_need need, long long min, long long max, long long *out, struct error *err);
NODISCARD enum caproof_status json_read_flag(const struct json_place *object, const char *key,
	enum json_need need, bool *out, struct error *err);
/* One of the NULL-terminated WORDS; OUT is its index. */
NODISCARD enum caproof_status json_read_word(const struct json_place *object, const char *key,
	enum json_need need, const char *const *words, size_t *out, struct error *err);
NODISCARD enum caproof_status json_read_object(const struct json_place *object, const char *key,
	enum json_need need, struct json_place *out, struct error *err);
/* At least one and at most MAX members; COUNT is how many. */
NODISCARD enum caproof_status json_read_array(const struct json_place *object, const char *key,
	enum json_need need, size_t max, struct json_place *out, size_t *count, struct error *err);

/* Members of an array, by position.  A string follows json_read_string's rules. */
struct json_place json_at(const struct json_place *array, size_t index);
NODISCARD enum caproof_status json_read_object_at(const struct json_place *array, size_t index,
	struct json_place *out, struct error *err);
NODISCARD enum caproof_status json_read_string_at(const struct json_place *array, size_t index,
	size_t max, const char **out, struct error *err);

/* Whether the members of OBJECT stand in the order in which the NULL-terminated KEYS name
 * them; json_only has refused others.  Errors: the document's own. */
NODISCARD enum caproof_status json_in_order(const struct json_place *object,
	const char *const *keys, struct error *err);

/* Put one object in one line, with its line feed, at the end of OUT.  FORMAT and what
 * follows are those of jansson's json_pack: "{s:s, s:I}".  Errors: memory. */
NODISCARD enum caproof_status json_append_line(struct bytes *out, struct error *err,
	const char *format, ...);

NODISCARD enum caproof_status json_append_line_v(struct bytes *out, struct error *err,
	const char *format, va_list args);

/* Whether the document is one line with one final line feed and nothing that could be left
 * out: "jq -c ." of it changes nothing.  Errors: the document's own. */
NODISCARD enum caproof_status json_check_canonical(const struct json_document *document,
	struct error *err);

/* Whether a number in the document has a sign: -0 is a 0 that parsers disagree about. */
bool json_has_sign(const struct json_document *document);

/* Walk over an object's members in the order of the text: MEMBER->key is NULL
 * before the first call; false when there are no more. */
bool json_next(const struct json_place *object, struct json_place *member);
size_t json_count(const struct json_place *object);

#endif
