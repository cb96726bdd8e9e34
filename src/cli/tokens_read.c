/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the tokens.  Which one a PIN goes to is settled before anything else: the
 * only one there is, or the only one that --key leaves.
 */
#include "tokens.h"

#include <stdlib.h>

#include "interrupt.h"

static struct span nothing(void) {
	return span_of(NULL, 0);
}

static void list_token(const struct token *token, struct error *err) {
	char *uri = uri_format(token, NULL, nothing(), nothing());

	if (uri != NULL)
		error_hint_line(err, "'%s'", uri);
	free(uri);
}

static enum caproof_status no_token(const struct tokens_run *run, struct error *err) {
	/* It may well be the one that was meant. */
	if (run->unread.id != ERROR_NONE) {
		*err = run->unread;
		return error_status(err);
	}
	if (run->token_count == 0)
		return error_set(err, ERROR_TOKEN_NONE, "the module sees no token");
	error_set(err, ERROR_TOKEN_MISSING, "no token fits the URI");
	error_hint(err, "check that the token is connected, and its name in the URI; there are:");
	for (size_t i = 0; i < run->token_count; i++) {
		if (token_is_initialised(&run->tokens[i]))
			list_token(&run->tokens[i], err);
	}
	return error_status(err);
}

static struct login make_login(struct tokens_place *place, const struct tokens_options *o,
	const struct signer_pin *ask) {
	return (struct login){
		.token = &place->token,
		.ask = ask,
		.allow_final_try = o->allow_final_try,
		.lock = LOGIN_LOCK,
	};
}

/* A PIN from a file may be meant for the token that could not be read. */
static enum caproof_status check_unread(const struct tokens_run *run, struct error *err) {
	const struct uri *wanted = run->options->key;

	if (run->unread.id == ERROR_NONE || (wanted != NULL && uri_names_token(wanted)))
		return CAPROOF_OK;
	*err = run->unread;
	error_context(err, "will not log in while it is not certain to which token");
	error_hint(err, "name the token with --key 'pkcs11:token=...'");
	return error_status(err);
}

/* Exactly one token can get the PIN, and its flags allow that. */
static enum caproof_status check_login(const struct tokens_run *run, struct error *err) {
	struct tokens_place *only = NULL;
	struct login login;
	size_t initialised = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (!token_is_initialised(&run->places[i].token))
			continue;
		only = &run->places[i];
		initialised++;
	}
	if (initialised == 0) {
		error_set(err, ERROR_TOKEN_NONE, "there is no token to log in to: none is initialised");
		error_hint(err, "initialise the token with its own tool, or check --module");
		return error_status(err);
	}
	if (initialised == 1) {
		enum caproof_status status = check_unread(run, err);

		login = make_login(only, run->options, NULL);
		return status == CAPROOF_OK ? login_check(&login, err) : status;
	}
	error_set(err, ERROR_TOKEN_SEVERAL, "there are %zu tokens to log in to, and a PIN goes to one "
		"only", initialised);
	error_hint(err, "choose one with --key:");
	for (size_t i = 0; i < run->count; i++) {
		if (token_is_initialised(&run->places[i].token))
			list_token(&run->places[i].token, err);
	}
	return error_status(err);
}

enum caproof_status tokens_find(struct tokens_run *run, struct error *err) {
	const struct uri *wanted = run->options->key;
	enum caproof_status status = token_list_all(run->module, &run->tokens, &run->token_count,
		&run->unread, err);

	if (status != CAPROOF_OK)
		return status;
	run->places = calloc(run->token_count + 1, sizeof(*run->places));
	if (run->places == NULL)
		return error_memory(err);
	for (size_t i = 0; i < run->token_count; i++) {
		if (wanted == NULL || uri_matches_token(wanted, &run->tokens[i]))
			run->places[run->count++].token = run->tokens[i];
	}
	if (run->count == 0)
		return no_token(run, err);
	return run->options->login ? check_login(run, err) : CAPROOF_OK;
}

/* The login ends with the session, so all that it shows is read in here. */
static enum caproof_status read_objects(struct tokens_run *run, struct tokens_place *place,
	struct error *err) {
	const struct tokens_options *o = run->options;
	struct signer_pin ask = { pin_ask, pin_notify, (void *)(uintptr_t)&o->pin };
	struct session session = SESSION_INIT;
	struct login login = make_login(place, o, &ask);
	enum caproof_status status = session_open(&session, &place->token, err);

	if (status == CAPROOF_OK)
		status = inventory_read(&session, o->login ? &login : NULL, &place->inventory, err);
	login_clear(&login);
	session_close(&session);
	/* Even where no login is required, objects may be private. */
	place->hidden = !o->login &&
		(place->token.info.flags & (CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED)) != 0;
	return status;
}

static enum caproof_status read_place(struct tokens_run *run, struct tokens_place *place,
	struct error *err) {
	enum caproof_status status = ability_read(&place->token, place->abilities,
		&place->ability_count, err);

	if (status != CAPROOF_OK)
		return status;
	place->uri = uri_format(&place->token, NULL, nothing(), nothing());
	if (place->uri == NULL)
		return error_memory(err);
	if (!token_is_initialised(&place->token))
		return CAPROOF_OK;
	status = read_objects(run, place, err);
	return status == CAPROOF_OK ? tokens_pair(place, run->options->key, err) : status;
}

enum caproof_status tokens_read(struct tokens_run *run, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < run->count; i++) {
		if (interrupt_pending())
			return error_set(err, ERROR_INTERRUPTED, "interrupted");
		status = read_place(run, &run->places[i], err);
	}
	return status;
}

void tokens_place_clear(struct tokens_place *place) {
	for (size_t i = 0; i < place->key_count; i++) {
		free(place->keys[i].uri);
		free(place->keys[i].label);
		free(place->keys[i].id);
		free(place->keys[i].type);
	}
	for (size_t i = 0; i < place->certificate_count; i++) {
		free(place->certificates[i].uri);
		glance_clear(&place->certificates[i].glance);
	}
	free(place->keys);
	free(place->certificates);
	inventory_clear(&place->inventory);
	free(place->uri);
}
