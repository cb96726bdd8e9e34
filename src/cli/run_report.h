/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a signing run's JSON that are the same whatever was signed.  NULL: no
 * memory.
 */
#ifndef CAPROOF_CLI_RUN_REPORT_H
#define CAPROOF_CLI_RUN_REPORT_H

#include "report.h"
#include "run.h"

/* False when VALUE is NULL or there is no memory; takes VALUE in any case. */
bool run_json_set(json_t *object, const char *key, json_t *value);
json_t *run_json_key(const struct run *run, const struct public_key *key);
json_t *run_json_token(const struct run *run);
json_t *run_json_module(const struct run *run);
/* A NULL-terminated list of texts. */
json_t *run_json_steps(char **steps);

#endif
