/* SPDX-License-Identifier: Apache-2.0
 *
 * A ceremony that is carried out or rehearsed: what the two have in common.  Shared by
 * ceremony_run.c and ceremony_rehearse.c only.
 */
#ifndef CAPROOF_CLI_CEREMONY_RUN_H
#define CAPROOF_CLI_CEREMONY_RUN_H

#include "ceremony/rehearsal.h"
#include "common.h"
#include "run.h"

struct carrying_out {
	struct run base;
	struct common_options common;
	struct ceremony planned, rehearsed;
	struct ceremony *c;         /* the one of them that is recorded in */
	struct rehearsal_key key;
	struct ceremony_gates gates;
	const char *confirm;
	bool rehearse;
	int argc;
	char **argv;
	bool begun;
};

/* Open the ceremony at PATH as run->c.  A sealed one is refused; a plan or policy that cannot
 * be read as one is a gate as well, and is in the record. */
NODISCARD enum caproof_status carry_open(struct carrying_out *run, const char *path,
	struct error *err);
/* Begin the record with run.start; that of a ceremony that is rehearsed is in memory only. */
NODISCARD enum caproof_status carry_record_start(struct carrying_out *run, struct error *err);
/* The last gate: the first two words of the plan hash, given or typed. */
NODISCARD enum caproof_status carry_confirm(struct carrying_out *run, struct error *err);
/* What tells of each item, and stops at a signal. */
struct ceremony_events carry_events(struct carrying_out *run);
/* After ERR stopped what was begun: it is the last thing in the record.  Returns its status. */
NODISCARD enum caproof_status carry_note_end(struct carrying_out *run, struct error *err);

/* The whole of `run --rehearse`. */
enum caproof_status carry_rehearse(struct carrying_out *run, const char *path,
	struct error *err);

#endif
