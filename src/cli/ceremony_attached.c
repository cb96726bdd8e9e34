/* SPDX-License-Identifier: Apache-2.0
 *
 * What people put beside the record, by name: whoever reads a page has to know what else there
 * is to look at.  What is in the files is not shown and not judged.
 */
#include "ceremony_page.h"

#include "ceremony/sums.h"

#define SHOWN_MAX 200

static enum caproof_status put_folder(struct ceremony_page *page, const char *folder,
	const char *meaning, size_t *count, struct error *err) {
	struct html *html = &page->html;
	struct sums_names names;
	enum caproof_status status = sums_names(&page->c.bundle, folder, &names, err);

	for (size_t i = 0; status == CAPROOF_OK && i < names.count && i < SHOWN_MAX; i++)
		html_put(html, "<tr><td class=\"exact\">%s</td><td>%s</td></tr>\n", names.list[i], meaning);
	if (status == CAPROOF_OK && names.count > SHOWN_MAX)
		html_put(html, "<tr><td>and %zu more</td><td></td></tr>\n", names.count - SHOWN_MAX);
	*count = names.count;
	sums_names_clear(&names);
	return status;
}

enum caproof_status page_attached(struct ceremony_page *page, struct error *err) {
	struct html *html = &page->html;
	size_t attached = 0, anchored = 0;
	enum caproof_status status;

	html_put(html, "<h2>What lies beside the record</h2>\n<table class=\"line\"><thead><tr>"
		"<th>File</th><th style=\"width:70mm\">What that means</th></tr></thead><tbody>\n");
	status = put_folder(page, "attach", page->sealed != CEREMONY_NO_TIME ?
		"attached before the seal, and hashed" : "attached; nothing is sealed yet", &attached, err);
	if (status == CAPROOF_OK)
		status = put_folder(page, "anchors", "added later; neither hashed nor checked", &anchored,
			err);
	if (attached + anchored == 0)
		html_put(html, "<tr><td>Nothing.</td><td></td></tr>\n");
	html_put(html, "</tbody></table>\n");
	return status;
}
