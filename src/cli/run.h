/* SPDX-License-Identifier: Apache-2.0
 *
 * A run of a command that signs: the steps and the owned things that they have in common.
 * There is one way to sign, so it is written once.
 */
#ifndef CAPROOF_CLI_RUN_H
#define CAPROOF_CLI_RUN_H

#include <pthread.h>

#include "common.h"
#include "own_key.h"
#include "prove.h"

struct run {
	const struct common_options *options;
	const struct uri *certificate; /* of a certificate in a token that the run reads; or NULL */
	struct platform *platform;
	struct module *module;
	pthread_t mapper;
	bool mapping;                  /* by that thread, which was not joined */
	struct plan *plan;
	struct checks refused;         /* those that let no plan be made */
	struct output *out, *key_out;
	struct signer *signer;
	struct proof proof;
	const char *stopped_hint;      /* after a signal or the time limit; NULL: the usual one */
	bool json_told;                /* the command's own JSON has the error already */
	char *stopped_text, *stopped_json, *late_text, *late_json; /* see interrupt.h */
};

/* What the second Ctrl-C and the watchdog say; the timeout begins to run. */
NODISCARD enum caproof_status run_prepare(struct run *run, struct error *err);
NODISCARD enum caproof_status run_stop_if_interrupted(struct error *err);
/* The platform that the options name. */
NODISCARD enum caproof_status run_load_platform(struct run *run, struct error *err);
/* Let the file of the module that the options name be mapped while the inputs are read.
 * The PIN's source is read already: a module's constructors see the environment. */
void run_map_module(struct run *run);
void run_end_mapping(struct run *run); /* fine without it */
/* Ends the process with CODE when the file is still not mapped; otherwise it returns. */
void run_leave_mapping(const struct run *run, int code);
/* The module that the options name, once. */
NODISCARD enum caproof_status run_open_module(struct run *run, struct error *err);
/* The certificate in the file PATH, or in a token when the run has a URI for it.  WHAT
 * names it in errors. */
NODISCARD enum caproof_status run_read_certificate(struct run *run, const char *path,
	const char *what, struct ca **out, struct error *err);
/* Find the signer for KEY; CERTIFICATE may be empty. */
NODISCARD enum caproof_status run_locate(struct run *run, const struct public_key *key,
	struct span certificate, struct error *err);
/* Log in and read the public half of the key that the options name, where it cannot be seen
 * without that; run_locate then goes on with this login.  The module is open. */
NODISCARD enum caproof_status run_reveal(struct run *run, struct own_key *out, struct error *err);
/* The same for a list, whose rows may need COUNT algorithms, at most SIGNER_ALGORITHMS. */
NODISCARD enum caproof_status run_locate_for(struct run *run, const struct public_key *key,
	struct span certificate, const struct algorithm *algorithms, size_t count,
	struct error *err);
/* Log in, and forget the time that a PIN pad took. */
NODISCARD enum caproof_status run_unlock(struct run *run, struct error *err);
/* A line, unless interrupt_notice_stop() comes first, that the token may want a touch. */
void run_notice_touch(bool over_bar); /* OVER_BAR: a bar of progress may stand in the line */
/* Log in, sign, seal, write.  CA is NULL for the plan of a CA certificate; KEY_PEM goes
 * to key_out, when there is one. */
NODISCARD enum caproof_status run_prove(struct run *run, const struct ca *ca,
	struct span key_pem, struct error *err);
/* After the result was written and REPORTED tells whether it could be described: when not,
 * the files are taken back, for a failed run leaves nothing behind. */
NODISCARD enum caproof_status run_conclude(struct run *run, enum caproof_status reported,
	struct error *err);
void run_clear(struct run *run);
/* After the last: report ERR, end the watchdog.  Returns the exit code. */
int run_finish(struct run *run, const struct error *err);

/* --- what all of them show --------------------------------------------------------- */

/* The output's name, or that it is standard output; safe to show. */
const char *run_place(const struct run *run, char *buf, size_t size);
/* "'rootCA' (id 01)", or that it is found after the login. */
const char *run_key_name(const struct run *run, char *buf, size_t size);

#endif
