/* SPDX-License-Identifier: Apache-2.0
 *
 * The module of a run.  Its file may be mapped while the inputs are read: for one signature
 * by a module in software that is a quarter of the time.  No function of the module is
 * called before the inputs are found good, and what fails ahead is told when it fails again.
 */
#include "run.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "token/module_file.h"

#define MAPPING_GRACE 1 /* seconds that a run waits for what it does not need */

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

/* p11-kit's proxy is mapped already: it is the library that reads URIs.  No signal is blocked
 * in the thread: a constructor may try instructions out by the signal they cause, and what it
 * starts would inherit the mask. */
void run_map_module(struct run *run) {
	struct error unsaid = ERROR_INIT;
	const char *path = NULL;

	if (module_choice(run, &path, &unsaid) == CAPROOF_OK && path != NULL)
		run->mapping = pthread_create(&run->mapper, NULL, map, (void *)(uintptr_t)path) == 0;
}

/* Whoever needed the module has waited for it.  A run that did not is not held up by a
 * constructor that hangs: it ends without the thread. */
void run_end_mapping(struct run *run) {
	struct timespec until;

	if (!run->mapping)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += MAPPING_GRACE;
	run->mapping = pthread_timedjoin_np(run->mapper, NULL, &until) != 0;
}

/* The linker holds its lock while a constructor runs, and exit would wait for it. */
void run_leave_mapping(const struct run *run, int code) {
	if (!run->mapping)
		return;
	fflush(stdout);
	_exit(code);
}
