/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the public library share.  They are a thin layer: arguments are looked
 * at, OpenSSL's context is chosen, the story in src/lib is told, and what it gives is wrapped.
 * Nothing here decides what a proof is.
 */
#ifndef CAPROOF_API_API_H
#define CAPROOF_API_API_H

#include <caproof/caproof.h>

#include "base/checks.h"
#include "base/crypto.h"
#include "plan.h"
#include "seal.h"
#include "subject.h"
#include "token/signer.h"
#include "token/uri.h"

/* The OpenSSL library context of a context and of all that was made with it. */
struct library {
	OSSL_LIB_CTX *openssl;
	unsigned users;
};

struct caproof_error {
	struct error error;
};

struct asker { /* whom a token asks and tells */
	caproof_pin_callback pin;
	void *pin_arg;
	caproof_progress_callback progress;
	void *progress_arg;
};

struct caproof {
	struct library *library;
	struct caproof_error last;
	char *module, *platforms; /* NULL: the default */
	struct asker asker;
	bool final_try;
	bool busy;                /* in a call, so perhaps in a callback */
};

/* Shared, so that whatever needs them may outlive the program's own pointer to them. */
struct caproof_ca {
	struct library *library;
	struct ca *ca;
	unsigned users;
};

struct caproof_platform {
	struct platform *platform;
	unsigned users;
};

struct caproof_checks {
	struct checks checks;       /* owned */
	struct caproof_check *list; /* points into it */
};

struct caproof_plan {
	struct caproof_ca *ca;
	struct caproof_platform *platform;
	struct plan *plan;
	struct caproof_checks *checks;
	time_t now; /* 0: the clock's */
	bool pem;
};

/* --- a call (context.c) --------------------------------------------------------------- */

struct call {
	struct caproof *c;
	struct error *err;     /* where the call's failure goes */
	OSSL_LIB_CTX *former;
};

/* Begin a call with C: a new error, its OpenSSL context.  False: C is NULL or in use. */
NODISCARD bool call_begin(struct call *call, struct caproof *c);
/* End it; returns STATUS. */
enum caproof_status call_end(struct call *call, enum caproof_status status);
/* NULL where there may be none. */
enum caproof_status call_needs(struct call *call, const char *what);

struct library *library_use(struct library *library);
void library_leave(struct library *library); /* NULL is fine */

/* AT, or the clock when it is 0. */
time_t time_of(time_t at);

/* --- wrapping --------------------------------------------------------------------------- */

struct caproof_ca *ca_use(struct caproof_ca *ca);
struct caproof_platform *platform_use(struct caproof_platform *platform);
/* Moves CHECKS into a new list; on failure they are cleared. */
NODISCARD enum caproof_status checks_wrap(struct checks *checks, struct caproof_checks **out,
	struct error *err);

/* --- modules (modules.c) ------------------------------------------------------------------ */

/* The module PATH, opened once in this process however many use it; NULL: p11-kit's proxy.
 * Errors: module.load, module.init. */
NODISCARD enum caproof_status modules_use(const char *path, struct module **out,
	struct error *err);
void modules_leave(struct module *module); /* NULL is fine */

#endif
