/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a ceremony's report; shared by the files ceremony_report.c, ceremony_page.c,
 * ceremony_items.c, ceremony_timeline.c and ceremony_attached.c only.
 */
#ifndef CAPROOF_CLI_CEREMONY_PAGE_H
#define CAPROOF_CLI_CEREMONY_PAGE_H

#include "base/text.h"
#include "ceremony/audit.h"
#include "ceremony_html.h"

struct ceremony_page {
	struct html html;
	struct ceremony c;
	struct ceremony_approvals approvals; /* as they counted when it was run */
	time_t sealed;                       /* CEREMONY_NO_TIME: it is not */
	const char *policy_sha256;           /* from outside of the bundle; NULL: not given */
	const struct ca *ca;                 /* the same */
	bool audited;                        /* both were given */
	struct audit audit;
};

/* Whether the record holds: false as well when nobody could tell. */
bool page_verified(const struct ceremony_page *page);
/* What is wrong, in a sentence, when it does not. */
const char *page_why(const struct ceremony_page *page);

/* "2026-11-25 12:00:00 UTC", or "not known"; BUF has PAGE_TIME_SIZE octets. */
#define PAGE_TIME_SIZE (TEXT_TIME_SIZE + 8)
const char *page_time(char *buf, time_t when);

void page_head(struct ceremony_page *page);
void page_outcome(struct ceremony_page *page);
void page_plan(struct ceremony_page *page);
void page_approvals(struct ceremony_page *page);
NODISCARD enum caproof_status page_items(struct ceremony_page *page, struct error *err);
void page_timeline(struct ceremony_page *page);
/* attach/ and anchors/, by name. */
NODISCARD enum caproof_status page_attached(struct ceremony_page *page, struct error *err);
void page_verification(struct ceremony_page *page);
void page_signatures(struct ceremony_page *page);

/* What stands out in the transcript, a point of the list each; returns how many there are. */
size_t page_loud_records(struct ceremony_page *page);
/* What is to be known of an item that is in doubt, or was signed more than once; NULL:
 * nothing. */
const char *page_doubt(const struct ceremony_page *page, const struct ceremony_item *item);

#endif
