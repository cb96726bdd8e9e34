/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether this process ran out of memory.  OpenSSL does not tell that reliably from bad
 * input; its allocations are watched instead.
 */
#ifndef CAPROOF_CLI_MEMORY_H
#define CAPROOF_CLI_MEMORY_H

#include <stdbool.h>

/* Before the first call of OpenSSL. */
void memory_watch(void);
bool memory_ran_out(void);

#endif
