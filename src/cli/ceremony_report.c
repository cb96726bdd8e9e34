/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony report`: the record as one page, to be read aloud, printed and signed in
 * ink.  It says by itself whether the record was verified; it never takes the place of
 * `verify`, and a record that does not hold still has its page.
 */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "ceremony_cmd.h"
#include "ceremony_page.h"
#include "common.h"
#include "inputs.h"
#include "report.h"

enum { OUT, POLICY_SHA256, CA, FORCE, QUIET, VERBOSE, HELP, OPTION_COUNT };

static const struct option_spec table[] = {
	[OUT] = { "out", 'o', "FILE", "the page, HTML; '-' is standard output" },
	[POLICY_SHA256] = { "policy-sha256", 0, "HASH",
		"the policy's SHA-256, from outside of the bundle" },
	[CA] = { "ca", 'c', "FILE", "the CA certificate, from outside of the bundle" },
	[FORCE] = { "force", 0, NULL, "replace the page when it is there" },
	[QUIET] = { "quiet", 'q', NULL, "say nothing but errors" },
	[VERBOSE] = { "verbose", 'v', NULL, "add technical details to errors" },
	[HELP] = { "help", 'h', NULL, "show this page" },
	OPTION_END
};

static const struct command_line line = {
	"DIR -o FILE [--policy-sha256 HASH -c CA] [OPTION...]",
	"Writes one page with everything that a ceremony's record tells, made for A4, for reading\n"
	"aloud and for signatures in ink.  With the policy's hash and the CA certificate it has the\n"
	"checks of 'caproof ceremony verify'; without them it says that nobody verified it.\n\n"
	"Example:\n"
	"  caproof ceremony report ceremony-2026-11 --policy-sha256 5f1c… -c rootCA.pem \\\n"
	"      -o report.html\n\n"
	"Exit codes: 0 the page is written, whatever it says, 2 command line, 3 no ceremony,\n"
	"7 output, 9 the plan disagrees with itself or the transcript was altered: then there is no\n"
	"page, for there is nothing to tell.\n"
	"See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

/* --- reading --------------------------------------------------------------------------------- */

static enum caproof_status read_seal(struct ceremony_page *page, struct error *err) {
	struct bytes text = BYTES_INIT;
	struct error why = ERROR_INIT;

	page->sealed = CEREMONY_NO_TIME;
	if (!bundle_has(&page->c.bundle, SEAL_FILE))
		return CAPROOF_OK;
	/* A seal.json that is none is for the audit to tell; it seals nothing. */
	if (bundle_read(&page->c.bundle, SEAL_FILE, &text, &why) != CAPROOF_OK ||
		seal_time(bytes_span(&text), &page->sealed, &why) != CAPROOF_OK)
		page->sealed = CEREMONY_NO_TIME;
	bytes_clear(&text);
	if (why.id != ERROR_MEMORY)
		return CAPROOF_OK;
	*err = why;
	return error_status(err);
}

static enum caproof_status read_all(struct ceremony_page *page, const char *path,
	struct error *err) {
	struct audit_input input = { path, page->policy_sha256, page->ca, time(NULL) };
	enum caproof_status status;

	if ((status = ceremony_open(path, input.now, &page->c, err)) != CAPROOF_OK ||
		(status = approvals_read(&page->c.bundle, &page->c.plan, &page->c.policy,
			audit_time_of_run(&page->c), &page->approvals, err)) != CAPROOF_OK ||
		(status = read_seal(page, err)) != CAPROOF_OK)
		return status;
	page->audited = page->policy_sha256 != NULL && page->ca != NULL;
	return page->audited ? ceremony_audit(&input, &page->audit, err) : CAPROOF_OK;
}

/* --- writing --------------------------------------------------------------------------------- */

static enum caproof_status compose(struct ceremony_page *page, struct span *text,
	struct error *err) {
	const struct ceremony_plan *plan = &page->c.plan;
	enum caproof_status status = html_begin(&page->html, plan->purpose != NULL ? plan->purpose :
		"Key ceremony", plan->hash, plan->rehearses != NULL, err);

	if (status != CAPROOF_OK)
		return status;
	page_head(page);
	page_outcome(page);
	page_plan(page);
	page_approvals(page);
	if ((status = page_items(page, err)) != CAPROOF_OK)
		return status;
	page_timeline(page);
	if ((status = page_attached(page, err)) != CAPROOF_OK)
		return status;
	page_verification(page);
	page_signatures(page);
	return html_end(&page->html, text, err);
}

static void tell(const struct ceremony_page *page, const char *out) {
	bool good = page_verified(page);
	char shown[1024];

	report_note("caproof: the page '%s' says: %s%s", text_safe(shown, sizeof(shown), out,
		strlen(out)), good ? "verified" : "not verified, ", good ? "" : page_why(page));
}

static enum caproof_status write_page(struct ceremony_page *page, const char *path,
	char **values, struct error *err) {
	struct output *output = NULL;
	struct span text = { NULL, 0 };
	enum caproof_status status = output_open(values[OUT], 0644, values[FORCE] != NULL, &output,
		err);

	if (status == CAPROOF_OK)
		status = read_all(page, path, err);
	if (status == CAPROOF_OK)
		status = compose(page, &text, err);
	if (status == CAPROOF_OK)
		status = output_write(output, text, err);
	if (status == CAPROOF_OK)
		status = output_commit(output, err);
	if (status == CAPROOF_OK)
		tell(page, values[OUT]);
	output_free(output);
	return status;
}

static enum caproof_status make(char **values, const char *path, struct error *err) {
	struct ceremony_page page = { .policy_sha256 = values[POLICY_SHA256],
		.c = { .bundle = { -1, NULL, NULL }, .transcript = { .fd = -1 } } };
	struct ca *ca = NULL;
	enum caproof_status status = CAPROOF_OK;

	if (values[OUT] == NULL)
		return common_conflict("no page was given", "name the file to write with --out", err);
	if (values[CA] != NULL)
		status = inputs_read_ca(values[CA], &ca, err);
	page.ca = ca;
	if (status == CAPROOF_OK)
		status = write_page(&page, path, values, err);
	html_clear(&page.html);
	audit_clear(&page.audit);
	approvals_clear(&page.approvals);
	ceremony_clear(&page.c);
	ca_free(ca);
	return status;
}

int ceremony_report(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	int code = CAPROOF_OK;

	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	report_setup("ceremony report", values[QUIET] != NULL, values[VERBOSE] != NULL, false);
	if (values[HELP] != NULL)
		options_help(&line, argv[0]);
	else if (make(values, operands[0], &err) != CAPROOF_OK)
		code = report_error(&err);
	options_free(&line, values, operands);
	return code;
}
