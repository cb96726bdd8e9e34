/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ca-cert`: find the key's public half, plan, log in, sign, seal.  What the
 * platform would refuse is refused before the PIN is asked for, and nothing is written
 * that does not verify with its own key.
 */
#include "cmd.h"

#include <stdlib.h>

#include <openssl/x509v3.h>

#include "ca_cert.h"
#include "ca_certificate.h"
#include "prepare.h"
#include "report.h"
#include "subject.h"

/* What the token shows, without a login if it does. */
static enum caproof_status read_named_key(struct ca_cert_run *run, struct error *err) {
	const struct common_options *o = &run->options->common;
	enum caproof_status status = run_open_module(&run->base, err);

	if (status == CAPROOF_OK)
		status = own_key_read(run->base.module, o->key, &run->key, err);
	if (status == CAPROOF_OK || err->id != ERROR_KEY_NONE)
		return status;
	if (o->dry_run) {
		error_hint(err, "a run that is not dry looks for it again after the login");
		return status;
	}
	error_reset(err);
	return run_reveal(&run->base, &run->key, err);
}

/* The old certificate's key, or the one that the token shows. */
static enum caproof_status read_key(struct ca_cert_run *run, struct error *err) {
	const struct ca_cert_options *o = run->options;
	enum caproof_status status;

	if (o->like == NULL)
		return read_named_key(run, err);
	status = run_read_certificate(&run->base, o->like, "CA certificate", &run->like, err);
	return status == CAPROOF_OK ? own_key_copy(run->like, &run->key, err) : status;
}

static enum caproof_status choose_algorithm(const struct ca_cert_run *run,
	struct algorithm *out, struct error *err) {
	char name[] = "the key in the token";
	const struct ca bare = { .name = name, .key = run->key.key };

	const struct common_options *o = &run->options->common;

	return prepare_algorithm(run->like != NULL ? run->like : &bare, run->base.platform, o->digest,
		o->pss, out, err);
}

/* What stood below the old certificate must be able to stand below the new one. */
static long path_len(const struct ca_cert_run *run) {
	if (run->options->path_len_given)
		return run->options->path_len;
	return run->like != NULL ? ca_path_len(run->like) : 0;
}

static enum caproof_status read_subject(struct ca_cert_run *run, struct error *err) {
	const unsigned char *p = run->options->subject.data;
	X509_NAME *name;

	if (run->like != NULL)
		return CAPROOF_OK;
	name = d2i_X509_NAME(NULL, &p, (long)run->options->subject.len);
	if (name == NULL)
		return error_memory(err);
	run->subject_text = name_text(name);
	X509_NAME_free(name);
	return run->subject_text != NULL ? CAPROOF_OK : error_memory(err);
}

static enum caproof_status make_plan(struct ca_cert_run *run, struct error *err) {
	const struct common_options *o = &run->options->common;
	unsigned char random[SERIAL_SIZE];
	struct ca_certificate_input input = {
		.platform = run->base.platform,
		.key = &run->key.key,
		.spki = bytes_span(&run->key.spki),
		.subject = bytes_span(run->like != NULL ? &run->like->subject : &run->options->subject),
		.path_len = path_len(run),
		.serial = span_of(o->serial, o->serial_len),
		.now = o->now,
		.not_before = o->not_before,
		.not_after = o->not_after,
		.out_name = o->out,
		.pem = o->pem,
		.refused = &run->base.refused,
	};
	enum caproof_status status = choose_algorithm(run, &input.algorithm, err);

	if (status == CAPROOF_OK)
		status = read_subject(run, err);
	if (status == CAPROOF_OK && o->serial_len == 0) {
		status = serial_make(random, err);
		input.serial = span_of(random, sizeof(random));
	}
	if (status != CAPROOF_OK)
		return status;
	if (run->like != NULL)
		input.subject_key_id = bytes_span(&run->like->ski);
	return ca_certificate_plan(&input, &run->base.plan, err);
}

static void warn(const struct ca_cert_run *run) {
	report_check_warnings(&run->base.plan->checks);
	if (run->like != NULL && !run->like->facts.self_issued)
		report_warning("'%s' is an intermediate CA's: the new certificate is a root of its own",
			run->like->name);
}

/* The story of a run, told in order. */
static enum caproof_status run_ca_cert(struct ca_cert_run *run, struct error *err) {
	const struct common_options *o = &run->options->common;
	const char *const inputs[] = { run->options->like, o->platform, o->pin.path };
	struct span certificate = span_of(NULL, 0);
	enum caproof_status status;

	if ((status = run_prepare(&run->base, err)) != CAPROOF_OK ||
		(status = run_load_platform(&run->base, err)) != CAPROOF_OK ||
		(status = output_open(o->out, 0644, o->force, &run->base.out, err)) != CAPROOF_OK ||
		(status = common_spare_inputs(run->base.out, NULL, inputs,
			sizeof(inputs) / sizeof(inputs[0]), err)) != CAPROOF_OK ||
		(status = read_key(run, err)) != CAPROOF_OK ||
		(status = make_plan(run, err)) != CAPROOF_OK)
		return status;
	warn(run);
	if (run->like != NULL)
		certificate = bytes_span(&run->like->der);
	if ((status = run_locate(&run->base, &run->key.key, certificate, err)) != CAPROOF_OK)
		return status;
	if (o->dry_run)
		return ca_cert_report_plan(run, err);
	if ((status = run_prove(&run->base, NULL, span_of(NULL, 0), err)) != CAPROOF_OK)
		return status;
	return run_conclude(&run->base, ca_cert_report_done(run, err), err);
}

int cmd_ca_cert(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[CA_CERT_OPTION_COUNT], *operands[1];
	struct ca_cert_options options;
	struct ca_cert_run run = { .options = &options, .base = { .options = &options.common } };
	int code;

	if (options_parse(&ca_cert_command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (ca_cert_wants_help(values)) {
		options_help(&ca_cert_command_line, argv[0]);
		code = CAPROOF_OK;
	} else if (ca_cert_options_parse(values, &options, &err) != CAPROOF_OK) {
		code = report_error(&err);
	} else {
		run.base.certificate = options.like_uri;
		if (run_ca_cert(&run, &err) != CAPROOF_OK && err.id == ERROR_NONE)
			error_set(&err, ERROR_INTERNAL, "a step failed without saying why");
		code = run_finish(&run.base, &err);
		ca_free(run.like);
		own_key_clear(&run.key);
		free(run.subject_text);
		ca_cert_options_clear(&options);
	}
	options_free(&ca_cert_command_line, values, operands);
	return code;
}
