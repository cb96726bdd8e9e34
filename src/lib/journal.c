/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the journal of a folder.  It is never rewritten: a line that was cut off by the
 * end of a process is cut away, and everything else stays as it was.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/json.h"
#include "base/text.h"
#include "journal_internal.h"

static enum caproof_status failed(const char *what, int errnum, struct error *err) {
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot %s the journal '%s': %s", what, JOURNAL_NAME,
		errno_text(errnum));
}

/* Open file description locks belong to this open file, not to the process, so that
 * nobody else's close() gives them up. */
static enum caproof_status lock(int fd, bool to_read, struct error *err) {
	struct flock whole = { .l_type = to_read ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return CAPROOF_OK;
	if (errno != EAGAIN && errno != EACCES)
		return failed("lock", errno, err);
	error_set(err, ERROR_JOURNAL, "another batch is at work in this folder: the journal '%s' is "
		"locked", JOURNAL_NAME);
	error_hint(err, "wait for its end, or choose another folder with --out-dir");
	return error_status(err);
}

static enum caproof_status check_kind(int fd, struct error *err) {
	struct stat st;

	if (fstat(fd, &st) != 0)
		return failed("read", errno, err);
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return error_set(err, ERROR_JOURNAL, "the journal '%s' is not a plain file of its own",
			JOURNAL_NAME);
	return CAPROOF_OK;
}

static enum caproof_status read_whole(int fd, struct bytes *out, struct error *err) {
	unsigned char buffer[65536];
	enum caproof_status status = CAPROOF_OK;
	ssize_t n = 0;

	while (status == CAPROOF_OK && (n = read(fd, buffer, sizeof(buffer))) > 0) {
		if (out->len + (size_t)n > JOURNAL_MAX_SIZE)
			return error_set(err, ERROR_JOURNAL, "the journal '%s' is larger than any that caproof "
				"writes", JOURNAL_NAME);
		status = bytes_append(out, buffer, (size_t)n, err);
	}
	if (status == CAPROOF_OK && n < 0)
		status = failed("read", errno, err);
	return status;
}

static enum caproof_status load(struct journal *journal, bool to_read, struct error *err) {
	struct bytes text = BYTES_INIT;
	enum caproof_status status;

	if ((status = check_kind(journal->fd, err)) == CAPROOF_OK &&
		(status = lock(journal->fd, to_read, err)) == CAPROOF_OK &&
		(status = read_whole(journal->fd, &text, err)) == CAPROOF_OK)
		status = journal_parse(journal, bytes_span(&text), err);
	bytes_clear(&text);
	return status;
}

enum caproof_status journal_open(int folder, bool to_read, struct journal **out,
	struct error *err) {
	struct journal *journal = calloc(1, sizeof(*journal));
	enum caproof_status status = CAPROOF_OK;

	if (journal == NULL)
		return error_memory(err);
	journal->folder = folder;
	journal->fd = openat(folder, JOURNAL_NAME, (to_read ? O_RDONLY : O_RDWR | O_APPEND) |
		O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (journal->fd >= 0)
		status = load(journal, to_read, err);
	else if (errno == ELOOP)
		status = error_set(err, ERROR_JOURNAL, "the journal '%s' is a symbolic link", JOURNAL_NAME);
	else if (errno != ENOENT)
		status = failed("open", errno, err);
	if (status == CAPROOF_OK)
		*out = journal;
	else
		journal_close(journal);
	return status;
}

void journal_close(struct journal *journal) {
	if (journal == NULL)
		return;
	journal_clear_entries(journal);
	bytes_clear(&journal->pending);
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal);
}

static enum caproof_status make(struct journal *journal, struct error *err) {
	journal->fd = openat(journal->folder, JOURNAL_NAME, O_RDWR | O_APPEND | O_CREAT | O_EXCL |
		O_NOFOLLOW | O_CLOEXEC, 0644);
	if (journal->fd >= 0)
		return lock(journal->fd, false, err);
	if (errno == EEXIST)
		return error_set(err, ERROR_JOURNAL, "another batch has begun in this folder meanwhile");
	return failed("make", errno, err);
}

enum caproof_status journal_begin(struct journal *journal, const struct journal_head *head,
	struct error *err) {
	char now[TEXT_TIME_SIZE];
	enum caproof_status status = CAPROOF_OK;

	if (journal->fd < 0)
		status = make(journal, err);
	else if (ftruncate(journal->fd, (off_t)journal->whole) != 0)
		status = failed("write", errno, err);
	if (status == CAPROOF_OK)
		status = json_append_line(&journal->pending, err,
			"{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "caproof", 1, "journal", "batch",
			"event", "begin", "time", text_time(now, head->now), "list", head->list,
			"list_sha256", head->list_sha256, "ca_sha256", head->ca_sha256,
			"rows", (long long)head->rows);
	if (status == CAPROOF_OK)
		status = journal_flush(journal, err);
	if (status == CAPROOF_OK && fsync(journal->folder) != 0 && errno != EINVAL && errno != EBADF)
		status = failed("write", errno, err);
	return status;
}

enum caproof_status journal_intent(struct journal *journal, const struct journal_intent *intent,
	struct error *err) {
	return json_append_line(&journal->pending, err,
		"{s:s, s:I, s:s, s:s, s:s, s:s*, s:s}", "event", "intent", "line",
		(long long)intent->line, "out", intent->out, "platform", intent->platform,
		"code", intent->code, "serial", intent->serial, "tbs_sha256", intent->tbs_sha256);
}

enum caproof_status journal_result(struct journal *journal, size_t line, const char *out,
	const char *sha256, bool found, struct error *err) {
	return json_append_line(&journal->pending, err, "{s:s, s:I, s:s, s:s, s:b}", "event", "result",
		"line", (long long)line, "out", out, "sha256", sha256, "found", (int)found);
}

enum caproof_status journal_dropped(struct journal *journal, size_t line, const char *out,
	const char *id, struct error *err) {
	return json_append_line(&journal->pending, err, "{s:s, s:I, s:s, s:s*}", "event",
		id != NULL ? "failed" : "unused", "line", (long long)line, "out", out, "error", id);
}

enum caproof_status journal_end(struct journal *journal, size_t done, size_t count_failed,
	time_t now, struct error *err) {
	char text[TEXT_TIME_SIZE];

	return json_append_line(&journal->pending, err, "{s:s, s:s, s:I, s:I}", "event", "end", "time",
		text_time(text, now), "done", (long long)done, "failed", (long long)count_failed);
}

/* What is written is no longer pending, whatever comes next: when a full disk has room
 * again, the line that was cut off is continued, not begun anew in its own middle. */
static int write_pending(struct journal *journal) {
	struct bytes *pending = &journal->pending;

	while (pending->len > 0) {
		ssize_t n = write(journal->fd, pending->data, pending->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		journal->unsynced = true;
		pending->len -= (size_t)n;
		memmove(pending->data, pending->data + n, pending->len);
	}
	return 0;
}

/* Whatever came to the disk of a write that failed is a cut-off line to the next reader. */
enum caproof_status journal_flush(struct journal *journal, struct error *err) {
	int rc = write_pending(journal);

	if (rc == 0 && journal->unsynced && fdatasync(journal->fd) != 0 && errno != EINVAL)
		rc = errno;
	if (rc != 0)
		return failed("write", rc, err);
	journal->unsynced = false;
	bytes_clear(&journal->pending);
	return CAPROOF_OK;
}
