/* SPDX-License-Identifier: Apache-2.0
 *
 * An output's place: what cannot be written is said before a token is asked for
 * anything.  It refuses to replace what it was not told to, and anything but a regular
 * file; and a name that a list gives cannot lead out of its folder.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output_internal.h"
#include "base/text.h"

enum caproof_status output_failed(const struct output *output, int errnum, struct error *err) {
	if (errnum == EINTR)
		return error_set(err, ERROR_INTERRUPTED, "interrupted while writing %s",
			output->shown);
	if (errnum == ENOMEM)
		return error_memory(err);
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot write %s: %s", output->shown,
		errno_text(errnum));
}

enum caproof_status output_check_free(const struct output *output, struct error *err) {
	struct stat st;

	if (fstatat(output->folder, output->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? CAPROOF_OK : output_failed(output, errno, err);
	if (S_ISREG(st.st_mode) && output->force)
		return CAPROOF_OK;
	if (S_ISREG(st.st_mode))
		return error_set(err, ERROR_OUTPUT_EXISTS, "%s exists already", output->shown);
	error_set(err, ERROR_OUTPUT_EXISTS, "%s exists already and is %s", output->shown,
		S_ISDIR(st.st_mode) ? "a folder"
		: S_ISLNK(st.st_mode) ? "a symbolic link"
		: "not a regular file");
	error_hint(err, "choose another name: --force replaces regular files only");
	return error_status(err);
}

static struct output *output_new(const char *shown, mode_t mode, bool force) {
	struct output *output = calloc(1, sizeof *output);

	if (output == NULL)
		return NULL;
	output->folder = output->fd = -1;
	output->mode = mode;
	output->force = force;
	output->shown = strdup(shown);
	if (output->shown == NULL) {
		free(output);
		return NULL;
	}
	return output;
}

/* A folder that may be searched and written but not read is good enough. */
static int open_folder(const char *path) {
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

static enum caproof_status set_place(struct output *output, const char *path, struct error *err) {
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char *folder;

	if (name[0] == '\0')
		return error_set(err, ERROR_OUTPUT_WRITE, "cannot write %s: it names no file",
			output->shown);
	/* The slash stays: it is all there is of "/". */
	folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(name - path));
	output->name = strdup(name);
	if (folder == NULL || output->name == NULL) {
		free(folder);
		return error_memory(err);
	}
	output->folder = open_folder(folder);
	free(folder);
	if (output->folder >= 0)
		return CAPROOF_OK;
	if (errno == ENOENT)
		return error_set(err, ERROR_OUTPUT_WRITE,
			"cannot write %s: there is no such folder", output->shown);
	return output_failed(output, errno, err);
}

/* At the place that OUTPUT has by now. */
static enum caproof_status begin(struct output *output, struct error *err) {
	enum caproof_status status = output_check_free(output, err);
	int rc;

	if (status != CAPROOF_OK)
		return status;
	rc = place_begin(output);
	return rc == 0 ? CAPROOF_OK : output_failed(output, rc, err);
}

static enum caproof_status open_file(struct output *output, const char *path, struct error *err) {
	enum caproof_status status = set_place(output, path, err);

	return status == CAPROOF_OK ? begin(output, err) : status;
}

static enum caproof_status open_standard(struct output *output, struct error *err) {
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	output->standard = true;
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return error_set(err, ERROR_OUTPUT_WRITE,
			"cannot write standard output: it is not open");
	return CAPROOF_OK;
}

enum caproof_status output_open(const char *path, mode_t mode, bool force, struct output **out,
	struct error *err) {
	char safe[512];
	char shown[520];
	bool standard = strcmp(path, "-") == 0;
	struct output *output;
	enum caproof_status status;

	snprintf(shown, sizeof shown, "'%s'", text_safe(safe, sizeof safe, path, strlen(path)));
	output = output_new(standard ? "standard output" : shown, mode, force);
	if (output == NULL)
		return error_memory(err);
	status = standard ? open_standard(output, err) : open_file(output, path, err);
	if (status != CAPROOF_OK) {
		output_free(output);
		return status;
	}
	*out = output;
	return CAPROOF_OK;
}

/* --- inside a folder ---------------------------------------------------------------- */

bool output_path_is_inside(const char *path) {
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') || (len == 2 && memcmp(path, "..", 2) == 0))
			return false;
		if (path[len] == '\0')
			return true;
		path += len + 1;
	}
}

/* One folder further down, never through a link.  Closes FROM. */
static int descend(int from, const char *name, size_t len) {
	char *copy = strndup(name, len);
	int fd = -1, saved = ENOMEM;

	if (copy != NULL) {
		fd = openat(from, copy, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == EACCES)
			fd = openat(from, copy, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		saved = errno;
	}
	free(copy);
	close(from);
	errno = saved;
	return fd;
}

static enum caproof_status set_inside(struct output *output, int folder, const char *path,
	struct error *err) {
	const char *slash;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && (slash = strchr(path, '/')) != NULL) {
		fd = descend(fd, path, (size_t)(slash - path));
		path = slash + 1;
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return error_set(err, ERROR_OUTPUT_WRITE,
			"cannot write %s: something on the way is no folder, or a symbolic link",
			output->shown);
	if (fd < 0 && errno == ENOENT)
		return error_set(err, ERROR_OUTPUT_WRITE, "cannot write %s: there is no such folder",
			output->shown);
	if (fd < 0)
		return output_failed(output, errno, err);
	output->folder = fd;
	output->name = strdup(path);
	return output->name != NULL ? CAPROOF_OK : error_memory(err);
}

static enum caproof_status new_inside(int folder, const char *path, mode_t mode, bool force,
	struct output **out, struct error *err) {
	char safe[512], shown[520];
	enum caproof_status status;

	if (!output_path_is_inside(path))
		return error_set(err, ERROR_INTERNAL, "a name that leads out of its folder came too far");
	snprintf(shown, sizeof(shown), "'%s'", text_safe(safe, sizeof(safe), path, strlen(path)));
	*out = output_new(shown, mode, force);
	if (*out == NULL)
		return error_memory(err);
	status = set_inside(*out, folder, path, err);
	if (status != CAPROOF_OK) {
		output_free(*out);
		*out = NULL;
	}
	return status;
}

enum caproof_status output_check_inside(int folder, const char *path, bool force,
	struct error *err) {
	struct output *output = NULL;
	enum caproof_status status = new_inside(folder, path, 0, force, &output, err);

	if (status == CAPROOF_OK)
		status = output_check_free(output, err);
	output_free(output);
	return status;
}

/* What a proof could never fill. */
#define INSIDE_MAX (1024 * 1024)

static enum caproof_status read_regular(const struct output *place, int fd, struct bytes *out,
	struct error *err) {
	struct stat st;
	unsigned char *data;
	ssize_t n = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > INSIDE_MAX)
		return error_set(err, ERROR_OUTPUT_EXISTS, "%s exists already and is not what belongs "
			"there", place->shown);
	data = malloc((size_t)st.st_size + 1);
	if (data == NULL)
		return error_memory(err);
	while (out->len < (size_t)st.st_size &&
		(n = read(fd, data + out->len, (size_t)st.st_size - out->len)) > 0)
		out->len += (size_t)n;
	out->data = data;
	return n >= 0 ? CAPROOF_OK : output_failed(place, errno, err);
}

enum caproof_status output_read_inside(int folder, const char *path, struct bytes *out,
	bool *there, struct error *err) {
	struct output *place = NULL;
	int fd = -1;
	enum caproof_status status = new_inside(folder, path, 0, false, &place, err);

	*there = false;
	if (status != CAPROOF_OK)
		return status;
	fd = openat(place->folder, place->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		*there = true;
		status = read_regular(place, fd, out, err);
		close(fd);
	} else if (errno != ENOENT) {
		status = output_failed(place, errno, err);
	}
	output_free(place);
	return status;
}

enum caproof_status output_open_inside(int folder, const char *path, mode_t mode, bool force,
	struct output **out, struct error *err) {
	struct output *output = NULL;
	enum caproof_status status = new_inside(folder, path, mode, force, &output, err);

	if (status == CAPROOF_OK)
		status = begin(output, err);
	if (status != CAPROOF_OK) {
		output_free(output);
		return status;
	}
	*out = output;
	return CAPROOF_OK;
}
