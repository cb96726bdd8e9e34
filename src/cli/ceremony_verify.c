/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony verify`: a line a check, in the order of an auditor's questions.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/audit.h"
#include "ceremony_cmd.h"
#include "check_report.h"
#include "common.h"
#include "inputs.h"
#include "report.h"

enum { POLICY_SHA256, CA, JSON, VERBOSE, HELP, OPTION_COUNT };

static const struct option_spec table[] = {
	[POLICY_SHA256] = { "policy-sha256", 0, "HASH",
		"the policy's SHA-256, from outside of the bundle" },
	[CA] = { "ca", 'c', "FILE", "the CA certificate" },
	[JSON] = { "json", 0, NULL, "one JSON object on standard output" },
	[VERBOSE] = { "verbose", 'v', NULL, "add technical details to errors" },
	[HELP] = { "help", 'h', NULL, "show this page" },
	OPTION_END
};

static const struct command_line line = {
	"DIR --policy-sha256 HASH -c CA [OPTION...]",
	"Checks the record of a ceremony: plan, approvals, transcript, results and seals.  The\n"
	"policy's hash and the CA certificate come from outside of the bundle, or nothing is\n"
	"proven.  verify-bundle does the same with public tools only.\n\n"
	"Example:\n"
	"  caproof ceremony verify ceremony-2026-11 --policy-sha256 5f1c… -c rootCA.pem\n\n"
	"Exit codes: 0 it holds, 2 command line, 3 unreadable, 8 a signature does not verify, 9 it\n"
	"does not hold.  See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

static enum caproof_status judge(const struct audit *audit, struct error *err) {
	const struct check *first = checks_first_refused(&audit->checks);

	if (audit->verdict == CAPROOF_OK)
		return CAPROOF_OK;
	return error_set(err, audit->verdict == CAPROOF_UNVERIFIED ? ERROR_PROOF : ERROR_GATE,
		"the record of the ceremony does not hold: %s",
		first != NULL ? first->message : "a check refuses");
}

static enum caproof_status print(const struct audit *audit, const struct error *why,
	struct error *err) {
	json_t *object;

	if (!report_is_json()) {
		if (audit->known_outcome)
			printf("outcome %s\n", ceremony_outcome_name(audit->outcome));
		show_checks(&audit->checks);
		return fflush(stdout) == 0 ? CAPROOF_OK :
			error_set(err, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	}
	object = report_json_new();
	if (object == NULL || !json_put(object, "outcome", audit->known_outcome ?
		json_string(ceremony_outcome_name(audit->outcome)) : json_null()) ||
		!json_put(object, "checks", report_json_checks(&audit->checks)) ||
		(why->id != ERROR_NONE && !json_put(object, "error", report_json_error(why)))) {
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}

static enum caproof_status verify(char **values, const char *path, struct error *err) {
	struct audit_input input = { path, values[POLICY_SHA256], NULL, time(NULL) };
	struct error why = ERROR_INIT;
	struct audit audit = { .verdict = CAPROOF_OK };
	struct ca *ca = NULL;
	enum caproof_status status;

	if (values[POLICY_SHA256] == NULL)
		return common_conflict("the policy's hash was not given", "give it with --policy-sha256, "
			"from the ceremony's form or another place outside of the bundle", err);
	if (values[CA] == NULL)
		return common_conflict("no CA certificate was given", "name it with --ca", err);
	if ((status = inputs_read_ca(values[CA], &ca, err)) != CAPROOF_OK)
		return status;
	input.ca = ca;
	status = ceremony_audit(&input, &audit, err);
	if (status == CAPROOF_OK) {
		(void)judge(&audit, &why);
		status = print(&audit, &why, err);
	}
	if (status == CAPROOF_OK && why.id != ERROR_NONE) {
		*err = why;
		status = error_status(err);
	}
	audit_clear(&audit);
	ca_free(ca);
	return status;
}

int ceremony_verify(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	int code = CAPROOF_OK;

	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	report_setup("ceremony verify", false, values[VERBOSE] != NULL, values[JSON] != NULL);
	if (values[HELP] != NULL)
		options_help(&line, argv[0]);
	else if (verify(values, operands[0], &err) != CAPROOF_OK)
		code = err.id == ERROR_GATE || err.id == ERROR_PROOF ? report_error_text(&err) :
			report_error(&err);
	options_free(&line, values, operands);
	return code;
}
