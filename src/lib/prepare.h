/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plan takes as arguments and nobody gave: algorithm, fresh key, serial number.
 * Here is the randomness that the plan itself has none of.
 */
#ifndef CAPROOF_PREPARE_H
#define CAPROOF_PREPARE_H

#include "plan.h"
#include "subject.h"

/* The algorithm by which CA's key signs for PLATFORM: DIGEST when it is not DIGEST_NONE, else
 * the key's own hash or, where the platform does not take that, the platform's.  Errors: as
 * ca_algorithm. */
NODISCARD enum caproof_status prepare_algorithm(const struct ca *ca,
	const struct platform *platform, enum digest digest, bool pss, struct algorithm *out,
	struct error *err);

struct prepare_input {
	struct plan_input plan;      /* without algorithm and subject_spki; an empty serial: random */
	enum digest digest;          /* DIGEST_NONE: by the key and the platform */
	bool pss;
	bool subject_key_given;      /* else the platform's */
	enum subject_key subject_key; /* for a certificate without a request */
};

/* Choose the algorithm, make the subject's key where one is needed, and plan.  SUBJECT is
 * to be cleared whatever happens; it is empty with a request and for a signature.  Errors:
 * usage, ca.key, and those of plan_build. */
NODISCARD enum caproof_status prepare(const struct prepare_input *input, struct subject *subject,
	struct plan **out, struct error *err);

#endif
