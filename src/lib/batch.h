/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of codes, proven with one login: every row goes the way of one proof (plan, sign,
 * seal), several at once, and what is finished is put in place in the list's order.
 */
#ifndef CAPROOF_BATCH_H
#define CAPROOF_BATCH_H

#include "base/file.h"
#include "journal.h"
#include "list.h"
#include "prepare.h"
#include "seal.h"
#include "token/signer.h"

enum batch_state {
	BATCH_OPEN,
	BATCH_BAD,   /* the row's own fault: see failure */
	BATCH_DONE,  /* finished in an earlier run, as the journal says */
	BATCH_FOUND  /* its proof is in place, only the journal does not know it yet */
};

struct batch_failure {
	enum error_id id;
	char *message, *hint; /* safe to show */
};

struct batch_row {
	const struct list_row *source;    /* borrowed from the list */
	const struct platform *platform;  /* borrowed from the settings' cache; NULL in a bad row */
	char *out;                        /* the output's name in the folder; NULL in a bad row */
	char *code;                       /* as it will be proven */
	struct request *request;          /* as it was judged, less its key; NULL: none */
	enum batch_state state;
	bool used_up;                     /* an earlier intent came to nothing: a new serial number */
	struct batch_failure *failure;    /* BATCH_BAD */
	char sha256[SHA256_HEX_SIZE];     /* of a proof that is in place already */
};

#define BATCH_HELPERS_MAX 16

/* Platforms by the names that the rows use; each rule file is read once. */
struct batch_platforms {
	struct batch_platform { char *name; struct platform *platform; } *list;
	size_t count;
	const char *directory;
};

struct batch {
	/* What is asked for, the same for every row. */
	const struct list *list;
	const struct ca *ca;
	const char *platform;             /* where a row names none */
	enum digest digest;
	bool pss, subject_key_given, force;
	enum subject_key subject_key;
	time_t now, not_before, not_after;
	int folder;                       /* where the proofs go; open */
	bool resume, keep_going;
	unsigned helpers;                 /* threads that read, build and verify: 1 at least */
	struct journal *journal;

	/* What comes of it. */
	struct batch_platforms platforms; /* the directory is the caller's to set */
	struct batch_row *rows;           /* as many as in the list */
	struct algorithm algorithms[SIGNER_ALGORITHMS]; /* that the rows need */
	size_t algorithms_count;
	size_t bad, done;                 /* rows of these states; done: BATCH_FOUND as well */
};

/* Hold every row against its platform's rules, give it its output's name, look for what is
 * in place already; a row's own mistakes are in the row.  CANCELLED, which may be NULL, is
 * asked now and then.  Errors: memory, interrupted, output.write. */
NODISCARD enum caproof_status batch_check(struct batch *batch, bool (*cancelled)(void),
	struct error *err);
/* What should be known before the signatures: call EACH for rows whose code is proven
 * already, or twice in the list, or whose serial number is used up. */
NODISCARD enum caproof_status batch_remarks(const struct batch *batch,
	void (*each)(void *arg, const struct batch_row *row, const char *remark), void *arg,
	struct error *err);
void batch_clear(struct batch *batch); /* what batch_check made */

/* --- one row's steps, for batch*.c ---------------------------------------------------- */

/* The plan of ROW as it is now, with a fresh key and serial number; CHECK_ONLY: the CA's
 * key stands in for the fresh one. */
NODISCARD enum caproof_status batch_plan(const struct batch *batch, const struct batch_row *row,
	bool check_only, struct plan **out, struct error *err);

/* --- running --------------------------------------------------------------------------- */

/* What became of one row. */
struct batch_outcome {
	const struct batch_row *row;
	const struct plan *plan;       /* NULL for a row that was not signed in this run */
	const struct proof *proof;     /* NULL when it failed, or was done before */
	const struct error *error;     /* NULL: it is done */
};

struct batch_events {
	/* All of them are called from the thread that called batch_run. */
	bool (*stop)(void *arg);       /* asked often; true: finish what the token has begun */
	/* In the list's order.  An error ends the run. */
	enum caproof_status (*outcome)(void *arg, const struct batch_outcome *outcome,
		struct error *err);
	void (*tick)(void *arg, size_t done, size_t failed);
	/* Around each signature, from any thread; may be NULL. */
	void (*signing)(void *arg, bool begins);
	void *arg;
};

struct batch_tally {
	size_t done;      /* in place now, earlier ones included */
	size_t earlier;   /* of these, from an earlier run */
	size_t failed;
	size_t left;      /* not tried */
};

/* Sign and seal the rows with SIGNERS, one thread each, and write them.  The helpers are
 * more threads.  Errors: that of the first failed row, the device's first of all;
 * interrupted; output.write.  TALLY is true whatever is returned. */
NODISCARD enum caproof_status batch_run(struct batch *batch, struct signer *const *signers,
	unsigned sessions, const struct batch_events *events, struct batch_tally *tally,
	struct error *err);

#endif
