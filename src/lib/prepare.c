/* SPDX-License-Identifier: Apache-2.0
 *
 * From what was asked for to a plan.  It decides nothing that a rule decides.
 */
#include "prepare.h"

#include "x509/ca.h"

enum caproof_status prepare_algorithm(const struct ca *ca, const struct platform *platform,
	enum digest digest, bool pss, struct algorithm *out, struct error *err) {
	enum caproof_status status = ca_algorithm(ca, digest, pss, out, err);
	enum digest taken;

	/* What was asked for is not exchanged for something else in silence, and what the CA
	 * certificate prescribes cannot be. */
	if (status != CAPROOF_OK || digest != DIGEST_NONE || ca->pss_fixed)
		return status;
	taken = platform_digest(platform, out->digest);
	return taken == out->digest ? CAPROOF_OK : ca_algorithm(ca, taken, pss, out, err);
}

static bool needs_subject(const struct prepare_input *input) {
	enum proof_form form = platform_form(input->plan.platform);

	return input->plan.request == NULL && form != FORM_NONE && form != FORM_SIGNATURE;
}

enum caproof_status prepare(const struct prepare_input *input, struct subject *subject,
	struct plan **out, struct error *err) {
	struct plan_input plan = input->plan;
	unsigned char random[SERIAL_SIZE];
	enum subject_key kind = input->subject_key_given ? input->subject_key :
		platform_subject_key(plan.platform);
	enum caproof_status status = prepare_algorithm(plan.ca, plan.platform, input->digest,
		input->pss, &plan.algorithm, err);

	if (status == CAPROOF_OK && needs_subject(input))
		status = subject_make(kind, plan.ca, subject, err);
	if (status == CAPROOF_OK && plan.serial.len == 0) {
		status = serial_make(random, err);
		plan.serial = span_of(random, sizeof(random));
	}
	if (status != CAPROOF_OK)
		return status;
	plan.subject_spki = bytes_span(&subject->spki);
	return plan_build(&plan, out, err);
}
