/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof sign` says at its end: in words for people, as JSON for programs.
 */
#include "sign.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "run_report.h"

static const char *form_name(enum proof_form form) {
	static const char *const names[] = { "certificate-cn", "certificate-san-uri", "signature",
		"none" };

	return names[form];
}

static const char *algorithm_text(const struct plan *plan) {
	return algorithm_describe(&plan->algorithm, plan->key_type);
}

/* Borrowed texts of one run, "" for what is not known. */
struct shown {
	char key_kind[40];
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE];
	char code[600];
	char key[400]; /* "'rootCA' (id 01)", or that it is not known yet */
};

static void show(const struct sign_run *run, struct shown *s) {
	public_key_describe(&run->ca->key, s->key_kind, sizeof(s->key_kind));
	text_time(s->from, run->base.plan->not_before);
	text_time(s->until, run->base.plan->not_after);
	text_safe(s->code, sizeof(s->code), run->base.plan->code, strlen(run->base.plan->code));
	run_key_name(&run->base, s->key, sizeof(s->key));
}

static void print_ca_and_key(FILE *f, const struct sign_run *run, const struct shown *s) {
	const struct token *token = signer_token(run->base.signer);

	fprintf(f, "  CA      %s\n          SHA-256 %s\n", run->ca->subject_text, run->ca->sha256);
	fprintf(f, "  token   '%s' (serial %s)\n", token->label, token->serial);
	fprintf(f, "  key     %s, %s\n", s->key, s->key_kind);
}

static void print_proof(FILE *f, const struct sign_run *run, const struct shown *s) {
	const struct plan *plan = run->base.plan;

	fprintf(f, "  proves  code '%s' for platform '%s'\n", s->code,
		platform_name(run->base.platform));
	fprintf(f, "  signed  %s\n", algorithm_text(plan));
	if (plan->form == FORM_SIGNATURE)
		return;
	if (plan->form == FORM_CERTIFICATE_SAN_URI)
		fprintf(f, "  name    URI %s%s\n", platform_san_prefix(run->base.platform), s->code);
	fprintf(f, "  serial  %s\n", plan->serial);
	fprintf(f, "  valid   %s to %s%s\n", s->from, s->until,
		plan->clipped ? " (cut to the CA's own validity)" : "");
}

/* Without an EKU the proof could serve as a TLS credential: said where somebody has its
 * key. */
static void print_key_holder(FILE *f, const struct sign_run *run, const struct shown *s) {
	char key[512];

	if (run->request == NULL && run->base.key_out == NULL)
		return;
	fprintf(f, "  note    whoever holds the key of this certificate (%s, SHA-256\n"
		"          %s)\n          could use it as a TLS credential under this CA until %s\n",
		run->request != NULL ? "the request's" :
			text_safe(key, sizeof(key), run->options->key_out, strlen(run->options->key_out)),
		run->base.plan->subject_spki_sha256, s->until);
}

static enum caproof_status next_steps(const struct sign_run *run, char ***steps,
	struct error *err) {
	struct platform_values values = {
		.ca_file = run->options->ca,
		.proof_file = run->options->common.out,
		.code = run->base.plan->code,
		.ca_sha256 = run->ca->sha256,
	};

	return platform_next_steps(run->base.platform, &values, steps, err);
}

static void print_summary(const struct sign_run *run, char **steps) {
	struct shown s;
	char place[512];

	show(run, &s);
	run_place(&run->base, place, sizeof(place));
	fprintf(stderr, "caproof: the proof is %s %s, and verifies\n",
		strcmp(run->options->common.out, "-") == 0 ? "on" : "in", place);
	print_ca_and_key(stderr, run, &s);
	print_proof(stderr, run, &s);
	print_key_holder(stderr, run, &s);
	for (char **step = steps; *step != NULL; step++)
		fprintf(stderr, "%s%s\n", step == steps ? "  next    " : "          ", *step);
}

/* --- JSON --------------------------------------------------------------------- */

static json_t *json_ca(const struct ca *ca) {
	return json_pack("{s:s, s:s, s:s, s:s}", "file", ca->name, "subject", ca->subject_text,
		"sha256", ca->sha256, "spki_sha256", ca->spki_sha256);
}

/* The proof as it is, or as it would be: then without file and hash. */
static json_t *json_proof(const struct sign_run *run, const struct shown *s) {
	const struct plan *plan = run->base.plan;
	bool done = run->base.proof.content.data != NULL;
	bool certificate = plan->form != FORM_SIGNATURE;
	char subject[640], place[512];

	snprintf(subject, sizeof(subject), "CN=%s",
		plan->form == FORM_CERTIFICATE_SAN_URI ? "caproof" : s->code);
	return json_pack("{s:s?, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s}",
		"file", done ? run_place(&run->base, place, sizeof(place)) : NULL,
		"form", form_name(plan->form),
		"sha256", done ? run->base.proof.sha256 : NULL, "serial", plan->serial,
		"subject", certificate ? subject : NULL, "not_before", certificate ? s->from : NULL,
		"not_after", certificate ? s->until : NULL, "signature_algorithm", algorithm_text(plan));
}

static json_t *json_checks(const struct sign_run *run) {
	json_t *list = report_json_checks(&run->base.plan->checks);
	json_t *more = report_json_checks(&run->base.proof.checks);

	if (list == NULL || more == NULL || json_array_extend(list, more) != 0) {
		json_decref(list);
		list = NULL;
	}
	json_decref(more);
	return list;
}

static enum caproof_status print_json(const struct sign_run *run, char **steps,
	struct error *err) {
	json_t *object = report_json_new();
	char now[TEXT_TIME_SIZE];
	struct shown s;

	show(run, &s);
	if (object == NULL ||
		(run->options->common.dry_run && !run_json_set(object, "dry_run", json_true())) ||
		!run_json_set(object, "proof", json_proof(run, &s)) ||
		!run_json_set(object, "code", json_string(run->base.plan->code)) ||
		!run_json_set(object, "platform", json_string(platform_name(run->base.platform))) ||
		!run_json_set(object, "ca", json_ca(run->ca)) ||
		!run_json_set(object, "key", run_json_key(&run->base, &run->ca->key)) ||
		!run_json_set(object, "token", run_json_token(&run->base)) ||
		!run_json_set(object, "module", run_json_module(&run->base)) ||
		!run_json_set(object, "tbs_sha256", json_string(run->base.plan->tbs_sha256)) ||
		!run_json_set(object, "checks", json_checks(run)) ||
		!run_json_set(object, "next_steps", run_json_steps(steps)) ||
		!run_json_set(object, "time", json_string(text_time(now, run->options->common.now)))) {
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}

enum caproof_status sign_report_done(const struct sign_run *run, struct error *err) {
	char **steps;
	enum caproof_status status = next_steps(run, &steps, err);

	if (status != CAPROOF_OK)
		return status;
	if (report_is_json())
		status = print_json(run, steps, err);
	/* Last, for it says that all went well. */
	if (status == CAPROOF_OK && !report_is_quiet())
		print_summary(run, steps);
	platform_free_steps(steps);
	return status;
}

/* --- dry run ---------------------------------------------------------------------- */

static void print_plan(const struct sign_run *run) {
	const struct plan *plan = run->base.plan;
	struct shown s;

	show(run, &s);
	puts("caproof: every check before the login holds; this would be signed:");
	print_ca_and_key(stdout, run, &s);
	print_proof(stdout, run, &s);
	if (plan->form == FORM_SIGNATURE) {
		puts("  octets  the code itself, as it is shown");
	} else {
		printf("  subject CN=%s, and nothing else\n",
			plan->form == FORM_CERTIFICATE_SAN_URI ? "caproof" : s.code);
		printf("  issuer  %s\n", run->ca->subject_text);
		printf("  holds   %s, SHA-256 %s\n", run->request != NULL ? "the request's key" :
			run->subject.pkey != NULL ? "a fresh key" : "the CA's own key",
			plan->subject_spki_sha256);
		printf("  limits  critical basicConstraints CA:FALSE, critical keyUsage digitalSignature,\n"
			"          subject key identifier%s, no other extension\n",
			run->ca->ski.len > 0 ? ", authority key identifier" : "");
	}
	if (signer_get0_key(run->base.signer)->uri != NULL)
		printf("  uri     %s\n", signer_get0_key(run->base.signer)->uri);
	printf("  bytes   %zu to be signed, SHA-256 %s\n", plan->tbs.len, plan->tbs_sha256);
	puts("nothing was signed and nothing was written; a fresh key and serial are drawn each time");
}

enum caproof_status sign_report_plan(const struct sign_run *run, struct error *err) {
	char *none[] = { NULL };

	if (report_is_json())
		return print_json(run, none, err);
	print_plan(run);
	if (fflush(stdout) != 0)
		return error_set(err, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	return CAPROOF_OK;
}
