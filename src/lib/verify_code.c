/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the code is in its place in a certificate: alone there, and the same octets.
 * Nothing is folded, trimmed or normalized: a code that differs in case or by a space is
 * another code.  What kind of difference it is, is said.
 */
#include "verify_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/text.h"

#define ID "proof.code"
#define SOURCE_CN "the platform's form of proof: the Common Name is the code"
#define SOURCE_SAN "the platform's form of proof: a URI made from the code"
#define WAY_OUT "make a new proof for exactly this code with 'caproof sign'"
#define SAFE 256 /* octets of a foreign text that a message shows */

/* Octets of A that are no white space, and those of B, are the same. */
static bool same_without_spaces(struct span a, struct span b) {
	size_t i = 0, j = 0;

	while (i < a.len || j < b.len) {
		if (i < a.len && isspace(a.data[i])) {
			i++;
			continue;
		}
		if (j < b.len && isspace(b.data[j])) {
			j++;
			continue;
		}
		if (i == a.len || j == b.len || a.data[i++] != b.data[j++])
			return false;
	}
	return true;
}

/* How what was FOUND differs from the CODE, to stand behind "not the code". */
static const char *difference(struct span found, struct span code) {
	if (found.len == code.len &&
		strncasecmp((const char *)found.data, (const char *)code.data, code.len) == 0)
		return ": they differ in upper and lower case";
	if (same_without_spaces(found, code))
		return ": they differ in white space";
	return "";
}

static enum caproof_status compare(struct proof_view *v, struct span found, const char *place,
	const char *source, struct error *err) {
	const char *code = v->input->code;
	char shown[SAFE];

	text_safe(shown, sizeof(shown), found.data, found.len);
	if (code == NULL)
		return HOLDS(v, ID, source, "%s is '%s'; no code was given to compare it with", place,
			shown);
	if (span_equal(found, span_of(code, strlen(code))))
		return HOLDS(v, ID, source, "%s is the code, octet by octet", place);
	return REFUSES(v, ID, source, WAY_OUT, "%s is '%s', not the code%s", place, shown,
		difference(found, span_of(code, strlen(code))));
}

/* --- in the subject ------------------------------------------------------------------ */

/* How many Common Names there are; *AT is the first one's place. */
static unsigned count_names(X509_NAME *subject, int *at) {
	unsigned count = 0;

	*at = -1;
	for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0; count++)
		*at = *at < 0 ? i : *at;
	return count;
}

/* Whether the entry's RDN has others in it: servers disagree on what the name is then. */
static bool is_shared(X509_NAME *subject, int at) {
	int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(subject, at));

	for (int i = 0; i < X509_NAME_entry_count(subject); i++)
		if (i != at && X509_NAME_ENTRY_set(X509_NAME_get_entry(subject, i)) == set)
			return true;
	return false;
}

/* Whether the same characters stand there in other octets, UTF-16 for instance. */
static bool is_recoded(const struct proof_view *v, const ASN1_STRING *name, struct span text) {
	const char *code = v->input->code;
	struct span octets = span_of(ASN1_STRING_get0_data(name), (size_t)ASN1_STRING_length(name));

	return code != NULL && span_equal(text, span_of(code, strlen(code))) &&
		!span_equal(text, octets);
}

static enum caproof_status compare_name(struct proof_view *v, X509_NAME *subject, int at,
	struct error *err) {
	const ASN1_STRING *name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	unsigned char *text = NULL;
	int len;
	enum caproof_status status;

	ERR_set_mark();
	len = ASN1_STRING_to_UTF8(&text, name);
	ERR_pop_to_mark();
	if (len < 0)
		return REFUSES(v, ID, SOURCE_CN, WAY_OUT, "the Common Name is no text");
	if (is_recoded(v, name, span_of(text, (size_t)len)))
		status = REFUSES(v, ID, SOURCE_CN, WAY_OUT, "the Common Name is the code in other octets "
			"(%s), not octet by octet", ASN1_tag2str(ASN1_STRING_type(name)));
	else
		status = compare(v, span_of(text, (size_t)len), "the Common Name", SOURCE_CN, err);
	OPENSSL_free(text);
	return status;
}

static enum caproof_status check_common_name(struct proof_view *v, struct error *err) {
	X509_NAME *subject = X509_get_subject_name(v->cert);
	int at;
	unsigned count = count_names(subject, &at);

	if (count == 0)
		return REFUSES(v, ID, SOURCE_CN, WAY_OUT, "the subject has no Common Name");
	if (count > 1)
		return REFUSES(v, ID, SOURCE_CN, WAY_OUT,
			"the subject has %u Common Names instead of one", count);
	if (is_shared(subject, at))
		return REFUSES(v, ID, SOURCE_CN, WAY_OUT,
			"the Common Name shares its place in the subject with another attribute");
	return compare_name(v, subject, at, err);
}

/* --- in a subject alternative name --------------------------------------------------- */

static enum caproof_status check_uri(struct proof_view *v, const GENERAL_NAMES *names,
	struct error *err) {
	const char *prefix = platform_san_prefix(v->input->platform);
	const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, 0);
	char shown[SAFE];
	struct span uri;

	if (sk_GENERAL_NAME_num(names) != 1)
		return REFUSES(v, ID, SOURCE_SAN, WAY_OUT,
			"there are %d subject alternative names instead of one", sk_GENERAL_NAME_num(names));
	if (name->type != GEN_URI)
		return REFUSES(v, ID, SOURCE_SAN, WAY_OUT, "the subject alternative name is no URI");
	uri = span_of(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
		(size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier));
	if (uri.len <= strlen(prefix) || memcmp(uri.data, prefix, strlen(prefix)) != 0)
		return REFUSES(v, ID, SOURCE_SAN, WAY_OUT, "the URI '%s' does not begin with '%s'",
			text_safe(shown, sizeof(shown), uri.data, uri.len), prefix);
	return compare(v, span_of(uri.data + strlen(prefix), uri.len - strlen(prefix)),
		"what follows the prefix in the URI", SOURCE_SAN, err);
}

static enum caproof_status check_san(struct proof_view *v, struct error *err) {
	GENERAL_NAMES *names;
	int critical;
	enum caproof_status status;

	ERR_set_mark();
	names = X509_get_ext_d2i(v->cert, NID_subject_alt_name, &critical, NULL);
	ERR_pop_to_mark();
	if (names == NULL)
		return REFUSES(v, ID, SOURCE_SAN, WAY_OUT, critical == -1 ?
			"there is no subject alternative name" :
			"the subject alternative name is there twice, or cannot be read");
	if (critical != 0)
		status = REFUSES(v, ID, SOURCE_SAN, WAY_OUT, "the subject alternative name is critical");
	else
		status = check_uri(v, names, err);
	GENERAL_NAMES_free(names);
	return status;
}

enum caproof_status verify_code_place(struct proof_view *v, struct error *err) {
	if (platform_form(v->input->platform) == FORM_CERTIFICATE_SAN_URI)
		return check_san(v, err);
	return check_common_name(v, err);
}
