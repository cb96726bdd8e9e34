/* SPDX-License-Identifier: Apache-2.0
 *
 * Saying something at the very end without stdio, memory or locks, and without
 * waiting for a reader that does not read: the process has to end.
 */
#include "emergency.h"

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 200

void emergency_write(int fd, const char *text) {
	size_t len = text == NULL ? 0 : strlen(text);

	while (len > 0) {
		struct pollfd pfd = { .fd = fd, .events = POLLOUT };
		ssize_t n;

		if (poll(&pfd, 1, PATIENCE_MS) != 1 || (pfd.revents & POLLOUT) == 0)
			return;
		/* What a pipe has room for when it says that it has. */
		n = write(fd, text, len < PIPE_BUF ? len : PIPE_BUF);
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}
