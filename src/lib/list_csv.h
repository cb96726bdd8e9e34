/* SPDX-License-Identifier: Apache-2.0
 *
 * Comma-separated values (RFC 4180), row by row, each with the line where it begins.
 * What a column means is not known here.
 */
#ifndef CAPROOF_LIST_CSV_H
#define CAPROOF_LIST_CSV_H

#include "base/bytes.h"

/* What is done with rows: FIELD for each field, from index 0 and without its quotes, then
 * ROW.  LINE is where the row begins, from 1.  Anything but CAPROOF_OK ends the reading. */
struct csv_sink {
	enum caproof_status (*field)(void *arg, size_t line, size_t index, struct span text,
		struct error *err);
	enum caproof_status (*row)(void *arg, size_t line, size_t fields, struct error *err);
	void *arg;
};

/* Read FILE strictly.  A byte order mark, CRLF and empty lines are taken; NUL, what is not
 * UTF-8, a carriage return alone and a quote out of place are list.format, with the line.
 * SHOWN names the file, safe to show. */
NODISCARD enum caproof_status csv_read(struct span file, const char *shown,
	const struct csv_sink *sink, struct error *err);

/* "SHOWN, line N: ..." as list.format. */
enum caproof_status csv_refuse(const char *shown, size_t line, struct error *err,
	const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
