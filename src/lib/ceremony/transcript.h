/* SPDX-License-Identifier: Apache-2.0
 *
 * transcript.jsonl: what happened in the room, in order.  Each record holds the hash of the
 * one before, the first one that of the plan; each is on the disk before the thing that it
 * announces.
 */
#ifndef CAPROOF_CEREMONY_TRANSCRIPT_H
#define CAPROOF_CEREMONY_TRANSCRIPT_H

#include "ceremony/plan_file.h"
#include "ceremony/record.h"

/* What the records say of an item. */
struct transcript_item {
	long attempts;                  /* intents */
	bool result, verified, written; /* of the last attempt */
	const char *sha256;             /* of what it made, verified and written; NULL: not known */
	bool two_hashes;                /* its records name more than one */
};

#define TRANSCRIPT_FILE "transcript.jsonl"

struct transcript {
	const struct bundle *bundle;
	int fd;                        /* -1: not open for writing */
	struct transcript_record *records;
	size_t count, room;
	struct transcript_item *items; /* by index */
	size_t items_room;
	char head[SHA256_HEX_SIZE];    /* what the next record's `prev` will be */
	size_t whole;                  /* octets of whole records */
	struct bytes torn;             /* behind them: a record that was cut off */
	char torn_file[64], torn_sha256[SHA256_HEX_SIZE]; /* where that was put; "": nowhere */
	bool any_start;                /* the first record may hold any hash */
	bool pretended;                /* records are kept in memory only */
	bool failed;                   /* a record could not be written: nothing is added to it */
};

/* Read and check the chain; no file is an empty transcript.  PLAN's hash begins it.  OUT must
 * be cleared whatever happens.  Errors: ceremony.record (a record that is not what it should
 * be, with its number), ceremony.bundle. */
NODISCARD enum caproof_status transcript_read(const struct bundle *bundle,
	const struct ceremony_plan *plan, struct transcript *out, struct error *err);
/* The same when the plan may have been altered since: what the first record holds is taken as
 * it is, so that the refusal of the plan can be recorded behind it. */
NODISCARD enum caproof_status transcript_read_as_found(const struct bundle *bundle,
	const struct ceremony_plan *plan, struct transcript *out, struct error *err);
/* Open it for writing: made when it is not there, locked; a torn record goes to attach/.
 * Errors: output.write, ceremony.gate (another run has it, or had it since it was read). */
NODISCARD enum caproof_status transcript_begin(struct transcript *transcript,
	struct error *err);
/* From now on records are added as ever, but to no file: for a rehearsal, which asks what a run
 * would say and changes nothing. */
void transcript_pretend(struct transcript *transcript);
/* Add a record: its members after `event` are those of FORMAT (jansson's), without braces.
 * It is on the disk when this returns, unless it is pretended.  Errors: output.write. */
NODISCARD enum caproof_status transcript_add(struct transcript *transcript,
	enum transcript_event event, struct error *err, const char *format, ...);
/* Record where a torn record was put, if there was one: after the run's own first record. */
NODISCARD enum caproof_status transcript_tell_torn(struct transcript *transcript,
	struct error *err);
/* Whether the last record is one that a run ends with. */
bool transcript_is_ended(const struct transcript *transcript);
void transcript_clear(struct transcript *transcript);

/* O(1). */
struct transcript_item transcript_item(const struct transcript *transcript, long index);

#endif
