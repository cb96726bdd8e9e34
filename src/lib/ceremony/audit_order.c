/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of a ceremony: nothing is announced before the gates, the login and the key of
 * the same run, nothing out of time, nothing that is not in the plan.
 */
#include "ceremony/audit_order.h"

#include <string.h>

struct order {
	const struct ceremony *c;
	bool passed, login, key, ended;
};

static bool says(const struct transcript_record *r, const char *key, const char *value) {
	const struct json_place top = json_top(&r->document);
	struct error ignored = ERROR_INIT;
	const char *text = NULL;

	return json_read_string(&top, key, JSON_REQUIRED, 4096, &text, &ignored) == CAPROOF_OK &&
		strcmp(text, value) == 0;
}

bool audit_was_discounted(const struct ceremony *c, const char *name) {
	for (size_t i = 0; i < c->transcript.count; i++) {
		const struct transcript_record *r = &c->transcript.records[i];
		const struct json_place top = json_top(&r->document);
		struct error ignored = ERROR_INIT;
		bool counts = true;

		if (r->event == EVENT_APPROVAL && says(r, "name", name) &&
			json_read_flag(&top, "counts", JSON_REQUIRED, &counts, &ignored) == CAPROOF_OK &&
			!counts)
			return true;
	}
	return false;
}

static const char *intent_is_wrong(const struct order *order, const struct transcript_record *r) {
	const struct ceremony_plan *plan = &order->c->plan;

	if (!(order->passed && order->login && order->key))
		return "something was to be signed before the gates, the login and the key";
	if (r->index < 0 || r->index >= (long)plan->count || r->tbs_sha256 == NULL ||
		strcmp(r->tbs_sha256, plan->items[r->index].tbs_sha256) != 0)
		return "something was to be signed that is not in the plan";
	if (r->time < plan->execute_from || r->time > plan->execute_until ||
		(plan->items[r->index].code_expires != CEREMONY_NO_TIME &&
		r->time > plan->items[r->index].code_expires))
		return "something was to be signed out of time";
	return NULL;
}

static const char *step(struct order *order, const struct transcript_record *r) {
	if (r->event == EVENT_RUN_START)
		order->passed = order->login = order->key = false;
	if (r->event == EVENT_GATE_PASSED && !says(r, "plan_sha256", order->c->plan.sha256))
		return "the gates were passed for another plan";
	if (r->event == EVENT_LOGIN && !order->passed)
		return "somebody logged in before the gates were passed";
	order->passed = order->passed || r->event == EVENT_GATE_PASSED;
	order->login = order->login || (r->event == EVENT_LOGIN && says(r, "result", "ok"));
	order->key = order->key || r->event == EVENT_KEY;
	order->ended = r->event == EVENT_RUN_END || r->event == EVENT_ABORT ||
		r->event == EVENT_GATE_REFUSED || r->event == EVENT_DEVIATION;
	return r->event == EVENT_SIGN_INTENT ? intent_is_wrong(order, r) : NULL;
}

const char *audit_out_of_order(const struct ceremony *c) {
	struct order order = { .c = c };
	const struct transcript_record *records = c->transcript.records;

	for (size_t i = 0; i < c->transcript.count; i++) {
		const char *wrong = step(&order, &records[i]);

		if (i == 0 && records[i].event != EVENT_RUN_START)
			return "it does not begin with run.start";
		if (i > 0 && records[i].time < records[i - 1].time - 86400)
			return "its times go backwards";
		if (wrong != NULL)
			return wrong;
	}
	return c->transcript.count == 0 ? "it is empty" : c->transcript.torn.len > 0 ?
		"its last record is cut off" : !order.ended ? "it ends in the middle of a run" : NULL;
}
