/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of a ceremony: gates, login, key, and for each item intent, result, verified,
 * written.  A chain of hashes shows that nobody changed a transcript afterwards; this shows
 * that what it tells is a ceremony at all.
 */
#include "ceremony/audit_order.h"

#include <stdlib.h>
#include <string.h>

/* How far an item has come. */
enum stage { STAGE_NONE, STAGE_INTENT, STAGE_FAILED, STAGE_SIGNED, STAGE_VERIFIED, STAGE_WRITTEN };

struct item_state {
	enum stage stage;
	long attempts;
};

struct order {
	const struct ceremony *c;
	struct item_state *items;
	bool policy, passed, login, key; /* of the run that goes on */
	bool ended;
	long approving;                  /* approvals that counted in this run */
	long by_member[POLICY_MEMBERS_MAX]; /* the same, each member's */
};

static const char *text_of(const struct transcript_record *r, const char *key) {
	struct json_place top = json_top(&r->document);
	struct error ignored = ERROR_INIT;
	const char *text = NULL;

	return json_read_string(&top, key, JSON_REQUIRED, 4096, &text, &ignored) == CAPROOF_OK ?
		text : "";
}

static bool is_text(const struct transcript_record *r, const char *key, const char *wanted) {
	return strcmp(text_of(r, key), wanted) == 0;
}

static bool is_flag(const struct transcript_record *r, const char *key) {
	struct json_place top = json_top(&r->document);
	struct error ignored = ERROR_INIT;
	bool flag = false;

	return json_read_flag(&top, key, JSON_OPTIONAL, &flag, &ignored) == CAPROOF_OK && flag;
}

bool audit_was_discounted(const struct ceremony *c, const char *name) {
	for (size_t i = 0; i < c->transcript.count; i++) {
		const struct transcript_record *r = &c->transcript.records[i];

		if (r->event == EVENT_APPROVAL && is_text(r, "name", name) && !is_flag(r, "counts"))
			return true;
	}
	return false;
}

static void begin_run(struct order *o) {
	o->policy = o->passed = o->login = o->key = false;
	o->approving = 0;
	memset(o->by_member, 0, sizeof(o->by_member));
}

static void take_approval(struct order *o, const struct transcript_record *r) {
	const struct ceremony_policy *policy = &o->c->policy;

	if (!is_flag(r, "counts") || !is_text(r, "decision", "approve"))
		return;
	o->approving++;
	for (size_t i = 0; i < policy->members_count; i++)
		o->by_member[i] += is_text(r, "name", policy->members[i].name);
}

/* Those that were recorded are those that count at WHEN, and no others. */
static bool approvals_fit(const struct order *o, time_t when) {
	const struct ceremony *c = o->c;
	bool vetoed;

	for (size_t i = 0; i < c->approvals.count; i++) {
		const struct ceremony_approval *a = &c->approvals.list[i];
		bool counts = a->sound && a->decision == DECISION_APPROVE &&
			approval_untimely(a, &c->policy, when) == NULL;

		if (o->by_member[a->member - c->policy.members] != (long)counts)
			return false;
	}
	return o->approving == approvals_count_at(&c->approvals, &c->policy, when, &vetoed);
}

static const char *take_policy(struct order *o, const struct transcript_record *r) {
	o->policy = is_text(r, "sha256", o->c->policy.sha256) &&
		is_text(r, "expected", o->c->policy.sha256);
	return NULL;
}

static const char *take_gate(struct order *o, const struct transcript_record *r) {
	struct json_place top = json_top(&r->document);
	struct error ignored = ERROR_INIT;
	long long approvals = -1;

	if (json_read_number(&top, "approvals", JSON_REQUIRED, 0, POLICY_MEMBERS_MAX, &approvals,
		&ignored) != CAPROOF_OK || approvals != o->approving ||
		approvals < o->c->policy.threshold || !approvals_fit(o, r->time))
		return "a gate was passed without the approvals that were recorded";
	if (!o->policy)
		return "a gate was passed for another policy";
	if (!is_text(r, "plan_sha256", o->c->plan.sha256))
		return "a gate was passed for another plan";
	if (r->time < o->c->plan.execute_from || r->time > o->c->plan.execute_until)
		return "a gate was passed outside of the time to execute";
	o->passed = true;
	o->login = o->key = false;
	return NULL;
}

static const char *take_login(struct order *o, const struct transcript_record *r) {
	if (!o->passed)
		return "somebody logged in before the gates were passed";
	o->login = is_text(r, "result", "ok");
	return NULL;
}

static void take_key(struct order *o, const struct transcript_record *r) {
	const struct ceremony_plan *plan = &o->c->plan;

	o->key = o->login && (!plan->expect_sensitive || is_text(r, "sensitive", "true")) &&
		(!plan->expect_never_extractable || is_text(r, "never_extractable", "true"));
}

static const char *take_intent(struct order *o, const struct transcript_record *r,
	const struct ceremony_item *item, struct item_state *state) {
	const struct ceremony_plan *plan = &o->c->plan;

	if (!o->passed || !o->login || !o->key)
		return "something was to be signed before the gates, the login and the key";
	if (r->time < plan->execute_from || r->time > plan->execute_until ||
		(item->code_expires != CEREMONY_NO_TIME && r->time > item->code_expires))
		return "something was to be signed out of its time";
	if (state->stage == STAGE_WRITTEN)
		return "something was to be signed that was written already";
	if (r->attempt != state->attempts + 1)
		return "attempts do not count up";
	state->attempts = r->attempt;
	state->stage = STAGE_INTENT;
	return NULL;
}

/* A result that was found in its place is verified, and recorded, once more. */
static const char *take_step(const struct transcript_record *r,
	const struct ceremony_item *item, struct item_state *state) {
	switch (r->event) {
	case EVENT_SIGN_RESULT:
		if (state->stage != STAGE_INTENT || r->attempt != state->attempts)
			return "a result without its intent";
		state->stage = is_text(r, "result", "signed") ? STAGE_SIGNED : STAGE_FAILED;
		return NULL;
	case EVENT_VERIFIED:
		if (state->stage != STAGE_SIGNED && state->stage != STAGE_VERIFIED)
			return "something was verified that was not signed";
		state->stage = STAGE_VERIFIED;
		return NULL;
	default:
		if (state->stage != STAGE_VERIFIED)
			return "something was written that was not verified";
		if (r->file == NULL || strcmp(r->file, item->out) != 0)
			return "something was written to another file";
		state->stage = STAGE_WRITTEN;
		return NULL;
	}
}

static const char *take_item(struct order *o, const struct transcript_record *r) {
	const struct ceremony_item *item;

	if (r->index < 0 || r->index >= (long)o->c->plan.count)
		return "a record is about an item that is not in the plan";
	item = &o->c->plan.items[r->index];
	if ((r->event == EVENT_SIGN_INTENT || r->event == EVENT_SIGN_RESULT) &&
		(r->tbs_sha256 == NULL || strcmp(r->tbs_sha256, item->tbs_sha256) != 0))
		return "something was to be signed that is not in the plan";
	return r->event == EVENT_SIGN_INTENT ? take_intent(o, r, item, &o->items[r->index]) :
		take_step(r, item, &o->items[r->index]);
}

static const char *take(struct order *o, const struct transcript_record *r) {
	o->ended = false;
	switch (r->event) {
	case EVENT_RUN_START:
		begin_run(o);
		return NULL;
	case EVENT_REHEARSAL:
		return "it is that of a rehearsal";
	case EVENT_POLICY:
		return take_policy(o, r);
	case EVENT_APPROVAL:
		take_approval(o, r);
		return NULL;
	case EVENT_GATE_PASSED:
		return take_gate(o, r);
	case EVENT_LOGIN:
		return take_login(o, r);
	case EVENT_KEY:
		take_key(o, r);
		return NULL;
	case EVENT_SIGN_INTENT:
	case EVENT_SIGN_RESULT:
	case EVENT_VERIFIED:
	case EVENT_WRITTEN:
		return take_item(o, r);
	case EVENT_RUN_END:
	case EVENT_ABORT:
	case EVENT_GATE_REFUSED:
		begin_run(o);
		o->ended = true;
		return NULL;
	case EVENT_DEVIATION:
		o->ended = true;
		return r->index < (long)o->c->plan.count ? NULL :
			"a record is about an item that is not in the plan";
	default:
		return NULL;
	}
}

static const char *walk(struct order *o) {
	const struct transcript *t = &o->c->transcript;
	const char *wrong = NULL;

	if (t->count == 0)
		return "it is empty, the ceremony was not run";
	if (t->torn.len > 0)
		return "its last record is cut off";
	if (t->records[0].event != EVENT_RUN_START)
		return "it does not begin with run.start";
	for (size_t i = 0; wrong == NULL && i < t->count; i++)
		wrong = take(o, &t->records[i]);
	if (wrong == NULL && !o->ended)
		wrong = "it ends in the middle of a run";
	return wrong;
}

const char *audit_out_of_order(const struct ceremony *ceremony) {
	struct order order = { .c = ceremony };
	const char *wrong;

	order.items = calloc(ceremony->plan.count + 1, sizeof(*order.items));
	if (order.items == NULL)
		return "there is no memory to check it";
	wrong = walk(&order);
	free(order.items);
	return wrong;
}
