/* SPDX-License-Identifier: Apache-2.0
 *
 * What a failed system call means, in the words of the other messages.
 */
#ifndef CAPROOF_BASE_ERRNO_TEXT_H
#define CAPROOF_BASE_ERRNO_TEXT_H

/* "there is no such file", "no space left".  Static; safe in any thread. */
const char *errno_text(int errnum);

#endif
