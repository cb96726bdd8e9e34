/* SPDX-License-Identifier: Apache-2.0
 *
 * A context and its calls.  Every call that can fail begins and ends here, so that the
 * program's OpenSSL is found as it was left: its error queue, its library context, and no
 * random number generator of ours left in its thread.
 */
#include "api.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

struct library *library_use(struct library *library) {
	library->users++;
	return library;
}

void library_leave(struct library *library) {
	if (library == NULL || --library->users > 0)
		return;
	OSSL_LIB_CTX_free(library->openssl);
	free(library);
}

static struct library *library_new(void) {
	struct library *library = calloc(1, sizeof(*library));

	if (library == NULL)
		return NULL;
	library->users = 1;
	library->openssl = OSSL_LIB_CTX_new();
	if (library->openssl != NULL)
		return library;
	free(library);
	return NULL;
}

struct caproof *caproof_new(void) {
	struct caproof *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	ERR_set_mark();
	c->library = library_new();
	ERR_pop_to_mark();
	if (c->library != NULL)
		return c;
	free(c);
	return NULL;
}

void caproof_free(struct caproof *c) {
	if (c == NULL || c->busy)
		return;
	library_leave(c->library);
	free(c->module);
	free(c->platforms);
	free(c);
}

bool call_begin(struct call *call, struct caproof *c) {
	if (c == NULL || c->busy)
		return false;
	*call = (struct call){ .c = c, .err = &c->last.error };
	error_reset(call->err);
	c->busy = true;
	ERR_set_mark();
	call->former = crypto_use(c->library->openssl);
	return true;
}

enum caproof_status call_end(struct call *call, enum caproof_status status) {
	crypto_use(call->former);
	ERR_pop_to_mark();
	OPENSSL_thread_stop_ex(call->c->library->openssl);
	call->c->busy = false;
	return status;
}

enum caproof_status call_needs(struct call *call, const char *what) {
	error_set(call->err, ERROR_USAGE, "an argument is missing: %s", what);
	error_hint(call->err, "libcaproof(3) tells what the function takes");
	return error_status(call->err);
}

time_t time_of(time_t at) {
	return at != 0 ? at : time(NULL);
}

/* --- settings -------------------------------------------------------------------------- */

static enum caproof_status set_text(struct caproof *c, char **where, const char *text) {
	struct call call;
	char *copy = NULL;

	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (text != NULL && (copy = strdup(text)) == NULL)
		return call_end(&call, error_memory(call.err));
	free(*where);
	*where = copy;
	return call_end(&call, CAPROOF_OK);
}

enum caproof_status caproof_set_module(struct caproof *c, const char *path) {
	return c != NULL ? set_text(c, &c->module, path) : CAPROOF_USAGE;
}

enum caproof_status caproof_set_platforms(struct caproof *c, const char *folder) {
	return c != NULL ? set_text(c, &c->platforms, folder) : CAPROOF_USAGE;
}

void caproof_set_pin(struct caproof *c, caproof_pin_callback ask, void *arg) {
	if (c == NULL)
		return;
	c->asker.pin = ask;
	c->asker.pin_arg = arg;
}

void caproof_set_final_try(struct caproof *c, bool allowed) {
	if (c != NULL)
		c->final_try = allowed;
}

void caproof_set_progress(struct caproof *c, caproof_progress_callback tell, void *arg) {
	if (c == NULL)
		return;
	c->asker.progress = tell;
	c->asker.progress_arg = arg;
}

/* --- errors ------------------------------------------------------------------------------ */

const struct caproof_error *caproof_get0_error(const struct caproof *c) {
	return c != NULL ? &c->last : NULL;
}

enum caproof_status caproof_error_status(const struct caproof_error *error) {
	return error != NULL ? error_status(&error->error) : CAPROOF_OK;
}

const char *caproof_error_id(const struct caproof_error *error) {
	return error != NULL ? error_id_name(error->error.id) : NULL;
}

const char *caproof_error_message(const struct caproof_error *error) {
	return error != NULL ? error->error.message : NULL;
}

const char *caproof_error_hint(const struct caproof_error *error) {
	return error != NULL ? error_hint_text(&error->error) : NULL;
}

const char *caproof_error_detail(const struct caproof_error *error) {
	return error != NULL ? error->error.detail : NULL;
}
