/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a distinguished name strictly: a CA's name lasts as long as its devices, so a
 * name that could be meant in two ways is refused, with the place.  No attribute by OID,
 * no #hex values, no several attributes in one RDN: what platforms show and compare
 * wrongly has no place in a CA's name.
 */
#include "x509/name.h"

#include <string.h>
#include <strings.h>

#include <openssl/x509.h>

#include "base/text.h"
#include "x509/key.h"

#define RDN_MAX 16
#define VALUE_MAX 512 /* octets; the longest bound below is 128 characters */

/* Upper bounds in characters (RFC 5280 appendix A.1; UID, DC and STREET have none there). */
static const struct attribute {
	const char *name;
	int nid, type; /* type 0: PrintableString, else UTF8String */
	size_t max;
} attributes[] = {
	{ "CN", NID_commonName, 0, 64 },
	{ "L", NID_localityName, 0, 128 },
	{ "ST", NID_stateOrProvinceName, 0, 128 },
	{ "O", NID_organizationName, 0, 64 },
	{ "OU", NID_organizationalUnitName, 0, 64 },
	{ "C", NID_countryName, V_ASN1_PRINTABLESTRING, 2 },
	{ "STREET", NID_streetAddress, 0, 128 },
	{ "DC", NID_domainComponent, V_ASN1_IA5STRING, 63 },
	{ "UID", NID_userId, 0, 128 },
	{ "serialNumber", NID_serialNumber, V_ASN1_PRINTABLESTRING, 64 },
};

struct rdn {
	const struct attribute *attribute;
	unsigned char value[VALUE_MAX];
	size_t len;
};

struct reader {
	const char *text, *at;
	struct error *err;
};

static enum caproof_status wrong_at(const struct reader *r, const char *at, const char *what,
	const char *hint) {
	error_set(r->err, ERROR_USAGE, "cannot read the subject at octet %zu: %s",
		(size_t)(at - r->text) + 1, what);
	error_hint(r->err, "%s", hint);
	return error_status(r->err);
}

static enum caproof_status wrong(const struct reader *r, const char *what, const char *hint) {
	return wrong_at(r, r->at, what, hint);
}

#define SHAPE "a subject looks like 'CN=Example Root,O=Example,C=DE' (RFC 4514)"
#define BLANKS "leave out the blanks beside ',' and '='; one that belongs to a value is '\\ '"
#define KINDS "take CN, O, OU, C, ST, L, STREET, DC, UID or serialNumber"

static enum caproof_status read_type(struct reader *r, const struct attribute **out) {
	size_t len = strcspn(r->at, "=,+;");

	if (*r->at == ' ')
		return wrong(r, "there is a blank before an attribute", BLANKS);
	if (len == 0 || r->at[len] != '=')
		return wrong(r, "an attribute and '=' are missing", SHAPE);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strlen(attributes[i].name) == len && strncasecmp(attributes[i].name, r->at, len) == 0) {
			*out = &attributes[i];
			r->at += len + 1;
			return CAPROOF_OK;
		}
	}
	return wrong(r, "there is no such attribute in a CA's name", KINDS);
}

static int hex_digit(char c) {
	const char *digits = "0123456789abcdef", *at;

	at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* RFC 4514 3: pair = ESC ( ESC / special / hexpair ). */
static enum caproof_status read_escape(struct reader *r, unsigned char *out) {
	int high, low;

	if (r->at[1] != '\0' && strchr("\\\"+,;<> #=", r->at[1]) != NULL) {
		*out = (unsigned char)r->at[1];
		r->at += 2;
		return CAPROOF_OK;
	}
	high = hex_digit(r->at[1]);
	low = high >= 0 ? hex_digit(r->at[2]) : -1;
	if (low < 0)
		return wrong(r, "'\\' stands before what needs no escape",
			"'\\' stands before one of \\ \" + , ; < > # = and blank, or two hexadecimal digits");
	*out = (unsigned char)(high << 4 | low);
	r->at += 3;
	return CAPROOF_OK;
}

static enum caproof_status read_octet(struct reader *r, bool first, unsigned char *out) {
	char c = *r->at;

	if (c == '\\')
		return read_escape(r, out);
	if (c == '+')
		return wrong(r, "'+' would put two attributes into one part of the name",
			"write '\\+' for the character, or ',' between the attributes");
	if (strchr("\";<>", c) != NULL)
		return wrong(r, "this character has to be escaped", "write '\\' before it");
	if (first && c == '#')
		return wrong(r, "'#' begins a value in hexadecimal, which is not taken",
			"write '\\#' for the character");
	if (c == ' ' && (first || r->at[1] == ',' || r->at[1] == '\0'))
		return wrong(r, "there is a blank at the end of a value", BLANKS);
	*out = (unsigned char)c;
	r->at++;
	return CAPROOF_OK;
}

static enum caproof_status check_value(const struct reader *r, const char *from,
	const struct rdn *rdn) {
	size_t characters = 0;

	if (rdn->len == 0)
		return wrong_at(r, from, "the value is empty", "leave the attribute out");
	if (!text_is_utf8(rdn->value, rdn->len))
		return wrong_at(r, from, "the value is not UTF-8", "write it in a UTF-8 terminal");
	for (size_t pos = 0; pos < rdn->len; characters++)
		if (text_is_hidden(text_next(rdn->value, rdn->len, &pos)))
			return wrong_at(r, from, "the value has a character that cannot be seen",
				"type the value instead of pasting it");
	if (characters > rdn->attribute->max)
		return wrong_at(r, from, "the value is longer than RFC 5280 allows for this attribute",
			"64 characters for most, 128 for ST, L and STREET, 63 for DC, 2 for C");
	if (rdn->attribute->nid == NID_countryName && (rdn->len != 2 ||
		strspn((const char *)rdn->value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < 2))
		return wrong_at(r, from, "a country is two capital letters", "as in C=DE (ISO 3166)");
	if (rdn->attribute->type == V_ASN1_PRINTABLESTRING &&
		ASN1_PRINTABLE_type(rdn->value, (int)rdn->len) != V_ASN1_PRINTABLESTRING)
		return wrong_at(r, from, "this attribute takes letters, digits and ' ( ) + , - . / : = ? "
			"only", "change the value");
	if (rdn->attribute->type == V_ASN1_IA5STRING && characters != rdn->len)
		return wrong_at(r, from, "this attribute takes ASCII only", "write the name in punycode");
	return CAPROOF_OK;
}

static enum caproof_status read_rdn(struct reader *r, struct rdn *rdn) {
	enum caproof_status status = read_type(r, &rdn->attribute);
	const char *from = r->at;

	rdn->len = 0;
	while (status == CAPROOF_OK && *r->at != ',' && *r->at != '\0') {
		if (rdn->len == VALUE_MAX - 1)
			return wrong_at(r, from, "the value is too long", "shorten it");
		status = read_octet(r, rdn->len == 0, &rdn->value[rdn->len]);
		rdn->len++;
	}
	if (status != CAPROOF_OK)
		return status;
	rdn->value[rdn->len] = '\0';
	return check_value(r, from, rdn);
}

/* Appended before the parts that were read earlier: a Name has the most special one last
 * (RFC 4514 2.1). */
static bool prepend(X509_NAME *name, const struct rdn *rdn) {
	int type = rdn->attribute->type;

	if (type == 0)
		type = ASN1_PRINTABLE_type(rdn->value, (int)rdn->len) == V_ASN1_PRINTABLESTRING ?
			V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
	return X509_NAME_add_entry_by_NID(name, rdn->attribute->nid, type, rdn->value, (int)rdn->len,
		0, 0) == 1;
}

static enum caproof_status read_all(struct reader *r, X509_NAME *name) {
	bool common_name = false;
	struct rdn rdn;

	for (size_t n = 0;; n++) {
		const char *from = r->at;
		enum caproof_status status = read_rdn(r, &rdn);

		if (status != CAPROOF_OK)
			return status;
		if (n == RDN_MAX)
			return wrong_at(r, from, "there are too many parts", "shorten the subject");
		if (rdn.attribute->nid == NID_commonName && common_name)
			return wrong_at(r, from, "there is a CN already", "give one CN; OU can be repeated");
		common_name |= rdn.attribute->nid == NID_commonName;
		if (!prepend(name, &rdn))
			return crypto_error(r->err, "build the subject");
		if (*r->at == '\0')
			return CAPROOF_OK;
		r->at++;
	}
}

enum caproof_status name_parse(const char *text, struct bytes *out, struct error *err) {
	struct reader r = { text, text, err };
	X509_NAME *name = X509_NAME_new();
	const unsigned char *der;
	size_t len;
	enum caproof_status status;

	if (name == NULL)
		return error_memory(err);
	status = read_all(&r, name);
	if (status == CAPROOF_OK && X509_NAME_get0_der(name, &der, &len) != 1)
		status = crypto_error(err, "encode the subject");
	if (status == CAPROOF_OK)
		status = bytes_copy(out, der, len, err);
	X509_NAME_free(name);
	return status;
}
