/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests that a list names, read and judged ahead of the other checks, by several
 * threads: nothing else before the PIN takes so long.  Each is read once; what was judged
 * is what will be signed.  A request's fault is kept for when its row is checked.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch_internal.h"

struct reading {
	struct batch *batch;
	atomic_size_t next; /* the first row that nobody has taken */
	atomic_bool stop;
};

char *batch_list_path(const struct batch *batch, const char *path) {
	char *joined;

	if (path[0] == '/' || strcmp(batch->list->folder, ".") == 0)
		return strdup(path);
	return asprintf(&joined, "%s/%s", batch->list->folder, path) < 0 ? NULL : joined;
}

enum caproof_status batch_read_request(const struct batch *batch, struct batch_row *row,
	struct error *err) {
	const char *csr = row->source->csr;
	char *path = batch_list_path(batch, csr);
	struct bytes file = BYTES_INIT;
	enum caproof_status status = CAPROOF_OK;

	if (path == NULL)
		return error_memory(err);
	if (strcmp(csr, "-") == 0)
		status = error_set(err, ERROR_LIST_ROW,
			"a request in a list is a file, not standard input");
	if (status == CAPROOF_OK)
		status = file_read_regular(path, "request", &file, err);
	if (status == CAPROOF_OK)
		status = request_parse(bytes_span(&file), path, &row->request, err);
	/* Judged, and of no use any more: a record should be small. */
	if (status == CAPROOF_OK)
		public_key_clear(&row->request->key);
	bytes_clear(&file);
	free(path);
	return status;
}

/* What goes wrong for lack of memory shows again when the row is checked. */
static void read_row(struct batch *batch, struct batch_row *row) {
	struct error why = ERROR_INIT, late = ERROR_INIT;

	if (row->source->csr == NULL || row->source->error != NULL)
		return;
	if (batch_read_request(batch, row, &why) != CAPROOF_OK && batch_is_row_fault(&why) &&
		batch_keep_failure(row, &why, &late) != CAPROOF_OK)
		batch_forget_failure(row);
}

static bool read_next(struct reading *reading) {
	size_t row = atomic_fetch_add(&reading->next, 1);

	if (atomic_load(&reading->stop) || row >= reading->batch->list->count)
		return false;
	read_row(reading->batch, &reading->batch->rows[row]);
	return true;
}

static void *read_on(void *arg) {
	while (read_next(arg))
		;
	return NULL;
}

void batch_read_requests(struct batch *batch, bool (*cancelled)(void)) {
	struct reading reading = { .batch = batch };
	pthread_t threads[BATCH_HELPERS_MAX];
	unsigned count = 0;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (count + 1 < batch->helpers && count < BATCH_HELPERS_MAX &&
		pthread_create(&threads[count], NULL, read_on, &reading) == 0)
		count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	while (read_next(&reading))
		if (cancelled != NULL && cancelled())
			atomic_store(&reading.stop, true);
	while (count > 0)
		pthread_join(threads[--count], NULL);
}
