/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a ceremony, and its gates.  Everything that is refused here is refused before
 * anybody logs in, and is in the record.
 */
#include "ceremony/ceremony.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static enum caproof_status read_policy(struct ceremony *c, struct error *err) {
	struct bytes text = BYTES_INIT;
	enum caproof_status status = bundle_read(&c->bundle, "policy.json", &text, err);

	if (status == CAPROOF_OK)
		status = policy_parse(bytes_span(&text), &c->bundle, &c->policy, err);
	bytes_clear(&text);
	return status;
}

enum caproof_status ceremony_open(const char *path, time_t now, struct ceremony *c,
	struct error *err) {
	enum caproof_status status;

	memset(c, 0, sizeof(*c));
	c->bundle.folder = c->transcript.fd = -1;
	c->now = now;
	if ((status = bundle_open(path, &c->bundle, err)) != CAPROOF_OK)
		return status;
	c->gate = "plan";
	if ((status = ceremony_plan_read(&c->bundle, &c->plan, err)) != CAPROOF_OK)
		return status;
	c->gate = "policy";
	if ((status = read_policy(c, err)) != CAPROOF_OK)
		return status;
	c->gate = NULL;
	status = approvals_read(&c->bundle, &c->plan, &c->policy, now, &c->approvals, err);
	return status == CAPROOF_OK ? transcript_read(&c->bundle, &c->plan, &c->transcript, err) :
		status;
}

const char *ceremony_shut_gate(struct ceremony *c, const struct error *why) {
	struct error ignored = ERROR_INIT;

	if (c->gate == NULL || c->plan.text.len == 0 || why->id == ERROR_MEMORY ||
		why->id == ERROR_INTERNAL)
		return NULL;
	return transcript_read_as_found(&c->bundle, &c->plan, &c->transcript, &ignored) ==
		CAPROOF_OK ? c->gate : NULL;
}

void ceremony_clear(struct ceremony *c) {
	transcript_clear(&c->transcript);
	approvals_clear(&c->approvals);
	policy_clear(&c->policy);
	ceremony_plan_clear(&c->plan);
	bundle_close(&c->bundle);
}

enum caproof_status ceremony_refuse(struct ceremony *c, const char *gate, struct error *err,
	const char *fmt, ...) {
	struct error late = ERROR_INIT;
	char why[sizeof(err->message)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	error_set(err, ERROR_GATE, "the gate '%s' is shut: %s", gate, why);
	if (transcript_add(&c->transcript, EVENT_GATE_REFUSED, &late, "s:s, s:s", "gate", gate, "why",
		why) != CAPROOF_OK) {
		*err = late;
		return error_status(err);
	}
	return CAPROOF_GATE;
}

/* --- the gates ---------------------------------------------------------------------- */

/* Before anything else: whatever is wrong with a rehearsal, that it is one matters more. */
static enum caproof_status gate_rehearsal(struct ceremony *c, struct error *err) {
	enum caproof_status status;

	if (c->plan.rehearses == NULL)
		return CAPROOF_OK;
	status = ceremony_refuse(c, "plan", err, "this is a rehearsal, which is over and worth "
		"nothing");
	error_hint(err, "run the ceremony that it rehearses, or rehearse that once more");
	return status;
}

static enum caproof_status gate_policy(struct ceremony *c, const struct ceremony_gates *gates,
	struct error *err) {
	enum caproof_status status = transcript_add(&c->transcript, EVENT_POLICY, err,
		"s:s, s:s, s:s", "sha256", c->policy.sha256, "expected", gates->policy_sha256, "from",
		"the command line");

	if (status != CAPROOF_OK)
		return status;
	if (strcmp(gates->policy_sha256, c->policy.sha256) != 0) {
		status = ceremony_refuse(c, "policy", err, "policy.json has the SHA-256 %s, not the one "
			"that was given", c->policy.sha256);
		if (status == CAPROOF_GATE)
			error_hint(err, "hold what was typed against the form, digit by digit; when the form "
				"says it, this is not the policy that was agreed on: stop");
		return status;
	}
	if (strcmp(c->plan.policy_sha256, c->policy.sha256) != 0)
		return ceremony_refuse(c, "policy", err, "the plan was made for another policy");
	for (size_t i = 0; i < c->policy.members_count; i++)
		if (strcmp(c->policy.members[i].spki_sha256, c->plan.ca->spki_sha256) == 0)
			return ceremony_refuse(c, "roster", err, "member '%s' has the CA's own key",
				c->policy.members[i].name);
	return CAPROOF_OK;
}

enum caproof_status approvals_record(const struct ceremony_approvals *approvals,
	struct transcript *transcript, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < approvals->count; i++) {
		const struct ceremony_approval *a = &approvals->list[i];

		status = transcript_add(transcript, EVENT_APPROVAL, err, "s:s, s:s, s:b, s:s*", "name",
			a->member->name, "decision", a->decision == DECISION_APPROVE ? "approve" : "reject",
			"counts", (int)a->counts, "why", a->why);
	}
	return status;
}

/* Who, and why: the record has it, but a rehearsal leaves none. */
static void tell_officers(const struct ceremony *c, bool veto, struct error *err) {
	bool any = veto;

	for (size_t i = 0; i < c->approvals.count; i++)
		any = any || !c->approvals.list[i].counts;
	error_hint(err, "%s", veto ?
		"make a new plan, and have that approved; this one is rejected by" :
		any ? "what is in approvals/ and does not count is that of" :
		"an approval is two files, approvals/NAME.json and approvals/NAME.p7s: copy those of each "
		"officer into the ceremony's folder");
	for (size_t i = 0; i < c->approvals.count; i++) {
		const struct ceremony_approval *a = &c->approvals.list[i];

		if (veto ? a->counts && a->decision == DECISION_REJECT : !a->counts)
			error_hint_line(err, "'%s': %s", a->member->name, veto ? a->comment : a->why);
	}
}

static enum caproof_status gate_quorum(struct ceremony *c, struct error *err) {
	enum caproof_status status = approvals_record(&c->approvals, &c->transcript, err);

	if (status != CAPROOF_OK)
		return status;
	if (c->approvals.vetoed)
		status = ceremony_refuse(c, "veto", err, "an officer rejected the plan");
	else if (c->approvals.approving < c->policy.threshold)
		status = ceremony_refuse(c, "quorum", err, "%ld of %ld approvals count",
			c->approvals.approving, c->policy.threshold);
	if (status == CAPROOF_GATE)
		tell_officers(c, c->approvals.vetoed, err);
	return status;
}

enum caproof_status ceremony_check_time(struct ceremony *c, struct error *err) {
	char a[TEXT_TIME_SIZE], b[TEXT_TIME_SIZE];

	if (c->now < c->plan.execute_from || c->now > c->plan.execute_until)
		return ceremony_refuse(c, "window", err, "it may be run from %s to %s",
			text_time(a, c->plan.execute_from), text_time(b, c->plan.execute_until));
	for (size_t i = 0; i < c->plan.count; i++)
		if (c->plan.items[i].code_expires != CEREMONY_NO_TIME &&
			c->plan.items[i].code_expires < c->now)
			return ceremony_refuse(c, "codes", err, "the code of item %zu expired at %s", i,
				text_time(a, c->plan.items[i].code_expires));
	for (size_t i = 0; i < c->plan.count; i++)
		if (c->plan.items[i].form != FORM_SIGNATURE && c->plan.items[i].not_after < c->now)
			return ceremony_refuse(c, "codes", err, "the certificate of item %zu would have ended "
				"at %s", i, text_time(a, c->plan.items[i].not_after));
	return CAPROOF_OK;
}

/* A file without its record is held against what it must be, and then recorded. */
static enum caproof_status adopt(struct ceremony *c, const struct ceremony_item *item,
	const char *sha256, struct error *err) {
	enum caproof_status status = transcript_add(&c->transcript, EVENT_VERIFIED, err,
		"s:I, s:s, s:b", "index", (long long)item->index, "sha256", sha256, "found", 1);

	return status == CAPROOF_OK ? transcript_add(&c->transcript, EVENT_WRITTEN, err,
		"s:I, s:s, s:s, s:b", "index", (long long)item->index, "file", item->out, "sha256", sha256,
		"found", 1) : status;
}

static enum caproof_status gate_output(struct ceremony *c, const struct ceremony_item *item,
	const struct ceremony_gates *gates, struct error *err) {
	struct transcript_item done = transcript_item(&c->transcript, item->index);
	struct bytes file = BYTES_INIT;
	char sha256[SHA256_HEX_SIZE];
	bool good = false;
	enum caproof_status status = CAPROOF_OK;

	if (!bundle_has(&c->bundle, item->out)) {
		if (done.written)
			return ceremony_refuse(c, "outputs", err, "'%s' was written and is gone", item->out);
		if (done.attempts == 0 || gates->retry == item->index)
			return CAPROOF_OK;
		return ceremony_refuse(c, "indeterminate", err, "the token may have signed item %ld "
			"already: retry it with --retry %ld --reason TEXT", item->index, item->index);
	}
	/* A file is made only after its signature was seen to verify. */
	if (!done.verified)
		return ceremony_refuse(c, "outputs", err, "'%s' is there, and no record of how it was "
			"made", item->out);
	status = bundle_read(&c->bundle, item->out, &file, err);
	if (status == CAPROOF_OK)
		status = ceremony_result_check(&c->plan, item, bytes_span(&file), &good, sha256, err);
	bytes_clear(&file);
	if (status != CAPROOF_OK)
		return status;
	if (!good)
		return ceremony_refuse(c, "outputs", err, "'%s' is not what the plan makes", item->out);
	return done.written ? CAPROOF_OK : adopt(c, item, sha256, err);
}

static enum caproof_status gate_retry(struct ceremony *c, const struct ceremony_gates *gates,
	struct error *err) {
	struct transcript_item item;

	if (gates->retry < 0)
		return CAPROOF_OK;
	item = transcript_item(&c->transcript, gates->retry);
	if (gates->retry >= (long)c->plan.count || item.attempts == 0 || item.written)
		return ceremony_refuse(c, "retry", err, "item %ld is not indeterminate", gates->retry);
	return transcript_add(&c->transcript, EVENT_DEVIATION, err, "s:I, s:s, s:s", "index",
		(long long)gates->retry, "what", "an indeterminate item is signed again", "reason",
		gates->reason);
}

enum caproof_status ceremony_gates(struct ceremony *c, const struct ceremony_gates *gates,
	struct error *err) {
	enum caproof_status status;

	if ((status = gate_rehearsal(c, err)) != CAPROOF_OK ||
		(status = gate_policy(c, gates, err)) != CAPROOF_OK ||
		(status = gate_quorum(c, err)) != CAPROOF_OK ||
		(status = ceremony_check_time(c, err)) != CAPROOF_OK)
		return status;
	for (size_t i = 0; status == CAPROOF_OK && i < c->plan.count; i++)
		status = gate_output(c, &c->plan.items[i], gates, err);
	return status == CAPROOF_OK ? gate_retry(c, gates, err) : status;
}

/* --- the key, after the login ---------------------------------------------------------- */

static const char *word(enum signer_word w) {
	return w == WORD_TRUE ? "true" : w == WORD_FALSE ? "false" : "not reported";
}

enum caproof_status ceremony_check_key(struct ceremony *c, const struct signer_key *key,
	const struct signer_attributes *a, struct error *err) {
	const char *missing = NULL;
	enum caproof_status status = transcript_add(&c->transcript, EVENT_KEY, err,
		"s:s, s:s, s:s, s:s, s:s, s:s, s:b", "uri", key->uri, "sensitive", word(a->sensitive),
		"always_sensitive", word(a->always_sensitive), "extractable", word(a->extractable),
		"never_extractable", word(a->never_extractable), "local", word(a->local),
		"always_authenticate", (int)key->always_authenticate);

	if (status != CAPROOF_OK)
		return status;
	if (c->plan.expect_sensitive && a->sensitive != WORD_TRUE)
		missing = "the module does not report that the key is sensitive";
	else if (c->plan.expect_never_extractable && a->never_extractable != WORD_TRUE)
		missing = "the module does not report that the key was never extractable";
	if (missing == NULL)
		return CAPROOF_OK;
	status = transcript_add(&c->transcript, EVENT_ABORT, err, "s:s", "why", missing);
	if (status != CAPROOF_OK)
		return status;
	error_set(err, ERROR_GATE, "%s, as the plan expects", missing);
	error_hint(err, "nothing was signed; a plan for this key needs another --expect-key, and new "
		"approvals");
	return error_status(err);
}
