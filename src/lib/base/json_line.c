/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON Lines as they are written: one object, one line.
 */
#include "base/json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum caproof_status json_append_line(struct bytes *out, struct error *err, const char *format,
	...) {
	enum caproof_status status;
	char *text = NULL;
	json_error_t ignored;
	json_t *object;
	size_t len;
	va_list args;

	va_start(args, format);
	object = json_vpack_ex(&ignored, 0, format, args);
	va_end(args);
	if (object != NULL)
		text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (text == NULL)
		return error_memory(err);
	/* In one piece, so that OUT never ends in half a line. */
	len = strlen(text);
	text[len] = '\n';
	status = bytes_append(out, text, len + 1, err);
	free(text);
	return status;
}
