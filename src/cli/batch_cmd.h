/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof batch` was asked for, what it has read, and what it says: shared by the
 * files batch_*.c and cmd_batch.c only.
 */
#ifndef CAPROOF_CLI_BATCH_CMD_H
#define CAPROOF_CLI_BATCH_CMD_H

#include "batch.h"
#include "options.h"
#include "run.h"

/* Texts are borrowed from the values and operands. */
struct batch_options {
	struct common_options common;
	const char *list, *ca, *out_dir;
	struct uri *ca_uri;         /* NULL when CA is no URI */
	unsigned jobs;              /* 0: by the token */
	bool keep_going, resume, subject_key_given;
	enum subject_key subject_key;
};

extern const struct command_line batch_command_line;
#define BATCH_OPTION_COUNT 28

NODISCARD enum caproof_status batch_options_parse(char **values, char **operands,
	struct batch_options *out, struct error *err);
void batch_options_clear(struct batch_options *options);
bool batch_wants_help(char **values);

/* How many rows of a platform came to what. */
struct batch_count {
	const struct platform *platform;
	size_t done, failed;
};

/* Everything that a run owns. */
struct batch_run_state {
	struct run base;
	const struct batch_options *options;
	struct ca *ca;
	struct list *list;
	struct journal *journal;
	int folder;                 /* -1: not open */
	struct batch batch;
	struct signer *signers[SIGNER_SESSIONS_MAX]; /* [0] is the base's */
	unsigned sessions;
	struct batch_tally tally;
	struct batch_count *counts; /* one for each of the batch's platforms */
	bool begun;                 /* the journal has this run */
	bool told;                  /* that it is stopping */
	const struct batch_row *first_failed, *device_failed;
	struct error first_error, device_error; /* theirs */
};

/* List, CA certificate, folder, journal; every row held against its rules. */
NODISCARD enum caproof_status batch_read(struct batch_run_state *run, struct error *err);
/* Refuse outputs that would replace what this very run reads. */
NODISCARD enum caproof_status batch_spare_inputs(const struct batch_run_state *run,
	struct error *err);
/* One session for each job, as far as the token has them. */
NODISCARD enum caproof_status batch_open_sessions(struct batch_run_state *run,
	struct error *err);
/* Before the base's own: they share its login. */
void batch_close_sessions(struct batch_run_state *run);
/* All but the base and the sessions. */
void batch_run_clear(struct batch_run_state *run);

/* Refuse a standard output that JSON cannot be written to. */
NODISCARD enum caproof_status batch_check_streams(struct error *err);
/* Bad rows, a line each (REFUSED: they stop the run, and JSON has no other place for them);
 * remarks on the others. */
NODISCARD enum caproof_status batch_report_bad(const struct batch_run_state *run, bool refused,
	struct error *err);
NODISCARD enum caproof_status batch_report_remarks(const struct batch_run_state *run,
	struct error *err);
/* What became of one row. */
NODISCARD enum caproof_status batch_report_row(struct batch_run_state *run,
	const struct batch_outcome *outcome, struct error *err);
/* The plan (dry run), or the summary; WHY (ERROR_NONE: nothing) ended the run. */
NODISCARD enum caproof_status batch_report_plan(const struct batch_run_state *run,
	struct error *err);
NODISCARD enum caproof_status batch_report_done(const struct batch_run_state *run,
	const struct error *why, struct error *err);

#endif
