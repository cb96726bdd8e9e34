/* SPDX-License-Identifier: Apache-2.0
 *
 * Owned and borrowed octets.
 */
#include "base/bytes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum caproof_status bytes_copy(struct bytes *out, const void *data, size_t len, struct error *err) {
	unsigned char *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		return error_memory(err);
	if (len > 0)
		memcpy(copy, data, len);
	out->data = copy;
	out->len = len;
	return CAPROOF_OK;
}

enum caproof_status bytes_append(struct bytes *out, const void *data, size_t len,
	struct error *err) {
	unsigned char *larger;

	if (len == 0)
		return CAPROOF_OK;
	larger = realloc(out->data, out->len + len);
	if (larger == NULL)
		return error_memory(err);
	memcpy(larger + out->len, data, len);
	out->data = larger;
	out->len += len;
	return CAPROOF_OK;
}

void bytes_clear(struct bytes *b) {
	free(b->data);
	b->data = NULL;
	b->len = 0;
}

struct span bytes_span(const struct bytes *b) {
	return (struct span){ b->data, b->len };
}

struct span span_of(const void *data, size_t len) {
	return (struct span){ data, len };
}

bool span_equal(struct span a, struct span b) {
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct span span_trim(struct span text) {
	while (text.len > 0 && isspace(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && isspace(text.data[text.len - 1]))
		text.len--;
	return text;
}
