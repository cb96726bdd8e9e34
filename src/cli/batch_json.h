/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON Lines of `caproof batch`, for batch_*.c only.
 */
#ifndef CAPROOF_CLI_BATCH_JSON_H
#define CAPROOF_CLI_BATCH_JSON_H

#include "batch_cmd.h"

NODISCARD enum caproof_status batch_json_row(const struct batch_run_state *run,
	const struct batch_outcome *outcome, struct error *err);
NODISCARD enum caproof_status batch_json_bad(const struct batch_run_state *run,
	const struct batch_row *row, struct error *err);
/* Of a dry run. */
NODISCARD enum caproof_status batch_json_planned(const struct batch_run_state *run,
	const struct batch_row *row, struct error *err);
/* The last line; WHY (ERROR_NONE: nothing) ended the run. */
NODISCARD enum caproof_status batch_json_summary(const struct batch_run_state *run,
	const struct error *why, struct error *err);

#endif
