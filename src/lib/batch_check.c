/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole list before the PIN: each row is planned as it will be, and what comes of it
 * is thrown away.  So nothing is refused later that could have been refused now.
 */
#include "batch.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "batch_internal.h"

/* Rule files are kept for the whole run: a list should not decide how much memory that is. */
#define PLATFORMS_MAX 256

void batch_forget_failure(struct batch_row *row) {
	if (row->failure == NULL)
		return;
	free(row->failure->message);
	free(row->failure->hint);
	free(row->failure);
	row->failure = NULL;
}

enum caproof_status batch_keep_failure(struct batch_row *row, const struct error *why,
	struct error *err) {
	struct batch_failure *failure = calloc(1, sizeof(*failure));

	if (failure == NULL)
		return error_memory(err);
	failure->id = why->id;
	failure->message = strdup(why->message);
	failure->hint = strdup(error_hint_text(why));
	batch_forget_failure(row);
	row->failure = failure;
	return failure->message != NULL && failure->hint != NULL ? CAPROOF_OK : error_memory(err);
}

enum caproof_status batch_fail_row(struct batch_row *row, const struct error *why,
	struct error *err) {
	row->state = BATCH_BAD;
	return batch_keep_failure(row, why, err);
}

static enum caproof_status load_platform(struct batch *batch, const char *name,
	const struct platform **out, struct error *err) {
	struct batch_platforms *cache = &batch->platforms;
	struct batch_platform fresh = { NULL, NULL }, *larger;
	enum caproof_status status;

	for (size_t i = 0; i < cache->count; i++) {
		if (strcmp(cache->list[i].name, name) == 0) {
			*out = cache->list[i].platform;
			return CAPROOF_OK;
		}
	}
	if (cache->count == PLATFORMS_MAX)
		return error_set(err, ERROR_LIST_ROW, "the rows before it name %d platforms already, and "
			"more are not taken in one list", PLATFORMS_MAX);
	larger = realloc(cache->list, (cache->count + 1) * sizeof(*larger));
	if (larger == NULL)
		return error_memory(err);
	cache->list = larger;
	status = platform_load(name, cache->directory, &fresh.platform, err);
	if (status != CAPROOF_OK)
		return status;
	fresh.name = strdup(name);
	if (fresh.name == NULL) {
		platform_free(fresh.platform);
		return error_memory(err);
	}
	cache->list[cache->count++] = fresh;
	*out = fresh.platform;
	return CAPROOF_OK;
}

/* A rule file that is a FIFO or a device would be waited for. */
static bool is_waiting(const char *path) {
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

enum caproof_status batch_find_platform(struct batch *batch, struct batch_row *row,
	struct error *err) {
	const char *name = row->source->platform;
	char *path;
	enum caproof_status status;

	if (name == NULL || strchr(name, '/') == NULL)
		return load_platform(batch, name != NULL ? name : batch->platform, &row->platform, err);
	path = batch_list_path(batch, name);
	if (path == NULL)
		return error_memory(err);
	status = is_waiting(path) ? error_set(err, ERROR_LIST_ROW, "its platform is no regular file") :
		load_platform(batch, path, &row->platform, err);
	free(path);
	return status;
}

enum caproof_status batch_plan(const struct batch *batch, const struct batch_row *row,
	bool check_only, struct plan **out, struct error *err) {
	const struct list_row *source = row->source;
	struct prepare_input input = {
		.plan = {
			.ca = batch->ca,
			.platform = row->platform,
			.request = row->request,
			.now = batch->now,
			.code_issued = source->code_issued,
			.not_before = batch->not_before,
			.not_after = batch->not_after,
			.out_name = row->out != NULL ? row->out : "proof.pem",
			.pem = batch_is_pem(row),
		},
		.digest = batch->digest,
		.pss = batch->pss,
		.subject_key_given = batch->subject_key_given || check_only,
		.subject_key = check_only ? SUBJECT_KEY_CA : batch->subject_key,
	};
	struct subject subject = { BYTES_INIT, NULL };
	enum caproof_status status;

	if (source->code != NULL)
		input.plan.code = span_of(source->code, strlen(source->code));
	status = prepare(&input, &subject, out, err);
	subject_clear(&subject);
	return status;
}

/* --- a row, and all of them ----------------------------------------------------------- */

/* Never more than there are hashes. */
static void note_algorithm(struct batch *batch, const struct algorithm *algorithm) {
	for (size_t i = 0; i < batch->algorithms_count; i++)
		if (algorithm_equal(&batch->algorithms[i], algorithm))
			return;
	if (batch->algorithms_count < SIGNER_ALGORITHMS)
		batch->algorithms[batch->algorithms_count++] = *algorithm;
}

/* Read ahead, but for lack of memory. */
static enum caproof_status take_request(const struct batch *batch, struct batch_row *row,
	struct error *err) {
	if (row->source->csr == NULL || row->request != NULL)
		return CAPROOF_OK;
	if (row->failure == NULL)
		return batch_read_request(batch, row, err);
	error_set(err, row->failure->id, "%s", row->failure->message);
	error_hint(err, "%s", row->failure->hint);
	return error_status(err);
}

static enum caproof_status check_row(struct batch *batch, struct batch_row *row,
	struct error *err) {
	struct plan *plan = NULL;
	enum caproof_status status = CAPROOF_OK;

	if (row->source->error != NULL)
		return error_set(err, ERROR_LIST_ROW, "%s", row->source->error);
	status = batch_find_platform(batch, row, err);
	if (status == CAPROOF_OK)
		status = batch_look_for_finished(batch, row, err);
	if (status == CAPROOF_OK && row->state == BATCH_OPEN && row->source->out != NULL)
		status = batch_give_name(row, err);
	if (status != CAPROOF_OK || row->state != BATCH_OPEN)
		return status;
	status = take_request(batch, row, err);
	if (status == CAPROOF_OK)
		status = batch_plan(batch, row, true, &plan, err);
	if (status != CAPROOF_OK)
		return status;
	row->code = strdup(plan->code);
	note_algorithm(batch, &plan->algorithm);
	plan_free(plan);
	if (row->code == NULL)
		return error_memory(err);
	if (row->out == NULL)
		status = batch_give_name(row, err);
	return status == CAPROOF_OK ? batch_look_for_earlier(batch, row, err) : status;
}

static int compare_out(const void *a, const void *b) {
	return strcmp(((const struct batch_row *)a)->out, ((const struct batch_row *)b)->out);
}

static void free_nothing(void *node) {
	(void)node;
}

/* One name, one row; NAMES is a tsearch(3) tree of the rows before. */
static enum caproof_status check_unique(struct batch_row *row, void **names, struct error *err) {
	struct batch_row **there = tsearch(row, names, compare_out);
	char shown[200];

	if (there == NULL)
		return error_memory(err);
	if (*there == row)
		return CAPROOF_OK;
	return error_set(err, ERROR_LIST_ROW, "line %zu has the same output '%s'",
		(*there)->source->line, text_safe(shown, sizeof(shown), row->out, strlen(row->out)));
}

bool batch_is_row_fault(const struct error *why) {
	return why->id != ERROR_MEMORY && why->id != ERROR_INTERRUPTED && why->id != ERROR_INTERNAL;
}

static enum caproof_status check_one(struct batch *batch, struct batch_row *row, void **names,
	struct error *err) {
	struct error why = ERROR_INIT;
	enum caproof_status status = check_row(batch, row, &why);

	if (status == CAPROOF_OK)
		status = check_unique(row, names, &why);
	if (status == CAPROOF_OK)
		return CAPROOF_OK;
	if (!batch_is_row_fault(&why)) {
		*err = why;
		return status;
	}
	return batch_fail_row(row, &why, err);
}

static void count(struct batch *batch, const struct batch_row *row) {
	batch->bad += row->state == BATCH_BAD;
	batch->done += row->state == BATCH_DONE || row->state == BATCH_FOUND;
}

enum caproof_status batch_check(struct batch *batch, bool (*cancelled)(void),
	struct error *err) {
	void *names = NULL;
	enum caproof_status status = CAPROOF_OK;

	batch->rows = calloc(batch->list->count, sizeof(*batch->rows));
	if (batch->rows == NULL)
		return error_memory(err);
	for (size_t i = 0; i < batch->list->count; i++)
		batch->rows[i].source = &batch->list->rows[i];
	batch_read_requests(batch, cancelled);
	for (size_t i = 0; status == CAPROOF_OK && i < batch->list->count; i++) {
		status = check_one(batch, &batch->rows[i], &names, err);
		count(batch, &batch->rows[i]);
		if (status == CAPROOF_OK && cancelled != NULL && cancelled())
			status = error_set(err, ERROR_INTERRUPTED, "interrupted");
	}
	tdestroy(names, free_nothing);
	return status;
}

void batch_clear(struct batch *batch) {
	for (size_t i = 0; batch->rows != NULL && i < batch->list->count; i++) {
		free(batch->rows[i].out);
		free(batch->rows[i].code);
		request_free(batch->rows[i].request);
		batch_forget_failure(&batch->rows[i]);
	}
	free(batch->rows);
	batch->rows = NULL;
	for (size_t i = 0; i < batch->platforms.count; i++) {
		free(batch->platforms.list[i].name);
		platform_free(batch->platforms.list[i].platform);
	}
	free(batch->platforms.list);
	batch->platforms.list = NULL;
	batch->platforms.count = 0;
}
