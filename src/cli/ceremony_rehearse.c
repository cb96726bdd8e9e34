/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony run --rehearse`: the gates of a planned ceremony, of which not an octet is
 * changed, then everything else in a folder of its own.  No module is loaded, no PIN is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "ceremony_run.h"
#include "report.h"

static bool is_dots(const char *path, size_t len) {
	return (len == 1 || path[len - 2] == '/' ||
		(path[len - 2] == '.' && (len == 2 || path[len - 3] == '/'))) && path[len - 1] == '.';
}

/* Beside the ceremony's folder, never in it: "." and ".." have to be found first. */
static char *name_folder(const char *path) {
	size_t len = strlen(path);
	char *real = NULL, *name = NULL;

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len > 0 && is_dots(path, len)) {
		real = realpath(path, NULL);
		len = real != NULL ? strlen(real) : len;
	}
	if (asprintf(&name, "%.*s.rehearsal", (int)len, real != NULL ? real : path) < 0)
		name = NULL;
	free(real);
	return name;
}

static enum caproof_status check_absent(const char *folder, struct error *err) {
	struct stat st;
	char shown[400];

	if (lstat(folder, &st) != 0)
		return CAPROOF_OK;
	error_set(err, ERROR_OUTPUT_EXISTS, "'%s' exists already: it was rehearsed before",
		text_safe(shown, sizeof(shown), folder, strlen(folder)));
	error_hint(err, "take the folder away, then rehearse it once more");
	return error_status(err);
}

/* From here on the rehearsal is what is recorded in. */
static enum caproof_status open_rehearsal(struct carrying_out *run, const char *folder,
	struct error *err) {
	enum caproof_status status = ceremony_open(folder, run->common.now, &run->rehearsed, err);

	if (status != CAPROOF_OK)
		return status;
	run->c = &run->rehearsed;
	run->begun = false;
	return carry_record_start(run, err);
}

static enum caproof_status sign_all(struct carrying_out *run, struct error *err) {
	const struct ceremony_events events = carry_events(run);
	const struct ceremony_key key = { rehearsal_key_sign, &run->key };
	enum caproof_status status = rehearsal_begin(&run->rehearsed, &run->planned, err);

	if (status == CAPROOF_OK)
		status = ceremony_sign(&run->rehearsed, &key, &events, err);
	return status == CAPROOF_OK ? CAPROOF_OK : carry_note_end(run, err);
}

static void tell(const struct carrying_out *run) {
	report_note("caproof: REHEARSAL: all %zu items are signed in '%s', with a key that was made "
		"for it and is gone\n"
		"  next    seal it and make its report as you will do with the ceremony; 'caproof ceremony "
		"verify' refuses it",
		run->rehearsed.plan.count, run->rehearsed.bundle.name);
}

static enum caproof_status rehearse_in(struct carrying_out *run, const char *path,
	const char *folder, struct error *err) {
	enum caproof_status status;

	if ((status = check_absent(folder, err)) != CAPROOF_OK ||
		(status = carry_open(run, path, err)) != CAPROOF_OK ||
		(status = carry_record_start(run, err)) != CAPROOF_OK ||
		(status = ceremony_gates(run->c, &run->gates, err)) != CAPROOF_OK ||
		(status = carry_confirm(run, err)) != CAPROOF_OK ||
		(status = rehearsal_key_make(&run->planned.plan, run->common.now, &run->key, err)) !=
		CAPROOF_OK ||
		(status = rehearsal_make(&run->planned, &run->key, folder, err)) != CAPROOF_OK ||
		(status = open_rehearsal(run, folder, err)) != CAPROOF_OK ||
		(status = sign_all(run, err)) != CAPROOF_OK)
		return status;
	tell(run);
	return CAPROOF_OK;
}

enum caproof_status carry_rehearse(struct carrying_out *run, const char *path,
	struct error *err) {
	char *folder = name_folder(path);
	enum caproof_status status;

	if (folder == NULL)
		return error_memory(err);
	run->base.stopped_hint = "take the rehearsal's folder away, then rehearse it once more";
	status = run_prepare(&run->base, err);
	if (status == CAPROOF_OK)
		status = rehearse_in(run, path, folder, err);
	free(folder);
	return status;
}
