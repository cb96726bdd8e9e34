/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict reading of JSON.  The parser knows the line of a syntax error but not of
 * a value that is merely wrong, so the way to a value is followed once more in the
 * text, which by then is known to be well-formed: that is what the scanner below
 * is for, and the only thing that it may be used for.
 */
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_load.h"
#include "base/text.h"

#define PATH_SIZE 256

/* --- where a value stands in well-formed text ---------------------------------- */

static const char *skip_blanks(const char *at) {
	return at + strspn(at, " \t\r\n");
}

static const char *skip_string(const char *at) {
	for (at++; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
	}
	return *at ? at + 1 : at;
}

static const char *skip_value(const char *at) {
	if (!strchr("{[\"", *at))
		return at + strcspn(at, ",]} \t\r\n");
	size_t depth = 0;
	do {
		if (*at == '"') {
			at = skip_string(at);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		if (*at == '}' || *at == ']')
			depth--;
		at++;
	} while (depth > 0 && *at);
	return at;
}

static const char *next_member(const char *after_value) {
	after_value = skip_blanks(after_value);
	return skip_blanks(*after_value == ',' ? after_value + 1 : after_value);
}

/* From a key's opening quote to its value. */
static const char *value_of_key(const char *key) {
	const char *colon = skip_blanks(skip_string(key));
	return skip_blanks(*colon == ':' ? colon + 1 : colon);
}

static const char *find_key(const char *object, const char *key) {
	size_t len = strlen(key);
	const char *at = skip_blanks(object + 1);
	while (*at == '"') {
		const char *end = skip_string(at);
		if ((size_t)(end - at) == len + 2 && memcmp(at + 1, key, len) == 0)
			return at;
		at = next_member(skip_value(value_of_key(at)));
	}
	return NULL; /* spelled with escapes: the object's own line has to do */
}

static const char *find_element(const char *array, size_t index) {
	const char *at = skip_blanks(array + 1);
	for (; index > 0 && *at && *at != ']'; index--)
		at = next_member(skip_value(at));
	return at;
}

static const char *find_place(const struct json_place *place) {
	if (!place->parent)
		return skip_blanks(place->document->text);
	const char *parent = find_place(place->parent);
	if (!place->key)
		return *parent == '[' ? find_element(parent, place->index) : parent;
	const char *key = *parent == '{' ? find_key(parent, place->key) : NULL;
	return key ? value_of_key(key) : parent;
}

static size_t line_of(const struct json_place *place, const char *key) {
	const char *at = find_place(place);
	const char *found = key && *at == '{' ? find_key(at, key) : NULL;
	size_t line = 1;
	for (const char *p = place->document->text; p < (found ? found : at); p++)
		line += *p == '\n';
	return line;
}

bool json_has_sign(const struct json_document *document) {
	const char *at = document->text;
	while (*at && *at != '-')
		at = *at == '"' ? skip_string(at) : at + 1;
	return *at == '-';
}

/* --- the way to a value, for people --------------------------------------------- */

static void path_append(char *path, const char *text) {
	size_t len = strlen(path);
	snprintf(path + len, PATH_SIZE - len, "%s%s", len && *text != '[' ? "." : "", text);
}

static void path_write(const struct json_place *place, char *path) {
	char step[96];
	if (!place->parent)
		return;
	path_write(place->parent, path);
	if (place->key)
		text_safe(step, sizeof step, place->key, strlen(place->key));
	else
		snprintf(step, sizeof step, "[%zu]", place->index);
	path_append(path, step);
}

enum caproof_status json_fail(const struct json_place *object, const char *key,
	struct error *err, const char *fmt, ...) {
	char path[PATH_SIZE] = "", step[96], text[640];
	va_list args;
	path_write(object, path);
	if (key)
		path_append(path, text_safe(step, sizeof step, key, strlen(key)));
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return error_set(err, object->document->error_id, "%s, line %zu: %s%s%s%s",
		object->document->name, line_of(object, key), *path ? "key '" : "", path,
		*path ? "' " : "", text);
}

/* --- documents ------------------------------------------------------------------- */

/* What is not even meant to be JSON is not shown: a list or a command line may have named
 * the file with the PIN, by mistake or in bad faith. */
static enum caproof_status syntax_error(const char *name, enum error_id error_id,
	struct span file, const json_error_t *syntax, struct error *err) {
	char text[JSON_ERROR_TEXT_LENGTH * 2];
	struct span start = span_trim(file);
	bool meant = start.len > 0 && start.data[0] == '{';
	const char *shown = strstr(syntax->text, " near ");
	size_t len = shown != NULL && !meant ? (size_t)(shown - syntax->text) : strlen(syntax->text);
	if (json_error_code(syntax) == json_error_invalid_utf8)
		return error_set(err, error_id, "%s, line %d: this is not UTF-8", name, syntax->line);
	text_safe(text, sizeof text, syntax->text, len);
	return error_set(err, error_id, "%s, line %d: %s", name, syntax->line, text);
}

static char *copy_text(struct span text) {
	char *copy = malloc(text.len + 1);
	if (!copy)
		return NULL;
	if (text.len)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return copy;
}

enum caproof_status json_parse(struct span text, size_t max, const char *name,
	enum error_id error_id, struct json_document *out, struct error *err) {
	struct json_document document = { .error_id = error_id };
	enum caproof_status status = CAPROOF_OK;
	json_error_t syntax;
	bool no_memory;
	document.name = text_safe_dup(name, strlen(name));
	if (!document.name)
		return error_memory(err);
	if (text.len > max) {
		status = error_set(err, error_id, "%s has %zu octets, the limit is %zu",
			document.name, text.len, max);
		goto out;
	}
	document.text = copy_text(text);
	if (!document.text) {
		status = error_memory(err);
		goto out;
	}
	document.root = json_load(document.text, text.len, &syntax, &no_memory);
	if (no_memory) {
		status = error_memory(err);
		goto out;
	}
	if (!document.root) {
		status = syntax_error(document.name, error_id, text, &syntax, err);
		goto out;
	}
	if (!json_is_object(document.root))
		status = error_set(err, error_id, "%s, line 1: it is not a JSON object",
			document.name);
out:
	if (status != CAPROOF_OK)
		json_clear(&document);
	else
		*out = document;
	return status;
}

void json_clear(struct json_document *document) {
	json_decref(document->root);
	free(document->text);
	free(document->name);
	*document = (struct json_document)JSON_DOCUMENT_INIT;
}

struct json_place json_top(const struct json_document *document) {
	return (struct json_place){ .document = document, .value = document->root };
}

/* --- members --------------------------------------------------------------------- */

bool json_next(const struct json_place *object, struct json_place *member) {
	void *at = member->key ? json_object_iter_at(object->value, member->key) : NULL;
	at = at ? json_object_iter_next(object->value, at) : json_object_iter(object->value);
	if (!at)
		return false;
	*member = (struct json_place){
		.document = object->document,
		.parent = object,
		.key = json_object_iter_key(at),
		.value = json_object_iter_value(at),
	};
	return true;
}

size_t json_count(const struct json_place *object) {
	return json_is_array(object->value) ? json_array_size(object->value)
					    : json_object_size(object->value);
}

static bool word_index(const char *const *words, const char *word, size_t *out) {
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

enum caproof_status json_only(const struct json_place *object, const char *const *keys,
	struct error *err) {
	struct json_place member = { .key = NULL };
	size_t index;
	while (json_next(object, &member)) {
		if (!word_index(keys, member.key, &index))
			return json_fail(object, member.key, err, "is not known here");
	}
	return CAPROOF_OK;
}

/* The member KEY of OBJECT; *VALUE is NULL when it is optional and absent. */
static enum caproof_status member_get(const struct json_place *object, const char *key,
	enum json_need need, json_t **value, struct error *err) {
	*value = json_object_get(object->value, key);
	if (*value || need == JSON_OPTIONAL)
		return CAPROOF_OK;
	return json_fail(object, key, err, "is missing");
}

static enum caproof_status string_get(const struct json_place *object, const char *key,
	json_t *value, size_t max, const char **out, struct error *err) {
	if (!json_is_string(value))
		return json_fail(object, key, err, "is not a string");
	const unsigned char *text = (const unsigned char *)json_string_value(value);
	size_t len = json_string_length(value);
	if (len == 0 || len > max)
		return json_fail(object, key, err, "has %zu octets; 1 to %zu are allowed", len, max);
	for (size_t at = 0; at < len;) {
		uint32_t point = text_next(text, len, &at);

		/* U+FFFD: what other parsers make of octets that are no UTF-8 */
		if (text_is_hidden(point) || point == 0xFFFD)
			return json_fail(object, key, err, "has a control or invisible character");
	}
	*out = (const char *)text;
	return CAPROOF_OK;
}

enum caproof_status json_read_string(const struct json_place *object, const char *key,
	enum json_need need, size_t max, const char **out, struct error *err) {
	json_t *value;
	enum caproof_status status = member_get(object, key, need, &value, err);
	if (status != CAPROOF_OK || !value)
		return status;
	return string_get(object, key, value, max, out, err);
}

enum caproof_status json_read_number(const struct json_place *object, const char *key,
	enum json_need need, long long min, long long max, long long *out, struct error *err) {
	json_t *value;
	enum caproof_status status = member_get(object, key, need, &value, err);
	if (status != CAPROOF_OK || !value)
		return status;
	if (!json_is_integer(value))
		return json_fail(object, key, err, "is not a whole number");
	long long number = json_integer_value(value);
	if (number < min || number > max)
		return json_fail(object, key, err, "is %lld; %lld to %lld are allowed", number, min,
			max);
	*out = number;
	return CAPROOF_OK;
}

enum caproof_status json_read_flag(const struct json_place *object, const char *key,
	enum json_need need, bool *out, struct error *err) {
	json_t *value;
	enum caproof_status status = member_get(object, key, need, &value, err);
	if (status != CAPROOF_OK || !value)
		return status;
	if (!json_is_boolean(value))
		return json_fail(object, key, err, "is neither true nor false");
	*out = json_is_true(value);
	return CAPROOF_OK;
}

enum caproof_status json_read_word(const struct json_place *object, const char *key,
	enum json_need need, const char *const *words, size_t *out, struct error *err) {
	const char *word = NULL;
	char shown[80], list[400] = "";
	enum caproof_status status = json_read_string(object, key, need, 64, &word, err);
	if (status != CAPROOF_OK || !word || word_index(words, word, out))
		return status;
	for (size_t i = 0, len = 0; words[i] && len < sizeof list - 1; i++, len = strlen(list))
		snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "", words[i]);
	return json_fail(object, key, err, "is '%s', not one of: %s",
		text_safe(shown, sizeof shown, word, strlen(word)), list);
}

static struct json_place child(const struct json_place *object, const char *key, json_t *value) {
	return (struct json_place){
		.document = object->document, .parent = object, .key = key, .value = value
	};
}

enum caproof_status json_read_object(const struct json_place *object, const char *key,
	enum json_need need, struct json_place *out, struct error *err) {
	json_t *value;
	enum caproof_status status = member_get(object, key, need, &value, err);
	if (status != CAPROOF_OK || !value)
		return status;
	if (!json_is_object(value))
		return json_fail(object, key, err, "is not an object");
	*out = child(object, key, value);
	return CAPROOF_OK;
}

enum caproof_status json_read_array(const struct json_place *object, const char *key,
	enum json_need need, size_t max, struct json_place *out, size_t *count, struct error *err) {
	json_t *value;
	enum caproof_status status = member_get(object, key, need, &value, err);
	if (status != CAPROOF_OK || !value)
		return status;
	if (!json_is_array(value))
		return json_fail(object, key, err, "is not a list");
	size_t size = json_array_size(value);
	if (size == 0 || size > max)
		return json_fail(object, key, err, "has %zu members; 1 to %zu are allowed", size, max);
	*out = child(object, key, value);
	*count = size;
	return CAPROOF_OK;
}

struct json_place json_at(const struct json_place *array, size_t index) {
	struct json_place place = child(array, NULL, json_array_get(array->value, index));
	place.index = index;
	return place;
}

enum caproof_status json_read_object_at(const struct json_place *array, size_t index,
	struct json_place *out, struct error *err) {
	struct json_place place = json_at(array, index);
	if (!json_is_object(place.value))
		return json_fail(&place, NULL, err, "is not an object");
	*out = place;
	return CAPROOF_OK;
}

enum caproof_status json_read_string_at(const struct json_place *array, size_t index, size_t max,
	const char **out, struct error *err) {
	struct json_place place = json_at(array, index);
	return string_get(&place, NULL, place.value, max, out, err);
}
