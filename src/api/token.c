/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens, and proofs made with them.  A token whose login failed is used up: nothing that a
 * program does with it can spend another try.
 */
#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "prove.h"

struct caproof_token {
	struct library *library;
	struct caproof_ca *ca;
	struct module *module;
	struct uri *uri;
	struct signer *signer;
	struct algorithm algorithm;
	struct asker asker;
	bool refused; /* the login, or finding the key after it, failed */
};

struct caproof_proof {
	struct bytes octets; /* and a NUL that is not counted */
	char sha256[SHA256_HEX_SIZE];
	struct caproof_checks *checks;
};

/* --- callbacks --------------------------------------------------------------------------- */

static enum caproof_status progress(const struct asker *asker, enum caproof_stage stage,
	struct error *err) {
	if (asker->progress == NULL || asker->progress(asker->progress_arg, stage))
		return CAPROOF_OK;
	return error_set(err, ERROR_INTERRUPTED, "interrupted");
}

static enum caproof_status no_pin(const struct caproof_pin_prompt *prompt, struct error *err) {
	error_set(err, ERROR_PIN_NONE, "no PIN was given for token '%s'", prompt->token);
	error_hint(err, "no try was spent; run this again and give the PIN");
	return error_status(err);
}

/* No PIN has a NUL in it (PKCS#11 2.40, 5.6: UTF-8); with the one behind a C string it is wrong. */
static enum caproof_status check_length(const char *pin, size_t length, struct error *err) {
	if (length > SECRET_MAX)
		return error_set(err, ERROR_USAGE, "the program gave a PIN that is longer than its "
			"room");
	if (memchr(pin, '\0', length) != NULL)
		return error_set(err, ERROR_USAGE, "the program gave a PIN with a NUL in it");
	return CAPROOF_OK;
}

/* The program writes into the pages where the PIN stays; no copy is made. */
static enum caproof_status ask(void *arg, const struct caproof_pin_prompt *prompt,
	struct secret **out, struct error *err) {
	const struct asker *asker = &((struct caproof_token *)arg)->asker;
	struct secret *secret = NULL;
	size_t length = 0;
	enum caproof_status status;

	if (asker->pin == NULL)
		return no_pin(prompt, err);
	status = secret_new(&secret, err);
	if (status != CAPROOF_OK)
		return status;
	if (!asker->pin(asker->pin_arg, prompt, (char *)secret_data(secret), SECRET_MAX, &length))
		status = no_pin(prompt, err);
	else
		status = check_length((const char *)secret_data(secret), length, err);
	if (status != CAPROOF_OK) {
		secret_free(secret);
		return status;
	}
	secret_set_len(secret, length);
	*out = secret;
	return CAPROOF_OK;
}

static void notify(void *arg, const struct caproof_pin_prompt *prompt) {
	const struct asker *asker = &((struct caproof_token *)arg)->asker;
	size_t length = 0;

	if (asker->pin != NULL)
		(void)asker->pin(asker->pin_arg, prompt, NULL, 0, &length);
}

/* --- finding ------------------------------------------------------------------------------ */

/* The PIN is the callback's business, so a URI that names a file for it is a mistake. */
static enum caproof_status read_uri(const char *text, struct uri **out, struct error *err) {
	enum caproof_status status = text != NULL ? uri_parse(text, URI_COMMAND_LINE, out, err) :
		CAPROOF_OK;

	if (status != CAPROOF_OK || text == NULL || uri_pin_source(*out) == NULL)
		return status;
	error_set(err, ERROR_USAGE_URI, "the PKCS#11 URI of the key has a pin-source");
	error_hint(err, "leave it out: the program is asked for the PIN");
	return error_status(err);
}

static enum caproof_status choose_module(const struct caproof *c, const struct uri *uri,
	const char **out, struct error *err) {
	const char *named = uri != NULL ? uri_module_path(uri) : NULL;

	if (named != NULL && c->module != NULL && strcmp(named, c->module) != 0) {
		error_set(err, ERROR_USAGE, "two different PKCS#11 modules are named");
		error_hint(err, "leave one out: the context's, or the module-path of the URI");
		return error_status(err);
	}
	*out = named != NULL ? named : c->module;
	return CAPROOF_OK;
}

static enum caproof_status open_module(const struct caproof *c, struct caproof_token *token,
	struct error *err) {
	const char *path = NULL;
	enum caproof_status status = choose_module(c, token->uri, &path, err);

	if (status == CAPROOF_OK)
		status = progress(&token->asker, CAPROOF_STAGE_MODULE, err);
	return status == CAPROOF_OK ? modules_use(path, &token->module, err) : status;
}

static enum caproof_status locate_key(const struct caproof *c, struct caproof_token *token,
	struct error *err) {
	struct signer_query query = {
		.uri = token->uri,
		.public_key = &token->ca->ca->key,
		.certificate = bytes_span(&token->ca->ca->der),
		.algorithms = { token->algorithm },
		.algorithms_count = 1,
		.pin_names_token = true,
		.allow_final_try = c->final_try,
		.pin = { ask, notify, token },
	};
	enum caproof_status status = progress(&token->asker, CAPROOF_STAGE_FIND, err);

	return status == CAPROOF_OK ? signer_locate(token->module, &query, &token->signer, err) :
		status;
}

static enum caproof_status find(struct call *call, const struct caproof_plan *plan,
	const char *key, struct caproof_token **out) {
	struct caproof_token *token = calloc(1, sizeof(*token));
	enum caproof_status status;

	if (token == NULL)
		return error_memory(call->err);
	token->library = library_use(call->c->library);
	token->ca = ca_use(plan->ca);
	token->algorithm = plan->plan->algorithm;
	token->asker = call->c->asker;
	if ((status = read_uri(key, &token->uri, call->err)) != CAPROOF_OK ||
		(status = open_module(call->c, token, call->err)) != CAPROOF_OK ||
		(status = locate_key(call->c, token, call->err)) != CAPROOF_OK) {
		caproof_token_free(token);
		return status;
	}
	*out = token;
	return CAPROOF_OK;
}

enum caproof_status caproof_token_find(struct caproof *c, const struct caproof_plan *plan,
	const char *key, struct caproof_token **out) {
	struct call call;

	if (out != NULL)
		*out = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (plan == NULL || out == NULL)
		return call_end(&call, call_needs(&call, "plan or out"));
	return call_end(&call, find(&call, plan, key, out));
}

void caproof_token_free(struct caproof_token *token) {
	if (token == NULL)
		return;
	signer_free(token->signer);
	modules_leave(token->module);
	uri_free(token->uri);
	caproof_ca_free(token->ca);
	library_leave(token->library);
	free(token);
}

const char *caproof_token_label(const struct caproof_token *token) {
	return token != NULL ? signer_token(token->signer)->label : NULL;
}

const char *caproof_token_serial(const struct caproof_token *token) {
	return token != NULL ? signer_token(token->signer)->serial : NULL;
}

const char *caproof_token_key(const struct caproof_token *token) {
	return token != NULL ? signer_get0_key(token->signer)->uri : NULL;
}

/* --- proving ------------------------------------------------------------------------------- */

static enum caproof_status check_plan(const struct caproof_token *token,
	const struct caproof_plan *plan, time_t now, struct error *err) {
	if (token->refused)
		return error_set(err, ERROR_USAGE, "this token's login failed already, and nothing is "
			"tried twice: find the token again");
	if (strcmp(plan->ca->ca->spki_sha256, token->ca->ca->spki_sha256) != 0)
		return error_set(err, ERROR_USAGE, "the plan is of another CA than the one whose token "
			"was found");
	if (!algorithm_equal(&plan->plan->algorithm, &token->algorithm))
		return error_set(err, ERROR_USAGE, "the plan is signed in another way than the one that "
			"the token was found for");
	if (plan->plan->form != FORM_SIGNATURE && now > plan->plan->not_after)
		return error_set(err, ERROR_VALIDITY, "the plan's proof would have expired already");
	return CAPROOF_OK;
}

/* One octet more for the final NUL. */
static enum caproof_status copy_octets(const struct bytes *from, struct bytes *to,
	struct error *err) {
	to->data = malloc(from->len + 1);
	if (to->data == NULL)
		return error_memory(err);
	memcpy(to->data, from->data, from->len);
	to->data[from->len] = '\0';
	to->len = from->len;
	return CAPROOF_OK;
}

static enum caproof_status wrap(struct proof *proof, struct caproof_proof **out,
	struct error *err) {
	struct caproof_proof *wrapped = calloc(1, sizeof(*wrapped));
	enum caproof_status status;

	if (wrapped == NULL)
		return error_memory(err);
	memcpy(wrapped->sha256, proof->sha256, sizeof(wrapped->sha256));
	status = copy_octets(&proof->content, &wrapped->octets, err);
	if (status == CAPROOF_OK)
		status = checks_wrap(&proof->checks, &wrapped->checks, err);
	if (status == CAPROOF_OK)
		*out = wrapped;
	else
		caproof_proof_free(wrapped);
	return status;
}

/* Asked when the token has signed. */
static bool is_cancelled(void *arg) {
	const struct asker *asker = &((struct caproof_token *)arg)->asker;

	return asker->progress != NULL &&
		!asker->progress(asker->progress_arg, CAPROOF_STAGE_SEAL);
}

static enum caproof_status sign_and_seal(struct caproof_token *token,
	const struct caproof_plan *plan, time_t now, struct caproof_proof **out,
	struct error *err) {
	struct prove_item item = {
		.plan = plan->plan,
		.ca = plan->ca->ca,
		.platform = plan->platform->platform,
		.now = now,
		.pem = plan->pem,
		.cancelled = is_cancelled,
		.arg = token,
	};
	struct proof proof = { 0 };
	enum caproof_status status = progress(&token->asker, CAPROOF_STAGE_SIGN, err);

	if (status != CAPROOF_OK)
		return status;
	status = prove_unwritten(token->signer, &item, &proof, err);
	if (status == CAPROOF_OK)
		status = wrap(&proof, out, err);
	proof_clear(&proof);
	return status;
}

static enum caproof_status log_in_and_prove(struct call *call, struct caproof_token *token,
	const struct caproof_plan *plan, struct caproof_proof **out) {
	time_t now = time_of(plan->now);
	enum caproof_status status = check_plan(token, plan, now, call->err);

	if (status == CAPROOF_OK)
		status = progress(&token->asker, CAPROOF_STAGE_LOGIN, call->err);
	if (status != CAPROOF_OK)
		return status;
	status = signer_unlock(token->signer, call->err);
	token->refused = status != CAPROOF_OK;
	return status == CAPROOF_OK ? sign_and_seal(token, plan, now, out, call->err) : status;
}

enum caproof_status caproof_prove(struct caproof *c, struct caproof_token *token,
	const struct caproof_plan *plan, struct caproof_proof **out) {
	struct call call;

	if (out != NULL)
		*out = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (token == NULL || plan == NULL || out == NULL)
		return call_end(&call, call_needs(&call, "token, plan or out"));
	return call_end(&call, log_in_and_prove(&call, token, plan, out));
}

void caproof_proof_free(struct caproof_proof *proof) {
	if (proof == NULL)
		return;
	bytes_clear(&proof->octets);
	caproof_checks_free(proof->checks);
	free(proof);
}

const void *caproof_proof_octets(const struct caproof_proof *proof, size_t *size) {
	if (proof == NULL || size == NULL)
		return NULL;
	*size = proof->octets.len;
	return proof->octets.data;
}

const char *caproof_proof_sha256(const struct caproof_proof *proof) {
	return proof != NULL ? proof->sha256 : NULL;
}

const struct caproof_checks *caproof_proof_get0_checks(const struct caproof_proof *proof) {
	return proof != NULL ? proof->checks : NULL;
}
