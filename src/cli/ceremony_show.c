/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony show`: what an officer reads before approving.  Everything comes from
 * the octets that will be signed; when the fields beside them disagree there is nothing to
 * read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/approval.h"
#include "ceremony/words.h"
#include "ceremony_cmd.h"
#include "layout.h"
#include "report.h"
#include "x509/planned.h"

static const struct option_spec table[] = {
	{ "verbose", 'v', NULL, "add technical details to errors" },
	{ "help", 'h', NULL, "show this page" },
	OPTION_END
};
enum { VERBOSE, HELP, OPTION_COUNT };

static const struct command_line line = {
	"DIR [OPTION...]",
	"Shows what a ceremony will sign, one item a block, read from the octets themselves, and\n"
	"the plan's hash in words, to be read aloud.\n\n"
	"Example:\n"
	"  caproof ceremony show ceremony-2026-11\n\n"
	"Exit codes: 0 done, 2 command line, 3 no ceremony, 9 the plan disagrees with itself.\n"
	"See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

static void field(const char *name, const char *text) {
	char head[24], shown[6000];

	snprintf(head, sizeof(head), "  %-9s", name);
	layout_text(11, head, text_safe(shown, sizeof(shown), text, strlen(text)));
}

const char *ceremony_when(char *buf, time_t when) {
	if (when == CEREMONY_NO_TIME)
		snprintf(buf, TEXT_TIME_SIZE, "not known");
	else
		text_time(buf, when);
	return buf;
}

enum caproof_status ceremony_print_words(const unsigned char hash[32], unsigned indent,
	struct error *err) {
	char *words = words_of(span_of(hash, 32));

	if (words == NULL)
		return error_memory(err);
	layout_text(indent, "", words);
	free(words);
	return CAPROOF_OK;
}

/* From the certificate that the octets make. */
static enum caproof_status show_certificate(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct error *err) {
	X509 *cert = NULL;
	char *subject = NULL, from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE], text[600];
	struct bytes spki = BYTES_INIT;
	char sha256[SHA256_HEX_SIZE];
	time_t a = 0, b = 0;
	enum caproof_status status = planned_read(bytes_span(&item->tbs), &plan->algorithm,
		plan->ca->key.type, &cert, err);

	if (status == CAPROOF_OK)
		status = planned_spki(cert, &spki, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&spki), sha256, err);
	if (status != CAPROOF_OK)
		goto out;
	subject = name_text(X509_get_subject_name(cert));
	if (subject == NULL || !time_from_asn1(X509_get0_notBefore(cert), &a) ||
		!time_from_asn1(X509_get0_notAfter(cert), &b)) {
		status = error_memory(err);
		goto out;
	}
	field("subject", subject);
	if (item->san_uri != NULL)
		field("URI", item->san_uri);
	snprintf(text, sizeof(text), "%s to %s", text_time(from, a), text_time(until, b));
	field("valid", text);
	field("serial", item->serial);
	snprintf(text, sizeof(text), "%s, SHA-256 %s", item->request_file != NULL ?
		"the request's key" : "a key that was wiped", sha256);
	field("holds", text);
	field("limits", "CA:FALSE and digitalSignature only, both critical; nothing else");
out:
	free(subject);
	bytes_clear(&spki);
	X509_free(cert);
	return status;
}

static enum caproof_status show_item(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct error *err) {
	char when[TEXT_TIME_SIZE], text[300];
	enum caproof_status status = CAPROOF_OK;

	printf("\nitem %ld\n", item->index);
	field("platform", item->platform);
	field("tenant", item->tenant != NULL ? item->tenant : "not named: ask whose code this is");
	field("code", item->code);
	field("expires", ceremony_when(when, item->code_expires));
	if (item->note != NULL)
		field("note", item->note);
	if (item->form == FORM_SIGNATURE)
		field("signs", "the code itself, as it is shown");
	else
		status = show_certificate(plan, item, err);
	snprintf(text, sizeof(text), "%zu, SHA-256 %s", item->tbs.len, item->tbs_sha256);
	field("octets", text);
	return status;
}

static void show_head(const struct ceremony_plan *plan, const struct ceremony_policy *policy) {
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE], text[400];

	printf("ceremony %s\n", plan->id);
	if (plan->rehearses != NULL)
		field("", "REHEARSAL: nothing of it is worth anything");
	if (plan->purpose != NULL)
		field("purpose", plan->purpose);
	if (plan->reference != NULL)
		field("reference", plan->reference);
	field("issuer", plan->ca->subject_text);
	snprintf(text, sizeof(text), "SHA-256 %s", plan->ca->sha256);
	field("", text);
	field("key", plan->key_uri != NULL ? plan->key_uri : "the one that matches the certificate");
	field("signs", plan->signature_name);
	snprintf(text, sizeof(text), "%s to %s", text_time(from, plan->execute_from),
		text_time(until, plan->execute_until));
	field("run", text);
	snprintf(text, sizeof(text), "%s: %ld approvals%s, SHA-256 %s", policy->name,
		policy->threshold, policy->threshold == 0 ? " (nobody has to approve)" :
			policy->veto ? ", one reject is enough to stop it" : "", policy->sha256);
	field("policy", text);
}

enum caproof_status ceremony_read_policy(const struct bundle *bundle,
	struct ceremony_policy *out, struct error *err) {
	struct bytes text = BYTES_INIT;
	enum caproof_status status = bundle_read(bundle, "policy.json", &text, err);

	if (status == CAPROOF_OK)
		status = policy_parse(bytes_span(&text), bundle, out, err);
	bytes_clear(&text);
	return status;
}

static enum caproof_status show(const char *path, struct error *err) {
	struct bundle bundle = { -1, NULL, NULL };
	struct ceremony_plan plan = { .items = NULL };
	struct ceremony_policy policy = { .name = NULL };
	enum caproof_status status;

	if ((status = bundle_open(path, &bundle, err)) == CAPROOF_OK &&
		(status = ceremony_plan_read(&bundle, &plan, err)) == CAPROOF_OK)
		status = ceremony_read_policy(&bundle, &policy, err);
	if (status == CAPROOF_OK && strcmp(policy.sha256, plan.policy_sha256) != 0)
		status = error_set(err, ERROR_GATE, "policy.json is not the policy that the plan names");
	if (status == CAPROOF_OK)
		show_head(&plan, &policy);
	for (size_t i = 0; status == CAPROOF_OK && i < plan.count; i++)
		status = show_item(&plan, &plan.items[i], err);
	if (status == CAPROOF_OK) {
		printf("\nplan hash %s\n", plan.sha256);
		status = ceremony_print_words(plan.hash, 10, err);
	}
	policy_clear(&policy);
	ceremony_plan_clear(&plan);
	bundle_close(&bundle);
	return status;
}

int ceremony_show(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	int code = CAPROOF_OK;

	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	report_setup("ceremony show", false, values[VERBOSE] != NULL, false);
	if (values[HELP] != NULL)
		options_help(&line, argv[0]);
	else if (show(operands[0], &err) != CAPROOF_OK)
		code = report_error(&err);
	else if (fflush(stdout) != 0)
		code = report_error((error_set(&err, ERROR_OUTPUT_WRITE,
			"cannot write to standard output"), &err));
	options_free(&line, values, operands);
	return code;
}
