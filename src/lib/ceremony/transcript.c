/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and adding to a transcript.
 */
#include "ceremony/transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/text.h"

/* --- reading ------------------------------------------------------------------------ */

/* Room for one more record. */
static enum caproof_status make_room(struct transcript *t, struct error *err) {
	size_t room = t->room == 0 ? 64 : t->room * 2;
	struct transcript_record *larger;

	if (t->count < t->room)
		return CAPROOF_OK;
	larger = realloc(t->records, room * sizeof(*larger));
	if (larger == NULL)
		return error_memory(err);
	t->records = larger;
	t->room = room;
	return CAPROOF_OK;
}

/* Room for what is known of the item INDEX. */
static enum caproof_status make_item_room(struct transcript *t, long index, struct error *err) {
	size_t room = t->items_room, wanted = (size_t)(index + 1);
	struct transcript_item *larger;

	if (wanted <= room)
		return CAPROOF_OK;
	room = wanted < 2 * room ? 2 * room : wanted + 64;
	larger = realloc(t->items, room * sizeof(*larger));
	if (larger == NULL)
		return error_memory(err);
	memset(larger + t->items_room, 0, (room - t->items_room) * sizeof(*larger));
	t->items = larger;
	t->items_room = room;
	return CAPROOF_OK;
}

/* How far the item of RECORD has come by it. */
static void note_item(struct transcript *t, const struct transcript_record *record) {
	struct transcript_item *item;

	if (record->event != EVENT_SIGN_INTENT && record->event != EVENT_SIGN_RESULT &&
		record->event != EVENT_VERIFIED && record->event != EVENT_WRITTEN)
		return;
	item = &t->items[record->index];
	if (record->event == EVENT_SIGN_INTENT)
		*item = (struct transcript_item){ .attempts = item->attempts + 1 };
	item->result = item->result || record->event == EVENT_SIGN_RESULT;
	item->verified = item->verified || record->event == EVENT_VERIFIED;
	item->written = item->written || record->event == EVENT_WRITTEN;
	if (record->sha256 != NULL && item->sha256 != NULL)
		item->two_hashes = item->two_hashes || strcmp(item->sha256, record->sha256) != 0;
	else if (record->sha256 != NULL)
		item->sha256 = record->sha256;
}

/* One record, its line feed included; on failure the transcript is what it was. */
static enum caproof_status read_record(struct transcript *t, struct span line,
	struct error *err) {
	struct transcript_record record;
	char head[SHA256_HEX_SIZE];
	enum caproof_status status = record_read(line, t->count, &record, err);

	if (status != CAPROOF_OK)
		return status;
	if (strcmp(record.prev, t->head) != 0 && !(t->any_start && t->count == 0))
		status = error_set(err, ERROR_RECORD, "record %ld of the transcript does not hold the hash "
			"of what is before it: the transcript was altered", record.seq);
	if (status == CAPROOF_OK)
		status = sha256_hex(line, head, err);
	if (status == CAPROOF_OK)
		status = make_item_room(t, record.index, err);
	if (status == CAPROOF_OK)
		status = make_room(t, err);
	if (status != CAPROOF_OK) {
		json_clear(&record.document);
		return status;
	}
	memcpy(t->head, head, sizeof(head));
	note_item(t, &record);
	t->records[t->count++] = record;
	return CAPROOF_OK;
}

static enum caproof_status read_from(const struct bundle *bundle,
	const struct ceremony_plan *plan, bool any_start, struct transcript *out,
	struct error *err) {
	struct bytes text = BYTES_INIT;
	enum caproof_status status = CAPROOF_OK;
	size_t at = 0;

	*out = (struct transcript){ .bundle = bundle, .fd = -1, .any_start = any_start };
	memcpy(out->head, plan->sha256, sizeof(out->head));
	if (bundle_has(bundle, TRANSCRIPT_FILE))
		status = bundle_read(bundle, TRANSCRIPT_FILE, &text, err);
	while (status == CAPROOF_OK && at < text.len) {
		const unsigned char *end = memchr(text.data + at, '\n', text.len - at);
		size_t len;

		if (end == NULL)
			break;
		len = (size_t)(end - (text.data + at)) + 1;
		status = read_record(out, span_of(text.data + at, len), err);
		at += len;
	}
	out->whole = at;
	if (status == CAPROOF_OK && at < text.len)
		status = bytes_copy(&out->torn, text.data + at, text.len - at, err);
	bytes_clear(&text);
	return status;
}

enum caproof_status transcript_read(const struct bundle *bundle,
	const struct ceremony_plan *plan, struct transcript *out, struct error *err) {
	return read_from(bundle, plan, false, out, err);
}

enum caproof_status transcript_read_as_found(const struct bundle *bundle,
	const struct ceremony_plan *plan, struct transcript *out, struct error *err) {
	return read_from(bundle, plan, true, out, err);
}

bool transcript_is_ended(const struct transcript *t) {
	enum transcript_event last = t->count > 0 ? t->records[t->count - 1].event : EVENT_COUNT;

	return last == EVENT_RUN_END || last == EVENT_ABORT || last == EVENT_GATE_REFUSED;
}

void transcript_clear(struct transcript *t) {
	for (size_t i = 0; i < t->count; i++)
		json_clear(&t->records[i].document);
	free(t->records);
	free(t->items);
	bytes_clear(&t->torn);
	if (t->bundle != NULL && t->fd >= 0)
		close(t->fd);
	memset(t, 0, sizeof(*t));
	t->fd = -1;
}

struct transcript_item transcript_item(const struct transcript *t, long index) {
	return index >= 0 && (size_t)index < t->items_room ? t->items[index] :
		(struct transcript_item){ .attempts = 0 };
}

/* --- adding ------------------------------------------------------------------------- */

static enum caproof_status failed(const char *what, struct error *err) {
	error_set(err, ERROR_OUTPUT_WRITE, "cannot %s the transcript: %s", what, errno_text(errno));
	error_hint(err, "nothing more was signed; make room, then run this again");
	return error_status(err);
}

static enum caproof_status put_aside(struct transcript *t, struct error *err) {
	enum caproof_status status;

	if (t->torn.len == 0)
		return CAPROOF_OK;
	if ((status = sha256_hex(bytes_span(&t->torn), t->torn_sha256, err)) != CAPROOF_OK ||
		(status = bundle_make_folder(t->bundle, "attach", err)) != CAPROOF_OK)
		return status;
	snprintf(t->torn_file, sizeof(t->torn_file), "attach/torn-%zu-%.16s", t->count,
		t->torn_sha256);
	if (!bundle_has(t->bundle, t->torn_file))
		status = bundle_write(t->bundle, t->torn_file, bytes_span(&t->torn), err);
	if (status == CAPROOF_OK && ftruncate(t->fd, (off_t)t->whole) != 0)
		return failed("mend", err);
	if (status == CAPROOF_OK)
		bytes_clear(&t->torn);
	return status;
}

enum caproof_status transcript_tell_torn(struct transcript *t, struct error *err) {
	return t->torn_file[0] == '\0' ? CAPROOF_OK :
		transcript_add(t, EVENT_DEVIATION, err, "s:s, s:s, s:s", "what",
			"a record was cut off by the end of a run", "file", t->torn_file, "sha256",
			t->torn_sha256);
}

/* Another run may have come and gone between reading and locking: its records must not be
 * written over, and what it signed not be signed again. */
static enum caproof_status check_unchanged(const struct transcript *t, struct error *err) {
	struct stat st;

	if (fstat(t->fd, &st) != 0)
		return failed("read", err);
	if ((size_t)st.st_size == t->whole + t->torn.len)
		return CAPROOF_OK;
	error_set(err, ERROR_GATE, "the transcript has grown since it was read: another run was there");
	error_hint(err, "look at what it did, then run this again");
	return error_status(err);
}

enum caproof_status transcript_begin(struct transcript *t, struct error *err) {
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	enum caproof_status status;

	t->fd = openat(t->bundle->folder, TRANSCRIPT_FILE,
		O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (t->fd < 0)
		return failed("open", err);
	if (fcntl(t->fd, F_OFD_SETLK, &whole) != 0) {
		error_set(err, ERROR_GATE, "another run of this ceremony is going on");
		error_hint(err, "wait for its end");
		return error_status(err);
	}
	if ((status = check_unchanged(t, err)) != CAPROOF_OK)
		return status;
	if (fsync(t->bundle->folder) != 0 && errno != EINVAL)
		return failed("make", err);
	return put_aside(t, err);
}

void transcript_pretend(struct transcript *t) {
	t->pretended = true;
}

static enum caproof_status write_out(const struct transcript *t, struct span line,
	struct error *err) {
	while (line.len > 0) {
		ssize_t n = write(t->fd, line.data, line.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed("write", err);
		line.data += n;
		line.len -= (size_t)n;
	}
	return fdatasync(t->fd) == 0 || errno == EINVAL ? CAPROOF_OK : failed("write", err);
}

static long mono_ms(void) {
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)(ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

enum caproof_status transcript_add(struct transcript *t, enum transcript_event event,
	struct error *err, const char *format, ...) {
	struct bytes line = BYTES_INIT, tail = BYTES_INIT;
	char now[TEXT_TIME_SIZE], whole[256];
	va_list args;
	enum caproof_status status;

	if (t->failed)
		return error_set(err, ERROR_OUTPUT_WRITE, "the transcript cannot be written any more");
	status = json_append_line(&line, err, "{s:I, s:s, s:s, s:I, s:s}", "seq",
		(long long)t->count, "prev", t->head, "time", text_time(now, time(NULL)), "mono_ms",
		(long long)mono_ms(), "event",
		transcript_event_name(event));

	if (status == CAPROOF_OK && format != NULL) {
		snprintf(whole, sizeof(whole), "{%s}", format);
		va_start(args, format);
		status = json_append_line_v(&tail, err, whole, args);
		va_end(args);
		/* {…}\n and {…}\n to {…,…}\n */
		if (status == CAPROOF_OK && tail.len > 3) {
			line.data[line.len - 2] = ',';
			line.len -= 1;
			status = bytes_append(&line, tail.data + 1, tail.len - 1, err);
		}
	}
	/* What could not be read again later must not get into the file. */
	if (status == CAPROOF_OK)
		status = read_record(t, bytes_span(&line), err);
	if (status == CAPROOF_OK && !t->pretended &&
		(status = write_out(t, bytes_span(&line), err)) != CAPROOF_OK)
		t->failed = true;
	bytes_clear(&line);
	bytes_clear(&tail);
	return status;
}
