/* SPDX-License-Identifier: Apache-2.0
 *
 * Every rule of every platform, with material that passes and material that fails it
 * and nothing else.  The rules themselves are walked through: a rule without its pair
 * here fails the test, and so does a pair that no platform needs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "platform/platform.h"

#ifndef TEST_SRCDIR
#define TEST_SRCDIR "."
#endif
#define PLATFORMS TEST_SRCDIR "/platforms"

#define NOW ((time_t)1800000000)
#define DAY 86400
#define HEX16 "0123456789ABCDEF"
#define UUID "2c8b5905-b34a-4b64-8112-f6c047ae065c"

/* Everything that can be held against a platform. */
struct material {
	struct ca_facts ca;
	char code[1200];
	size_t code_len;
	time_t issued;
	struct algorithm algorithm;
	const char *out_name;
	bool pem;
};

static const struct {
	const char *platform, *good;
	const char *bad_shape;   /* fails code.shape alone, where there is one */
	const char *unusual;     /* fails code.usual-shape alone, where there is one */
} codes[] = {
	{ "generic", "Code-1_2.3", NULL, NULL },
	{ "quectel", "a1b2c3", NULL, NULL },
	{ "aws-iot", HEX16 HEX16 "0123456789abcdef" HEX16, HEX16 HEX16 HEX16 "0123456789ABCDE", NULL },
	{ "aws-iot-sni-only", "", NULL, NULL },
	{ "azure-iothub", HEX16 HEX16 HEX16, HEX16 HEX16 HEX16 "0", "0123456789abcdef" HEX16 HEX16 },
	{ "azure-dps", HEX16 HEX16 HEX16, HEX16 HEX16 "012345G7", HEX16 HEX16 "01234567" },
	{ "huawei-iotda", UUID, NULL, "2C8B5905-B34A-4B64-8112-F6C047AE065C" },
	{ "huawei-iotdp", UUID, NULL, "2c8b5905b34a4b648112f6c047ae065c" },
	{ "alibaba-iot", "0123abCD", "0123abCG", NULL },
	{ "alibaba-mqtt", UUID "2089123456", NULL, UUID "-2089" },
	{ "tencent-iothub", "whatever", NULL, NULL },
	{ "tencent-tdmq", UUID, NULL, UUID "0" },
	{ "cumulocity", "The{code}=given/1", NULL, NULL },
	{ "nerveshub",
	  "SFMyNTY.g2gDbQAAAAwxLU5lcnZlc1RlYW1uBgA1Ybm0ngFiAAAOEA.4xQ47wHRpIwP_ueQHuB0l9ldJqAA5uw2G",
	  NULL, NULL },
	{ "nerveshub-page", HEX16 HEX16 HEX16 HEX16, HEX16 HEX16 HEX16 "0123456789ABCDEf", NULL },
	{ "peridio", "AbC0123456789abcdefghijklmnopqrstu", NULL, "AbC0123456789abcdefghijklmnopqr" },
};

#define CODES (sizeof codes / sizeof *codes)

static size_t code_index(const char *platform) {
	for (size_t i = 0; i < CODES; i++) {
		if (strcmp(codes[i].platform, platform) == 0)
			return i;
	}
	fail_msg("no code for the platform '%s'", platform);
	return 0;
}

static void set_code(struct material *m, const char *code) {
	m->code_len = strlen(code);
	assert_true(m->code_len < sizeof m->code);
	memcpy(m->code, code, m->code_len + 1);
}

static struct material good(const struct platform *platform) {
	struct material m = {
		.ca = {
			.file_name = "some folder/ca.pem", .file_size = 1200, .pem = true, .pem_size = 1200,
			.version = 3, .self_issued = true, .self_signed = true, .has_ski = true,
			.has_aki = true, .has_basic_constraints = true, .is_ca = true,
			.has_key_usage = true, .may_sign_certificates = true,
			.not_before = NOW - 365 * DAY, .not_after = NOW + 3650L * DAY,
			.signed_with = SIGNATURE_SHA2, .key_type = KEY_RSA, .key_bits = 2048,
		},
		.issued = NOW - 60,
		.algorithm = { .scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA256 },
		.out_name = "proof.pem", .pem = true,
	};
	set_code(&m, codes[code_index(platform_name(platform))].good);
	if (strcmp(platform_name(platform), "nerveshub-page") == 0)
		m.out_name = "proof.crt";
	return m;
}

/* --- one way to break each rule ------------------------------------------------------- */

typedef void breaker(struct material *m, const struct platform *platform);

static void expired(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.not_after = NOW - 1;
}
static void expires_soon(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.not_after = NOW + 30L * DAY - 1;
}
static void version_1(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.version = 1;
	m->ca.has_ski = m->ca.has_aki = m->ca.has_basic_constraints = m->ca.is_ca = false;
	m->ca.has_key_usage = m->ca.may_sign_certificates = false;
}
static void no_basic_constraints(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.has_basic_constraints = m->ca.is_ca = false;
}
static void not_a_ca(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.is_ca = m->ca.may_sign_certificates = false;
}
static void no_key_cert_sign(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.may_sign_certificates = false;
}
static void no_ski(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.has_ski = false;
}
static void no_aki(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.has_aki = false;
}
static void md5(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.signed_with = SIGNATURE_MD5;
}
static void sha1(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.signed_with = SIGNATURE_SHA1;
}
static void rsa_1023(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.key_bits = 1023;
}
static void rsa_1024(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.key_bits = 1024;
}
static void roca(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.roca = true;
}
static void ec_key(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.key_type = KEY_EC;
	m->ca.key_curve = CURVE_P256;
	m->ca.key_bits = 256;
}
static void other_curve(struct material *m, const struct platform *p) {
	ec_key(m, p);
	m->ca.key_curve = CURVE_OTHER;
}
static void large_file(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.file_size = m->ca.pem_size = 1048577;
}
static void large_pem(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.file_size = m->ca.pem_size = 65537;
}
static void ca_named_txt(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.file_name = "ca.pem/ca.txt";
}
static void ca_der(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.pem = false;
}
static void ca_text(struct material *m, const struct platform *p) {
	(void)p;
	m->ca.text_around_pem = true;
}
static void code_given(struct material *m, const struct platform *p) {
	(void)p;
	set_code(m, "x");
}
static void code_empty(struct material *m, const struct platform *p) {
	(void)p;
	set_code(m, "");
}
static void code_latin1(struct material *m, const struct platform *p) {
	(void)p;
	m->code[3] = '\xe9';
}
static void code_newline(struct material *m, const struct platform *p) {
	(void)p;
	m->code[3] = '\n';
}
static void code_space(struct material *m, const struct platform *p) {
	(void)p;
	m->code[3] = ' ';
}
static void code_quote(struct material *m, const struct platform *p) {
	(void)p;
	m->code[3] = '\'';
}
static void code_umlaut(struct material *m, const struct platform *p) {
	(void)p;
	set_code(m, "\xc3\xa4" "bc");
}
static void code_long(struct material *m, const struct platform *p) {
	m->code_len = platform_code_max(p) + 1;
	assert_true(m->code_len < sizeof m->code);
	memset(m->code, 'a', m->code_len);
}
static void code_bad_shape(struct material *m, const struct platform *p) {
	set_code(m, codes[code_index(platform_name(p))].bad_shape);
}
static void code_unusual(struct material *m, const struct platform *p) {
	set_code(m, codes[code_index(platform_name(p))].unusual);
}
static void code_old(struct material *m, const struct platform *p) {
	m->issued = NOW - platform_code_lifetime(p) - 1;
}
static void code_nearly_old(struct material *m, const struct platform *p) {
	m->issued = NOW - platform_code_warn_after(p) - 1;
}
static void code_from_tomorrow(struct material *m, const struct platform *p) {
	(void)p;
	m->issued = NOW + DAY;
}
static void pss(struct material *m, const struct platform *p) {
	(void)p;
	m->algorithm.scheme = SCHEME_RSA_PSS;
}
static void sha384(struct material *m, const struct platform *p) {
	(void)p;
	m->algorithm.digest = DIGEST_SHA384;
}
static void out_named_txt(struct material *m, const struct platform *p) {
	(void)p;
	m->out_name = "proof.crt.txt";
}
static void out_der(struct material *m, const struct platform *p) {
	(void)p;
	m->pem = false;
}

static struct pair {
	const char *id;
	breaker *break_it;
	bool used;
} pairs[] = {
	{ "ca.validity", expired, false },
	{ "ca.expires-soon", expires_soon, false },
	{ "ca.version", version_1, false },
	{ "ca.basic-constraints-present", no_basic_constraints, false },
	{ "ca.basic-constraints", not_a_ca, false },
	{ "ca.key-usage", no_key_cert_sign, false },
	{ "ca.subject-key-identifier", no_ski, false },
	{ "ca.authority-key-identifier", no_aki, false },
	{ "ca.signature-md5", md5, false },
	{ "ca.signature-sha1", sha1, false },
	{ "ca.key-size-1024", rsa_1023, false },
	{ "ca.key-size-2048", rsa_1024, false },
	{ "ca.roca", roca, false },
	{ "ca.key-type", ec_key, false },
	{ "ca.curve", other_curve, false },
	{ "ca.file-size", large_file, false },
	{ "ca.pem-size", large_pem, false },
	{ "ca.file-suffix", ca_named_txt, false },
	{ "ca.file-encoding", ca_der, false },
	{ "ca.text-around-pem", ca_text, false },
	{ "code.absent", code_given, false },
	{ "code.present", code_empty, false },
	{ "code.encoding", code_latin1, false },
	{ "code.controls", code_newline, false },
	{ "code.spaces", code_space, false },
	{ "code.quotes", code_quote, false },
	{ "code.ascii", code_umlaut, false },
	{ "code.length", code_long, false },
	{ "code.shape", code_bad_shape, false },
	{ "code.usual-shape", code_unusual, false },
	{ "code.age", code_old, false },
	{ "code.ends-soon", code_nearly_old, false },
	{ "code.issued", code_from_tomorrow, false },
	{ "output.pss", pss, false },
	{ "output.digest", sha384, false },
	{ "output.suffix", out_named_txt, false },
	{ "output.encoding", out_der, false },
};

#define PAIRS (sizeof pairs / sizeof *pairs)

/* --- the test ---------------------------------------------------------------------------- */

static struct platform *load(const char *name) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	if (platform_load(name, PLATFORMS, &platform, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	return platform;
}

static struct checks hold(const struct platform *platform, const struct material *m) {
	struct error err = ERROR_INIT;
	struct checks checks = CHECKS_INIT;
	assert_int_equal(platform_check_ca(platform, &m->ca, NOW, &checks, &err), CAPROOF_OK);
	assert_int_equal(platform_check_code(platform, m->code, m->code_len, m->issued, NOW,
		&checks, &err), CAPROOF_OK);
	assert_int_equal(platform_check_output(platform, &m->algorithm, m->out_name, m->pem,
		&checks, &err), CAPROOF_OK);
	return checks;
}

/* Exactly ID (NULL: nothing) fails, as RESULT; ids are unique; all is said. */
static void expect_only(const struct platform *platform, const struct material *m,
	const char *id, enum check_result result) {
	struct checks checks = hold(platform, m);
	bool found = false;
	for (size_t i = 0; i < checks.count; i++) {
		const struct check *check = &checks.list[i];
		bool expected = id && strcmp(check->id, id) == 0;
		found = found || expected;
		if (check->result != (expected ? result : CHECK_OK))
			fail_msg("%s: %s is %s: %s (while breaking %s)", platform_name(platform),
				check->id, check_result_name(check->result), check->message,
				id ? id : "nothing");
		assert_true(strlen(check->message) > 3);
		assert_non_null(check->source);
		assert_true(!expected || check->way_out);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(checks.list[j].id, check->id);
	}
	if (id && !found)
		fail_msg("%s: %s is not in the list", platform_name(platform), id);
	checks_clear(&checks);
}

static void break_rule(void *arg, const struct platform_rule *rule) {
	const struct platform *platform = arg;
	struct material m = good(platform);
	size_t i = 0;
	while (i < PAIRS && strcmp(pairs[i].id, rule->id) != 0)
		i++;
	if (i == PAIRS) {
		fail_msg("%s: the rule %s has no failing case", platform_name(platform), rule->id);
		return;
	}
	pairs[i].used = true;
	pairs[i].break_it(&m, platform);
	expect_only(platform, &m, rule->id, rule->severity);
	assert_true(strlen(rule->sentence) > 10);
	assert_true(strlen(rule->why) > 10);
	assert_non_null(rule->source);
	assert_non_null(rule->way_out);
}

static void test_every_rule_of_every_platform(void **state) {
	(void)state;
	for (size_t i = 0; i < CODES; i++) {
		struct platform *platform = load(codes[i].platform);
		struct material m = good(platform);
		expect_only(platform, &m, NULL, CHECK_OK);
		platform_each_rule(platform, break_rule, platform);
		platform_free(platform);
	}
	for (size_t i = 0; i < PAIRS; i++) {
		if (!pairs[i].used)
			fail_msg("no platform has the rule %s", pairs[i].id);
	}
}

/* --- the settled points, platform by platform ----------------------------------------------- */

static bool is_in(const char *list, const char *name) {
	char spaced[64];
	snprintf(spaced, sizeof spaced, " %s ", name);
	return strstr(list, spaced) != NULL;
}

#define AWS " aws-iot aws-iot-sni-only "
#define PEM_TEXT AWS "huawei-iotda huawei-iotdp tencent-tdmq "

static const struct {
	breaker *break_it;
	const char *id, *refused, *warned; /* where; NULL: everywhere else */
} settled[] = {
	{ version_1, "ca.version", AWS "quectel cumulocity nerveshub nerveshub-page ", NULL },
	{ no_basic_constraints, "ca.basic-constraints-present", AWS "cumulocity ", NULL },
	{ sha1, "ca.signature-sha1", AWS, NULL },
	{ rsa_1024, "ca.key-size-2048", AWS, NULL },
	{ ca_der, "ca.file-encoding", "", PEM_TEXT "nerveshub nerveshub-page " },
	{ ca_text, "ca.text-around-pem", "", PEM_TEXT },
	{ no_ski, "ca.subject-key-identifier", " quectel nerveshub nerveshub-page ", "" },
	{ no_aki, "ca.authority-key-identifier", " quectel nerveshub nerveshub-page ", "" },
	{ large_file, "ca.file-size", " quectel ", "" },
	{ pss, "output.pss", " aws-iot cumulocity ", "" },
	{ out_named_txt, "output.suffix", "", " azure-iothub azure-dps nerveshub-page " },
	{ out_der, "output.encoding", " tencent-tdmq nerveshub nerveshub-page ",
	  " aws-iot huawei-iotda huawei-iotdp " },
	{ ec_key, "ca.key-type", " alibaba-iot ", " cumulocity " },
	{ other_curve, "ca.curve", "", AWS },
	{ roca, "ca.roca", "", NULL },
	{ expires_soon, "ca.expires-soon", "", NULL },
};

static enum check_result result_of(const struct checks *checks, const char *id) {
	for (size_t i = 0; i < checks->count; i++) {
		if (strcmp(checks->list[i].id, id) == 0)
			return checks->list[i].result;
	}
	return CHECK_OK;
}

static void test_settled_points(void **state) {
	(void)state;
	for (size_t i = 0; i < CODES; i++) {
		struct platform *platform = load(codes[i].platform);
		for (size_t j = 0; j < sizeof settled / sizeof *settled; j++) {
			const char *name = codes[i].platform;
			struct material m = good(platform);
			settled[j].break_it(&m, platform);
			struct checks checks = hold(platform, &m);
			enum check_result wanted = CHECK_OK;
			if (is_in(settled[j].refused, name))
				wanted = CHECK_REFUSED;
			else if (!settled[j].warned || is_in(settled[j].warned, name))
				wanted = CHECK_WARNING;
			if (result_of(&checks, settled[j].id) != wanted)
				fail_msg("%s: %s should be %s", name, settled[j].id,
					check_result_name(wanted));
			checks_clear(&checks);
		}
		platform_free(platform);
	}
}

static void test_one_mistake_refuses_one_rule_but_never_none(void **state) {
	struct platform *platform = load("quectel");
	struct material m = good(platform);
	(void)state;
	/* a version 1 leaf-like CA: the missing extensions are one mistake */
	version_1(&m, platform);
	expect_only(platform, &m, "ca.version", CHECK_REFUSED);
	/* a chip that made an old key: two mistakes, two rules */
	m = good(platform);
	roca(&m, platform);
	rsa_1024(&m, platform);
	struct checks checks = hold(platform, &m);
	assert_int_equal(result_of(&checks, "ca.roca"), CHECK_WARNING);
	assert_int_equal(result_of(&checks, "ca.key-size-2048"), CHECK_WARNING);
	assert_null(checks_first_refused(&checks));
	checks_clear(&checks);
	platform_free(platform);
}

/* A warning does not speak for what is refused. */
static void test_no_milder_rule_speaks(void **state) {
	static const char text[] = "{\"format\": \"caproof/platform/1\", \"name\": \"generic\", "
		"\"title\": \"Mine\", \"sources\": {\"own\": {\"title\": \"Own\", "
		"\"url\": \"https://example.org/\", \"read\": \"2026-11-22\"}}, "
		"\"proof\": {\"form\": \"certificate-cn\", \"subject_key\": \"p256\", "
		"\"source\": \"own\"}, "
		"\"code\": {\"lifetime\": \"long\", \"source\": \"own\"}, "
		"\"rules\": [{\"rule\": \"ca.file-size\", \"severity\": \"warn\", \"max\": 100, "
		"\"sentence\": \"small\", \"source\": \"own\"}, "
		"{\"rule\": \"ca.pem-size\", \"severity\": \"refuse\", \"max\": 100, "
		"\"sentence\": \"small\", \"source\": \"own\"}], "
		"\"next_steps\": [\"upload {proof}\"]}";
	char path[] = "/tmp/caproof-rules-XXXXXX";
	int fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	struct platform *platform = load(path);
	unlink(path);
	struct material m = good(platform);
	struct checks checks = hold(platform, &m);
	assert_int_equal(result_of(&checks, "ca.file-size"), CHECK_WARNING);
	assert_int_equal(result_of(&checks, "ca.pem-size"), CHECK_REFUSED);
	checks_clear(&checks);
	platform_free(platform);
}

/* --- edges ---------------------------------------- */

static void test_validity_edges(void **state) {
	static const struct {
		const char *platform;
		time_t not_before, not_after;
		enum check_result result;
	} cases[] = {
		{ "generic", NOW, NOW + 3650L * DAY, CHECK_OK },
		{ "generic", NOW + 1, NOW + 3650L * DAY, CHECK_REFUSED },
		{ "generic", 0, NOW, CHECK_OK },
		{ "generic", 0, NOW - 1, CHECK_REFUSED },
		{ "nerveshub", NOW, NOW + 3650L * DAY, CHECK_REFUSED },
		{ "nerveshub", NOW - 1, NOW + 3650L * DAY, CHECK_OK },
		{ "nerveshub", 0, NOW, CHECK_OK },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct platform *platform = load(cases[i].platform);
		struct material m = good(platform);
		m.ca.not_before = cases[i].not_before;
		m.ca.not_after = cases[i].not_after;
		struct checks checks = hold(platform, &m);
		assert_int_equal(result_of(&checks, "ca.validity"), cases[i].result);
		checks_clear(&checks);
		platform_free(platform);
	}
}

/* The limit itself is small enough. */
static void test_size_edges(void **state) {
	struct platform *platform = load("quectel");
	struct material m = good(platform);
	struct checks checks;
	(void)state;
	m.ca.file_size = m.ca.pem_size = 1048576;
	checks = hold(platform, &m);
	assert_null(checks_first_refused(&checks));
	checks_clear(&checks);
	m.ca.file_size++;
	m.ca.pem_size++;
	checks = hold(platform, &m);
	assert_non_null(checks_first_refused(&checks));
	checks_clear(&checks);
	platform_free(platform);
}

/* CODE on PLATFORM: only ID fails; ID NULL: nothing does. */
static void expect_code(const char *name, const char *code, const char *id,
	enum check_result result) {
	struct platform *platform = load(name);
	struct material m = good(platform);
	set_code(&m, code);
	expect_only(platform, &m, id, result);
	platform_free(platform);
}

static void test_codes(void **state) {
	(void)state;
	expect_code("generic", "a", NULL, CHECK_OK);
	expect_code("generic", HEX16 HEX16 HEX16 HEX16, NULL, CHECK_OK);
	expect_code("generic", HEX16 HEX16 HEX16 HEX16 "0", "code.length", CHECK_REFUSED);
	expect_code("generic", "gr\xc3\xbc\xc3\x9f" "e", NULL, CHECK_OK);
	expect_code("generic", "a\tb", "code.controls", CHECK_REFUSED);
	expect_code("generic", "a\xc2\x85" "b", "code.controls", CHECK_REFUSED);
	expect_code("generic", "a\xe2\x80\xae" "b", "code.controls", CHECK_REFUSED);
	expect_code("generic", "a\xe2\x80\x8b" "b", "code.controls", CHECK_REFUSED);
	expect_code("generic", "a\xe2\x80\xa8" "b", "code.controls", CHECK_REFUSED);
	expect_code("generic", "a\xc2\xa0" "b", "code.spaces", CHECK_REFUSED);
	expect_code("generic", "a\xe3\x80\x80" "b", "code.spaces", CHECK_REFUSED);
	expect_code("generic", "\xe2\x80\x9c" "ab", "code.quotes", CHECK_REFUSED);
	expect_code("generic", "a\xed\xa0\x80" "b", "code.encoding", CHECK_REFUSED);
	expect_code("aws-iot", HEX16 HEX16 HEX16 HEX16 "0", "code.length", CHECK_REFUSED);
	expect_code("azure-dps", HEX16 HEX16 "0123456", "code.shape", CHECK_REFUSED);
	expect_code("azure-dps", HEX16 HEX16 "012345", "code.shape", CHECK_REFUSED);
	expect_code("azure-dps", HEX16 HEX16 HEX16 HEX16, "code.usual-shape", CHECK_WARNING);
	expect_code("alibaba-mqtt", UUID, NULL, CHECK_OK);
	expect_code("alibaba-mqtt", UUID "0123456789012345", NULL, CHECK_OK);
	expect_code("alibaba-mqtt", UUID "01234567890123456", "code.usual-shape", CHECK_WARNING);
	expect_code("huawei-iotdp", "2C8B5905-B34A-4B64-8112-F6C047AE065C", NULL, CHECK_OK);
	expect_code("cumulocity", "gr\xc3\xbc\xc3\x9f" "e", "code.ascii", CHECK_REFUSED);
}

/* A NUL is neither text nor a way to hide what follows. */
static void test_code_with_nul(void **state) {
	struct platform *platform = load("aws-iot");
	struct material m = good(platform);
	(void)state;
	m.code[10] = '\0';
	expect_only(platform, &m, "code.encoding", CHECK_REFUSED);
	platform_free(platform);
}

static size_t encode(uint32_t c, char out[4]) {
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[len] | c);
	return len;
}

/* No character is refused twice, and everything that is hidden is refused. */
static void test_each_character_fails_one_rule_at_most(void **state) {
	struct platform *platform = load("generic");
	struct error err = ERROR_INIT;
	(void)state;
	for (uint32_t c = 1; c < 0x30000; c++) {
		char code[6] = "a";
		struct checks checks = CHECKS_INIT;
		size_t refused = 0;
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		size_t len = 1 + encode(c, code + 1);
		assert_int_equal(platform_check_code(platform, code, len, (time_t)-1, NOW, &checks,
			&err), CAPROOF_OK);
		for (size_t i = 0; i < checks.count; i++)
			refused += checks.list[i].result != CHECK_OK;
		if (refused > 1 || (text_is_hidden(c) && refused != 1))
			fail_msg("U+%04X fails %zu rules", (unsigned)c, refused);
		checks_clear(&checks);
	}
	platform_free(platform);
}

static void test_ages(void **state) {
	static const struct {
		const char *platform;
		long age;
		const char *id;
		enum check_result result;
	} cases[] = {
		{ "quectel", 0, NULL, CHECK_OK },
		{ "quectel", -300, NULL, CHECK_OK },
		{ "quectel", -301, "code.issued", CHECK_WARNING },
		{ "quectel", 6 * DAY, NULL, CHECK_OK },
		{ "quectel", 7 * DAY - 3600, "code.ends-soon", CHECK_WARNING },
		{ "quectel", 7 * DAY, "code.ends-soon", CHECK_WARNING },
		{ "quectel", 7 * DAY + 1, "code.age", CHECK_REFUSED },
		{ "nerveshub", 3601, "code.age", CHECK_REFUSED },
		{ "huawei-iotdp", DAY + 1, "code.age", CHECK_REFUSED },
		{ "peridio", DAY, NULL, CHECK_OK },
		{ "peridio", DAY + 1, "code.ends-soon", CHECK_WARNING },
		{ "peridio", 2 * DAY + 1, "code.age", CHECK_REFUSED },
		{ "aws-iot", 1000L * DAY, NULL, CHECK_OK },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct platform *platform = load(cases[i].platform);
		struct material m = good(platform);
		m.issued = NOW - cases[i].age;
		expect_only(platform, &m, cases[i].id, cases[i].result);
		m.issued = (time_t)-1;
		expect_only(platform, &m, NULL, CHECK_OK);
		platform_free(platform);
	}
}

static void test_names_that_are_no_file_names(void **state) {
	static const char *const names[] = { "-", "pkcs11:token=T;type=cert", NULL };
	struct platform *platform = load("azure-dps");
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct material m = good(platform);
		m.ca.file_name = names[i];
		m.out_name = names[i];
		expect_only(platform, &m, NULL, CHECK_OK);
	}
	struct material m = good(platform);
	m.out_name = "proof.PEM"; /* the az command compares letter by letter */
	expect_only(platform, &m, "output.suffix", CHECK_WARNING);
	platform_free(platform);
}

static void test_foreign_text_is_escaped(void **state) {
	struct platform *platform = load("azure-dps");
	struct material m = good(platform);
	(void)state;
	m.ca.file_name = "x\033[31m.crt";
	struct checks checks = hold(platform, &m);
	for (size_t i = 0; i < checks.count; i++)
		assert_null(strchr(checks.list[i].message, '\033'));
	assert_int_equal(result_of(&checks, "ca.file-suffix"), CHECK_WARNING);
	checks_clear(&checks);
	platform_free(platform);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_rule_of_every_platform),
		cmocka_unit_test(test_settled_points),
		cmocka_unit_test(test_one_mistake_refuses_one_rule_but_never_none),
		cmocka_unit_test(test_no_milder_rule_speaks),
		cmocka_unit_test(test_validity_edges),
		cmocka_unit_test(test_size_edges),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_code_with_nul),
		cmocka_unit_test(test_each_character_fails_one_rule_at_most),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_names_that_are_no_file_names),
		cmocka_unit_test(test_foreign_text_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
