/* SPDX-License-Identifier: Apache-2.0
 *
 * libcsv behind a strict gate.  Left alone it trims fields, keeps a byte order mark and
 * NUL octets, takes a carriage return for the end of a row and never says where it is.
 * So it is fed line by line, each line only after it was looked at; it guesses nothing
 * about a quote that is out of place.
 */
#include "list_csv.h"

#include <csv.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* libcsv asks for this much more memory whenever a field outgrows what it has. */
#define GROWTH 4096

struct reading {
	const struct csv_sink *sink;
	struct error *err;
	enum caproof_status status;
	size_t line;       /* the one that is being fed */
	size_t row_line;   /* where the row begins; 0: between rows */
	size_t field_line; /* where the field begins */
	size_t fields;
};

enum caproof_status csv_refuse(const char *shown, size_t line, struct error *err,
	const char *fmt, ...) {
	char text[640];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return error_set(err, ERROR_LIST_FORMAT, "%s, line %zu: %s", shown, line, text);
}

/* --- libcsv's callbacks ----------------------------------------------------------- */

static void on_field(void *text, size_t len, void *arg) {
	struct reading *reading = arg;
	size_t index = reading->fields++;

	reading->field_line = reading->line;
	if (reading->status == CAPROOF_OK)
		reading->status = reading->sink->field(reading->sink->arg, reading->row_line, index,
			span_of(text, len), reading->err);
}

/* Called for an empty line too, without fields. */
static void on_row(int end, void *arg) {
	struct reading *reading = arg;

	(void)end;
	if (reading->fields > 0 && reading->status == CAPROOF_OK)
		reading->status = reading->sink->row(reading->sink->arg, reading->row_line,
			reading->fields, reading->err);
	reading->fields = 0;
	reading->row_line = 0;
}

static int never_a_space(unsigned char octet) {
	(void)octet;
	return 0;
}

/* --- lines ------------------------------------------------------------------------ */

static const char byte_order_mark[] = "\xEF\xBB\xBF";

static struct span without_mark(struct span file) {
	size_t len = strlen(byte_order_mark);

	if (file.len < len || memcmp(file.data, byte_order_mark, len) != 0)
		return file;
	return span_of(file.data + len, file.len - len);
}

/* Take the first line off TEXT, with its end. */
static struct span take_line(struct span *text) {
	const unsigned char *end = memchr(text->data, '\n', text->len);
	size_t len = end != NULL ? (size_t)(end - text->data) + 1 : text->len;
	struct span line = span_of(text->data, len);

	*text = span_of(text->data + len, text->len - len);
	return line;
}

static enum caproof_status look_at(struct span line, const char *shown, size_t number,
	struct error *err) {
	const unsigned char *cr = memchr(line.data, '\r', line.len);

	if (memchr(line.data, '\0', line.len) != NULL)
		return csv_refuse(shown, number, err, "there is a NUL octet: this is not a text file");
	if (!text_is_utf8(line.data, line.len))
		return csv_refuse(shown, number, err, "this is not UTF-8");
	if (cr != NULL && (cr + 2 != line.data + line.len || cr[1] != '\n'))
		return csv_refuse(shown, number, err,
			"there is a carriage return that does not end the line");
	return CAPROOF_OK;
}

/* --- the whole -------------------------------------------------------------------- */

static enum caproof_status stopped(struct csv_parser *parser, const struct reading *reading,
	const char *shown, bool at_end) {
	if (csv_error(parser) != CSV_EPARSE)
		return error_memory(reading->err);
	if (at_end)
		return csv_refuse(shown, reading->field_line, reading->err,
			"a field begins with a quote that is never closed");
	if (reading->field_line != reading->line)
		return csv_refuse(shown, reading->line, reading->err,
			"there is a quote out of place, in a field that begins in line %zu",
			reading->field_line);
	return csv_refuse(shown, reading->line, reading->err, "there is a quote out of place");
}

static enum caproof_status feed(struct csv_parser *parser, struct span line,
	struct reading *reading, const char *shown) {
	enum caproof_status status = look_at(line, shown, ++reading->line, reading->err);

	if (status != CAPROOF_OK)
		return status;
	if (reading->row_line == 0)
		reading->row_line = reading->field_line = reading->line;
	if (csv_parse(parser, line.data, line.len, on_field, on_row, reading) != line.len)
		return stopped(parser, reading, shown, false);
	return reading->status;
}

enum caproof_status csv_read(struct span file, const char *shown, const struct csv_sink *sink,
	struct error *err) {
	struct reading reading = { .sink = sink, .err = err, .status = CAPROOF_OK };
	struct span rest = without_mark(file);
	enum caproof_status status = CAPROOF_OK;
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
		return error_memory(err);
	csv_set_space_func(&parser, never_a_space);
	csv_set_blk_size(&parser, GROWTH);
	while (rest.len > 0 && status == CAPROOF_OK)
		status = feed(&parser, take_line(&rest), &reading, shown);
	if (status == CAPROOF_OK && csv_fini(&parser, on_field, on_row, &reading) != 0)
		status = stopped(&parser, &reading, shown, true);
	if (status == CAPROOF_OK)
		status = reading.status;
	csv_free(&parser);
	return status;
}
