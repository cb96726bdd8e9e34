/* SPDX-License-Identifier: Apache-2.0
 *
 * The few errors that people meet with files, as half sentences that fit behind a
 * colon.  Anything else is given as the C library names it.
 */
#include "base/errno_text.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	int errnum;
	const char *text;
} table[] = {
	{ EACCES, "permission denied" },
	{ EBADF, "it is not open" },
	{ EDQUOT, "the disk quota is used up" },
	{ EFBIG, "the file would be larger than is allowed" },
	{ EIO, "the device reports an input/output error" },
	{ EISDIR, "it is a folder" },
	{ ELOOP, "too many symbolic links" },
	{ EMFILE, "too many files are open" },
	{ ENAMETOOLONG, "the name is too long" },
	{ ENFILE, "too many files are open" },
	{ ENODEV, "there is no such device" },
	{ ENOENT, "there is no such file or folder" },
	{ ENOMEM, "out of memory" },
	{ ENOSPC, "no space left" },
	{ ENOTDIR, "a part of the path is not a folder" },
	{ ENXIO, "there is no such device" },
	{ EPERM, "it is not permitted" },
	{ EPIPE, "whoever was reading it has gone" },
	{ EROFS, "the file system is read-only" },
};

const char *errno_text(int errnum) {
	const char *text;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (table[i].errnum == errnum)
			return table[i].text;
	}
	text = strerrordesc_np(errnum);
	return text != NULL ? text : "an unknown error";
}
