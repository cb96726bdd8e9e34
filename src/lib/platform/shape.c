/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching and describing the shapes of codes.  Octets are compared as ASCII,
 * whatever the locale; anything else is in no alphabet.
 */
#include "platform/shape.h"

#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UUID_LENGTH 36

const char *const alphabet_names[] = {
	"digits", "hex", "hex-lower", "hex-upper", "letters-digits", "base64url", "printable",
	"uuid", "uuid-lower", NULL,
};

/* NULL: decided by a range instead of a list. */
static const char *const characters[] = {
	DIGITS, DIGITS "abcdefABCDEF", DIGITS "abcdef", DIGITS "ABCDEF", DIGITS LOWER UPPER,
	DIGITS LOWER UPPER "-_", NULL, DIGITS "abcdefABCDEF", DIGITS "abcdef",
};

static const char *const words[] = {
	"decimal digits", "hex digits", "hex digits in lower case", "hex digits in upper case",
	"letters and digits", "letters, digits, '-' and '_'", "printable ASCII characters",
	"a UUID", "a UUID in lower case",
};

bool alphabet_is_uuid(enum alphabet alphabet) {
	return alphabet == ALPHABET_UUID || alphabet == ALPHABET_UUID_LOWER;
}

static bool is_member(enum alphabet alphabet, char c) {
	if (alphabet == ALPHABET_PRINTABLE)
		return c >= 0x20 && c <= 0x7e;
	return c != '\0' && strchr(characters[alphabet], c);
}

static bool uuid_matches(enum alphabet alphabet, const char *text) {
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : !is_member(alphabet, text[i]))
			return false;
	}
	return true;
}

/* How many octets the part takes; false when they are too few or odd. */
static bool part_matches(const struct shape_part *part, const char *text, size_t len,
	size_t *taken) {
	if (alphabet_is_uuid(part->alphabet)) {
		*taken = UUID_LENGTH;
		return len >= UUID_LENGTH && uuid_matches(part->alphabet, text);
	}
	size_t n = 0;
	while (n < len && n < part->max && is_member(part->alphabet, text[n]))
		n++;
	*taken = n;
	return n >= part->min && !(part->even && n % 2);
}

bool shape_matches(const struct shape *shape, const char *text, size_t len) {
	size_t at = 0;
	for (size_t i = 0; i < shape->count; i++) {
		size_t taken;
		if (!part_matches(&shape->parts[i], text + at, len - at, &taken))
			return false;
		at += taken;
	}
	return at == len;
}

static void part_describe(const struct shape_part *part, char *buf, size_t size) {
	if (alphabet_is_uuid(part->alphabet))
		snprintf(buf, size, "%s", words[part->alphabet]);
	else if (part->min == part->max)
		snprintf(buf, size, "%zu %s", part->min, words[part->alphabet]);
	else
		snprintf(buf, size, "%zu to %zu %s%s", part->min, part->max, words[part->alphabet],
			part->even ? ", an even number" : "");
}

const char *shape_describe(const struct shape *shape, char *buf, size_t size) {
	char part[96];
	buf[0] = '\0';
	for (size_t i = 0; i < shape->count; i++) {
		size_t len = strlen(buf);
		part_describe(&shape->parts[i], part, sizeof part);
		snprintf(buf + len, size - len, "%s%s", i ? " and " : "", part);
	}
	return buf;
}
