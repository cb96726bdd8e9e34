/* SPDX-License-Identifier: Apache-2.0
 *
 * Files in a ceremony's folder, all relative to its one descriptor.
 */
#include "ceremony/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/text.h"

static enum caproof_status name_bundle(const char *path, struct bundle *out, struct error *err) {
	*out = (struct bundle){ -1, strdup(path), text_safe_dup(path, strlen(path)) };
	return out->path != NULL && out->name != NULL ? CAPROOF_OK : error_memory(err);
}

enum caproof_status bundle_open(const char *path, struct bundle *out, struct error *err) {
	enum caproof_status status = name_bundle(path, out, err);

	if (status != CAPROOF_OK)
		return status;
	out->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->folder >= 0)
		return CAPROOF_OK;
	return error_set(err, ERROR_BUNDLE, "cannot open the ceremony's folder '%s': %s", out->name,
		errno_text(errno));
}

static enum caproof_status already_there(const char *shown, struct error *err) {
	error_set(err, ERROR_OUTPUT_EXISTS, "the folder '%s' exists already", shown);
	error_hint(err, "choose another name: a ceremony's folder is never replaced");
	return error_status(err);
}

enum caproof_status bundle_make(const char *path, struct bundle *out, struct error *err) {
	char shown[400];

	*out = (struct bundle){ -1, NULL, NULL };
	if (mkdir(path, 0777) == 0) {
		enum caproof_status status = bundle_open(path, out, err);

		if (status != CAPROOF_OK)
			(void)rmdir(path);
		return status;
	}
	text_safe(shown, sizeof(shown), path, strlen(path));
	if (errno == EEXIST)
		return already_there(shown, err);
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot make the folder '%s': %s", shown,
		errno_text(errno));
}

void bundle_close(struct bundle *bundle) {
	if (bundle->path != NULL && bundle->folder >= 0)
		close(bundle->folder);
	free(bundle->path);
	free(bundle->name);
	*bundle = (struct bundle){ -1, NULL, NULL };
}

enum caproof_status bundle_make_folder(const struct bundle *bundle, const char *name,
	struct error *err) {
	if (mkdirat(bundle->folder, name, 0777) == 0 || errno == EEXIST)
		return CAPROOF_OK;
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot make the folder '%s' in '%s': %s", name,
		bundle->name, errno_text(errno));
}

/* Octets of an open file; a file that grows meanwhile is too large sooner or later. */
static enum caproof_status read_all(const struct bundle *bundle, int fd, const char *path,
	struct bytes *out, struct error *err) {
	unsigned char buffer[16384];
	enum caproof_status status = CAPROOF_OK;
	char shown[256];
	ssize_t n = 0;

	while (status == CAPROOF_OK && (n = read(fd, buffer, sizeof(buffer))) > 0)
		status = out->len + (size_t)n > BUNDLE_FILE_MAX ?
			error_set(err, ERROR_BUNDLE, "'%s' in '%s' is larger than 16 MiB",
				text_safe(shown, sizeof(shown), path, strlen(path)), bundle->name) :
			bytes_append(out, buffer, (size_t)n, err);
	if (status == CAPROOF_OK && n < 0)
		return error_set(err, ERROR_BUNDLE, "cannot read '%s' in '%s': %s",
			text_safe(shown, sizeof(shown), path, strlen(path)), bundle->name, errno_text(errno));
	return status;
}

/* Every part of PATH but the last is a folder of its own, never a link. */
static int open_inside(const struct bundle *bundle, const char *path) {
	int from = openat(bundle->folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash;
	char part[256];

	while (from >= 0 && (slash = strchr(path, '/')) != NULL) {
		size_t len = (size_t)(slash - path);
		int next = -1;

		if (len > 0 && len < sizeof(part)) {
			memcpy(part, path, len);
			part[len] = '\0';
			next = openat(from, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		close(from);
		from = next;
		path = slash + 1;
	}
	if (from >= 0) {
		int fd = openat(from, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		int saved = errno;

		close(from);
		errno = saved;
		return fd;
	}
	return -1;
}

enum caproof_status bundle_read(const struct bundle *bundle, const char *path, struct bytes *out,
	struct error *err) {
	enum caproof_status status;
	char shown[256];
	struct stat st;
	int fd = -1;

	text_safe(shown, sizeof(shown), path, strlen(path));
	if (output_path_is_inside(path))
		fd = open_inside(bundle, path);
	else
		errno = EINVAL;
	if (fd < 0)
		return error_set(err, ERROR_BUNDLE, "cannot read '%s' in '%s': %s", shown, bundle->name,
			errno_text(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		status = error_set(err, ERROR_BUNDLE, "'%s' in '%s' is not a regular file", shown,
			bundle->name);
	else
		status = read_all(bundle, fd, path, out, err);
	close(fd);
	if (status != CAPROOF_OK)
		bytes_clear(out);
	return status;
}

bool bundle_has(const struct bundle *bundle, const char *path) {
	struct stat st;

	return fstatat(bundle->folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

enum caproof_status bundle_write(const struct bundle *bundle, const char *path,
	struct span content, struct error *err) {
	struct output *output = NULL;
	enum caproof_status status = output_open_inside(bundle->folder, path, 0644, false, &output,
		err);

	if (status == CAPROOF_OK)
		status = output_write(output, content, err);
	if (status == CAPROOF_OK)
		status = output_commit(output, err);
	output_free(output);
	return status;
}
