/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON Lines as they are written: one object, one line.
 */
#include "base/json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* On the heap, with room for one octet more.  Not json_dumps: jansson 2.14 does not ask whether
 * a key could be added to the buffer that grows, and goes on without it. */
static char *dump(const json_t *value, size_t *len) {
	char *text;

	*len = json_dumpb(value, NULL, 0, JSON_COMPACT);
	text = *len > 0 ? malloc(*len + 1) : NULL;
	if (text != NULL && json_dumpb(value, text, *len, JSON_COMPACT) != *len) {
		free(text);
		return NULL;
	}
	return text;
}

enum caproof_status json_append_line(struct bytes *out, struct error *err, const char *format,
	...) {
	enum caproof_status status;
	va_list args;

	va_start(args, format);
	status = json_append_line_v(out, err, format, args);
	va_end(args);
	return status;
}

enum caproof_status json_append_line_v(struct bytes *out, struct error *err, const char *format,
	va_list args) {
	enum caproof_status status;
	char *text = NULL;
	json_error_t ignored;
	json_t *object = json_vpack_ex(&ignored, 0, format, args);
	size_t len = 0;

	if (object != NULL)
		text = dump(object, &len);
	json_decref(object);
	if (text == NULL)
		return error_memory(err);
	/* In one piece, so that OUT never ends in half a line. */
	text[len] = '\n';
	status = bytes_append(out, text, len + 1, err);
	free(text);
	return status;
}

enum caproof_status json_check_canonical(const struct json_document *document,
	struct error *err) {
	size_t len;
	char *text = dump(document->root, &len);
	bool same;

	if (text == NULL)
		return error_memory(err);
	same = strlen(document->text) == len + 1 && strncmp(document->text, text, len) == 0 &&
		document->text[len] == '\n';
	free(text);
	if (same)
		return CAPROOF_OK;
	return error_set(err, document->error_id, "%s is not written as caproof writes it: one line, "
		"no blanks, one final line feed", document->name);
}

bool json_is_empty_string(const struct json_place *object, const char *key) {
	const json_t *value = json_object_get(object->value, key);

	return json_is_string(value) && json_string_length(value) == 0;
}

bool json_is_empty_array(const struct json_place *object, const char *key) {
	const json_t *value = json_object_get(object->value, key);

	return json_is_array(value) && json_array_size(value) == 0;
}

enum caproof_status json_in_order(const struct json_place *object, const char *const *keys,
	struct error *err) {
	const char *key;
	json_t *value;
	size_t at = 0;

	json_object_foreach(object->value, key, value) {
		while (keys[at] != NULL && strcmp(keys[at], key) != 0)
			at++;
		if (keys[at] == NULL)
			return json_fail(object, key, err, "does not stand in its place");
	}
	return CAPROOF_OK;
}
