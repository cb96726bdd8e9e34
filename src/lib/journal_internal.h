/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a journal, for journal*.c only.
 */
#ifndef CAPROOF_JOURNAL_INTERNAL_H
#define CAPROOF_JOURNAL_INTERNAL_H

#include "journal.h"

#define JOURNAL_MAX_SIZE (256u * 1024 * 1024)

struct journal {
	int folder;                     /* borrowed */
	int fd;                         /* -1: there is no file yet */
	size_t whole;                   /* octets up to the end of the last whole line */
	struct journal_entry **entries; /* in the order in which they turned up */
	size_t count, room;
	void *by_out, *by_code;         /* tsearch(3); by_code has the finished ones */
	bool unfinished;
	struct bytes pending;
	bool unsynced;                  /* something was written and not flushed to the disk */
};

/* Read the lines of TEXT into the entries. */
NODISCARD enum caproof_status journal_parse(struct journal *journal, struct span text,
	struct error *err);
void journal_clear_entries(struct journal *journal);

#endif
