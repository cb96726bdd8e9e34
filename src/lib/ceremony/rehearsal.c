/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of a rehearsal.  It is a ceremony like any other, so that everything that reads
 * ceremonies reads it; and it is marked in every file, so that nobody takes it for one.
 */
#include "ceremony/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/plan_folder.h"
#include "ceremony/plan_internal.h"
#include "ceremony/plan_write.h"

#define NAME_MAX_OCTETS 200 /* of a policy */

/* --- the policy -------------------------------------------------------------------------- */

/* A JSON value with its line feed goes to the end of OUT, without that. */
static enum caproof_status add_value(struct bytes *out, bool first, struct bytes *value,
	struct error *err) {
	enum caproof_status status = first ? CAPROOF_OK : bytes_append(out, ",", 1, err);

	if (status == CAPROOF_OK)
		status = bytes_append(out, value->data, value->len - 1, err);
	bytes_clear(value);
	return status;
}

static enum caproof_status add_text(struct bytes *out, const char *text, struct error *err) {
	return bytes_append(out, text, strlen(text), err);
}

static enum caproof_status add_policy_head(const struct ceremony_policy *policy,
	struct bytes *out, struct error *err) {
	char name[NAME_MAX_OCTETS + 1];
	enum caproof_status status;

	if (snprintf(name, sizeof(name), "REHEARSAL: %s", policy->name) >= (int)sizeof(name))
		snprintf(name, sizeof(name), "REHEARSAL");
	status = json_append_line(out, err, "{s:s, s:s, s:{s:I, s:b, s:I}, s:{s:i, s:i}}",
		"format", "caproof/policy/1", "name", name, "approve", "threshold",
		(long long)policy->threshold, "veto", (int)policy->veto, "max_age_hours",
		(long long)policy->max_age_hours, "seal", "operator", (int)policy->seal[ROLE_OPERATOR],
		"witness", (int)policy->seal[ROLE_WITNESS]);
	if (status == CAPROOF_OK)
		out->len -= 2; /* the end of the object */
	return status;
}

static enum caproof_status write_policy(const struct ceremony_policy *policy, struct bytes *out,
	struct error *err) {
	struct bytes value = BYTES_INIT;
	enum caproof_status status = add_policy_head(policy, out, err);

	if (status == CAPROOF_OK)
		status = add_text(out, ",\"separate\":[", err);
	for (size_t i = 0; status == CAPROOF_OK && i < policy->separate_count; i++) {
		status = json_append_line(&value, err, "[s, s]",
			ceremony_role_name(policy->separate[i].a), ceremony_role_name(policy->separate[i].b));
		if (status == CAPROOF_OK)
			status = add_value(out, i == 0, &value, err);
	}
	if (status == CAPROOF_OK)
		status = add_text(out, "],\"members\":[", err);
	for (size_t i = 0; status == CAPROOF_OK && i < policy->members_count; i++) {
		const struct ceremony_member *m = &policy->members[i];

		status = json_append_line(&value, err, "{s:s, s:s, s:s}", "name", m->name, "role",
			ceremony_role_name(m->role), "cert_sha256", m->cert_sha256);
		if (status == CAPROOF_OK)
			status = add_value(out, i == 0, &value, err);
	}
	return status == CAPROOF_OK ? add_text(out, "]}\n", err) : status;
}

/* --- the plan ---------------------------------------------------------------------------- */

struct making {
	const struct ceremony *planned;
	struct ceremony_plan plan;      /* texts and CA are borrowed */
	struct bytes *requests;
	struct bytes policy, items, text;
	char id[CEREMONY_ID_SIZE], policy_sha256[SHA256_HEX_SIZE];
};

static enum caproof_status write_item(struct making *making, size_t i, struct error *err) {
	struct ceremony_item item = making->planned->plan.items[i];
	struct bytes octets = BYTES_INIT;
	char sha256[SHA256_HEX_SIZE];
	enum caproof_status status = CAPROOF_OK;

	if (item.request_file != NULL)
		status = bundle_read(&making->planned->bundle, item.request_file, &making->requests[i],
			err);
	if (status == CAPROOF_OK && item.form != FORM_SIGNATURE) {
		status = ceremony_item_octets(&making->planned->bundle, &making->plan, &item, &octets,
			err);
		if (status == CAPROOF_OK)
			status = sha256_hex(bytes_span(&octets), sha256, err);
		item.tbs = octets;
		item.tbs_sha256 = sha256;
	}
	if (status == CAPROOF_OK)
		status = ceremony_item_write(&item, &making->items, err);
	bytes_clear(&octets);
	return status;
}

static enum caproof_status write_plan(struct making *making, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	making->requests = calloc(making->plan.count, sizeof(*making->requests));
	if (making->requests == NULL)
		return error_memory(err);
	for (size_t i = 0; status == CAPROOF_OK && i < making->plan.count; i++)
		status = write_item(making, i, err);
	return status == CAPROOF_OK ? ceremony_plan_write(&making->plan, making->plan.ca,
		bytes_span(&making->items), &making->text, err) : status;
}

/* The plan that was approved, but for what ties it to the real key and the real policy. */
static enum caproof_status derive(struct making *making, const struct rehearsal_key *key,
	struct error *err) {
	const struct ceremony *planned = making->planned;
	enum caproof_status status = write_policy(&planned->policy, &making->policy, err);

	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&making->policy), making->policy_sha256, err);
	if (status == CAPROOF_OK)
		status = ceremony_id_draw(making->id, err);
	if (status != CAPROOF_OK)
		return status;
	making->plan = planned->plan;
	making->plan.id = making->id;
	making->plan.created = planned->now;
	making->plan.rehearses = planned->plan.sha256;
	making->plan.policy_sha256 = making->policy_sha256;
	making->plan.ca = key->ca;
	making->plan.key_uri = NULL;
	making->plan.expect_sensitive = making->plan.expect_never_extractable = false;
	return write_plan(making, err);
}

static char *compose_note(const struct ceremony_plan *plan) {
	char *note;

	return asprintf(&note, "REHEARSAL\n\nThis folder rehearses the ceremony %s,\nwhose plan has "
		"the SHA-256\n%s.\nNothing in it is worth anything: the key that signed was made for it "
		"and is gone.\nNo verifier accepts it.\n", plan->id, plan->sha256) < 0 ? NULL : note;
}

static enum caproof_status make_folder(const struct making *making,
	const struct rehearsal_key *key, const char *path, struct error *err) {
	struct ceremony_policy *policy = malloc(sizeof(*policy));
	char *note = compose_note(&making->planned->plan);
	enum caproof_status status;

	if (policy == NULL || note == NULL) {
		status = error_memory(err);
		goto out;
	}
	*policy = making->planned->policy;
	policy->text = making->policy; /* all of it is borrowed */
	status = plan_folder_make(&(struct plan_folder){ key->ca, making->requests,
		making->plan.count, policy, bytes_span(&making->text), note }, path, err);
out:
	free(policy);
	free(note);
	return status;
}

enum caproof_status rehearsal_make(const struct ceremony *planned,
	const struct rehearsal_key *key, const char *path, struct error *err) {
	struct making making = { .planned = planned };
	enum caproof_status status = derive(&making, key, err);

	if (status == CAPROOF_OK)
		status = make_folder(&making, key, path, err);
	for (size_t i = 0; making.requests != NULL && i < planned->plan.count; i++)
		bytes_clear(&making.requests[i]);
	free(making.requests);
	bytes_clear(&making.policy);
	bytes_clear(&making.items);
	bytes_clear(&making.text);
	return status;
}

enum caproof_status rehearsal_begin(struct ceremony *rehearsed, const struct ceremony *planned,
	struct error *err) {
	enum caproof_status status = transcript_add(&rehearsed->transcript, EVENT_REHEARSAL, err,
		"s:s, s:s", "rehearses", planned->plan.sha256, "policy_sha256", planned->policy.sha256);

	if (status == CAPROOF_OK)
		status = approvals_record(&planned->approvals, &rehearsed->transcript, err);
	return status == CAPROOF_OK ? transcript_add(&rehearsed->transcript, EVENT_GATE_PASSED, err,
		"s:s, s:I", "plan_sha256", planned->plan.sha256, "approvals",
		(long long)planned->approvals.approving) : status;
}
