/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading an input whole.  Nothing is believed about its size beforehand: pipes and
 * /proc say 0 and devices never end, so octets are counted as they come, and one
 * more than the limit is a refusal.
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
#include "base/text.h"

#define FIRST_READ (8u * 1024)
#define SHOWN_SIZE 512

static bool (*interrupted)(void);

void file_on_interrupt(bool (*pending)(void)) {
	interrupted = pending;
}

bool file_interrupted(void) {
	return interrupted != NULL && interrupted();
}

/* "CA certificate 'x.pem'", safe to show. */
static const char *describe(char buf[SHOWN_SIZE], const char *path, const char *what) {
	char name[SHOWN_SIZE - 64];

	if (strcmp(path, "-") == 0)
		snprintf(buf, SHOWN_SIZE, "%.40s on standard input", what);
	else
		snprintf(buf, SHOWN_SIZE, "%.40s '%s'", what,
			text_safe(name, sizeof name, path, strlen(path)));
	return buf;
}

static enum caproof_status failed(struct error *err, int errnum, const char *shown) {
	if (errnum == EINTR)
		return error_set(err, ERROR_INTERRUPTED, "interrupted while reading the %s", shown);
	if (errnum == ENOMEM)
		return error_memory(err);
	return error_set(err, ERROR_INPUT_READ, "cannot read the %s: %s", shown,
		errno_text(errnum));
}

/* EINTR is an answer only when whoever runs us wants to stop. */
static int open_input(const char *path, int flags) {
	int fd;

	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	} while (fd < 0 && errno == EINTR && !file_interrupted());
	return fd;
}

static ssize_t read_some(int fd, unsigned char *data, size_t len) {
	ssize_t n;

	do {
		n = read(fd, data, len);
	} while (n < 0 && errno == EINTR && !file_interrupted());
	return n;
}

/* Make room for more octets, up to one over the limit. */
static bool grow(struct bytes *buffer, size_t *size) {
	size_t larger = *size == 0 ? FIRST_READ : *size * 2;
	unsigned char *data;

	if (larger > FILE_MAX_SIZE + 1)
		larger = FILE_MAX_SIZE + 1;
	data = realloc(buffer->data, larger);
	if (data == NULL)
		return false;
	buffer->data = data;
	*size = larger;
	return true;
}

static enum caproof_status read_all(int fd, const char *shown, struct bytes *buffer,
	struct error *err) {
	size_t size = 0;

	for (;;) {
		ssize_t n;

		if (buffer->len == size && !grow(buffer, &size))
			return error_memory(err);
		n = read_some(fd, buffer->data + buffer->len, size - buffer->len);
		if (n < 0)
			return failed(err, errno, shown);
		if (n == 0)
			return CAPROOF_OK;
		buffer->len += (size_t)n;
		if (buffer->len > FILE_MAX_SIZE)
			return error_set(err, ERROR_INPUT_TOO_LARGE,
				"the %s is larger than %u MiB", shown, FILE_MAX_SIZE >> 20);
	}
}

static enum caproof_status check_regular(int fd, const char *shown, struct error *err) {
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return CAPROOF_OK;
	error_set(err, ERROR_INPUT_READ, "cannot read the %s: it is not a regular file", shown);
	error_hint(err, "copy what it has into a file, and name that");
	return error_status(err);
}

static enum caproof_status read_path(const char *path, const char *what, bool regular,
	struct bytes *out, struct error *err) {
	char shown[SHOWN_SIZE];
	struct bytes buffer = BYTES_INIT;
	enum caproof_status status = CAPROOF_OK;
	int fd = open_input(path, regular ? O_NONBLOCK : 0);

	describe(shown, path, what);
	if (fd < 0)
		return failed(err, errno, shown);
	if (regular)
		status = check_regular(fd, shown, err);
	if (status == CAPROOF_OK)
		status = read_all(fd, shown, &buffer, err);
	if (fd != STDIN_FILENO)
		close(fd);
	if (status == CAPROOF_OK && buffer.len == 0)
		status = error_set(err, ERROR_INPUT_EMPTY, "the %s is empty", shown);
	if (status != CAPROOF_OK) {
		free(buffer.data);
		return status;
	}
	*out = buffer;
	return CAPROOF_OK;
}

enum caproof_status file_read(const char *path, const char *what, struct bytes *out,
	struct error *err) {
	return read_path(path, what, false, out, err);
}

enum caproof_status file_read_regular(const char *path, const char *what, struct bytes *out,
	struct error *err) {
	return read_path(path, what, true, out, err);
}
