/* SPDX-License-Identifier: Apache-2.0
 *
 * A record of a transcript from a stranger: refused with a reason, or exactly what caproof
 * writes, every member of its kind.
 */
#include "fuzz.h"

#include <string.h>

#include "base/text.h"
#include "ceremony/record.h"

static const char good[] = "{\"seq\":3,\"prev\":\"" FUZZ_CODE "\",\"time\":"
	"\"2026-11-25T12:00:00Z\",\"mono_ms\":7,\"event\":\"sign.result\",\"index\":1,\"attempt\":2,"
	"\"tbs_sha256\":\"" FUZZ_CODE "\",\"result\":\"failed\",\"detail\":\"CKR_DEVICE_REMOVED\"}\n";

static void check(const struct transcript_record *record, struct span line) {
	FUZZ_MUST(record->event < EVENT_COUNT && record->seq == 3 && record->mono_ms >= 0);
	FUZZ_MUST(record->index >= -1 && record->attempt >= -1 && record->attempt != 0);
	FUZZ_MUST(record->prev != NULL && strlen(record->prev) <= 64);
	FUZZ_MUST(record->tbs_sha256 == NULL || text_is_hex(record->tbs_sha256, 64));
	FUZZ_MUST(record->sha256 == NULL || text_is_hex(record->sha256, 64));
	FUZZ_MUST(memchr(line.data, '\n', line.len) == line.data + line.len - 1);
	fuzz_shown(record->document.text);
}

/* Knob: 1: the good record with an edit; else the octets as they are. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct span input = span_of(data, size);
	bool edits = fuzz_knob(&input) == 1;
	struct bytes line = fuzz_edited(edits ? span_of(good, sizeof(good) - 1) : span_of(good, 0),
		input);
	struct transcript_record record;
	struct error err = ERROR_INIT;

	if (fuzz_fine(record_read(bytes_span(&line), 3, &record, &err), &err)) {
		check(&record, bytes_span(&line));
		json_clear(&record.document);
	}
	bytes_clear(&line);
	return 0;
}
