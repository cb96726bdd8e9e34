/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof sign` reads, and the plan that is made of it.  Nothing here touches a
 * token, unless the CA certificate itself lies in one.
 */
#include "sign.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "token/certificate.h"

#define CODE_FILE_MAX 4096 /* far above the longest code of any platform */

static const char *platform_directory(void) {
	const char *directory = getenv("CAPROOF_PLATFORMS");

	return directory != NULL && directory[0] != '\0' ? directory : CAPROOF_PKGDATADIR "/platforms";
}

/* --module, else the URIs' module-path, else the environment, else p11-kit's proxy. */
static enum caproof_status module_choice(const struct sign_options *o, const char **out,
	struct error *err) {
	const char *key = o->key != NULL ? uri_module_path(o->key) : NULL;
	const char *ca = o->ca_uri != NULL ? uri_module_path(o->ca_uri) : NULL;
	const char *environment = getenv("CAPROOF_MODULE");
	const char *named = o->module_option != NULL ? o->module_option : key != NULL ? key : ca;

	if ((key != NULL && strcmp(named, key) != 0) || (ca != NULL && strcmp(named, ca) != 0)) {
		error_set(err, ERROR_USAGE, "two different PKCS#11 modules are named");
		error_hint(err, "leave out --module, or the module-path of the URI");
		return error_status(err);
	}
	if (named == NULL && environment != NULL && environment[0] != '\0')
		named = environment;
	*out = named;
	return CAPROOF_OK;
}

enum caproof_status sign_open_module(struct sign_run *run, struct error *err) {
	const char *path = NULL;
	enum caproof_status status;

	if (run->module != NULL)
		return CAPROOF_OK;
	status = module_choice(run->options, &path, err);
	if (status == CAPROOF_OK)
		status = module_open(path, &run->module, err);
	return status;
}

static enum caproof_status read_ca(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	struct bytes file = BYTES_INIT;
	enum caproof_status status;

	if (o->ca_uri == NULL) {
		status = file_read(o->ca, "CA certificate", &file, err);
	} else {
		status = sign_open_module(run, err);
		if (status == CAPROOF_OK)
			status = certificate_read(run->module, o->ca_uri, &file, err);
	}
	if (status == CAPROOF_OK)
		status = ca_parse(bytes_span(&file), o->ca, &run->ca, err);
	bytes_clear(&file);
	return status;
}

static enum caproof_status read_request(struct sign_run *run, struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status;

	if (run->options->csr == NULL)
		return CAPROOF_OK;
	status = file_read(run->options->csr, "request", &file, err);
	if (status == CAPROOF_OK)
		status = request_parse(bytes_span(&file), run->options->csr, &run->request, err);
	bytes_clear(&file);
	return status;
}

static enum caproof_status read_code(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	enum caproof_status status;

	if (o->code != NULL)
		return bytes_copy(&run->code, o->code, strlen(o->code), err);
	if (o->code_file == NULL)
		return CAPROOF_OK;
	status = file_read(o->code_file, "code file", &run->code, err);
	if (status == CAPROOF_OK && run->code.len > CODE_FILE_MAX)
		status = error_set(err, ERROR_CODE, "the code file holds %zu octets: no code is that long",
			run->code.len);
	return status;
}

enum caproof_status sign_read(struct sign_run *run, struct error *err) {
	enum caproof_status status;

	if ((status = platform_load(run->options->platform, platform_directory(), &run->platform,
		err)) != CAPROOF_OK ||
		(status = read_code(run, err)) != CAPROOF_OK ||
		(status = read_request(run, err)) != CAPROOF_OK)
		return status;
	return read_ca(run, err);
}

static enum caproof_status make_subject(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;

	if (run->request != NULL || platform_form(run->platform) == FORM_NONE)
		return CAPROOF_OK;
	if (platform_form(run->platform) == FORM_SIGNATURE) {
		if (!o->subject_key_given && o->key_out == NULL)
			return CAPROOF_OK;
		error_set(err, ERROR_USAGE, "platform '%s' takes a signature, in which there is no key",
			platform_name(run->platform));
		error_hint(err, "leave out --subject-key and --key-out");
		return error_status(err);
	}
	return subject_make(o->subject_key_given ? o->subject_key : platform_subject_key(run->platform),
		run->ca, &run->subject, err);
}

enum caproof_status sign_plan(struct sign_run *run, struct error *err) {
	const struct sign_options *o = run->options;
	unsigned char random[SERIAL_SIZE];
	struct plan_input input = {
		.ca = run->ca,
		.platform = run->platform,
		.code = bytes_span(&run->code),
		.request = run->request,
		.serial = span_of(o->serial, o->serial_len),
		.now = o->now,
		.code_issued = o->code_issued,
		.not_before = o->not_before,
		.not_after = o->not_after,
		.out_name = o->out,
		.pem = o->pem,
	};
	enum caproof_status status = ca_algorithm(run->ca, o->digest, o->pss, &input.algorithm, err);

	if (status == CAPROOF_OK)
		status = make_subject(run, err);
	if (status == CAPROOF_OK && o->serial_len == 0) {
		status = serial_make(random, err);
		input.serial = span_of(random, sizeof(random));
	}
	if (status != CAPROOF_OK)
		return status;
	input.subject_spki = bytes_span(&run->subject.spki);
	return plan_build(&input, &run->plan, err);
}

void sign_run_clear(struct sign_run *run) {
	proof_clear(&run->proof);
	signer_free(run->signer);
	module_close(run->module);
	output_free(run->out);
	output_free(run->key_out);
	plan_free(run->plan);
	subject_clear(&run->subject);
	bytes_clear(&run->code);
	request_free(run->request);
	ca_free(run->ca);
	platform_free(run->platform);
}
