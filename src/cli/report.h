/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tool says: sentences on standard error, one JSON object on standard output.
 */
#ifndef CAPROOF_CLI_REPORT_H
#define CAPROOF_CLI_REPORT_H

#include <jansson.h>

#include "base/checks.h"

/* COMMAND names the JSON's second key.  QUIET keeps notes and warnings back, VERBOSE adds
 * the technical detail to errors, AS_JSON writes errors to standard output as well. */
void report_setup(const char *command, bool quiet, bool verbose, bool as_json);
bool report_is_json(void);
bool report_is_quiet(void);

/* "caproof: warning: ..." and a plain line; nothing with --quiet. */
void report_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void report_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Checks that were made before something failed; the JSON of a failure has them from now
 * on, while there are any. */
void report_tell_checks(const struct checks *checks);

/* Say ERR, its hint, and in JSON the same.  Returns the exit code. */
int report_error(const struct error *err);
/* The same without the JSON, for an object that has the error in it already. */
int report_error_text(const struct error *err);
/* The two texts that report_error would print, on the heap, for a watchdog that may not
 * format; *JSON is NULL without --json.  False when there is no memory. */
bool report_prepare(const struct error *err, char **text, char **json);

/* Warnings among CHECKS, a line each. */
void report_check_warnings(const struct checks *checks);

/* {"caproof": 1, "command": ...}; NULL: no memory. */
json_t *report_json_new(void);
/* {"id": ..., "exit": ..., "message": ..., "hint": ...}; NULL: no memory. */
json_t *report_json_error(const struct error *err);
/* The checks as a JSON array; NULL: no memory. */
json_t *report_json_checks(const struct checks *checks);
/* Print and free OBJECT.  Errors: output.write, memory (OBJECT is NULL). */
NODISCARD enum caproof_status report_json_print(json_t *object, struct error *err);

#endif
