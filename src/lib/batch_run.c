/* SPDX-License-Identifier: Apache-2.0
 *
 * The clerk of a batch: the thread that called it.  It alone writes the journal and gives
 * proofs their names, in the list's order: the intent is on the disk before the token is
 * asked, the proof before its result.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch_internal.h"
#include "batch_line.h"

#define THREADS_MAX (SIGNER_SESSIONS_MAX + 16)
#define TICK_NS (100L * 1000 * 1000)

struct clerk {
	struct line *line;
	struct batch_tally *tally;
	struct error first, device, broken; /* of rows; of the clerk's own work */
	bool told_to_stop;
	pthread_t threads[THREADS_MAX];
	struct line_hand hands[SIGNER_SESSIONS_MAX];
	unsigned threads_count;
};

static void stop(struct clerk *clerk) {
	struct line *line = clerk->line;

	pthread_mutex_lock(&line->lock);
	line->stopping = true;
	pthread_cond_broadcast(&line->to_sign);
	pthread_mutex_unlock(&line->lock);
}

/* The clerk's own work failed: nothing new can be announced or recorded. */
static void fail(struct clerk *clerk, const struct error *why) {
	if (clerk->broken.id == ERROR_NONE)
		clerk->broken = *why;
	stop(clerk);
}

/* --- announcing ------------------------------------------------------------------------ */

static enum caproof_status announce_item(struct clerk *clerk, const struct item *item,
	struct error *err) {
	const struct plan *plan = item->plan;
	struct journal_intent intent = {
		.line = item->row->source->line,
		.out = item->row->out,
		.platform = platform_name(item->row->platform),
		.code = item->row->code,
		.serial = plan->serial,
		.tbs_sha256 = plan->tbs_sha256,
	};

	return journal_intent(clerk->line->batch->journal, &intent, err);
}

/* The rows that can be announced now: from line->announced up to what is returned.  Rows
 * that failed or need nothing are passed over. */
static size_t announceable(struct line *line) {
	size_t row = line->announced;

	while (!line->stopping && row < line->planned && row - line->taken < line->ahead) {
		enum item_state state = line_item(line, row)->state;

		if (state != ITEM_PLANNED && state != ITEM_SETTLED)
			break;
		row++;
	}
	return row;
}

/* With the lock held, but for the writing.  False: there was nothing to do. */
static bool announce(struct clerk *clerk) {
	struct line *line = clerk->line;
	size_t from = line->announced, to = announceable(line);
	struct error why = ERROR_INIT;
	enum caproof_status status = CAPROOF_OK;

	if (from == to)
		return false;
	pthread_mutex_unlock(&line->lock);
	for (size_t row = from; status == CAPROOF_OK && row < to; row++)
		if (line_item(line, row)->state == ITEM_PLANNED)
			status = announce_item(clerk, line_item(line, row), &why);
	if (status == CAPROOF_OK)
		status = journal_flush(line->batch->journal, &why);
	if (status != CAPROOF_OK)
		fail(clerk, &why);
	pthread_mutex_lock(&line->lock);
	if (status != CAPROOF_OK)
		return true;
	for (size_t row = from; row < to; row++)
		if (line_item(line, row)->state == ITEM_PLANNED)
			line_item(line, row)->state = ITEM_ANNOUNCED;
	line->announced = to;
	pthread_cond_broadcast(&line->to_sign);
	return true;
}

/* --- what is finished ------------------------------------------------------------------ */

/* Whether the row at the head has come to its end; STOPPED: nothing new is begun. */
static bool is_out(const struct item *item, bool stopped) {
	switch (item->state) {
	case ITEM_SEALED:
	case ITEM_SETTLED:
		return true;
	case ITEM_PLANNED:
	case ITEM_ANNOUNCED:
		return stopped;
	default:
		return false;
	}
}

/* Give the proof its name.  The folder is flushed once for all of them. */
static void place(struct item *item, bool *plain) {
	if (output_commit_unsettled(item->out, &item->error) != CAPROOF_OK)
		return;
	if (strchr(item->row->out, '/') == NULL)
		*plain = true;
	else if (output_settle(item->out, &item->error) != CAPROOF_OK)
		output_retract(item->out);
}

/* Put rows FROM to TO in place, then record them. */
static enum caproof_status place_all(struct clerk *clerk, size_t from, size_t to,
	struct error *err) {
	struct line *line = clerk->line;
	struct journal *journal = line->batch->journal;
	bool plain = false;
	enum caproof_status status = CAPROOF_OK;

	for (size_t row = from; row < to; row++)
		if (line_item(line, row)->state == ITEM_SEALED)
			place(line_item(line, row), &plain);
	if (plain)
		status = batch_flush_folder(line->batch, err);
	for (size_t row = from; status == CAPROOF_OK && row < to; row++) {
		const struct item *item = line_item(line, row);
		const struct batch_row *r = item->row;

		if (r->state == BATCH_FOUND || (item->state == ITEM_SEALED &&
			item->error.id == ERROR_NONE))
			status = journal_result(journal, r->source->line, r->out, r->sha256,
				r->state == BATCH_FOUND, err);
		else if (item->plan != NULL && row < line->announced)
			status = journal_dropped(journal, r->source->line, r->out,
				item->error.id != ERROR_NONE ? error_id_name(item->error.id) : NULL, err);
	}
	return status == CAPROOF_OK ? journal_flush(journal, err) : status;
}

static void remember(struct clerk *clerk, const struct error *why) {
	if (clerk->first.id == ERROR_NONE)
		clerk->first = *why;
	if (clerk->device.id == ERROR_NONE && error_status(why) == CAPROOF_DEVICE)
		clerk->device = *why;
}

static void bad_row(const struct batch_row *row, struct error *why) {
	error_set(why, row->failure->id, "%s", row->failure->message);
	error_hint(why, "%s", row->failure->hint);
}

/* Say what became of a row, and count it. */
static enum caproof_status tell(struct clerk *clerk, const struct item *item, struct error *err) {
	const struct batch_events *events = clerk->line->events;
	struct error why = item->error;
	struct batch_outcome outcome = { .row = item->row, .error = NULL };

	if (item->row->state == BATCH_BAD)
		bad_row(item->row, &why);
	if (why.id == ERROR_NONE && item->row->state == BATCH_OPEN && item->state != ITEM_SEALED)
		return CAPROOF_OK; /* never begun, or dropped */
	if (why.id != ERROR_NONE) {
		remember(clerk, &why);
		clerk->tally->failed++;
		outcome.error = &why;
	} else {
		clerk->tally->done++;
		clerk->tally->earlier += item->row->state != BATCH_OPEN;
		outcome.plan = item->plan;
		outcome.proof = item->state == ITEM_SEALED ? &item->proof : NULL;
	}
	return events->outcome(events->arg, &outcome, err);
}

static void clear_item(struct item *item) {
	plan_free(item->plan);
	bytes_clear(&item->signature);
	proof_clear(&item->proof);
	output_free(item->out);
	memset(item, 0, sizeof(*item));
}

/* With the lock held, but for the work.  False: there was nothing to do. */
static bool finish(struct clerk *clerk) {
	struct line *line = clerk->line;
	size_t from = line->head, to = from;
	struct error why = ERROR_INIT;
	enum caproof_status status;

	while (to < line->planned && is_out(line_item(line, to), line->stopping))
		to++;
	if (from == to)
		return false;
	pthread_mutex_unlock(&line->lock);
	status = place_all(clerk, from, to, &why);
	for (size_t row = from; row < to; row++)
		if (tell(clerk, line_item(line, row), &why) != CAPROOF_OK)
			status = error_status(&why);
	for (size_t row = from; row < to; row++) {
		const struct error *error = &line_item(line, row)->error;

		/* A name that was taken meanwhile, or a full disk, only turns up here. */
		if (error->id != ERROR_NONE && (!line->batch->keep_going || !line_is_own_fault(error)))
			stop(clerk);
	}
	if (status != CAPROOF_OK)
		fail(clerk, &why);
	pthread_mutex_lock(&line->lock);
	for (size_t row = from; row < to; row++)
		clear_item(line_item(line, row));
	line->head = to;
	if (line->taken < to)
		line->taken = to;
	if (line->announced < to)
		line->announced = to;
	pthread_cond_broadcast(&line->to_help);
	return true;
}

/* --- the run --------------------------------------------------------------------------- */

static void wait_a_moment(struct line *line) {
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NS;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_cond_timedwait(&line->to_clerk, &line->lock, &until);
}

static void look_up(struct clerk *clerk) {
	struct line *line = clerk->line;
	const struct batch_events *events = line->events;

	events->tick(events->arg, clerk->tally->done, clerk->tally->failed);
	if (clerk->told_to_stop || !events->stop(events->arg))
		return;
	clerk->told_to_stop = true;
	stop(clerk);
}

static void work(struct clerk *clerk) {
	struct line *line = clerk->line;

	pthread_mutex_lock(&line->lock);
	while (line->head < line->count && !(line->stopping && line->head == line->planned)) {
		bool busy;

		pthread_mutex_unlock(&line->lock);
		look_up(clerk);
		pthread_mutex_lock(&line->lock);
		busy = announce(clerk);
		busy = finish(clerk) || busy;
		/* The lock was held since both found nothing to do: no signal is missed. */
		if (!busy && line->head < line->count)
			wait_a_moment(line);
	}
	line->closing = true;
	pthread_cond_broadcast(&line->to_help);
	pthread_cond_broadcast(&line->to_sign);
	pthread_mutex_unlock(&line->lock);
}

static bool start(struct clerk *clerk, void *(*run)(void *arg), void *arg) {
	if (clerk->threads_count == THREADS_MAX ||
		pthread_create(&clerk->threads[clerk->threads_count], NULL, run, arg) != 0)
		return false;
	clerk->threads_count++;
	return true;
}

/* Signals are for the clerk: a module's call should not be cut short by one. */
static bool start_all(struct clerk *clerk, struct signer *const *signers, unsigned sessions) {
	sigset_t all, before;
	bool good = true;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; good && i < sessions; i++) {
		clerk->hands[i] = (struct line_hand){ clerk->line, signers[i] };
		good = start(clerk, line_hand, &clerk->hands[i]);
	}
	for (unsigned i = 0; good && i < clerk->line->batch->helpers; i++)
		good = start(clerk, line_helper, clerk->line);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return good;
}

static void init_line(struct line *line, struct batch *batch, const struct batch_events *events,
	unsigned sessions) {
	pthread_condattr_t monotonic;

	line->batch = batch;
	line->events = events;
	line->count = batch->list->count;
	line->room = (size_t)sessions * 2 + (size_t)batch->helpers * 2 + 32;
	if (line->room > LINE_ROOM)
		line->room = LINE_ROOM;
	line->ahead = sessions;
	pthread_mutex_init(&line->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&line->to_clerk, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_cond_init(&line->to_help, NULL);
	pthread_cond_init(&line->to_sign, NULL);
}

static void clear_line(struct line *line) {
	for (size_t i = 0; i < LINE_ROOM; i++)
		clear_item(&line->items[i]);
	pthread_cond_destroy(&line->to_help);
	pthread_cond_destroy(&line->to_sign);
	pthread_cond_destroy(&line->to_clerk);
	pthread_mutex_destroy(&line->lock);
}

/* What is returned: the device first, then the disk, then the first row that failed. */
static enum caproof_status verdict(const struct clerk *clerk, struct error *err) {
	if (clerk->device.id != ERROR_NONE)
		*err = clerk->device;
	else if (clerk->broken.id != ERROR_NONE)
		*err = clerk->broken;
	else if (clerk->told_to_stop)
		error_set(err, ERROR_INTERRUPTED, "interrupted");
	else if (clerk->first.id != ERROR_NONE)
		*err = clerk->first;
	else
		return CAPROOF_OK;
	return error_status(err);
}

enum caproof_status batch_run(struct batch *batch, struct signer *const *signers,
	unsigned sessions, const struct batch_events *events, struct batch_tally *tally,
	struct error *err) {
	struct line *line = calloc(1, sizeof(*line));
	struct clerk *clerk = calloc(1, sizeof(*clerk));
	enum caproof_status status;

	memset(tally, 0, sizeof(*tally));
	tally->left = batch->list->count;
	if (line == NULL || clerk == NULL) {
		free(line);
		free(clerk);
		return error_memory(err);
	}
	clerk->line = line;
	clerk->tally = tally;
	init_line(line, batch, events, sessions);
	if (!start_all(clerk, signers, sessions)) {
		error_memory(&clerk->broken);
		stop(clerk);
	}
	work(clerk);
	for (unsigned i = 0; i < clerk->threads_count; i++)
		pthread_join(clerk->threads[i], NULL);
	tally->left = batch->list->count - tally->done - tally->failed;
	clear_line(line);
	status = verdict(clerk, err);
	free(line);
	free(clerk);
	return status;
}
