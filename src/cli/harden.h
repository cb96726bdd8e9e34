/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process gives up before it touches a secret.
 */
#ifndef CAPROOF_CLI_HARDEN_H
#define CAPROOF_CLI_HARDEN_H

#include <stdbool.h>

/* No core dumps, no reading of this process's memory and environment by others of the
 * same user, and descriptors 0 to 2 open, so that no file of ours becomes standard
 * output by accident.  First in main; nothing here can fail in a way that matters. */
void harden_process(void);

/* Whether the program was installed setuid or setgid, and so has rights that whoever
 * started it has not.  It writes files and loads modules by names it is given: then it
 * must not run. */
bool harden_has_borrowed_rights(void);

#endif
