/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking a ceremony's record, in any year, on any machine: by nothing but the bundle, the
 * policy's hash and the CA certificate.
 */
#ifndef CAPROOF_CEREMONY_AUDIT_H
#define CAPROOF_CEREMONY_AUDIT_H

#include "base/checks.h"
#include "ceremony/seal_file.h"

struct audit_input {
	const char *path;
	const char *policy_sha256;
	const struct ca *ca;
	time_t now;
};

struct audit {
	struct checks checks;          /* a line each, in the order of an auditor's questions */
	bool known_outcome;
	enum ceremony_outcome outcome;
	enum caproof_status verdict;   /* CAPROOF_OK, CAPROOF_UNVERIFIED or CAPROOF_GATE */
};

/* What does not hold is a check with CHECK_REFUSED, never an error.  A signature or a result
 * that does not verify makes the verdict CAPROOF_UNVERIFIED, everything else CAPROOF_GATE. */
NODISCARD enum caproof_status ceremony_audit(const struct audit_input *input, struct audit *out,
	struct error *err);
void audit_clear(struct audit *audit);
/* When the approvals had to count: when the gates were passed, else when a run began, else
 * now. */
time_t audit_time_of_run(const struct ceremony *ceremony);

#endif
