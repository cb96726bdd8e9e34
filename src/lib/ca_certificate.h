/* SPDX-License-Identifier: Apache-2.0
 *
 * Plan and seal of a CA certificate that is signed with the key it certifies: what
 * platforms ask of one is in it, and what they ask is held against it before the login
 * and again when it is signed.
 */
#ifndef CAPROOF_CA_CERTIFICATE_H
#define CAPROOF_CA_CERTIFICATE_H

#include "plan.h"

#define CA_DEFAULT_DAYS 3650

struct ca_certificate_input {
	const struct platform *platform;
	const struct public_key *key;  /* as in SPKI */
	struct span spki;
	struct span subject;           /* DER Name */
	struct span subject_key_id;    /* empty: computed */
	long path_len;                 /* -1: no limit */
	struct algorithm algorithm;
	struct span serial;
	time_t now;
	time_t not_before, not_after;  /* or PLAN_DEFAULT: a day back, CA_DEFAULT_DAYS from now */
	const char *out_name;          /* "-": standard output */
	bool pem;
	struct checks *refused;        /* empty, or NULL; gets the checks when there is no plan */
};

/* Make the plan; as with plan_build it is pure.  Errors: rule (the platform would refuse
 * the certificate), validity. */
NODISCARD enum caproof_status ca_certificate_plan(const struct ca_certificate_input *input,
	struct plan **out, struct error *err);

/* Hold the finished certificate, FILE as it will be written, against PLAN and the CA rules
 * of PLATFORM.  Every check is appended to CHECKS.  Errors: proof, rule. */
NODISCARD enum caproof_status ca_certificate_check(const struct plan *plan,
	const struct platform *platform, struct span file, time_t now, struct checks *checks,
	struct error *err);

#endif
