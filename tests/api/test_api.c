/* SPDX-License-Identifier: Apache-2.0
 *
 * Every public function that needs no token: what it gives, what it refuses, and what it says
 * to arguments that are not there.  The library is the shared one; software keys sign.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "../support/soft.h"

#define CODE "7f3d9aCODE"

/* ecdsa-with-SHA256, RFC 5758 3.2. */
static const unsigned char ecdsa_sha256[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
	0x3d, 0x04, 0x03, 0x02 };

static struct caproof *c;
static struct caproof_ca *ca;
static struct caproof_platform *generic;
static EVP_PKEY *key;
static struct bytes pem;

static void expect(enum caproof_status status, enum caproof_status wanted, const char *id) {
	const struct caproof_error *error = caproof_get0_error(c);

	if (status != wanted || strcmp(caproof_error_id(error), id) != 0)
		fail_msg("status %d, %s: %s", (int)status, caproof_error_id(error),
			caproof_error_message(error));
	assert_int_equal(caproof_error_status(error), status);
}

#define GOOD(call) expect(call, CAPROOF_OK, "none")

static int begin(void **state) {
	const struct soft_ca spec = { .kind = "p256" };
	X509 *cert;

	(void)state;
	key = soft_key("p256");
	cert = soft_certificate(&spec, key, "Test CA");
	pem = soft_pem(cert);
	X509_free(cert);
	c = caproof_new();
	assert_non_null(c);
	GOOD(caproof_set_platforms(c, TEST_SRCDIR "/platforms"));
	GOOD(caproof_ca_read(c, pem.data, pem.len, "ca.pem", &ca));
	GOOD(caproof_platform_load(c, "generic", &generic));
	return 0;
}

static int end(void **state) {
	(void)state;
	caproof_free(c);
	caproof_ca_free(ca);
	caproof_platform_free(generic);
	EVP_PKEY_free(key);
	free(pem.data);
	return 0;
}

static struct caproof_plan_input usual(void) {
	struct caproof_plan_input input = { .size = sizeof(input) };

	input.ca = ca;
	input.platform = generic;
	input.code = CODE;
	input.now = SOFT_NOW;
	return input;
}

/* --- NULL ----------------------------------------------------------------------------------- */

static void test_null_context(void **state) {
	struct caproof_plan_input input = usual();
	struct caproof_ca *no_ca = ca;
	struct caproof_platform *no_platform = generic;
	struct caproof_plan *no_plan;
	struct caproof_token *no_token;
	struct caproof_proof *no_proof;
	struct caproof_checks *checks;

	(void)state;
	assert_int_equal(caproof_set_module(NULL, "/x"), CAPROOF_USAGE);
	assert_int_equal(caproof_set_platforms(NULL, "/x"), CAPROOF_USAGE);
	assert_int_equal(caproof_ca_read(NULL, pem.data, pem.len, "x", &no_ca), CAPROOF_USAGE);
	assert_null(no_ca);
	assert_int_equal(caproof_ca_load(NULL, "x", &no_ca), CAPROOF_USAGE);
	assert_int_equal(caproof_platform_load(NULL, "generic", &no_platform), CAPROOF_USAGE);
	assert_null(no_platform);
	assert_int_equal(caproof_check_ca(NULL, ca, generic, 0, &checks), CAPROOF_USAGE);
	assert_null(checks);
	assert_int_equal(caproof_plan_make(NULL, &input, &no_plan, &checks), CAPROOF_USAGE);
	assert_null(no_plan);
	assert_int_equal(caproof_token_find(NULL, NULL, NULL, &no_token), CAPROOF_USAGE);
	assert_null(no_token);
	assert_int_equal(caproof_prove(NULL, NULL, NULL, &no_proof), CAPROOF_USAGE);
	assert_null(no_proof);
	assert_int_equal(caproof_verify(NULL, ca, generic, CODE, pem.data, pem.len, "x", 0, &checks),
		CAPROOF_USAGE);
	assert_null(checks);
	assert_null(caproof_get0_error(NULL));
	caproof_set_pin(NULL, NULL, NULL);
	caproof_set_progress(NULL, NULL, NULL);
	caproof_set_final_try(NULL, true);
}

static void test_null_arguments(void **state) {
	struct caproof_plan_input input = usual();
	struct caproof_ca *no_ca;
	struct caproof_platform *no_platform;
	struct caproof_plan *plan;
	struct caproof_token *token;
	struct caproof_proof *proof;

	(void)state;
	expect(caproof_ca_read(c, NULL, 1, "x", &no_ca), CAPROOF_USAGE, "usage");
	expect(caproof_ca_read(c, pem.data, pem.len, NULL, &no_ca), CAPROOF_USAGE, "usage");
	expect(caproof_ca_read(c, pem.data, pem.len, "x", NULL), CAPROOF_USAGE, "usage");
	expect(caproof_ca_load(c, NULL, &no_ca), CAPROOF_USAGE, "usage");
	expect(caproof_ca_load(c, "x", NULL), CAPROOF_USAGE, "usage");
	expect(caproof_platform_load(c, NULL, &no_platform), CAPROOF_USAGE, "usage");
	expect(caproof_platform_load(c, "generic", NULL), CAPROOF_USAGE, "usage");
	expect(caproof_check_ca(c, NULL, generic, 0, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_check_ca(c, ca, NULL, 0, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_plan_make(c, NULL, &plan, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_plan_make(c, &input, NULL, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_token_find(c, NULL, NULL, &token), CAPROOF_USAGE, "usage");
	GOOD(caproof_plan_make(c, &input, &plan, NULL));
	expect(caproof_token_find(c, plan, NULL, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_prove(c, NULL, plan, &proof), CAPROOF_USAGE, "usage");
	caproof_plan_free(plan);
	expect(caproof_verify(c, NULL, generic, CODE, "", 1, "x", 0, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_verify(c, ca, NULL, CODE, "", 1, "x", 0, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_verify(c, ca, generic, CODE, NULL, 1, "x", 0, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_verify(c, ca, generic, CODE, "", 1, NULL, 0, NULL), CAPROOF_USAGE, "usage");
	assert_string_not_equal(caproof_error_message(caproof_get0_error(c)), "");
	assert_string_not_equal(caproof_error_hint(caproof_get0_error(c)), "");
	GOOD(caproof_set_module(c, NULL));
	assert_string_equal(caproof_error_message(caproof_get0_error(c)), "");
}

static void test_null_objects(void **state) {
	size_t size = 7;

	(void)state;
	caproof_free(NULL);
	caproof_ca_free(NULL);
	caproof_platform_free(NULL);
	caproof_checks_free(NULL);
	caproof_plan_free(NULL);
	caproof_token_free(NULL);
	caproof_proof_free(NULL);
	assert_int_equal(caproof_error_status(NULL), CAPROOF_OK);
	assert_null(caproof_error_id(NULL));
	assert_null(caproof_error_message(NULL));
	assert_null(caproof_error_hint(NULL));
	assert_null(caproof_error_detail(NULL));
	assert_null(caproof_ca_subject(NULL));
	assert_null(caproof_ca_sha256(NULL));
	assert_null(caproof_platform_name(NULL));
	assert_null(caproof_platform_title(NULL));
	assert_int_equal(caproof_platform_form(NULL), 0);
	assert_int_equal(caproof_checks_count(NULL), 0);
	assert_null(caproof_checks_get0(NULL, 0));
	assert_int_equal(caproof_checks_result(NULL), CAPROOF_CHECK_OK);
	assert_null(caproof_plan_octets(NULL, &size));
	assert_null(caproof_plan_code(NULL));
	assert_null(caproof_plan_serial(NULL));
	assert_int_equal(caproof_plan_not_before(NULL), 0);
	assert_int_equal(caproof_plan_not_after(NULL), 0);
	assert_null(caproof_plan_get0_checks(NULL));
	assert_null(caproof_token_label(NULL));
	assert_null(caproof_token_serial(NULL));
	assert_null(caproof_token_key(NULL));
	assert_null(caproof_proof_octets(NULL, &size));
	assert_null(caproof_proof_sha256(NULL));
	assert_null(caproof_proof_get0_checks(NULL));
	assert_int_equal(size, 7);
}

/* --- CA certificate and platform ------------------------------------------------------------- */

static void test_ca(void **state) {
	struct caproof_ca *other;
	static const char junk[] = "no certificate";

	(void)state;
	assert_string_equal(caproof_ca_subject(ca), "CN=Test CA,O=Soft Works");
	assert_int_equal(strlen(caproof_ca_sha256(ca)), 64);
	expect(caproof_ca_read(c, junk, sizeof(junk), "junk", &other), CAPROOF_INPUT, "ca.format");
	assert_null(other);
	assert_non_null(strstr(caproof_error_message(caproof_get0_error(c)), "'junk'"));
	expect(caproof_ca_read(c, junk, 0, "junk", &other), CAPROOF_INPUT, "ca.format");
	expect(caproof_ca_read(c, junk, (size_t)-1, "junk", &other), CAPROOF_INPUT, "input.too-large");
	expect(caproof_ca_load(c, "/nowhere/ca.pem", &other), CAPROOF_INPUT, "input.read");
	/* The file of that name, which is not there, and never standard input. */
	expect(caproof_ca_load(c, "-", &other), CAPROOF_INPUT, "input.read");
}

static void test_platforms(void **state) {
	struct caproof_platform *platform;

	(void)state;
	assert_string_equal(caproof_platform_name(generic), "generic");
	assert_string_not_equal(caproof_platform_title(generic), "");
	assert_int_equal(caproof_platform_form(generic), CAPROOF_FORM_CERTIFICATE_CN);
	GOOD(caproof_platform_load(c, "nerveshub", &platform));
	assert_int_equal(caproof_platform_form(platform), CAPROOF_FORM_CERTIFICATE_SAN_URI);
	caproof_platform_free(platform);
	GOOD(caproof_platform_load(c, "cumulocity", &platform));
	assert_int_equal(caproof_platform_form(platform), CAPROOF_FORM_SIGNATURE);
	caproof_platform_free(platform);
	GOOD(caproof_platform_load(c, TEST_SRCDIR "/platforms/aws-iot-sni-only.json", &platform));
	assert_int_equal(caproof_platform_form(platform), CAPROOF_FORM_NONE);
	caproof_platform_free(platform);
	expect(caproof_platform_load(c, "aws-i0t", &platform), CAPROOF_INPUT, "platform.unknown");
	assert_null(platform);
	assert_non_null(strstr(caproof_error_hint(caproof_get0_error(c)), "aws-iot"));
	GOOD(caproof_set_platforms(c, "/nowhere"));
	expect(caproof_platform_load(c, "generic", &platform), CAPROOF_INPUT, "platform.unknown");
	GOOD(caproof_set_platforms(c, TEST_SRCDIR "/platforms"));
}

static void test_check(void **state) {
	struct caproof_checks *checks;
	const struct caproof_check *check;
	size_t refused = 0;

	(void)state;
	GOOD(caproof_check_ca(c, ca, generic, SOFT_NOW, &checks));
	assert_true(caproof_checks_count(checks) > 5);
	assert_null(caproof_checks_get0(checks, caproof_checks_count(checks)));
	caproof_checks_free(checks);
	GOOD(caproof_check_ca(c, ca, generic, SOFT_NOW, NULL));
	/* Long after its end. */
	expect(caproof_check_ca(c, ca, generic, SOFT_NOW + 5000L * SOFT_DAY, &checks), CAPROOF_INPUT,
		"rule");
	assert_int_equal(caproof_checks_result(checks), CAPROOF_CHECK_REFUSED);
	for (size_t i = 0; (check = caproof_checks_get0(checks, i)) != NULL; i++) {
		assert_non_null(check->id);
		assert_non_null(check->message);
		if (check->result != CAPROOF_CHECK_REFUSED)
			continue;
		refused++;
		assert_string_equal(check->id, "ca.validity");
		assert_non_null(check->source);
		assert_non_null(check->way_out);
	}
	assert_int_equal(refused, 1);
	caproof_checks_free(checks);
}

/* --- plan ------------------------------------------------------------------------------------- */

static void test_plan(void **state) {
	static const unsigned char serial[] = { 0x80, 0x01 };
	struct caproof_plan_input input = usual();
	struct caproof_plan *plan, *same;
	const void *octets, *again;
	size_t size, other;

	(void)state;
	input.code = "  " CODE "\n";
	input.serial = serial;
	input.serial_size = sizeof(serial);
	input.subject_key = CAPROOF_SUBJECT_KEY_CA;
	GOOD(caproof_plan_make(c, &input, &plan, NULL));
	GOOD(caproof_plan_make(c, &input, &same, NULL));
	assert_string_equal(caproof_plan_code(plan), CODE);
	assert_string_equal(caproof_plan_serial(plan), "8001");
	assert_int_equal(caproof_plan_not_before(plan), SOFT_NOW - SOFT_DAY);
	assert_int_equal(caproof_plan_not_after(plan), SOFT_NOW + 7 * SOFT_DAY);
	assert_true(caproof_checks_count(caproof_plan_get0_checks(plan)) > 10);
	octets = caproof_plan_octets(plan, &size);
	again = caproof_plan_octets(same, &other);
	assert_int_equal(size, other);
	assert_memory_equal(octets, again, size);
	assert_null(caproof_plan_octets(plan, NULL));
	caproof_plan_free(plan);
	caproof_plan_free(same);
}

static void refuse_plan(const struct caproof_plan_input *input, enum caproof_status status,
	const char *id) {
	struct caproof_plan *plan;
	struct caproof_checks *refused;
	bool rule = strcmp(id, "rule") == 0 || strcmp(id, "code") == 0;

	expect(caproof_plan_make(c, input, &plan, &refused), status, id);
	assert_null(plan);
	assert_int_equal(refused != NULL, rule);
	if (rule)
		assert_int_equal(caproof_checks_result(refused), CAPROOF_CHECK_REFUSED);
	caproof_checks_free(refused);
	expect(caproof_plan_make(c, input, &plan, NULL), status, id);
}

#define REFUSE(what, status, id) \
	do { \
		struct caproof_plan_input in = usual(); \
		what; \
		refuse_plan(&in, status, id); \
	} while (0)

static void test_plan_refused(void **state) {
	static const unsigned char zero[] = { 0, 1 }, long_one[21] = { 1 }, top[20] = { 0x80 };

	(void)state;
	REFUSE(in.size = 0, CAPROOF_USAGE, "usage");
	REFUSE(in.size--, CAPROOF_USAGE, "usage");
	REFUSE(in.ca = NULL, CAPROOF_USAGE, "usage");
	REFUSE(in.platform = NULL, CAPROOF_USAGE, "usage");
	REFUSE(in.code = NULL, CAPROOF_USAGE, "usage");
	REFUSE((in.serial = zero, in.serial_size = sizeof(zero)), CAPROOF_USAGE, "usage");
	REFUSE((in.serial = long_one, in.serial_size = sizeof(long_one)), CAPROOF_USAGE, "usage");
	REFUSE((in.serial = top, in.serial_size = sizeof(top)), CAPROOF_USAGE, "usage");
	REFUSE(in.serial_size = 4, CAPROOF_USAGE, "usage");
	REFUSE(in.hash = (enum caproof_hash)4, CAPROOF_USAGE, "usage");
	REFUSE(in.subject_key = (enum caproof_subject_key)5, CAPROOF_USAGE, "usage");
	REFUSE(in.pss = true, CAPROOF_USAGE, "usage");
	REFUSE(in.code = "", CAPROOF_INPUT, "code");
	REFUSE(in.code = "a b", CAPROOF_INPUT, "code");
	REFUSE(in.now = SOFT_NOW + 5000L * SOFT_DAY, CAPROOF_INPUT, "rule");
	REFUSE((in.not_before = SOFT_NOW, in.not_after = SOFT_NOW - 1), CAPROOF_INPUT, "validity");
	REFUSE((in.request = "junk", in.request_size = 4), CAPROOF_INPUT, "csr.format");
	REFUSE((in.request = "junk", in.request_size = (size_t)-1), CAPROOF_INPUT, "input.too-large");
}

/* What a later version adds is taken when it says nothing. */
static void test_plan_of_another_version(void **state) {
	struct {
		struct caproof_plan_input input;
		char added[16];
	} later = { .input = usual() };
	struct caproof_plan *plan;

	(void)state;
	later.input.size = sizeof(later);
	GOOD(caproof_plan_make(c, &later.input, &plan, NULL));
	caproof_plan_free(plan);
	later.added[15] = 1;
	refuse_plan(&later.input, CAPROOF_USAGE, "usage");
}

static void test_plan_of_a_request(void **state) {
	struct caproof_plan_input input = usual();
	EVP_PKEY *own = soft_key("rsa2048");
	struct bytes request = soft_request(own, CODE, NULL), other = soft_request(own, "Other", NULL);
	struct caproof_plan *plan;

	(void)state;
	input.code = NULL;
	input.request = request.data;
	input.request_size = request.len;
	GOOD(caproof_plan_make(c, &input, &plan, NULL));
	assert_string_equal(caproof_plan_code(plan), CODE);
	caproof_plan_free(plan);
	input.code = CODE;
	input.request = other.data;
	input.request_size = other.len;
	refuse_plan(&input, CAPROOF_INPUT, "csr.code");
	free(request.data);
	free(other.data);
	EVP_PKEY_free(own);
}

static void test_forms(void **state) {
	struct caproof_plan_input input = usual();
	struct caproof_platform *platform;
	struct caproof_plan *plan;
	const void *octets;
	size_t size;

	(void)state;
	GOOD(caproof_platform_load(c, "cumulocity", &platform));
	input.platform = platform;
	GOOD(caproof_plan_make(c, &input, &plan, NULL));
	octets = caproof_plan_octets(plan, &size);
	assert_int_equal(size, strlen(CODE));
	assert_memory_equal(octets, CODE, size);
	assert_null(caproof_plan_serial(plan));
	assert_int_equal(caproof_plan_not_after(plan), 0);
	caproof_plan_free(plan);
	input.der = true;
	refuse_plan(&input, CAPROOF_USAGE, "usage");
	input.der = false;
	input.subject_key = CAPROOF_SUBJECT_KEY_P256;
	refuse_plan(&input, CAPROOF_USAGE, "usage");
	caproof_platform_free(platform);
	GOOD(caproof_platform_load(c, "aws-iot-sni-only", &platform));
	input = usual();
	input.platform = platform;
	input.code = NULL;
	refuse_plan(&input, CAPROOF_INPUT, "platform.no-proof");
	caproof_platform_free(platform);
}

/* --- verifying ---------------------------------------------------------------------------- */

static size_t put_header(unsigned char *at, unsigned char tag, size_t len) {
	at[0] = tag;
	at[1] = 0x82;
	at[2] = (unsigned char)(len >> 8);
	at[3] = (unsigned char)len;
	return 4;
}

/* The certificate that the plan's octets and KEY's signature over them are. */
static size_t assemble(const struct caproof_plan *plan, unsigned char *out) {
	size_t tbs_len, at = 4;
	const void *tbs = caproof_plan_octets(plan, &tbs_len);
	struct bytes signature = soft_sign(key, "SHA256", 0, span_of(tbs, tbs_len));

	memcpy(out + at, tbs, tbs_len);
	at += tbs_len;
	memcpy(out + at, ecdsa_sha256, sizeof(ecdsa_sha256));
	at += sizeof(ecdsa_sha256);
	out[at++] = 0x03;
	out[at++] = (unsigned char)(signature.len + 1);
	out[at++] = 0;
	memcpy(out + at, signature.data, signature.len);
	at += signature.len;
	put_header(out, 0x30, at - 4);
	free(signature.data);
	return at;
}

static enum caproof_status verify_at(const void *data, size_t size, const char *code, time_t at,
	struct caproof_checks **checks) {
	return caproof_verify(c, ca, generic, code, data, size, "proof.der", at, checks);
}

static void test_verify(void **state) {
	struct caproof_plan_input input = usual();
	struct caproof_plan *plan;
	struct caproof_checks *checks;
	unsigned char der[2048];
	size_t size;

	(void)state;
	GOOD(caproof_plan_make(c, &input, &plan, NULL));
	size = assemble(plan, der);
	caproof_plan_free(plan);
	GOOD(verify_at(der, size, CODE, SOFT_NOW, &checks));
	assert_int_equal(caproof_checks_result(checks), CAPROOF_CHECK_OK);
	caproof_checks_free(checks);
	GOOD(verify_at(der, size, NULL, SOFT_NOW, NULL));
	expect(verify_at(der, size, "Another", SOFT_NOW, &checks), CAPROOF_UNVERIFIED, "proof");
	assert_int_equal(caproof_checks_result(checks), CAPROOF_CHECK_REFUSED);
	caproof_checks_free(checks);
	expect(verify_at(der, size, CODE, SOFT_NOW + 60L * SOFT_DAY, NULL), CAPROOF_UNVERIFIED,
		"proof");
	expect(verify_at("junk", 4, CODE, SOFT_NOW, &checks), CAPROOF_INPUT, "proof.format");
	assert_null(checks);
	expect(verify_at(der, (size_t)-1, CODE, SOFT_NOW, &checks), CAPROOF_INPUT, "input.too-large");
}

/* No octet of a proof can be another one. */
static void test_verify_tampered(void **state) {
	struct caproof_plan_input input = usual();
	struct caproof_plan *plan;
	unsigned char der[2048];
	size_t size;

	(void)state;
	GOOD(caproof_plan_make(c, &input, &plan, NULL));
	size = assemble(plan, der);
	caproof_plan_free(plan);
	for (size_t i = 0; i < size; i++) {
		enum caproof_status status;

		der[i] ^= 0x01;
		status = verify_at(der, size, CODE, SOFT_NOW, NULL);
		der[i] ^= 0x01;
		if (status != CAPROOF_UNVERIFIED && status != CAPROOF_INPUT)
			fail_msg("octet %zu: status %d", i, (int)status);
	}
	GOOD(verify_at(der, size, CODE, SOFT_NOW, NULL));
}

static void test_verify_forms(void **state) {
	struct caproof_platform *platform;

	(void)state;
	GOOD(caproof_platform_load(c, "cumulocity", &platform));
	expect(caproof_verify(c, ca, platform, NULL, "AAAA", 4, "x", 0, NULL), CAPROOF_USAGE, "usage");
	expect(caproof_verify(c, ca, platform, CODE, "AAAA", 4, "x", SOFT_NOW, NULL),
		CAPROOF_UNVERIFIED, "proof");
	caproof_platform_free(platform);
	GOOD(caproof_platform_load(c, "aws-iot-sni-only", &platform));
	expect(caproof_verify(c, ca, platform, CODE, "AAAA", 4, "x", 0, NULL), CAPROOF_INPUT,
		"platform.no-proof");
	caproof_platform_free(platform);
}

/* --- the program around it ------------------------------------------------------------------ */

/* Errors that the program has in OpenSSL's queue stay, and none of ours comes to them. */
static void test_openssl_is_left_alone(void **state) {
	struct caproof_ca *other;
	OSSL_LIB_CTX *before = OSSL_LIB_CTX_set0_default(NULL);

	(void)state;
	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 42);
	expect(caproof_ca_read(c, "x", 1, "x", &other), CAPROOF_INPUT, "ca.format");
	GOOD(caproof_check_ca(c, ca, generic, SOFT_NOW, NULL));
	assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
	assert_int_equal(ERR_get_error(), 0);
	assert_ptr_equal(OSSL_LIB_CTX_set0_default(NULL), before);
}

/* The context first, then what was made with it. */
static void test_freed_in_any_order(void **state) {
	struct caproof *own = caproof_new();
	struct caproof_ca *own_ca;
	struct caproof_platform *platform;
	struct caproof_plan *plan;
	struct caproof_plan_input input = usual();
	size_t size;

	(void)state;
	assert_int_equal(caproof_ca_read(own, pem.data, pem.len, "x", &own_ca), CAPROOF_OK);
	assert_int_equal(caproof_platform_load(own, TEST_SRCDIR "/platforms/generic.json", &platform),
		CAPROOF_OK);
	input.ca = own_ca;
	input.platform = platform;
	assert_int_equal(caproof_plan_make(own, &input, &plan, NULL), CAPROOF_OK);
	caproof_free(own);
	caproof_ca_free(own_ca);
	caproof_platform_free(platform);
	assert_non_null(caproof_plan_octets(plan, &size));
	assert_string_equal(caproof_plan_code(plan), CODE);
	caproof_plan_free(plan);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_null_context),
		cmocka_unit_test(test_null_arguments),
		cmocka_unit_test(test_null_objects),
		cmocka_unit_test(test_ca),
		cmocka_unit_test(test_platforms),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_plan_refused),
		cmocka_unit_test(test_plan_of_another_version),
		cmocka_unit_test(test_plan_of_a_request),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_verify_tampered),
		cmocka_unit_test(test_verify_forms),
		cmocka_unit_test(test_openssl_is_left_alone),
		cmocka_unit_test(test_freed_in_any_order),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
