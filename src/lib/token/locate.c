/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing the token.  A PIN goes to one token only, so the token must be certain
 * before anybody is asked: the CA's public key says so, or the URI, or there is no
 * other and the person sees its name.  Sessions are opened without a login, and all
 * but the chosen one are closed again.
 */
#include "token/locate.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "token/mechanism.h"

struct place {
	struct token *token;
	struct session session;
	struct probe probe;
	bool failed;
};

struct places {
	struct token *tokens; /* all of them */
	size_t token_count;
	struct error unread;  /* why a slot is not among them */
	struct place *list;   /* those that fit the query */
	size_t count;
	struct error first;   /* why one of those could not be looked at */
};

static bool names_key(const struct uri *uri) {
	return uri != NULL && (uri_id(uri).len > 0 || uri_object(uri).len > 0);
}

static bool fits(const struct signer_query *query, const struct token *token) {
	return token_is_initialised(token) &&
		(query->uri == NULL || uri_matches_token(query->uri, token));
}

static enum caproof_status pass_on(const struct error *cause, struct error *err) {
	*err = *cause;
	return error_status(err);
}

static void list_token(const struct token *token, struct error *err) {
	char *uri = uri_format(token, NULL, span_of(NULL, 0), span_of(NULL, 0));

	if (uri != NULL)
		error_hint_line(err, "'%s'", uri);
	free(uri);
}

static enum caproof_status no_token_fits(const struct places *places,
	const struct signer_query *query, struct error *err) {
	struct span label = query->uri != NULL ? uri_token(query->uri) : span_of(NULL, 0);
	char shown[160];
	bool any = false;

	/* It may well be the one. */
	if (places->unread.id != ERROR_NONE)
		return pass_on(&places->unread, err);
	if (places->token_count == 0)
		return error_set(err, ERROR_TOKEN_NONE, "the module sees no token");
	for (size_t i = 0; i < places->token_count; i++)
		any |= token_is_initialised(&places->tokens[i]);
	if (!any) {
		error_set(err, ERROR_TOKEN_NONE, "the module sees no token that is initialised");
		error_hint(err, "initialise the token with its own tool, or check --module");
		return error_status(err);
	}
	if (label.len > 0)
		error_set(err, ERROR_TOKEN_MISSING, "there is no token '%s' that fits the URI",
			text_safe(shown, sizeof(shown), label.data, label.len));
	else
		error_set(err, ERROR_TOKEN_MISSING, "no token fits the URI");
	error_hint(err, "check that the token is connected, and its name in the URI; there are:");
	for (size_t i = 0; i < places->token_count; i++) {
		if (token_is_initialised(&places->tokens[i]))
			list_token(&places->tokens[i], err);
	}
	return error_status(err);
}

static enum caproof_status list_places(struct module *module, const struct signer_query *query,
	struct places *places, struct error *err) {
	enum caproof_status status = token_list_all(module, &places->tokens, &places->token_count,
		&places->unread, err);

	if (status != CAPROOF_OK)
		return status;
	places->list = calloc(places->token_count + 1, sizeof(*places->list));
	if (places->list == NULL)
		return error_memory(err);
	for (size_t i = 0; i < places->token_count; i++) {
		if (fits(query, &places->tokens[i]))
			places->list[places->count++].token = &places->tokens[i];
	}
	return places->count > 0 ? CAPROOF_OK : no_token_fits(places, query, err);
}

static enum caproof_status probe_once(const struct signer_query *query, struct place *place,
	struct error *err) {
	if (names_key(query->uri))
		return probe_named(&place->session, uri_id(query->uri), uri_object(query->uri),
			&place->probe, err);
	return probe_value(&place->session, &place->probe, err);
}

static enum caproof_status probe_place(const struct signer_query *query, struct place *place,
	struct error *err) {
	enum caproof_status status;

	place->probe.key = query->public_key;
	place->probe.certificate = query->certificate;
	status = session_open(&place->session, place->token, err);
	if (status != CAPROOF_OK)
		return status;
	status = probe_once(query, place, err);
	if (status == CAPROOF_OK || !place->session.lost)
		return status;
	error_reset(err);
	status = session_renew(&place->session, err);
	return status == CAPROOF_OK ? probe_once(query, place, err) : status;
}

/* One token that fails must not hide another one that has the key. */
static void probe_all(const struct signer_query *query, struct places *places) {
	for (size_t i = 0; i < places->count; i++) {
		struct error err = ERROR_INIT;
		struct place *place = &places->list[i];

		if (probe_place(query, place, &err) == CAPROOF_OK)
			continue;
		place->failed = true;
		session_close(&place->session);
		if (places->first.id == ERROR_NONE)
			places->first = err;
	}
}

static size_t count_result(const struct places *places, enum probe_result result,
	struct place **last) {
	size_t n = 0;

	for (size_t i = 0; i < places->count; i++) {
		if (places->list[i].failed || places->list[i].probe.result != result)
			continue;
		*last = &places->list[i];
		n++;
	}
	return n;
}

static enum caproof_status several_have_it(const struct places *places, struct error *err) {
	error_set(err, ERROR_KEY_SEVERAL, "several tokens hold the CA's public key");
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->list[i];
		const struct object *half = &place->probe.half;
		char *uri;

		if (place->failed || place->probe.result != PROBE_EQUAL)
			continue;
		uri = uri_format(place->token, "private", object_id(half),
			half->class == CKO_CERTIFICATE ? span_of(NULL, 0) : object_label(half));
		if (uri != NULL)
			error_hint_line(err, "'%s'", uri);
		free(uri);
	}
	return error_status(err);
}

static enum caproof_status several_fit(const struct signer_query *query,
	const struct places *places, struct error *err) {
	if (query->uri != NULL && places->count > 1)
		error_set(err, ERROR_TOKEN_SEVERAL, "%zu tokens fit the URI", places->count);
	else if (places->count == 1)
		error_set(err, ERROR_TOKEN_SEVERAL, "no public object of a token shows that it holds the "
			"CA's key, and nothing names the token that the PIN is for");
	else
		error_set(err, ERROR_TOKEN_SEVERAL,
			"there are several tokens, and none shows that it holds the CA's key");
	error_hint(err, "name the token with --key:");
	for (size_t i = 0; i < places->count; i++)
		list_token(places->list[i].token, err);
	return error_status(err);
}

/* A PIN for a token that nobody named, and that the CA certificate did not name either,
 * could be another token's. */
static bool is_certain(struct module *module, const struct signer_query *query) {
	return query->pin_names_token || module_is_named(module) ||
		(query->uri != NULL && uri_names_token(query->uri));
}

static bool is_by_certificate(const struct place *place) {
	return place->probe.result == PROBE_EQUAL && place->probe.half.class == CKO_CERTIFICATE;
}

/* p11-kit shows its certificate stores as tokens; what cannot sign is not meant. */
static void drop_unable(const struct signer_query *query, struct places *places,
	bool stores_only) {
	size_t kept = 0;

	if (places->count < 2)
		return;
	for (size_t i = 0; i < places->count; i++) {
		struct error ignored = ERROR_INIT;
		struct mechanism mechanism;
		struct place *place = &places->list[i];

		if ((stores_only && !is_by_certificate(place)) || place->failed ||
			mechanism_choose(place->token, &query->algorithms[0], query->public_key, NULL,
				&mechanism, &ignored) == CAPROOF_OK || ignored.id != ERROR_KEY_UNABLE)
			places->list[kept++] = *place;
		else
			session_close(&place->session);
	}
	places->count = kept;
}

static enum caproof_status none_is_able(const struct signer_query *query, struct error *err) {
	return error_set(err, ERROR_KEY_UNABLE, "no token can sign with %s",
		algorithm_describe(&query->algorithms[0], query->public_key->type));
}

/* Certificates are copied far from their keys: a chain on somebody's card, a trust store.
 * One alone does not say where a PIN may go while another token could hold the key. */
static bool is_doubtful(const struct signer_query *query, const struct places *places,
	const struct place *one) {
	size_t silent = 0;

	if (!is_by_certificate(one) || query->pin_names_token ||
		(query->uri != NULL && uri_names_token(query->uri)))
		return false;
	for (size_t i = 0; i < places->count; i++)
		silent += places->list[i].failed || places->list[i].probe.result == PROBE_NOTHING;
	return silent > 0;
}

static enum caproof_status choose(struct module *module, const struct signer_query *query,
	struct places *places, struct place **out, struct error *err) {
	struct place *one = NULL;
	size_t equal;
	char token[224];

	drop_unable(query, places, true);
	if (places->count == 0)
		return none_is_able(query, err);
	equal = count_result(places, PROBE_EQUAL, &one);
	if (equal == 1 && is_doubtful(query, places, one))
		return several_fit(query, places, err);
	if (equal == 1) {
		*out = one;
		return CAPROOF_OK;
	}
	if (equal > 1)
		return several_have_it(places, err);
	if (places->first.id != ERROR_NONE)
		return pass_on(&places->first, err);
	/* The slot that could not be read may hold the one. */
	if (places->unread.id != ERROR_NONE && (query->uri == NULL || !uri_names_token(query->uri)))
		return pass_on(&places->unread, err);
	if (places->count == count_result(places, PROBE_FOREIGN, &one))
		return error_set(err, ERROR_KEY_FOREIGN,
			"the key that the URI names on %s is not the CA certificate's",
			token_describe(one->token, token, sizeof(token)));
	drop_unable(query, places, false);
	if (places->count == 0)
		return none_is_able(query, err);
	if (places->count > 1 || !is_certain(module, query))
		return several_fit(query, places, err);
	*out = &places->list[0];
	return CAPROOF_OK;
}

static void close_others(struct places *places, const struct place *chosen) {
	for (size_t i = 0; i < places->count; i++) {
		if (&places->list[i] != chosen)
			session_close(&places->list[i].session);
	}
}

enum caproof_status locate(struct module *module, const struct signer_query *query,
	struct located *out, struct error *err) {
	struct places places = { .unread = ERROR_INIT, .first = ERROR_INIT };
	struct place *chosen = NULL;
	enum caproof_status status = list_places(module, query, &places, err);

	if (status == CAPROOF_OK) {
		probe_all(query, &places);
		status = choose(module, query, &places, &chosen, err);
	}
	close_others(&places, chosen);
	if (status == CAPROOF_OK) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): choose() succeeded */
		out->token = *chosen->token;
		out->session = chosen->session.handle;
		out->result = chosen->probe.result;
		out->half = chosen->probe.half;
	}
	free(places.list);
	free(places.tokens);
	return status;
}

static enum caproof_status choose_only(struct module *module, const struct signer_query *query,
	const struct places *places, struct error *err) {
	if (places->unread.id != ERROR_NONE && (query->uri == NULL || !uri_names_token(query->uri)))
		return pass_on(&places->unread, err);
	if (places->count > 1 || !is_certain(module, query))
		return several_fit(query, places, err);
	return CAPROOF_OK;
}

enum caproof_status locate_only(struct module *module, const struct signer_query *query,
	struct located *out, struct error *err) {
	struct places places = { .unread = ERROR_INIT, .first = ERROR_INIT };
	struct session session = SESSION_INIT;
	enum caproof_status status = list_places(module, query, &places, err);

	if (status == CAPROOF_OK)
		status = choose_only(module, query, &places, err);
	if (status == CAPROOF_OK)
		status = session_open(&session, places.list[0].token, err);
	if (status == CAPROOF_OK) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a session with it is open */
		out->token = *places.list[0].token;
		out->session = session.handle;
		out->result = PROBE_NOTHING;
	}
	free(places.list);
	free(places.tokens);
	return status;
}
