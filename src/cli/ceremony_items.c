/* SPDX-License-Identifier: Apache-2.0
 *
 * Each item of a report, in a frame of its own: whose code, which certificate, and how to
 * recognize it by ear.  The fingerprint is that of the file that lies in the bundle now.
 */
#include "ceremony_page.h"

/* The same octets give the same signature only with these. */
static bool is_deterministic(const struct ceremony_plan *plan) {
	return plan->algorithm.scheme != SCHEME_RSA_PSS && plan->ca->key.type != KEY_EC;
}

const char *page_doubt(const struct ceremony_page *page, const struct ceremony_item *item) {
	struct transcript_item done = transcript_item(&page->c.transcript, item->index);
	bool same = is_deterministic(&page->c.plan);

	if (done.attempts > 0 && !done.written)
		return same ? "indeterminate: the token may have signed it, and no result is recorded" :
			"indeterminate: the token may have signed it, and no result is recorded; signed again, "
			"two results that differ may exist";
	if (done.attempts > 1)
		return same ? "the token was asked to sign it more than once; the signature is the same "
			"each time" :
			"the token was asked to sign it more than once: another certificate with this serial "
			"number may exist";
	return NULL;
}

/* What the file in the bundle is. */
static enum caproof_status put_result(struct ceremony_page *page,
	const struct ceremony_item *item, struct error *err) {
	struct html *html = &page->html;
	struct bytes file = BYTES_INIT;
	struct error why = ERROR_INIT;
	char sha256[SHA256_HEX_SIZE] = "";
	const char *what = item->form == FORM_SIGNATURE ? "signature" : "certificate";
	bool good = false;
	enum caproof_status status;

	if (!bundle_has(&page->c.bundle, item->out)) {
		html_put(html, "<p class=\"bad\"><strong class=\"result\">There is no %s</strong>, no "
			"<code>%s</code></p>\n", what, item->out);
		return CAPROOF_OK;
	}
	status = bundle_read(&page->c.bundle, item->out, &file, &why);
	if (status == CAPROOF_OK)
		status = ceremony_result_check(&page->c.plan, item, bytes_span(&file), &good, sha256, &why);
	bytes_clear(&file);
	if (status != CAPROOF_OK && (why.id == ERROR_MEMORY || why.id == ERROR_INTERNAL)) {
		*err = why;
		return error_status(err);
	}
	if (status != CAPROOF_OK || !good) {
		html_put(html, "<p class=\"bad\"><strong class=\"result\"><code>%s</code> is not the "
			"planned octets with a signature by the CA's key</strong></p>\n", item->out);
		return CAPROOF_OK;
	}
	html_put(html, "<p><strong>SHA-256 of the %s</strong> in <code>%s</code></p>\n", what,
		item->out);
	html_hash(html, sha256);
	return CAPROOF_OK;
}

static void put_certificate(struct html *html, const struct ceremony_item *item) {
	char from[PAGE_TIME_SIZE], until[PAGE_TIME_SIZE];

	html_exact(html, "Serial number", item->serial);
	html_exact(html, "Subject", item->subject);
	html_exact(html, "URI", item->san_uri);
	html_put(html, "<dt>Valid</dt><dd>%s to %s</dd>\n", page_time(from, item->not_before),
		page_time(until, item->not_after));
	html_fact(html, "Holds", item->request_file != NULL ? "the request's key" :
		"a key that was wiped");
}

static enum caproof_status put_item(struct ceremony_page *page,
	const struct ceremony_item *item, struct error *err) {
	struct html *html = &page->html;
	const char *doubt = page_doubt(page, item);
	char when[PAGE_TIME_SIZE];
	enum caproof_status status;

	html_put(html, "<section class=\"item\"><h3>Item %ld <span>\302\267 %s \302\267 tenant "
		"</span>%s</h3>\n<p class=\"code\">%s</p>\n", item->index, item->platform,
		item->tenant != NULL ? item->tenant : "not named", item->code);
	if (doubt != NULL)
		html_put(html, "<p class=\"bad\"><strong class=\"result\">%s</strong></p>\n", doubt);
	html_put(html, "<dl class=\"facts\">\n");
	html_fact(html, "Code expires", page_time(when, item->code_expires));
	html_fact(html, "Note", item->note);
	if (item->form == FORM_SIGNATURE)
		html_fact(html, "Signs", "the code itself, as it is shown");
	else
		put_certificate(html, item);
	html_exact(html, "Signed octets", item->tbs_sha256);
	html_put(html, "</dl>\n");
	status = put_result(page, item, err);
	html_put(html, "</section>\n");
	return status;
}

enum caproof_status page_items(struct ceremony_page *page, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	html_put(&page->html, "<h2>What was to be signed</h2>\n");
	for (size_t i = 0; status == CAPROOF_OK && i < page->c.plan.count; i++)
		status = put_item(page, &page->c.plan.items[i], err);
	return status;
}
