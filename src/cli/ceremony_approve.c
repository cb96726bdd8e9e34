/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony approve`: an officer's word on a plan, signed with the officer's card.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/approval.h"
#include "ceremony/seal_file.h"
#include "ceremony_cmd.h"
#include "ceremony_person.h"
#include "common.h"
#include "report.h"

enum option {
	REJECT, REASON,
#define OPTION(symbol, name, letter, argument, help) symbol,
#include "ceremony_person_options.def"
#undef OPTION
	OPTION_COUNT
};

static const struct option_spec table[] = {
	[REJECT] = { "reject", 0, NULL, "reject the plan instead" },
	[REASON] = { "reason", 0, "TEXT", "a comment; needed with --reject" },
#define OPTION(symbol, name, letter, argument, help) [symbol] = { name, letter, argument, help },
#include "ceremony_person_options.def"
#undef OPTION
	OPTION_END
};

static const struct command_line line = {
	"DIR --cert FILE|URI [OPTION...]",
	"Signs that you approve a plan (or reject it), with your card.  Read the plan first, with\n"
	"'caproof ceremony show'.  The result, in approvals/, is what 'openssl cms -sign' makes.\n\n"
	"Example:\n"
	"  caproof ceremony approve ceremony-2026-11 --cert alice.pem -m /usr/lib/opensc-pkcs11.so\n\n"
	"Exit codes: 0 done, 2 command line, 3 no ceremony or no member, 4 module or token, 5 PIN,\n"
	"6 key, 7 output, 9 the plan disagrees with itself.  See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

struct approving {
	struct person person;
	struct bundle bundle;
	struct ceremony_plan plan;
	struct ceremony_policy policy;
};

static enum caproof_status read_ceremony(struct approving *a, const char *path,
	struct error *err) {
	enum caproof_status status;

	if ((status = bundle_open(path, &a->bundle, err)) != CAPROOF_OK ||
		(status = ceremony_plan_read(&a->bundle, &a->plan, err)) != CAPROOF_OK ||
		(status = ceremony_read_policy(&a->bundle, &a->policy, err)) != CAPROOF_OK)
		return status;
	if (strcmp(a->policy.sha256, a->plan.policy_sha256) == 0)
		return CAPROOF_OK;
	return error_set(err, ERROR_GATE, "policy.json is not the policy that the plan names");
}

/* Both files, or none. */
static enum caproof_status write_both(struct approving *a, struct span statement,
	struct span signature, struct error *err) {
	struct output *outputs[2] = { NULL, NULL };
	char path[200];
	enum caproof_status status;

	snprintf(path, sizeof(path), "approvals/%s.json", a->person.member->name);
	status = output_open_inside(a->bundle.folder, path, 0644, false, &outputs[0], err);
	snprintf(path, sizeof(path), "approvals/%s.p7s", a->person.member->name);
	if (status == CAPROOF_OK)
		status = output_open_inside(a->bundle.folder, path, 0644, false, &outputs[1], err);
	if (status == CAPROOF_OK)
		status = output_write(outputs[0], statement, err);
	if (status == CAPROOF_OK)
		status = output_write(outputs[1], signature, err);
	if (status == CAPROOF_OK)
		status = output_commit_all(outputs, 2, err);
	output_free(outputs[0]);
	output_free(outputs[1]);
	return status;
}

static enum caproof_status check_free(const struct approving *a, struct error *err) {
	char path[200];

	if (bundle_has(&a->bundle, SEAL_FILE)) {
		error_set(err, ERROR_GATE, "the ceremony in '%s' is sealed: nothing is added to it",
			a->bundle.name);
		error_hint(err, "make a new plan");
		return error_status(err);
	}
	snprintf(path, sizeof(path), "approvals/%s.json", a->person.member->name);
	if (!bundle_has(&a->bundle, path))
		return CAPROOF_OK;
	error_set(err, ERROR_OUTPUT_EXISTS, "'%s' has spoken already: '%s' is there",
		a->person.member->name, path);
	error_hint(err, "a word that was given is not changed; make a new plan");
	return error_status(err);
}

static enum caproof_status approve(struct approving *a, char **values, const char *path,
	struct error *err) {
	enum ceremony_decision decision = values[REJECT] != NULL ? DECISION_REJECT :
		DECISION_APPROVE;
	const char *comment = values[REASON] != NULL ? values[REASON] : "";
	struct bytes statement = BYTES_INIT, signature = BYTES_INIT;
	enum caproof_status status;

	if ((status = read_ceremony(a, path, err)) != CAPROOF_OK ||
		(status = person_find(&a->person, &a->policy, ROLE_OFFICER, err)) != CAPROOF_OK)
		return status;
	if ((status = check_free(a, err)) == CAPROOF_OK &&
		(status = approval_statement(&a->plan, a->person.member, decision, comment,
			a->person.options.now, &statement, err)) == CAPROOF_OK &&
		(status = person_sign(&a->person, bytes_span(&statement), &signature, err)) ==
		CAPROOF_OK)
		status = write_both(a, bytes_span(&statement), bytes_span(&signature), err);
	bytes_clear(&statement);
	bytes_clear(&signature);
	if (status == CAPROOF_OK)
		report_note("caproof: '%s' %s the plan %s\n"
			"  next    bring both files, approvals/%s.json and approvals/%s.p7s, to the folder of "
			"the run", a->person.member->name,
			decision == DECISION_APPROVE ? "approves" : "rejects", a->plan.sha256,
			a->person.member->name, a->person.member->name);
	return status;
}

int ceremony_approve(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	struct approving a = { .bundle = { -1, NULL, NULL } };
	struct person_values person;
	int code = CAPROOF_OK;

	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	person = (struct person_values){ "ceremony approve", values[KEY], values[KEY_FILE],
		values[CERT], values[MODULE], values[PIN], values[TIMEOUT],
		values[ALLOW_FINAL_TRY] != NULL, values[QUIET] != NULL, values[VERBOSE] != NULL };
	if (values[HELP] != NULL) {
		options_help(&line, argv[0]);
	} else {
		if (values[REJECT] != NULL && values[REASON] == NULL)
			(void)common_conflict("a reject needs a reason", "give one with --reason", &err);
		else if (common_text("ceremony approve", "reason", values[REASON], &err) == CAPROOF_OK &&
			person_parse(&person, &a.person, &err) == CAPROOF_OK)
			(void)approve(&a, values, operands[0], &err);
		code = person_finish(&a.person, &err);
	}
	policy_clear(&a.policy);
	ceremony_plan_clear(&a.plan);
	bundle_close(&a.bundle);
	options_free(&line, values, operands);
	return code;
}
