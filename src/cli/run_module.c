/* SPDX-License-Identifier: Apache-2.0
 *
 * The module of a run.  Its file may be mapped while the inputs are read: for one signature
 * by a module in software that is a quarter of the time.  No function of the module is
 * called before the inputs are found good, and what fails ahead is told when it fails again.
 */
#include "run.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "token/module_file.h"

/* --module, else the URIs' module-path, else the environment, else p11-kit's proxy. */
static enum caproof_status module_choice(const struct run *run, const char **out,
	struct error *err) {
	const struct common_options *o = run->options;
	const char *key = o->key != NULL ? uri_module_path(o->key) : NULL;
	const char *ca = run->certificate != NULL ? uri_module_path(run->certificate) : NULL;
	const char *environment = getenv("CAPROOF_MODULE");
	const char *named = o->module_option != NULL ? o->module_option : key != NULL ? key : ca;

	if ((key != NULL && strcmp(named, key) != 0) || (ca != NULL && strcmp(named, ca) != 0)) {
		error_set(err, ERROR_USAGE, "two different PKCS#11 modules are named");
		error_hint(err, "leave out --module, or the module-path of the URI");
		return error_status(err);
	}
	if (named == NULL && environment != NULL && environment[0] != '\0')
		named = environment;
	*out = named;
	return CAPROOF_OK;
}

enum caproof_status run_open_module(struct run *run, struct error *err) {
	const char *path = NULL;
	enum caproof_status status;

	if (run->module != NULL)
		return CAPROOF_OK;
	status = module_choice(run, &path, err);
	/* From here on a module may hang: in loading, in any call, in C_Finalize. */
	if (status == CAPROOF_OK)
		status = interrupt_timeout_start(run->options->timeout, run->late_text, run->late_json,
			err);
	if (status == CAPROOF_OK)
		status = module_open(path, &run->module, err);
	run_end_mapping(run);
	return status;
}

static void *map(void *path) {
	module_file_map(path);
	return NULL;
}

/* p11-kit's proxy is mapped already: it is the library that reads URIs. */
void run_map_module(struct run *run) {
	struct error unsaid = ERROR_INIT;
	const char *path = NULL;
	sigset_t all, before;

	if (module_choice(run, &path, &unsaid) != CAPROOF_OK || path == NULL)
		return;
	/* Signals are for the main thread: here they could not wake a prompt. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	run->mapping = pthread_create(&run->mapper, NULL, map, (void *)(uintptr_t)path) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* A run that failed before it needed the module waits no longer for a constructor that
 * hangs than for any other thing in a module. */
void run_end_mapping(struct run *run) {
	struct error unsaid = ERROR_INIT;

	if (run->mapping && (run->module != NULL || interrupt_timeout_start(run->options->timeout,
		run->late_text, run->late_json, &unsaid) == CAPROOF_OK))
		pthread_join(run->mapper, NULL);
	run->mapping = false;
}
