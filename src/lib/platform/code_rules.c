/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that rules ask about a verification code.  For the form `signature`
 * they are also what keeps the CA key from signing something else that somebody
 * calls a code, so they refuse what they do not know.
 */
#include "base/text.h"
#include "platform/rules.h"

#include <string.h>

/* Clocks differ a little, and that is nobody's mistake. */
#define CLOCK_SLACK 300

typedef bool character_test(uint32_t c);

/* U+2028 and U+2029 end lines: text_is_hidden() may or may not count them. */
static bool is_control(uint32_t c) {
	return text_is_hidden(c) || c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
		c == 0x2029;
}

static bool is_space(uint32_t c) {
	return c == 0x20 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
		c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool is_quote(uint32_t c) {
	static const uint32_t quotes[] = {
		'"', '\'', '`', 0xab, 0xb4, 0xbb, 0x2032, 0x2033, 0x2034, 0x2035, 0x2036, 0x2037,
		0x2039, 0x203a, 0x275b, 0x275c, 0x275d, 0x275e, 0x300c, 0x300d, 0x300e, 0x300f,
		0x301d, 0x301e, 0x301f, 0xff02, 0xff07,
	};
	if (c >= 0x2018 && c <= 0x201f)
		return true;
	for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
		if (quotes[i] == c)
			return true;
	}
	return false;
}

static bool is_not_ascii(uint32_t c) {
	return c < 0x20 || c > 0x7e;
}

/* Look for the first character that fails the test, and say which and where. */
static enum verdict without(const struct subject *subject, character_test *test,
	const char *kind, struct found *found) {
	const unsigned char *code = (const unsigned char *)subject->code;
	size_t at = 0;
	for (size_t n = 1; at < subject->code_len; n++) {
		uint32_t c = text_next(code, subject->code_len, &at);
		if (c == (uint32_t)-1 || !test(c))
			continue;
		found_write(found, "character %zu is %s (U+%04X)", n, kind, (unsigned)c);
		return VERDICT_FAILS;
	}
	found_write(found, "no character is %s", kind);
	return VERDICT_HOLDS;
}

enum verdict code_absent(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "%s", subject->code_len ? "a code was given" : "no code was given");
	return found_verdict(subject->code_len == 0);
}

enum verdict code_present(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "%s", subject->code_len ? "there is a code" : "the code is empty");
	return found_verdict(subject->code_len > 0);
}

enum verdict code_encoding(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	bool utf8 = text_is_utf8(subject->code, subject->code_len);
	found_write(found, "the code is %s", utf8 ? "UTF-8" : "not UTF-8");
	return found_verdict(utf8);
}

enum verdict code_controls(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	return without(subject, is_control, "a control or invisible character", found);
}

enum verdict code_spaces(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	return without(subject, is_space, "a space", found);
}

enum verdict code_quotes(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	return without(subject, is_quote, "a quote", found);
}

/* base64url of '{' and what may follow it begins like this; with a dot behind it, it is
 * what a JSON Web Signature signs (RFC 7515 5.1), and the result would be a valid one. */
static bool is_jws_input(const char *code, size_t len) {
	return len > 2 && code[0] == 'e' && code[1] >= 'w' && code[1] <= 'z' &&
		memchr(code, '.', len) != NULL;
}

enum verdict code_ascii(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	if (platform_form(subject->platform) == FORM_SIGNATURE &&
		is_jws_input(subject->code, subject->code_len)) {
		found_write(found, "the code has the form of a JSON Web Token, which the signature would "
			"make valid");
		return found_verdict(false);
	}
	return without(subject, is_not_ascii, "outside printable ASCII", found);
}

enum verdict code_length(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	size_t max = platform_code_max(subject->platform);
	(void)parameter;
	found_write(found, "the code has %zu octets, at most %zu fit", subject->code_len, max);
	return found_verdict(subject->code_len <= max);
}

enum verdict code_shape(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	char wanted[256], shown[120];
	bool matches = shape_matches(&parameter->shape, subject->code, subject->code_len);
	shape_describe(&parameter->shape, wanted, sizeof wanted);
	if (matches)
		found_write(found, "the code is %s", wanted);
	else
		found_write(found, "the code '%s' (%zu octets) is not %s",
			text_safe(shown, sizeof shown, subject->code, subject->code_len),
			subject->code_len, wanted);
	return found_verdict(matches);
}

/* How long ago the platform showed the code, in seconds. */
static double age_of(const struct subject *subject) {
	return difftime(subject->now, subject->issued);
}

/* Both rules on age hold in silence when nobody told when the code was shown. */
static bool age_known(const struct subject *subject, struct found *found) {
	char shown[TEXT_TIME_SIZE];
	if (subject->issued == (time_t)-1) {
		found_write(found, "it was not told when the code was shown");
		return false;
	}
	text_time(shown, subject->issued + subject->platform->lifetime);
	bool over = age_of(subject) > (double)subject->platform->lifetime;
	found_write(found, "the code %s %s", over ? "expired at" : "lives until", shown);
	return true;
}

enum verdict code_age(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	if (!age_known(subject, found))
		return VERDICT_NOT_APPLICABLE;
	return found_verdict(age_of(subject) <= (double)subject->platform->lifetime);
}

enum verdict code_ends_soon(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	if (!age_known(subject, found))
		return VERDICT_NOT_APPLICABLE;
	return found_verdict(age_of(subject) <= (double)subject->platform->warn_after);
}

enum verdict code_issued(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	char shown[TEXT_TIME_SIZE];
	(void)parameter;
	if (subject->issued == (time_t)-1) {
		found_write(found, "it was not told when the code was shown");
		return VERDICT_NOT_APPLICABLE;
	}
	found_write(found, "the code was shown at %s", text_time(shown, subject->issued));
	return found_verdict(difftime(subject->issued, subject->now) <= CLOCK_SLACK);
}
