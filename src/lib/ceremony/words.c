/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash as words to be read aloud.
 */
#include "ceremony/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONFIRMED 2 /* words that a person types */

const char *words_at(unsigned char octet, size_t place) {
	static const char *const words[][2] = {
#define WORDS(two, three) { two, three },
#include "ceremony/words.def"
#undef WORDS
	};

	_Static_assert(sizeof(words) / sizeof(words[0]) == 256, "there is a row for each octet");
	return words[octet][place % 2];
}

char *words_of(struct span octets) {
	size_t size = 1, len = 0;
	char *text;

	for (size_t i = 0; i < octets.len; i++)
		size += strlen(words_at(octets.data[i], i)) + 1;
	text = malloc(size);
	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < octets.len; i++) {
		const char *word = words_at(octets.data[i], i);
		size_t word_len = strlen(word);

		if (i > 0)
			text[len++] = ' ';
		memcpy(text + len, word, word_len);
		len += word_len;
	}
	text[len] = '\0';
	return text;
}

/* Whether LEN octets of TEXT are WORD as it is spelled, or all in lower case. */
static bool is_word(const char *text, size_t len, const char *word) {
	if (len != strlen(word) || strncasecmp(text, word, len) != 0)
		return false;
	/* only the first letter of a name is a capital */
	return strncmp(text + 1, word + 1, len - 1) == 0 &&
		(text[0] == word[0] || (text[0] >= 'a' && text[0] <= 'z'));
}

bool words_confirm(struct span octets, const char *text) {
	if (octets.len < CONFIRMED)
		return false;
	for (size_t i = 0; i < CONFIRMED; i++) {
		bool last = i + 1 == CONFIRMED;
		size_t len = strcspn(text, " ");

		if (!is_word(text, len, words_at(octets.data[i], i)) || (text[len] == '\0') != last)
			return false;
		text += len + 1;
	}
	return true;
}
