/* SPDX-License-Identifier: Apache-2.0
 *
 * Breaking lines.  What is meant to be pasted does not come through here: nothing that
 * is broken in its middle can be.
 */
#include "layout.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* Wide from the first Hangul letters on: too many count as wide, but none as narrow. */
static unsigned width_at(const unsigned char *text, size_t len, size_t *pos) {
	return text_next(text, len, pos) >= 0x1100 ? 2 : 1;
}

static unsigned width_of(const char *text, size_t len) {
	unsigned width = 0;

	for (size_t pos = 0; pos < len;)
		width += width_at((const unsigned char *)text, len, &pos);
	return width;
}

static void new_line(unsigned indent, unsigned *column) {
	printf("\n%*s", (int)indent, "");
	*column = indent;
}

static void put_long_word(unsigned indent, const char *word, size_t len, unsigned *column) {
	size_t pos = 0;

	while (pos < len) {
		size_t start = pos;
		unsigned width = width_at((const unsigned char *)word, len, &pos);

		if (*column + width > LAYOUT_COLUMNS)
			new_line(indent, column);
		printf("%.*s", (int)(pos - start), word + start);
		*column += width;
	}
}

static void put_whole_word(unsigned indent, const char *word, size_t len, unsigned *column) {
	(void)indent;
	fwrite(word, 1, len, stdout);
	*column += width_of(word, len);
}

typedef void word_putter(unsigned indent, const char *word, size_t len, unsigned *column);

static void put_word(unsigned indent, const char *word, size_t len, bool first,
	word_putter *put, unsigned *column) {
	unsigned width = width_of(word, len);

	if (!first && *column + 1 + width > LAYOUT_COLUMNS) {
		new_line(indent, column);
	} else if (!first) {
		putchar(' ');
		*column += 1;
	}
	put(indent, word, len, column);
}

static void put_text(unsigned indent, const char *head, const char *text, word_putter *put) {
	unsigned column = width_of(head, strlen(head));
	bool first = true;

	printf("%s", head);
	for (; column < indent; column++)
		putchar(' ');
	for (size_t len; *text != '\0'; text += len + (text[len] == ' ')) {
		len = strcspn(text, " ");
		put_word(indent, text, len, first, put, &column);
		first = false;
	}
	putchar('\n');
}

void layout_text(unsigned indent, const char *head, const char *text) {
	put_text(indent, head, text, put_long_word);
}

void layout_words(unsigned indent, const char *head, const char *text) {
	put_text(indent, head, text, put_whole_word);
}

bool layout_is_colourful(void) {
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') && terminal != NULL &&
		terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

void layout_heading(unsigned indent, const char *head, const char *text) {
	bool bold = layout_is_colourful();

	fputs(bold ? "\033[1m" : "", stdout);
	layout_text(indent, head, text);
	fputs(bold ? "\033[0m" : "", stdout);
}
