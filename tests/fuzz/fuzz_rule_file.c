/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule file from a stranger: read, described, and its rules held against a CA
 * certificate, codes and an output.  Whatever it says, what can be planned under it must
 * be what is made.
 */
#include "fuzz.h"

#include <string.h>

#include "platform/model.h"

static const char *const codes[] = {
	FUZZ_CODE, "", "0123456789", "0123456789ABCDEF", "7f3d9a-code_Z", "a code with blanks",
	"0b8fd5e4-6a1f-4c3e-9d27-5e0c1a2b3c4d", "0b8fd5e4-6a1f-4c3e-9d27-5e0c1a2b3c4d0123",
};

static void show_rule(void *arg, const struct platform_rule *rule) {
	(void)arg;
	FUZZ_MUST(rule->id != NULL && rule->severity != CHECK_OK && rule->source != NULL);
	fuzz_shown(rule->sentence);
	fuzz_shown(rule->source);
	if (rule->why != NULL)
		fuzz_shown(rule->why);
	if (rule->way_out != NULL)
		fuzz_shown(rule->way_out);
	if (rule->parameter != NULL)
		fuzz_shown(rule->parameter);
}

static void describe(const struct platform *platform) {
	char cited[SOURCE_TEXT_SIZE];
	const char *text;

	platform_each_rule(platform, show_rule, NULL);
	fuzz_shown(platform_name(platform));
	fuzz_shown(platform_title(platform));
	fuzz_shown(platform_code_lifetime_text(platform));
	FUZZ_MUST(platform_code_warn_after(platform) <= platform_code_lifetime(platform));
	FUZZ_MUST(platform_code_max(platform) > 0 || platform_form(platform) == FORM_NONE);
	if (platform_code_renewal(platform) != NULL)
		fuzz_shown(platform_code_renewal(platform));
	if (platform_form(platform) == FORM_CERTIFICATE_SAN_URI)
		fuzz_shown(platform_san_prefix(platform));
	for (size_t i = 0; (text = platform_source(platform, i, cited, sizeof(cited))) != NULL; i++)
		fuzz_shown(text);
	for (size_t i = 0; (text = platform_note(platform, i)) != NULL; i++)
		fuzz_shown(text);
	fuzz_shown(proof_form_name(platform_form(platform)));
	fuzz_shown(subject_key_name(platform_subject_key(platform)));
}

static void next_steps(const struct platform *platform) {
	struct platform_values values = { "-ca$(x).pem", "it's.pem", NULL, "0a" };
	struct error err = ERROR_INIT;
	char **steps;

	FUZZ_MUST(platform_next_steps(platform, &values, &steps, &err) == CAPROOF_OK);
	for (char **step = steps; *step != NULL; step++)
		fuzz_shown(*step);
	platform_free_steps(steps);
}

static void apply(const struct platform *platform) {
	static const struct algorithm pss = { SCHEME_RSA_PSS, DIGEST_SHA384, 48 };
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct checks checks = CHECKS_INIT;

		FUZZ_MUST(platform_check_code(platform, codes[i], strlen(codes[i]),
			FUZZ_NOW - (time_t)i * 3600, FUZZ_NOW, &checks, &err) == CAPROOF_OK);
		FUZZ_MUST(platform_check_output(platform, &pss, "proof.der", i % 2 == 0, &checks, &err) ==
			CAPROOF_OK);
		fuzz_checks(&checks);
		checks_clear(&checks);
	}
}

static void prove(const struct platform *platform) {
	for (enum fuzz_kind kind = 0; kind < FUZZ_KINDS; kind++) {
		struct plan_input input = fuzz_plan(platform, kind);
		struct plan *plan = NULL;
		struct error err = ERROR_INIT;

		if (fuzz_fine(plan_build(&input, &plan, &err), &err))
			fuzz_seal(plan, input.ca, platform, kind, FUZZ_NOW);
		plan_free(plan);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct platform platform = { .form = FORM_NONE };
	struct error err = ERROR_INIT;

	fuzz_world();
	if (!fuzz_fine(rule_file_parse(span_of(data, size), "./mine.json", &platform, &err), &err))
		return 0;
	describe(&platform);
	next_steps(&platform);
	apply(&platform);
	prove(&platform);
	json_clear(&platform.document);
	return 0;
}
