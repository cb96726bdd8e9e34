/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of a folder of proofs: what was about to be signed, and what is in place.
 *
 * JSON Lines, only ever added to.  An `intent` is on the disk before the token is asked to
 * sign, a `result` after the proof is in its place; so whatever ends the process, it is
 * known which rows are finished, and which serial numbers may be used up.  One process at
 * a time: the file is locked.
 */
#ifndef CAPROOF_JOURNAL_H
#define CAPROOF_JOURNAL_H

#include <time.h>

#include "base/bytes.h"

#define JOURNAL_NAME "caproof-batch.jsonl"

struct journal;

/* What the journal holds on one output: the last word on it. */
struct journal_entry {
	char *out, *platform, *code, *ca_sha256;
	char *serial;  /* of the last intent; NULL for a proof without one */
	bool finished; /* a result was recorded */
	bool unused;   /* the token was never asked for the last intent */
	char *sha256;  /* of the proof, as in `result`; NULL while not finished */
};

/* The journal in FOLDER, locked until journal_close; an empty one when there is none, and
 * nothing is made yet.  TO_READ: nothing can be added, and others may read it meanwhile.  A
 * last line that was cut off is left out.  Errors: journal (another process works with it,
 * damaged, not a regular file), input.read. */
NODISCARD enum caproof_status journal_open(int folder, bool to_read, struct journal **out,
	struct error *err);
void journal_close(struct journal *journal); /* what was added and not flushed is lost */

/* True when the last batch in it did not come to its end. */
bool journal_is_unfinished(const struct journal *journal);
bool journal_is_empty(const struct journal *journal);
const struct journal_entry *journal_find(const struct journal *journal, const char *out);
/* A finished entry for this code of this platform, proven by this CA; NULL: none. */
const struct journal_entry *journal_find_code(const struct journal *journal,
	const char *ca_sha256, const char *platform, const char *code);

/* --- adding: nothing is on the disk before journal_flush ------------------------------ */

struct journal_head {
	const char *list, *list_sha256, *ca_sha256;
	size_t rows;
	time_t now;
};

/* Make the file where there is none, and begin a batch.  Flushes. */
NODISCARD enum caproof_status journal_begin(struct journal *journal,
	const struct journal_head *head, struct error *err);
struct journal_intent {
	size_t line;
	const char *out, *platform, *code;
	const char *serial;     /* NULL: the form has none */
	const char *tbs_sha256;
};
NODISCARD enum caproof_status journal_intent(struct journal *journal,
	const struct journal_intent *intent, struct error *err);
/* SHA256: of the proof; FOUND: it was in its place before this run. */
NODISCARD enum caproof_status journal_result(struct journal *journal, size_t line,
	const char *out, const char *sha256, bool found, struct error *err);
/* After an intent: the row failed with error ID, or (NULL) the token was never asked. */
NODISCARD enum caproof_status journal_dropped(struct journal *journal, size_t line,
	const char *out, const char *id, struct error *err);
/* The batch came to its end: nothing of it is left to resume. */
NODISCARD enum caproof_status journal_end(struct journal *journal, size_t done, size_t failed,
	time_t now, struct error *err);

/* Write and fdatasync what was added.  Errors: output.write. */
NODISCARD enum caproof_status journal_flush(struct journal *journal, struct error *err);

#endif
