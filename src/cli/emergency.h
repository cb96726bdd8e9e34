/* SPDX-License-Identifier: Apache-2.0
 *
 * The last words of a process that is ended from a signal handler or another thread.
 */
#ifndef CAPROOF_CLI_EMERGENCY_H
#define CAPROOF_CLI_EMERGENCY_H

/* Write TEXT (NULL: nothing) to FD if that takes it without waiting long.
 * Async-signal-safe. */
void emergency_write(int fd, const char *text);

#endif
