/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.json, member by member, each in its place.  What is absent is left out: jansson's
 * format does that for texts ("s*"), and what is made of several parts is cut together.
 */
#include "ceremony/plan_write.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/base64.h"
#include "base/text.h"
#include "platform/platform.h"

enum caproof_status ceremony_id_draw(char out[CEREMONY_ID_SIZE], struct error *err) {
	unsigned char random[(CEREMONY_ID_SIZE - 1) / 2];
	char *id;

	if (RAND_bytes(random, sizeof(random)) != 1)
		return crypto_error(err, "draw the ceremony's number");
	id = text_hex(random, sizeof(random));
	if (id == NULL)
		return error_memory(err);
	memcpy(out, id, CEREMONY_ID_SIZE);
	free(id);
	return CAPROOF_OK;
}

/* PART is {…} and a line feed: its members go behind those that are there. */
static enum caproof_status add_part(struct bytes *out, struct bytes *part, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	if (part->len > 3) {
		if (out->data[out->len - 1] != '{')
			status = bytes_append(out, ",", 1, err);
		if (status == CAPROOF_OK)
			status = bytes_append(out, part->data + 1, part->len - 3, err);
	}
	bytes_clear(part);
	return status;
}

static const char *time_or_null(char *buf, time_t when) {
	return when == CEREMONY_NO_TIME ? NULL : text_time(buf, when);
}

static enum caproof_status add_head(struct bytes *out, const struct ceremony_item *item,
	struct error *err) {
	char issued[TEXT_TIME_SIZE], expires[TEXT_TIME_SIZE];
	struct bytes part = BYTES_INIT;
	enum caproof_status status = json_append_line(&part, err,
		"{s:I, s:s, s:s, s:s*, s:s, s:s*, s:s*, s:s*}", "index", (long long)item->index, "form",
		proof_form_name(item->form), "platform", item->platform, "tenant", item->tenant, "code",
		item->code, "code_issued", time_or_null(issued, item->code_issued), "code_expires",
		time_or_null(expires, item->code_expires), "note", item->note);

	return status == CAPROOF_OK ? add_part(out, &part, err) : status;
}

static enum caproof_status add_certificate(struct bytes *out, const struct ceremony_item *item,
	struct error *err) {
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE];
	struct bytes part = BYTES_INIT;
	enum caproof_status status = item->request_file != NULL ?
		json_append_line(&part, err, "{s:{s:s, s:s}}", "request", "file", item->request_file,
			"sha256", item->request_sha256) :
		json_append_line(&part, err, "{s:s}", "subject_key", item->subject_key);

	if (status == CAPROOF_OK)
		status = add_part(out, &part, err);
	if (status == CAPROOF_OK)
		status = json_append_line(&part, err, "{s:s*, s:s, s:s, s:s, s:s}", "san_uri",
			item->san_uri, "serial", item->serial, "subject", item->subject, "not_before",
			text_time(from, item->not_before), "not_after", text_time(until, item->not_after));
	return status == CAPROOF_OK ? add_part(out, &part, err) : status;
}

static enum caproof_status add_octets(struct bytes *out, const struct ceremony_item *item,
	struct error *err) {
	struct bytes part = BYTES_INIT;
	char *der = base64_encode(bytes_span(&item->tbs));
	enum caproof_status status = der == NULL ? error_memory(err) :
		json_append_line(&part, err, "{s:s, s:s, s:s}", "tbs_sha256", item->tbs_sha256, "tbs_der",
			der, "out", item->out);

	free(der);
	return status == CAPROOF_OK ? add_part(out, &part, err) : status;
}

enum caproof_status ceremony_item_write(const struct ceremony_item *item, struct bytes *items,
	struct error *err) {
	enum caproof_status status = items->len > 0 ? bytes_append(items, ",{", 2, err) :
		bytes_append(items, "{", 1, err);

	if (status == CAPROOF_OK)
		status = add_head(items, item, err);
	if (status == CAPROOF_OK && item->form != FORM_SIGNATURE)
		status = add_certificate(items, item, err);
	if (status == CAPROOF_OK)
		status = add_octets(items, item, err);
	return status == CAPROOF_OK ? bytes_append(items, "}", 1, err) : status;
}

static enum caproof_status write_head(const struct ceremony_plan *plan, const struct ca *ca,
	struct bytes *out, struct error *err) {
	char created[TEXT_TIME_SIZE], from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE];

	return json_append_line(out, err, "{s:s, s:s, s:s, s:s*, s:s*, s:s*, s:{s:s}, s:{s:s, s:s}, "
		"s:s, s:{s:s, s:s, s:s, s:s}, s:{s:s*, s:{s:b, s:b}}, s:{s:s, s:s}}",
		"format", "caproof/plan/1", "ceremony_id", plan->id,
		"created", text_time(created, plan->created),
		"purpose", plan->purpose, "reference", plan->reference, "rehearses", plan->rehearses,
		"tool", "version", CAPROOF_VERSION,
		"execute", "not_before", text_time(from, plan->execute_from), "not_after",
		text_time(until, plan->execute_until),
		"policy_sha256", plan->policy_sha256,
		"issuer", "file", "inputs/ca.pem", "cert_sha256", ca->sha256, "spki_sha256",
		ca->spki_sha256, "subject", ca->subject_text,
		"key", "uri", plan->key_uri, "expect", "sensitive", (int)plan->expect_sensitive,
		"never_extractable", (int)plan->expect_never_extractable,
		"signature", "name", ceremony_signature_name(&plan->algorithm, ca->key.type),
		"mechanism", ceremony_mechanism_name(&plan->algorithm));
}

enum caproof_status ceremony_plan_write(const struct ceremony_plan *plan, const struct ca *ca,
	struct span items, struct bytes *out, struct error *err) {
	struct bytes head = BYTES_INIT;
	enum caproof_status status = write_head(plan, ca, &head, err);

	/* {…} and a line feed without their end, then the items */
	if (status == CAPROOF_OK)
		status = bytes_append(out, head.data, head.len - 2, err);
	if (status == CAPROOF_OK)
		status = bytes_append(out, ",\"items\":[", 10, err);
	if (status == CAPROOF_OK)
		status = bytes_append(out, items.data, items.len, err);
	if (status == CAPROOF_OK)
		status = bytes_append(out, "]}\n", 3, err);
	bytes_clear(&head);
	return status;
}
