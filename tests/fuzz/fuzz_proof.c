/* SPDX-License-Identifier: Apache-2.0
 *
 * A proof from a stranger, held against a fixed CA certificate, a code and a platform.
 */
#include "fuzz.h"

#include "verify.h"

static const char *const codes[] = { FUZZ_CODE, NULL, "code", "\xc3\xa9\xff" };

/* Knobs: platform (4 bits), key to sign with (2 bits), code (2 bits). */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	const struct fuzz_world *world = fuzz_world();
	struct span input = span_of(data, size);
	unsigned knobs = fuzz_knob(&input);
	enum fuzz_kind kind = fuzz_kind(knobs >> 4);
	struct bytes file = fuzz_signed_certificate(input, kind, false);
	struct verify_input asked = {
		.ca = world->cas[kind % FUZZ_KINDS],
		.platform = world->platforms[knobs % 16 % world->platform_count],
		.code = codes[knobs >> 6],
		.at = FUZZ_NOW,
	};
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	if (fuzz_fine(verify_file(&asked, bytes_span(&file), "proof.pem", &checks, &err), &err))
		FUZZ_MUST(checks.count > 0);
	fuzz_checks(&checks);
	checks_clear(&checks);
	bytes_clear(&file);
	return 0;
}
