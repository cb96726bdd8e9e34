/* SPDX-License-Identifier: Apache-2.0
 *
 * Being told to stop: by a signal, or by the clock.
 *
 * SIGINT and SIGQUIT end with 130, SIGTERM and SIGHUP with 143.  The first only sets
 * a flag and wakes whoever waits for input, so that the run ends tidily; the second
 * ends the process at once, after temporary files are removed and the terminal echoes
 * again.  A signal that was ignored when the tool was started (nohup) stays ignored.
 */
#ifndef CAPROOF_CLI_INTERRUPT_H
#define CAPROOF_CLI_INTERRUPT_H

#include <stdbool.h>

#include "base/error.h"

/* Install the handlers, ignore SIGPIPE and SIGXFSZ (both are then errors of write),
 * and let the library's reads and writes know.  Call once, first in main. */
void interrupt_install(void);

/* What the second signal writes to standard error and, if not NULL, to standard output
 * before it ends the process.  Borrowed for ever. */
void interrupt_set_texts(const char *text, const char *json);

/* For a run of many outputs: one that is in its place does not mean that the run is done.
 * A second signal then ends with 130 or 143 and the time limit with CAPROOF_DEVICE all the
 * same. */
void interrupt_set_many(void);
bool interrupt_is_done(void); /* an output is in place, and it was the only one */

bool interrupt_pending(void);
int interrupt_status(void); /* 130 or 143; 0 when nothing came */

/* Wait until FD can be read (true) or something else happened: a signal, or
 * interrupt_wake().  Check interrupt_pending() before each call, not after: a signal
 * that comes between the two is not lost. */
bool interrupt_wait(int fd);
void interrupt_wake(void); /* async-signal-safe */

/* Begin to count: after SECONDS (0: never) write TEXT to standard error and JSON, if not
 * NULL, to standard output, clean up and end the process with CAPROOF_DEVICE; or, when an
 * output is in place already, with a warning and 0.  Both texts are borrowed until the
 * process ends.  Errors: memory (no thread can be started). */
NODISCARD enum caproof_status interrupt_timeout_start(unsigned seconds, const char *text,
	const char *json, struct error *err);
void interrupt_timeout_stop(void);
/* Something was answered: count from the beginning. */
void interrupt_timeout_restart(void);
/* The time that a person takes does not count. */
void interrupt_timeout_pause(void);
void interrupt_timeout_resume(void);

/* Unless stopped within MILLISECONDS, write TEXT (a whole line, borrowed) to standard
 * error, once.  One notice at a time; to start another replaces it. */
void interrupt_notice_start(unsigned milliseconds, const char *text);
void interrupt_notice_stop(void);

/* Stop the clock and end its thread, if there is one. */
void interrupt_finish(void);

#endif
