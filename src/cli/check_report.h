/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of checks on standard output, for the commands whose result they are.
 */
#ifndef CAPROOF_CLI_CHECK_REPORT_H
#define CAPROOF_CLI_CHECK_REPORT_H

#include "platform/platform.h"
#include "report.h"
#include "x509/ca.h"

/* "  NAME   TEXT", as the head of a list has it. */
void show_field(const char *name, const char *text);

/* What the CA certificate is, in words. */
void show_ca(const struct ca *ca);
/* Each check with its result, id, message and source; under what is not ok the way out; at
 * the end how many there are of each. */
void show_checks(const struct checks *checks);
/* What to know of the platform before starting, when there is anything. */
void show_notes(const struct platform *platform);

/* "refused" when one is, else "warning" when one is, else "ok". */
enum check_result checks_result(const struct checks *checks);
size_t checks_count(const struct checks *checks, enum check_result result);

/* Put VALUE into OBJECT; false: no memory (or VALUE is NULL). */
bool json_put(json_t *object, const char *key, json_t *value);
json_t *json_of_ca(const struct ca *ca);
json_t *json_of_notes(const struct platform *platform);

/* Say ERR, which kept a command from its list, and return the exit code. */
int report_failure(const struct error *err);
/* The end of a command: with --json print OBJECT, with ERR in it when there is one, and free
 * it; say ERR on standard error; return the exit code.  OBJECT is NULL without --json, and
 * where there is nothing but an error to tell. */
int report_result(json_t *object, const struct error *err);

#endif
