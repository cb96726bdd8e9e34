/* SPDX-License-Identifier: Apache-2.0
 *
 * A code as a person pastes it, or as a file holds it: every platform's rules for codes,
 * and the proof in a Common Name, in a URI and in a signature.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "verify.h"

static void check(const struct platform *platform, struct span code, time_t issued) {
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	FUZZ_MUST(platform_check_code(platform, (const char *)code.data, code.len, issued, FUZZ_NOW,
		&checks, &err) == CAPROOF_OK);
	fuzz_checks(&checks);
	checks_clear(&checks);
}

static void prove(const struct platform *platform, struct span code, time_t issued,
	enum fuzz_kind kind) {
	struct plan_input input = fuzz_plan(platform, kind);
	struct plan *plan = NULL;
	struct error err = ERROR_INIT;

	input.code = code;
	input.code_issued = issued;
	if (fuzz_fine(plan_build(&input, &plan, &err), &err))
		fuzz_seal(plan, input.ca, platform, kind, FUZZ_NOW);
	plan_free(plan);
}

/* As --code of `caproof verify`, of a certificate that has another one. */
static void compare(const struct platform *platform, const char *code) {
	const struct ca *ca = fuzz_world()->cas[FUZZ_ED25519];
	struct verify_input input = { ca, platform, code, FUZZ_NOW };
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	fuzz_fine(verify_file(&input, bytes_span(&ca->der), "proof.pem", &checks, &err), &err);
	fuzz_checks(&checks);
	checks_clear(&checks);
}

/* Knobs: which platform's proof (4 bits), key (2 bits); the code's age in hours. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	const struct fuzz_world *world = fuzz_world();
	struct span input = span_of(data, size);
	unsigned knobs = fuzz_knob(&input), hours = fuzz_knob(&input);
	time_t issued = hours == 0 ? PLAN_DEFAULT : FUZZ_NOW + 3600 - (time_t)hours * 3600;
	const struct platform *platform = world->platforms[knobs % 16 % world->platform_count];
	char *text = fuzz_text(input);

	for (size_t i = 0; i < world->platform_count; i++)
		check(world->platforms[i], input, issued);
	prove(platform, span_of(text, input.len), issued, fuzz_kind(knobs >> 4) % FUZZ_KINDS);
	compare(platform, text);
	free(text);
	return 0;
}
