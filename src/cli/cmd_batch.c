/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof batch`: check the whole list, find the key, log in once, prove every row.
 * Everything that can be refused is refused before the PIN is asked for.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch_cmd.h"
#include "cmd.h"
#include "interrupt.h"
#include "progress.h"
#include "report.h"


/* --- what happens meanwhile -------------------------------------------------------- */

static bool should_stop(void *arg) {
	struct batch_run_state *run = arg;

	if (interrupt_pending() && !run->told) {
		run->told = true;
		progress_clear();
		report_note("caproof: stopping: what the token has begun is finished first; press Ctrl-C "
			"again to end at once");
	}
	return interrupt_pending();
}

static enum caproof_status on_outcome(void *arg, const struct batch_outcome *outcome,
	struct error *err) {
	return batch_report_row(arg, outcome, err);
}

static void on_tick(void *arg, size_t done, size_t failed) {
	const struct batch_run_state *run = arg;

	progress_show(done, run->tally.earlier, failed);
}

/* The time limit is for the module: while it has nothing to do, because a reader of the
 * JSON or the disk is slow, or a fresh key takes long, the clock stands still. */
static void count_signing(bool begins) {
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static unsigned now;

	pthread_mutex_lock(&lock);
	if (begins && now++ == 0)
		interrupt_timeout_resume();
	interrupt_timeout_restart();
	if (!begins && --now == 0)
		interrupt_timeout_pause();
	pthread_mutex_unlock(&lock);
}

/* With one session it is certain which signature the notice is about. */
static void on_signing(void *arg, bool begins) {
	const struct batch_run_state *run = arg;

	count_signing(begins);
	if (run->sessions > 1)
		return;
	if (begins)
		run_notice_touch(progress_is_bar());
	else
		interrupt_notice_stop();
}

/* --- the steps ---------------------------------------------------------------------- */

/* Nothing is signed in this run: what there is. */
static void take_stock(struct batch_run_state *run) {
	run->tally = (struct batch_tally){
		.done = run->batch.done,
		.earlier = run->batch.done,
		.failed = run->batch.bad,
		.left = run->list->count - run->batch.bad - run->batch.done,
	};
}

static enum caproof_status refuse_bad(struct batch_run_state *run, struct error *err) {
	const struct batch_row *first = run->batch.rows;

	while (first->state != BATCH_BAD)
		first++;
	take_stock(run);
	error_set(err, first->failure->id, "%zu of %zu rows of '%s' are refused, the first in line "
		"%zu; nothing was signed", run->batch.bad, run->list->count, run->list->name,
		first->source->line);
	error_hint(err, !run->options->keep_going ? "correct the list, or sign the good rows with "
		"--keep-going" : "correct the list: the rows that are refused are not signed");
	return error_status(err);
}

static enum caproof_status begin_journal(struct batch_run_state *run, struct error *err) {
	struct journal_head head = { run->list->name, run->list->sha256, run->ca->sha256,
		run->list->count, run->options->common.now };
	enum caproof_status status = journal_begin(run->journal, &head, err);

	run->begun = status == CAPROOF_OK;
	return status;
}

static enum caproof_status end_journal(struct batch_run_state *run, struct error *err) {
	enum caproof_status status = journal_end(run->journal, run->tally.done, run->tally.failed,
		run->options->common.now, err);

	return status == CAPROOF_OK ? journal_flush(run->journal, err) : status;
}

/* Rows are left, or failed in a way that another run may mend. */
static bool is_resumable(const struct batch_run_state *run) {
	return run->tally.done < run->list->count - run->batch.bad;
}

/* Every good row is in place, and yet something is to be said. */
static const char *what_now(const struct batch_run_state *run, const struct error *err) {
	if (run->first_failed != NULL)
		return error_hint_text(err);
	return "the proofs are in place and verify: nothing needs to be signed again";
}

/* The row that ERR is about; NULL: none, the journal or an interruption ended the run. */
static const struct batch_row *row_of(const struct batch_run_state *run, const struct error *err) {
	if (run->device_failed != NULL && strcmp(run->device_error.message, err->message) == 0)
		return run->device_failed;
	if (run->first_failed != NULL && strcmp(run->first_error.message, err->message) == 0)
		return run->first_failed;
	return NULL;
}

/* Say in ERR how far it came and how to go on. */
static void explain(const struct batch_run_state *run, struct error *err) {
	const struct batch_row *row = row_of(run, err);
	char hint[600];

	snprintf(hint, sizeof(hint), "%.500s", what_now(run, err));
	if (row == NULL)
		error_context(err, "%zu of %zu proofs are in place", run->tally.done, run->list->count);
	else
		error_context(err, "%zu of %zu proofs are in place; line %zu", run->tally.done,
			run->list->count, row->source->line);
	if (is_resumable(run))
		error_hint(err, "run the same command with --resume to go on; finished rows are not signed "
			"again");
	else
		error_hint(err, "%s", hint);
}

static enum caproof_status prove_rows(struct batch_run_state *run, struct error *err) {
	struct batch_events events = { should_stop, on_outcome, on_tick, on_signing, run };
	enum caproof_status status;
	struct error late = ERROR_INIT;

	interrupt_set_many();
	progress_start(run->list->count);
	interrupt_timeout_pause();
	status = batch_run(&run->batch, run->signers, run->sessions, &events, &run->tally, err);
	interrupt_timeout_resume();
	progress_clear();
	if (!is_resumable(run) && end_journal(run, &late) != CAPROOF_OK && status == CAPROOF_OK) {
		*err = late;
		status = error_status(err);
	}
	if (status != CAPROOF_OK)
		explain(run, err);
	return status;
}

static bool nothing_to_sign(const struct batch_run_state *run) {
	return run->batch.bad + run->batch.done == run->list->count;
}

static enum caproof_status sign_rows(struct batch_run_state *run, struct error *err) {
	enum caproof_status status;

	if ((status = run_unlock(&run->base, err)) != CAPROOF_OK ||
		(status = batch_open_sessions(run, err)) != CAPROOF_OK ||
		(status = begin_journal(run, err)) != CAPROOF_OK)
		return status;
	return prove_rows(run, err);
}

/* All that is left to do is in the journal: the token is not needed. */
static enum caproof_status record_rows(struct batch_run_state *run, struct error *err) {
	enum caproof_status status = begin_journal(run, err);

	return status == CAPROOF_OK ? prove_rows(run, err) : status;
}

static enum caproof_status plan_rows(struct batch_run_state *run, struct error *err) {
	enum caproof_status status = batch_report_plan(run, err);

	take_stock(run);
	return status == CAPROOF_OK && run->batch.bad > 0 ? refuse_bad(run, err) : status;
}

/* With the bad rows told: what is to be done with the good ones. */
static enum caproof_status prove_good_rows(struct batch_run_state *run, struct error *err) {
	bool dry_run = run->options->common.dry_run;
	enum caproof_status status = batch_report_remarks(run, err);

	if (status == CAPROOF_OK && !nothing_to_sign(run))
		status = run_locate_for(&run->base, &run->ca->key, bytes_span(&run->ca->der),
			run->batch.algorithms, run->batch.algorithms_count, err);
	if (status != CAPROOF_OK)
		return status;
	if (dry_run)
		return plan_rows(run, err);
	return nothing_to_sign(run) ? record_rows(run, err) : sign_rows(run, err);
}

/* The story of a run, told in order. */
static enum caproof_status run_batch(struct batch_run_state *run, struct error *err) {
	bool refused;
	enum caproof_status status;

	if ((status = run_prepare(&run->base, err)) != CAPROOF_OK ||
		(status = batch_check_streams(err)) != CAPROOF_OK)
		return status;
	run_map_module(&run->base);
	if ((status = batch_read(run, err)) != CAPROOF_OK ||
		(status = batch_spare_inputs(run, err)) != CAPROOF_OK)
		return status;
	refused = run->batch.bad > 0 &&
		(!run->options->keep_going || run->batch.bad == run->list->count);
	status = batch_report_bad(run, refused, err);
	if (status != CAPROOF_OK)
		return status;
	return refused ? refuse_bad(run, err) : prove_good_rows(run, err);
}

static int finish(struct batch_run_state *run, struct error *err) {
	struct error late = ERROR_INIT;

	/* There is something to sum up only when the list was checked to its end. */
	if (run->counts != NULL) {
		run->base.json_told = report_is_json();
		if (batch_report_done(run, err, &late) != CAPROOF_OK && err->id == ERROR_NONE)
			*err = late;
	}
	batch_close_sessions(run);
	return run_finish(&run->base, err);
}

int cmd_batch(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[BATCH_OPTION_COUNT], *operands[2];
	struct batch_options options;
	struct batch_run_state run = {
		.options = &options,
		.base = { .options = &options.common, .stopped_hint = "proofs that are finished are in "
			"place; run the same command with --resume to go on" },
		.folder = -1,
	};
	int code;

	if (options_parse(&batch_command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (batch_wants_help(values)) {
		options_help(&batch_command_line, argv[0]);
		code = CAPROOF_OK;
	} else if (batch_options_parse(values, operands, &options, &err) != CAPROOF_OK) {
		code = report_error(&err);
	} else {
		run.base.certificate = options.ca_uri;
		if (run_batch(&run, &err) != CAPROOF_OK && err.id == ERROR_NONE)
			error_set(&err, ERROR_INTERNAL, "a step failed without saying why");
		code = finish(&run, &err);
		batch_run_clear(&run);
		batch_options_clear(&options);
	}
	options_free(&batch_command_line, values, operands);
	return code;
}
