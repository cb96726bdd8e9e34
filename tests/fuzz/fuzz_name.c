/* SPDX-License-Identifier: Apache-2.0
 *
 * A distinguished name (RFC 4514) from a command line: read, shown, and made the subject
 * of a CA certificate.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "x509/name.h"

static void show(struct span der) {
	const unsigned char *at = der.data;
	X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.len);
	char *text = name_text(name);

	FUZZ_MUST(name != NULL && at == der.data + der.len && text != NULL);
	fuzz_shown(text);
	free(text);
	X509_NAME_free(name);
}

static void certify(struct span subject, const struct platform *platform) {
	const struct ca *own = fuzz_world()->cas[FUZZ_P256];
	struct plan_input like = fuzz_plan(platform, FUZZ_P256);
	struct ca_certificate_input input = {
		.platform = platform,
		.key = &own->key,
		.spki = bytes_span(&own->spki),
		.subject = subject,
		.path_len = 0,
		.algorithm = like.algorithm,
		.serial = like.serial,
		.now = FUZZ_NOW,
		.not_before = PLAN_DEFAULT,
		.not_after = PLAN_DEFAULT,
		.out_name = "ca.pem",
		.pem = true,
	};
	struct plan *plan = NULL;
	struct error err = ERROR_INIT;

	if (fuzz_fine(ca_certificate_plan(&input, &plan, &err), &err))
		fuzz_seal(plan, NULL, platform, FUZZ_P256, FUZZ_NOW);
	plan_free(plan);
}

/* Knob: the platform. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	const struct fuzz_world *world = fuzz_world();
	struct span input = span_of(data, size);
	unsigned knob = fuzz_knob(&input);
	char *text = fuzz_text(input);
	struct bytes der = BYTES_INIT;
	struct error err = ERROR_INIT;

	if (fuzz_fine(name_parse(text, &der, &err), &err)) {
		show(bytes_span(&der));
		certify(bytes_span(&der), world->platforms[knob % world->platform_count]);
	}
	bytes_clear(&der);
	free(text);
	return 0;
}
