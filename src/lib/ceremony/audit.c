/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions of an auditor, in order: is this the policy, is this the CA, is the plan what
 * it says, who approved it, what happened, are the results what was planned, who sealed it.
 */
#include "ceremony/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/audit_files.h"
#include "ceremony/audit_order.h"
#include "ceremony/cms.h"
#include "ceremony/sums.h"

#define ANCHORS_SHOWN 100

struct auditing {
	const struct audit_input *input;
	struct ceremony c;
	struct audit *audit;
	struct error *err;
};

static enum caproof_status add(struct auditing *a, const char *id, bool good,
	enum caproof_status verdict, const char *text) {
	if (!good && (a->audit->verdict == CAPROOF_OK || verdict == CAPROOF_UNVERIFIED))
		a->audit->verdict = verdict;
	return checks_add(&a->audit->checks, id, good ? CHECK_OK : CHECK_REFUSED, NULL, NULL, a->err,
		"%s", text);
}

/* A step that failed with WHY: a check that refuses, unless it is memory. */
static enum caproof_status add_failure(struct auditing *a, const char *id,
	const struct error *why) {
	if (why->id == ERROR_MEMORY || why->id == ERROR_INTERNAL) {
		*a->err = *why;
		return error_status(a->err);
	}
	return add(a, id, false, error_status(why) == CAPROOF_UNVERIFIED &&
		why->id != ERROR_RECORD ? CAPROOF_UNVERIFIED : CAPROOF_GATE, why->message);
}

/* --- the plan ------------------------------------------------------------------------- */

/* True when there is something to go on with; whatever else a rehearsal is, it is that first. */
static enum caproof_status open_all(struct auditing *a, bool *go_on) {
	struct error why = ERROR_INIT;
	enum caproof_status status = ceremony_open(a->input->path, a->input->now, &a->c, &why);

	*go_on = status == CAPROOF_OK && a->c.plan.rehearses == NULL;
	if (a->c.plan.rehearses != NULL)
		return add(a, "rehearsal", false, CAPROOF_GATE, "this is a rehearsal: it proves nothing");
	if (*go_on)
		return add(a, "plan", true, CAPROOF_OK, "every item of the plan is made again from its "
			"fields and inputs, octet by octet; the transcript's chain is whole");
	return add_failure(a, "plan", &why);
}

static enum caproof_status check_policy(struct auditing *a) {
	const struct ceremony *c = &a->c;
	bool given = strcmp(c->policy.sha256, a->input->policy_sha256) == 0;
	bool planned = strcmp(c->policy.sha256, c->plan.policy_sha256) == 0;

	return add(a, "policy", given && planned, CAPROOF_GATE, !given ? "policy.json is not the "
		"policy whose hash was given" : !planned ? "the plan was made for another policy" :
		"the policy is the one whose hash was given, and the plan's");
}

static enum caproof_status check_ca(struct auditing *a) {
	bool same = strcmp(a->c.plan.ca->sha256, a->input->ca->sha256) == 0;
	enum caproof_status status = add(a, "ca", same, CAPROOF_GATE, same ?
		"the issuer is the CA certificate that was given" :
		"the issuer is another certificate than the one that was given");

	for (size_t i = 0; status == CAPROOF_OK && i < a->c.policy.members_count; i++)
		if (strcmp(a->c.policy.members[i].spki_sha256, a->c.plan.ca->spki_sha256) == 0)
			status = add(a, "roster", false, CAPROOF_GATE, "a member has the CA's own key");
	return status;
}

/* --- the record ----------------------------------------------------------------------- */

time_t audit_time_of_run(const struct ceremony *c) {
	for (size_t i = 0; i < c->transcript.count; i++)
		if (c->transcript.records[i].event == EVENT_GATE_PASSED)
			return c->transcript.records[i].time;
	return c->transcript.count > 0 ? c->transcript.records[0].time : c->now;
}

/* Each run that passed the gates had its quorum at its own time. */
static bool check_each_run(const struct ceremony *c) {
	bool good = true, vetoed;

	for (size_t i = 0; good && i < c->transcript.count; i++)
		if (c->transcript.records[i].event == EVENT_GATE_PASSED)
			good = approvals_count_at(&c->approvals, &c->policy, c->transcript.records[i].time,
				&vetoed) >= c->policy.threshold && !vetoed;
	return good;
}

/* What the room knew not to count makes the record no less true. */
static enum caproof_status list_approval(struct auditing *a,
	const struct ceremony_approval *approval) {
	bool known = approval->sound || audit_was_discounted(&a->c, approval->member->name);

	if (!known && a->audit->verdict == CAPROOF_OK)
		a->audit->verdict = CAPROOF_GATE;
	return checks_add(&a->audit->checks, "approval", approval->counts ? CHECK_OK :
		known ? CHECK_WARNING : CHECK_REFUSED, NULL, NULL, a->err, "%s %s%s%s",
		approval->member->name, approval->decision == DECISION_APPROVE ? "approves" : "rejects",
		approval->counts ? "" : ", which does not count: ", approval->counts ? "" : approval->why);
}

static enum caproof_status check_approvals(struct auditing *a) {
	struct ceremony *c = &a->c;
	struct ceremony_approvals approvals;
	char text[200];
	enum caproof_status status = approvals_read(&c->bundle, &c->plan, &c->policy,
		audit_time_of_run(c), &approvals, a->err);

	if (status != CAPROOF_OK) {
		approvals_clear(&approvals);
		return status;
	}
	snprintf(text, sizeof(text), "%ld of %ld approvals count%s%s", approvals.approving,
		c->policy.threshold, approvals.vetoed ? ", and an officer rejected the plan" : "",
		c->policy.threshold == 0 ? ": the policy asks for none" : "");
	for (size_t i = 0; status == CAPROOF_OK && i < approvals.count; i++)
		status = list_approval(a, &approvals.list[i]);
	approvals_clear(&approvals);
	/* A run that was refused for lack of approvals is a record like any other. */
	return status == CAPROOF_OK ? add(a, "quorum", check_each_run(c), CAPROOF_GATE, text) : status;
}

static enum caproof_status check_transcript(struct auditing *a) {
	const char *wrong = audit_out_of_order(&a->c);
	char text[200];

	if (wrong == NULL)
		snprintf(text, sizeof(text), "the transcript has %zu records, in an order that can be",
			a->c.transcript.count);
	else
		snprintf(text, sizeof(text), "the transcript is broken: %s", wrong);
	return add(a, "transcript", wrong == NULL, CAPROOF_GATE, text);
}

/* --- the results ------------------------------------------------------------------------ */

static enum caproof_status check_result_record(struct auditing *a,
	const struct ceremony_item *item, const struct transcript_item *done, const char *sha256) {
	const char *wrong = !(done->attempts > 0 && done->result && done->verified && done->written) ?
		"has no whole record of how it was made" :
		done->two_hashes || done->sha256 == NULL || strcmp(done->sha256, sha256) != 0 ?
		"is not the one that was recorded" : NULL;
	char text[300];

	if (wrong == NULL)
		return CAPROOF_OK;
	snprintf(text, sizeof(text), "item %ld: '%s' %s", item->index, item->out, wrong);
	return add(a, "result.record", false, CAPROOF_GATE, text);
}

static enum caproof_status check_result(struct auditing *a, const struct ceremony_item *item) {
	struct ceremony *c = &a->c;
	struct transcript_item done = transcript_item(&c->transcript, item->index);
	struct bytes file = BYTES_INIT;
	struct error why = ERROR_INIT;
	char sha256[SHA256_HEX_SIZE], text[300];
	bool good = false, there = bundle_has(&c->bundle, item->out);
	enum caproof_status status;

	if (!there) {
		snprintf(text, sizeof(text), done.written ? "item %ld: '%s' was written and is gone" :
			done.attempts > 0 ? "item %ld: indeterminate, the token may have signed it: no '%s'" :
			"item %ld: not signed: no '%s'", item->index, item->out);
		return add(a, "result", !done.written, CAPROOF_GATE, text);
	}
	status = bundle_read(&c->bundle, item->out, &file, &why);
	if (status == CAPROOF_OK)
		status = ceremony_result_check(&c->plan, item, bytes_span(&file), &good, sha256, &why);
	bytes_clear(&file);
	if (status != CAPROOF_OK)
		return add_failure(a, "result", &why);
	snprintf(text, sizeof(text), good ?
		"item %ld: '%s' is the planned octets and a signature by the CA's key" :
		"item %ld: '%s' is not the planned octets with a signature by the CA's key",
		item->index, item->out);
	status = add(a, "result", good, CAPROOF_UNVERIFIED, text);
	if (status == CAPROOF_OK && good)
		status = check_result_record(a, item, &done, sha256);
	return status;
}

/* --- the seal --------------------------------------------------------------------------- */

static enum caproof_status check_seal(struct auditing *a) {
	struct ceremony *c = &a->c;
	struct bytes there = BYTES_INIT, wanted = BYTES_INIT;
	struct error why = ERROR_INIT;
	time_t time = 0;
	bool same = false;
	enum caproof_status status = bundle_read(&c->bundle, SEAL_FILE, &there, &why);

	if (status == CAPROOF_OK)
		status = seal_time(bytes_span(&there), &time, &why);
	if (status == CAPROOF_OK)
		status = seal_make(c, time, &wanted, &why);
	if (status == CAPROOF_OK)
		same = span_equal(bytes_span(&there), bytes_span(&wanted));
	bytes_clear(&there);
	bytes_clear(&wanted);
	if (status != CAPROOF_OK)
		return add_failure(a, "seal", &why);
	return add(a, "seal", same, CAPROOF_GATE, same ?
		"seal.json is the end of this very record" :
		"seal.json is not the end of this record");
}

static enum caproof_status check_sums(struct auditing *a, struct bytes *sums) {
	struct bytes wanted = BYTES_INIT;
	struct error why = ERROR_INIT;
	bool same = false;
	enum caproof_status status = bundle_read(&a->c.bundle, SUMS_FILE, sums, &why);

	if (status == CAPROOF_OK)
		status = sums_make(&a->c.bundle, &wanted, &why);
	if (status == CAPROOF_OK)
		same = span_equal(bytes_span(sums), bytes_span(&wanted));
	bytes_clear(&wanted);
	if (status != CAPROOF_OK)
		return add_failure(a, "sums", &why);
	return add(a, "sums", same, CAPROOF_GATE, same ?
		"SHA256SUMS is what the files of the bundle make, no more and no fewer" :
		"SHA256SUMS is not what the files of the bundle make: one was changed, added, removed or "
		"renamed");
}

static enum caproof_status check_sealer(struct auditing *a, enum ceremony_role role,
	struct span sums) {
	struct ceremony *c = &a->c;
	char name[SEAL_NAME_SIZE], text[300];
	enum caproof_status status = CAPROOF_OK;
	bool sealed = false;

	for (size_t i = 0; status == CAPROOF_OK && i < c->policy.members_count; i++) {
		const struct ceremony_member *member = &c->policy.members[i];
		struct cms_verdict verdict = { false, 0, NULL };
		struct bytes message = BYTES_INIT;
		struct error why = ERROR_INIT;

		if (member->role != role || !bundle_has(&c->bundle, seal_signature_name(name, member)))
			continue;
		if (bundle_read(&c->bundle, name, &message, &why) != CAPROOF_OK)
			return add_failure(a, "sealer", &why);
		status = cms_verify(bytes_span(&message), sums, &member->cert, 1, &verdict, a->err);
		bytes_clear(&message);
		if (status != CAPROOF_OK)
			return status;
		sealed = sealed || verdict.good;
		snprintf(text, sizeof(text), "%s %s '%s' %s", verdict.good ? "it is sealed by" :
			"the seal of", ceremony_role_name(role), member->name, verdict.good ? "" : verdict.why);
		status = add(a, "sealer", verdict.good, CAPROOF_UNVERIFIED, text);
	}
	if (status == CAPROOF_OK && !sealed && c->policy.seal[role]) {
		snprintf(text, sizeof(text), "no %s has sealed it, which the policy asks for",
			ceremony_role_name(role));
		status = add(a, "sealer", false, CAPROOF_GATE, text);
	}
	return status;
}

static enum caproof_status check_files(struct auditing *a) {
	struct error why = ERROR_INIT;

	if (audit_files(&a->c, &why) != CAPROOF_OK)
		return add_failure(a, "files", &why);
	return add(a, "files", true, CAPROOF_OK, "there are no files but those of the ceremony, and "
		"what is attached");
}

/* They are listed, so that nobody overlooks them, and not judged. */
static enum caproof_status list_anchors(struct auditing *a) {
	struct sums_names names;
	struct error why = ERROR_INIT;
	char text[400], shown[300];
	enum caproof_status status = sums_names(&a->c.bundle, "anchors", &names, &why);

	if (status != CAPROOF_OK)
		status = add_failure(a, "anchor", &why);
	for (size_t i = 0; status == CAPROOF_OK && i < names.count && i < ANCHORS_SHOWN; i++) {
		snprintf(text, sizeof(text), "'%s' was added later, and is not checked here",
			text_safe(shown, sizeof(shown), names.list[i], strlen(names.list[i])));
		status = add(a, "anchor", true, CAPROOF_OK, text);
	}
	if (status == CAPROOF_OK && names.count > ANCHORS_SHOWN) {
		snprintf(text, sizeof(text), "%zu more files are in anchors/", names.count - ANCHORS_SHOWN);
		status = add(a, "anchor", true, CAPROOF_OK, text);
	}
	sums_names_clear(&names);
	return status;
}

static enum caproof_status check_end(struct auditing *a) {
	struct bytes sums = BYTES_INIT;
	enum caproof_status status;

	if (!bundle_has(&a->c.bundle, SEAL_FILE) || !bundle_has(&a->c.bundle, SUMS_FILE))
		return add(a, "seal", false, CAPROOF_GATE, "nobody has sealed it");
	if ((status = check_seal(a)) == CAPROOF_OK && (status = check_sums(a, &sums)) == CAPROOF_OK &&
		(status = check_sealer(a, ROLE_OPERATOR, bytes_span(&sums))) == CAPROOF_OK)
		status = check_sealer(a, ROLE_WITNESS, bytes_span(&sums));
	bytes_clear(&sums);
	return status;
}

static enum caproof_status check_all(struct auditing *a) {
	bool go_on = false;
	enum caproof_status status = open_all(a, &go_on);

	if (status != CAPROOF_OK || !go_on)
		return status;
	if ((status = add(a, "rehearsal", true, CAPROOF_OK, "this is no rehearsal")) != CAPROOF_OK)
		return status;
	a->audit->known_outcome = true;
	a->audit->outcome = ceremony_outcome(&a->c);
	if ((status = check_policy(a)) != CAPROOF_OK || (status = check_ca(a)) != CAPROOF_OK ||
		(status = check_approvals(a)) != CAPROOF_OK ||
		(status = check_transcript(a)) != CAPROOF_OK)
		return status;
	for (size_t i = 0; status == CAPROOF_OK && i < a->c.plan.count; i++)
		status = check_result(a, &a->c.plan.items[i]);
	if (status == CAPROOF_OK)
		status = check_files(a);
	if (status == CAPROOF_OK)
		status = check_end(a);
	return status == CAPROOF_OK ? list_anchors(a) : status;
}

enum caproof_status ceremony_audit(const struct audit_input *input, struct audit *out,
	struct error *err) {
	struct auditing auditing = { .input = input, .audit = out, .err = err };
	enum caproof_status status;

	memset(out, 0, sizeof(*out));
	status = check_all(&auditing);
	ceremony_clear(&auditing.c);
	return status;
}

void audit_clear(struct audit *audit) {
	checks_clear(&audit->checks);
}
