/* SPDX-License-Identifier: Apache-2.0
 *
 * Which private key is the CA's: the right one or none, for every way in which keys of
 * a token look alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "token/key_choice.h"

static unsigned char ca_point[65] = { 4, 'C', 'A' };
static unsigned char other_point[65] = { 4, 'x' };
static const struct public_key ca = { .type = KEY_EC, .curve = CURVE_P256, .bits = 256,
	.point = { ca_point, sizeof ca_point } };

/* One object of a list; POINT NULL: it does not say. */
static struct object made(CK_OBJECT_CLASS class, const char *id, const char *label,
	const unsigned char *point) {
	struct object object = { .class = class, .key_type = CKK_EC };

	object.id.present = object.label.present = true;
	object.id.len = strlen(id);
	memcpy(object.id.data, id, strlen(id));
	object.label.len = strlen(label);
	memcpy(object.label.data, label, strlen(label));
	object.point.present = point != NULL;
	if (point != NULL) {
		object.point.len = sizeof ca_point;
		memcpy(object.point.data, point, sizeof ca_point);
	}
	return object;
}

#define PRIVATE(id, label) made(CKO_PRIVATE_KEY, id, label, NULL)
#define CA_HALF(id, label) made(CKO_PUBLIC_KEY, id, label, ca_point)
#define OTHER_HALF(id, label) made(CKO_PUBLIC_KEY, id, label, other_point)

static enum key_choice choose(struct object *objects, size_t count, const struct object *half,
	bool cut, size_t *index) {
	struct key_list list = { objects, count, cut };
	struct key_query query = { .public_key = &ca, .half = half };

	return key_choose(&list, &query, index);
}

#define ASSERT_CHOICE(expected, at, half, ...) \
	do { \
		struct object objects_[] = { __VA_ARGS__ }; \
		size_t index_ = 99; \
		assert_int_equal(choose(objects_, sizeof objects_ / sizeof objects_[0], half, false, \
			&index_), expected); \
		if ((at) >= 0) \
			assert_int_equal(index_, at); \
	} while (0)

static void no_private_key_is_no_choice(void **state) {
	size_t index;

	(void)state;
	assert_int_equal(choose(NULL, 0, NULL, false, &index), KEY_CHOICE_NONE);
	ASSERT_CHOICE(KEY_CHOICE_NONE, -1, NULL, CA_HALF("1", "a"));
}

static void the_private_keys_own_word_counts(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 1, NULL, made(CKO_PRIVATE_KEY, "1", "a", other_point),
		made(CKO_PRIVATE_KEY, "1", "a", ca_point));
	ASSERT_CHOICE(KEY_CHOICE_FOREIGN, -1, NULL, made(CKO_PRIVATE_KEY, "1", "a", other_point));
}

static void one_key_that_says_nothing_is_possible(void **state) {
	struct object alone[] = { PRIVATE("1", "a") };
	size_t index;

	(void)state;
	assert_int_equal(choose(alone, 1, NULL, false, &index), KEY_CHOICE_POSSIBLE);
	/* but not when there may be more */
	assert_int_equal(choose(alone, 1, NULL, true, &index), KEY_CHOICE_SEVERAL);
}

static void two_keys_that_say_nothing_are_several(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, PRIVATE("1", "a"), PRIVATE("2", "b"));
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, PRIVATE("", ""), PRIVATE("", ""));
}

static void halves_pair_by_id_and_label(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 2, NULL, PRIVATE("1", "a"), OTHER_HALF("1", "a"),
		PRIVATE("1", "b"), CA_HALF("1", "b"));
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 0, NULL, PRIVATE("1", "a"), CA_HALF("1", "a"),
		PRIVATE("2", "a"), OTHER_HALF("2", "a"));
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 0, NULL, PRIVATE("", "a"), CA_HALF("", "a"),
		PRIVATE("", "b"), OTHER_HALF("", "b"));
}

static void without_id_and_label_nothing_pairs(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, PRIVATE("", ""), CA_HALF("", ""), PRIVATE("", ""),
		OTHER_HALF("", ""));
	ASSERT_CHOICE(KEY_CHOICE_POSSIBLE, 0, NULL, PRIVATE("", ""), OTHER_HALF("", ""));
}

static void twins_are_several(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, PRIVATE("1", "a"), PRIVATE("1", "a"),
		CA_HALF("1", "a"), OTHER_HALF("1", "a"));
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, PRIVATE("1", "a"), PRIVATE("1", "a"),
		CA_HALF("1", "a"));
}

static void halves_that_contradict_each_other_say_nothing(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_POSSIBLE, 0, NULL, PRIVATE("1", "a"), CA_HALF("1", "a"),
		OTHER_HALF("1", "a"));
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, PRIVATE("1", "a"), CA_HALF("1", "a"),
		OTHER_HALF("1", "a"), PRIVATE("2", "b"));
}

static void an_id_pairs_when_labels_differ(void **state) {
	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 0, NULL, PRIVATE("1", "key"), CA_HALF("1", "public key"));
	ASSERT_CHOICE(KEY_CHOICE_FOREIGN, -1, NULL, PRIVATE("1", "key"),
		OTHER_HALF("1", "public key"));
	/* a half that has its own private key is not somebody else's */
	ASSERT_CHOICE(KEY_CHOICE_POSSIBLE, 2, NULL, PRIVATE("1", "a"), OTHER_HALF("1", "a"),
		PRIVATE("1", "b"));
}

static void the_half_seen_before_the_login_decides(void **state) {
	struct object half = CA_HALF("1", "b");

	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 1, &half, PRIVATE("1", "a"), PRIVATE("1", "b"));
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, &half, PRIVATE("1", "b"), PRIVATE("1", "b"));
	ASSERT_CHOICE(KEY_CHOICE_POSSIBLE, 0, &half, PRIVATE("1", "a"));
}

static void a_certificate_pairs_by_its_id(void **state) {
	struct object half = made(CKO_CERTIFICATE, "1", "Root CA", NULL);
	struct object nameless = made(CKO_CERTIFICATE, "", "Root CA", NULL);

	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 1, &half, PRIVATE("2", "b"), PRIVATE("1", "a"));
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, &half, PRIVATE("1", "a"), PRIVATE("1", "b"));
	ASSERT_CHOICE(KEY_CHOICE_POSSIBLE, 0, &nameless, PRIVATE("", "a"));
}

static void the_same_key_stored_twice_is_the_one_that_pairs(void **state) {
	struct object half = CA_HALF("2", "b");

	(void)state;
	ASSERT_CHOICE(KEY_CHOICE_COMPARED, 1, &half, made(CKO_PRIVATE_KEY, "1", "a", ca_point),
		made(CKO_PRIVATE_KEY, "2", "b", ca_point));
	ASSERT_CHOICE(KEY_CHOICE_SEVERAL, -1, NULL, made(CKO_PRIVATE_KEY, "1", "a", ca_point),
		made(CKO_PRIVATE_KEY, "2", "b", ca_point));
}

static void assert_point(const unsigned char *value, size_t len, enum object_verdict expected) {
	struct object object = made(CKO_PUBLIC_KEY, "", "", ca_point);

	memcpy(object.point.data, value, len);
	object.point.len = len;
	assert_int_equal(object_compare(&object, &ca), expected);
}

static void a_point_is_known_in_every_wrapping(void **state) {
	unsigned char octets[67] = { 0x04, 65 }, bits[68] = { 0x03, 66, 0 }, packed[33] = { 2 };

	(void)state;
	memcpy(octets + 2, ca_point, 65);
	memcpy(bits + 3, ca_point, 65);
	memcpy(packed + 1, ca_point + 1, 32);
	assert_point(ca_point, 65, OBJECT_EQUAL);
	assert_point(octets, sizeof octets, OBJECT_EQUAL);
	assert_point(bits, sizeof bits, OBJECT_EQUAL);
	assert_point(packed, sizeof packed, OBJECT_EQUAL);
	packed[0] = 3;
	assert_point(packed, sizeof packed, OBJECT_DIFFERENT);
	assert_point(other_point, 65, OBJECT_DIFFERENT);
	assert_point(ca_point, 64, OBJECT_DIFFERENT);
	assert_point(ca_point, 0, OBJECT_UNKNOWN);
}

/* Only two object identifiers can be told apart. */
static void the_same_point_on_another_curve_is_different(void **state) {
	static unsigned char p256[] = { 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	static const unsigned char k256[] = { 0x06, 5, 0x2b, 0x81, 4, 0, 0x0a };
	static const unsigned char name[] = { 0x13, 5, 'P', '-', '2', '5', '6' };
	struct object object = CA_HALF("1", "a");
	struct public_key key = ca;

	(void)state;
	key.ec_params = (struct bytes){ p256, sizeof p256 };
	object.ec_params.present = true;
	memcpy(object.ec_params.data, k256, object.ec_params.len = sizeof k256);
	assert_int_equal(object_compare(&object, &key), OBJECT_DIFFERENT);
	memcpy(object.ec_params.data, p256, object.ec_params.len = sizeof p256);
	assert_int_equal(object_compare(&object, &key), OBJECT_EQUAL);
	memcpy(object.ec_params.data, name, object.ec_params.len = sizeof name);
	assert_int_equal(object_compare(&object, &key), OBJECT_EQUAL);
}

static void another_kind_of_key_is_different(void **state) {
	struct object object = PRIVATE("1", "a");

	(void)state;
	object.key_type = CKK_RSA;
	assert_int_equal(object_compare(&object, &ca), OBJECT_DIFFERENT);
	object.key_type = CKK_EC_EDWARDS;
	assert_int_equal(object_compare(&object, &ca), OBJECT_DIFFERENT);
	object.key_type = (CK_KEY_TYPE)-1;
	assert_int_equal(object_compare(&object, &ca), OBJECT_UNKNOWN);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_private_key_is_no_choice),
		cmocka_unit_test(the_private_keys_own_word_counts),
		cmocka_unit_test(one_key_that_says_nothing_is_possible),
		cmocka_unit_test(two_keys_that_say_nothing_are_several),
		cmocka_unit_test(halves_pair_by_id_and_label),
		cmocka_unit_test(without_id_and_label_nothing_pairs),
		cmocka_unit_test(twins_are_several),
		cmocka_unit_test(halves_that_contradict_each_other_say_nothing),
		cmocka_unit_test(an_id_pairs_when_labels_differ),
		cmocka_unit_test(the_half_seen_before_the_login_decides),
		cmocka_unit_test(a_certificate_pairs_by_its_id),
		cmocka_unit_test(the_same_key_stored_twice_is_the_one_that_pairs),
		cmocka_unit_test(a_point_is_known_in_every_wrapping),
		cmocka_unit_test(the_same_point_on_another_curve_is_different),
		cmocka_unit_test(another_kind_of_key_is_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
