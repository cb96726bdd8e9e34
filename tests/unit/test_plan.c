/* SPDX-License-Identifier: Apache-2.0
 *
 * Plan and seal, without a token: the octets are exactly those that were promised, a
 * request changes nothing but the key, and nothing that does not verify comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "seal.h"
#include "../support/soft.h"
#include "subject.h"

#define CODE "7f3d9a-CODE"

static const unsigned char serial[16] = { 0x41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16 };

struct bench {
	EVP_PKEY *key;
	struct ca *ca;
	struct platform *platform;
	struct subject subject;
	struct plan_input input;
};

static void open_bench(struct bench *b, const struct soft_ca *spec, const char *platform) {
	struct error err = ERROR_INIT;
	X509 *cert;
	struct bytes file;

	memset(b, 0, sizeof(*b));
	b->key = soft_key(spec->kind);
	cert = soft_certificate(spec, b->key, "Plan CA");
	file = soft_pem(cert);
	if (ca_parse(bytes_span(&file), "ca.pem", &b->ca, &err) != CAPROOF_OK ||
		platform_load(platform, TEST_SRCDIR "/platforms", &b->platform, &err) != CAPROOF_OK ||
		subject_make(SUBJECT_KEY_P256, b->ca, &b->subject, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	bytes_clear(&file);
	X509_free(cert);
	b->input = (struct plan_input){
		.ca = b->ca, .platform = b->platform, .code = span_of(CODE, strlen(CODE)),
		.subject_spki = bytes_span(&b->subject.spki), .serial = span_of(serial, sizeof(serial)),
		.now = SOFT_NOW, .code_issued = PLAN_DEFAULT, .not_before = PLAN_DEFAULT,
		.not_after = PLAN_DEFAULT, .out_name = "proof.pem", .pem = true,
	};
	if (ca_algorithm(b->ca, DIGEST_NONE, false, &b->input.algorithm, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
}

static void close_bench(struct bench *b) {
	subject_clear(&b->subject);
	platform_free(b->platform);
	ca_free(b->ca);
	EVP_PKEY_free(b->key);
}

static struct plan *planned(const struct bench *b) {
	struct error err = ERROR_INIT;
	struct plan *plan = NULL;

	if (plan_build(&b->input, &plan, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	return plan;
}

static void not_planned(const struct bench *b, enum error_id id, const char *says) {
	struct error err = ERROR_INIT;
	struct plan *plan = NULL;

	assert_int_not_equal(plan_build(&b->input, &plan, &err), CAPROOF_OK);
	assert_null(plan);
	if (err.id != id || strstr(err.message, says) == NULL)
		fail_msg("%s: %s", error_id_name(err.id), err.message);
}

static struct bytes signed_by(EVP_PKEY *key, const struct plan *plan) {
	return soft_sign(key, plan->algorithm.digest != DIGEST_NONE ?
		digest_name(plan->algorithm.digest) : NULL, plan->algorithm.salt_len,
		bytes_span(&plan->tbs));
}

static X509 *sealed(const struct bench *b, const struct plan *plan) {
	struct bytes signature = signed_by(b->key, plan);
	struct proof proof = { 0 };
	struct error err = ERROR_INIT;
	const unsigned char *p;
	X509 *cert;

	if (seal(plan, b->ca, b->platform, bytes_span(&signature), SOFT_NOW, false, &proof, &err) !=
		CAPROOF_OK)
		fail_msg("%s", err.message);
	p = proof.content.data;
	cert = d2i_X509(NULL, &p, (long)proof.content.len);
	assert_non_null(cert);
	bytes_clear(&signature);
	proof_clear(&proof);
	return cert;
}

static void times(const X509 *cert, time_t *from, time_t *until) {
	assert_true(time_from_asn1(X509_get0_notBefore(cert), from));
	assert_true(time_from_asn1(X509_get0_notAfter(cert), until));
}

/* The profile, read by OpenSSL's own accessors. */
static void assert_profile(X509 *cert, const struct bench *b) {
	X509_NAME *subject = X509_get_subject_name(cert);
	const ASN1_STRING *cn;
	const unsigned char *issuer;
	size_t issuer_len;
	int at;
	BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(cert, NID_basic_constraints, NULL, NULL);

	assert_int_equal(X509_get_version(cert), 2);
	assert_int_equal(X509_NAME_entry_count(subject), 1);
	cn = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, 0));
	assert_int_equal(ASN1_STRING_length(cn), strlen(CODE));
	assert_memory_equal(ASN1_STRING_get0_data(cn), CODE, strlen(CODE));
	assert_int_equal(ASN1_STRING_type(cn), V_ASN1_PRINTABLESTRING);
	assert_int_equal(X509_NAME_get0_der(X509_get_issuer_name(cert), &issuer, &issuer_len), 1);
	assert_int_equal(issuer_len, b->ca->subject.len);
	assert_memory_equal(issuer, b->ca->subject.data, issuer_len);
	assert_int_equal(ASN1_STRING_length(X509_get0_serialNumber(cert)), 16);
	assert_memory_equal(ASN1_STRING_get0_data(X509_get0_serialNumber(cert)), serial, 16);
	assert_non_null(constraints);
	assert_int_equal(constraints->ca, 0);
	BASIC_CONSTRAINTS_free(constraints);
	assert_int_equal(X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(cert), UINT32_MAX);
	for (at = 0; at < X509_get_ext_count(cert); at++) {
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(X509_get_ext(cert, at)));

		assert_int_equal(X509_EXTENSION_get_critical(X509_get_ext(cert, at)),
			nid == NID_basic_constraints || nid == NID_key_usage);
	}
	assert_int_equal(X509_get_ext_count(cert), 4);
	assert_int_equal(ASN1_STRING_length(X509_get0_authority_key_id(cert)), b->ca->ski.len);
	assert_memory_equal(ASN1_STRING_get0_data(X509_get0_authority_key_id(cert)), b->ca->ski.data,
		b->ca->ski.len);
	assert_non_null(X509_get0_subject_key_id(cert));
	assert_int_equal(X509_verify(cert, b->key), 1);
}

static void profile_is_kept_for_every_key(void **state) {
	static const char *const kinds[] = { "rsa2048", "p256", "p384", "p521", "ed25519", "pss2048",
		"pss2048-sha256-32", "pss2048-sha256-64" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct soft_ca spec = { .kind = kinds[i] };
		struct bench b;
		struct plan *plan;
		X509 *cert;
		time_t from, until;

		open_bench(&b, &spec, "generic");
		plan = planned(&b);
		cert = sealed(&b, plan);
		assert_profile(cert, &b);
		times(cert, &from, &until);
		assert_int_equal(from, SOFT_NOW - SOFT_DAY);
		assert_int_equal(until, SOFT_NOW + 7 * SOFT_DAY);
		X509_free(cert);
		plan_free(plan);
		close_bench(&b);
	}
}

static void pss_can_be_asked_for(void **state) {
	struct soft_ca spec = { .kind = "rsa2048" };
	struct bench b;
	struct plan *plan;
	struct error err = ERROR_INIT;
	X509 *cert;

	(void)state;
	open_bench(&b, &spec, "generic");
	assert_int_equal(ca_algorithm(b.ca, DIGEST_SHA384, true, &b.input.algorithm, &err), CAPROOF_OK);
	plan = planned(&b);
	cert = sealed(&b, plan);
	assert_int_equal(X509_get_signature_nid(cert), NID_rsassaPss);
	assert_profile(cert, &b);
	X509_free(cert);
	plan_free(plan);
	close_bench(&b);
}

static void same_inputs_same_octets(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;
	struct plan *one, *two;

	(void)state;
	open_bench(&b, &spec, "generic");
	one = planned(&b);
	two = planned(&b);
	assert_int_equal(one->tbs.len, two->tbs.len);
	assert_memory_equal(one->tbs.data, two->tbs.data, one->tbs.len);
	assert_string_equal(one->serial, "4102030405060708090a0b0c0d0e0f10");
	plan_free(one);
	plan_free(two);
	close_bench(&b);
}

static void validity_stays_inside_the_ca(void **state) {
	struct soft_ca spec = { .kind = "p256", .not_before = SOFT_NOW - 60,
		.not_after = SOFT_NOW + 40L * SOFT_DAY };
	struct bench b;
	struct plan *plan;

	(void)state;
	open_bench(&b, &spec, "generic");
	b.input.not_after = SOFT_NOW + 1000L * SOFT_DAY;
	plan = planned(&b);
	assert_int_equal(plan->not_before, SOFT_NOW - 60);
	assert_int_equal(plan->not_after, SOFT_NOW + 40L * SOFT_DAY);
	assert_true(plan->clipped);
	plan_free(plan);
	b.input.not_after = SOFT_NOW - 100;
	not_planned(&b, ERROR_VALIDITY, "valid");
	b.input.not_after = SOFT_NOW - 3L * SOFT_DAY;
	not_planned(&b, ERROR_VALIDITY, "end");
	close_bench(&b);
}

static void far_times_are_generalized(void **state) {
	struct soft_ca spec = { .kind = "p256", .not_after = SOFT_NOW + 36500L * SOFT_DAY };
	struct bench b;
	struct plan *plan;
	X509 *cert;

	(void)state;
	open_bench(&b, &spec, "generic");
	b.input.not_after = SOFT_NOW + 20000L * SOFT_DAY;
	plan = planned(&b);
	cert = sealed(&b, plan);
	assert_int_equal(ASN1_STRING_type(X509_get0_notAfter(cert)), V_ASN1_GENERALIZEDTIME);
	assert_int_equal(ASN1_STRING_type(X509_get0_notBefore(cert)), V_ASN1_UTCTIME);
	X509_free(cert);
	plan_free(plan);
	close_bench(&b);
}

static void codes_are_judged(void **state) {
	static const char *const bad[] = { "", "   ", "two words", "quo\"te", "it's", "new\nline",
		"tab\there", "\x01", "\xc2\x85", "\342\200\256evil", "\xff",
		"12345678901234567890123456789012345678901234567890123456789012345" };
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;
	struct plan *plan;

	(void)state;
	open_bench(&b, &spec, "generic");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b.input.code = span_of(bad[i], strlen(bad[i]));
		not_planned(&b, ERROR_CODE, "code");
	}
	b.input.code = span_of("zero\0octet", 10);
	not_planned(&b, ERROR_CODE, "code");
	b.input.code = span_of(" \r\n" CODE "\n", strlen(CODE) + 4);
	plan = planned(&b);
	assert_true(plan->code_trimmed);
	assert_string_equal(plan->code, CODE);
	plan_free(plan);
	close_bench(&b);
}

static struct request *request_of(const char *common_name, const char *extensions) {
	EVP_PKEY *key = soft_key("p256");
	struct bytes file = soft_request(key, common_name, extensions);
	struct request *request = NULL;
	struct error err = ERROR_INIT;

	if (request_parse(bytes_span(&file), "x.csr", &request, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	bytes_clear(&file);
	EVP_PKEY_free(key);
	return request;
}

static void a_request_changes_only_the_key(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;
	struct plan *plan;
	struct request *request = request_of(CODE, "basicConstraints=critical,CA:TRUE;"
		"keyUsage=keyCertSign;extendedKeyUsage=serverAuth;subjectAltName=DNS:evil.example");
	X509 *cert;

	(void)state;
	open_bench(&b, &spec, "generic");
	b.input.request = request;
	b.input.code = span_of(NULL, 0);
	plan = planned(&b);
	cert = sealed(&b, plan);
	assert_profile(cert, &b);
	assert_string_equal(plan->subject_spki_sha256, request->spki_sha256);
	X509_free(cert);
	plan_free(plan);
	b.input.code = span_of("another", 7);
	not_planned(&b, ERROR_CSR_CODE, "does not have the code");
	request_free(request);
	close_bench(&b);
}

static void a_request_alone_must_look_like_a_code(void **state) {
	static const char *const names[] = { "host.example.com", "me@example.com", "Jane Doe" };
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;

	(void)state;
	open_bench(&b, &spec, "generic");
	b.input.code = span_of(NULL, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct request *request = request_of(names[i], NULL);

		b.input.request = request;
		not_planned(&b, ERROR_CSR_CODE, "does not look like");
		request_free(request);
	}
	b.input.request = request_of(NULL, NULL);
	not_planned(&b, ERROR_CSR_CODE, "no Common Name");
	request_free((struct request *)(uintptr_t)b.input.request);
	close_bench(&b);
}

static void bad_requests_are_refused(void **state) {
	EVP_PKEY *weak = soft_key("rsa1024"), *key = soft_key("p256");
	struct bytes weak_file = soft_request(weak, CODE, NULL), file = soft_request(key, CODE, NULL);
	struct request *request = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(request_parse(bytes_span(&weak_file), "x", &request, &err), CAPROOF_INPUT);
	assert_int_equal(err.id, ERROR_CSR_KEY);
	error_reset(&err);
	/* a base64 character in the last line but one: part of the signature */
	file.data[file.len - 60] = file.data[file.len - 60] == 'A' ? 'B' : 'A';
	assert_int_equal(request_parse(bytes_span(&file), "x", &request, &err), CAPROOF_INPUT);
	assert_true(err.id == ERROR_CSR_SIGNATURE || err.id == ERROR_CSR_FORMAT);
	bytes_clear(&weak_file);
	bytes_clear(&file);
	EVP_PKEY_free(weak);
	EVP_PKEY_free(key);
}

static void rules_refuse_before_anything_is_built(void **state) {
	struct soft_ca no_aki = { .kind = "p256", .extensions =
		"subjectKeyIdentifier=hash;basicConstraints=critical,CA:TRUE" };
	struct soft_ca old = { .kind = "p256", .not_before = SOFT_NOW - 9L * SOFT_DAY,
		.not_after = SOFT_NOW - SOFT_DAY };
	struct bench b;

	(void)state;
	open_bench(&b, &no_aki, "quectel");
	not_planned(&b, ERROR_RULE, "quectel");
	close_bench(&b);
	open_bench(&b, &old, "generic");
	not_planned(&b, ERROR_RULE, "expired");
	close_bench(&b);
}

static void not_sealed(const struct bench *b, const struct plan *plan, struct span signature,
	enum error_id id) {
	struct proof proof = { 0 };
	struct error err = ERROR_INIT;

	assert_int_equal(seal(plan, b->ca, b->platform, signature, SOFT_NOW, true, &proof, &err),
		CAPROOF_UNVERIFIED);
	assert_int_equal(err.id, id);
	assert_null(proof.content.data);
}

static void nothing_is_sealed_that_does_not_verify(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;
	struct plan *plan;
	struct bytes signature, foreign;
	EVP_PKEY *other = soft_key("p256");

	(void)state;
	open_bench(&b, &spec, "generic");
	plan = planned(&b);
	signature = signed_by(b.key, plan);
	foreign = signed_by(other, plan);
	not_sealed(&b, plan, bytes_span(&foreign), ERROR_SIGNATURE);
	for (size_t i = 0; i < signature.len; i++) {
		signature.data[i] ^= 1;
		not_sealed(&b, plan, bytes_span(&signature), ERROR_SIGNATURE);
		signature.data[i] ^= 1;
	}
	not_sealed(&b, plan, span_of(signature.data, 0), ERROR_SIGNATURE);
	not_sealed(&b, plan, span_of(signature.data, signature.len - 1), ERROR_SIGNATURE);
	plan->tbs.data[plan->tbs.len - 1] ^= 1;
	not_sealed(&b, plan, bytes_span(&signature), ERROR_SIGNATURE);
	bytes_clear(&signature);
	bytes_clear(&foreign);
	plan_free(plan);
	EVP_PKEY_free(other);
	close_bench(&b);
}

/* Whoever alters the octets between plan and seal is found out, even with a right signature. */
static void an_altered_plan_is_not_sealed(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;
	struct plan *plan;
	struct bytes signature;
	unsigned char *at;

	(void)state;
	open_bench(&b, &spec, "generic");
	plan = planned(&b);
	at = memmem(plan->tbs.data, plan->tbs.len, CODE, strlen(CODE));
	assert_non_null(at);
	at[0] = '8';
	signature = signed_by(b.key, plan);
	not_sealed(&b, plan, bytes_span(&signature), ERROR_PROOF);
	bytes_clear(&signature);
	plan_free(plan);
	close_bench(&b);
}

/* What is good enough from somebody else is not from caproof. */
static void a_proof_with_a_warning_is_not_sealed(void **state) {
	static const unsigned char version_3[] = { 0xa0, 3, 2, 1, 2 };
	struct soft_ca spec = { .kind = "p256" };
	struct bench b;
	struct plan *plan;
	struct bytes signature;
	unsigned char *at;

	(void)state;
	open_bench(&b, &spec, "generic");
	plan = planned(&b);
	at = memmem(plan->tbs.data, plan->tbs.len, version_3, sizeof(version_3));
	assert_non_null(at);
	at[4] = 1;
	signature = signed_by(b.key, plan);
	not_sealed(&b, plan, bytes_span(&signature), ERROR_PROOF);
	bytes_clear(&signature);
	plan_free(plan);
	close_bench(&b);
}

static void serials_have_sixteen_octets(void **state) {
	unsigned char a[SERIAL_SIZE], b[SERIAL_SIZE];
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(serial_make(a, &err), CAPROOF_OK);
		assert_int_not_equal(a[0], 0);
		assert_int_equal(a[0] & 0x80, 0);
	}
	assert_int_equal(serial_make(b, &err), CAPROOF_OK);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profile_is_kept_for_every_key),
		cmocka_unit_test(pss_can_be_asked_for),
		cmocka_unit_test(same_inputs_same_octets),
		cmocka_unit_test(validity_stays_inside_the_ca),
		cmocka_unit_test(far_times_are_generalized),
		cmocka_unit_test(codes_are_judged),
		cmocka_unit_test(a_request_changes_only_the_key),
		cmocka_unit_test(a_request_alone_must_look_like_a_code),
		cmocka_unit_test(bad_requests_are_refused),
		cmocka_unit_test(rules_refuse_before_anything_is_built),
		cmocka_unit_test(nothing_is_sealed_that_does_not_verify),
		cmocka_unit_test(an_altered_plan_is_not_sealed),
		cmocka_unit_test(a_proof_with_a_warning_is_not_sealed),
		cmocka_unit_test(serials_have_sixteen_octets),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
