/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule files: what is taken, and above all what is refused, with file, line and key;
 * then next steps, names and lists.
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
#include <jansson.h>

#include "base/json.h"
#include "platform/platform.h"

#ifndef TEST_SRCDIR
#define TEST_SRCDIR "."
#endif
#define PLATFORMS TEST_SRCDIR "/platforms"

static const char *const names[] = {
	"alibaba-iot", "alibaba-mqtt", "aws-iot", "aws-iot-sni-only", "azure-dps", "azure-iothub",
	"cumulocity", "generic", "huawei-iotda", "huawei-iotdp", "nerveshub", "nerveshub-page",
	"peridio", "quectel", "tencent-iothub", "tencent-tdmq",
};
#define NAMES (sizeof names / sizeof *names)

/* A rule file whose lines the cases below speak of. */
static const char good[] =
	"{\n"
	"\"format\": \"caproof/platform/1\",\n"
	"\"name\": \"mine\",\n"
	"\"title\": \"Our own\",\n"
	"\"sources\": { \"wiki\": { \"title\": \"W\", \"url\": \"https://w/\", "
	"\"read\": \"2026-11-22\" } },\n"
	"\"proof\": { \"form\": \"certificate-cn\", \"subject_key\": \"p256\", "
	"\"source\": \"wiki\" },\n"
	"\"code\": { \"lifetime\": \"1 hour\", \"lifetime_seconds\": 3600, \"source\": \"wiki\" },\n"
	"\"rules\": [\n"
	"{ \"rule\": \"ca.file-size\", \"severity\": \"refuse\", \"max\": 100,\n"
	"  \"sentence\": \"small files only\", \"source\": \"wiki\" },\n"
	"{ \"rule\": \"ca.version\", \"severity\": \"refuse\", "
	"\"sentence\": \"v3 only\", \"source\": \"wiki\" },\n"
	"{ \"rule\": \"code.shape\", \"severity\": \"warn\", \"sentence\": \"hex\", "
	"\"source\": \"wiki\",\n"
	"  \"shape\": [ { \"alphabet\": \"hex\", \"min\": 2, \"max\": 8, \"even\": true } ] },\n"
	"{ \"rule\": \"ca.file-suffix\", \"severity\": \"warn\", "
	"\"sentence\": \"sfx\", \"source\": \"wiki\",\n"
	"  \"suffixes\": [ \".pem\" ] },\n"
	"{ \"rule\": \"ca.key-type\", \"severity\": \"warn\", \"sentence\": \"kt\", "
	"\"source\": \"wiki\", \"types\": [ \"rsa\" ] }\n"
	"],\n"
	"\"next_steps\": [ \"upload {proof}\" ]\n"
	"}\n";

struct folder {
	char path[64];
	char file[96];
};

static int folder_make(void **state) {
	struct folder *folder = calloc(1, sizeof *folder);
	if (!folder)
		return -1;
	strcpy(folder->path, "/tmp/test-platform-XXXXXX");
	if (!mkdtemp(folder->path))
		return -1;
	snprintf(folder->file, sizeof folder->file, "%s/mine.json", folder->path);
	*state = folder;
	return 0;
}

static int folder_remove(void **state) {
	struct folder *folder = *state;
	unlink(folder->file);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static void write_file(const struct folder *folder, const char *text, size_t len) {
	FILE *file = fopen(folder->file, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* The good file with FIND replaced by PUT; on the heap. */
static char *edited(const char *find, const char *put) {
	const char *at = strstr(good, find);
	char *text = NULL;
	if (!at)
		fail_msg("'%s' is not in the good file", find);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - good), good, put, at + strlen(find)) > 0);
	return text;
}

/* The file is refused, and the message has both parts. */
static void expect_refused(const struct folder *folder, const char *text, size_t len,
	const char *part, const char *other) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	write_file(folder, text, len);
	enum caproof_status status = platform_load(folder->file, PLATFORMS, &platform, &err);
	if (status != CAPROOF_INPUT || err.id != ERROR_PLATFORM_FILE)
		fail_msg("taken, or refused otherwise: %d %s: %s", status, err.message, part);
	assert_null(platform);
	if (!strstr(err.message, part) || !strstr(err.message, other) ||
		!strstr(err.message, folder->file))
		fail_msg("'%s' lacks '%s' or '%s'", err.message, part, other);
}

static void test_good_file(void **state) {
	const struct folder *folder = *state;
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	write_file(folder, good, strlen(good));
	if (platform_load(folder->file, "/nowhere", &platform, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	assert_string_equal(platform_name(platform), "mine");
	assert_string_equal(platform_title(platform), "Our own");
	assert_int_equal(platform_form(platform), FORM_CERTIFICATE_CN);
	assert_int_equal(platform_subject_key(platform), SUBJECT_KEY_P256);
	assert_null(platform_san_prefix(platform));
	assert_int_equal(platform_code_max(platform), 64);
	assert_int_equal(platform_code_lifetime(platform), 3600);
	assert_int_equal(platform_code_warn_after(platform), 3150);
	assert_false(platform_strict_not_before(platform));
	platform_free(platform);
}

static bool is_refused(const struct checks *checks, const char *id) {
	for (size_t i = 0; i < checks->count; i++) {
		if (strcmp(checks->list[i].id, id) == 0)
			return checks->list[i].result == CHECK_REFUSED;
	}
	fail_msg("%s is not in the list", id);
	return false;
}

/* A rule gives way only to one that is as severe: else a mistake could pass. */
static void test_a_warning_does_not_silence_a_refusal(void **state) {
	const struct folder *folder = *state;
	static const struct ca_facts version_1 = {
		.file_name = "ca.pem", .version = 1, .not_before = 0, .not_after = 2000000000,
		.signed_with = SIGNATURE_SHA2, .key_type = KEY_RSA, .key_bits = 2048,
	};
	for (int i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;
		struct platform *platform = NULL;
		struct checks checks = CHECKS_INIT;
		/* first, the file only warns of the version; then it refuses it as well */
		char *text = edited("\"ca.version\", \"severity\": \"refuse\"", i == 0
			? "\"ca.subject-key-identifier\", \"severity\": \"refuse\""
			: "\"ca.version\", \"severity\": \"refuse\"");
		write_file(folder, text, strlen(text));
		free(text);
		assert_int_equal(platform_load(folder->file, "/", &platform, &err), CAPROOF_OK);
		assert_int_equal(platform_check_ca(platform, &version_1, 1800000000, &checks, &err),
			CAPROOF_OK);
		assert_int_equal(is_refused(&checks, "ca.version"), i == 1);
		if (i == 0)
			assert_true(is_refused(&checks, "ca.subject-key-identifier"));
		checks_clear(&checks);
		platform_free(platform);
	}
}

/* --- hostile files ------------------------------------------------------------------------ */

static const struct {
	const char *find, *put, *line, *key;
} hostile[] = {
	/* keys: unknown, twice, missing */
	{ "\"title\"", "\"tilte\": 1,\n\"title\"", "line 4:", "'tilte'" },
	{ "\"title\"", "\"name\": \"x\",\n\"title\"", "line 4:", "name" },
	{ "\"title\": \"Our own\",\n", "", "line 1:", "'title'" },
	{ "\"max\": 100,", "", "line 9:", "'rules[0].max'" },
	{ "\"max\": 100,", "\"max\": 100, \"min\": 1,", "line 9:", "'rules[0].min'" },
	{ "\"v3 only\"", "\"v3 only\", \"max\": 3", "line 11:", "'rules[1].max'" },
	{ "\"even\": true", "\"evens\": true", "line 13:", "'rules[2].shape[0].evens'" },
	{ "\"url\": \"https://w/\"", "\"uri\": \"https://w/\"", "line 5:", "'sources.wiki.uri'" },
	/* the format */
	{ "caproof/platform/1", "caproof/platform/2", "line 2:", "'format'" },
	{ "\"format\": \"caproof/platform/1\",\n", "", "line 1:", "'format'" },
	{ "\"format\": \"caproof/platform/1\",\n\"name\": \"mine\"",
	  "\"name\": \"mine\",\n\"format\": \"caproof/platform/1\"", "line 3:", "'format'" },
	/* types */
	{ "\"Our own\"", "7", "line 4:", "'title' is not a string" },
	{ "\"Our own\"", "null", "line 4:", "'title' is not a string" },
	{ "\"max\": 100", "\"max\": \"100\"", "line 9:", "'rules[0].max' is not a whole number" },
	{ "\"max\": 100", "\"max\": 100.0", "line 9:", "'rules[0].max' is not a whole number" },
	{ "\"max\": 100", "\"max\": NaN", "line 9", "NaN" },
	{ "\"max\": 100", "\"max\": 1e999", "line 9", "overflow" },
	{ "\"max\": 100", "\"max\": 99999999999999999999", "line 9", "integer" },
	{ "\"even\": true", "\"even\": 1", "line 13:", "shape[0].even' is neither" },
	{ "[ \".pem\" ]", "\".pem\"", "line 15:", "'rules[3].suffixes' is not a list" },
	{ "[ \".pem\" ]", "[]", "line 15:", "'rules[3].suffixes' has 0 members" },
	{ "[ { \"alphabet\"", "[ 7, { \"alphabet\"", "line 13:",
	  "'rules[2].shape[0]' is not an object" },
	{ "[ \"upload {proof}\" ]", "[ 7 ]", "line 18:", "'next_steps[0]' is not a string" },
	/* sizes */
	{ "\"max\": 100", "\"max\": 0", "line 9:", "'rules[0].max'" },
	{ "\"max\": 100", "\"max\": 16777217", "line 9:", "'rules[0].max'" },
	{ "\"max\": 100", "\"max\": -1", "line 9:", "'rules[0].max'" },
	{ "\"max\": 8", "\"max\": 1025", "line 13:", "shape[0].max'" },
	{ "\"max\": 8", "\"max\": 1", "line 13:", "shape[0].max'" },
	{ "\"min\": 2", "\"min\": -2", "line 13:", "shape[0].min'" },
	{ "3600", "999999999999", "line 7:", "'code.lifetime_seconds'" },
	{ "3600", "0", "line 7:", "'code.lifetime_seconds'" },
	{ "3600", "3600, \"warn_after_seconds\": 3601", "line 7:", "'code.warn_after_seconds'" },
	{ "\"Our own\"", "\"\"", "line 4:", "'title'" },
	{ "\"mine\"", "\"a2345678901234567890123456789012345678901234567890123456789012345\"",
	  "line 3:", "'name'" },
	/* texts */
	{ "\"mine\"", "\"My platform\"", "line 3:", "'name'" },
	{ "\"mine\"", "\"../mine\"", "line 3:", "'name'" },
	{ "\"Our own\"", "\"Our\\u001b[31m\"", "line 4:", "'title' has a control" },
	{ "\"Our own\"", "\"Our\\u202e own\"", "line 4:", "'title' has a control" },
	{ "\"Our own\"", "\"Our\\u0000own\"", "line 4", "NUL" },
	{ "\"Our own\"", "\"Our \xff own\"", "line 4", "UTF-8" },
	{ "\"Our own\"", "\"Our \xc0\x80 own\"", "line 4", "UTF-8" },
	{ "https://w/", "http://w/", "line 5:", "'sources.wiki.url'" },
	{ "https://w/", "https://w/ or not", "line 5:", "'sources.wiki.url'" },
	{ "2026-11-22", "2026-11-2", "line 5:", "'sources.wiki.read'" },
	{ "2026-11-22", "yesterday", "line 5:", "'sources.wiki.read'" },
	{ "\".pem\"", "\"pem\"", "line 15:", "'rules[3].suffixes[0]'" },
	{ "\".pem\"", "\".pem\", \"./x\"", "line 15:", "'rules[3].suffixes[1]'" },
	/* words */
	{ "certificate-cn", "certificate", "line 6:", "'proof.form'" },
	{ "\"p256\"", "\"p999\"", "line 6:", "'proof.subject_key'" },
	{ "\"subject_key\": \"p256\",", "", "line 6:", "'proof.subject_key' is missing" },
	{ "\"p256\"", "\"p256\", \"san_prefix\": \"urn:x:\"", "line 6:", "'proof.san_prefix'" },
	{ "certificate-cn", "certificate-san-uri", "line 6:", "'proof.san_prefix' is missing" },
	{ "\"certificate-cn\"", "\"certificate-san-uri\", \"san_prefix\": \"a b:\"", "line 6:",
	  "'proof.san_prefix'" },
	{ "\"alphabet\": \"hex\"", "\"alphabet\": \"(a*)*\"", "line 13:", "shape[0].alphabet'" },
	{ "\"alphabet\": \"hex\"", "\"alphabet\": \"uuid\"", "line 13:", "shape[0]." },
	{ "\"rsa\"", "\"dsa\"", "line 16:", "'rules[4].types[0]'" },
	{ "\"refuse\", \"max\"", "\"deny\", \"max\"", "line 9:", "'rules[0].severity'" },
	/* rules */
	{ "\"ca.file-size\"", "\"ca.no-such\"", "line 9:", "'rules[0].rule'" },
	{ "\"ca.version\"", "\"ca.file-size\", \"max\": 1", "line 11:", "a second time" },
	{ "\"ca.version\"", "\"code.absent\"", "line 11:", "not for the form" },
	{ "\"refuse\", \"sentence\": \"v3 only\"", "\"ok\", \"sentence\": \"v3 only\"", "line 11:",
	  "'rules[1].severity'" },
	{ "\"ca.version\", \"severity\": \"refuse\"", "\"ca.validity\", \"severity\": \"warn\"",
	  "line 11:", "cannot soften" },
	{ "\"ca.version\", \"severity\": \"refuse\"", "\"code.length\", \"severity\": \"warn\"",
	  "line 11:", "cannot soften" },
	{ "\"v3 only\", \"source\": \"wiki\"", "\"v3 only\", \"source\": \"wikis\"", "line 11:",
	  "'rules[1].source'" },
	{ "\"v3 only\", \"source\": \"wiki\"", "\"v3 only\"", "line 11:",
	  "'rules[1].source' is missing" },
	{ "\"sentence\": \"v3 only\", ", "", "line 11:", "'rules[1].sentence' is missing" },
	/* next steps */
	{ "{proof}", "{prof}", "line 18:", "'next_steps[0]'" },
	{ "{proof}", "{proof", "line 18:", "'next_steps[0]'" },
	{ "{proof}", "proof}", "line 18:", "'next_steps[0]'" },
	{ "{proof}", "'{proof}'", "line 18:", "quote" },
	{ "{proof}", "\\\"{proof}\\\"", "line 18:", "quote" },
	{ "{proof}", "`cat {proof}`", "line 18:", "quote" },
	{ "{proof}", "\\\\{proof}", "line 18:", "quote" },
	/* syntax */
	{ "\"title\": \"Our own\",", "\"title\": \"Our own\"", "line 5", "expected" },
	{ "\"upload {proof}\" ]\n}", "\"upload {proof}\" ]\n", "line", "expected" },
	{ "\"upload {proof}\" ]\n}", "\"upload {proof}\" ]\n} {}", "line 19", "end of file" },
};

static void test_hostile_files(void **state) {
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		char *text = edited(hostile[i].find, hostile[i].put);
		expect_refused(*state, text, strlen(text), hostile[i].line, hostile[i].key);
		free(text);
	}
}

static void test_not_an_object(void **state) {
	expect_refused(*state, "[]", 2, "not a JSON object", "line 1");
	expect_refused(*state, "7", 1, "line 1", "expected");
	expect_refused(*state, "{}", 2, "line 1", "'format'");
}

static void test_deep_nesting(void **state) {
	const size_t depth = 10000;
	char *text = malloc(2 * depth);
	assert_non_null(text);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	expect_refused(*state, text, 2 * depth, "depth", "line 1");
	free(text);
}

static void test_large_file(void **state) {
	size_t len = 256 * 1024 + 1;
	char *text = malloc(len);
	assert_non_null(text);
	memset(text, ' ', len);
	memcpy(text, good, strlen(good));
	expect_refused(*state, text, len, "262145 octets", "262144");
	free(text);
}

static void test_long_and_many_texts(void **state) {
	char step[1100], *many = NULL, *text;
	size_t size = 0;
	memset(step, 'x', sizeof step - 1);
	step[sizeof step - 1] = '\0';
	text = edited("upload {proof}", step);
	expect_refused(*state, text, strlen(text), "line 18:", "'next_steps[0]' has 1099 octets");
	free(text);
	FILE *out = open_memstream(&many, &size);
	assert_non_null(out);
	for (int i = 0; i < 40; i++)
		fprintf(out, "\"step %d\", ", i);
	assert_int_equal(fclose(out), 0);
	char *list = NULL;
	assert_true(asprintf(&list, "%s\"upload {proof}\"", many) > 0);
	text = edited("\"upload {proof}\"", list);
	expect_refused(*state, text, strlen(text), "line 18:", "'next_steps' has 41 members");
	free(text);
	free(list);
	free(many);
}

/* Every cut of a good file is refused, and nothing is read behind its end. */
static void test_truncated_files(void **state) {
	for (size_t len = 1; len < strlen(good) - 2; len++)
		expect_refused(*state, good, len, "line", "");
}

/* An escaped spelling of a known key is that key; one of an unknown key has the
 * line of its object. */
static void test_escaped_keys(void **state) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	char *text = edited("\"title\"", "\"\\u0074itle\"");
	write_file(*state, text, strlen(text));
	assert_int_equal(platform_load(((struct folder *)*state)->file, "/", &platform, &err),
		CAPROOF_OK);
	platform_free(platform);
	free(text);
	text = edited("\"title\"", "\"\\u0078\": 1, \"title\"");
	expect_refused(*state, text, strlen(text), "line 1:", "'x'");
	free(text);
	text = edited("\"title\"", "\"\\u001b[2J\": 1, \"title\"");
	expect_refused(*state, text, strlen(text), "line 1:", "\\x1b[2J");
	free(text);
}

static size_t allocations_left;

static void *sparing_malloc(size_t size) {
	if (allocations_left == 0)
		return NULL;
	allocations_left--;
	return malloc(size);
}

static void *failing_once_malloc(size_t size) {
	return allocations_left-- == 1 ? NULL : malloc(size);
}

/* How many allocations of the parser can be made to fail: each says that memory ran out,
 * never a syntax error, and no text lacks a character. */
static size_t fail_each(const struct folder *folder, void *(*allocator)(size_t), size_t first) {
	enum caproof_status status = CAPROOF_UNEXPECTED;
	size_t failures = 0;
	for (size_t n = first; status != CAPROOF_OK; n++) {
		struct error err = ERROR_INIT;
		struct platform *platform = NULL;
		json_set_alloc_funcs(allocator, free);
		json_guard();
		allocations_left = n;
		status = platform_load(folder->file, "/", &platform, &err);
		json_set_alloc_funcs(malloc, free);
		if (status != CAPROOF_OK && err.id != ERROR_MEMORY)
			fail_msg("allocation %zu: %s", n, err.message);
		failures += status != CAPROOF_OK;
		platform_free(platform);
	}
	return failures;
}

/* Once or for good; where a string begins, in it, and at its closing quote. */
static void test_memory_runs_out(void **state) {
	char title[80];
	size_t failures = 0;
	write_file(*state, good, strlen(good));
	failures += fail_each(*state, sparing_malloc, 0);
	failures += fail_each(*state, failing_once_malloc, 1);
	assert_true(failures > 100);
	for (int len = 20; len < 70; len++) {
		snprintf(title, sizeof title, "\"%0*d\"", len, 0);
		char *text = edited("\"Our own\"", title);
		write_file(*state, text, strlen(text));
		assert_true(fail_each(*state, failing_once_malloc, 1) > 50);
		free(text);
	}
}

/* --- names --------------------------------------------------------------------------------- */

static void test_shipped_platforms(void **state) {
	struct error err = ERROR_INIT;
	char **list = NULL;
	(void)state;
	assert_int_equal(platform_list(PLATFORMS, &list, &err), CAPROOF_OK);
	for (size_t i = 0; i < NAMES; i++) {
		struct platform *platform = NULL;
		char source[1024];
		assert_non_null(list[i]);
		assert_string_equal(list[i], names[i]);
		if (platform_load(names[i], PLATFORMS, &platform, &err) != CAPROOF_OK)
			fail_msg("%s", err.message);
		assert_string_equal(platform_name(platform), names[i]);
		for (size_t j = 0; platform_source(platform, j, source, sizeof source); j++)
			assert_non_null(strstr(source, ", read 20"));
		assert_non_null(platform_code_lifetime_text(platform));
		assert_true(platform_code_warn_after(platform) <= platform_code_lifetime(platform));
		platform_free(platform);
	}
	assert_null(list[NAMES]);
	platform_free_steps(list);
}

static void find_inferred(void *arg, const struct platform_rule *rule) {
	if (strcmp(rule->id, "ca.key-type") == 0)
		*(bool *)arg = strstr(rule->source, "(inferred") != NULL;
}

static void test_what_is_inferred_says_so(void **state) {
	static const char *const inferred[] = { "alibaba-iot", "cumulocity" };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;
		struct platform *platform = NULL;
		bool said = false;
		assert_int_equal(platform_load(inferred[i], PLATFORMS, &platform, &err), CAPROOF_OK);
		platform_each_rule(platform, find_inferred, &said);
		assert_true(said);
		platform_free(platform);
	}
}

static void test_unknown_platform(void **state) {
	static const struct {
		const char *name, *nearest;
	} cases[] = {
		{ "quectal", "the platforms are: quectel, alibaba-iot," },
		{ "aws", "the platforms are: aws-iot, alibaba-iot," },
		{ "Generic", "the platforms are: generic, " },
		{ "", "the platforms are: " },
		{ "..", "the platforms are: " },
		{ "a2345678901234567890123456789012345678901234567890123456789012345",
		  "alibaba-iot, alibaba-mqtt" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error err = ERROR_INIT;
		struct platform *platform = NULL;
		assert_int_equal(platform_load(cases[i].name, PLATFORMS, &platform, &err),
			CAPROOF_INPUT);
		assert_int_equal(err.id, ERROR_PLATFORM_UNKNOWN);
		if (!strstr(error_hint_text(&err), cases[i].nearest))
			fail_msg("'%s': %s", cases[i].name, error_hint_text(&err));
	}
}

static void test_file_must_be_named_as_it_says(void **state) {
	const struct folder *folder = *state;
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	char *text = edited("\"mine\"", "\"theirs\"");
	write_file(folder, text, strlen(text));
	free(text);
	assert_int_equal(platform_load("mine", folder->path, &platform, &err), CAPROOF_INPUT);
	assert_int_equal(err.id, ERROR_PLATFORM_FILE);
	assert_non_null(strstr(err.message, "line 3: key 'name'"));
	error_reset(&err);
	assert_int_equal(platform_load(folder->file, folder->path, &platform, &err), CAPROOF_OK);
	platform_free(platform);
}

static void test_missing_file(void **state) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	(void)state;
	assert_int_equal(platform_load("./no-such.json", PLATFORMS, &platform, &err), CAPROOF_INPUT);
	assert_int_equal(err.id, ERROR_INPUT_READ);
	assert_non_null(strstr(err.message, "no-such.json"));
}

/* --- next steps ------------------------------------------------------------------------------ */

static char *first_step(const char *name, const struct platform_values *values) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	char **steps = NULL;
	assert_int_equal(platform_load(name, PLATFORMS, &platform, &err), CAPROOF_OK);
	assert_int_equal(platform_next_steps(platform, values, &steps, &err), CAPROOF_OK);
	assert_non_null(steps[0]);
	char *first = strdup(steps[0]);
	platform_free_steps(steps);
	platform_free(platform);
	return first;
}

static void expect_step(const char *name, const struct platform_values *values,
	const char *wanted) {
	char *step = first_step(name, values);
	assert_string_equal(step, wanted);
	free(step);
}

static void test_next_steps(void **state) {
	struct platform_values plain = { "ca.pem", "proof.pem", "C", "00" };
	struct platform_values odd = { "my ca.pem", "it's; rm -rf ~.pem", "C", "00" };
	struct platform_values dashes = { "-ca.pem", "-o.pem", "C", "00" };
	struct platform_values unnamed = { "pkcs11:token=T", "-", NULL, NULL };
	(void)state;
	expect_step("aws-iot", &plain, "aws iot register-ca-certificate --ca-certificate file://ca.pem "
		"--verification-certificate file://proof.pem --set-as-active");
	expect_step("aws-iot", &odd, "aws iot register-ca-certificate --ca-certificate "
		"file://'my ca.pem' --verification-certificate file://'it'\\''s; rm -rf ~.pem' "
		"--set-as-active");
	expect_step("azure-dps", &dashes, "az iot dps certificate verify --dps-name DPS "
		"--resource-group GROUP --certificate-name CERTIFICATE --path ./-o.pem --etag ETAG");
	expect_step("generic", &unnamed, "upload PROOF_FILE where the platform asks for the "
		"verification certificate of CA_FILE");
}

static void test_each_platform_says_what_to_do(void **state) {
	struct platform_values values = { "ca.pem", "proof.pem", "C", "00" };
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct error err = ERROR_INIT;
		struct platform *platform = NULL;
		char **steps = NULL;
		bool names_file = false;
		assert_int_equal(platform_load(names[i], PLATFORMS, &platform, &err), CAPROOF_OK);
		assert_int_equal(platform_next_steps(platform, &values, &steps, &err), CAPROOF_OK);
		for (size_t j = 0; steps[j]; j++) {
			names_file = names_file || strstr(steps[j], "proof.pem") || strstr(steps[j], "ca.pem");
			assert_null(strstr(steps[j], "{ca}"));
			assert_null(strstr(steps[j], "{{"));
		}
		assert_true(names_file);
		platform_free_steps(steps);
		platform_free(platform);
	}
}

static void test_digests(void **state) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	(void)state;
	assert_int_equal(platform_load("cumulocity", PLATFORMS, &platform, &err), CAPROOF_OK);
	assert_int_equal(platform_digest(platform, DIGEST_SHA384), DIGEST_SHA256);
	assert_int_equal(platform_digest(platform, DIGEST_SHA256), DIGEST_SHA256);
	assert_int_equal(platform_digest(platform, DIGEST_NONE), DIGEST_NONE);
	platform_free(platform);
	assert_int_equal(platform_load("generic", PLATFORMS, &platform, &err), CAPROOF_OK);
	assert_int_equal(platform_digest(platform, DIGEST_SHA384), DIGEST_SHA384);
	platform_free(platform);
}

/* --- the manual ---------------------------------------- */

static char *manual_read(void) {
	FILE *file = fopen(TEST_SRCDIR "/man/caproof-platforms.7", "rb");
	char *text = calloc(1, 256 * 1024);
	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 256 * 1024 - 1, file) > 0);
	fclose(file);
	return text;
}

static void expect_item(const char *manual, const char *name) {
	char item[160];
	snprintf(item, sizeof item, "\n.It Sy %s\n", name);
	if (!strstr(manual, item))
		fail_msg("the manual does not describe '%s'", name);
}

static void rule_is_in_manual(void *arg, const struct platform_rule *rule) {
	expect_item(arg, rule->id);
}

static void test_manual_describes_platforms_and_rules(void **state) {
	char *manual = manual_read();
	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		struct error err = ERROR_INIT;
		struct platform *platform = NULL;
		assert_int_equal(platform_load(names[i], PLATFORMS, &platform, &err), CAPROOF_OK);
		expect_item(manual, names[i]);
		platform_each_rule(platform, rule_is_in_manual, manual);
		platform_free(platform);
	}
	free(manual);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_good_file),
		IN_FOLDER(test_a_warning_does_not_silence_a_refusal),
		IN_FOLDER(test_hostile_files),
		IN_FOLDER(test_not_an_object),
		IN_FOLDER(test_deep_nesting),
		IN_FOLDER(test_large_file),
		IN_FOLDER(test_long_and_many_texts),
		IN_FOLDER(test_truncated_files),
		IN_FOLDER(test_escaped_keys),
		IN_FOLDER(test_memory_runs_out),
		cmocka_unit_test(test_shipped_platforms),
		cmocka_unit_test(test_what_is_inferred_says_so),
		cmocka_unit_test(test_unknown_platform),
		IN_FOLDER(test_file_must_be_named_as_it_says),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_next_steps),
		cmocka_unit_test(test_each_platform_says_what_to_do),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_manual_describes_platforms_and_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
