/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy from a stranger, over a roster of three certificates: refused with a line and a
 * key, or one that can be kept: enough officers, somebody who seals, names that are files.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ceremony/policy.h"

static struct bytes good;

static void make_good(void) {
	const struct fuzz_world *world = fuzz_world();
	struct error err = ERROR_INIT;

	if (good.len > 0)
		return;
	FUZZ_MUST(json_append_line(&good, &err, "{s:s, s:s, s:{s:i, s:b, s:i}, s:[[s, s]], "
		"s:{s:i, s:i}, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s}]}",
		"format", "caproof/policy/1", "name", "Two", "approve", "threshold", 2, "veto", 1,
		"max_age_hours", 72, "separate", "officer", "witness", "seal", "operator", 0, "witness",
		1, "members", "name", "alice", "role", "officer", "cert_sha256",
		world->cas[FUZZ_RSA]->sha256, "name", "bob", "role", "officer", "cert_sha256",
		world->cas[FUZZ_P256]->sha256, "name", "walter", "role", "witness", "cert_sha256",
		world->cas[FUZZ_ED25519]->sha256) == CAPROOF_OK);
}

static void check(const struct ceremony_policy *policy) {
	long officers = 0;

	fuzz_shown(policy->name);
	for (size_t i = 0; i < policy->members_count; i++) {
		const struct ceremony_member *m = &policy->members[i];

		officers += m->role == ROLE_OFFICER;
		FUZZ_MUST(m->cert != NULL && m->pem.len > 0 && strlen(m->spki_sha256) == 64);
		FUZZ_MUST(ceremony_is_member_name(m->name) && strchr(m->name, '/') == NULL);
	}
	FUZZ_MUST(policy->threshold >= 0 && policy->threshold <= officers);
	FUZZ_MUST(policy->max_age_hours > 0);
	FUZZ_MUST(policy->seal[ROLE_OPERATOR] || policy->seal[ROLE_WITNESS]);
}

/* Knob: 1: the good policy with an edit; else the octets as they are. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct span input = span_of(data, size);
	const struct bundle *bundle = fuzz_bundle();
	bool edits = fuzz_knob(&input) == 1;
	struct ceremony_policy policy;
	struct error err = ERROR_INIT;
	struct bytes text;

	make_good();
	text = fuzz_edited(edits ? bytes_span(&good) : span_of("", 0), input);
	if (fuzz_fine(policy_parse(bytes_span(&text), bundle, &policy, &err), &err))
		check(&policy);
	policy_clear(&policy);
	bytes_clear(&text);
	return 0;
}
