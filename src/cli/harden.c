/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN in memory is as safe as the process.  The umask is left alone: files that
 * hold keys get their mode when they are made.
 */
#include "harden.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Opened the wrong way round: whoever reads or writes a descriptor that the caller had
 * closed gets an error, not success. */
static void fill_standard(int fd) {
	if (fcntl(fd, F_GETFD) >= 0)
		return;
	/* The lowest free descriptor is FD itself: those below it are open. */
	if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
		return;
}

void harden_process(void) {
	const struct rlimit none = { 0, 0 };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		fill_standard(fd);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

bool harden_has_borrowed_rights(void) {
	return geteuid() != getuid() || getegid() != getgid();
}
