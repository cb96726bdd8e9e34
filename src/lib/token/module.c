/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a module.  The only file that uses libp11, and only for what it does
 * well: C_Initialize with the right arguments, C_GetInfo, C_Finalize.  Sessions,
 * logins, searches and signatures go through the function list: libp11 0.4.12 reads
 * every object of a token, waits for ever when a session cannot be opened and finds
 * the wrong public half of an EC key.
 */
#include "token/module.h"

#include <dlfcn.h>
#include <libp11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "token/ckr.h"
#include "token/module_file.h"

#ifndef P11_KIT_PROXY_MODULE
#error "P11_KIT_PROXY_MODULE must be the path of p11-kit's proxy module"
#endif

/* What changes in the life of a module that its users see as constant. */
struct state {
	bool started;      /* our list is an instance of its own: it is finalised as well */
	bool asked, known; /* C_GetInfo, which is called only when somebody wants it */
	CK_INFO info;
	char version[16];
};

struct module {
	char *path;
	bool named;
	void *handle;
	CK_FUNCTION_LIST *functions;
	PKCS11_CTX *ctx;
	struct state *state;
	char description[160];
};

/* libp11 leaves the return value in OpenSSL's queue, cut to 23 bits.  So a vendor's
 * value looks like a standard one: what C_Initialize and C_GetInfo have no reason to
 * return is taken for the vendor's. */
static CK_RV whole_value(unsigned long cut) {
	static const CK_RV plausible[] = { CKR_HOST_MEMORY, CKR_SLOT_ID_INVALID, CKR_GENERAL_ERROR,
		CKR_FUNCTION_FAILED, CKR_ARGUMENTS_BAD, CKR_NEED_TO_CREATE_THREADS, CKR_CANT_LOCK,
		CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY, CKR_DEVICE_REMOVED, CKR_FUNCTION_CANCELED,
		CKR_FUNCTION_NOT_SUPPORTED, CKR_SESSION_CLOSED, CKR_SESSION_COUNT,
		CKR_SESSION_HANDLE_INVALID, CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED,
		CKR_CRYPTOKI_NOT_INITIALIZED, CKR_MUTEX_BAD, 0x1b6, 0x1b7, 0x1c1, 0x1c2,
		CKR_FUNCTION_REJECTED, 0x201 };

	for (size_t i = 0; i < sizeof(plausible) / sizeof(plausible[0]); i++) {
		if (plausible[i] == cut)
			return cut;
	}
	return CKR_VENDOR_DEFINED | cut;
}

/* Whatever a module says to its initialisation, the module is not available: the
 * sentence is the return value's, the id is module.init. */
static enum caproof_status init_error(CK_RV rv, const char *path, struct error *err) {
	struct error cause = ERROR_INIT;
	char shown[512];

	text_safe(shown, sizeof(shown), path, strlen(path));
	ckr_error(&cause, rv, "C_Initialize", path, "cannot initialise module '%s'", shown);
	if (rv == CKR_ARGUMENTS_BAD) {
		error_set(err, ERROR_MODULE_INIT, "cannot initialise module '%s': it does not take the "
			"standard arguments, and seems to want arguments of its own", shown);
		error_hint(err, "describe the module in a p11-kit .module file, with its arguments behind "
			"x-init-reserved, and leave out --module; caproof(1) shows how for NSS");
	} else {
		error_set(err, ERROR_MODULE_INIT, "%s", cause.message);
		if (cause.id != ERROR_DEVICE && cause.hint[0] != '\0')
			error_hint(err, "%s", cause.hint);
	}
	error_detail(err, "%s", cause.detail);
	return error_status(err);
}

static enum caproof_status initialise(struct module *module, struct error *err) {
	unsigned long code;
	const char *description;
	char shown[512];

	module->ctx = PKCS11_CTX_new();
	if (module->ctx == NULL)
		return error_memory(err);
	if (PKCS11_CTX_load(module->ctx, module->path) == 0) {
		description = module->ctx->description != NULL ? module->ctx->description : "";
		text_safe(module->description, sizeof(module->description), description,
			strlen(description));
		return CAPROOF_OK;
	}
	code = ERR_peek_last_error();
	if (ERR_GET_LIB(code) == ERR_get_CKR_code())
		init_error(whole_value((unsigned long)ERR_GET_REASON(code)), module->path, err);
	else
		error_set(err, ERROR_MODULE_LOAD, "cannot load module '%s'",
			text_safe(shown, sizeof(shown), module->path, strlen(module->path)));
	ERR_clear_error();
	/* libp11 finalised and unloaded it already; 0.4.12 would do so once more. */
	PKCS11_CTX_free(module->ctx);
	module->ctx = NULL;
	return error_status(err);
}

enum caproof_status module_open(const char *path, struct module **out, struct error *err) {
	struct module *module = calloc(1, sizeof(*module));
	enum caproof_status status;

	if (module == NULL)
		return error_memory(err);
	module->named = path != NULL;
	module->path = strdup(path != NULL ? path : P11_KIT_PROXY_MODULE);
	module->state = calloc(1, sizeof(*module->state));
	if (module->path == NULL || module->state == NULL) {
		status = error_memory(err);
		goto out;
	}
	status = module_file_load(module->path, &module->handle, &module->functions, err);
	if (status == CAPROOF_OK)
		status = initialise(module, err);
out:
	if (status != CAPROOF_OK) {
		module_close(module);
		return status;
	}
	*out = module;
	return CAPROOF_OK;
}

static void dispose(struct module *module, bool finalise) {
	if (module == NULL)
		return;
	if (module->state != NULL && module->state->started)
		module->functions->C_Finalize(NULL);
	if (module->ctx != NULL && finalise)
		PKCS11_CTX_unload(module->ctx);
	if (module->ctx != NULL)
		PKCS11_CTX_free(module->ctx);
	if (module->handle != NULL)
		dlclose(module->handle);
	free(module->state);
	free(module->path);
	free(module);
}

void module_close(struct module *module) {
	dispose(module, true);
}

void module_leave(struct module *module) {
	dispose(module, false);
}

CK_FUNCTION_LIST *module_functions(const struct module *module) {
	return module->functions;
}

const char *module_path(const struct module *module) {
	return module->path;
}

const char *module_description(const struct module *module) {
	return module->description;
}

bool module_is_named(const struct module *module) {
	return module->named;
}

bool module_start(const struct module *module) {
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	if (module->state->started)
		return false;
	module->state->started = module->functions->C_Initialize(&args) == CKR_OK;
	return module->state->started;
}

const CK_INFO *module_info(const struct module *module) {
	struct state *state = module->state;
	CK_RV rv;

	if (!state->asked) {
		state->asked = true;
		rv = module->functions->C_GetInfo(&state->info);
		if (rv == CKR_CRYPTOKI_NOT_INITIALIZED && module_start(module))
			rv = module->functions->C_GetInfo(&state->info);
		state->known = rv == CKR_OK;
	}
	return state->known ? &state->info : NULL;
}

const char *module_version(const struct module *module) {
	const CK_INFO *info = module_info(module);
	struct state *state = module->state;

	if (info != NULL && state->version[0] == '\0')
		snprintf(state->version, sizeof(state->version), "%u.%u", info->libraryVersion.major,
			info->libraryVersion.minor);
	return state->version;
}
