/* SPDX-License-Identifier: Apache-2.0
 *
 * Calling the parser.  jansson 2.14, when it cannot grow the buffer of a string or number,
 * drops a character and goes on: it then shortens the number, or looks for the closing quote
 * behind the end of the buffer, and writes there.  The tool has an answer to that which takes
 * over the whole process's jansson (json_guard.c).  A library may not: here the memory that the
 * one buffer can need is asked for beforehand, so that a lack of it is noticed in time.
 */
#include "base/json_load.h"

#include <stdlib.h>

/* The buffer doubles, and the old one is there until it has been copied. */
static bool has_room_for(size_t len) {
	void *block = malloc(4 * len + 1024);

	free(block);
	return block != NULL;
}

static json_t *load(const char *text, size_t len, json_error_t *syntax, bool *no_memory) {
	*no_memory = !has_room_for(len);
	return *no_memory ? NULL : json_loadb(text, len, JSON_REJECT_DUPLICATES, syntax);
}

/* Set by the tool, once, before there are threads. */
static json_loader *loader = load;

void json_load_by(json_loader *other) {
	loader = other;
}

json_t *json_load(const char *text, size_t len, json_error_t *syntax, bool *no_memory) {
	/* cppcheck-suppress CastIntegerToAddressAtReturn ; a json_loader returns a pointer */
	return loader(text, len, syntax, no_memory);
}
