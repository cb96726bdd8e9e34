/* SPDX-License-Identifier: Apache-2.0
 *
 * How far a long run is: one line with a bar on a terminal, a plain line now and then
 * elsewhere, nothing with --quiet.  On standard error.
 */
#ifndef CAPROOF_CLI_PROGRESS_H
#define CAPROOF_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

void progress_start(size_t total);
/* EARLIER of the DONE were done before the start: the rate does not count them.  Cheap:
 * draws ten times a second at most. */
void progress_show(size_t done, size_t earlier, size_t failed);
/* Make room for another line; the next progress_show draws again. */
void progress_clear(void);

/* Whether a bar may stand on the terminal's line now. */
bool progress_is_bar(void);

#endif
