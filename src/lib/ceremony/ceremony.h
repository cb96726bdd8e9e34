/* SPDX-License-Identifier: Apache-2.0
 *
 * A ceremony as it is carried out: the gates, then one login, then each item.
 */
#ifndef CAPROOF_CEREMONY_CEREMONY_H
#define CAPROOF_CEREMONY_CEREMONY_H

#include "ceremony/approval.h"
#include "ceremony/transcript.h"
#include "token/signer.h"

struct ceremony {
	struct bundle bundle;
	struct ceremony_plan plan;
	struct ceremony_policy policy;
	struct ceremony_approvals approvals;
	struct transcript transcript;
	time_t now;
	const char *gate; /* which gate ceremony_open was at; NULL: none that can be recorded */
};

/* Open the bundle PATH and read plan, policy, approvals and transcript.  CEREMONY must be
 * cleared whatever happens.  Errors: ceremony.*. */
NODISCARD enum caproof_status ceremony_open(const char *path, time_t now,
	struct ceremony *ceremony, struct error *err);
/* After ceremony_open failed with WHY: the gate that is shut by it, with the transcript read so
 * that ceremony_refuse can follow transcript_begin; NULL when there is nothing to record it in. */
const char *ceremony_shut_gate(struct ceremony *ceremony, const struct error *why);
void ceremony_clear(struct ceremony *ceremony);

struct ceremony_gates {
	const char *policy_sha256; /* from outside of the bundle */
	long retry;                /* -1: none; an indeterminate item that is to be signed again */
	const char *reason;        /* for the retry */
};

/* The gates that need no token.  The first one that is shut is recorded as gate.refused, with
 * everything that was looked at before it.  Errors: ceremony.gate, output.write. */
NODISCARD enum caproof_status ceremony_gates(struct ceremony *ceremony,
	const struct ceremony_gates *gates, struct error *err);
/* A record for each statement, and whether it counts. */
NODISCARD enum caproof_status approvals_record(const struct ceremony_approvals *approvals,
	struct transcript *transcript, struct error *err);
/* The gates of time at c->now: window and codes.  A long run asks again before each item. */
NODISCARD enum caproof_status ceremony_check_time(struct ceremony *ceremony, struct error *err);
/* Record that a gate is shut.  Returns CAPROOF_GATE, or output.write. */
enum caproof_status ceremony_refuse(struct ceremony *ceremony, const char *gate,
	struct error *err, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Whether the attributes that the module reports are those that the plan expects; recorded,
 * and an abort when not (ceremony.gate). */
NODISCARD enum caproof_status ceremony_check_key(struct ceremony *ceremony,
	const struct signer_key *key, const struct signer_attributes *attributes,
	struct error *err);

struct ceremony_events {
	void (*item)(void *arg, const struct ceremony_item *item, const char *done);
	bool (*cancelled)(void *arg);
	void *arg;
};
/* The CA's key, in a token; a rehearsal's is made for it.  The signature is as a certificate
 * has it. */
struct ceremony_key {
	enum caproof_status (*sign)(void *arg, const struct algorithm *algorithm,
		struct span message, struct bytes *signature, struct error *err);
	void *arg;
};
/* Sign every item that is not written yet.  Each step is in the transcript before it happens.
 * Errors: signature (its octets are in attach/), device, output.*, interrupted. */
NODISCARD enum caproof_status ceremony_sign(struct ceremony *ceremony,
	const struct ceremony_key *key, const struct ceremony_events *events, struct error *err);

/* What a result must be: ITEM's octets and a signature by the CA's key, in the form that the
 * plan names.  *GOOD tells; the SHA-256 of the certificate (or signature) goes to SHA256. */
NODISCARD enum caproof_status ceremony_result_check(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span file, bool *good,
	char sha256[SHA256_HEX_SIZE], struct error *err);
/* The file that ITEM and SIGNATURE make. */
NODISCARD enum caproof_status ceremony_result_make(const struct ceremony_plan *plan,
	const struct ceremony_item *item, struct span signature, struct bytes *file,
	struct error *err);

#endif
