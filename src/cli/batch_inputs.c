/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof batch` reads and opens before anybody is asked for a PIN.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "batch_cmd.h"
#include "inputs.h"
#include "interrupt.h"
#include "report.h"

static enum caproof_status read_list(struct batch_run_state *run, struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status = file_read(run->options->list, "list", &file, err);

	if (status == CAPROOF_OK)
		status = list_parse(bytes_span(&file), run->options->list, &run->list, err);
	bytes_clear(&file);
	return status;
}

static enum caproof_status open_folder(struct batch_run_state *run, struct error *err) {
	const char *path = run->options->out_dir;
	char shown[400];

	text_safe(shown, sizeof(shown), path, strlen(path));
	run->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->folder < 0) {
		error_set(err, ERROR_OUTPUT_WRITE, "cannot open the folder '%s': %s", shown,
			errno_text(errno));
		error_hint(err, "make it first, or choose another one with --out-dir");
		return error_status(err);
	}
	if (run->options->common.dry_run || faccessat(run->folder, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return CAPROOF_OK;
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot write in the folder '%s': %s", shown,
		errno_text(errno));
}

static enum caproof_status open_journal(struct batch_run_state *run, struct error *err) {
	enum caproof_status status = journal_open(run->folder, run->options->common.dry_run,
		&run->journal, err);

	if (status != CAPROOF_OK)
		return status;
	if (journal_is_unfinished(run->journal) && !run->options->resume &&
		!run->options->common.dry_run)
		return error_set(err, ERROR_UNFINISHED, "a batch that was interrupted lies in the folder "
			"(its journal is '%s')", JOURNAL_NAME);
	if (run->options->resume && journal_is_empty(run->journal))
		report_note("caproof: there is nothing to resume: beginning at the first row");
	return CAPROOF_OK;
}

static unsigned helpers(void) {
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (cores < 1)
		return 1;
	return cores < BATCH_HELPERS_MAX ? (unsigned)cores : BATCH_HELPERS_MAX;
}

static void set_up(struct batch_run_state *run) {
	const struct common_options *o = &run->options->common;

	run->batch = (struct batch){
		.list = run->list,
		.ca = run->ca,
		.platform = o->platform,
		.digest = o->digest,
		.pss = o->pss,
		.subject_key_given = run->options->subject_key_given,
		.force = o->force,
		.subject_key = run->options->subject_key,
		.now = o->now,
		.not_before = o->not_before,
		.not_after = o->not_after,
		.folder = run->folder,
		.resume = run->options->resume,
		.keep_going = run->options->keep_going,
		.helpers = helpers(),
		.journal = run->journal,
		.platforms = { NULL, 0, inputs_platform_directory() },
	};
}

static enum caproof_status read_rows(struct batch_run_state *run, struct error *err) {
	enum caproof_status status;

	if ((status = read_list(run, err)) != CAPROOF_OK ||
		(status = open_folder(run, err)) != CAPROOF_OK ||
		(status = open_journal(run, err)) != CAPROOF_OK)
		return status;
	set_up(run);
	status = batch_check(&run->batch, interrupt_pending, err);
	if (status != CAPROOF_OK)
		return status;
	run->counts = calloc(run->batch.platforms.count + 1, sizeof(*run->counts));
	if (run->counts == NULL)
		return error_memory(err);
	for (size_t i = 0; i < run->batch.platforms.count; i++)
		run->counts[i].platform = run->batch.platforms.list[i].platform;
	return CAPROOF_OK;
}

enum caproof_status batch_read(struct batch_run_state *run, struct error *err) {
	enum caproof_status status = run_read_certificate(&run->base, run->options->ca,
		"CA certificate", &run->ca, err);

	if (status != CAPROOF_OK)
		return status;
	/* The certificate may have come from the module, which has nothing to do now. */
	interrupt_timeout_pause();
	status = read_rows(run, err);
	interrupt_timeout_resume();
	return status;
}

/* --- files that must survive ------------------------------------------------------- */

struct identity {
	dev_t dev;
	ino_t ino;
};

static int compare(const void *a, const void *b) {
	const struct identity *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static void add(struct identity *list, size_t *count, const char *path, int folder) {
	struct stat st;

	if (path != NULL && fstatat(folder, path, &st, 0) == 0)
		list[(*count)++] = (struct identity){ st.st_dev, st.st_ino };
}

static size_t collect(const struct batch_run_state *run, struct identity *list) {
	const struct batch_options *o = run->options;
	int base = open(run->list->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t count = 0;

	add(list, &count, o->list, AT_FDCWD);
	add(list, &count, o->ca, AT_FDCWD);
	add(list, &count, o->common.platform, AT_FDCWD);
	add(list, &count, o->common.pin.path, AT_FDCWD);
	for (size_t i = 0; i < run->list->count; i++) {
		add(list, &count, run->list->rows[i].csr, base);
		add(list, &count, run->list->rows[i].platform, base);
	}
	if (base >= 0)
		close(base);
	qsort(list, count, sizeof(*list), compare);
	return count;
}

enum caproof_status batch_spare_inputs(const struct batch_run_state *run, struct error *err) {
	struct identity *list, there;
	enum caproof_status status = CAPROOF_OK;
	size_t count;
	struct stat st;

	if (!run->options->common.force)
		return CAPROOF_OK;
	list = malloc((run->list->count * 2 + 4) * sizeof(*list));
	if (list == NULL)
		return error_memory(err);
	count = collect(run, list);
	for (size_t i = 0; status == CAPROOF_OK && i < run->list->count; i++) {
		const struct batch_row *row = &run->batch.rows[i];

		if (row->out == NULL || fstatat(run->folder, row->out, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		there = (struct identity){ st.st_dev, st.st_ino };
		if (bsearch(&there, list, count, sizeof(*list), compare) == NULL)
			continue;
		error_set(err, ERROR_USAGE, "the output of line %zu is the same file as an input of this "
			"run", row->source->line);
		error_hint(err, "give another name in the list, or another folder");
		status = error_status(err);
	}
	free(list);
	return status;
}

/* --- sessions ------------------------------------------------------------------------- */

enum caproof_status batch_open_sessions(struct batch_run_state *run, struct error *err) {
	const char *why;
	unsigned wanted = signer_sessions(run->base.signer, run->options->jobs, &why);
	size_t rows = run->list->count - run->batch.bad - run->batch.done;
	bool no_room = false;
	enum caproof_status status = CAPROOF_OK;

	run->signers[0] = run->base.signer;
	run->sessions = 1;
	if (why != NULL)
		report_note("caproof: token '%s' gets %s", signer_token(run->base.signer)->label, why);
	while (status == CAPROOF_OK && run->sessions < wanted && run->sessions < rows) {
		status = signer_fork(run->base.signer, &run->signers[run->sessions], &no_room, err);
		if (status == CAPROOF_OK)
			run->sessions++;
	}
	if (!no_room)
		return status;
	error_reset(err);
	report_note("caproof: token '%s' allows no more than %u sessions now", signer_token(
		run->base.signer)->label, run->sessions);
	return CAPROOF_OK;
}

void batch_close_sessions(struct batch_run_state *run) {
	while (run->sessions > 1)
		signer_free(run->signers[--run->sessions]);
}

void batch_run_clear(struct batch_run_state *run) {
	free(run->counts);
	batch_clear(&run->batch);
	journal_close(run->journal);
	if (run->folder >= 0)
		close(run->folder);
	list_free(run->list);
	ca_free(run->ca);
}
