/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading plan.json: strictly, for it may come from anybody.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "ceremony/plan_internal.h"
#include "token/uri.h"

static const char *const forms[] = { "certificate-cn", "certificate-san-uri", "signature", NULL };

enum caproof_status ceremony_time_read(const struct json_place *object, const char *key,
	enum json_need need, time_t *out, struct error *err) {
	const char *text = NULL;
	char again[TEXT_TIME_SIZE];
	time_t when;
	enum caproof_status status = json_read_string(object, key, need, 20, &text, err);

	if (status != CAPROOF_OK || text == NULL)
		return status;
	if (!text_time_parse(text, &when) || strcmp(text_time(again, when), text) != 0)
		return json_fail(object, key, err, "a time looks like 2026-12-31T23:59:59Z");
	*out = when;
	return CAPROOF_OK;
}

static enum caproof_status text(const struct json_place *object, const char *key,
	enum json_need need, size_t max, const char **out, struct error *err) {
	return json_read_string(object, key, need, max, out, err);
}

/* LEN lower-case hexadecimal digits. */
static enum caproof_status read_hex(const struct json_place *object, const char *key,
	enum json_need need, size_t len, const char **out, struct error *err) {
	enum caproof_status status = text(object, key, need, len, out, err);

	if (status != CAPROOF_OK || *out == NULL || text_is_hex(*out, len))
		return status;
	return json_fail(object, key, err, "is not %zu lower-case hexadecimal digits", len);
}

/* --- items ------------------------------------------------------------------------ */

static enum caproof_status read_request(const struct json_place *place,
	struct ceremony_item *item, struct error *err) {
	static const char *const keys[] = { "file", "sha256", NULL };
	struct json_place request;
	char wanted[40];
	enum caproof_status status;

	if ((status = json_read_object(place, "request", JSON_REQUIRED, &request, err)) !=
		CAPROOF_OK ||
		(status = json_only(&request, keys, err)) != CAPROOF_OK ||
		(status = text(&request, "file", JSON_REQUIRED, 64, &item->request_file, err)) !=
		CAPROOF_OK ||
		(status = text(&request, "sha256", JSON_REQUIRED, 64, &item->request_sha256, err)) !=
		CAPROOF_OK)
		return status;
	snprintf(wanted, sizeof(wanted), "inputs/%04ld.csr", item->index);
	if (strcmp(item->request_file, wanted) != 0)
		return json_fail(&request, "file", err, "this item's request is '%s'", wanted);
	return CAPROOF_OK;
}

static enum caproof_status read_certificate_fields(const struct json_place *place,
	struct ceremony_item *item, struct error *err) {
	enum caproof_status status;

	if ((status = text(place, "subject_key", JSON_OPTIONAL, 4096, &item->subject_key, err)) !=
		CAPROOF_OK ||
		(item->subject_key == NULL && (status = read_request(place, item, err)) != CAPROOF_OK) ||
		(status = text(place, "san_uri", JSON_OPTIONAL, 2048, &item->san_uri, err)) !=
		CAPROOF_OK ||
		(status = text(place, "serial", JSON_REQUIRED, 40, &item->serial, err)) != CAPROOF_OK ||
		(status = text(place, "subject", JSON_REQUIRED, 1024, &item->subject, err)) !=
		CAPROOF_OK ||
		(status = ceremony_time_read(place, "not_before", JSON_REQUIRED, &item->not_before,
			err)) != CAPROOF_OK)
		return status;
	return ceremony_time_read(place, "not_after", JSON_REQUIRED, &item->not_after, err);
}

static enum caproof_status read_octets(const struct json_place *place,
	struct ceremony_item *item, struct error *err) {
	const char *der = NULL;
	char wanted[40];
	enum caproof_status status;

	if ((status = text(place, "tbs_sha256", JSON_REQUIRED, 64, &item->tbs_sha256, err)) !=
		CAPROOF_OK ||
		(status = text(place, "tbs_der", JSON_REQUIRED, 65536, &der, err)) != CAPROOF_OK ||
		(status = text(place, "out", JSON_REQUIRED, 64, &item->out, err)) != CAPROOF_OK)
		return status;
	if ((status = base64_decode(der, &item->tbs, err)) != CAPROOF_OK)
		return status;
	if (item->tbs.len == 0)
		return json_fail(place, "tbs_der", err, "it is no base64");
	snprintf(wanted, sizeof(wanted), item->form == FORM_SIGNATURE ? "signatures/%04ld.b64" :
		"certs/%04ld.pem", item->index);
	if (strcmp(item->out, wanted) != 0)
		return json_fail(place, "out", err, "this item's result is '%s'", wanted);
	return CAPROOF_OK;
}

enum caproof_status ceremony_item_read(const struct json_place *place, long index,
	struct ceremony_item *item, struct error *err) {
	static const char *const keys[] = { "index", "form", "platform", "tenant", "code",
		"code_issued", "code_expires", "note", "request", "subject_key", "san_uri", "serial",
		"subject", "not_before", "not_after", "tbs_sha256", "tbs_der", "out", NULL };
	long long number = 0;
	size_t form = 0;
	enum caproof_status status;

	item->code_issued = item->code_expires = CEREMONY_NO_TIME;
	if ((status = json_only(place, keys, err)) != CAPROOF_OK ||
		(status = json_read_number(place, "index", JSON_REQUIRED, index, index, &number, err)) !=
		CAPROOF_OK ||
		(status = json_read_word(place, "form", JSON_REQUIRED, forms, &form, err)) !=
		CAPROOF_OK ||
		(status = text(place, "platform", JSON_REQUIRED, 64, &item->platform, err)) !=
		CAPROOF_OK ||
		(status = text(place, "tenant", JSON_OPTIONAL, 4096, &item->tenant, err)) !=
		CAPROOF_OK ||
		(status = text(place, "code", JSON_REQUIRED, 1024, &item->code, err)) != CAPROOF_OK ||
		(status = text(place, "note", JSON_OPTIONAL, 4096, &item->note, err)) != CAPROOF_OK ||
		(status = ceremony_time_read(place, "code_issued", JSON_OPTIONAL, &item->code_issued,
			err)) != CAPROOF_OK ||
		(status = ceremony_time_read(place, "code_expires", JSON_OPTIONAL, &item->code_expires,
			err)) != CAPROOF_OK)
		return status;
	item->index = index;
	item->form = form == 0 ? FORM_CERTIFICATE_CN : form == 1 ? FORM_CERTIFICATE_SAN_URI :
		FORM_SIGNATURE;
	if (item->form != FORM_SIGNATURE)
		status = read_certificate_fields(place, item, err);
	return status == CAPROOF_OK ? read_octets(place, item, err) : status;
}

/* --- the plan --------------------------------------------------------------------- */

static enum caproof_status read_execute(struct ceremony_plan *plan, const struct json_place *top,
	struct error *err) {
	static const char *const keys[] = { "not_before", "not_after", NULL };
	struct json_place execute;
	enum caproof_status status;

	if ((status = json_read_object(top, "execute", JSON_REQUIRED, &execute, err)) !=
		CAPROOF_OK ||
		(status = json_only(&execute, keys, err)) != CAPROOF_OK ||
		(status = ceremony_time_read(&execute, "not_before", JSON_REQUIRED,
			&plan->execute_from, err)) != CAPROOF_OK)
		return status;
	return ceremony_time_read(&execute, "not_after", JSON_REQUIRED, &plan->execute_until, err);
}

static enum caproof_status read_issuer(struct ceremony_plan *plan, const struct json_place *top,
	struct error *err) {
	static const char *const keys[] = { "file", "cert_sha256", "spki_sha256", "subject", NULL };
	static const char *const files[] = { "inputs/ca.pem", NULL };
	struct json_place issuer;
	size_t file = 0;
	enum caproof_status status;

	if ((status = json_read_object(top, "issuer", JSON_REQUIRED, &issuer, err)) != CAPROOF_OK ||
		(status = json_only(&issuer, keys, err)) != CAPROOF_OK ||
		(status = json_read_word(&issuer, "file", JSON_REQUIRED, files, &file, err)) !=
		CAPROOF_OK ||
		(status = text(&issuer, "cert_sha256", JSON_REQUIRED, 64, &plan->issuer_sha256, err)) !=
		CAPROOF_OK ||
		(status = text(&issuer, "spki_sha256", JSON_REQUIRED, 64, &plan->issuer_spki_sha256,
			err)) != CAPROOF_OK)
		return status;
	plan->issuer_file = files[file];
	return text(&issuer, "subject", JSON_REQUIRED, 4096, &plan->issuer_subject, err);
}

/* No PIN, no path of a module: what a plan may say of a key. */
static enum caproof_status check_uri(const struct json_place *key, const char *text_of_uri,
	struct error *err) {
	struct error why = ERROR_INIT;
	struct uri *uri = NULL;
	enum caproof_status status = uri_parse(text_of_uri, URI_IN_FILE, &uri, &why);

	uri_free(uri);
	if (status == CAPROOF_OK)
		return CAPROOF_OK;
	return why.id == ERROR_MEMORY ? error_memory(err) : json_fail(key, "uri", err, "%s",
		why.message);
}

static enum caproof_status read_key(struct ceremony_plan *plan, const struct json_place *top,
	struct error *err) {
	static const char *const keys[] = { "uri", "expect", NULL };
	static const char *const expected[] = { "sensitive", "never_extractable", NULL };
	struct json_place key, expect;
	enum caproof_status status;

	if ((status = json_read_object(top, "key", JSON_REQUIRED, &key, err)) != CAPROOF_OK ||
		(status = json_only(&key, keys, err)) != CAPROOF_OK ||
		(status = text(&key, "uri", JSON_OPTIONAL, 4096, &plan->key_uri, err)) != CAPROOF_OK ||
		(status = json_read_object(&key, "expect", JSON_REQUIRED, &expect, err)) !=
		CAPROOF_OK ||
		(status = json_only(&expect, expected, err)) != CAPROOF_OK ||
		(status = json_read_flag(&expect, "sensitive", JSON_REQUIRED, &plan->expect_sensitive,
			err)) != CAPROOF_OK)
		return status;
	if ((status = json_read_flag(&expect, "never_extractable", JSON_REQUIRED,
		&plan->expect_never_extractable, err)) != CAPROOF_OK || plan->key_uri == NULL)
		return status;
	return check_uri(&key, plan->key_uri, err);
}

static enum caproof_status read_signature(struct ceremony_plan *plan,
	const struct json_place *top, struct error *err) {
	static const char *const keys[] = { "name", "mechanism", NULL };
	struct json_place signature;
	enum caproof_status status;

	if ((status = json_read_object(top, "signature", JSON_REQUIRED, &signature, err)) !=
		CAPROOF_OK ||
		(status = json_only(&signature, keys, err)) != CAPROOF_OK ||
		(status = text(&signature, "name", JSON_REQUIRED, 32, &plan->signature_name, err)) !=
		CAPROOF_OK)
		return status;
	return text(&signature, "mechanism", JSON_REQUIRED, 32, &plan->mechanism, err);
}

static enum caproof_status read_items(struct ceremony_plan *plan, const struct json_place *top,
	struct error *err) {
	struct json_place list, item;
	size_t count = 0;
	enum caproof_status status = json_read_array(top, "items", JSON_REQUIRED, CEREMONY_ITEMS_MAX,
		&list, &count, err);

	if (status != CAPROOF_OK)
		return status;
	plan->items = calloc(count, sizeof(*plan->items));
	if (plan->items == NULL)
		return error_memory(err);
	plan->count = count;
	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		status = json_read_object_at(&list, i, &item, err);
		if (status == CAPROOF_OK)
			status = ceremony_item_read(&item, (long)i, &plan->items[i], err);
	}
	return status;
}

static enum caproof_status read_tool(struct ceremony_plan *plan, const struct json_place *top,
	struct error *err) {
	static const char *const keys[] = { "version", NULL };
	struct json_place tool;
	enum caproof_status status;

	if ((status = json_read_object(top, "tool", JSON_REQUIRED, &tool, err)) != CAPROOF_OK ||
		(status = json_only(&tool, keys, err)) != CAPROOF_OK)
		return status;
	return text(&tool, "version", JSON_REQUIRED, 32, &plan->tool_version, err);
}

static enum caproof_status read_plan(struct ceremony_plan *plan, const struct json_place *top,
	struct error *err) {
	static const char *const keys[] = { "format", "ceremony_id", "created", "purpose",
		"reference", "rehearses", "tool", "execute", "policy_sha256", "issuer", "key", "signature",
		"items", NULL };
	static const char *const formats[] = { "caproof/plan/1", NULL };
	size_t format = 0;
	enum caproof_status status;

	if ((status = json_only(top, keys, err)) != CAPROOF_OK ||
		(status = json_in_order(top, keys, err)) != CAPROOF_OK ||
		(status = json_read_word(top, "format", JSON_REQUIRED, formats, &format, err)) !=
		CAPROOF_OK ||
		(status = read_hex(top, "ceremony_id", JSON_REQUIRED, 32, &plan->id, err)) !=
		CAPROOF_OK ||
		(status = ceremony_time_read(top, "created", JSON_REQUIRED, &plan->created, err)) !=
		CAPROOF_OK ||
		(status = text(top, "purpose", JSON_OPTIONAL, 4096, &plan->purpose, err)) !=
		CAPROOF_OK ||
		(status = text(top, "reference", JSON_OPTIONAL, 4096, &plan->reference, err)) !=
		CAPROOF_OK ||
		(status = read_hex(top, "rehearses", JSON_OPTIONAL, 64, &plan->rehearses, err)) !=
		CAPROOF_OK ||
		(status = text(top, "policy_sha256", JSON_REQUIRED, 64, &plan->policy_sha256, err)) !=
		CAPROOF_OK ||
		(status = read_tool(plan, top, err)) != CAPROOF_OK ||
		(status = read_execute(plan, top, err)) != CAPROOF_OK ||
		(status = read_issuer(plan, top, err)) != CAPROOF_OK ||
		(status = read_key(plan, top, err)) != CAPROOF_OK ||
		(status = read_signature(plan, top, err)) != CAPROOF_OK)
		return status;
	return read_items(plan, top, err);
}

/* --- what it must agree with ------------------------------------------------------- */

static enum caproof_status disagree(const char *what, struct error *err) {
	error_set(err, ERROR_GATE, "the plan disagrees with itself: %s", what);
	error_hint(err, "this plan was altered, or not made by caproof: do not approve it, do not sign "
		"it; make a new one with 'caproof ceremony plan'");
	return error_status(err);
}

static enum caproof_status find_algorithm(struct ceremony_plan *plan, struct error *err) {
	if (ceremony_signature_find(plan->signature_name, plan->ca->key.type, &plan->algorithm) &&
		strcmp(ceremony_mechanism_name(&plan->algorithm), plan->mechanism) == 0)
		return CAPROOF_OK;
	return disagree("its signature algorithm is not one of the CA's key", err);
}

static enum caproof_status check_issuer(struct ceremony_plan *plan, const struct bundle *bundle,
	struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status = bundle_read(bundle, plan->issuer_file, &file, err);

	if (status == CAPROOF_OK)
		status = ca_parse(bytes_span(&file), plan->issuer_file, &plan->ca, err);
	bytes_clear(&file);
	if (status != CAPROOF_OK)
		return status;
	if (strcmp(plan->ca->sha256, plan->issuer_sha256) != 0 ||
		strcmp(plan->ca->spki_sha256, plan->issuer_spki_sha256) != 0 ||
		strcmp(plan->ca->subject_text, plan->issuer_subject) != 0)
		return disagree("inputs/ca.pem is not the CA certificate that it names", err);
	return find_algorithm(plan, err);
}

static int compare_texts(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* RFC 5280 4.1.2.2: one CA, one certificate, one serial number. */
static enum caproof_status check_serials(const struct ceremony_plan *plan, struct error *err) {
	const char **serials = malloc((plan->count + 1) * sizeof(*serials));
	size_t count = 0;
	bool twice = false;

	if (serials == NULL)
		return error_memory(err);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].serial != NULL)
			serials[count++] = plan->items[i].serial;
	qsort(serials, count, sizeof(*serials), compare_texts);
	for (size_t i = 1; i < count; i++)
		twice = twice || strcmp(serials[i - 1], serials[i]) == 0;
	free(serials);
	return twice ? disagree("two of its items have the same serial number", err) : CAPROOF_OK;
}

enum caproof_status ceremony_plan_read(const struct bundle *bundle, struct ceremony_plan *out,
	struct error *err) {
	struct json_place top;
	struct bytes hash = BYTES_INIT;
	enum caproof_status status;

	memset(out, 0, sizeof(*out));
	if ((status = bundle_read(bundle, "plan.json", &out->text, err)) != CAPROOF_OK ||
		(status = sha256_hex(bytes_span(&out->text), out->sha256, err)) != CAPROOF_OK ||
		(status = json_parse(bytes_span(&out->text), BUNDLE_FILE_MAX, "plan.json", ERROR_BUNDLE,
			&out->document, err)) != CAPROOF_OK ||
		(status = json_check_canonical(&out->document, err)) != CAPROOF_OK)
		return status;
	if (!text_unhex(out->sha256, &hash))
		return error_memory(err);
	memcpy(out->hash, hash.data, sizeof(out->hash));
	bytes_clear(&hash);
	top = json_top(&out->document);
	if ((status = read_plan(out, &top, err)) != CAPROOF_OK ||
		(status = check_issuer(out, bundle, err)) != CAPROOF_OK ||
		(status = check_serials(out, err)) != CAPROOF_OK)
		return status;
	for (size_t i = 0; status == CAPROOF_OK && i < out->count; i++)
		status = ceremony_item_check(bundle, out, &out->items[i], err);
	return status;
}

void ceremony_plan_clear(struct ceremony_plan *plan) {
	for (size_t i = 0; plan->items != NULL && i < plan->count; i++)
		bytes_clear(&plan->items[i].tbs);
	free(plan->items);
	json_clear(&plan->document);
	bytes_clear(&plan->text);
	ca_free(plan->ca);
	memset(plan, 0, sizeof(*plan));
}
