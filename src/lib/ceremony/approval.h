/* SPDX-License-Identifier: Apache-2.0
 *
 * Approvals: a statement in one line of JSON, and a detached CMS signature on it by an
 * officer's card.
 */
#ifndef CAPROOF_CEREMONY_APPROVAL_H
#define CAPROOF_CEREMONY_APPROVAL_H

#include "ceremony/plan_file.h"
#include "ceremony/policy.h"

enum ceremony_decision { DECISION_APPROVE, DECISION_REJECT };

struct ceremony_approval {
	const struct ceremony_member *member; /* whose file it is */
	enum ceremony_decision decision;
	time_t time;
	char *comment;       /* safe to show */
	bool sound;          /* it counts, but for its time */
	bool counts;         /* at the time that was asked for */
	char *why;           /* why it does not count; NULL when it does */
};

struct ceremony_approvals {
	struct ceremony_approval list[POLICY_MEMBERS_MAX];
	size_t count;
	long approving;      /* distinct keys of officers that approve */
	bool vetoed;         /* a reject that counts, and the policy lets it veto */
};

/* Whether APPROVAL, when it is sound, counts at NOW, and if not why; static.  It may not be
 * from the future; an approval, but no reject, may be too old. */
const char *approval_untimely(const struct ceremony_approval *approval,
	const struct ceremony_policy *policy, time_t now);

/* How many sound APPROVALS approve and count at WHEN; *VETOED: a reject that counts, where the
 * policy lets it veto. */
long approvals_count_at(const struct ceremony_approvals *approvals,
	const struct ceremony_policy *policy, time_t when, bool *vetoed);

/* The statement of MEMBER, one line, ready to be signed. */
NODISCARD enum caproof_status approval_statement(const struct ceremony_plan *plan,
	const struct ceremony_member *member, enum ceremony_decision decision, const char *comment,
	time_t now, struct bytes *out, struct error *err);
/* Read approvals/ and decide which of them count at NOW: signed by the very member whose
 * name and role the statement gives, an officer, for this plan, not from the future, not
 * older than the policy allows.  What does not count is no error.  When a record
 * is checked later NOW is the time of the run. */
NODISCARD enum caproof_status approvals_read(const struct bundle *bundle,
	const struct ceremony_plan *plan, const struct ceremony_policy *policy, time_t now,
	struct ceremony_approvals *out, struct error *err);
void approvals_clear(struct ceremony_approvals *approvals);

#endif
