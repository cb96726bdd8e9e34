/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking for a secret on the terminal.
 */
#ifndef CAPROOF_CLI_PROMPT_H
#define CAPROOF_CLI_PROMPT_H

#include "base/secret.h"

/* Write TEXT to the controlling terminal, read one line without echo into *OUT (without
 * its newline; may be empty) and leave the terminal as it was, on every way out.
 * Errors: pin.none (no terminal, end of file), pin.length (longer than a secret can
 * be), interrupted. */
NODISCARD enum caproof_status prompt_secret(const char *text, struct secret **out,
	struct error *err);

/* If a prompt has the terminal, make it echo again.  Async-signal-safe; for a process
 * that is about to end. */
void prompt_restore(void);

#endif
