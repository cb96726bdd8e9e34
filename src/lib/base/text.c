/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign text (labels of tokens, names in certificates, file names) is shown to
 * people who decide by what they read.  Here it loses the power to move a cursor,
 * turn the direction of writing or hide a character.  Numbers and hex are taken
 * strictly: what strtoul would guess at is refused.
 */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INVALID ((uint32_t)-1)

/* The longest escape is "\u{10FFFF}". */
#define ESCAPE_SIZE 16

struct range {
	uint32_t first, last;
};

static const struct range hidden[] = {
	{ 0x0000, 0x001F }, /* C0 */
	{ 0x007F, 0x009F }, /* DEL and C1 */
	{ 0x00AD, 0x00AD }, /* soft hyphen */
	{ 0x034F, 0x034F }, /* combining grapheme joiner */
	{ 0x061C, 0x061C }, /* Arabic letter mark */
	{ 0x115F, 0x1160 }, /* Hangul fillers, here and below */
	{ 0x17B4, 0x17B5 }, /* Khmer inherent vowels, never shown */
	{ 0x180B, 0x180F }, /* Mongolian variation selectors and vowel separator */
	{ 0x200B, 0x200F }, /* zero width, left-to-right and right-to-left marks */
	{ 0x2028, 0x202E }, /* line and paragraph separators, embeddings, overrides */
	{ 0x2060, 0x206F }, /* word joiner, invisible operators, isolates */
	{ 0x3164, 0x3164 },
	{ 0xFE00, 0xFE0F }, /* variation selectors */
	{ 0xFEFF, 0xFEFF }, /* byte order mark */
	{ 0xFFA0, 0xFFA0 },
	{ 0xFFF0, 0xFFFB }, /* unassigned, interlinear annotation */
	{ 0xFFFE, 0xFFFF },
	{ 0x1BCA0, 0x1BCA3 }, /* shorthand format controls */
	{ 0x1D173, 0x1D17A }, /* musical format controls */
	{ 0xE0000, 0xE0FFF }, /* tags, more variation selectors */
};

bool text_is_hidden(uint32_t code_point) {
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		if (code_point >= hidden[i].first && code_point <= hidden[i].last)
			return true;
	}
	return false;
}

/* How many octets a sequence has that begins with LEAD, and the bits that LEAD adds;
 * 0 for what cannot begin one (C0 and C1 would be overlong). */
static size_t sequence_length(unsigned char lead, uint32_t *bits) {
	if (lead < 0x80) {
		*bits = lead;
		return 1;
	}
	if (lead >= 0xC2 && lead <= 0xDF) {
		*bits = lead & 0x1F;
		return 2;
	}
	if (lead >= 0xE0 && lead <= 0xEF) {
		*bits = lead & 0x0F;
		return 3;
	}
	if (lead >= 0xF0 && lead <= 0xF4) {
		*bits = lead & 0x07;
		return 4;
	}
	return 0;
}

uint32_t text_next(const unsigned char *text, size_t len, size_t *pos) {
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t start = *pos;
	uint32_t point = 0;
	size_t length = sequence_length(text[start], &point);

	*pos = start + 1;
	if (length == 0 || length > len - start)
		return INVALID;
	for (size_t i = 1; i < length; i++) {
		if ((text[start + i] & 0xC0) != 0x80)
			return INVALID;
		point = point << 6 | (text[start + i] & 0x3F);
	}
	if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		return INVALID;
	*pos = start + length;
	return point;
}

bool text_is_utf8(const void *text, size_t len) {
	for (size_t pos = 0; pos < len;) {
		uint32_t point = text_next(text, len, &pos);

		if (point == INVALID || point == 0)
			return false;
	}
	return true;
}

/* The piece to show for the code point at *POS: itself, or its escape in ESCAPE. */
static struct span safe_piece(const unsigned char *text, size_t len, size_t *pos,
	char escape[ESCAPE_SIZE]) {
	size_t start = *pos;
	uint32_t point = text_next(text, len, pos);

	if (point == INVALID || (point < 0x80 && text_is_hidden(point))) {
		snprintf(escape, ESCAPE_SIZE, "\\x%02x", text[start]);
	} else if (text_is_hidden(point)) {
		snprintf(escape, ESCAPE_SIZE, "\\u{%04X}", (unsigned)point);
	} else {
		return (struct span){ text + start, *pos - start };
	}
	return (struct span){ (unsigned char *)escape, strlen(escape) };
}

const char *text_safe(char *buf, size_t size, const void *text, size_t len) {
	char escape[ESCAPE_SIZE];
	size_t used = 0;
	size_t cut = 0; /* where "..." still fits */

	if (size == 0)
		return "";
	for (size_t pos = 0; pos < len;) {
		struct span piece = safe_piece(text, len, &pos, escape);

		if (used + piece.len >= size) {
			snprintf(buf + cut, size - cut, "...");
			return buf;
		}
		memcpy(buf + used, piece.data, piece.len);
		used += piece.len;
		if (used + sizeof "..." <= size)
			cut = used;
	}
	buf[used] = '\0';
	return buf;
}

char *text_safe_dup(const void *text, size_t len) {
	char escape[ESCAPE_SIZE];
	size_t size = 1;
	char *copy;

	for (size_t pos = 0; pos < len;) {
		size += safe_piece(text, len, &pos, escape).len;
	}
	copy = malloc(size);
	if (copy != NULL)
		text_safe(copy, size, text, len);
	return copy;
}

bool text_is_hex(const char *text, size_t len) {
	return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

static bool is_plain_argument(const char *text) {
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	return text[0] != '\0' && text[0] != '=' && text[strspn(text, plain)] == '\0';
}

static bool has_hidden(const char *text) {
	size_t len = strlen(text);

	for (size_t pos = 0; pos < len;) {
		uint32_t point = text_next((const unsigned char *)text, len, &pos);

		if (point == INVALID || text_is_hidden(point))
			return true;
	}
	return false;
}

/* Where the next octet goes; what does not fit is not written. */
struct cursor {
	char *at, *end;
};

static void put(struct cursor *out, const char *text, size_t len) {
	if (len < (size_t)(out->end - out->at)) {
		memcpy(out->at, text, len);
		out->at += len;
	}
	*out->at = '\0';
}

static void put_octal(struct cursor *out, unsigned char octet) {
	char escape[5];

	snprintf(escape, sizeof escape, "\\%03o", octet);
	put(out, escape, strlen(escape));
}

/* $'...' (POSIX.1-2024 2.2.4): the only quoting that can be shown on a terminal. */
static void quote_escaped(struct cursor *out, const char *text) {
	size_t len = strlen(text);

	put(out, "$'", 2);
	for (size_t pos = 0; pos < len;) {
		size_t start = pos;
		uint32_t point = text_next((const unsigned char *)text, len, &pos);

		if (point == INVALID || text_is_hidden(point)) {
			for (size_t i = start; i < pos; i++)
				put_octal(out, (unsigned char)text[i]);
			continue;
		}
		if (point == '\'' || point == '\\')
			put(out, "\\", 1);
		put(out, text + start, pos - start);
	}
	put(out, "'", 1);
}

static void quote_single(struct cursor *out, const char *text) {
	put(out, "'", 1);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			put(out, "'\\''", 4);
		else
			put(out, text, 1);
	}
	put(out, "'", 1);
}

char *text_shell_quote(const char *text) {
	/* Four octets for one at the most, in both ways of quoting. */
	size_t size = 4 * strlen(text) + sizeof "$''";
	struct cursor out;
	char *quoted;

	if (is_plain_argument(text))
		return strdup(text);
	quoted = malloc(size);
	if (quoted == NULL)
		return NULL;
	out = (struct cursor){ quoted, quoted + size };
	if (has_hidden(text))
		quote_escaped(&out, text);
	else
		quote_single(&out, text);
	return quoted;
}

char *text_hex(const void *data, size_t len) {
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = data;
	char *out = malloc(2 * len + 1);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

static int hex_value(char c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool text_unhex(const char *text, struct bytes *out) {
	size_t len = strlen(text) / 2;
	unsigned char *data;

	if (len == 0 || strlen(text) % 2 != 0)
		return false;
	data = malloc(len);
	if (data == NULL)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(data);
			return false;
		}
		data[i] = (unsigned char)(high << 4 | low);
	}
	out->data = data;
	out->len = len;
	return true;
}

bool text_number(const char *text, uint64_t min, uint64_t max, uint64_t *out) {
	uint64_t value = 0;

	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (*text < '0' || *text > '9' || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}
