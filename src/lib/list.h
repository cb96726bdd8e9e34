/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of codes to prove (RFC 4180): read whole and strictly, before any token is
 * touched.  What a row's fields mean for a platform is not decided here.
 *
 * The first line names the columns, in any order: code, csr, platform, tenant, out,
 * code_issued, note; each at most once, others are refused, and code or csr must be
 * there.  A byte order mark and CRLF are taken.  A field of blanks only is absent.
 */
#ifndef CAPROOF_LIST_H
#define CAPROOF_LIST_H

#include <time.h>

#include "base/bytes.h"

struct list_row {
	size_t line;          /* where it begins in the file, from 1 */
	/* NULL: absent.  UTF-8 without NUL; may hold what is not safe to show. */
	const char *code, *csr, *platform, *tenant, *out, *note;
	time_t code_issued;   /* LIST_NO_TIME: absent */
	char *error;          /* why the row cannot be used, safe to show; NULL: nothing wrong */
};

#define LIST_NO_TIME ((time_t)-1)

struct list {
	char *name;           /* the file's, safe to show */
	char *folder;         /* where its relative paths start: "." or PATH up to the last slash */
	char sha256[65];      /* of the file */
	struct list_row *rows;
	size_t count;         /* bad rows included */
};

/* Parse FILE, the octets of the file PATH ("-": standard input).  What is wrong with the
 * whole list is an error (list.format: no header, an unknown or repeated column, neither
 * code nor csr, NUL, not UTF-8, a quote that is never closed, a carriage return alone, no
 * rows or more than 100,000; each with the line); what is wrong with one row (too few or
 * too many fields, neither code nor csr, code_issued that is no RFC 3339 time, a field
 * longer than LIST_FIELD_MAX octets) is that row's `error`. */
NODISCARD enum caproof_status list_parse(struct span file, const char *path, struct list **out,
	struct error *err);
void list_free(struct list *list);

#define LIST_FIELD_MAX 4096

#endif
