/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists for people, 80 columns wide.
 */
#ifndef CAPROOF_CLI_LAYOUT_H
#define CAPROOF_CLI_LAYOUT_H

#include <stdbool.h>

enum { LAYOUT_COLUMNS = 80 };

/* Print HEAD, which may be "", and TEXT behind it on standard output, TEXT broken at blanks
 * so that no line is too long; lines after the first begin with INDENT blanks, and so does
 * the first one, HEAD included, as far as HEAD is shorter.  A word that is longer than a line
 * is broken anywhere.  Both are safe to show already. */
void layout_text(unsigned indent, const char *head, const char *text);
/* The same, but a long word is left whole, for addresses are copied. */
void layout_words(unsigned indent, const char *head, const char *text);

/* Standard output is a terminal that can show bold text, and nobody asked for none. */
bool layout_is_colourful(void);
/* The same, in bold where that can be. */
void layout_heading(unsigned indent, const char *head, const char *text);

#endif
