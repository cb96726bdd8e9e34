/* SPDX-License-Identifier: Apache-2.0
 *
 * Names on the disk that must not survive the process, and the gate between a commit
 * and whoever ends the process meanwhile.  For base/output*.c only.
 */
#ifndef CAPROOF_BASE_OUTPUT_PENDING_H
#define CAPROOF_BASE_OUTPUT_PENDING_H

#include <stdbool.h>
#include <stddef.h>

struct pending;

/* Announce that NAME in the folder FOLDER is about to be made, so that an emergency
 * removes it.  FOLDER must stay open until pending_end.  NULL: no memory. */
struct pending *pending_begin(int folder, const char *name);
void pending_end(struct pending *pending); /* NULL is fine */

/* Every commit happens between these two; neither returns once the process ends. */
void gate_enter(void);
void gate_leave(void);

/* Count finished commits, for output_any_committed(). */
void committed_add(long count);

#endif
