/* SPDX-License-Identifier: Apache-2.0
 *
 * Which approvals count.  The certificate that signed decides who spoke: a statement that
 * gives another name or role does not count, whoever signed it.
 */
#include "ceremony/approval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/cms.h"
#include "ceremony/plan_internal.h"

enum caproof_status approval_statement(const struct ceremony_plan *plan,
	const struct ceremony_member *member, enum ceremony_decision decision, const char *comment,
	time_t now, struct bytes *out, struct error *err) {
	char when[TEXT_TIME_SIZE];

	return json_append_line(out, err,
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "format", "caproof/approval/1",
		"ceremony_id", plan->id, "decision",
		decision == DECISION_APPROVE ? "approve" : "reject", "role",
		ceremony_role_name(member->role), "name", member->name, "plan_sha256", plan->sha256,
		"items", (long long)plan->count, "reviewed_with", "caproof " CAPROOF_VERSION, "time",
		text_time(when, now), "comment", comment);
}

/* --- one approval ------------------------------------------------------------------ */

struct statement {
	size_t decision;
	const char *id, *role, *name, *plan_sha256, *reviewed_with, *comment;
	long long items;
	time_t time;
};

static enum caproof_status read_comment(const struct json_place *top, const char **out,
	struct error *err) {
	/* "" is what stands there when there is none; other texts have at least one character */
	struct error ignored = ERROR_INIT;

	*out = "";
	if (json_is_empty_string(top, "comment"))
		return CAPROOF_OK;
	if (json_read_string(top, "comment", JSON_REQUIRED, 4096, out, &ignored) == CAPROOF_OK)
		return CAPROOF_OK;
	*err = ignored;
	return error_status(err);
}

static enum caproof_status read_statement(const struct json_place *top, struct statement *s,
	struct error *err) {
	static const char *const keys[] = { "format", "ceremony_id", "decision", "role", "name",
		"plan_sha256", "items", "reviewed_with", "time", "comment", NULL };
	static const char *const formats[] = { "caproof/approval/1", NULL };
	static const char *const decisions[] = { "approve", "reject", NULL };
	size_t format;
	enum caproof_status status;

	if ((status = json_only(top, keys, err)) != CAPROOF_OK ||
		(status = json_in_order(top, keys, err)) != CAPROOF_OK ||
		(status = json_read_word(top, "format", JSON_REQUIRED, formats, &format, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(top, "ceremony_id", JSON_REQUIRED, 32, &s->id, err)) !=
		CAPROOF_OK ||
		(status = json_read_word(top, "decision", JSON_REQUIRED, decisions, &s->decision,
			err)) != CAPROOF_OK ||
		(status = json_read_string(top, "role", JSON_REQUIRED, 16, &s->role, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(top, "name", JSON_REQUIRED, 64, &s->name, err)) !=
		CAPROOF_OK ||
		(status = json_read_string(top, "plan_sha256", JSON_REQUIRED, 64, &s->plan_sha256,
			err)) != CAPROOF_OK ||
		(status = json_read_number(top, "items", JSON_REQUIRED, 0, CEREMONY_ITEMS_MAX, &s->items,
			err)) != CAPROOF_OK ||
		(status = json_read_string(top, "reviewed_with", JSON_REQUIRED, 200, &s->reviewed_with,
			err)) != CAPROOF_OK ||
		(status = ceremony_time_read(top, "time", JSON_REQUIRED, &s->time, err)) != CAPROOF_OK)
		return status;
	return read_comment(top, &s->comment, err);
}

struct reading {
	const struct bundle *bundle;
	const struct ceremony_plan *plan;
	const struct ceremony_policy *policy;
	time_t now;
};

static enum caproof_status discount(struct ceremony_approval *approval, const char *why,
	struct error *err) {
	approval->counts = false;
	approval->why = strdup(why);
	return approval->why != NULL ? CAPROOF_OK : error_memory(err);
}

static const char *mismatch(const struct reading *reading, const struct statement *s,
	const struct ceremony_approval *approval) {
	const struct ceremony_member *member = approval->member;

	if (strcmp(s->name, member->name) != 0)
		return "it is a statement of somebody else under this name";
	if (strcmp(s->role, ceremony_role_name(member->role)) != 0)
		return "it gives another role than the policy does";
	if (member->role != ROLE_OFFICER)
		return "only officers approve";
	if (strcmp(s->id, reading->plan->id) != 0 ||
		strcmp(s->plan_sha256, reading->plan->sha256) != 0 ||
		s->items != (long long)reading->plan->count)
		return "it is about another plan";
	return NULL;
}

const char *approval_untimely(const struct ceremony_approval *approval,
	const struct ceremony_policy *policy, time_t now) {
	if (approval->time > now)
		return "it is from the future";
	/* a no does not wear off */
	if (approval->decision == DECISION_APPROVE &&
		now - approval->time > policy->max_age_hours * 3600L)
		return "it is older than the policy allows";
	return NULL;
}

/* A better reason than that it is not the member's: another member's it may be. */
static enum caproof_status discount_foreign(const struct reading *reading,
	struct ceremony_approval *approval, struct span text, struct span message, const char *why,
	struct error *err) {
	X509 *roster[POLICY_MEMBERS_MAX];
	struct cms_verdict verdict;
	char told[200];
	enum caproof_status status;

	for (size_t i = 0; i < reading->policy->members_count; i++)
		roster[i] = reading->policy->members[i].cert;
	status = cms_verify(message, text, roster, reading->policy->members_count, &verdict, err);
	snprintf(told, sizeof(told), "its signature %s", why);
	return status != CAPROOF_OK ? status :
		discount(approval, verdict.good ? "somebody else signed it" : told, err);
}

/* Only the member's own certificate is asked: a signature names its signer by issuer and
 * serial number, and nobody says that these are unique. */
static enum caproof_status check_signer(const struct reading *reading,
	struct ceremony_approval *approval, struct span text, struct span message,
	struct error *err) {
	struct cms_verdict verdict;
	const char *late;
	enum caproof_status status = cms_verify(message, text, &approval->member->cert, 1, &verdict,
		err);

	if (status != CAPROOF_OK)
		return status;
	if (!verdict.good)
		return discount_foreign(reading, approval, text, message, verdict.why, err);
	approval->sound = true;
	late = approval_untimely(approval, reading->policy, reading->now);
	if (late != NULL)
		return discount(approval, late, err);
	approval->counts = true;
	return CAPROOF_OK;
}

static enum caproof_status judge(const struct reading *reading,
	struct ceremony_approval *approval, struct span text, struct span message,
	struct error *err) {
	struct json_document document = JSON_DOCUMENT_INIT;
	struct error why = ERROR_INIT;
	struct statement s = { 0 };
	struct json_place top;
	const char *wrong;
	enum caproof_status status = json_parse(text, BUNDLE_FILE_MAX, "statement", ERROR_BUNDLE,
		&document, &why);

	if (status == CAPROOF_OK)
		status = json_check_canonical(&document, &why);
	if (status == CAPROOF_OK) {
		top = json_top(&document);
		status = read_statement(&top, &s, &why);
	}
	if (status == CAPROOF_OK) {
		approval->decision = s.decision == 0 ? DECISION_APPROVE : DECISION_REJECT;
		approval->time = s.time;
		approval->comment = text_safe_dup(s.comment, strlen(s.comment));
		wrong = mismatch(reading, &s, approval);
		status = approval->comment == NULL ? error_memory(err) :
			wrong != NULL ? discount(approval, wrong, err) :
			check_signer(reading, approval, text, message, err);
	} else if (why.id == ERROR_MEMORY) {
		*err = why;
	} else {
		status = discount(approval, why.message, err);
	}
	json_clear(&document);
	return status;
}

static enum caproof_status read_one(const struct reading *reading,
	const struct ceremony_member *member, struct ceremony_approvals *out, struct error *err) {
	struct ceremony_approval *approval = &out->list[out->count];
	struct bytes text = BYTES_INIT, message = BYTES_INIT;
	struct error why = ERROR_INIT;
	char path[200];
	bool there;
	enum caproof_status status;

	snprintf(path, sizeof(path), "approvals/%s.json", member->name);
	there = bundle_has(reading->bundle, path);
	snprintf(path, sizeof(path), "approvals/%s.p7s", member->name);
	if (!there && !bundle_has(reading->bundle, path))
		return CAPROOF_OK;
	snprintf(path, sizeof(path), "approvals/%s.json", member->name);
	approval->member = member;
	out->count++;
	status = bundle_read(reading->bundle, path, &text, &why);
	snprintf(path, sizeof(path), "approvals/%s.p7s", member->name);
	if (status == CAPROOF_OK)
		status = bundle_read(reading->bundle, path, &message, &why);
	if (status == CAPROOF_OK)
		status = judge(reading, approval, bytes_span(&text), bytes_span(&message), err);
	else if (why.id == ERROR_MEMORY)
		*err = why;
	else
		status = discount(approval, why.message, err);
	bytes_clear(&text);
	bytes_clear(&message);
	return status;
}

/* Distinct means distinct keys; check_separate has seen to it that no two members of one role
 * share one. */
long approvals_count_at(const struct ceremony_approvals *approvals,
	const struct ceremony_policy *policy, time_t when, bool *vetoed) {
	long approving = 0;

	*vetoed = false;
	for (size_t i = 0; i < approvals->count; i++) {
		const struct ceremony_approval *a = &approvals->list[i];

		if (!a->sound || approval_untimely(a, policy, when) != NULL)
			continue;
		approving += a->decision == DECISION_APPROVE;
		*vetoed = *vetoed || (policy->veto && a->decision == DECISION_REJECT);
	}
	return approving;
}

enum caproof_status approvals_read(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_policy *policy, time_t now,
	struct ceremony_approvals *out, struct error *err) {
	const struct reading reading = { bundle, plan, policy, now };
	enum caproof_status status = CAPROOF_OK;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; status == CAPROOF_OK && i < policy->members_count; i++)
		status = read_one(&reading, &policy->members[i], out, err);
	out->approving = approvals_count_at(out, policy, now, &out->vetoed);
	return status;
}

void approvals_clear(struct ceremony_approvals *approvals) {
	for (size_t i = 0; i < approvals->count; i++) {
		free(approvals->list[i].comment);
		free(approvals->list[i].why);
	}
	memset(approvals, 0, sizeof(*approvals));
}
