/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a row's proof goes, and what is there already.  A name from a list cannot lead
 * out of the folder, and what is there is never replaced unasked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "batch_internal.h"
#include "verify.h"

static bool is_der(const char *out) {
	size_t len = strlen(out);

	return len >= 4 && strcmp(out + len - 4, ".der") == 0;
}

bool batch_is_pem(const struct batch_row *row) {
	return row->out == NULL || !is_der(row->out);
}

/* --- names ------------------------------------------------------------------------- */

static bool is_plain(unsigned char c) {
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		c == '_' || c == '-';
}

/* Every octet that is not plain becomes %XX, so that two codes never share a name. */
static char *encode(const char *text, char *at) {
	static const char digits[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (is_plain(c)) {
			*at++ = *text;
			continue;
		}
		*at++ = '%';
		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
	}
	return at;
}

static char *default_name(const struct batch_row *row) {
	const char *platform = platform_name(row->platform);
	char *name = malloc((strlen(platform) + strlen(row->code)) * 3 + sizeof("-.pem"));
	char *at;

	if (name == NULL)
		return NULL;
	at = encode(platform, name);
	*at++ = '-';
	at = encode(row->code, at);
	memcpy(at, ".pem", sizeof(".pem"));
	return name;
}

static bool has_hidden(const char *text) {
	size_t len = strlen(text), at = 0;

	while (at < len)
		if (text_is_hidden(text_next((const unsigned char *)text, len, &at)))
			return true;
	return false;
}

/* That of this folder or of one below it, in which another batch may have been. */
static bool is_journal(const char *out) {
	const char *slash = strrchr(out, '/');

	return strcasecmp(slash == NULL ? out : slash + 1, JOURNAL_NAME) == 0;
}

static enum caproof_status check_name(const struct batch_row *row, struct error *err) {
	char shown[200];

	text_safe(shown, sizeof(shown), row->out, strlen(row->out));
	if (has_hidden(row->out) || !output_path_is_inside(row->out)) {
		error_set(err, ERROR_LIST_ROW, "the output's name '%s' leads out of the folder, or is no "
			"name that can be shown", shown);
		error_hint(err, "give a name, or a path below --out-dir, without '..'");
		return error_status(err);
	}
	if (is_journal(row->out))
		return error_set(err, ERROR_LIST_ROW, "the output's name '%s' is that of a journal", shown);
	if (platform_form(row->platform) == FORM_SIGNATURE && is_der(row->out))
		return error_set(err, ERROR_LIST_ROW, "platform '%s' takes a line of base64 text: its file "
			"'%s' should not end in .der", platform_name(row->platform), shown);
	return CAPROOF_OK;
}

enum caproof_status batch_give_name(struct batch_row *row, struct error *err) {
	free(row->out);
	row->out = row->source->out != NULL ? strdup(row->source->out) : default_name(row);
	return row->out != NULL ? check_name(row, err) : error_memory(err);
}

/* --- what is there already ---------------------------------------------------------- */

/* The first thing that is wrong with the proof in FILE by now, but for its age: it may have
 * been in its place for long.  NULL: nothing. */
static const char *first_fault(const struct checks *checks) {
	for (size_t i = 0; i < checks->count; i++)
		if (checks->list[i].result == CHECK_REFUSED &&
			strcmp(checks->list[i].id, "proof.validity") != 0)
			return checks->list[i].message;
	return NULL;
}

/* Whether FILE is a proof of the row's code; WHY is empty, or says what is wrong with it. */
static enum caproof_status judge(const struct batch *batch, const struct batch_row *row,
	struct span file, struct error *why, struct error *err) {
	struct verify_input input = { batch->ca, row->platform, row->code, batch->now };
	struct checks checks = CHECKS_INIT;
	enum caproof_status status = verify_file(&input, file, row->out, &checks, why);
	const char *fault = first_fault(&checks);

	if (status == CAPROOF_OK && fault != NULL)
		error_set(why, ERROR_LIST_ROW, "%s", fault);
	checks_clear(&checks);
	if (why->id != ERROR_MEMORY)
		return CAPROOF_OK;
	*err = *why;
	return error_status(err);
}

static bool same_row(const struct batch *batch, const struct batch_row *row,
	const struct journal_entry *entry) {
	return strcmp(entry->platform, platform_name(row->platform)) == 0 &&
		strcmp(entry->code, row->code) == 0 && strcmp(entry->ca_sha256, batch->ca->sha256) == 0;
}

/* A journal that somebody has edited does not make a proof of what is none. */
static enum caproof_status check_finished(const struct batch *batch, const struct batch_row *row,
	struct span file, bool same, struct error *err) {
	struct error why = ERROR_INIT;
	enum caproof_status status = CAPROOF_OK;

	if (same)
		status = judge(batch, row, file, &why, err);
	if (status != CAPROOF_OK || (same && why.id == ERROR_NONE))
		return status;
	if (same)
		error_set(err, ERROR_LIST_ROW, "its proof was finished in an earlier run, as the journal "
			"says, and is none: %s", why.message);
	else
		error_set(err, ERROR_LIST_ROW, "its proof was finished in an earlier run, and is %s now",
			file.data != NULL ? "not the same" : "gone");
	error_hint(err, "put it back, or prove the code again in another folder");
	return error_status(err);
}

/* Finished: nothing is signed again, even when somebody took the proof away. */
static enum caproof_status look_for_finished(const struct batch *batch, struct batch_row *row,
	const struct journal_entry *entry, struct error *err) {
	struct bytes file = BYTES_INIT;
	bool there;
	enum caproof_status status = output_read_inside(batch->folder, row->out, &file, &there, err);

	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&file), row->sha256, err);
	row->state = BATCH_DONE;
	if (status == CAPROOF_OK)
		status = check_finished(batch, row, bytes_span(&file),
			there && strcmp(row->sha256, entry->sha256) == 0, err);
	bytes_clear(&file);
	return status;
}

/* Whether FILE is what the intent was about, not an older proof that it was to replace. */
static enum caproof_status is_intended(const struct batch *batch, const struct batch_row *row,
	const struct journal_entry *entry, struct span file, bool *is, struct error *err) {
	struct error why = ERROR_INIT;
	enum caproof_status status = judge(batch, row, file, &why, err);

	*is = why.id == ERROR_NONE;
	return status == CAPROOF_OK && *is && entry->serial != NULL ?
		verify_has_serial(file, entry->serial, is, err) : status;
}

/* An intent without a result: the proof may have come to its place all the same. */
static enum caproof_status look_for_proof(const struct batch *batch, struct batch_row *row,
	const struct journal_entry *entry, struct error *err) {
	struct bytes file = BYTES_INIT;
	bool there, good = false;
	enum caproof_status status = output_read_inside(batch->folder, row->out, &file, &there, err);

	if (status == CAPROOF_OK && there)
		status = is_intended(batch, row, entry, bytes_span(&file), &good, err);
	if (status == CAPROOF_OK && good) {
		row->state = BATCH_FOUND;
		status = sha256_hex(bytes_span(&file), row->sha256, err);
	}
	row->used_up = !good && !entry->unused;
	bytes_clear(&file);
	return status;
}

enum caproof_status batch_look_for_finished(const struct batch *batch, struct batch_row *row,
	struct error *err) {
	const struct journal_entry *entry;
	enum caproof_status status = CAPROOF_OK;

	if (!batch->resume || row->source->code == NULL)
		return CAPROOF_OK;
	row->code = strdup(row->source->code);
	if (row->code == NULL)
		return error_memory(err);
	status = batch_give_name(row, err);
	entry = status == CAPROOF_OK ? journal_find(batch->journal, row->out) : NULL;
	if (entry != NULL && entry->finished && same_row(batch, row, entry))
		return look_for_finished(batch, row, entry, err);
	free(row->code);
	row->code = NULL;
	free(row->out);
	row->out = NULL;
	return status;
}

enum caproof_status batch_look_for_earlier(const struct batch *batch, struct batch_row *row,
	struct error *err) {
	const struct journal_entry *entry = journal_find(batch->journal, row->out);
	bool known = entry != NULL && same_row(batch, row, entry);
	enum caproof_status status = CAPROOF_OK;

	if (known && batch->resume)
		status = entry->finished ? look_for_finished(batch, row, entry, err) :
			look_for_proof(batch, row, entry, err);
	if (status == CAPROOF_OK && row->state == BATCH_OPEN)
		status = output_check_inside(batch->folder, row->out, batch->force, err);
	if (err->id == ERROR_OUTPUT_EXISTS && known && entry->finished)
		error_hint(err, "its proof is from an earlier batch in this folder: with --resume finished "
			"rows are left alone");
	return status;
}

enum caproof_status batch_flush_folder(const struct batch *batch, struct error *err) {
	/* Some file systems cannot, and a folder that may not be read has no descriptor for it. */
	if (fsync(batch->folder) == 0 || errno == EINVAL || errno == EBADF || errno == EOPNOTSUPP)
		return CAPROOF_OK;
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot flush the folder of the proofs: %s",
		errno_text(errno));
}
