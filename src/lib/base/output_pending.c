/* SPDX-License-Identifier: Apache-2.0
 *
 * A second Ctrl-C or a time limit ends the process in the middle of anything.  What
 * then has to be removed is kept in a list that a signal handler can walk: entries
 * are only ever added at its head, used again, and never freed.
 */
#include "base/output_pending.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { ENTRY_FREE, ENTRY_CLAIMED, ENTRY_ARMED };

struct pending {
	atomic_int state;
	int folder;
	char name[NAME_MAX + 1];
	struct pending *next;
};

static _Atomic(struct pending *) entries;
static atomic_bool gate_shut;
static atomic_int commits_under_way;
static atomic_long commits_made;

static struct pending *claim_old(void) {
	for (struct pending *entry = atomic_load(&entries); entry != NULL; entry = entry->next) {
		int expected = ENTRY_FREE;

		if (atomic_compare_exchange_strong(&entry->state, &expected, ENTRY_CLAIMED))
			return entry;
	}
	return NULL;
}

static struct pending *claim_new(void) {
	struct pending *entry = malloc(sizeof *entry);

	if (entry == NULL)
		return NULL;
	atomic_init(&entry->state, ENTRY_CLAIMED);
	entry->next = atomic_load(&entries);
	while (!atomic_compare_exchange_weak(&entries, &entry->next, entry))
		;
	return entry;
}

struct pending *pending_begin(int folder, const char *name) {
	struct pending *entry = claim_old();

	if (entry == NULL)
		entry = claim_new();
	if (entry == NULL)
		return NULL;
	entry->folder = folder;
	snprintf(entry->name, sizeof entry->name, "%s", name);
	atomic_store(&entry->state, ENTRY_ARMED);
	return entry;
}

void pending_end(struct pending *pending) {
	if (pending != NULL)
		atomic_store(&pending->state, ENTRY_FREE);
}

void output_emergency_cleanup(void) {
	atomic_store(&gate_shut, true);
	for (struct pending *entry = atomic_load(&entries); entry != NULL; entry = entry->next) {
		if (atomic_load(&entry->state) == ENTRY_ARMED)
			(void)unlinkat(entry->folder, entry->name, 0);
	}
}

/* Counted first and looked at afterwards: output_quiesce does it the other way
 * round, so that one of the two always sees the other. */
void gate_enter(void) {
	atomic_fetch_add(&commits_under_way, 1);
	if (!atomic_load(&gate_shut))
		return;
	atomic_fetch_sub(&commits_under_way, 1);
	for (;;)
		pause();
}

void gate_leave(void) {
	atomic_fetch_sub(&commits_under_way, 1);
}

void committed_add(long count) {
	atomic_fetch_add(&commits_made, count);
}

bool output_any_committed(void) {
	return atomic_load(&commits_made) > 0;
}

void output_quiesce(void) {
	const struct timespec moment = { 0, 5 * 1000 * 1000 };

	atomic_store(&gate_shut, true);
	for (int i = 0; i < 200 && atomic_load(&commits_under_way) > 0; i++)
		nanosleep(&moment, NULL);
}
