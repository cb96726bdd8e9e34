/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads of a batch.  A hand does nothing but sign in its own session, so that the
 * token never waits for software; helpers plan what comes and seal what came.
 */
#include "batch_line.h"

#include "batch_internal.h"

static void stop_line(struct line *line) {
	line->stopping = true;
	pthread_cond_broadcast(&line->to_help);
	pthread_cond_broadcast(&line->to_sign);
	pthread_cond_signal(&line->to_clerk);
}

bool line_is_own_fault(const struct error *why) {
	switch (why->id) {
	case ERROR_SIGNATURE:
	case ERROR_PROOF:
	case ERROR_OUTPUT_EXISTS:
		return true;
	default:
		return error_status(why) == CAPROOF_INPUT;
	}
}

/* With the lock held: ITEM goes on to NEXT, or is settled when it failed. */
static void pass(struct line *line, struct item *item, enum item_state next) {
	item->state = item->error.id == ERROR_NONE ? next : ITEM_SETTLED;
	if (item->error.id != ERROR_NONE &&
		(!line->batch->keep_going || !line_is_own_fault(&item->error)))
		stop_line(line);
	pthread_cond_signal(&line->to_clerk);
}

/* --- helpers ---------------------------------------------------------------------- */

static void plan_item(struct line *line, struct item *item) {
	if (batch_plan(line->batch, item->row, false, &item->plan, &item->error) != CAPROOF_OK)
		item->plan = NULL;
}

static void seal_item(struct line *line, struct item *item) {
	const struct batch *batch = line->batch;
	enum caproof_status status = seal(item->plan, batch->ca, item->row->platform,
		bytes_span(&item->signature), batch->now, batch_is_pem(item->row), &item->proof,
		&item->error);

	bytes_clear(&item->signature);
	if (status == CAPROOF_OK)
		status = output_open_inside(batch->folder, item->row->out, 0644, batch->force, &item->out,
			&item->error);
	if (status == CAPROOF_OK)
		status = output_write(item->out, bytes_span(&item->proof.content), &item->error);
	/* What failed is in the item's error; a hash that was not made is none. */
	if (status == CAPROOF_OK && sha256_hex(bytes_span(&item->proof.content), item->row->sha256,
		&item->error) != CAPROOF_OK)
		item->row->sha256[0] = '\0';
	bytes_clear(&item->proof.content);
}

static bool next_to_seal(struct line *line, size_t *row) {
	if (line->seal_count == 0)
		return false;
	*row = line->to_seal[line->seal_first];
	line->seal_first = (line->seal_first + 1) % LINE_ROOM;
	line->seal_count--;
	return true;
}

static bool next_to_plan(struct line *line, size_t *row) {
	if (line->stopping || line->planned == line->count ||
		line->planned - line->head >= line->room)
		return false;
	*row = line->planned++;
	return true;
}

static void help(struct line *line, struct item *item, enum item_state doing,
	void (*work)(struct line *line, struct item *item), enum item_state done) {
	item->state = doing;
	pthread_mutex_unlock(&line->lock);
	work(line, item);
	pthread_mutex_lock(&line->lock);
	pass(line, item, done);
}

/* A row for which nothing is to be signed: bad, or done before. */
static void settle_at_once(struct line *line, struct item *item) {
	item->state = ITEM_SETTLED;
	pthread_cond_signal(&line->to_clerk);
}

static void begin_row(struct line *line, size_t row) {
	struct item *item = line_item(line, row);

	item->row = &line->batch->rows[row];
	if (item->row->state != BATCH_OPEN)
		settle_at_once(line, item);
	else
		help(line, item, ITEM_PLANNING, plan_item, ITEM_PLANNED);
}

void *line_helper(void *arg) {
	struct line *line = arg;
	size_t row;

	pthread_mutex_lock(&line->lock);
	while (!line->closing) {
		if (next_to_seal(line, &row))
			help(line, line_item(line, row), ITEM_SEALING, seal_item, ITEM_SEALED);
		else if (next_to_plan(line, &row))
			begin_row(line, row);
		else
			pthread_cond_wait(&line->to_help, &line->lock);
	}
	pthread_mutex_unlock(&line->lock);
	return NULL;
}

/* --- hands -------------------------------------------------------------------------- */

/* The next row whose intent is on the disk.  A token that waits for the disk while there is
 * something to announce gets more announced ahead. */
static struct item *next_to_sign(struct line *line) {
	while (!line->stopping && line->taken < line->announced) {
		struct item *item = line_item(line, line->taken++);

		if (item->state == ITEM_ANNOUNCED)
			return item;
	}
	if (line->announced < line->planned && line->ahead < line->room / 2 &&
		line_item(line, line->announced)->state == ITEM_PLANNED) {
		line->ahead++;
		pthread_cond_signal(&line->to_clerk);
	}
	return NULL;
}

static void sign_item(struct line *line, struct signer *signer, struct item *item) {
	const struct batch_events *events = line->events;

	if (events->signing != NULL)
		events->signing(events->arg, true);
	if (signer_sign(signer, &item->plan->algorithm, bytes_span(&item->plan->tbs),
		&item->signature, &item->error) != CAPROOF_OK)
		bytes_clear(&item->signature);
	if (events->signing != NULL)
		events->signing(events->arg, false);
}

static void hand_over(struct line *line, struct item *item) {
	size_t row = (size_t)(item->row - line->batch->rows);

	pass(line, item, ITEM_SIGNED);
	if (item->state != ITEM_SIGNED)
		return;
	line->to_seal[(line->seal_first + line->seal_count) % LINE_ROOM] = row;
	line->seal_count++;
	pthread_cond_signal(&line->to_help);
}

void *line_hand(void *arg) {
	const struct line_hand *hand = arg;
	struct line *line = hand->line;

	pthread_mutex_lock(&line->lock);
	while (!line->closing) {
		struct item *item = next_to_sign(line);

		if (item == NULL) {
			pthread_cond_wait(&line->to_sign, &line->lock);
			continue;
		}
		item->state = ITEM_SIGNING;
		pthread_cond_signal(&line->to_clerk);
		pthread_mutex_unlock(&line->lock);
		sign_item(line, hand->signer, item);
		pthread_mutex_lock(&line->lock);
		hand_over(line, item);
	}
	pthread_mutex_unlock(&line->lock);
	return NULL;
}
