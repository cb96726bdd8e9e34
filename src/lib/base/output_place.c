/* SPDX-License-Identifier: Apache-2.0
 *
 * How a file gets its name in one step, on file systems that can do more or less.
 * Everything is relative to the folder's descriptor, so that a folder that is moved
 * or exchanged meanwhile changes nothing.  No link is ever followed, and without
 * --force no call is used that could replace anything.
 */
#include "base/output_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".caproof-"
#define RANDOM_LETTERS 6
#define NAME_ATTEMPTS 100

enum output_method output_method = OUTPUT_UNNAMED;

/* linkat() with AT_EMPTY_PATH needs a capability; by way of /proc nobody does. */
static void proc_path(char *buf, size_t size, int fd) {
	snprintf(buf, size, "/proc/self/fd/%d", fd);
}

static int open_unnamed(struct output *output) {
	char path[40];
	struct stat st;

	if (output_method != OUTPUT_UNNAMED)
		return -1;
	output->fd = openat(output->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, output->mode);
	if (output->fd < 0)
		return -1;
	proc_path(path, sizeof path, output->fd);
	if (lstat(path, &st) == 0)
		return 0;
	close(output->fd);
	output->fd = -1;
	return -1;
}

static int choose_temp_name(struct output *output) {
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[RANDOM_LETTERS];
	int stem = NAME_MAX - (int)strlen(SUFFIX) - RANDOM_LETTERS;
	size_t len;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return EIO;
	len = (size_t)snprintf(output->temp_name, sizeof output->temp_name, "%.*s" SUFFIX, stem,
		output->name);
	for (size_t i = 0; i < sizeof random; i++)
		output->temp_name[len + i] = letters[random[i] % 32];
	output->temp_name[len + sizeof random] = '\0';
	return 0;
}

static void forget_temp(struct output *output) {
	pending_end(output->temp);
	output->temp = NULL;
	output->temp_name[0] = '\0';
}

static int open_named(struct output *output) {
	output->fd = openat(output->folder, output->temp_name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, output->mode);
	return output->fd < 0 ? errno : 0;
}

static int link_unnamed(const struct output *output, const char *name) {
	char path[40];

	proc_path(path, sizeof path, output->fd);
	return linkat(AT_FDCWD, path, output->folder, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

static int link_temp(struct output *output) {
	return link_unnamed(output, output->temp_name);
}

/* Find a free temporary name that MAKE can use.  It is guarded before it exists. */
static int with_temp_name(struct output *output, int (*make)(struct output *)) {
	int rc = EEXIST;

	for (int i = 0; i < NAME_ATTEMPTS && rc == EEXIST; i++) {
		rc = choose_temp_name(output);
		if (rc != 0)
			break;
		output->temp = pending_begin(output->folder, output->temp_name);
		rc = output->temp == NULL ? ENOMEM : make(output);
		if (rc != 0)
			forget_temp(output);
	}
	return rc;
}

/* Whatever is wrong with O_TMPFILE (EOPNOTSUPP, EISDIR, EINVAL, ENOENT without /proc),
 * a named file either works or says what is really the matter. */
int place_begin(struct output *output) {
	if (open_unnamed(output) == 0)
		return 0;
	return with_temp_name(output, open_named);
}

static bool lacks_renameat2(int errnum) {
	return errnum == EINVAL || errnum == ENOSYS || errnum == EOPNOTSUPP;
}

static int rename_temp(const struct output *output, unsigned flags) {
	if (output_method == OUTPUT_LINK)
		return EINVAL;
	if (renameat2(output->folder, output->temp_name, output->folder, output->name, flags) != 0)
		return errno;
	return 0;
}

/* Where nothing is. */
static int appear(struct output *output) {
	int rc;

	if (output->temp_name[0] == '\0')
		return link_unnamed(output, output->name);
	rc = rename_temp(output, RENAME_NOREPLACE);
	if (rc == 0) {
		forget_temp(output);
		return 0;
	}
	if (!lacks_renameat2(rc))
		return rc;
	if (linkat(output->folder, output->temp_name, output->folder, output->name, 0) != 0)
		return errno;
	place_discard(output);
	return 0;
}

/* 0: NAME is a regular file; else ENOENT, EEXIST for anything else. */
static int look_at(const struct output *output, const char *name) {
	struct stat st;

	if (fstatat(output->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	return S_ISREG(st.st_mode) ? 0 : EEXIST;
}

/* In the place of a regular file.  After an exchange that file is still there, under
 * the temporary name: it can be looked at once more and put back. */
static int replace(struct output *output) {
	int rc = look_at(output, output->name);

	if (rc == 0 && output->temp_name[0] == '\0')
		rc = with_temp_name(output, link_temp);
	if (rc == 0)
		rc = rename_temp(output, RENAME_EXCHANGE);
	if (rc == 0) {
		if (look_at(output, output->temp_name) == 0) {
			output->replaced = true;
			return 0;
		}
		rc = rename_temp(output, RENAME_EXCHANGE);
		return rc == 0 ? EEXIST : rc;
	}
	if (!lacks_renameat2(rc))
		return rc;
	if (renameat(output->folder, output->temp_name, output->folder, output->name) != 0)
		return errno;
	forget_temp(output);
	return 0;
}

int place_commit(struct output *output) {
	int rc = output->force ? replace(output) : ENOENT;

	if (rc == ENOENT)
		rc = appear(output);
	output->placed = rc == 0;
	return rc;
}

static bool is_ours(const struct output *output) {
	struct stat ours, there;

	return fstat(output->fd, &ours) == 0 &&
		fstatat(output->folder, output->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

void place_undo(struct output *output) {
	if (!output->placed)
		return;
	output->placed = false;
	if (!is_ours(output))
		return;
	if (!output->replaced) {
		(void)unlinkat(output->folder, output->name, 0);
		return;
	}
	if (renameat(output->folder, output->temp_name, output->folder, output->name) == 0)
		forget_temp(output);
	output->replaced = false;
}

void place_discard(struct output *output) {
	if (output->temp_name[0] == '\0')
		return;
	(void)unlinkat(output->folder, output->temp_name, 0);
	forget_temp(output);
}

/* Some file systems cannot fsync a folder, and one that may be written but not read
 * has no descriptor for it. */
int place_settle(const struct output *output) {
	if (fsync(output->folder) == 0 || errno == EINVAL || errno == EBADF ||
		errno == EOPNOTSUPP || errno == EROFS)
		return 0;
	return errno;
}
