/* SPDX-License-Identifier: Apache-2.0
 *
 * A module's file, loaded by the dynamic linker: the ways in which that fails, told
 * apart.
 */
#ifndef CAPROOF_TOKEN_MODULE_FILE_H
#define CAPROOF_TOKEN_MODULE_FILE_H

#include <p11-kit/pkcs11.h>

#include "base/error.h"

/* Load PATH and ask it for its functions (C_GetFunctionList).  On success *HANDLE is
 * for dlclose; the code stays mapped until the process ends all the same, for modules
 * leave threads and exit handlers behind.  Errors: module.load. */
NODISCARD enum caproof_status module_file_load(const char *path, void **handle,
	CK_FUNCTION_LIST **functions, struct error *err);

/* Map PATH, a file's path, and what it needs, so that a module_file_load() that follows
 * finds it mapped.  Nothing in it is called but its constructors; what fails here fails
 * there again, and is told there.  For a thread beside the one that reads the inputs. */
void module_file_map(const char *path);

#endif
