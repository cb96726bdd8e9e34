/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof request` says at its end: in words for people, as JSON for programs.
 */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run_report.h"

/* "caproof sign …": for the holder of the token; to be freed. */
static char *next_step(const struct request_run *run) {
	const struct request_options *o = run->options;
	char *file = text_shell_quote(strcmp(o->out, "-") == 0 ? "REQUEST_FILE" : o->out);
	char *code = text_shell_quote(run->code), *platform = text_shell_quote(o->platform);
	char *text = NULL;

	if (file == NULL || code == NULL || platform == NULL ||
		asprintf(&text, "whoever holds the CA's token runs: caproof sign -c CA_FILE --csr %s "
			"--code %s -p %s -o PROOF_FILE", file, code, platform) < 0)
		text = NULL;
	free(file);
	free(code);
	free(platform);
	return text;
}

static void print_summary(const struct request_run *run, const char *next) {
	const char *out = strcmp(run->options->out, "-") == 0 ? "standard output" : run->options->out;
	char place[512], key[512], code[300], kind[40];

	text_safe(place, sizeof(place), out, strlen(out));
	text_safe(key, sizeof(key), run->options->key_out, strlen(run->options->key_out));
	text_safe(code, sizeof(code), run->code, strlen(run->code));
	public_key_describe(&run->request->key, kind, sizeof(kind));
	fprintf(stderr, "caproof: the request is %s %s, its private key in %s\n",
		strcmp(run->options->out, "-") == 0 ? "on" : "in", place, key);
	fprintf(stderr, "  code    '%s' for platform '%s'\n", code, platform_name(run->platform));
	fprintf(stderr, "  key     %s, %s\n          SHA-256 %s\n", kind,
		run->options->encrypt ? "encrypted under the pass phrase" : "not encrypted",
		run->request->spki_sha256);
	fprintf(stderr, "  next    %s\n", next);
}

static json_t *json_request(const struct request_run *run) {
	char kind[40];

	public_key_describe(&run->request->key, kind, sizeof(kind));
	return json_pack("{s:s, s:s, s:s, s:s}", "file", run->options->out, "sha256",
		run->request->sha256, "spki_sha256", run->request->spki_sha256, "key_type", kind);
}

static enum caproof_status print_json(const struct request_run *run, char **steps,
	struct error *err) {
	const struct request_options *o = run->options;
	json_t *object = report_json_new();
	char now[TEXT_TIME_SIZE];

	if (object == NULL ||
		!run_json_set(object, "request", json_request(run)) ||
		!run_json_set(object, "private_key", json_pack("{s:s, s:b}", "file", o->key_out,
			"encrypted", (int)o->encrypt)) ||
		!run_json_set(object, "code", json_string(run->code)) ||
		!run_json_set(object, "platform", json_string(platform_name(run->platform))) ||
		!run_json_set(object, "checks", report_json_checks(&run->checks)) ||
		!run_json_set(object, "next_steps", run_json_steps(steps)) ||
		!run_json_set(object, "time", json_string(text_time(now, o->now)))) {
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}

enum caproof_status request_report(const struct request_run *run, struct error *err) {
	char *steps[2] = { next_step(run), NULL };
	enum caproof_status status = CAPROOF_OK;

	if (steps[0] == NULL)
		return error_memory(err);
	if (report_is_json())
		status = print_json(run, steps, err);
	/* Last, for it says that all went well. */
	if (status == CAPROOF_OK && !report_is_quiet())
		print_summary(run, steps[0]);
	free(steps[0]);
	return status;
}
