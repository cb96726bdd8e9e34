/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the private key after the login: by what the URI says, by the id of the
 * public half, by the modulus, or by the kind of key; each a search with a small
 * template.  It refuses to guess: a key that somebody else's public half belongs to,
 * or one of several that look alike, is an error before anything is signed.
 */
#include "token/key.h"

#include <stdlib.h>
#include <string.h>

#include "token/key_choice.h"
#include "token/uri.h"

/* How a list came about decides what may be concluded from it. */
struct search_plan {
	bool private_only;  /* else public halves are listed as well */
	bool by_type;
	bool by_modulus;
	bool by_params;
	struct span id, label;
};

static void list_clear(struct key_list *list) {
	free(list->objects);
	*list = (struct key_list){ NULL, 0, false };
}

static enum caproof_status read_all(struct session *session, const struct found *found,
	enum key_type type, struct key_list *list, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	list->objects = malloc((found->count > 0 ? found->count : 1) * sizeof(*list->objects));
	if (list->objects == NULL)
		return error_memory(err);
	list->cut = found->cut;
	for (size_t i = 0; i < found->count && status == CAPROOF_OK; i++) {
		status = object_read(session, found->handles[i], type, &list->objects[i], err);
		if (status == CAPROOF_OK)
			list->count++;
	}
	return status;
}

/* What was searched for need not be shown as well. */
static void take_for_granted(const struct search_plan *plan, const struct public_key *key,
	struct key_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		struct object *object = &list->objects[i];

		if (plan->private_only)
			object->class = CKO_PRIVATE_KEY;
		if (!plan->by_modulus || key->modulus.len > sizeof(object->modulus.data))
			continue;
		object->modulus.present = true;
		object->modulus.len = key->modulus.len;
		memcpy(object->modulus.data, key->modulus.data, key->modulus.len);
	}
}

/* Replaces LIST. */
static enum caproof_status gather(struct session *session, const struct public_key *key,
	const struct search_plan *plan, struct key_list *list, struct error *err) {
	struct template t = { .count = 0 };
	struct found found;
	enum caproof_status status;

	list_clear(list);
	if (plan->private_only)
		template_class(&t, CKO_PRIVATE_KEY);
	if (plan->by_type)
		template_key_type(&t, key->type);
	template_add(&t, CKA_ID, plan->id);
	template_add(&t, CKA_LABEL, plan->label);
	if (plan->by_modulus)
		template_add(&t, CKA_MODULUS, bytes_span(&key->modulus));
	if (plan->by_params)
		template_add(&t, CKA_EC_PARAMS, bytes_span(&key->ec_params));
	/* With the modulus in the template it cannot be another key. */
	status = search(session, &t, plan->by_modulus ? 3 : SEARCH_MAX, !plan->by_modulus, &found,
		err);
	if (status == CAPROOF_OK)
		status = read_all(session, &found, key->type, list, err);
	take_for_granted(plan, key, list);
	return status;
}

static size_t count_private(const struct key_list *list) {
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		n += list->objects[i].class == CKO_PRIVATE_KEY;
	return n;
}

static bool is_named(const struct key_query *query) {
	return query->id.len > 0 || query->label.len > 0;
}

/* What is known of the private key's names: from the URI, else from the public half. */
static void use_names(struct search_plan *plan, const struct key_query *query) {
	plan->id = query->id;
	plan->label = query->label;
	if (query->half == NULL)
		return;
	if (plan->id.len == 0)
		plan->id = object_id(query->half);
	if (plan->id.len == 0 && plan->label.len == 0)
		plan->label = object_label(query->half);
}

/* By the kind of key alone, with public halves to tell them apart: private public keys
 * exist. */
static enum caproof_status gather_kind(struct session *session, const struct key_query *query,
	struct key_list *list, struct error *err) {
	struct search_plan plan = {
		.private_only = query->public_key->type == KEY_RSA,
		.by_type = true,
		.by_params = query->public_key->type == KEY_EC,
	};

	return gather(session, query->public_key, &plan, list, err);
}

static enum caproof_status gather_named(struct session *session, const struct key_query *query,
	struct key_list *list, struct error *err) {
	const struct public_key *key = query->public_key;
	struct search_plan plan = {
		.private_only = query->half != NULL,
		.by_type = query->half != NULL,
	};
	enum caproof_status status;

	use_names(&plan, query);
	/* Keys share ids more often than id and label. */
	if (query->half != NULL && query->half->class == CKO_PUBLIC_KEY && plan.label.len == 0 &&
		object_label(query->half).len > 0) {
		plan.label = object_label(query->half);
		status = gather(session, key, &plan, list, err);
		if (status != CAPROOF_OK || count_private(list) > 0)
			return status;
		plan.label = query->label;
	}
	status = gather(session, key, &plan, list, err);
	if (status != CAPROOF_OK || count_private(list) > 0)
		return status;
	/* A key of that name but of another kind is a foreign key, not a missing one. */
	if (is_named(query) && plan.by_type) {
		plan = (struct search_plan){ .private_only = true, .id = query->id,
			.label = query->label };
		return gather(session, key, &plan, list, err);
	}
	/* A certificate may be stored under another id than its key. */
	if (!is_named(query) && (object_id(query->half).len == 0 ||
		query->half->class == CKO_CERTIFICATE))
		return gather_kind(session, query, list, err);
	return CAPROOF_OK;
}

static enum caproof_status gather_candidates(struct session *session,
	const struct key_query *query, struct key_list *list, struct error *err) {
	struct search_plan plan = { .private_only = true, .by_modulus = true, .id = query->id,
		.label = query->label };
	enum caproof_status status;

	if (query->public_key->type == KEY_RSA) {
		status = gather(session, query->public_key, &plan, list, err);
		if (status != CAPROOF_OK || list->count > 0)
			return status;
	}
	if (is_named(query) || query->half != NULL)
		return gather_named(session, query, list, err);
	return gather_kind(session, query, list, err);
}

static enum caproof_status list_candidates(const struct session *session,
	const struct key_list *list, const struct key_query *query, struct error *err) {
	char token[224], *last = NULL;
	bool alike = false;

	error_set(err, ERROR_KEY_SEVERAL, "%s has several private keys that may be the CA's",
		token_describe(session->token, token, sizeof(token)));
	for (size_t i = 0; i < list->count; i++) {
		const struct object *object = &list->objects[i];
		char *uri;

		if (object->class != CKO_PRIVATE_KEY || key_judge(list, i, query) == OBJECT_DIFFERENT)
			continue;
		uri = uri_format(session->token, "private", object_id(object), object_label(object));
		if (uri != NULL)
			error_hint_line(err, "'%s'", uri);
		alike |= uri != NULL && last != NULL && strcmp(uri, last) == 0;
		free(last);
		last = uri;
	}
	free(last);
	if (alike)
		error_hint_line(err, "keys of this token share id and label, so that no URI tells them "
			"apart: change the id of one with the token's own tool");
	return error_status(err);
}

static enum caproof_status foreign(const struct session *session, const struct key_query *query,
	struct error *err) {
	char token[224];

	token_describe(session->token, token, sizeof(token));
	if (is_named(query))
		return error_set(err, ERROR_KEY_FOREIGN,
			"the private key that the URI names on %s is not the CA certificate's", token);
	return error_set(err, ERROR_KEY_NONE,
		"%s holds no private key that belongs to the CA certificate", token);
}

static enum caproof_status none(const struct session *session, const struct key_query *query,
	struct error *err) {
	char token[224];

	token_describe(session->token, token, sizeof(token));
	if (is_named(query))
		return error_set(err, ERROR_KEY_NONE, "%s holds no private key of the URI's id and label",
			token);
	if (query->half != NULL)
		return error_set(err, ERROR_KEY_NONE,
			"%s holds the CA's public key or certificate, but not its private key", token);
	return error_set(err, ERROR_KEY_NONE,
		"%s holds no private key that belongs to the CA certificate", token);
}

/* The candidate's own public half, when the list cannot have shown it: only private keys
 * were asked for. */
static enum caproof_status check_half(struct session *session, const struct key_query *query,
	const struct object *key, bool *compared, struct error *err) {
	struct probe probe = { .key = query->public_key };
	enum caproof_status status;

	*compared = false;
	if (query->half == NULL && query->public_key->type != KEY_RSA)
		return CAPROOF_OK;
	status = probe_named(session, object_id(key), object_label(key), &probe, err);
	if (status == CAPROOF_OK && probe.result == PROBE_FOREIGN)
		return foreign(session, query, err);
	if (status == CAPROOF_OK)
		*compared = probe.result == PROBE_EQUAL;
	return status;
}

/* More than can be told apart: ask for the public half, which the login may have made
 * visible, and for the names that it has. */
static enum caproof_status narrow(struct session *session, const struct key_query *query,
	struct key_list *list, struct object *half, struct key_query *narrower, struct error *err) {
	struct probe probe = { .key = query->public_key };
	struct search_plan plan = { .private_only = true, .by_type = true };
	enum caproof_status status = CAPROOF_OK;

	*narrower = *query;
	if (query->half == NULL) {
		status = probe_value(session, &probe, err);
		if (status != CAPROOF_OK || probe.result != PROBE_EQUAL)
			return status;
		*half = probe.half;
		narrower->half = half;
	}
	use_names(&plan, narrower);
	if (plan.label.len == 0)
		plan.label = object_label(narrower->half);
	return gather(session, query->public_key, &plan, list, err);
}

static enum caproof_status conclude(struct session *session, const struct key_list *list,
	const struct key_query *query, struct object *out, bool *compared, struct error *err) {
	size_t index = 0;

	switch (key_choose(list, query, &index)) {
	case KEY_CHOICE_COMPARED:
		*compared = true;
		break;
	case KEY_CHOICE_POSSIBLE: {
		enum caproof_status status = check_half(session, query, &list->objects[index], compared,
			err);

		if (status != CAPROOF_OK)
			return status;
		break;
	}
	case KEY_CHOICE_SEVERAL:
		return list_candidates(session, list, query, err);
	case KEY_CHOICE_FOREIGN:
		return foreign(session, query, err);
	case KEY_CHOICE_NONE:
		return none(session, query, err);
	}
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): of no objects none is chosen */
	*out = list->objects[index];
	return CAPROOF_OK;
}

enum caproof_status key_find(struct session *session, const struct key_query *query,
	struct object *out, bool *compared, struct error *err) {
	struct key_list list = { NULL, 0, false }, narrowed = { NULL, 0, false };
	struct key_query narrower;
	struct object *half = malloc(sizeof(*half));
	enum caproof_status status;
	size_t index;

	if (half == NULL)
		return error_memory(err);
	status = gather_candidates(session, query, &list, err);
	if (status != CAPROOF_OK)
		goto out;
	if (key_choose(&list, query, &index) != KEY_CHOICE_SEVERAL) {
		status = conclude(session, &list, query, out, compared, err);
		goto out;
	}
	status = narrow(session, query, &narrowed, half, &narrower, err);
	if (status == CAPROOF_OK && count_private(&narrowed) > 0)
		status = conclude(session, &narrowed, &narrower, out, compared, err);
	else if (status == CAPROOF_OK)
		status = conclude(session, &list, query, out, compared, err);
out:
	free(half);
	list_clear(&list);
	list_clear(&narrowed);
	return status;
}
