/* SPDX-License-Identifier: Apache-2.0
 *
 * What a code looks like, as data: up to four runs of characters, one after the
 * other.  No regular expressions: a rule file comes from strangers, and a pattern
 * can be written to take for ever.  Matching is greedy and never goes back, so its
 * cost is the length of the code.
 */
#ifndef CAPROOF_PLATFORM_SHAPE_H
#define CAPROOF_PLATFORM_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#define SHAPE_PARTS 4
#define SHAPE_MAX 1024 /* characters of one part */

enum alphabet {
	ALPHABET_DIGITS, ALPHABET_HEX, ALPHABET_HEX_LOWER, ALPHABET_HEX_UPPER,
	ALPHABET_LETTERS_DIGITS, ALPHABET_BASE64URL, ALPHABET_PRINTABLE,
	ALPHABET_UUID, ALPHABET_UUID_LOWER /* RFC 9562 4: 8-4-4-4-12 hex digits */
};

/* The names that rule files use, in the order of enum alphabet; NULL-terminated. */
extern const char *const alphabet_names[];

struct shape_part {
	enum alphabet alphabet;
	size_t min, max; /* UUIDs: always 36 */
	bool even;       /* an even number of them */
};

struct shape {
	struct shape_part parts[SHAPE_PARTS];
	size_t count;
};

bool alphabet_is_uuid(enum alphabet alphabet);

/* Whether the LEN octets of TEXT are the whole of SHAPE. */
bool shape_matches(const struct shape *shape, const char *text, size_t len);

/* "64 hex digits", "a UUID in lower case and 0 to 16 decimal digits".  Returns BUF. */
const char *shape_describe(const struct shape *shape, char *buf, size_t size);

#endif
