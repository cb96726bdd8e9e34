/* SPDX-License-Identifier: Apache-2.0
 *
 * From a list to plan.json.  Serial numbers and subject keys are drawn here, and fresh
 * private keys are wiped here: from now on nothing is left to chance.
 */
#include "ceremony/plan_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "batch_internal.h"
#include "ceremony/plan_folder.h"
#include "ceremony/plan_write.h"
#include "x509/planned.h"

#define WEEK (7 * 24 * 60 * 60)

struct making {
	const struct ceremony_plan_input *input;
	struct batch *batch;
	struct bundle beside;             /* the policy's folder */
	struct ceremony_policy policy;
	struct algorithm algorithm;       /* of every item: one key, one way to sign */
	struct bytes items;               /* JSON, with commas between them */
	struct bytes *requests;           /* one for each row; empty where there is none */
	time_t first_expiry;              /* CEREMONY_NO_TIME: no code is known to expire */
	struct bytes plan;
};

/* --- an item ------------------------------------------------------------------------- */

static enum caproof_status read_request(struct making *making, size_t i, struct error *err) {
	const char *csr = making->batch->rows[i].source->csr;
	char *path;
	enum caproof_status status;

	if (csr == NULL)
		return CAPROOF_OK;
	path = batch_list_path(making->batch, csr);
	if (path == NULL)
		return error_memory(err);
	status = file_read(path, "request", &making->requests[i], err);
	if (status == CAPROOF_OK)
		status = request_parse(bytes_span(&making->requests[i]), path,
			&making->batch->rows[i].request, err);
	free(path);
	return status;
}

/* What is in the octets, for the fields beside them. */
struct derived {
	char *subject, *spki, *uri;
};

static void derived_clear(struct derived *d) {
	free(d->subject);
	free(d->spki);
	free(d->uri);
}

static enum caproof_status derive_certificate(const struct plan *plan,
	const struct batch_row *row, struct derived *out, struct error *err) {
	X509 *cert = NULL;
	struct bytes spki = BYTES_INIT;
	enum caproof_status status = planned_read(bytes_span(&plan->tbs), &plan->algorithm,
		plan->key_type, &cert, err);

	if (status == CAPROOF_OK)
		status = planned_spki(cert, &spki, err);
	if (status != CAPROOF_OK)
		goto out;
	out->subject = name_text(X509_get_subject_name(cert));
	out->spki = base64_encode(bytes_span(&spki));
	if (plan->form == FORM_CERTIFICATE_SAN_URI &&
		asprintf(&out->uri, "%s%s", platform_san_prefix(row->platform), plan->code) < 0)
		out->uri = NULL;
	if (out->subject == NULL || out->spki == NULL ||
		(plan->form == FORM_CERTIFICATE_SAN_URI && out->uri == NULL))
		status = error_memory(err);
out:
	bytes_clear(&spki);
	X509_free(cert);
	return status;
}

static enum caproof_status derive(const struct plan *plan, const struct batch_row *row,
	struct derived *out, struct error *err) {
	return plan->form == FORM_SIGNATURE ? CAPROOF_OK : derive_certificate(plan, row, out, err);
}

static time_t code_expiry(const struct batch_row *row) {
	long lifetime = platform_code_lifetime(row->platform);

	return row->source->code_issued == LIST_NO_TIME || lifetime == 0 ? CEREMONY_NO_TIME :
		row->source->code_issued + lifetime;
}

static enum caproof_status note_request(struct span request, size_t i, char *file, size_t size,
	char sha256[SHA256_HEX_SIZE], struct ceremony_item *item, struct error *err) {
	if (request.len == 0)
		return CAPROOF_OK;
	snprintf(file, size, "inputs/%04zu.csr", i);
	item->request_file = file;
	item->request_sha256 = sha256;
	return sha256_hex(request, sha256, err);
}

static enum caproof_status write_item(struct making *making, size_t i, const struct plan *plan,
	struct error *err) {
	const struct batch_row *row = &making->batch->rows[i];
	struct derived d = { NULL, NULL, NULL };
	char out[40], file[40], sha256[SHA256_HEX_SIZE];
	struct ceremony_item item = {
		.index = (long)i,
		.form = plan->form,
		.platform = platform_name(row->platform),
		.tenant = row->source->tenant,
		.code = plan->code,
		.note = row->source->note,
		.code_issued = row->source->code_issued == LIST_NO_TIME ? CEREMONY_NO_TIME :
			row->source->code_issued,
		.code_expires = code_expiry(row),
		.serial = plan->serial,
		.not_before = plan->not_before,
		.not_after = plan->not_after,
		.tbs_sha256 = plan->tbs_sha256,
		.out = out,
		.tbs = plan->tbs, /* borrowed */
	};
	enum caproof_status status = derive(plan, row, &d, err);

	snprintf(out, sizeof(out), plan->form == FORM_SIGNATURE ? "signatures/%04zu.b64" :
		"certs/%04zu.pem", i);
	item.subject = d.subject;
	item.subject_key = d.spki;
	item.san_uri = d.uri;
	if (status == CAPROOF_OK)
		status = note_request(bytes_span(&making->requests[i]), i, file, sizeof(file), sha256,
			&item, err);
	if (status == CAPROOF_OK)
		status = ceremony_item_write(&item, &making->items, err);
	derived_clear(&d);
	return status;
}

static enum caproof_status plan_row(struct making *making, size_t i, struct error *err) {
	struct batch_row *row = &making->batch->rows[i];
	struct plan *plan = NULL;
	time_t expiry;
	enum caproof_status status;

	if (row->source->error != NULL)
		return error_set(err, ERROR_LIST_ROW, "%s", row->source->error);
	if (row->source->out != NULL)
		return error_set(err, ERROR_LIST_ROW, "it has an output's name in the column 'out', but "
			"a ceremony names its results itself");
	if ((status = batch_find_platform(making->batch, row, err)) != CAPROOF_OK ||
		(status = read_request(making, i, err)) != CAPROOF_OK ||
		(status = batch_plan(making->batch, row, false, &plan, err)) != CAPROOF_OK)
		return status;
	expiry = code_expiry(row);
	if (expiry != CEREMONY_NO_TIME && (making->first_expiry == CEREMONY_NO_TIME ||
		expiry < making->first_expiry))
		making->first_expiry = expiry;
	if (i > 0 && !algorithm_equal(&plan->algorithm, &making->algorithm))
		status = error_set(err, ERROR_LIST_ROW, "its platform takes another hash than those "
			"before: plan it by itself");
	making->algorithm = plan->algorithm;
	if (status == CAPROOF_OK)
		status = write_item(making, i, plan, err);
	plan_free(plan);
	return status;
}

static enum caproof_status plan_rows(struct making *making, struct error *err) {
	const struct list *list = making->batch->list;
	enum caproof_status status = CAPROOF_OK;

	if (list->count > CEREMONY_ITEMS_MAX)
		return error_set(err, ERROR_LIST_ROW, "a ceremony has at most %d items",
			CEREMONY_ITEMS_MAX);
	making->batch->rows = calloc(list->count, sizeof(*making->batch->rows));
	making->requests = calloc(list->count, sizeof(*making->requests));
	if (making->batch->rows == NULL || making->requests == NULL)
		return error_memory(err);
	for (size_t i = 0; status == CAPROOF_OK && i < list->count; i++) {
		making->batch->rows[i].source = &list->rows[i];
		status = plan_row(making, i, err);
		if (status == CAPROOF_OK)
			continue;
		error_context(err, "line %zu of '%s'", list->rows[i].line, list->name);
		if (err->id == ERROR_LIST_ROW && err->hint[0] == '\0')
			error_hint(err, "correct the list: a ceremony is planned whole, or not at all");
	}
	return status;
}

/* --- the plan ----------------------------------------------------------------------- */

static enum caproof_status choose_window(const struct making *making, time_t *from,
	time_t *until, struct error *err) {
	const struct ceremony_plan_input *input = making->input;
	time_t now = making->batch->now, expiry = making->first_expiry;
	char a[TEXT_TIME_SIZE], b[TEXT_TIME_SIZE];

	*from = input->execute_from != CEREMONY_NO_TIME ? input->execute_from : now;
	*until = input->execute_until != CEREMONY_NO_TIME ? input->execute_until :
		expiry != CEREMONY_NO_TIME ? expiry : *from + WEEK;
	if (*until <= *from || *until <= now) {
		error_set(err, ERROR_USAGE, "the time to execute ends (%s) before it begins",
			text_time(a, *until));
		error_hint(err, "give a later --execute-until, or an earlier --execute-from");
		return error_status(err);
	}
	if (expiry == CEREMONY_NO_TIME || *until <= expiry || input->accept_expiry)
		return CAPROOF_OK;
	error_set(err, ERROR_USAGE, "the time to execute ends at %s, after a code expires at %s",
		text_time(a, *until), text_time(b, expiry));
	error_hint(err, "end earlier with --execute-until, or accept that with --accept-expiry");
	return error_status(err);
}

static enum caproof_status write_plan(struct making *making, struct error *err) {
	const struct ceremony_plan_input *input = making->input;
	char id[CEREMONY_ID_SIZE];
	struct ceremony_plan plan = {
		.id = id,
		.created = making->batch->now,
		.purpose = input->purpose,
		.reference = input->reference,
		.policy_sha256 = making->policy.sha256,
		.key_uri = input->key_uri,
		.expect_sensitive = input->expect_sensitive,
		.expect_never_extractable = input->expect_never_extractable,
		.algorithm = making->algorithm,
	};
	enum caproof_status status = choose_window(making, &plan.execute_from, &plan.execute_until,
		err);

	if (status == CAPROOF_OK)
		status = ceremony_id_draw(id, err);
	return status == CAPROOF_OK ? ceremony_plan_write(&plan, making->batch->ca,
		bytes_span(&making->items), &making->plan, err) : status;
}

/* --- the inputs -------------------------------------------------------------------------- */

static enum caproof_status read_policy(struct making *making, struct error *err) {
	const char *path = making->input->policy, *slash = strrchr(path, '/');
	char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	struct bytes text = BYTES_INIT;
	enum caproof_status status;

	if (folder == NULL)
		return error_memory(err);
	status = file_read(path, "policy", &text, err);
	if (status == CAPROOF_OK)
		status = bundle_open(folder, &making->beside, err);
	if (status == CAPROOF_OK)
		status = policy_parse(bytes_span(&text), &making->beside, &making->policy, err);
	bytes_clear(&text);
	free(folder);
	return status;
}

static enum caproof_status refuse_ca_member(const struct making *making, struct error *err) {
	for (size_t i = 0; i < making->policy.members_count; i++)
		if (strcmp(making->policy.members[i].spki_sha256, making->batch->ca->spki_sha256) == 0)
			return error_set(err, ERROR_POLICY, "member '%s' has the CA's own key",
				making->policy.members[i].name);
	return CAPROOF_OK;
}

enum caproof_status ceremony_plan_make(const struct ceremony_plan_input *input,
	const char *path, struct error *err) {
	struct making making = { .input = input, .batch = input->batch,
		.first_expiry = CEREMONY_NO_TIME, .beside = { -1, NULL, NULL } };
	enum caproof_status status;

	if ((status = read_policy(&making, err)) == CAPROOF_OK &&
		(status = refuse_ca_member(&making, err)) == CAPROOF_OK &&
		(status = plan_rows(&making, err)) == CAPROOF_OK &&
		(status = write_plan(&making, err)) == CAPROOF_OK)
		status = plan_folder_make(&(struct plan_folder){ input->batch->ca, making.requests,
			input->batch->list->count, &making.policy, bytes_span(&making.plan), NULL }, path,
			err);
	for (size_t i = 0; making.requests != NULL && i < input->batch->list->count; i++)
		bytes_clear(&making.requests[i]);
	free(making.requests);
	bytes_clear(&making.items);
	bytes_clear(&making.plan);
	policy_clear(&making.policy);
	bundle_close(&making.beside);
	return status;
}

void ceremony_plan_unmake(const char *path) {
	plan_folder_remove(path);
}
