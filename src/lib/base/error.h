/* SPDX-License-Identifier: Apache-2.0
 *
 * Why something failed, for a person and for a script.
 *
 * Every failure has an id from errors.def, which alone decides the status (the
 * tool's exit code) and the default next step.  The text buffers are fixed, so
 * that running out of memory can still be said.  A message never holds a secret
 * and is safe to show: whoever formats foreign text into it escapes it first
 * (base/text.h).  Messages are lower case, without a full stop, and say what
 * was attempted, on what, and why it failed.
 */
#ifndef CAPROOF_BASE_ERROR_H
#define CAPROOF_BASE_ERROR_H

#include <caproof/caproof.h>

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum error_id {
	ERROR_NONE,
#define ERROR(symbol, id, status, hint) ERROR_##symbol,
#include "base/errors.def"
#undef ERROR
	ERROR_COUNT
};

struct error {
	enum error_id id; /* ERROR_NONE: nothing failed yet */
	char message[1024];
	char hint[6144];  /* empty: the table's hint; may be several lines */
	char detail[256]; /* for -v only: CKR_ or OpenSSL codes; may be empty */
};

/* Zero-initialise with this; an error owns nothing, so there is no clear. */
#define ERROR_INIT { ERROR_NONE, "", "", "" }

/* Record a failure.  The first cause wins: when ERR already has one it stays.
 * Returns the status of the id that ERR now holds, so that a caller can write
 * `return error_set(...)`.  ERR may not be NULL. */
enum caproof_status error_set(struct error *err, enum error_id id, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* Put "what was being done: " in front of the message; keeps id, hint, detail.
 * Returns ERR's status. */
enum caproof_status error_context(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Replace the next step / the technical detail of an error that was just set. */
void error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void error_detail(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Add one more line to the hint, for lists of candidates.  What does not fit
 * is left out and "..." stands in its place. */
void error_hint_line(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Out of memory: the one failure that has nothing to add. */
enum caproof_status error_memory(struct error *err);

/* Forget the failure, to try another way. */
void error_reset(struct error *err);

enum caproof_status error_status(const struct error *err);
const char *error_id_name(enum error_id id);      /* "pin.incorrect" */
const char *error_hint_text(const struct error *err); /* own hint, else the table's; may be "" */

#endif
