/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the CA certificate: every shape of file that people have, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../support/soft.h"
#include "x509/ca.h"

static EVP_PKEY *key;
static X509 *cert;
static struct bytes pem, der;

static int setup(void **state) {
	struct soft_ca spec = { .kind = "p256" };

	(void)state;
	key = soft_key("p256");
	cert = soft_certificate(&spec, key, "Unit CA");
	pem = soft_pem(cert);
	der = soft_der(cert);
	return 0;
}

static int teardown(void **state) {
	(void)state;
	bytes_clear(&pem);
	bytes_clear(&der);
	X509_free(cert);
	EVP_PKEY_free(key);
	return 0;
}

static struct bytes joined(const void *a, size_t a_len, const void *b, size_t b_len) {
	struct bytes out = { malloc(a_len + b_len), a_len + b_len };

	assert_non_null(out.data);
	memcpy(out.data, a, a_len);
	memcpy(out.data + a_len, b, b_len);
	return out;
}

static struct ca *good(struct span file) {
	struct error err = ERROR_INIT;
	struct ca *ca = NULL;

	if (ca_parse(file, "ca.pem", &ca, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	return ca;
}

static void refused(struct span file, enum error_id id, const char *says) {
	struct error err = ERROR_INIT;
	struct ca *ca = NULL;

	assert_int_not_equal(ca_parse(file, "ca.pem", &ca, &err), CAPROOF_OK);
	assert_null(ca);
	if (err.id != id || strstr(err.message, says) == NULL)
		fail_msg("%s: %s", error_id_name(err.id), err.message);
}

static void pem_and_der_are_the_same(void **state) {
	struct ca *a = good(bytes_span(&pem)), *b = good(bytes_span(&der));

	(void)state;
	assert_true(a->facts.pem);
	assert_false(b->facts.pem);
	assert_string_equal(a->sha256, b->sha256);
	assert_int_equal(a->facts.pem_size, pem.len);
	assert_int_equal(b->facts.pem_size, pem.len);
	assert_int_equal(b->facts.file_size, der.len);
	assert_string_equal(a->subject_text, "CN=Unit CA,O=Soft Works");
	assert_false(a->facts.text_around_pem);
	ca_free(a);
	ca_free(b);
}

static void facts_are_read(void **state) {
	struct ca *ca = good(bytes_span(&der));

	(void)state;
	assert_int_equal(ca->facts.version, 3);
	assert_true(ca->facts.self_issued && ca->facts.self_signed);
	assert_true(ca->facts.has_ski && ca->facts.has_aki && ca->facts.has_basic_constraints);
	assert_true(ca->facts.is_ca && ca->facts.has_key_usage && ca->facts.may_sign_certificates);
	assert_int_equal(ca->facts.key_curve, CURVE_P256);
	assert_int_equal(ca->facts.signed_with, SIGNATURE_SHA2);
	assert_int_equal(ca->facts.not_after, SOFT_NOW + 365L * SOFT_DAY);
	assert_int_equal(ca->ski.len, 20);
	assert_int_equal(ca->key.point.len, 65);
	assert_int_equal(ca->key.point.data[0], 4);
	assert_false(ca->facts.roca);
	ca_free(ca);
}

static void text_crlf_and_bom_are_taken(void **state) {
	struct bytes text = joined("subject=CN = x\r\n", 16, pem.data, pem.len);
	struct bytes bom = joined("\xef\xbb\xbf", 3, pem.data, pem.len);
	struct bytes crlf = { malloc(2 * pem.len), 0 };
	struct ca *ca;

	(void)state;
	for (size_t i = 0; i < pem.len; i++) {
		if (pem.data[i] == '\n')
			crlf.data[crlf.len++] = '\r';
		crlf.data[crlf.len++] = pem.data[i];
	}
	ca = good(bytes_span(&text));
	assert_true(ca->facts.text_around_pem);
	ca_free(ca);
	ca = good(bytes_span(&bom));
	assert_true(ca->facts.text_around_pem);
	ca_free(ca);
	ca = good(bytes_span(&crlf));
	assert_false(ca->facts.text_around_pem);
	ca_free(ca);
	bytes_clear(&text);
	bytes_clear(&bom);
	bytes_clear(&crlf);
}

static void several_are_refused_and_listed(void **state) {
	struct bytes two = joined(pem.data, pem.len, pem.data, pem.len);
	struct bytes two_der = joined(der.data, der.len, der.data, der.len);
	struct error err = ERROR_INIT;
	struct ca *ca = NULL;

	(void)state;
	refused(bytes_span(&two), ERROR_CA_SEVERAL, "holds 2 certificates");
	refused(bytes_span(&two_der), ERROR_CA_SEVERAL, "several");
	assert_int_equal(ca_parse(bytes_span(&two), "ca.pem", &ca, &err), CAPROOF_INPUT);
	assert_non_null(strstr(err.hint, "2: CN=Unit CA"));
	bytes_clear(&two);
	bytes_clear(&two_der);
}

static void damage_is_refused(void **state) {
	struct bytes behind = joined(der.data, der.len, "x", 1);
	struct bytes broken = joined(pem.data, pem.len, "", 0);

	(void)state;
	refused(span_of(der.data, der.len - 1), ERROR_CA_FORMAT, "truncated");
	refused(bytes_span(&behind), ERROR_CA_FORMAT, "behind its end");
	refused(span_of(pem.data, pem.len / 2), ERROR_CA_FORMAT, "cut off");
	broken.data[100] = '!';
	refused(bytes_span(&broken), ERROR_CA_FORMAT, "altered");
	refused(span_of("hello\n", 6), ERROR_CA_FORMAT, "neither");
	refused(span_of("\xff\xfe-\0-\0", 6), ERROR_CA_FORMAT, "UTF-16");
	refused(span_of("\x30\x03\x02\x01\x05", 5), ERROR_CA_FORMAT, "no X.509");
	bytes_clear(&behind);
	bytes_clear(&broken);
}

static void every_octet_flipped_never_crashes(void **state) {
	(void)state;
	for (size_t i = 0; i < der.len; i++) {
		struct bytes copy = joined(der.data, der.len, "", 0);
		struct error err = ERROR_INIT;
		struct ca *ca = NULL;

		copy.data[i] ^= 0x40;
		if (ca_parse(bytes_span(&copy), "ca", &ca, &err) == CAPROOF_OK)
			assert_int_equal(err.id, ERROR_NONE);
		else
			assert_int_not_equal(err.id, ERROR_NONE);
		ca_free(ca);
		bytes_clear(&copy);
	}
}

static void private_keys_are_refused(void **state) {
	static const char block[] = "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n";
	struct bytes both = joined(block, sizeof(block) - 1, pem.data, pem.len);
	unsigned char *raw = NULL;
	int len = i2d_PrivateKey(key, &raw);

	(void)state;
	refused(bytes_span(&both), ERROR_CA_PRIVATE_KEY, "private key");
	assert_true(len > 0);
	refused(span_of(raw, (size_t)len), ERROR_CA_PRIVATE_KEY, "private key");
	OPENSSL_free(raw);
	bytes_clear(&both);
}

static void duplicate_extensions_are_refused(void **state) {
	struct soft_ca spec = { .extensions = "basicConstraints=CA:TRUE;basicConstraints=CA:TRUE" };
	X509 *twice = soft_certificate(&spec, key, "Twice");
	struct bytes file = soft_pem(twice);

	(void)state;
	refused(bytes_span(&file), ERROR_CA_FORMAT, "more than one");
	bytes_clear(&file);
	X509_free(twice);
}

static const EVP_MD *digest_of(enum digest digest) {
	return digest == DIGEST_SHA256 ? EVP_sha256() : digest == DIGEST_SHA384 ? EVP_sha384() :
		EVP_sha512();
}

static struct ca *ca_of(const char *kind) {
	struct soft_ca spec = { .kind = kind };
	EVP_PKEY *own = soft_key(kind);
	X509 *own_cert = soft_certificate(&spec, own, "Other CA");
	struct bytes file = soft_pem(own_cert);
	struct ca *ca = good(bytes_span(&file));

	bytes_clear(&file);
	X509_free(own_cert);
	EVP_PKEY_free(own);
	return ca;
}

static void algorithm_follows_the_key(void **state) {
	static const struct { const char *kind, *algorithm; } cases[] = {
		{ "rsa2048", "RSA PKCS#1 v1.5 with SHA-256" }, { "p256", "ECDSA with SHA-256" },
		{ "p384", "ECDSA with SHA-384" }, { "p521", "ECDSA with SHA-512" },
		{ "ed25519", "Ed25519" }, { "pss2048", "RSA-PSS with SHA-256" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ca *ca = ca_of(cases[i].kind);
		struct algorithm a;
		struct error err = ERROR_INIT;

		assert_int_equal(ca_algorithm(ca, DIGEST_NONE, false, &a, &err), CAPROOF_OK);
		assert_string_equal(algorithm_describe(&a, ca->key.type), cases[i].algorithm);
		ca_free(ca);
	}
}

/* RFC 4055 3.3: the key's own hash, and a salt that is at least as long as it says. */
static void a_pss_key_may_allow_one_hash_only(void **state) {
	static const struct { const char *kind; enum digest digest; unsigned salt; } cases[] = {
		{ "pss2048-sha256-32", DIGEST_SHA256, 32 }, { "pss2048-sha384-20", DIGEST_SHA384, 48 },
		{ "pss2048-sha512-100", DIGEST_SHA512, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EVP_PKEY *pss = soft_key(cases[i].kind);
		struct soft_ca spec = { .kind = cases[i].kind, .digest = digest_of(cases[i].digest) };
		X509 *own = soft_certificate(&spec, pss, "PSS CA");
		struct bytes file = soft_pem(own);
		struct ca *ca = good(bytes_span(&file));
		struct algorithm a;
		struct error err = ERROR_INIT;

		assert_int_equal(ca_algorithm(ca, DIGEST_NONE, false, &a, &err), CAPROOF_OK);
		assert_int_equal(a.scheme, SCHEME_RSA_PSS);
		assert_int_equal(a.digest, cases[i].digest);
		assert_int_equal(a.salt_len, cases[i].salt);
		assert_int_equal(ca_algorithm(ca, cases[i].digest == DIGEST_SHA256 ? DIGEST_SHA512 :
			DIGEST_SHA256, false, &a, &err), CAPROOF_USAGE);
		ca_free(ca);
		bytes_clear(&file);
		X509_free(own);
		EVP_PKEY_free(pss);
	}
}

static void a_pss_key_for_weak_hashes_is_refused(void **state) {
	EVP_PKEY *pss = soft_key("pss2048-sha1-20");
	struct soft_ca spec = { .kind = "pss2048-sha1-20", .digest = EVP_sha1() };
	X509 *own = soft_certificate(&spec, pss, "PSS CA");
	struct bytes file = soft_pem(own);

	(void)state;
	refused(bytes_span(&file), ERROR_CA_KEY, "SHA-256 or stronger");
	bytes_clear(&file);
	X509_free(own);
	EVP_PKEY_free(pss);
}

static void algorithm_refuses_what_cannot_be(void **state) {
	struct ca *ec = ca_of("p256"), *ed = ca_of("ed25519");
	struct error err = ERROR_INIT;
	struct algorithm a;

	(void)state;
	assert_int_equal(ca_algorithm(ec, DIGEST_NONE, true, &a, &err), CAPROOF_USAGE);
	error_reset(&err);
	assert_int_equal(ca_algorithm(ed, DIGEST_SHA256, false, &a, &err), CAPROOF_USAGE);
	ca_free(ec);
	ca_free(ed);
}

static void roca_has_a_fingerprint(void **state) {
	/* 65537^5 is a power of 65537 modulo every prime, as the moduli of the flaw are */
	static const unsigned char weak[] = { 1, 0, 5, 0, 10, 0, 10, 0, 5, 0, 1 };
	static const unsigned char strong[] = { 1, 0, 5, 0, 10, 0, 10, 0, 5, 0, 3 };

	(void)state;
	assert_true(key_has_roca(span_of(weak, sizeof(weak))));
	assert_false(key_has_roca(span_of(strong, sizeof(strong))));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pem_and_der_are_the_same),
		cmocka_unit_test(facts_are_read),
		cmocka_unit_test(text_crlf_and_bom_are_taken),
		cmocka_unit_test(several_are_refused_and_listed),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(every_octet_flipped_never_crashes),
		cmocka_unit_test(private_keys_are_refused),
		cmocka_unit_test(duplicate_extensions_are_refused),
		cmocka_unit_test(algorithm_follows_the_key),
		cmocka_unit_test(a_pss_key_may_allow_one_hash_only),
		cmocka_unit_test(a_pss_key_for_weak_hashes_is_refused),
		cmocka_unit_test(algorithm_refuses_what_cannot_be),
		cmocka_unit_test(roca_has_a_fingerprint),
	};

	return cmocka_run_group_tests_name("ca", tests, setup, teardown);
}
