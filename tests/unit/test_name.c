/* SPDX-License-Identifier: Apache-2.0
 *
 * Distinguished names as people type them: what they become, octet by octet, and every
 * way in which they are refused, with the place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "base/text.h"
#include "x509/key.h"
#include "x509/name.h"

static void assert_hex(const char *text, const char *hex) {
	struct error err = ERROR_INIT;
	struct bytes der = BYTES_INIT;
	char *got;

	assert_int_equal(name_parse(text, &der, &err), CAPROOF_OK);
	got = text_hex(der.data, der.len);
	assert_string_equal(got, hex);
	free(got);
	bytes_clear(&der);
}

static void encoding(void **state) {
	(void)state;
	/* SEQUENCE { SET { SEQUENCE { 2.5.4.6, PrintableString DE } }, SET { ... CN } } */
	assert_hex("CN=a,C=DE", "3019310b3009060355040613024445310a30080603550403130161");
	assert_hex("cn=\xc3\xa9", "300d310b300906035504030c02c3a9");
	assert_hex("CN=\\C3\\a9", "300d310b300906035504030c02c3a9");
	assert_hex("DC=example", "301931173015060a0992268993f22c64011916076578616d706c65");
}

/* There and back: what OpenSSL prints of it is what was typed. */
static void round_trip(void **state) {
	static const char *const texts[] = {
		"CN=Example Root", "CN=Root,OU=a,OU=b,O=Example,ST=Bayern,L=M\xc3\xbcnchen,C=DE",
		"CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h", "CN=\\#1 \\ ", "CN=\\ a", "CN=a=b", "CN=a#b",
		"serialNumber=12 34,CN=x", "UID=u,DC=example,DC=com", "CN=\xe6\xa0\xb9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = ERROR_INIT;
		struct bytes der = BYTES_INIT, again = BYTES_INIT;
		const unsigned char *p;
		X509_NAME *name;
		BIO *bio = BIO_new(BIO_s_mem());
		char *data;
		long len;

		assert_int_equal(name_parse(texts[i], &der, &err), CAPROOF_OK);
		p = der.data;
		name = d2i_X509_NAME(NULL, &p, (long)der.len);
		assert_non_null(name);
		assert_true(X509_NAME_print_ex(bio, name, 0,
			XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0);
		BIO_write(bio, "", 1);
		len = BIO_get_mem_data(bio, &data);
		assert_int_equal(strlen(data) + 1, len);
		assert_int_equal(name_parse(data, &again, &err), CAPROOF_OK);
		assert_int_equal(der.len, again.len);
		assert_memory_equal(der.data, again.data, der.len);
		BIO_free(bio);
		X509_NAME_free(name);
		bytes_clear(&der);
		bytes_clear(&again);
	}
}

static void refusals(void **state) {
	char longest[5 + 65];
	const struct { const char *text, *says; } cases[] = {
		{ "", "octet 1: an attribute and '=' are missing" },
		{ "Example", "octet 1: an attribute and '=' are missing" },
		{ "CN=a,", "octet 6: an attribute and '=' are missing" },
		{ ",CN=a", "octet 1: an attribute and '=' are missing" },
		{ "=a", "octet 1: an attribute and '=' are missing" },
		{ "CN=", "octet 4: the value is empty" },
		{ "CN=,O=a", "octet 4: the value is empty" },
		{ "CN=a, O=b", "octet 6: there is a blank before an attribute" },
		{ " CN=a", "octet 1: there is a blank before an attribute" },
		{ "CN =a", "octet 1: there is no such attribute" },
		{ "CN= a", "octet 4: there is a blank at the end" },
		{ "CN=a ,O=b", "octet 5: there is a blank at the end" },
		{ "CN=a ", "octet 5: there is a blank at the end" },
		{ "CN=a+O=b", "octet 5: '+' would put two attributes" },
		{ "CN=a;O=b", "octet 5: this character has to be escaped" },
		{ "CN=\"a\"", "octet 4: this character has to be escaped" },
		{ "CN=a<b", "octet 5: this character has to be escaped" },
		{ "CN=#0401", "octet 4: '#' begins a value in hexadecimal" },
		{ "CN=a\\", "octet 5: '\\' stands before" },
		{ "CN=a\\x", "octet 5: '\\' stands before" },
		{ "CN=a\\4", "octet 5: '\\' stands before" },
		{ "CN=a\\00", "octet 4: the value is not UTF-8" },
		{ "CN=\\ff", "octet 4: the value is not UTF-8" },
		{ "CN=\\c3", "octet 4: the value is not UTF-8" },
		{ "CN=a\\0ab", "octet 4: the value has a character that cannot be seen" },
		{ "CN=a\xe2\x80\x8b" "b", "octet 4: the value has a character that cannot be seen" },
		{ "CN=a\xe2\x80\xae" "b", "octet 4: the value has a character that cannot be seen" },
		{ "2.5.4.3=a", "octet 1: there is no such attribute" },
		{ "emailAddress=a@b", "octet 1: there is no such attribute" },
		{ "CN=a,CN=b", "octet 6: there is a CN already" },
		{ "C=de", "octet 3: a country is two capital letters" },
		{ "C=DEU", "octet 3: the value is longer" },
		{ "C=D", "octet 3: a country is two capital letters" },
		{ "serialNumber=a@b", "octet 14: this attribute takes letters" },
		{ "DC=\xc3\xa9", "octet 4: this attribute takes ASCII only" },
		{ longest, "octet 4: the value is longer than RFC 5280 allows" },
	};

	(void)state;
	snprintf(longest, sizeof(longest), "CN=%065d", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = ERROR_INIT;
		struct bytes der = BYTES_INIT;

		assert_int_equal(name_parse(cases[i].text, &der, &err), CAPROOF_USAGE);
		if (strstr(err.message, cases[i].says) == NULL)
			fail_msg("'%s': %s", cases[i].text, err.message);
		assert_true(err.hint[0] != '\0');
		assert_null(der.data);
	}
}

static void bounds(void **state) {
	char text[4 + 20 * 8] = "CN=x";
	struct error err = ERROR_INIT;
	struct bytes der = BYTES_INIT;
	size_t len = 4;

	(void)state;
	for (int i = 1; i < 16; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",OU=%d", i);
	assert_int_equal(name_parse(text, &der, &err), CAPROOF_OK);
	bytes_clear(&der);
	snprintf(text + len, sizeof(text) - len, ",OU=x");
	assert_int_equal(name_parse(text, &der, &err), CAPROOF_USAGE);
	assert_non_null(strstr(err.message, "too many parts"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(refusals),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
