/* SPDX-License-Identifier: Apache-2.0
 *
 * Words for octets: vectors that others published, and the list as a whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "ceremony/words.h"

static void assert_words(const char *hex, const char *expected) {
	struct bytes octets = BYTES_INIT;
	char *words;

	assert_true(text_unhex(hex, &octets));
	words = words_of(bytes_span(&octets));
	assert_non_null(words);
	assert_string_equal(words, expected);
	free(words);
	bytes_clear(&octets);
}

/* The first is the one of the list's authors, the last of another implementation. */
static void vectors(void **state) {
	(void)state;
	assert_words("e58294f2e9a227486e8b061b31cc528fd7fa3f19", "topmost Istanbul Pluto vagabond "
		"treadmill Pacific brackish dictator goldfish Medusa afflict bravado chatter revolver "
		"Dupont midsummer stopwatch whimsical cowbell bottomless");
	assert_words("00000909ffff", "aardvark adroitness Algol applicant Zulu Yucatan");
	assert_words("feedfacebeef", "woodlark unify wallet sardonic skydive unravel");
}

static void nothing_is_no_word(void **state) {
	char *words = words_of(span_of("", 0));

	(void)state;
	assert_non_null(words);
	assert_string_equal(words, "");
	free(words);
}

static void assert_spelled(const char *word) {
	for (size_t i = 0; word[i] != '\0'; i++)
		assert_true((word[i] >= 'a' && word[i] <= 'z') ||
			(i == 0 && word[i] >= 'A' && word[i] <= 'Z'));
}

/* Both lists together: no word stands twice, so that a place is heard as well. */
static void all_are_distinct(void **state) {
	(void)state;
	for (unsigned i = 0; i < 512; i++) {
		const char *word = words_at((unsigned char)(i % 256), i / 256);

		assert_spelled(word);
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(strcasecmp(word, words_at((unsigned char)(j % 256), j / 256)), 0);
	}
}

/* As it was published: by the alphabet, but for one place. */
static void in_their_order(void **state) {
	size_t exceptions = 0;

	(void)state;
	for (unsigned i = 1; i < 512; i++) {
		const char *before = words_at((unsigned char)((i - 1) % 256), (i - 1) / 256);
		const char *word = words_at((unsigned char)(i % 256), i / 256);

		if (i == 256 || strcasecmp(before, word) < 0)
			continue;
		assert_string_equal(before, "applicant");
		assert_string_equal(word, "Apollo");
		exceptions++;
	}
	assert_int_equal(exceptions, 1);
}

static void confirmation(void **state) {
	static const unsigned char octets[] = { 0xe5, 0x82, 0x94, 0xf2 };
	static const struct { const char *text; bool good; } cases[] = {
		{ "topmost Istanbul", true }, { "topmost istanbul", true }, { "", false },
		{ " ", false }, { "topmost", false }, { "topmost ", false }, { "istanbul topmost", false },
		{ " topmost istanbul", false }, { "topmost istanbul ", false },
		{ "topmost  istanbul", false }, { "topmost\tistanbul", false },
		{ "topmost istanbul pluto", false }, { "topmos istanbul", false },
		{ "topmost istanbuls", false }, { "Topmost Istanbul", false },
		{ "topmost ISTANBUL", false }, { "topmost istanbuL", false }, { "topmost Pluto", false },
		{ "topmost pupil", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (words_confirm(span_of(octets, sizeof(octets)), cases[i].text) != cases[i].good)
			fail_msg("'%s' is judged wrongly", cases[i].text);
	assert_false(words_confirm(span_of(octets, 1), "topmost"));
	assert_false(words_confirm(span_of(octets, 0), ""));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(nothing_is_no_word),
		cmocka_unit_test(all_are_distinct),
		cmocka_unit_test(in_their_order),
		cmocka_unit_test(confirmation),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
