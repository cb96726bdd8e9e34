/* SPDX-License-Identifier: Apache-2.0
 *
 * The assembly line of a batch, for batch_run.c and batch_line.c only: a ring of items
 * that goes through planning, announcing, signing and sealing, bounded whatever the list
 * holds.  Who does what is decided here, under one lock; the work itself is done outside.
 */
#ifndef CAPROOF_BATCH_LINE_H
#define CAPROOF_BATCH_LINE_H

#include <pthread.h>

#include "batch.h"

#define LINE_ROOM 128

enum item_state {
	ITEM_EMPTY,
	ITEM_PLANNING,
	ITEM_PLANNED,   /* waits until its intent is on the disk */
	ITEM_ANNOUNCED, /* may be signed */
	ITEM_SIGNING,
	ITEM_SIGNED,
	ITEM_SEALING,
	ITEM_SEALED,    /* written, without its name yet */
	ITEM_SETTLED    /* failed, or nothing was to be done */
};

struct item {
	enum item_state state;
	struct batch_row *row;
	struct plan *plan;
	struct bytes signature;
	struct proof proof;
	struct output *out;
	struct error error; /* ERROR_NONE: nothing failed */
};

struct line {
	struct batch *batch;
	const struct batch_events *events;
	pthread_mutex_t lock;
	pthread_cond_t to_help, to_sign, to_clerk;
	struct item items[LINE_ROOM]; /* row i of the list is in items[i % LINE_ROOM] */
	size_t count;                 /* rows */
	size_t head, planned, announced, taken; /* head <= taken <= announced <= planned <= count:
	                                 the first row that is not out yet, not claimed for planning,
	                                 not announced, not claimed for signing */
	size_t to_seal[LINE_ROOM], seal_first, seal_count; /* rows with a signature, oldest first */
	size_t room;                  /* rows between head and planned at most */
	size_t ahead;                 /* rows between taken and announced at most */
	bool stopping;                /* begin no signature any more */
	bool closing;                 /* end the threads */
};

static inline struct item *line_item(struct line *line, size_t row) {
	return &line->items[row % LINE_ROOM];
}

/* What the threads do until the line closes; ARG of the hand is a struct line_hand. */
struct line_hand {
	struct line *line;
	struct signer *signer;
};
/* Whether the rows after one that failed like this can do better. */
bool line_is_own_fault(const struct error *why);

void *line_helper(void *line);
void *line_hand(void *hand);

#endif
