/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony plan`: everything that can be decided before the room is, on any
 * machine, without a token.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/plan_make.h"
#include "ceremony/words.h"
#include "ceremony_cmd.h"
#include "common.h"
#include "inputs.h"
#include "report.h"

#define OPTION_FILE "ceremony_plan_options.def"
#include "option_table.h"

static const struct command_line line = {
	"LIST.csv -c CA --policy FILE -o DIR [OPTION...]",
	"Plans a ceremony: checks every row of the list as 'caproof sign' would, draws serial\n"
	"numbers and subject keys, and writes the exact octets that will be signed into a new\n"
	"folder.  No token is needed.  The first line of LIST.csv names its columns: code or csr, and\n"
	"any of platform, tenant, code_issued and note; each row after it is an item.\n\n"
	"Example:\n"
	"  caproof ceremony plan codes.csv -c rootCA.pem -p aws-iot --policy policy.json \\\n"
	"      -o ceremony-2026-11\n\n"
	"Exit codes: 0 done, 2 command line, 3 list, rule or policy, 7 output.\n"
	"See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

struct plan_run {
	struct common_options common;
	struct ca *ca;
	struct list *list;
	struct batch batch;
	struct ceremony_plan_input input;
};

static enum caproof_status parse_expect(const char *value, struct ceremony_plan_input *input,
	struct error *err) {
	input->expect_sensitive = input->expect_never_extractable = true;
	if (value == NULL || strcmp(value, "never-extractable") == 0)
		return CAPROOF_OK;
	input->expect_never_extractable = false;
	if (strcmp(value, "sensitive") == 0)
		return CAPROOF_OK;
	input->expect_sensitive = false;
	if (strcmp(value, "nothing") == 0)
		return CAPROOF_OK;
	return common_bad_value("ceremony plan", "expect-key",
		"one of never-extractable, sensitive and nothing", err);
}

static enum caproof_status check_key(const char *uri, struct error *err) {
	struct uri *parsed = NULL;
	enum caproof_status status = uri == NULL ? CAPROOF_OK :
		uri_parse(uri, URI_IN_FILE, &parsed, err);

	uri_free(parsed);
	return status;
}

static enum caproof_status check_required(char **values, struct error *err) {
	if (values[CA] == NULL)
		return common_conflict("no CA certificate was given", "name it with --ca", err);
	if (values[POLICY] == NULL)
		return common_conflict("no policy was given", "name it with --policy; caproof-ceremony(7) "
			"shows one", err);
	if (values[OUT] == NULL)
		return common_conflict("no folder was given", "name one that is not there yet with --out",
			err);
	return CAPROOF_OK;
}

static enum caproof_status parse(char **values, struct plan_run *run, struct error *err) {
	struct common_values common = {
		.command = "ceremony plan",
		.platform = values[PLATFORM],
		.days = values[DAYS],
		.not_before = values[NOT_BEFORE],
		.not_after = values[NOT_AFTER],
		.hash = values[HASH],
		.pss = values[PSS] != NULL,
		.json = values[JSON] != NULL,
		.quiet = values[QUIET] != NULL,
		.verbose = values[VERBOSE] != NULL,
	};
	struct ceremony_plan_input *input = &run->input;
	enum caproof_status status;

	input->policy = values[POLICY];
	input->purpose = values[PURPOSE];
	input->reference = values[REFERENCE];
	input->key_uri = values[KEY];
	input->accept_expiry = values[ACCEPT_EXPIRY] != NULL;
	input->execute_from = input->execute_until = CEREMONY_NO_TIME;
	if ((status = common_options_parse(&common, &run->common, err)) != CAPROOF_OK ||
		(status = check_required(values, err)) != CAPROOF_OK ||
		(status = check_key(values[KEY], err)) != CAPROOF_OK ||
		(status = common_text("ceremony plan", "purpose", values[PURPOSE], err)) != CAPROOF_OK ||
		(status = common_text("ceremony plan", "reference", values[REFERENCE], err)) !=
		CAPROOF_OK ||
		(status = parse_expect(values[EXPECT_KEY], input, err)) != CAPROOF_OK ||
		(status = common_time("ceremony plan", "execute-from", values[EXECUTE_FROM],
			&input->execute_from, err)) != CAPROOF_OK ||
		(status = common_time("ceremony plan", "execute-until", values[EXECUTE_UNTIL],
			&input->execute_until, err)) != CAPROOF_OK)
		return status;
	run->batch.subject_key_given = values[SUBJECT_KEY] != NULL;
	return values[SUBJECT_KEY] == NULL ? CAPROOF_OK :
		common_subject_key("ceremony plan", values[SUBJECT_KEY], true, &run->batch.subject_key,
			err);
}

static enum caproof_status read_inputs(struct plan_run *run, const char *ca, const char *list,
	struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status = inputs_read_ca(ca, &run->ca, err);

	if (status == CAPROOF_OK)
		status = file_read(list, "list", &file, err);
	if (status == CAPROOF_OK)
		status = list_parse(bytes_span(&file), list, &run->list, err);
	bytes_clear(&file);
	if (status != CAPROOF_OK)
		return status;
	run->batch.list = run->list;
	run->batch.ca = run->ca;
	run->batch.platform = run->common.platform;
	run->batch.digest = run->common.digest;
	run->batch.pss = run->common.pss;
	run->batch.now = run->common.now;
	run->batch.not_before = run->common.not_before;
	run->batch.not_after = run->common.not_after;
	run->batch.folder = -1;
	run->batch.platforms.directory = inputs_platform_directory();
	run->input.batch = &run->batch;
	return CAPROOF_OK;
}

static enum caproof_status tell(const char *path, struct error *err) {
	struct bundle bundle = { -1, NULL, NULL };
	struct ceremony_plan plan = { .items = NULL };
	json_t *object;
	enum caproof_status status = bundle_open(path, &bundle, err);

	if (status == CAPROOF_OK)
		status = ceremony_plan_read(&bundle, &plan, err);
	if (status == CAPROOF_OK && report_is_json()) {
		object = report_json_new();
		if (object == NULL || json_object_set_new(object, "plan", json_pack("{s:s, s:s, s:s, s:I, "
			"s:s}", "folder", bundle.name, "sha256", plan.sha256, "ceremony_id", plan.id, "items",
			(json_int_t)plan.count, "policy_sha256", plan.policy_sha256)) != 0) {
			json_decref(object);
			status = error_memory(err);
		} else {
			status = report_json_print(object, err);
		}
	} else if (status == CAPROOF_OK && !report_is_quiet()) {
		fprintf(stderr, "caproof: the plan of %zu items is in '%s'\n"
			"  plan    SHA-256 %s\n  policy  SHA-256 %s\n"
			"  next    each officer reads it with 'caproof ceremony show' and approves it with\n"
			"          'caproof ceremony approve'; print both hashes on the ceremony's form\n",
			plan.count, bundle.name, plan.sha256, plan.policy_sha256);
	}
	ceremony_plan_clear(&plan);
	bundle_close(&bundle);
	return status;
}

int ceremony_plan(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	struct plan_run run = { .ca = NULL };
	enum caproof_status status;
	int code = CAPROOF_OK;

	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (values[HELP] != NULL) {
		options_help(&line, argv[0]);
		options_free(&line, values, operands);
		return CAPROOF_OK;
	}
	if ((status = parse(values, &run, &err)) == CAPROOF_OK &&
		(status = read_inputs(&run, values[CA], operands[0], &err)) == CAPROOF_OK &&
		(status = ceremony_plan_make(&run.input, values[OUT], &err)) == CAPROOF_OK &&
		(status = tell(values[OUT], &err)) != CAPROOF_OK)
		ceremony_plan_unmake(values[OUT]);
	if (status != CAPROOF_OK)
		code = report_error(&err);
	if (run.list != NULL)
		batch_clear(&run.batch);
	list_free(run.list);
	ca_free(run.ca);
	common_options_clear(&run.common);
	options_free(&line, values, operands);
	return code;
}
