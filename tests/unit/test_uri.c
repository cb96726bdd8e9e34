/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS#11 URIs are foreign input: what is refused, what is taken, and that what is
 * written finds its token again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "token/uri.h"

static struct token ceremony(void) {
	struct token token = { .slot = 7 };

	memset(&token.info, ' ', sizeof token.info);
	memcpy(token.info.label, "Ceremony 2026", 13);
	memcpy(token.info.serialNumber, "00a1", 4);
	memcpy(token.info.manufacturerID, "SoftHSM project", 15);
	memcpy(token.info.model, "SoftHSM v2", 10);
	return token;
}

static struct uri *parsed(const char *text) {
	struct error err = ERROR_INIT;
	struct uri *uri = NULL;

	if (uri_parse(text, URI_COMMAND_LINE, &uri, &err) != CAPROOF_OK)
		fail_msg("%s: %s", text, err.message);
	return uri;
}

/* Refused with ID, and the sentence has SAYS in it. */
static void assert_refused_in(enum uri_scope scope, const char *text, enum error_id id,
	const char *says) {
	struct error err = ERROR_INIT;
	struct uri *uri = NULL;

	if (uri_parse(text, scope, &uri, &err) == CAPROOF_OK)
		fail_msg("%s was taken", text);
	assert_null(uri);
	assert_int_equal(err.id, id);
	assert_int_equal(error_status(&err), CAPROOF_USAGE);
	if (strstr(err.message, says) == NULL)
		fail_msg("%s: %s", text, err.message);
}

static void assert_refused(const char *text, const char *says) {
	assert_refused_in(URI_COMMAND_LINE, text, ERROR_USAGE_URI, says);
}

static void assert_matches(const char *text, bool expected) {
	struct token token = ceremony();
	struct uri *uri = parsed(text);

	if (uri_matches_token(uri, &token) != expected)
		fail_msg("%s %s", text, expected ? "does not match" : "matches");
	uri_free(uri);
}

static void the_scheme_is_recognised(void **state) {
	(void)state;
	assert_true(uri_is_uri("pkcs11:"));
	assert_true(uri_is_uri("PKCS11:token=x"));
	assert_false(uri_is_uri("pkcs11"));
	assert_false(uri_is_uri("./pkcs11:"));
	assert_false(uri_is_uri(""));
	assert_refused("http://x", "begins with");
}

static void an_absent_attribute_has_no_value(void **state) {
	struct uri *uri = parsed("pkcs11:");

	(void)state;
	assert_null(uri_id(uri).data);
	assert_null(uri_object(uri).data);
	assert_true(uri_type(uri) == (CK_OBJECT_CLASS)-1);
	assert_null(uri_module_path(uri));
	assert_null(uri_pin_source(uri));
	assert_false(uri_names_token(uri));
	uri_free(uri);
}

static void values_are_decoded(void **state) {
	struct uri *uri = parsed("pkcs11:id=%00%a1Z;object=root%20CA%3b;type=private"
		"?module-path=/usr/lib/x.so&pin-source=file:/run/pin");

	(void)state;
	assert_true(span_equal(uri_id(uri), span_of("\x00\xa1Z", 3)));
	assert_true(span_equal(uri_object(uri), span_of("root CA;", 8)));
	assert_int_equal(uri_type(uri), CKO_PRIVATE_KEY);
	assert_string_equal(uri_module_path(uri), "/usr/lib/x.so");
	assert_string_equal(uri_pin_source(uri), "/run/pin");
	assert_false(uri_names_token(uri));
	uri_free(uri);
}

static void each_type_is_known(void **state) {
	static const struct { const char *text; CK_OBJECT_CLASS class; } types[] = {
		{ "pkcs11:type=private", CKO_PRIVATE_KEY }, { "pkcs11:type=public", CKO_PUBLIC_KEY },
		{ "pkcs11:type=cert", CKO_CERTIFICATE }, { "pkcs11:type=secret-key", CKO_SECRET_KEY },
		{ "pkcs11:type=data", CKO_DATA },
	};

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct uri *uri = parsed(types[i].text);

		assert_int_equal(uri_type(uri), types[i].class);
		uri_free(uri);
	}
	assert_refused("pkcs11:type=privat", "type");
	assert_refused("pkcs11:type=Private", "type");
}

static void what_is_not_known_is_refused(void **state) {
	(void)state;
	assert_refused("pkcs11:tokne=x", "'tokne'");
	assert_refused("pkcs11:Token=x", "'Token'");
	assert_refused("pkcs11:x-vendor=x", "'x-vendor'");
	assert_refused("pkcs11:token=a?x-vendor=b", "'x-vendor'");
	assert_refused("pkcs11:object-type=private", "'object-type'");
	assert_refused("pkcs11:token=a?module-name=b", "'module-name'");
	assert_refused("pkcs11:\x1b[2J=x", "\\x1b[2J");
}

static void an_attribute_stands_once_and_in_its_place(void **state) {
	(void)state;
	assert_refused("pkcs11:token=a;token=b", "'token' twice");
	assert_refused("pkcs11:id=%01;token=a;id=%01", "'id' twice");
	assert_refused("pkcs11:?module-path=/a&module-path=/a", "'module-path' twice");
	assert_refused("pkcs11:module-path=/a", "before its '?'");
	assert_refused("pkcs11:?token=a", "after its '?'");
	assert_refused("pkcs11:token=a;;id=%01", "before a ';'");
	assert_refused("pkcs11:;token=a", "before a ';'");
	assert_refused("pkcs11:token=a;", "after a ';'");
	assert_refused("pkcs11:token=a?module-path=/a&", "after a '&'");
	assert_refused("pkcs11:token", "no value for 'token'");
	assert_refused("pkcs11:token=", "no value for 'token'");
	assert_refused("pkcs11:id=", "no value for 'id'");
}

static void percent_signs_are_taken_strictly(void **state) {
	(void)state;
	assert_refused("pkcs11:token=a%2", "two hex digits");
	assert_refused("pkcs11:token=a%", "two hex digits");
	assert_refused("pkcs11:token=a%zz", "two hex digits");
	assert_refused("pkcs11:id=%0g", "two hex digits");
	assert_refused("pkcs11:token=a%00b", "NUL");
	assert_refused("pkcs11:object=a%00", "NUL");
	assert_refused("pkcs11:?pin-source=/a%00b", "NUL");
	assert_refused("pkcs11:?module-path=/a%00b", "NUL");
}

/* p11-kit drops blanks without a word: another token. */
static void bare_characters_are_refused(void **state) {
	(void)state;
	assert_refused("pkcs11:token=Ceremony 2026", "%20");
	assert_refused("pkcs11:token=a\tb", "%09");
	assert_refused("pkcs11:token=a\n", "%0A");
	assert_refused("pkcs11:token=\xc3\xbc", "%C3");
	assert_refused("pkcs11:token=a\"b", "%22");
	assert_refused("pkcs11:token=a/b", "%2F");
	assert_refused("pkcs11:token=a#b", "%23");
}

static void a_pin_is_refused_and_not_repeated(void **state) {
	static const char *const texts[] = {
		"pkcs11:token=a?pin-value=73915482", "pkcs11:?pin-value=73915482&pin-value=73915482",
		"pkcs11:pin-value=73915482", "pkcs11:?pin-value=73915482%", "pkcs11:?pin-value=",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct error err = ERROR_INIT;
		struct uri *uri = NULL;

		assert_int_equal(uri_parse(texts[i], URI_COMMAND_LINE, &uri, &err), CAPROOF_USAGE);
		assert_int_equal(err.id, ERROR_USAGE_PIN_SHOWN);
		assert_null(strstr(err.message, "73915482"));
		assert_null(strstr(error_hint_text(&err), "73915482"));
		assert_null(strstr(err.detail, "73915482"));
	}
}

static void a_pin_source_is_an_absolute_path(void **state) {
	static const char *const good[] = { "pkcs11:?pin-source=/run/pin",
		"pkcs11:?pin-source=file:/run/pin", "pkcs11:?pin-source=file:///run/pin",
		"pkcs11:?pin-source=file:%2Frun%2Fpin" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct uri *uri = parsed(good[i]);

		assert_string_equal(uri_pin_source(uri), "/run/pin");
		uri_free(uri);
	}
	assert_refused("pkcs11:?pin-source=|cat", "command");
	assert_refused("pkcs11:?pin-source=%7Ccat", "command");
	assert_refused("pkcs11:?pin-source=pin", "absolute");
	assert_refused("pkcs11:?pin-source=file:pin", "absolute");
	assert_refused("pkcs11:?pin-source=file:", "absolute");
	assert_refused("pkcs11:?pin-source=file://host/pin", "absolute");
	assert_refused("pkcs11:?pin-source=http://host/pin", "absolute");
}

static void a_uri_in_a_file_names_a_key_and_nothing_else(void **state) {
	struct error err = ERROR_INIT;
	struct uri *uri = NULL;

	(void)state;
	assert_int_equal(uri_parse("pkcs11:token=a;serial=b;manufacturer=c;model=d;id=%01;object=e;"
		"type=cert", URI_IN_FILE, &uri, &err), CAPROOF_OK);
	uri_free(uri);
	assert_refused_in(URI_IN_FILE, "pkcs11:?module-path=/a", ERROR_USAGE_URI, "in a file");
	assert_refused_in(URI_IN_FILE, "pkcs11:?pin-source=/a", ERROR_USAGE_URI, "in a file");
	assert_refused_in(URI_IN_FILE, "pkcs11:slot-id=1", ERROR_USAGE_URI, "in a file");
	assert_refused_in(URI_IN_FILE, "pkcs11:library-version=1.0", ERROR_USAGE_URI, "in a file");
	assert_refused_in(URI_IN_FILE, "pkcs11:?pin-value=1", ERROR_USAGE_PIN_SHOWN, "PIN");
}

static void numbers_and_lengths_are_bounded(void **state) {
	char text[9000] = "pkcs11:object=";

	(void)state;
	assert_refused("pkcs11:slot-id=x", "slot-id");
	assert_refused("pkcs11:slot-id=-1", "slot-id");
	assert_refused("pkcs11:slot-id=01", "slot-id");
	assert_refused("pkcs11:slot-id=99999999999999999999999", "slot-id");
	assert_refused("pkcs11:library-version=x", "library-version");
	assert_refused("pkcs11:token=123456789012345678901234567890123", "longer");
	memset(text + strlen(text), 'a', sizeof text - strlen(text) - 1);
	text[sizeof text - 1] = '\0';
	assert_refused(text, "longer than 8192");
}

static void a_token_is_matched_by_all_that_is_said(void **state) {
	(void)state;
	assert_matches("pkcs11:", true);
	assert_matches("pkcs11:id=%01;object=x", true);
	assert_matches("pkcs11:token=Ceremony%202026", true);
	assert_matches("pkcs11:token=Ceremony", false);
	assert_matches("pkcs11:token=ceremony%202026", false);
	assert_matches("pkcs11:token=Ceremony%202026;serial=00a1;model=SoftHSM%20v2", true);
	assert_matches("pkcs11:token=Ceremony%202026;serial=00a2", false);
	assert_matches("pkcs11:manufacturer=SoftHSM%20project", true);
	assert_matches("pkcs11:slot-id=7", true);
	assert_matches("pkcs11:slot-id=8", false);
	/* nothing is known of a module here */
	assert_matches("pkcs11:library-description=x", false);
	assert_matches("pkcs11:slot-description=x", false);
}

static void naming_a_token_is_more_than_naming_a_key(void **state) {
	static const struct { const char *text; bool names; } uris[] = {
		{ "pkcs11:token=a", true }, { "pkcs11:serial=a", true }, { "pkcs11:slot-id=1", true },
		{ "pkcs11:model=a", true }, { "pkcs11:id=%01", false }, { "pkcs11:object=a", false },
		{ "pkcs11:library-description=a", false }, { "pkcs11:type=private", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
		struct uri *uri = parsed(uris[i].text);

		if (uri_names_token(uri) != uris[i].names)
			fail_msg("%s", uris[i].text);
		uri_free(uri);
	}
}

static void assert_comes_back(const struct token *token, struct span id, struct span label) {
	char *text = uri_format(token, "private", id, label);
	struct error err = ERROR_INIT;
	struct uri *uri = NULL;

	assert_non_null(text);
	assert_null(strpbrk(text, " '\"$`\\\n"));
	if (uri_parse(text, URI_IN_FILE, &uri, &err) != CAPROOF_OK)
		fail_msg("%s: %s", text, err.message);
	assert_true(uri_matches_token(uri, token));
	assert_int_equal(uri_type(uri), CKO_PRIVATE_KEY);
	assert_true(span_equal(uri_id(uri), id));
	uri_free(uri);
	free(text);
}

static void what_is_written_can_be_pasted(void **state) {
	struct token token = ceremony();

	(void)state;
	assert_comes_back(&token, span_of("\x00\x01\xff;", 4), span_of("o'brien; $(x) \"\x1b", 16));
	assert_comes_back(&token, span_of("", 0), span_of("", 0));
	assert_comes_back(&token, span_of("", 0), span_of("a\0b", 3));
}

/* Not by the standard, but by some modules. */
static void a_token_padded_with_nul_is_found_too(void **state) {
	struct token token = ceremony();

	(void)state;
	memset(token.info.label, 0, sizeof token.info.label);
	memcpy(token.info.label, "Card", 4);
	memset(token.info.serialNumber, 0, sizeof token.info.serialNumber);
	assert_comes_back(&token, span_of("\x01", 1), span_of("", 0));
	memset(token.info.label, 'x', sizeof token.info.label);
	assert_comes_back(&token, span_of("\x01", 1), span_of("", 0));
}

static void a_blank_label_is_left_out(void **state) {
	struct token token = ceremony();
	char *text;

	(void)state;
	memset(token.info.label, ' ', sizeof token.info.label);
	text = uri_format(&token, NULL, span_of(NULL, 0), span_of(NULL, 0));
	assert_non_null(text);
	assert_null(strstr(text, "token="));
	assert_null(strstr(text, "type="));
	assert_non_null(strstr(text, "serial=00a1"));
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scheme_is_recognised),
		cmocka_unit_test(an_absent_attribute_has_no_value),
		cmocka_unit_test(values_are_decoded),
		cmocka_unit_test(each_type_is_known),
		cmocka_unit_test(what_is_not_known_is_refused),
		cmocka_unit_test(an_attribute_stands_once_and_in_its_place),
		cmocka_unit_test(percent_signs_are_taken_strictly),
		cmocka_unit_test(bare_characters_are_refused),
		cmocka_unit_test(a_pin_is_refused_and_not_repeated),
		cmocka_unit_test(a_pin_source_is_an_absolute_path),
		cmocka_unit_test(a_uri_in_a_file_names_a_key_and_nothing_else),
		cmocka_unit_test(numbers_and_lengths_are_bounded),
		cmocka_unit_test(a_token_is_matched_by_all_that_is_said),
		cmocka_unit_test(naming_a_token_is_more_than_naming_a_key),
		cmocka_unit_test(what_is_written_can_be_pasted),
		cmocka_unit_test(a_token_padded_with_nul_is_found_too),
		cmocka_unit_test(a_blank_label_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
