/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that belong in a bundle, and no others: what nobody looks at is what somebody can
 * hide.
 */
#include "ceremony/audit_files.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/sums.h"

static bool is_fixed(const char *path) {
	static const char *const names[] = { "plan.json", "policy.json", TRANSCRIPT_FILE, SEAL_FILE,
		SUMS_FILE, "inputs/ca.pem" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], path) == 0)
			return true;
	return strncmp(path, "attach/", 7) == 0 || strncmp(path, "anchors/", 8) == 0;
}

static bool is_members(const struct ceremony_policy *policy, const char *path) {
	char name[SEAL_NAME_SIZE];

	for (size_t i = 0; i < policy->members_count; i++) {
		const struct ceremony_member *m = &policy->members[i];

		snprintf(name, sizeof(name), "roster/%s.pem", m->name);
		if (strcmp(name, path) == 0)
			return true;
		snprintf(name, sizeof(name), "approvals/%s.json", m->name);
		if (m->role == ROLE_OFFICER && strcmp(name, path) == 0)
			return true;
		snprintf(name, sizeof(name), "approvals/%s.p7s", m->name);
		if (m->role == ROLE_OFFICER && strcmp(name, path) == 0)
			return true;
		if ((m->role == ROLE_OPERATOR || m->role == ROLE_WITNESS) &&
			strcmp(seal_signature_name(name, m), path) == 0)
			return true;
	}
	return false;
}

static bool is_items(const struct ceremony_plan *plan, const char *path) {
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->items[i].out, path) == 0 || (plan->items[i].request_file != NULL &&
			strcmp(plan->items[i].request_file, path) == 0))
			return true;
	return false;
}

static enum caproof_status check(void *arg, const char *path, struct error *err) {
	const struct ceremony *c = arg;
	char shown[300];

	if (is_fixed(path) || is_members(&c->policy, path) || is_items(&c->plan, path))
		return CAPROOF_OK;
	return error_set(err, ERROR_BUNDLE, "'%s' belongs to nothing in the ceremony",
		text_safe(shown, sizeof(shown), path, strlen(path)));
}

enum caproof_status audit_files(const struct ceremony *ceremony, struct error *err) {
	return sums_each(&ceremony->bundle, check, (void *)ceremony, err);
}
