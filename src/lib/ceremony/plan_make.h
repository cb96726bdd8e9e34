/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a ceremony's folder: everything that can be decided before the room is.
 */
#ifndef CAPROOF_CEREMONY_PLAN_MAKE_H
#define CAPROOF_CEREMONY_PLAN_MAKE_H

#include "batch.h"
#include "ceremony/plan_file.h"
#include "ceremony/policy.h"

struct ceremony_plan_input {
	struct batch *batch;            /* list, CA certificate, platforms and validity; no rows yet */
	const char *policy;             /* the policy's path; its roster/ lies beside it */
	const char *purpose, *reference;
	const char *key_uri;            /* NULL: the key is found by the certificate */
	bool expect_sensitive, expect_never_extractable;
	time_t execute_from, execute_until; /* CEREMONY_NO_TIME: from now until a code expires */
	bool accept_expiry;
};

/* Plan every row of the list and make the folder PATH.  On failure nothing is left there.
 * Errors: those of a row, with its line in front; ceremony.policy; output.*; usage (the
 * window ends after a code expires). */
NODISCARD enum caproof_status ceremony_plan_make(const struct ceremony_plan_input *input,
	const char *path, struct error *err);
/* Take the folder away again, as when nobody could be told of it. */
void ceremony_plan_unmake(const char *path);

#endif
