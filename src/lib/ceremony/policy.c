/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a policy, which people write, and its roster.
 */
#include "ceremony/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "x509/document.h"

static const char *const roles[] = { "requester", "officer", "operator", "witness", NULL };

const char *ceremony_role_name(enum ceremony_role role) {
	return roles[role];
}

bool ceremony_role_parse(const char *name, enum ceremony_role *out) {
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(roles[i], name) == 0) {
			*out = (enum ceremony_role)i;
			return true;
		}
	}
	return false;
}

bool ceremony_is_member_name(const char *name) {
	return strchr("-_.", name[0]) == NULL && strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(name);
}

static enum caproof_status read_certificate(const struct bundle *bundle,
	struct ceremony_member *member, struct error *err) {
	struct document document = { 0 };
	char path[200];
	const unsigned char *p;
	enum caproof_status status;

	snprintf(path, sizeof(path), "roster/%s.pem", member->name);
	status = bundle_read(bundle, path, &member->pem, err);
	if (status == CAPROOF_OK)
		status = document_parse(bytes_span(&member->pem), path, &document_ca, &document, err);
	if (status == CAPROOF_OK) {
		p = document.der.data;
		member->cert = d2i_X509(NULL, &p, (long)document.der.len);
		if (member->cert == NULL || !document.pem)
			status = error_set(err, ERROR_POLICY, "'%s' is no PEM certificate", path);
	}
	document_clear(&document);
	return status;
}

static enum caproof_status hash_key(struct ceremony_member *member, struct error *err) {
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(member->cert), &der);
	enum caproof_status status = len > 0 ?
		sha256_hex(span_of(der, (size_t)len), member->spki_sha256, err) :
		crypto_error(err, "encode a member's public key");

	OPENSSL_free(der);
	return status;
}

static enum caproof_status check_certificate(const struct json_place *place,
	struct ceremony_member *member, const char *wanted, struct error *err) {
	unsigned char *der = NULL;
	int len = i2d_X509(member->cert, &der);
	enum caproof_status status = len > 0 ?
		sha256_hex(span_of(der, (size_t)len), member->cert_sha256, err) :
		crypto_error(err, "encode a member's certificate");

	OPENSSL_free(der);
	if (status != CAPROOF_OK)
		return status;
	if (strcmp(member->cert_sha256, wanted) != 0)
		return json_fail(place, "cert_sha256", err, "is not that of the certificate in "
			"roster/%s.pem: %s", member->name, member->cert_sha256);
	return hash_key(member, err);
}

static bool is_taken(const struct ceremony_policy *policy, const char *name) {
	for (size_t i = 0; i < policy->members_count; i++)
		if (strcmp(policy->members[i].name, name) == 0)
			return true;
	return false;
}

static enum caproof_status read_member(struct ceremony_policy *policy,
	const struct bundle *bundle, const struct json_place *place, struct error *err) {
	static const char *const keys[] = { "name", "role", "cert_sha256", NULL };
	struct ceremony_member *member = &policy->members[policy->members_count];
	const char *name = NULL, *sha256 = NULL;
	size_t role = 0;
	enum caproof_status status;

	if ((status = json_only(place, keys, err)) != CAPROOF_OK ||
		(status = json_read_string(place, "name", JSON_REQUIRED, 64, &name, err)) != CAPROOF_OK ||
		(status = json_read_word(place, "role", JSON_REQUIRED, roles, &role, err)) != CAPROOF_OK ||
		(status = json_read_string(place, "cert_sha256", JSON_REQUIRED, 64, &sha256, err)) !=
		CAPROOF_OK)
		return status;
	if (!ceremony_is_member_name(name))
		return json_fail(place, "name", err, "is no name: it begins with a letter or digit and has "
			"only these, '-', '_' and '.' in it, for it becomes the name of files");
	if (is_taken(policy, name))
		return json_fail(place, "name", err, "is that of two members: a person in two roles has "
			"two names, and may have one certificate");
	member->name = strdup(name);
	if (member->name == NULL)
		return error_memory(err);
	member->role = (enum ceremony_role)role;
	policy->members_count++;
	status = read_certificate(bundle, member, err);
	return status == CAPROOF_OK ? check_certificate(place, member, sha256, err) : status;
}

static enum caproof_status read_members(struct ceremony_policy *policy,
	const struct bundle *bundle, const struct json_place *top, struct error *err) {
	struct json_place list, member;
	size_t count = 0;
	enum caproof_status status = json_read_array(top, "members", JSON_REQUIRED,
		POLICY_MEMBERS_MAX, &list, &count, err);

	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		status = json_read_object_at(&list, i, &member, err);
		if (status == CAPROOF_OK)
			status = read_member(policy, bundle, &member, err);
	}
	return status;
}

static enum caproof_status read_approve(struct ceremony_policy *policy,
	const struct json_place *top, struct error *err) {
	static const char *const keys[] = { "threshold", "veto", "max_age_hours", NULL };
	struct json_place approve;
	long long threshold = 0, hours = 0;
	enum caproof_status status;

	if ((status = json_read_object(top, "approve", JSON_REQUIRED, &approve, err)) != CAPROOF_OK ||
		(status = json_only(&approve, keys, err)) != CAPROOF_OK ||
		(status = json_read_number(&approve, "threshold", JSON_REQUIRED, 0, POLICY_MEMBERS_MAX,
			&threshold, err)) != CAPROOF_OK ||
		(status = json_read_flag(&approve, "veto", JSON_REQUIRED, &policy->veto, err)) !=
		CAPROOF_OK ||
		(status = json_read_number(&approve, "max_age_hours", JSON_REQUIRED, 1, 24 * 366, &hours,
			err)) != CAPROOF_OK)
		return status;
	policy->threshold = (long)threshold;
	policy->max_age_hours = (long)hours;
	return CAPROOF_OK;
}

static enum caproof_status read_pair(struct ceremony_policy *policy,
	const struct json_place *list, size_t index, struct error *err) {
	struct json_place pair = json_at(list, index);
	const char *a = NULL, *b = NULL;
	enum ceremony_role x, y;

	if (json_count(&pair) != 2 ||
		json_read_string_at(&pair, 0, 16, &a, err) != CAPROOF_OK ||
		json_read_string_at(&pair, 1, 16, &b, err) != CAPROOF_OK ||
		!ceremony_role_parse(a, &x) || !ceremony_role_parse(b, &y) || x == y)
		return err->id != ERROR_NONE ? error_status(err) :
			json_fail(&pair, NULL, err, "is no pair of two different roles");
	policy->separate[policy->separate_count].a = x;
	policy->separate[policy->separate_count++].b = y;
	return CAPROOF_OK;
}

static enum caproof_status read_separate(struct ceremony_policy *policy,
	const struct json_place *top, struct error *err) {
	struct json_place list;
	size_t count = 0;
	enum caproof_status status = json_is_empty_array(top, "separate") ? CAPROOF_OK :
		json_read_array(top, "separate", JSON_OPTIONAL, POLICY_PAIRS_MAX, &list, &count, err);

	for (size_t i = 0; status == CAPROOF_OK && i < count; i++)
		status = read_pair(policy, &list, i, err);
	return status;
}

static enum caproof_status read_seal(struct ceremony_policy *policy,
	const struct json_place *top, struct error *err) {
	static const char *const keys[] = { "operator", "witness", NULL };
	struct json_place seal;
	long long operators = 0, witnesses = 0;
	enum caproof_status status;

	if ((status = json_read_object(top, "seal", JSON_REQUIRED, &seal, err)) != CAPROOF_OK ||
		(status = json_only(&seal, keys, err)) != CAPROOF_OK ||
		(status = json_read_number(&seal, "operator", JSON_OPTIONAL, 0, 1, &operators, err)) !=
		CAPROOF_OK ||
		(status = json_read_number(&seal, "witness", JSON_OPTIONAL, 0, 1, &witnesses, err)) !=
		CAPROOF_OK)
		return status;
	policy->seal[ROLE_OPERATOR] = operators == 1;
	policy->seal[ROLE_WITNESS] = witnesses == 1;
	if (operators == 1 || witnesses == 1)
		return CAPROOF_OK;
	return json_fail(&seal, NULL, err, "lets nobody seal the record: the operator or the "
		"witness must");
}

/* Distinct means distinct keys, not names. */
static enum caproof_status check_separate(const struct ceremony_policy *policy,
	struct error *err) {
	for (size_t i = 0; i < policy->members_count; i++) {
		for (size_t j = i + 1; j < policy->members_count; j++) {
			const struct ceremony_member *a = &policy->members[i], *b = &policy->members[j];

			if (strcmp(a->spki_sha256, b->spki_sha256) != 0)
				continue;
			if (a->role == b->role)
				return error_set(err, ERROR_POLICY, "members '%s' and '%s' have the same key and "
					"the same role", a->name, b->name);
			for (size_t k = 0; k < policy->separate_count; k++)
				if ((policy->separate[k].a == a->role && policy->separate[k].b == b->role) ||
					(policy->separate[k].a == b->role && policy->separate[k].b == a->role))
					return error_set(err, ERROR_POLICY, "members '%s' and '%s' have the same key, "
						"and roles that one person may not hold", a->name, b->name);
		}
	}
	return CAPROOF_OK;
}

/* What nobody can ever fulfil is found when it is planned, not in the room. */
static enum caproof_status check_enough(const struct ceremony_policy *policy,
	struct error *err) {
	long named[ROLE_COUNT] = { 0 };

	for (size_t i = 0; i < policy->members_count; i++)
		named[policy->members[i].role]++;
	if (named[ROLE_OFFICER] < policy->threshold)
		return error_set(err, ERROR_POLICY, "the policy asks for %ld approvals and names %ld "
			"officers", policy->threshold, named[ROLE_OFFICER]);
	for (enum ceremony_role role = 0; role < ROLE_COUNT; role++)
		if (policy->seal[role] && named[role] == 0)
			return error_set(err, ERROR_POLICY, "the policy asks for the seal of the %s and names "
				"none", ceremony_role_name(role));
	return CAPROOF_OK;
}

static enum caproof_status read_all(struct ceremony_policy *policy, const struct bundle *bundle,
	const struct json_place *top, struct error *err) {
	static const char *const keys[] = { "format", "name", "approve", "separate", "seal", "members",
		NULL };
	static const char *const formats[] = { "caproof/policy/1", NULL };
	const char *name = NULL;
	size_t format;
	enum caproof_status status;

	if ((status = json_only(top, keys, err)) != CAPROOF_OK ||
		(status = json_read_word(top, "format", JSON_REQUIRED, formats, &format, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(top, "name", JSON_REQUIRED, 200, &name, err)) != CAPROOF_OK)
		return status;
	policy->name = strdup(name);
	if (policy->name == NULL)
		return error_memory(err);
	if ((status = read_approve(policy, top, err)) != CAPROOF_OK ||
		(status = read_separate(policy, top, err)) != CAPROOF_OK ||
		(status = read_seal(policy, top, err)) != CAPROOF_OK ||
		(status = read_members(policy, bundle, top, err)) != CAPROOF_OK ||
		(status = check_separate(policy, err)) != CAPROOF_OK)
		return status;
	return check_enough(policy, err);
}

enum caproof_status policy_parse(struct span text, const struct bundle *bundle,
	struct ceremony_policy *out, struct error *err) {
	struct json_document document = JSON_DOCUMENT_INIT;
	struct json_place top, first = { .key = NULL };
	enum caproof_status status;

	memset(out, 0, sizeof(*out));
	if ((status = sha256_hex(text, out->sha256, err)) != CAPROOF_OK ||
		(status = bytes_copy(&out->text, text.data, text.len, err)) != CAPROOF_OK)
		return status;
	status = json_parse(text, BUNDLE_FILE_MAX, "policy.json", ERROR_POLICY, &document, err);
	if (status != CAPROOF_OK)
		return status;
	top = json_top(&document);
	if (json_has_sign(&document) || !json_next(&top, &first) || strcmp(first.key, "format") != 0)
		status = error_set(err, ERROR_POLICY, "policy.json does not begin with its format, or has "
			"a number with a sign");
	else
		status = read_all(out, bundle, &top, err);
	json_clear(&document);
	return status;
}

void policy_clear(struct ceremony_policy *policy) {
	bytes_clear(&policy->text);
	free(policy->name);
	for (size_t i = 0; i < policy->members_count; i++) {
		free(policy->members[i].name);
		X509_free(policy->members[i].cert);
		bytes_clear(&policy->members[i].pem);
	}
	memset(policy, 0, sizeof(*policy));
}
