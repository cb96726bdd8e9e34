/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing among keys.  The halves of a pair have the same CKA_ID and CKA_LABEL and are
 * of the same kind.  An id alone is not enough: keys share ids.  When two private keys
 * cannot be told apart none is chosen; a wrong guess would be a wrong certificate.
 */
#include "token/key_choice.h"

bool key_is_pair(const struct object *a, const struct object *b) {
	return span_equal(object_id(a), object_id(b)) &&
		span_equal(object_label(a), object_label(b)) &&
		object_id(a).len + object_label(a).len > 0;
}

/* Whether a public key is the half of some private key, by id and label. */
static bool is_taken(const struct key_list *list, const struct object *half) {
	for (size_t i = 0; i < list->count; i++) {
		if (list->objects[i].class == CKO_PRIVATE_KEY && key_is_pair(&list->objects[i], half))
			return true;
	}
	return false;
}

/* Labels of two halves may differ; then the id has to do, for a half that has no better one. */
static bool is_loose_pair(const struct key_list *list, const struct object *private,
	const struct object *half) {
	return object_id(half).len > 0 && span_equal(object_id(private), object_id(half)) &&
		!is_taken(list, half);
}

/* What the public keys in the list that fit a private one say; contradictory ones say
 * nothing. */
static enum object_verdict judge_halves(const struct key_list *list, const struct object *private,
	const struct public_key *key, bool loose) {
	bool equal = false, different = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct object *half = &list->objects[i];
		enum object_verdict verdict = object_compare(half, key);

		if (half->class != CKO_PUBLIC_KEY || !(loose ? is_loose_pair(list, private, half) :
			key_is_pair(private, half)))
			continue;
		equal |= verdict == OBJECT_EQUAL;
		different |= verdict == OBJECT_DIFFERENT;
	}
	if (equal == different)
		return OBJECT_UNKNOWN;
	return equal ? OBJECT_EQUAL : OBJECT_DIFFERENT;
}

/* A certificate's label is rarely its key's: there the id has to do. */
static bool is_half(const struct object *private, const struct object *half) {
	if (half->class == CKO_CERTIFICATE && object_id(half).len > 0)
		return span_equal(object_id(private), object_id(half));
	return key_is_pair(private, half);
}

enum object_verdict key_judge(const struct key_list *list, size_t index,
	const struct key_query *query) {
	const struct object *private = &list->objects[index];
	enum object_verdict verdict = object_compare(private, query->public_key);

	if (verdict == OBJECT_UNKNOWN)
		verdict = judge_halves(list, private, query->public_key, false);
	if (verdict == OBJECT_UNKNOWN && query->half != NULL && is_half(private, query->half))
		verdict = OBJECT_EQUAL;
	if (verdict == OBJECT_UNKNOWN)
		verdict = judge_halves(list, private, query->public_key, true);
	return verdict;
}

/* The same key may be there twice; the one that pairs with the half that was found is it. */
static bool is_better(const struct object *private, const struct key_query *query) {
	return query->half != NULL && key_is_pair(private, query->half);
}

struct poll {
	size_t equal, better, possible, foreign; /* how many */
	size_t at_equal, at_better, at_possible; /* the last of each */
};

static void poll_one(struct poll *poll, const struct key_list *list, size_t i,
	const struct key_query *query) {
	switch (key_judge(list, i, query)) {
	case OBJECT_EQUAL:
		poll->equal++;
		poll->at_equal = i;
		if (is_better(&list->objects[i], query)) {
			poll->better++;
			poll->at_better = i;
		}
		break;
	case OBJECT_UNKNOWN:
		poll->possible++;
		poll->at_possible = i;
		break;
	case OBJECT_DIFFERENT:
		poll->foreign++;
		break;
	}
}

enum key_choice key_choose(const struct key_list *list, const struct key_query *query,
	size_t *index) {
	struct poll poll = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		if (list->objects[i].class == CKO_PRIVATE_KEY)
			poll_one(&poll, list, i, query);
	}
	if (poll.equal == 1 || poll.better == 1) {
		*index = poll.equal == 1 ? poll.at_equal : poll.at_better;
		return KEY_CHOICE_COMPARED;
	}
	if (poll.equal > 1 || poll.possible > 1 || (poll.possible == 1 && list->cut))
		return KEY_CHOICE_SEVERAL;
	*index = poll.at_possible;
	if (poll.possible == 1)
		return KEY_CHOICE_POSSIBLE;
	return poll.foreign > 0 ? KEY_CHOICE_FOREIGN : KEY_CHOICE_NONE;
}
