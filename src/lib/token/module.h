/* SPDX-License-Identifier: Apache-2.0
 *
 * A PKCS#11 module: loaded, initialised, finalised.  The only file that uses
 * libp11, which owns C_Initialize and C_Finalize.
 */
#ifndef CAPROOF_TOKEN_MODULE_H
#define CAPROOF_TOKEN_MODULE_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#include "base/error.h"

struct module;

/* Load and initialise PATH; NULL is p11-kit's proxy.  A file that is missing, not
 * readable, of another architecture, lacks a dependency or is no PKCS#11 module is
 * a sentence each (module.load); a failing C_Initialize is module.init. */
NODISCARD enum caproof_status module_open(const char *path, struct module **out,
	struct error *err);
void module_close(struct module *module); /* C_Finalize; NULL is fine */
/* The same without C_Finalize, for a module that was initialised before it was opened here. */
void module_leave(struct module *module);

/* The first call through the function list got CKR_CRYPTOKI_NOT_INITIALIZED: p11-kit's
 * proxy and client make a new instance at each C_GetFunctionList, so that libp11 has
 * initialised another one than ours.  True: ours is initialised now, make the call again. */
bool module_start(const struct module *module);

CK_FUNCTION_LIST *module_functions(const struct module *module);
const char *module_path(const struct module *module);        /* as loaded */
const char *module_description(const struct module *module); /* safe to show */
/* "2.6"; "" when the module does not say.  Asks it (C_GetInfo) at the first call, which
 * must not run beside another one. */
const char *module_version(const struct module *module);
const CK_INFO *module_info(const struct module *module); /* likewise; NULL: it does not say */
bool module_is_named(const struct module *module);           /* false: the proxy */

#endif
