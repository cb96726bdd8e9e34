/* SPDX-License-Identifier: Apache-2.0
 *
 * The modules that this process has in use.  PKCS#11 is initialised and finalised once a
 * process (2.40, 5.4), so contexts that use one module must know of each other, and whoever
 * finalised what the program itself had initialised would take away its sessions.  This is
 * the library's only state that is not a context's, and the lock over loading and finalising
 * is also for libp11, which counts without one.
 */
#include "api.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "token/module_file.h"

struct used {
	char *path;
	struct module *module;
	bool foreign; /* initialised before we came */
	unsigned users;
	struct used *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct used *all;

static void used_free(struct used *used) {
	free(used->path);
	free(used);
}

/* One file under two names is one module.  What has no slash the linker looks for. */
static char *name_of(const char *path) {
	char *real = strchr(path, '/') != NULL ? realpath(path, NULL) : NULL;

	return real != NULL ? real : strdup(path);
}

/* Every function but the first ones answers CKR_CRYPTOKI_NOT_INITIALIZED until somebody has
 * called C_Initialize (2.40, 5.1.1). */
static enum caproof_status look_at(const char *path, bool *foreign, struct error *err) {
	CK_FUNCTION_LIST *functions;
	void *handle; /* not closed: the code stays mapped in any case */
	CK_INFO info;
	enum caproof_status status = module_file_load(path, &handle, &functions, err);

	*foreign = status == CAPROOF_OK && functions->C_GetInfo(&info) == CKR_OK;
	return status;
}

static enum caproof_status open_new(const char *path, struct used **out, struct error *err) {
	struct used *used = calloc(1, sizeof(*used));
	enum caproof_status status;

	if (used == NULL)
		return error_memory(err);
	used->users = 1;
	used->path = name_of(path);
	status = used->path != NULL ? look_at(path, &used->foreign, err) : error_memory(err);
	if (status == CAPROOF_OK)
		status = module_open(path, &used->module, err);
	if (status != CAPROOF_OK) {
		used_free(used);
		return status;
	}
	/* Asked at the first use otherwise, which may then be in two threads. */
	(void)module_info(used->module);
	*out = used;
	return CAPROOF_OK;
}

static struct used *find(const char *path) {
	char *name = name_of(path);
	struct used *used = all;

	while (name != NULL && used != NULL && strcmp(used->path, name) != 0)
		used = used->next;
	free(name);
	return used;
}

enum caproof_status modules_use(const char *path, struct module **out, struct error *err) {
	enum caproof_status status = CAPROOF_OK;
	struct used *used;

	if (path == NULL)
		path = P11_KIT_PROXY_MODULE;
	pthread_mutex_lock(&lock);
	used = find(path);
	if (used != NULL) {
		used->users++;
	} else {
		status = open_new(path, &used, err);
		if (status == CAPROOF_OK) {
			used->next = all;
			all = used;
		}
	}
	if (status == CAPROOF_OK)
		*out = used->module;
	pthread_mutex_unlock(&lock);
	return status;
}

static void close_it(struct used **at) {
	struct used *used = *at;

	*at = used->next;
	if (used->foreign)
		module_leave(used->module);
	else
		module_close(used->module);
	used_free(used);
}

void modules_leave(struct module *module) {
	struct used **at = &all;

	if (module == NULL)
		return;
	pthread_mutex_lock(&lock);
	while (*at != NULL && (*at)->module != module)
		at = &(*at)->next;
	if (*at != NULL && --(*at)->users == 0)
		close_it(at);
	pthread_mutex_unlock(&lock);
}
