/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that people and shells read: made safe, parsed strictly.
 */
#ifndef CAPROOF_BASE_TEXT_H
#define CAPROOF_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/bytes.h"

/* Make foreign text safe to show: C0, DEL, C1, bidirectional, zero-width and
 * invalid UTF-8 octets become \xNN or \u{NNNN}; a backslash stays one.  Writes a
 * NUL-terminated result of at most SIZE octets, cut with "..." when it does not
 * fit.  Returns BUF, so that it can stand in an argument list. */
const char *text_safe(char *buf, size_t size, const void *text, size_t len);
/* The same on the heap; NULL when there is no memory. */
char *text_safe_dup(const void *text, size_t len);

/* Quote for a POSIX shell: unchanged when it needs no quotes.  What cannot be shown
 * safely is written as $'...' (bash, zsh, ksh; POSIX.1-2024).  NULL: no memory. */
char *text_shell_quote(const char *text);

/* Lower-case hex, on the heap; NULL when there is no memory. */
char *text_hex(const void *data, size_t len);
/* Strict hex, either case, even length, at least one octet, into OUT, which must be
 * empty; false when it is not that. */
NODISCARD bool text_unhex(const char *text, struct bytes *out);

/* Whether TEXT is LEN lower-case hexadecimal digits, and nothing more. */
bool text_is_hex(const char *text, size_t len);

/* A decimal number without sign, blanks, junk or a leading zero, MIN to MAX. */
NODISCARD bool text_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* "2026-11-25T12:00:00Z" for WHEN (UTC); BUF has TEXT_TIME_SIZE octets. */
#define TEXT_TIME_SIZE 32
const char *text_time(char *buf, time_t when);
/* RFC 3339 date-time with Z or a numeric offset, no fraction; strict calendar. */
NODISCARD bool text_time_parse(const char *text, time_t *out);

/* Whether TEXT is UTF-8 (RFC 3629: shortest form, no surrogates, no NUL). */
bool text_is_utf8(const void *text, size_t len);

/* Read one code point of valid UTF-8 at *POS and move on; (uint32_t)-1 at an
 * invalid sequence (moves on by one octet). */
uint32_t text_next(const unsigned char *text, size_t len, size_t *pos);
/* Controls, bidirectional marks, zero-width characters: nothing a name needs. */
bool text_is_hidden(uint32_t code_point);

#endif
