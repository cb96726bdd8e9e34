/* SPDX-License-Identifier: Apache-2.0
 *
 * From numbers back to a SubjectPublicKeyInfo: the very octets that OpenSSL has for the
 * same key; and numbers that are no key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../support/soft.h"
#include "x509/public_key_info.h"

static void numbers_of(const char *kind, struct public_key *key, struct bytes *spki) {
	struct error err = ERROR_INIT;
	EVP_PKEY *pkey = soft_key(kind);

	assert_int_equal(key_from_pkey(pkey, key, &err), CAPROOF_OK);
	assert_int_equal(key_spki(pkey, spki, &err), CAPROOF_OK);
	EVP_PKEY_free(pkey);
}

static void assert_same(const struct public_key *key, const struct bytes *spki) {
	struct error err = ERROR_INIT;
	struct public_key exact = { .type = KEY_OTHER };
	struct bytes got = BYTES_INIT;

	assert_int_equal(public_key_info(key, &got, &exact, &err), CAPROOF_OK);
	assert_int_equal(got.len, spki->len);
	assert_memory_equal(got.data, spki->data, got.len);
	assert_int_equal(exact.type, key->type);
	assert_int_equal(exact.bits, key->bits);
	public_key_clear(&exact);
	bytes_clear(&got);
}

static void same_octets(void **state) {
	static const char *const kinds[] = { "rsa2048", "p256", "p384", "p521", "ed25519" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct public_key key = { .type = KEY_OTHER };
		struct bytes spki = BYTES_INIT;

		numbers_of(kinds[i], &key, &spki);
		assert_same(&key, &spki);
		public_key_clear(&key);
		bytes_clear(&spki);
	}
}

static void compressed_point(void **state) {
	struct public_key key = { .type = KEY_OTHER };
	struct bytes spki = BYTES_INIT;

	(void)state;
	numbers_of("p256", &key, &spki);
	key.point.data[0] = 2 | (key.point.data[64] & 1);
	key.point.len = 33;
	assert_same(&key, &spki);
	public_key_clear(&key);
	bytes_clear(&spki);
}

static void assert_unable(const struct public_key *key, const char *says) {
	struct error err = ERROR_INIT;
	struct bytes got = BYTES_INIT;

	assert_int_equal(public_key_info(key, &got, NULL, &err), CAPROOF_KEY);
	assert_int_equal(err.id, ERROR_KEY_UNABLE);
	assert_non_null(strstr(err.message, says));
	assert_null(got.data);
}

static void no_key(void **state) {
	struct public_key key = { .type = KEY_OTHER };
	struct bytes spki = BYTES_INIT;

	(void)state;
	assert_unable(&key, "of a kind");
	numbers_of("p256", &key, &spki);
	bytes_clear(&spki);
	key.point.data[40] ^= 1;
	assert_unable(&key, "not a possible one");
	key.point.len = 0;
	assert_unable(&key, "not a possible one");
	key.curve = CURVE_OTHER;
	assert_unable(&key, "of a kind");
	public_key_clear(&key);
	numbers_of("rsa2048", &key, &spki);
	bytes_clear(&spki);
	key.modulus.data[key.modulus.len - 1] ^= 1;
	assert_unable(&key, "not a possible one");
	key.modulus.data[key.modulus.len - 1] ^= 1;
	key.exponent.data[key.exponent.len - 1] = 0;
	assert_unable(&key, "not a possible one");
	key.exponent.len = 0;
	assert_unable(&key, "not a possible one");
	public_key_clear(&key);
	numbers_of("ed25519", &key, &spki);
	bytes_clear(&spki);
	key.point.len = 31;
	assert_unable(&key, "not a possible one");
	public_key_clear(&key);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_octets),
		cmocka_unit_test(compressed_point),
		cmocka_unit_test(no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
