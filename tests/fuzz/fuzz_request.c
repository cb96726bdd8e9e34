/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate request from a stranger: read, planned and sealed.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* The code as it may be given beside a request: not, the same, another. */
static struct span code_of(const struct request *request, unsigned knob) {
	if (knob == 0)
		return span_of(NULL, 0);
	return knob == 1 ? bytes_span(&request->code) : span_of(" " FUZZ_CODE "\n", 66);
}

/* Knobs: platform (4 bits), key to sign with (2 bits), code (2 bits). */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	const struct fuzz_world *world = fuzz_world();
	struct span input = span_of(data, size);
	unsigned knobs = fuzz_knob(&input);
	const struct platform *platform = world->platforms[knobs % 16 % world->platform_count];
	enum fuzz_kind kind = fuzz_kind(knobs >> 4), signer = kind % FUZZ_KINDS;
	struct bytes file = fuzz_signed_request(input, kind);
	struct plan_input asked = fuzz_plan(platform, signer);
	struct request *request = NULL;
	struct plan *plan = NULL;
	struct error err = ERROR_INIT;

	if (fuzz_fine(request_parse(bytes_span(&file), "request.pem", &request, &err), &err)) {
		asked.request = request;
		asked.code = code_of(request, knobs >> 6);
		if (fuzz_fine(plan_build(&asked, &plan, &err), &err))
			fuzz_seal(plan, asked.ca, platform, signer, FUZZ_NOW);
	}
	plan_free(plan);
	request_free(request);
	bytes_clear(&file);
	return 0;
}
