/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof ca-cert` says at its end: in words for people, as JSON for programs.
 */
#include "ca_cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run_report.h"

static const char *subject(const struct ca_cert_run *run) {
	return run->like != NULL ? run->like->subject_text : run->subject_text;
}

static const char *algorithm_text(const struct plan *plan) {
	return algorithm_describe(&plan->algorithm, plan->key_type);
}

static void print_certificate(FILE *f, const struct ca_cert_run *run) {
	const struct plan *plan = run->base.plan;
	const struct token *token = signer_token(run->base.signer);
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE], kind[40], key[400];

	fprintf(f, "  CA      %s\n", subject(run));
	if (run->base.proof.content.data != NULL)
		fprintf(f, "          SHA-256 %s\n", run->base.proof.sha256);
	fprintf(f, "  token   '%s' (serial %s)\n", token->label, token->serial);
	fprintf(f, "  key     %s, %s\n", run_key_name(&run->base, key, sizeof(key)),
		public_key_describe(&run->key.key, kind, sizeof(kind)));
	fprintf(f, "  signed  %s\n  serial  %s\n", algorithm_text(plan), plan->serial);
	fprintf(f, "  valid   %s to %s\n", text_time(from, plan->not_before),
		text_time(until, plan->not_after));
	fprintf(f, "  limits  critical CA:TRUE, ");
	if (plan->path_len < 0)
		fprintf(f, "any number of CAs below it");
	else if (plan->path_len == 0)
		fprintf(f, "no CA below it");
	else
		fprintf(f, "at most %ld CAs below it", plan->path_len);
	fprintf(f, "; critical keyCertSign and cRLSign\n");
	fprintf(f, "  rules   those of platform '%s' hold\n", platform_name(run->base.platform));
}

/* What a second certificate of one key means. */
static void print_like(FILE *f, const struct ca_cert_run *run) {
	char until[TEXT_TIME_SIZE];

	if (run->like == NULL)
		return;
	fprintf(f, "  note    subject%s and key are those of '%s', which stays valid until\n"
		"          %s: devices in the field go on as they are, and what verifies with\n"
		"          one certificate verifies with the other; only the platform needs the new one\n",
		run->like->ski.len > 0 ? ", key identifier" : "", run->like->name,
		text_time(until, run->like->facts.not_after));
}

/* {"caproof sign …", NULL}; the first is to be freed. */
static enum caproof_status next_step(const struct ca_cert_run *run, char *steps[2],
	struct error *err) {
	const struct common_options *o = &run->options->common;
	char *file = text_shell_quote(strcmp(o->out, "-") == 0 ? "CA_FILE" : o->out);
	char *platform = text_shell_quote(o->platform);
	int len = -1;

	steps[1] = NULL;
	if (file != NULL && platform != NULL)
		len = platform_form(run->base.platform) == FORM_NONE ?
			asprintf(&steps[0], "upload %s: the platform asks for no proof", file) :
			asprintf(&steps[0], "upload it, and prove it with: "
				"caproof sign -c %s -p %s --code CODE", file, platform);
	free(file);
	free(platform);
	if (len >= 0)
		return CAPROOF_OK;
	steps[0] = NULL;
	return error_memory(err);
}

/* --- JSON ------------------------------------------------------------------------------ */

/* The certificate as it is, or as it would be: then without file and hash. */
static json_t *json_certificate(const struct ca_cert_run *run) {
	const struct plan *plan = run->base.plan;
	bool done = run->base.proof.content.data != NULL;
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE];
	char *id = text_hex(plan->ca_key_id.data, plan->ca_key_id.len);
	json_t *length = plan->path_len >= 0 ? json_integer(plan->path_len) : json_null();
	json_t *object = json_pack("{s:s?, s:s?, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o}",
		"file", done ? run->options->common.out : NULL,
		"sha256", done ? run->base.proof.sha256 : NULL,
		"spki_sha256", plan->subject_spki_sha256, "serial", plan->serial,
		"subject", subject(run), "not_before", text_time(from, plan->not_before),
		"not_after", text_time(until, plan->not_after),
		"signature_algorithm", algorithm_text(plan), "key_id", id, "path_len", length);

	free(id);
	return object;
}

static json_t *json_like(const struct ca *like) {
	if (like == NULL)
		return json_null();
	return json_pack("{s:s, s:s}", "file", like->name, "sha256", like->sha256);
}

static enum caproof_status print_json(const struct ca_cert_run *run, char **steps,
	struct error *err) {
	const struct run *base = &run->base;
	const struct checks *checks = base->proof.content.data != NULL ? &base->proof.checks :
		&base->plan->checks;
	json_t *object = report_json_new();
	char now[TEXT_TIME_SIZE];

	if (object == NULL ||
		(run->options->common.dry_run && !run_json_set(object, "dry_run", json_true())) ||
		!run_json_set(object, "certificate", json_certificate(run)) ||
		!run_json_set(object, "like", json_like(run->like)) ||
		!run_json_set(object, "platform", json_string(platform_name(base->platform))) ||
		!run_json_set(object, "key", run_json_key(base, &run->key.key)) ||
		!run_json_set(object, "token", run_json_token(base)) ||
		!run_json_set(object, "module", run_json_module(base)) ||
		!run_json_set(object, "tbs_sha256", json_string(base->plan->tbs_sha256)) ||
		!run_json_set(object, "checks", report_json_checks(checks)) ||
		!run_json_set(object, "next_steps", run_json_steps(steps)) ||
		!run_json_set(object, "time", json_string(text_time(now, base->options->now)))) {
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}

enum caproof_status ca_cert_report_done(const struct ca_cert_run *run, struct error *err) {
	char place[512], *steps[2];
	enum caproof_status status = next_step(run, steps, err);

	if (status != CAPROOF_OK)
		return status;
	if (report_is_json())
		status = print_json(run, steps, err);
	/* Last, for it says that all went well. */
	if (status == CAPROOF_OK && !report_is_quiet()) {
		fprintf(stderr, "caproof: the CA certificate is %s %s, and verifies with its own key\n",
			strcmp(run->options->common.out, "-") == 0 ? "on" : "in",
			run_place(&run->base, place, sizeof(place)));
		print_certificate(stderr, run);
		print_like(stderr, run);
		fprintf(stderr, "  next    %s\n", steps[0]);
	}
	free(steps[0]);
	return status;
}

/* --- dry run --------------------------------------------------------------------------- */

enum caproof_status ca_cert_report_plan(const struct ca_cert_run *run, struct error *err) {
	char *none[] = { NULL };

	if (report_is_json())
		return print_json(run, none, err);
	puts("caproof: every check before the login holds; this would be signed:");
	print_certificate(stdout, run);
	printf("  key id  ");
	for (size_t i = 0; i < run->base.plan->ca_key_id.len; i++)
		printf("%02x", run->base.plan->ca_key_id.data[i]);
	puts(", in both key identifiers");
	if (signer_get0_key(run->base.signer)->uri != NULL)
		printf("  uri     %s\n", signer_get0_key(run->base.signer)->uri);
	print_like(stdout, run);
	printf("  bytes   %zu to be signed, SHA-256 %s\n", run->base.plan->tbs.len,
		run->base.plan->tbs_sha256);
	puts("nothing was signed and nothing was written");
	if (fflush(stdout) != 0)
		return error_set(err, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	return CAPROOF_OK;
}
