/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof request`: a key pair and a certificate request for a code, for the team that
 * does not hold the token.  Key and request appear together or not at all; no token and no
 * module is touched.
 */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "base/text.h"
#include "common.h"
#include "inputs.h"
#include "interrupt.h"
#include "options.h"
#include "pin_text.h"
#include "plan.h"
#include "request.h"
#include "report.h"
#include "subject.h"
#include "x509/document.h"
#include "x509/request_make.h"

#define CODE_MAX 64 /* characters of a Common Name: RFC 5280 appendix A.1 */

static enum caproof_status refuse_code(const struct checks *checks, struct error *err) {
	const struct check *first = checks_first_refused(checks);

	if (first == NULL)
		return CAPROOF_OK;
	error_set(err, ERROR_CODE, "the code is refused: %s", first->message);
	if (first->way_out != NULL)
		error_hint(err, "%s", first->way_out);
	return error_status(err);
}

static enum caproof_status take_code(struct request_run *run, struct span code,
	struct error *err) {
	enum caproof_status status = platform_check_code(run->platform, (const char *)code.data,
		code.len, PLAN_DEFAULT, run->options->now, &run->checks, err);

	if (status == CAPROOF_OK)
		status = refuse_code(&run->checks, err);
	if (status == CAPROOF_OK && code.len > CODE_MAX) {
		status = error_set(err, ERROR_CODE, "the code has %zu octets, and the Common Name of a "
			"request holds %d at most", code.len, CODE_MAX);
		error_hint(err, "let the holder of the token run 'caproof sign' with the code and no "
			"request");
	}
	if (status != CAPROOF_OK)
		return status;
	run->code = strndup((const char *)code.data, code.len);
	return run->code != NULL ? CAPROOF_OK : error_memory(err);
}

/* As `sign` will take it: without white space at its ends. */
static enum caproof_status read_code(struct request_run *run, struct error *err) {
	struct bytes given = BYTES_INIT;
	enum caproof_status status = inputs_read_code(run->options->code, run->options->code_file,
		&given, err);

	if (status == CAPROOF_OK)
		status = take_code(run, span_trim(bytes_span(&given)), err);
	bytes_clear(&given);
	return status;
}

static enum caproof_status check_form(const struct request_run *run, struct error *err) {
	enum proof_form form = platform_form(run->platform);

	if (form == FORM_NONE)
		return error_set(err, ERROR_PLATFORM_NO_PROOF,
			"platform '%s' needs no proof: nothing was made", platform_name(run->platform));
	if (form != FORM_SIGNATURE)
		return CAPROOF_OK;
	error_set(err, ERROR_USAGE, "platform '%s' takes a signature, in which there is no key",
		platform_name(run->platform));
	error_hint(err, "let the holder of the token run 'caproof sign' with the code");
	return error_status(err);
}

static enum caproof_status make_request(struct request_run *run, struct error *err) {
	enum subject_key kind = run->options->subject_key_given ? run->options->subject_key :
		platform_subject_key(run->platform);
	struct bytes der = BYTES_INIT;
	enum caproof_status status;

	/* The CA's own key is not to be had here. */
	if (kind == SUBJECT_KEY_CA)
		kind = SUBJECT_KEY_P256;
	status = subject_make(kind, NULL, &run->subject, err);
	if (status == CAPROOF_OK)
		status = request_make(run->subject.pkey, run->code, &der, err);
	/* Read again, so that what is written is known to be taken. */
	if (status == CAPROOF_OK)
		status = request_parse(bytes_span(&der), run->options->out, &run->request, err);
	if (status == CAPROOF_OK)
		run->der = der;
	else
		bytes_clear(&der);
	return status;
}

static enum caproof_status encode_request(const struct request_run *run, struct bytes *out,
	struct error *err) {
	if (!run->options->pem)
		return bytes_copy(out, run->der.data, run->der.len, err);
	return document_pem(PEM_STRING_X509_REQ, bytes_span(&run->der), out, err);
}

static enum caproof_status ask_pass(struct request_run *run, struct secret **out,
	struct error *err) {
	const struct caproof_pin_prompt prompt = { .token = NULL };
	enum caproof_status status = pin_ask((void *)(uintptr_t)&run->options->pass, &prompt, out, err);

	if (status == CAPROOF_PIN)
		error_hint(err, "run this on a terminal, or give --pass file:PATH, fd:N, env:VAR or stdin");
	return status;
}

static enum caproof_status encode_key(struct request_run *run, BIO **out, struct error *err) {
	struct secret *pass = NULL;
	enum caproof_status status;

	if (!run->options->encrypt)
		return subject_pem(&run->subject, out, err);
	status = ask_pass(run, &pass, err);
	if (status == CAPROOF_OK)
		status = subject_pem_encrypted(&run->subject, secret_span(pass), out, err);
	secret_free(pass);
	return status;
}

static enum caproof_status open_outputs(struct request_run *run, struct error *err) {
	const struct request_options *o = run->options;
	const char *const inputs[] = { o->platform, o->pass.path, o->code_file };
	enum caproof_status status = output_open(o->key_out, 0600, o->force, &run->key_out, err);

	if (status == CAPROOF_OK)
		status = output_open(o->out, 0644, o->force, &run->out, err);
	if (status == CAPROOF_OK && output_is_same(run->out, run->key_out)) {
		error_set(err, ERROR_USAGE, "'--out' and '--key-out' are the same file");
		error_hint(err, "name another file");
		return error_status(err);
	}
	if (status == CAPROOF_OK)
		status = common_spare_inputs(run->out, run->key_out, inputs,
			sizeof(inputs) / sizeof(inputs[0]), err);
	return status;
}

/* The key first: never a request without its key. */
static enum caproof_status write_both(struct request_run *run, struct error *err) {
	struct output *const outputs[] = { run->key_out, run->out };
	struct bytes request = BYTES_INIT;
	BIO *key = NULL;
	char *data;
	long len;
	enum caproof_status status = encode_key(run, &key, err);

	if (status != CAPROOF_OK)
		return status;
	len = BIO_get_mem_data(key, &data);
	status = output_write(run->key_out, span_of(data, (size_t)len), err);
	BIO_free(key);
	if (status == CAPROOF_OK)
		status = encode_request(run, &request, err);
	if (status == CAPROOF_OK)
		status = output_write(run->out, bytes_span(&request), err);
	if (status == CAPROOF_OK && interrupt_pending())
		status = error_set(err, ERROR_INTERRUPTED, "interrupted");
	if (status == CAPROOF_OK)
		status = output_commit_all(outputs, 2, err);
	bytes_clear(&request);
	return status;
}

/* The story of a run, told in order. */
static enum caproof_status run_request(struct request_run *run, struct error *err) {
	enum caproof_status status;

	if ((status = platform_load(run->options->platform, inputs_platform_directory(),
		&run->platform, err)) != CAPROOF_OK ||
		(status = check_form(run, err)) != CAPROOF_OK ||
		(status = read_code(run, err)) != CAPROOF_OK ||
		(status = open_outputs(run, err)) != CAPROOF_OK)
		return status;
	report_check_warnings(&run->checks);
	if ((status = make_request(run, err)) != CAPROOF_OK ||
		(status = write_both(run, err)) != CAPROOF_OK)
		return status;
	status = request_report(run, err);
	/* Of what could not be told nothing is left; standard output cannot be taken back. */
	if (status != CAPROOF_OK && strcmp(run->options->out, "-") != 0) {
		output_retract(run->out);
		output_retract(run->key_out);
	}
	return status;
}

static void clear(struct request_run *run) {
	output_free(run->out);
	output_free(run->key_out);
	subject_clear(&run->subject);
	request_free(run->request);
	bytes_clear(&run->der);
	checks_clear(&run->checks);
	free(run->code);
	platform_free(run->platform);
}

static int start(const struct request_options *options) {
	struct request_run run = { .options = options };
	struct error err = ERROR_INIT;
	int code = CAPROOF_OK;

	if (run_request(&run, &err) != CAPROOF_OK && err.id == ERROR_NONE)
		error_set(&err, ERROR_INTERNAL, "a step failed without saying why");
	report_tell_checks(&run.checks);
	if (err.id != ERROR_NONE)
		code = report_error(&err);
	if (err.id == ERROR_INTERRUPTED)
		code = interrupt_status();
	report_tell_checks(NULL);
	clear(&run);
	interrupt_finish();
	return code;
}

int cmd_request(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[REQUEST_OPTION_COUNT], *operands[1];
	struct request_options options;
	int code;

	pin_speak_of("pass phrase", "--pass");
	if (options_parse(&request_command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (request_wants_help(values)) {
		options_help(&request_command_line, argv[0]);
		code = CAPROOF_OK;
	} else if (request_options_parse(values, &options, &err) != CAPROOF_OK) {
		code = report_error(&err);
	} else {
		code = start(&options);
		request_options_clear(&options);
	}
	options_free(&request_command_line, values, operands);
	return code;
}
