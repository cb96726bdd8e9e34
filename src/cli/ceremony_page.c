/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report says of the ceremony as a whole: how it ended comes first, then whether
 * that was verified, then what a reader must not miss.  Nothing here judges; it repeats what
 * the record and the audit say.
 */
#include "ceremony_page.h"

#include <stdio.h>
#include <string.h>

const char *page_time(char *buf, time_t when) {
	char exact[TEXT_TIME_SIZE];
	const char *clock;

	if (when == CEREMONY_NO_TIME) {
		snprintf(buf, PAGE_TIME_SIZE, "not known");
		return buf;
	}
	clock = strchr(text_time(exact, when), 'T');
	if (clock == NULL)
		snprintf(buf, PAGE_TIME_SIZE, "%s", exact);
	else
		snprintf(buf, PAGE_TIME_SIZE, "%.*s %.*s UTC", (int)(clock - exact), exact,
			(int)strcspn(clock + 1, "Z"), clock + 1);
	return buf;
}

bool page_verified(const struct ceremony_page *page) {
	return page->audited && page->audit.verdict == CAPROOF_OK;
}

const char *page_why(const struct ceremony_page *page) {
	const struct check *first = checks_first_refused(&page->audit.checks);

	if (page->audited)
		return first != NULL ? first->message : "a check refuses";
	if (page->policy_sha256 == NULL && page->ca == NULL)
		return "this page was made without the policy's hash and the CA certificate, which must "
			"come from outside of the bundle";
	return page->ca == NULL ?
		"this page was made without the CA certificate, which must come from outside of the "
		"bundle" : "this page was made without the policy's hash, which must come from outside of "
		"the bundle";
}

void page_head(struct ceremony_page *page) {
	const struct ceremony_plan *plan = &page->c.plan;
	struct html *html = &page->html;

	if (plan->rehearses != NULL)
		html_put(html, "<div class=\"rehearsal\"><strong>REHEARSAL</strong><span>Nothing on this "
			"page is worth anything. It rehearses the plan <code>%s</code></span></div>\n",
			plan->rehearses);
	html_put(html, "<p class=\"kicker\">Record of a %s</p>\n<h1>%s</h1>\n"
		"<dl class=\"facts\">\n", plan->rehearses != NULL ? "rehearsal" : "key ceremony",
		plan->purpose != NULL ? plan->purpose : "Key ceremony");
	html_exact(html, "Ceremony", plan->id);
	html_fact(html, "Reference", plan->reference != NULL ? plan->reference : "none given");
	html_put(html, "</dl>\n");
}

/* --- the outcome -------------------------------------------------------------------------- */

static void put_outcome(struct ceremony_page *page) {
	static const char *const words[] = { "Complete", "Partial", "Aborted" };
	const struct ceremony *c = &page->c;
	enum ceremony_outcome outcome = ceremony_outcome(c);
	size_t written = 0;

	for (size_t i = 0; i < c->plan.count; i++)
		written += transcript_item(&c->transcript, (long)i).written;
	if (c->plan.rehearses != NULL) {
		html_put(&page->html, "<div class=\"verdict bad\"><span class=\"kicker\">Outcome</span>"
			"<strong>Rehearsal</strong>%zu of %zu items were rehearsed, with a key that was made "
			"for it. Nothing was signed with the CA's key.</div>\n", written, c->plan.count);
		return;
	}
	html_put(&page->html, "<div class=\"verdict %s\"><span class=\"kicker\">Outcome</span>"
		"<strong>%s</strong>%zu of %zu items are recorded as signed and written%s</div>\n",
		outcome == OUTCOME_COMPLETE && page->sealed != CEREMONY_NO_TIME ? "good" : "bad",
		c->transcript.count == 0 ? "Not run" : page->sealed == CEREMONY_NO_TIME ? "Not sealed" :
		words[outcome], written, c->plan.count, page->sealed != CEREMONY_NO_TIME ? "." :
		"; the record is still open, so this is not the end of it.");
}

static void put_verdict(struct ceremony_page *page) {
	bool good = page_verified(page);

	html_put(&page->html, "<div class=\"verdict %s\"><span class=\"kicker\">Verification</span>"
		"<strong>%s</strong>%s%s%s</div>\n", good ? "good" : "bad", good ? "Verified" :
		"Not verified", good ? "All checks hold; they are listed below" : "The reason: ",
		good ? "" : page_why(page), ".");
}

static size_t put_notes(struct ceremony_page *page) {
	const struct ceremony *c = &page->c;
	struct html *html = &page->html;
	size_t count = 0;

	if (c->plan.rehearses != NULL && ++count)
		html_put(html, "<li>This is a rehearsal.</li>\n");
	if (page->approvals.approving < c->policy.threshold && ++count)
		html_put(html, "<li>%ld of the %ld approvals that the policy asks for count.</li>\n",
			page->approvals.approving, c->policy.threshold);
	if (c->policy.threshold == 0 && ++count)
		html_put(html, "<li>The policy asks for no approval at all.</li>\n");
	for (size_t i = 0; i < page->approvals.count; i++) {
		const struct ceremony_approval *a = &page->approvals.list[i];

		if (!a->counts && ++count)
			html_put(html, "<li>The statement of %s does not count: %s.</li>\n", a->member->name,
				a->why);
		else if (a->decision == DECISION_REJECT && ++count)
			html_put(html, "<li>%s rejected the plan.</li>\n", a->member->name);
	}
	for (size_t i = 0; i < c->plan.count; i++) {
		const char *doubt = page_doubt(page, &c->plan.items[i]);

		if (doubt != NULL && ++count)
			html_put(html, "<li>Item %zu: %s.</li>\n", i, doubt);
	}
	if (c->transcript.torn.len > 0 && ++count)
		html_put(html, "<li>The last record of the transcript is cut off.</li>\n");
	return count;
}

void page_outcome(struct ceremony_page *page) {
	struct html *html = &page->html;
	size_t count;

	html_put(html, "<div class=\"verdicts\">\n");
	put_outcome(page);
	put_verdict(page);
	html_put(html, "</div>\n<h3>What stands out</h3>\n<ul class=\"notes\">\n");
	count = put_notes(page);
	count += page_loud_records(page);
	/* an empty list would be no list */
	html_put(html, count > 0 ? "</ul>\n" :
		"<li class=\"calm\">Nothing: no refusal, no deviation, no abort.</li>\n</ul>\n");
}

/* --- the plan ------------------------------------------------------------------------------ */

void page_plan(struct ceremony_page *page) {
	const struct ceremony_plan *plan = &page->c.plan;
	const struct transcript *t = &page->c.transcript;
	struct html *html = &page->html;
	char a[PAGE_TIME_SIZE], b[PAGE_TIME_SIZE];

	html_put(html, "<h2>The plan</h2>\n<dl class=\"facts\">\n");
	html_fact(html, "CA", plan->ca->subject_text);
	html_exact(html, "CA certificate", plan->ca->sha256);
	if (plan->key_uri != NULL)
		html_exact(html, "Key", plan->key_uri);
	else
		html_fact(html, "Key", "the one that matches the CA certificate");
	html_fact(html, "Signature", plan->signature_name);
	html_fact(html, "Planned", page_time(a, plan->created));
	html_put(html, "<dt>To be run</dt><dd>%s to %s</dd>\n", page_time(a, plan->execute_from),
		page_time(b, plan->execute_until));
	html_fact(html, "Run", t->count == 0 ? "not yet" :
		page_time(a, audit_time_of_run(&page->c)));
	html_fact(html, "Sealed", page->sealed == CEREMONY_NO_TIME ? "not yet" :
		page_time(a, page->sealed));
	html_put(html, "</dl>\n<p>The plan hash, the SHA-256 of <code>plan.json</code>, to be read "
		"aloud and compared:</p>\n");
	html_hash(html, plan->sha256);
}

/* --- who approved --------------------------------------------------------------------------- */

static const struct ceremony_approval *approval_of(const struct ceremony_page *page,
	const struct ceremony_member *member) {
	for (size_t i = 0; i < page->approvals.count; i++)
		if (strcmp(page->approvals.list[i].member->name, member->name) == 0)
			return &page->approvals.list[i];
	return NULL;
}

static void put_approval(struct ceremony_page *page, const struct ceremony_member *member) {
	const struct ceremony_approval *a = approval_of(page, member);
	struct html *html = &page->html;
	char when[PAGE_TIME_SIZE];

	if (a == NULL) {
		html_put(html, "<tr><td>%s</td><td>no statement</td><td></td></tr>\n", member->name);
		return;
	}
	/* What cannot be read has no decision, no time and no comment. */
	html_put(html, "<tr class=\"first\"><td>%s%s%s</td><td class=\"%s\">"
		"<span class=\"result\">%s%s</span></td><td>%s</td></tr>\n", member->name,
		member->role == ROLE_OFFICER ? "" : ", ",
		member->role == ROLE_OFFICER ? "" : ceremony_role_name(member->role),
		a->counts && a->decision == DECISION_APPROVE ? "" : "bad",
		a->comment == NULL ? "unreadable" :
			a->decision == DECISION_APPROVE ? "approves" : "rejects",
		a->counts ? "" : ", does not count",
		a->comment == NULL ? "" : page_time(when, a->time));
	html_put(html, "<tr class=\"more\"><td></td><td colspan=\"2\" class=\"bad\">");
	if (!a->counts)
		html_put(html, "<span class=\"result\">Does not count: %s.</span> ", a->why);
	html_put(html, "<span class=\"small\">%s</span></td></tr>\n", a->comment);
}

void page_approvals(struct ceremony_page *page) {
	const struct ceremony_policy *policy = &page->c.policy;
	struct html *html = &page->html;

	html_put(html, "<h2>Who approved it</h2>\n<p>The policy \342\200\234%s\342\200\235 asks for "
		"%ld approvals%s; ", policy->name, policy->threshold, policy->threshold == 0 ?
		" (nobody has to approve)" : "");
	html_put(html, "<strong>%ld count</strong>.%s A statement may be %ld hours old when the "
		"ceremony is run.</p>\n<dl class=\"facts\">\n", page->approvals.approving, policy->veto ?
		" One officer who rejects stops the ceremony." : "", policy->max_age_hours);
	html_exact(html, "Policy", policy->sha256);
	html_put(html, "</dl>\n<table><thead><tr><th style=\"width:38mm\">Officer</th>"
		"<th style=\"width:60mm\">Statement, and its comment</th><th>Time</th></tr></thead>"
		"<tbody>\n");
	for (size_t i = 0; i < policy->members_count; i++)
		if (policy->members[i].role == ROLE_OFFICER ||
			approval_of(page, &policy->members[i]) != NULL)
			put_approval(page, &policy->members[i]);
	html_put(html, "</tbody></table>\n");
}

/* --- the end -------------------------------------------------------------------------------- */

void page_verification(struct ceremony_page *page) {
	struct html *html = &page->html;
	const struct checks *checks = &page->audit.checks;

	html_put(html, "<h2>Verification</h2>\n<p class=\"%s\"><strong class=\"result\">%s</strong>%s"
		"%s.</p>\n<dl class=\"facts\">\n", page_verified(page) ? "" : "bad",
		page_verified(page) ? "Verified" : "Not verified", page_verified(page) ? "" : ": ",
		page_verified(page) ? "" : page_why(page));
	html_exact(html, "Policy hash given", page->policy_sha256 != NULL ? page->policy_sha256 :
		"not given");
	html_exact(html, "CA given", page->ca != NULL ? page->ca->sha256 : "not given");
	html_put(html, "</dl>\n");
	if (page->audited)
		html_put(html, "<table class=\"line\"><thead><tr><th style=\"width:20mm\">Result</th>"
			"<th>Check</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < checks->count; i++)
		html_put(html, "<tr class=\"%s\"><td>%s</td><td>%s</td></tr>\n",
			checks->list[i].result == CHECK_OK ? "" : "loud bad",
			check_result_name(checks->list[i].result), checks->list[i].message);
	if (page->audited)
		html_put(html, "</tbody></table>\n");
	html_put(html, "<p class=\"small\">What a verified record shows: these officers' cards "
		"approved exactly these octets, these results carry exactly these octets and the CA's "
		"signature, and this is what happened, in order, as operator and witness sealed it. It "
		"does not show that nothing else was signed, or that the clock was right. This page is a "
		"copy for people; the record itself is the bundle, and <code>caproof ceremony "
		"verify</code> checks that.</p>\n");
}

static void put_in_record(struct ceremony_page *page, const struct ceremony_member *member) {
	const struct ceremony_approval *a = approval_of(page, member);
	struct html *html = &page->html;
	char name[SEAL_NAME_SIZE];

	if (a != NULL)
		html_put(html, "%s", !a->counts ? "a statement that does not count" :
			a->decision == DECISION_APPROVE ? "approved the plan" : "rejected the plan");
	else if (member->role != ROLE_REQUESTER && member->role != ROLE_OFFICER)
		html_put(html, "%s", bundle_has(&page->c.bundle, seal_signature_name(name, member)) ?
			"a seal is in the record" : "no seal");
	else
		html_put(html, "%s", member->role == ROLE_OFFICER ? "no statement" : "");
}

static void put_line(struct html *html) {
	html_put(html, "</td><td class=\"space\"></td><td></td><td class=\"space\"></td></tr>\n");
}

void page_signatures(struct ceremony_page *page) {
	const struct ceremony_policy *policy = &page->c.policy;
	struct html *html = &page->html;

	html_put(html, "<section class=\"signing\"><h2>Signatures</h2>\n<p>%s</p>\n"
		"<table class=\"ink\"><thead><tr><th style=\"width:46mm\">Name and role</th>"
		"<th style=\"width:36mm\">In the record</th><th style=\"width:34mm\">Place and date</th>"
		"<th class=\"gap\"></th><th>Signature</th></tr></thead><tbody>\n",
		page->c.plan.rehearses != NULL ? "This is a rehearsal: a signature here is worth nothing." :
		"Each person signs for their own part, as this page tells it, and for having compared the "
		"plan hash.");
	for (size_t i = 0; i < policy->members_count; i++) {
		const struct ceremony_member *member = &policy->members[i];

		html_put(html, "<tr><td><strong>%s</strong><br/>%s</td><td class=\"small\">", member->name,
			ceremony_role_name(member->role));
		put_in_record(page, member);
		put_line(html);
	}
	html_put(html, "<tr><td class=\"small\">also present (name):</td><td class=\"small\">");
	put_line(html);
	html_put(html, "</tbody></table></section>\n");
}
