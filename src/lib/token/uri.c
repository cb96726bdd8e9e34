/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS#11 URIs: p11-kit decodes, matches and writes them, after uri_check has held
 * them against the grammar.  A pin-source is a file or nothing: RFC 7512's "|command"
 * is refused, and so is a path that depends on where one stands.
 */
#include "token/uri.h"

#include <errno.h>
#include <p11-kit/uri.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "token/uri_check.h"

struct uri {
	P11KitUri *p11;
	unsigned parts;
	const char *pin_path; /* into what p11 holds */
};

enum {
	NAMES_TOKEN = URI_TOKEN | URI_SERIAL | URI_MANUFACTURER | URI_MODEL | URI_SLOT_ID |
		URI_SLOT_DESCRIPTION | URI_SLOT_MAKER,
	NAMES_SLOT_TEXT = URI_SLOT_DESCRIPTION | URI_SLOT_MAKER,
	NAMES_LIBRARY = URI_LIBRARY | URI_LIBRARY_MAKER | URI_LIBRARY_VERSION
};

bool uri_is_uri(const char *text) {
	return strncasecmp(text, "pkcs11:", sizeof("pkcs11:") - 1) == 0;
}

static enum caproof_status check_pin_source(struct uri *uri, struct error *err) {
	const char *source = p11_kit_uri_get_pin_source(uri->p11);

	if (source == NULL)
		return CAPROOF_OK;
	if (*source == '|')
		return error_set(err, ERROR_USAGE_URI,
			"the pin-source of the PKCS#11 URI is a command, which caproof never runs");
	if (strncmp(source, "file://", 7) == 0 && source[7] == '/')
		source += 7;
	else if (strncmp(source, "file:", 5) == 0)
		source += 5;
	if (source[0] != '/' || source[1] == '/')
		return error_set(err, ERROR_USAGE_URI,
			"the pin-source of the PKCS#11 URI is not an absolute path");
	uri->pin_path = source;
	return CAPROOF_OK;
}

/* Without memory p11-kit 0.24 makes a URI without a list of attributes, and p11_kit_uri_parse
 * then follows NULL.  Nothing but errno tells. */
static P11KitUri *new_p11(void) {
	P11KitUri *p11;

	errno = 0;
	p11 = p11_kit_uri_new();
	if (errno != ENOMEM)
		return p11;
	p11_kit_uri_free(p11);
	return NULL;
}

/* Whether an object's part that stands in the text is missing in what was made of it. */
static bool lacks_part(const struct uri *uri) {
	static const struct { unsigned part; CK_ATTRIBUTE_TYPE type; } parts[] = {
		{ URI_ID, CKA_ID }, { URI_OBJECT, CKA_LABEL }, { URI_TYPE, CKA_CLASS },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if ((uri->parts & parts[i].part) != 0 &&
			p11_kit_uri_get_attribute(uri->p11, parts[i].type) == NULL)
			return true;
	return false;
}

static enum caproof_status decode(struct uri *uri, const char *text, struct error *err) {
	int result;

	uri->p11 = new_p11();
	if (uri->p11 == NULL)
		return error_memory(err);
	errno = 0;
	result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri->p11);
	/* Without memory p11-kit 0.24 says that a value is badly encoded, or drops a part and
	 * says that all is well: the URI would then name another key. */
	if (result == P11_KIT_URI_NO_MEMORY || errno == ENOMEM ||
		(result == P11_KIT_URI_OK && lacks_part(uri)))
		return error_memory(err);
	if (result == P11_KIT_URI_BAD_VERSION)
		return error_set(err, ERROR_USAGE_URI,
			"the library-version of the PKCS#11 URI is not a version like 2.6");
	/* The names were checked, so it is a value: the fields of a token are of fixed size, 32
	 * octets for a label. */
	if (result != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(uri->p11))
		return error_set(err, ERROR_USAGE_URI,
			"a value in the PKCS#11 URI is not valid, or longer than a token can have it");
	return check_pin_source(uri, err);
}

enum caproof_status uri_parse(const char *text, enum uri_scope scope, struct uri **out,
	struct error *err) {
	struct uri *uri = calloc(1, sizeof(*uri));
	enum caproof_status status;

	if (uri == NULL)
		return error_memory(err);
	status = uri_check(text, scope, &uri->parts, err);
	if (status == CAPROOF_OK)
		status = decode(uri, text, err);
	if (status != CAPROOF_OK) {
		uri_free(uri);
		return status;
	}
	*out = uri;
	return CAPROOF_OK;
}

void uri_free(struct uri *uri) {
	if (uri == NULL)
		return;
	p11_kit_uri_free(uri->p11);
	free(uri);
}

const char *uri_module_path(const struct uri *uri) {
	return p11_kit_uri_get_module_path(uri->p11);
}

const char *uri_pin_source(const struct uri *uri) {
	return uri->pin_path;
}

static struct span get_attribute(const struct uri *uri, CK_ATTRIBUTE_TYPE type) {
	const CK_ATTRIBUTE *attribute = p11_kit_uri_get_attribute(uri->p11, type);

	if (attribute == NULL)
		return span_of(NULL, 0);
	return span_of(attribute->pValue, attribute->ulValueLen);
}

struct span uri_id(const struct uri *uri) {
	return get_attribute(uri, CKA_ID);
}

struct span uri_token(const struct uri *uri) {
	const CK_TOKEN_INFO *info = p11_kit_uri_get_token_info(uri->p11);
	size_t len = info->label[0] != '\0' ? sizeof(info->label) : 0;

	while (len > 0 && info->label[len - 1] == ' ')
		len--;
	return span_of(info->label, len);
}

struct span uri_object(const struct uri *uri) {
	return get_attribute(uri, CKA_LABEL);
}

CK_OBJECT_CLASS uri_type(const struct uri *uri) {
	struct span value = get_attribute(uri, CKA_CLASS);
	CK_OBJECT_CLASS type = (CK_OBJECT_CLASS)-1;

	if (value.len == sizeof(type))
		memcpy(&type, value.data, sizeof(type));
	return type;
}

/* Some modules pad with NUL where the standard says blanks. */
static void pad(unsigned char *text, size_t len) {
	unsigned char *end = memchr(text, '\0', len);

	if (end != NULL)
		memset(end, ' ', len - (size_t)(end - text));
}

static void pad_token(CK_TOKEN_INFO *info) {
	pad(info->label, sizeof(info->label));
	pad(info->manufacturerID, sizeof(info->manufacturerID));
	pad(info->model, sizeof(info->model));
	pad(info->serialNumber, sizeof(info->serialNumber));
}

static bool matches_slot(const struct uri *uri, const struct token *token) {
	CK_SLOT_INFO info;

	if ((uri->parts & URI_SLOT_ID) != 0 && p11_kit_uri_get_slot_id(uri->p11) != token->slot)
		return false;
	if ((uri->parts & NAMES_SLOT_TEXT) == 0)
		return true;
	return token->module != NULL &&
		module_functions(token->module)->C_GetSlotInfo(token->slot, &info) == CKR_OK &&
		p11_kit_uri_match_slot_info(uri->p11, &info) == 1;
}

static bool matches_library(const struct uri *uri, const struct token *token) {
	const CK_INFO *info;

	if ((uri->parts & NAMES_LIBRARY) == 0)
		return true;
	info = token->module != NULL ? module_info(token->module) : NULL;
	return info != NULL && p11_kit_uri_match_module_info(uri->p11, info) == 1;
}

bool uri_matches_token(const struct uri *uri, const struct token *token) {
	CK_TOKEN_INFO info = token->info;

	pad_token(&info);
	return p11_kit_uri_match_token_info(uri->p11, &info) == 1 && matches_slot(uri, token) &&
		matches_library(uri, token);
}

bool uri_names_token(const struct uri *uri) {
	return (uri->parts & NAMES_TOKEN) != 0;
}

static bool set_attribute(P11KitUri *p11, CK_ATTRIBUTE_TYPE type, struct span value) {
	/* What cannot be written in a URI that is read back strictly is left out. */
	if (value.len == 0 || (type == CKA_LABEL && memchr(value.data, '\0', value.len) != NULL))
		return true;
	return p11_kit_uri_set_attribute(p11,
		&(CK_ATTRIBUTE){ type, (void *)value.data, value.len }) == P11_KIT_URI_OK;
}

static bool set_type(P11KitUri *p11, const char *type) {
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;

	if (type == NULL)
		return true;
	if (strcmp(type, "public") == 0)
		class = CKO_PUBLIC_KEY;
	else if (strcmp(type, "cert") == 0)
		class = CKO_CERTIFICATE;
	return set_attribute(p11, CKA_CLASS, span_of(&class, sizeof(class)));
}

/* p11-kit leaves out a field that begins with NUL; a blank one would be "token=". */
static void set_token(P11KitUri *p11, const CK_TOKEN_INFO *from) {
	CK_TOKEN_INFO *info = p11_kit_uri_get_token_info(p11);
	struct { unsigned char *text; size_t len; } fields[] = {
		{ info->label, sizeof(info->label) },
		{ info->manufacturerID, sizeof(info->manufacturerID) },
		{ info->model, sizeof(info->model) },
		{ info->serialNumber, sizeof(info->serialNumber) },
	};

	*info = *from;
	pad_token(info);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t used = fields[i].len;

		while (used > 0 && fields[i].text[used - 1] == ' ')
			used--;
		if (used == 0)
			fields[i].text[0] = '\0';
	}
}

char *uri_format(const struct token *token, const char *type, struct span id, struct span label) {
	P11KitUri *p11 = new_p11();
	char *made = NULL, *copy = NULL;

	if (p11 == NULL)
		return NULL;
	set_token(p11, &token->info);
	if (set_attribute(p11, CKA_ID, id) && set_attribute(p11, CKA_LABEL, label) &&
		set_type(p11, type) && p11_kit_uri_format(p11,
			P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &made) == P11_KIT_URI_OK)
		copy = strdup(made);
	free(made);
	p11_kit_uri_free(p11);
	return copy;
}
