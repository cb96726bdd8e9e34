/* SPDX-License-Identifier: Apache-2.0
 *
 * A CA certificate from a stranger: read, held against every platform's rules, and used
 * as the issuer of a proof and as the model of another CA certificate.
 */
#include "fuzz.h"

#include "x509/glance.h"

static void look(struct span file) {
	struct glance glance = { 0 };
	struct error err = ERROR_INIT;

	if (fuzz_fine(glance_at(file, &glance, &err), &err) && glance.subject != NULL)
		fuzz_shown(glance.subject);
	glance_clear(&glance);
}

static void check(const struct ca *ca, const struct platform *platform, time_t now) {
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	FUZZ_MUST(platform_check_ca(platform, &ca->facts, now, &checks, &err) == CAPROOF_OK);
	fuzz_checks(&checks);
	checks_clear(&checks);
}

/* A time at which the certificate is valid, if there is one. */
static time_t good_time(const struct ca *ca) {
	const struct ca_facts *facts = &ca->facts;

	if (facts->not_before < FUZZ_NOW && FUZZ_NOW < facts->not_after)
		return FUZZ_NOW;
	return facts->not_before + 1;
}

/* What --not-before and --not-after may ask for. */
static void choose_times(struct plan_input *input, unsigned knob) {
	if ((knob & 1) != 0)
		input->not_before = input->now - 400L * SOFT_DAY;
	if ((knob & 2) != 0)
		input->not_after = input->now + ((knob & 4) != 0 ? -500L : 4000L) * SOFT_DAY;
}

static void prove(const struct ca *ca, const struct platform *platform, unsigned knobs,
	enum fuzz_kind kind) {
	static const enum digest digests[] = {
		DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512
	};
	struct plan_input input = fuzz_plan(platform, FUZZ_ED25519);
	struct plan *plan = NULL;
	struct error err = ERROR_INIT;

	input.ca = ca;
	input.now = (knobs & 0x80) != 0 ? FUZZ_NOW : good_time(ca);
	choose_times(&input, knobs >> 4);
	if (!fuzz_fine(ca_algorithm(ca, digests[knobs & 3], (knobs & 4) != 0, &input.algorithm, &err),
		&err) ||
		!fuzz_fine(plan_build(&input, &plan, &err), &err))
		return;
	if (kind != FUZZ_KINDS)
		fuzz_seal(plan, ca, platform, kind, input.now);
	plan_free(plan);
}

/* As `caproof ca-cert --like` does. */
static void imitate(const struct ca *ca, const struct platform *platform, enum fuzz_kind kind) {
	const struct ca *own = fuzz_world()->cas[kind];
	struct plan_input like = fuzz_plan(platform, kind);
	struct ca_certificate_input input = {
		.platform = platform,
		.key = &own->key,
		.spki = bytes_span(&own->spki),
		.subject = bytes_span(&ca->subject),
		.subject_key_id = bytes_span(&ca->ski),
		.path_len = -1,
		.algorithm = like.algorithm,
		.serial = like.serial,
		.now = FUZZ_NOW,
		.not_before = PLAN_DEFAULT,
		.not_after = PLAN_DEFAULT,
		.out_name = "new-ca.pem",
		.pem = true,
	};
	struct plan *plan = NULL;
	struct error err = ERROR_INIT;

	if (!fuzz_fine(ca_certificate_plan(&input, &plan, &err), &err))
		return;
	fuzz_seal(plan, NULL, platform, kind, FUZZ_NOW);
	plan_free(plan);
}

/* Knobs: platform (4 bits), key to sign with (2 bits); hash (2 bits), PSS (1 bit),
 * or another CA certificate like it (1 bit); times (4 bits). */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	const struct fuzz_world *world = fuzz_world();
	struct span input = span_of(data, size);
	unsigned knobs = fuzz_knob(&input), more = fuzz_knob(&input);
	const struct platform *platform = world->platforms[knobs % 16 % world->platform_count];
	enum fuzz_kind kind = fuzz_kind(knobs >> 4);
	struct bytes file = fuzz_signed_certificate(input, kind, true);
	struct ca *ca = NULL;
	struct error err = ERROR_INIT;

	look(bytes_span(&file));
	if (fuzz_fine(ca_parse(bytes_span(&file), "ca.pem", &ca, &err), &err)) {
		fuzz_shown(ca->subject_text);
		for (size_t i = 0; i < world->platform_count; i++)
			check(ca, world->platforms[i], FUZZ_NOW);
		check(ca, platform, good_time(ca));
		if ((more & 8) == 0)
			prove(ca, platform, more, kind);
		else
			imitate(ca, platform, kind % FUZZ_KINDS);
	}
	ca_free(ca);
	bytes_clear(&file);
	return 0;
}
