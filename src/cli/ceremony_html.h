/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing one self-contained page: no script, nothing from outside.  Foreign text has one
 * way in, html_put()'s %s, and that escapes it; so nobody can forget to.
 */
#ifndef CAPROOF_CLI_CEREMONY_HTML_H
#define CAPROOF_CLI_CEREMONY_HTML_H

#include <stdio.h>

#include "base/bytes.h"

struct html {
	FILE *file;   /* in memory */
	char *text;
	size_t len;
	bool no_memory;
};

NODISCARD enum caproof_status html_begin(struct html *html, const char *title,
	const unsigned char plan_hash[32], bool rehearsal, struct error *err);
/* TEXT is the whole page, or it was the memory. */
NODISCARD enum caproof_status html_end(struct html *html, struct span *text, struct error *err);
void html_clear(struct html *html);

/* FORMAT is markup of our own; of conversions it knows %s (escaped; NULL is nothing), %ld, %zu
 * and %%. */
void html_put(struct html *html, const char *format, ...) PRINTF_LIKE(2, 3);
/* SHA256 in hex, unbroken, and its words, each under its two digits.  What is no hash is
 * shown as it is. */
void html_hash(struct html *html, const char *sha256);
/* A row of a list of facts; nothing when VALUE is NULL. */
void html_fact(struct html *html, const char *name, const char *value);
/* The same for what is compared letter by letter: a code, a serial number, a hash. */
void html_exact(struct html *html, const char *name, const char *value);

#endif
