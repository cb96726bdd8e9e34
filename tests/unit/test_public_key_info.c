/* SPDX-License-Identifier: Apache-2.0
 *
 * From numbers back to a SubjectPublicKeyInfo: the very octets that OpenSSL has for the
 * same key; numbers that are no key; and the identifier that a SubjectPublicKeyInfo has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../support/soft.h"
#include "x509/keyless.h"
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

/* As OpenSSL makes it of the key that it decodes. */
static void identifiers(void **state) {
	static const char *const kinds[] = { "rsa2048", "p256", "p521", "ed25519", "pss2048" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct error err = ERROR_INIT;
		struct bytes spki = BYTES_INIT;
		unsigned char got[20], expected[20];
		EVP_PKEY *pkey = soft_key(kinds[i]);
		X509 *cert = X509_new();

		assert_int_equal(key_spki(pkey, &spki, &err), CAPROOF_OK);
		assert_int_equal(X509_set_pubkey(cert, pkey), 1);
		assert_int_equal(X509_pubkey_digest(cert, EVP_sha1(), expected, NULL), 1);
		assert_int_equal(key_identifier(bytes_span(&spki), got, &err), CAPROOF_OK);
		assert_memory_equal(got, expected, sizeof(got));
		X509_free(cert);
		EVP_PKEY_free(pkey);
		bytes_clear(&spki);
	}
}

static void no_identifier(void **state) {
	static const struct { const char *octets; size_t len; } bad[] = {
		{ "", 0 }, { "\x30", 1 }, { "\x30\x80\x30\x00\x03\x01\x00\x00\x00", 9 },
		{ "\x31\x05\x30\x00\x03\x01\x00", 7 }, { "\x30\x05\x31\x00\x03\x01\x00", 7 },
		{ "\x30\x05\x30\x00\x04\x01\x00", 7 }, { "\x30\x05\x30\x00\x03\x01\x01", 7 },
		{ "\x30\x04\x30\x00\x03\x00", 6 }, { "\x30\x06\x30\x00\x03\x01\x00\x00", 8 },
		{ "\x30\x05\x30\x00\x03\x01\x00\x00", 8 }, { "\x30\x05\x30\x00\x03\x02\x00", 7 },
		{ "\x30\x02\x30\x00", 4 }, { "\xb0\x05\x30\x00\x03\x01\x00", 7 },
	};
	unsigned char got[20];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err = ERROR_INIT;

		if (key_identifier(span_of(bad[i].octets, bad[i].len), got, &err) == CAPROOF_OK)
			fail_msg("number %zu has an identifier", i);
	}
}

#define SMALL_RSA(n, e) "\x30\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00" \
	"\x03\x11\x00\x30\x0e\x02\x09\x00\xc1\x02\x03\x04\x05\x06\x07" n "\x02\x01" e
#define SMALL_RSA_LEN 36
#define SHORT_POINT(octet) "\x30\x19\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01" \
	"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x02\x00" octet
#define SHORT_POINT_LEN 27

/* OpenSSL's decoders take all but the last. */
static void impossible_keys(void **state) {
	static const struct { const char *octets; size_t len; bool good; } keys[] = {
		{ SMALL_RSA("\x09", "\x03"), SMALL_RSA_LEN, true },
		{ SMALL_RSA("\x09", "\x01"), SMALL_RSA_LEN, false },
		{ SMALL_RSA("\x09", "\x02"), SMALL_RSA_LEN, false },
		{ SMALL_RSA("\x08", "\x03"), SMALL_RSA_LEN, false },
		{ SHORT_POINT("\x00"), SHORT_POINT_LEN, false },
		{ SHORT_POINT("\x04"), SHORT_POINT_LEN, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		EVP_PKEY *pkey = keyless_decode(span_of(keys[i].octets, keys[i].len));

		if ((pkey != NULL) != keys[i].good)
			fail_msg("key %zu is %s", i, pkey != NULL ? "one" : "none");
		EVP_PKEY_free(pkey);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_octets),
		cmocka_unit_test(compressed_point),
		cmocka_unit_test(no_key),
		cmocka_unit_test(identifiers),
		cmocka_unit_test(no_identifier),
		cmocka_unit_test(impossible_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
