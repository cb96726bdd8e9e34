/* SPDX-License-Identifier: Apache-2.0
 *
 * The extensions of what caproof signs.
 */
#include "x509/extensions.h"

#include <string.h>

#include <openssl/x509v3.h>

#include "x509/key.h"

#define CRITICAL 1

static bool add(STACK_OF(X509_EXTENSION) **list, int nid, void *value, int critical) {
	return value != NULL && X509V3_add1_i2d(list, nid, value, critical, X509V3_ADD_APPEND) == 1;
}

static bool add_basic_constraints(const struct tbs *tbs, STACK_OF(X509_EXTENSION) **list) {
	BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
	bool done = constraints != NULL;

	if (done && tbs->is_ca) {
		constraints->ca = 0xff;
		if (tbs->path_len >= 0) {
			constraints->pathlen = ASN1_INTEGER_new();
			done = constraints->pathlen != NULL &&
				ASN1_INTEGER_set(constraints->pathlen, tbs->path_len) == 1;
		}
	}
	done = done && add(list, NID_basic_constraints, constraints, CRITICAL);
	BASIC_CONSTRAINTS_free(constraints);
	return done;
}

/* RFC 5280 4.2.1.3: digitalSignature (0), keyCertSign (5), cRLSign (6). */
static bool add_key_usage(const struct tbs *tbs, STACK_OF(X509_EXTENSION) **list) {
	ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	bool done = usage != NULL && (tbs->is_ca ?
		ASN1_BIT_STRING_set_bit(usage, 5, 1) == 1 && ASN1_BIT_STRING_set_bit(usage, 6, 1) == 1 :
		ASN1_BIT_STRING_set_bit(usage, 0, 1) == 1) && add(list, NID_key_usage, usage, CRITICAL);

	ASN1_BIT_STRING_free(usage);
	return done;
}

static bool add_subject_key_id(struct span id, STACK_OF(X509_EXTENSION) **list) {
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	bool done = value != NULL && ASN1_OCTET_STRING_set(value, id.data, (int)id.len) == 1 &&
		add(list, NID_subject_key_identifier, value, 0);

	ASN1_OCTET_STRING_free(value);
	return done;
}

static bool add_authority_key_id(struct span id, STACK_OF(X509_EXTENSION) **list) {
	AUTHORITY_KEYID *value = AUTHORITY_KEYID_new();
	bool done = false;

	if (value != NULL) {
		value->keyid = ASN1_OCTET_STRING_new();
		done = value->keyid != NULL &&
			ASN1_OCTET_STRING_set(value->keyid, id.data, (int)id.len) == 1 &&
			add(list, NID_authority_key_identifier, value, 0);
	}
	AUTHORITY_KEYID_free(value);
	return done;
}

static bool add_san_uri(const char *uri, STACK_OF(X509_EXTENSION) **list) {
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	bool done = false;

	if (names == NULL || name == NULL || text == NULL ||
		ASN1_STRING_set(text, uri, (int)strlen(uri)) != 1)
		goto out;
	GENERAL_NAME_set0_value(name, GEN_URI, text);
	text = NULL;
	if (sk_GENERAL_NAME_push(names, name) == 0)
		goto out;
	name = NULL;
	done = add(list, NID_subject_alt_name, names, 0);
out:
	ASN1_IA5STRING_free(text);
	GENERAL_NAME_free(name);
	GENERAL_NAMES_free(names);
	return done;
}

enum caproof_status extensions_build(const struct tbs *tbs,
	STACK_OF(X509_EXTENSION) **extensions, struct error *err) {
	unsigned char computed[20];
	struct span ski = tbs->subject_key_id;
	enum caproof_status status;

	if (ski.len == 0) {
		status = key_identifier(tbs->spki, computed, err);
		if (status != CAPROOF_OK)
			return status;
		ski = span_of(computed, sizeof(computed));
	}
	if (!add_basic_constraints(tbs, extensions) || !add_key_usage(tbs, extensions) ||
		!add_subject_key_id(ski, extensions) ||
		(tbs->authority_key_id.len > 0 &&
			!add_authority_key_id(tbs->authority_key_id, extensions)) ||
		(tbs->san_uri != NULL && !add_san_uri(tbs->san_uri, extensions)))
		return crypto_error(err, "build the certificate's extensions");
	return CAPROOF_OK;
}
