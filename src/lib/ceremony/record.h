/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a transcript.
 */
#ifndef CAPROOF_CEREMONY_RECORD_H
#define CAPROOF_CEREMONY_RECORD_H

#include <time.h>

#include "base/json.h"

enum transcript_event {
#define EVENT(symbol, ...) EVENT_##symbol,
#include "ceremony/events.def"
#undef EVENT
	EVENT_COUNT
};
const char *transcript_event_name(enum transcript_event event); /* "sign.intent" */

struct transcript_record {
	struct json_document document; /* the whole record; texts are borrowed from it */
	enum transcript_event event;
	long seq, mono_ms;
	time_t time;
	const char *prev;
	long index, attempt;           /* -1: the record has none */
	const char *tbs_sha256, *sha256, *file; /* NULL: it has none */
};

#define RECORD_SIZE_MAX 65536

/* Read LINE, its line feed included: the record SEQ, written as caproof writes it, with the
 * members of its event, each of its kind, and no others.  Whether it belongs behind the one
 * before is not asked.  OUT's document is cleared by the caller, on success only.  Errors:
 * ceremony.record. */
NODISCARD enum caproof_status record_read(struct span line, size_t seq,
	struct transcript_record *out, struct error *err);

#endif
