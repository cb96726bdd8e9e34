/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing what was planned; shared by plan_make.c, rehearsal.c and plan_folder.c only.
 */
#ifndef CAPROOF_CEREMONY_PLAN_FOLDER_H
#define CAPROOF_CEREMONY_PLAN_FOLDER_H

#include "ceremony/plan_file.h"
#include "ceremony/policy.h"

struct plan_folder {
	const struct ca *ca;
	const struct bytes *requests;   /* one for each item; empty where there is none */
	size_t count;
	const struct ceremony_policy *policy;
	struct span plan;               /* plan.json */
	const char *rehearsal;          /* what attach/REHEARSAL.txt says; NULL: it is none */
};

/* Make the folder PATH, which must not be there, and read its plan back.  On failure it is
 * taken away.  Errors: output.exists, output.write, and those of ceremony_plan_read. */
NODISCARD enum caproof_status plan_folder_make(const struct plan_folder *content,
	const char *path, struct error *err);
/* Take away what plan_folder_make has made. */
void plan_folder_remove(const char *path);

#endif
