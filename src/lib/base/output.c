/* SPDX-License-Identifier: Apache-2.0
 *
 * An output from its first octet to its name on the disk: what is written appears
 * whole, several together or none of them.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/output_internal.h"

static enum caproof_status name_taken(const struct output *output, struct error *err) {
	enum caproof_status status = output_check_free(output, err);

	if (status != CAPROOF_OK)
		return status;
	return error_set(err, ERROR_OUTPUT_EXISTS, "%s turned up meanwhile", output->shown);
}

/* A pipe that was made non-blocking by whoever shares it. */
static bool wait_writable(int fd) {
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, -1) >= 0 || errno == EINTR;
}

/* 0 or an errno; EINTR only when the user wants to stop. */
static int write_all(int fd, struct span data) {
	while (data.len > 0) {
		ssize_t n = write(fd, data.data, data.len);

		if (n >= 0) {
			data.data += n;
			data.len -= (size_t)n;
			continue;
		}
		if (errno == EINTR && !file_interrupted())
			continue;
		if (errno == EAGAIN && wait_writable(fd))
			continue;
		return errno;
	}
	return 0;
}

static enum caproof_status keep_text(struct output *output, struct span data, struct error *err) {
	unsigned char *larger;

	if (data.len == 0)
		return CAPROOF_OK;
	larger = OPENSSL_clear_realloc(output->text.data, output->text.len,
		output->text.len + data.len);
	if (larger == NULL)
		return error_memory(err);
	memcpy(larger + output->text.len, data.data, data.len);
	output->text.data = larger;
	output->text.len += data.len;
	return CAPROOF_OK;
}

enum caproof_status output_write(struct output *output, struct span data, struct error *err) {
	int rc;

	if (output->standard)
		return keep_text(output, data, err);
	rc = write_all(output->fd, data);
	if (rc == 0 && fsync(output->fd) != 0 && errno != EINVAL)
		rc = errno;
	return rc == 0 ? CAPROOF_OK : output_failed(output, rc, err);
}

/* A full disk may be noticed only when the octets leave the cache. */
static enum caproof_status commit_standard(struct output *output, struct error *err) {
	struct stat st;
	int rc = write_all(STDOUT_FILENO, bytes_span(&output->text));

	if (rc == 0 && fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) &&
		fsync(STDOUT_FILENO) != 0)
		rc = errno;
	return rc == 0 ? CAPROOF_OK : output_failed(output, rc, err);
}

static enum caproof_status place_files(struct output *const *outputs, size_t count,
	struct error *err) {
	for (size_t i = 0; i < count; i++) {
		int rc = outputs[i]->standard ? 0 : place_commit(outputs[i]);

		if (rc == EEXIST)
			return name_taken(outputs[i], err);
		if (rc != 0)
			return output_failed(outputs[i], rc, err);
	}
	return CAPROOF_OK;
}

/* From here on they are what the user asked for. */
static void count_all(struct output *const *outputs, size_t count) {
	for (size_t i = 0; i < count; i++)
		outputs[i]->counted = true;
	committed_add((long)count);
}

/* While standard output may still fail, an emergency removes the files again. */
static enum caproof_status guard_files(struct output *const *outputs, size_t count,
	struct error *err) {
	for (size_t i = 0; i < count; i++) {
		struct output *output = outputs[i];

		if (output->standard || output->replaced)
			continue;
		output->guard = pending_begin(output->folder, output->name);
		if (output->guard == NULL)
			return error_memory(err);
	}
	return CAPROOF_OK;
}

static enum caproof_status settle_files(struct output *const *outputs, size_t count,
	struct error *err) {
	for (size_t i = 0; i < count; i++) {
		int rc = outputs[i]->standard ? 0 : place_settle(outputs[i]);

		if (rc != 0)
			return output_failed(outputs[i], rc, err);
	}
	return CAPROOF_OK;
}

static enum caproof_status write_standard(struct output *const *outputs, size_t count,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; i < count && status == CAPROOF_OK; i++) {
		if (outputs[i]->standard)
			status = commit_standard(outputs[i], err);
	}
	return status;
}

static bool any_standard(struct output *const *outputs, size_t count) {
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any = any || outputs[i]->standard;
	return any;
}

/* All files in one breath: no signal handler and no other thread ends the process
 * between two of them. */
static enum caproof_status place_together(struct output *const *outputs, size_t count,
	struct error *err) {
	bool standard = any_standard(outputs, count);
	enum caproof_status status;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	gate_enter();
	status = place_files(outputs, count, err);
	if (status == CAPROOF_OK && standard)
		status = guard_files(outputs, count, err);
	if (status == CAPROOF_OK && !standard)
		count_all(outputs, count);
	gate_leave();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

enum caproof_status output_commit_unsettled(struct output *output, struct error *err) {
	return place_together(&output, 1, err);
}

enum caproof_status output_settle(struct output *output, struct error *err) {
	return settle_files(&output, 1, err);
}

enum caproof_status output_commit_all(struct output *const *outputs, size_t count,
	struct error *err) {
	enum caproof_status status = place_together(outputs, count, err);

	if (status == CAPROOF_OK)
		status = settle_files(outputs, count, err);
	if (status == CAPROOF_OK && any_standard(outputs, count)) {
		status = write_standard(outputs, count, err);
		if (status == CAPROOF_OK)
			count_all(outputs, count);
	}
	for (size_t i = count; i-- > 0;) {
		pending_end(outputs[i]->guard);
		outputs[i]->guard = NULL;
		if (status != CAPROOF_OK)
			output_retract(outputs[i]);
	}
	return status;
}

enum caproof_status output_commit(struct output *output, struct error *err) {
	return output_commit_all(&output, 1, err);
}

void output_retract(struct output *output) {
	if (output->counted)
		committed_add(-1);
	output->counted = false;
	if (output->standard)
		return;
	place_undo(output);
	(void)place_settle(output);
}

void output_free(struct output *output) {
	if (output == NULL)
		return;
	place_discard(output);
	if (output->fd >= 0)
		close(output->fd);
	if (output->folder >= 0)
		close(output->folder);
	OPENSSL_clear_free(output->text.data, output->text.len);
	free(output->name);
	free(output->shown);
	free(output);
}

bool output_is_same(const struct output *a, const struct output *b) {
	struct stat x, y;

	if (a->standard || b->standard)
		return a->standard && b->standard;
	return strcmp(a->name, b->name) == 0 && fstat(a->folder, &x) == 0 &&
		fstat(b->folder, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool output_is_file(const struct output *output, const char *path) {
	struct stat there, input;

	return !output->standard && stat(path, &input) == 0 &&
		fstatat(output->folder, output->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		there.st_dev == input.st_dev && there.st_ino == input.st_ino;
}
