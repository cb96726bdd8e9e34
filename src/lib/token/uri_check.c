/* SPDX-License-Identifier: Apache-2.0
 *
 * What p11_kit_uri_parse lets through and must not pass: unknown attributes, the same
 * attribute twice, values that end at %00, blanks that it drops without a word.  A URI
 * that means something else than it says can send a PIN to the wrong token.  The value
 * of pin-value is never looked at beyond its name, and never repeated.
 */
#include "token/uri_check.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"

enum { URI_TEXT_MAX = 8192 };

static const struct attribute {
	const char *name;
	unsigned part;
	bool query;   /* after the '?' */
	bool in_file; /* allowed with URI_IN_FILE */
} attributes[] = {
	{ "token", URI_TOKEN, false, true },
	{ "serial", URI_SERIAL, false, true },
	{ "manufacturer", URI_MANUFACTURER, false, true },
	{ "model", URI_MODEL, false, true },
	{ "slot-id", URI_SLOT_ID, false, false },
	{ "slot-description", URI_SLOT_DESCRIPTION, false, false },
	{ "slot-manufacturer", URI_SLOT_MAKER, false, false },
	{ "library-description", URI_LIBRARY, false, false },
	{ "library-manufacturer", URI_LIBRARY_MAKER, false, false },
	{ "library-version", URI_LIBRARY_VERSION, false, false },
	{ "id", URI_ID, false, true },
	{ "object", URI_OBJECT, false, true },
	{ "type", URI_TYPE, false, true },
	{ "module-path", URI_MODULE_PATH, true, false },
	{ "pin-source", URI_PIN_SOURCE, true, false },
	{ "pin-value", URI_PIN_VALUE, true, false },
};

struct check {
	enum uri_scope scope;
	unsigned parts;
};

static const struct attribute *look_up(struct span name) {
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (span_equal(name, span_of(attributes[i].name, strlen(attributes[i].name))))
			return &attributes[i];
	}
	return NULL;
}

/* RFC 7512 2.3; '&' is allowed in the path and separates in the query. */
static bool may_stand(unsigned char c, bool query) {
	return isalnum(c) || strchr("-._~:[]@!$'()*+,=", c) != NULL ||
		(query ? c == '/' || c == '?' || c == '|' : c == '&');
}

static enum caproof_status refuse_character(unsigned char c, const char *name, struct error *err) {
	if (c > 0x20 && c < 0x7f)
		error_set(err, ERROR_USAGE_URI,
			"the PKCS#11 URI has a bare '%c' in '%s', where it must be written %%%02X", c, name,
			c);
	else
		error_set(err, ERROR_USAGE_URI,
			"the PKCS#11 URI has a bare octet %02x in '%s', where it must be written %%%02X", c,
			name, c);
	return error_status(err);
}

static enum caproof_status check_value(const struct attribute *known, struct span value,
	struct error *err) {
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] != '%') {
			if (!may_stand(value.data[i], known->query))
				return refuse_character(value.data[i], known->name, err);
			continue;
		}
		if (value.len - i < 3 || !isxdigit(value.data[i + 1]) || !isxdigit(value.data[i + 2]))
			return error_set(err, ERROR_USAGE_URI,
				"the PKCS#11 URI has a '%%' without two hex digits in '%s'", known->name);
		/* A CKA_ID is octets, everything else is text. */
		if (value.data[i + 1] == '0' && value.data[i + 2] == '0' && known->part != URI_ID)
			return error_set(err, ERROR_USAGE_URI,
				"the PKCS#11 URI has a NUL (%%00) in '%s'", known->name);
		i += 2;
	}
	return CAPROOF_OK;
}

static enum caproof_status check_slot_id(struct span value, struct error *err) {
	char text[32];
	uint64_t number;

	if (value.len < sizeof(text)) {
		memcpy(text, value.data, value.len);
		text[value.len] = '\0';
		if (text_number(text, 0, ULONG_MAX, &number))
			return CAPROOF_OK;
	}
	return error_set(err, ERROR_USAGE_URI, "the slot-id of the PKCS#11 URI is not a number");
}

static enum caproof_status check_type(struct span value, struct error *err) {
	static const char *const types[] = { "private", "public", "cert", "secret-key", "data" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (span_equal(value, span_of(types[i], strlen(types[i]))))
			return CAPROOF_OK;
	}
	return error_set(err, ERROR_USAGE_URI, "the type of the PKCS#11 URI is none that RFC 7512 has:"
		" private, public, cert, secret-key, data");
}

static enum caproof_status refuse_pin_value(struct error *err) {
	error_set(err, ERROR_USAGE_PIN_SHOWN, "the PKCS#11 URI holds a PIN (pin-value), which caproof "
		"does not take");
	return error_status(err);
}

static enum caproof_status check_name(const struct check *check, struct span name,
	const struct attribute *known, bool query, struct error *err) {
	char shown[80];

	text_safe(shown, sizeof(shown), name.data, name.len);
	if (known == NULL)
		return strncmp(shown, "pin", 3) == 0 ? refuse_pin_value(err) :
			error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI has an attribute '%s' that is not "
			"known here", shown);
	if (known->query != query)
		return error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI has '%s' %s its '?'", shown,
			query ? "after" : "before");
	if ((check->parts & known->part) != 0)
		return error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI has '%s' twice", shown);
	if (check->scope == URI_IN_FILE && !known->in_file) {
		error_set(err, ERROR_USAGE_URI, "a PKCS#11 URI in a file may not have '%s'", shown);
		error_hint(err, "only token, serial, manufacturer, model, id, object and type may stand "
			"there");
		return error_status(err);
	}
	return CAPROOF_OK;
}

static enum caproof_status check_attribute(struct check *check, struct span text, bool query,
	struct error *err) {
	const unsigned char *equals = memchr(text.data, '=', text.len);
	size_t len = equals != NULL ? (size_t)(equals - text.data) : text.len;
	struct span name = { text.data, len };
	const struct attribute *known = look_up(name);
	struct span value;
	enum caproof_status status;

	/* Wherever it stands: what follows may be somebody's PIN. */
	if (known != NULL && known->part == URI_PIN_VALUE)
		return refuse_pin_value(err);
	status = check_name(check, name, known, query, err);
	if (status != CAPROOF_OK)
		return status;
	/* NOLINTBEGIN(clang-analyzer-core.NullDereference): check_name() refuses what is not known */
	if (equals == NULL || len + 1 == text.len)
		return error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI has no value for '%s'",
			known->name);
	check->parts |= known->part;
	/* NOLINTEND(clang-analyzer-core.NullDereference) */
	value = span_of(equals + 1, text.len - len - 1);
	status = check_value(known, value, err);
	if (status == CAPROOF_OK && known->part == URI_SLOT_ID)
		status = check_slot_id(value, err);
	if (status == CAPROOF_OK && known->part == URI_TYPE)
		status = check_type(value, err);
	return status;
}

/* A path of a=b;c=d, or a query of a=b&c=d. */
static enum caproof_status check_list(struct check *check, struct span list, bool query,
	struct error *err) {
	const unsigned char *at = list.data, *end = list.data + list.len;

	while (at < end) {
		const unsigned char *next = memchr(at, query ? '&' : ';', (size_t)(end - at));
		const unsigned char *stop = next != NULL ? next : end;
		enum caproof_status status;

		if (stop == at || stop + 1 == end)
			return error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI has nothing %s a '%c'",
				stop == at ? "before" : "after", query ? '&' : ';');
		status = check_attribute(check, span_of(at, (size_t)(stop - at)), query, err);
		if (status != CAPROOF_OK)
			return status;
		at = next != NULL ? next + 1 : end;
	}
	return CAPROOF_OK;
}

enum caproof_status uri_check(const char *text, enum uri_scope scope, unsigned *parts,
	struct error *err) {
	struct check check = { scope, 0 };
	const char *path, *question;
	enum caproof_status status;

	if (!uri_is_uri(text))
		return error_set(err, ERROR_USAGE_URI, "a PKCS#11 URI begins with 'pkcs11:'");
	if (strlen(text) > URI_TEXT_MAX)
		return error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI is longer than %d octets",
			URI_TEXT_MAX);
	path = text + sizeof("pkcs11:") - 1;
	question = strchr(path, '?');
	if (question == NULL)
		question = path + strlen(path);
	status = check_list(&check, span_of(path, (size_t)(question - path)), false, err);
	if (status == CAPROOF_OK && *question == '?')
		status = check_list(&check, span_of(question + 1, strlen(question + 1)), true, err);
	if (status == CAPROOF_OK)
		*parts = check.parts;
	return status;
}
