/* SPDX-License-Identifier: Apache-2.0
 *
 * The signer: locate, unlock, sign.  It ties the parts together and owns what they
 * share: the token, one session, the login, the key.  Going on after a lost session
 * happens here and nowhere else, once.
 */
#include "token/signer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "token/key.h"
#include "token/locate.h"
#include "token/signer_internal.h"

static struct signer *signer_new(const struct signer_query *query) {
	struct signer *signer = calloc(1, sizeof(*signer));

	if (signer != NULL) {
		signer->query = *query;
		signer->own_login.lock = (pthread_mutex_t)LOGIN_LOCK;
		signer->login = &signer->own_login;
	}
	return signer;
}

static enum caproof_status check_type(const struct signer_query *query, struct error *err) {
	if (query->uri == NULL || uri_type(query->uri) == (CK_OBJECT_CLASS)-1 ||
		uri_type(query->uri) == CKO_PRIVATE_KEY)
		return CAPROOF_OK;
	error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI of the key has another type than private");
	error_hint(err, "change its type to type=private, or leave type out");
	return error_status(err);
}

/* What is shown replaces what was shown before, whole or not at all. */
static enum caproof_status show_key(struct signer *signer, struct span id, struct span label,
	struct error *err) {
	char *uri = uri_format(&signer->token, "private", id, label);
	char *text = text_safe_dup(label.data, label.len), *hex = text_hex(id.data, id.len);

	if (uri == NULL || text == NULL || hex == NULL) {
		free(uri);
		free(text);
		free(hex);
		return error_memory(err);
	}
	free(signer->shown.uri);
	free(signer->shown.label);
	free(signer->shown.id);
	signer->shown.uri = uri;
	signer->shown.label = text;
	signer->shown.id = hex;
	if (signer->login == &signer->own_login)
		signer->login->key = *text != '\0' ? text : *hex != '\0' ? hex : NULL;
	return CAPROOF_OK;
}

/* Before the login: what the URI says, else what the public half does. */
static enum caproof_status show_expected(struct signer *signer, struct error *err) {
	const struct uri *uri = signer->query.uri;
	struct span none = span_of("", 0), id = none, label = none;
	enum caproof_status status;

	if (uri != NULL && uri_id(uri).len > 0)
		id = uri_id(uri);
	if (uri != NULL && uri_object(uri).len > 0)
		label = uri_object(uri);
	if (id.len == 0 && label.len == 0 && signer->have_half) {
		id = object_id(&signer->half);
		if (signer->half.class == CKO_PUBLIC_KEY || id.len == 0)
			label = object_label(&signer->half);
	}
	status = show_key(signer, id.len > 0 ? id : none, label.len > 0 ? label : none, err);
	if (status == CAPROOF_OK && id.len == 0 && label.len == 0) {
		free(signer->shown.uri);
		signer->shown.uri = NULL;
	}
	return status;
}

static void set_signings(struct signer *signer) {
	for (size_t i = 0; i < signer->query.algorithms_count; i++) {
		signer->signings[i].algorithm = signer->query.algorithms[i];
		signer->signings[i].public_key = signer->query.public_key;
	}
}

static void take_place(struct signer *signer, const struct located *place) {
	signer->token = place->token;
	signer->session = (struct session){ &signer->token, place->session, true, false };
	signer->have_half = place->result == PROBE_EQUAL;
	if (signer->have_half)
		signer->half = place->half;
	signer->shown.compared = signer->have_half;
	signer->login_token = place->token;
	signer->login->token = &signer->login_token;
	signer->login->ask = &signer->query.pin;
	signer->login->allow_final_try = signer->query.allow_final_try;
	set_signings(signer);
}

static bool login_is_required(const struct signer *signer) {
	return (signer->token.info.flags & CKF_LOGIN_REQUIRED) != 0;
}

/* For each algorithm the first mechanism that the token and, once known, KEY allow. */
static enum caproof_status choose_mechanisms(struct signer *signer, const struct object *key,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < signer->query.algorithms_count; i++) {
		struct signing *signing = &signer->signings[i];

		if (key == NULL || !mechanism_is_allowed(&signing->mechanism, key))
			status = mechanism_choose(&signer->token, &signing->algorithm,
				signer->query.public_key, key, &signing->mechanism, err);
	}
	return status;
}

static enum caproof_status prepare(struct signer *signer, struct module *module,
	struct error *err) {
	struct located *place = malloc(sizeof(*place));
	enum caproof_status status;

	if (place == NULL)
		return error_memory(err);
	status = locate(module, &signer->query, place, err);
	if (status == CAPROOF_OK)
		take_place(signer, place);
	free(place);
	if (status == CAPROOF_OK)
		status = choose_mechanisms(signer, NULL, err);
	if (status == CAPROOF_OK && login_is_required(signer))
		status = login_check(signer->login, err);
	if (status == CAPROOF_OK)
		status = show_expected(signer, err);
	return status;
}

enum caproof_status signer_locate(struct module *module, const struct signer_query *query,
	struct signer **out, struct error *err) {
	enum caproof_status status = check_type(query, err);
	struct signer *signer;

	if (status != CAPROOF_OK)
		return status;
	signer = signer_new(query);
	if (signer == NULL)
		return error_memory(err);
	status = prepare(signer, module, err);
	if (status != CAPROOF_OK) {
		signer_free(signer);
		return status;
	}
	*out = signer;
	return CAPROOF_OK;
}

static enum caproof_status check_key(struct signer *signer, const struct object *key,
	struct error *err) {
	char token[224];

	token_describe(&signer->token, token, sizeof(token));
	if (key->sign_denied) {
		error_set(err, ERROR_KEY_UNABLE, "the CA's key on %s is not allowed to sign (CKA_SIGN is "
			"false)", token);
		error_hint(err, "the key was made for something else: ask whoever made it");
		return error_status(err);
	}
	return choose_mechanisms(signer, key, err);
}

static enum caproof_status find_key(struct signer *signer, struct error *err) {
	const struct uri *uri = signer->query.uri;
	struct key_query query = {
		.public_key = signer->query.public_key,
		.id = uri != NULL ? uri_id(uri) : span_of(NULL, 0),
		.label = uri != NULL ? uri_object(uri) : span_of(NULL, 0),
		.half = signer->have_half ? &signer->half : NULL,
	};
	struct object *key = malloc(sizeof(*key));
	bool compared = false;
	enum caproof_status status;

	if (key == NULL)
		return error_memory(err);
	status = key_find(&signer->session, &query, key, &compared, err);
	if (status == CAPROOF_OK)
		status = check_key(signer, key, err);
	if (status == CAPROOF_OK)
		status = show_key(signer, object_id(key), object_label(key), err);
	if (status == CAPROOF_OK) {
		for (size_t i = 0; i < signer->query.algorithms_count; i++) {
			signer->signings[i].key = key->handle;
			signer->signings[i].always_authenticate = key->always_authenticate;
		}
		signer->shown.always_authenticate = key->always_authenticate;
		signer->shown.compared = compared;
	}
	free(key);
	return status;
}

/* True when the session is gone and a new one may still be had; ERR is then free for the
 * second attempt. */
static bool may_renew(struct signer *signer, struct error *err) {
	if (!signer->session.lost || signer->renewed)
		return false;
	signer->renewed = true;
	error_reset(err);
	return true;
}

static enum caproof_status renew(struct signer *signer, struct error *err) {
	enum caproof_status status = session_renew(&signer->session, err);

	if (status == CAPROOF_OK)
		status = login_restore(signer->login, &signer->session, err);
	return status;
}

static enum caproof_status find_key_again(struct signer *signer, struct error *err) {
	enum caproof_status status = find_key(signer, err);

	if (status == CAPROOF_OK || !may_renew(signer, err))
		return status;
	status = renew(signer, err);
	return status == CAPROOF_OK ? find_key(signer, err) : status;
}

static bool has_pin(const struct signer *signer) {
	return (signer->token.info.flags & (CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED)) != 0;
}

static enum caproof_status log_in_to_only(struct signer *signer, struct module *module,
	struct error *err) {
	struct located *place = malloc(sizeof(*place));
	enum caproof_status status;

	if (place == NULL)
		return error_memory(err);
	status = locate_only(module, &signer->query, place, err);
	if (status == CAPROOF_OK)
		take_place(signer, place);
	free(place);
	if (status == CAPROOF_OK)
		status = show_expected(signer, err);
	return status == CAPROOF_OK && has_pin(signer) ?
		login_user(signer->login, &signer->session, err) : status;
}

static enum caproof_status read_halves(struct signer *signer, struct public_halves *halves,
	struct error *err) {
	const struct uri *uri = signer->query.uri;
	char token[224];
	enum caproof_status status = public_halves_gather(&signer->session, uri, halves, err);

	if (status != CAPROOF_OK && may_renew(signer, err)) {
		status = renew(signer, err);
		if (status == CAPROOF_OK)
			status = public_halves_gather(&signer->session, uri, halves, err);
	}
	if (status != CAPROOF_OK || halves->count > 0)
		return status;
	error_set(err, ERROR_KEY_NONE, "%s shows no public half of a key that fits the URI%s",
		token_describe(&signer->token, token, sizeof(token)),
		signer->login->accepted ? ", not after the login either" : "");
	error_hint(err, "check the URI; a CA certificate needs the public key: write it into the token "
		"beside the private one, with the same id, or give an older certificate with --like");
	return error_status(err);
}

enum caproof_status signer_reveal(struct module *module, const struct signer_query *query,
	struct public_halves *halves, struct signer **out, struct error *err) {
	struct signer *signer = signer_new(query);
	enum caproof_status status;

	if (signer == NULL)
		return error_memory(err);
	status = log_in_to_only(signer, module, err);
	if (status == CAPROOF_OK)
		status = read_halves(signer, halves, err);
	if (status != CAPROOF_OK) {
		public_halves_clear(halves);
		signer_free(signer);
		return status;
	}
	*out = signer;
	return CAPROOF_OK;
}

enum caproof_status signer_know(struct signer *signer, const struct public_key *key,
	const struct algorithm *algorithm, struct error *err) {
	signer->query.public_key = key;
	signer->query.algorithms[0] = *algorithm;
	signer->query.algorithms_count = 1;
	set_signings(signer);
	return choose_mechanisms(signer, NULL, err);
}

static enum caproof_status log_in_and_find(struct signer *signer, struct error *err) {
	enum caproof_status status = login_user(signer->login, &signer->session, err);

	return status == CAPROOF_OK ? find_key_again(signer, err) : status;
}

enum caproof_status signer_unlock(struct signer *signer, struct error *err) {
	enum caproof_status status;

	if (signer->unlocked)
		return CAPROOF_OK;
	if (signer->login->accepted) {
		status = find_key_again(signer, err);
	} else if (login_is_required(signer)) {
		status = log_in_and_find(signer, err);
	} else {
		status = find_key_again(signer, err);
		/* No login is required, but private objects may want one all the same. */
		if (status != CAPROOF_OK && err->id == ERROR_KEY_NONE &&
			(signer->token.info.flags & CKF_USER_PIN_INITIALIZED) != 0) {
			error_reset(err);
			status = log_in_and_find(signer, err);
		}
	}
	signer->unlocked = status == CAPROOF_OK;
	return status;
}

static enum caproof_status sign_prepared(struct signer *signer, const struct signing *signing,
	const struct bytes *input, struct bytes *signature, struct error *err) {
	unsigned contexts = signer->login->contexts;
	bool called = false;
	enum caproof_status status = sign_once(&signer->session, signer->login, signing, input,
		&called, signature, err);

	/* Only as long as C_Sign was not called: after that the token may have signed, and these
	 * octets, with their serial number, are used up.  A PIN that was given for this signature
	 * is not given for it again. */
	if (status == CAPROOF_OK || called || signer->login->contexts != contexts ||
		!may_renew(signer, err))
		return status;
	status = renew(signer, err);
	if (status == CAPROOF_OK)
		status = find_key(signer, err);
	if (status != CAPROOF_OK)
		return status;
	return sign_once(&signer->session, signer->login, signing, input, &called, signature, err);
}

static const struct signing *signing_for(const struct signer *signer,
	const struct algorithm *algorithm) {
	for (size_t i = 0; i < signer->query.algorithms_count; i++) {
		const struct algorithm *a = &signer->signings[i].algorithm;

		if (algorithm_equal(a, algorithm))
			return &signer->signings[i];
	}
	return NULL;
}

enum caproof_status signer_sign(struct signer *signer, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	const struct signing *signing = signing_for(signer, algorithm);
	struct bytes input = BYTES_INIT;
	enum caproof_status status;

	if (!signer->unlocked || !signer->session.open)
		return error_set(err, ERROR_DEVICE,
			"cannot sign: there is no open session with the token any more");
	if (signing == NULL)
		return error_set(err, ERROR_INTERNAL, "a signature was asked for in a way that was not "
			"prepared");
	status = sign_prepare(signing, message, &input, err);
	if (status == CAPROOF_OK)
		status = sign_prepared(signer, signing, &input, signature, err);
	bytes_clear(&input);
	return status;
}

void signer_free(struct signer *signer) {
	if (signer == NULL)
		return;
	session_close(&signer->session);
	login_clear(&signer->own_login);
	free(signer->shown.uri);
	free(signer->shown.label);
	free(signer->shown.id);
	free(signer);
}

const struct token *signer_token(const struct signer *signer) {
	return &signer->token;
}

const struct signer_key *signer_get0_key(const struct signer *signer) {
	return &signer->shown;
}
