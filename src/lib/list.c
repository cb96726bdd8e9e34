/* SPDX-License-Identifier: Apache-2.0
 *
 * Which columns a list has, and what each row says in them.  A row that cannot be used
 * is kept with the reason, so that all of them can be named at once; nothing is guessed
 * for it.  Rows outlive the file's octets, a small record and one block of text each.
 */
#include "list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "list_csv.h"
#include "x509/key.h"

/* Millions of empty rows fit into a file that may be read; their records need not. */
#define ROWS_MAX 100000

#define SHOWN_SIZE 512
#define ERROR_SIZE 512

enum column {
	COLUMN_CODE, COLUMN_CSR, COLUMN_PLATFORM, COLUMN_TENANT, COLUMN_OUT, COLUMN_CODE_ISSUED,
	COLUMN_NOTE, COLUMN_COUNT
};

static const char *const names[COLUMN_COUNT] = {
	"code", "csr", "platform", "tenant", "out", "code_issued", "note"
};
#define NAMES "code, csr, platform, tenant, out, code_issued, note"

struct field {
	char text[LIST_FIELD_MAX + 1]; /* empty: absent, or longer */
	size_t len;                    /* of what the file has; 0: absent */
};

struct reader {
	struct list *list;
	char shown[SHOWN_SIZE];
	size_t room;                       /* rows that there is memory for */
	size_t header_line;                /* 0: not seen yet */
	enum column order[COLUMN_COUNT];   /* of the columns in the file */
	size_t columns;
	struct field fields[COLUMN_COUNT]; /* the present row's */
};

/* --- the header ------------------------------------------------------------------- */

static bool is_named(const struct reader *reader, enum column column) {
	for (size_t i = 0; i < reader->columns; i++)
		if (reader->order[i] == column)
			return true;
	return false;
}

static enum caproof_status unknown_column(const struct reader *reader, size_t line, size_t index,
	struct span name, struct error *err) {
	char shown[128];
	enum caproof_status status;

	if (name.len == 0)
		return csv_refuse(reader->shown, line, err, "column %zu has no name", index + 1);
	status = csv_refuse(reader->shown, line, err, "there is no column '%s'; there are: " NAMES,
		text_safe(shown, sizeof shown, name.data, name.len));
	if (memchr(name.data, ';', name.len) != NULL || memchr(name.data, '\t', name.len) != NULL)
		error_hint(err, "save the list with commas between the fields, not semicolons or tabs");
	return status;
}

static enum caproof_status name_column(struct reader *reader, size_t line, size_t index,
	struct span name, struct error *err) {
	for (enum column column = 0; column < COLUMN_COUNT; column++) {
		if (!span_equal(name, span_of(names[column], strlen(names[column]))))
			continue;
		if (is_named(reader, column))
			return csv_refuse(reader->shown, line, err, "column '%s' is there twice",
				names[column]);
		reader->order[reader->columns++] = column;
		return CAPROOF_OK;
	}
	return unknown_column(reader, line, index, name, err);
}

static enum caproof_status end_header(struct reader *reader, size_t line, struct error *err) {
	if (!is_named(reader, COLUMN_CODE) && !is_named(reader, COLUMN_CSR))
		return csv_refuse(reader->shown, line, err,
			"there is neither a column 'code' nor a column 'csr'");
	reader->header_line = line;
	return CAPROOF_OK;
}

/* --- rows ------------------------------------------------------------------------- */

static bool is_blank(struct span text) {
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\0' || strchr(" \t\r\n", text.data[i]) == NULL)
			return false;
	return true;
}

static void take_field(struct field *field, struct span text) {
	size_t kept = text.len <= LIST_FIELD_MAX ? text.len : 0;

	if (is_blank(text))
		return;
	field->len = text.len;
	memcpy(field->text, text.data, kept);
	field->text[kept] = '\0';
}

static void forget_fields(struct reader *reader) {
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		reader->fields[i].text[0] = '\0';
		reader->fields[i].len = 0;
	}
}

/* Where a row keeps its texts, by column; NULL: not as text. */
static const char **text_of(struct list_row *row, enum column column) {
	const char **const texts[COLUMN_COUNT] = {
		&row->code, &row->csr, &row->platform, &row->tenant, &row->out, NULL, &row->note
	};

	return texts[column];
}

/* All texts of a row are one block, in the order of the columns: the first that is not
 * absent is the block. */
static bool pack(struct reader *reader, struct list_row *row) {
	const struct field *fields = reader->fields;
	size_t size = 0;
	char *at;

	for (enum column column = 0; column < COLUMN_COUNT; column++)
		if (text_of(row, column) != NULL && fields[column].text[0] != '\0')
			size += fields[column].len + 1;
	if (size == 0)
		return true;
	at = malloc(size);
	if (at == NULL)
		return false;
	for (enum column column = 0; column < COLUMN_COUNT; column++) {
		if (text_of(row, column) == NULL || fields[column].text[0] == '\0')
			continue;
		memcpy(at, fields[column].text, fields[column].len + 1);
		*text_of(row, column) = at;
		at += fields[column].len + 1;
	}
	return true;
}

static void free_row(struct list_row *row) {
	const char *block = NULL;

	for (enum column column = 0; column < COLUMN_COUNT && block == NULL; column++)
		if (text_of(row, column) != NULL)
			block = *text_of(row, column);
	free((char *)block);
	free(row->error);
}

/* Why the row cannot be used, into WHY; false: nothing is wrong. */
static bool find_fault(const struct reader *reader, size_t count, time_t *issued,
	char why[ERROR_SIZE]) {
	const struct field *fields = reader->fields;
	const struct field *time = &fields[COLUMN_CODE_ISSUED];
	char shown[64];

	if (count != reader->columns) {
		snprintf(why, ERROR_SIZE, "it has %zu %s, line %zu names %zu", count,
			count == 1 ? "field" : "fields", reader->header_line, reader->columns);
		return true;
	}
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (fields[i].len <= LIST_FIELD_MAX)
			continue;
		snprintf(why, ERROR_SIZE, "its field '%s' has %zu octets, the limit is %d", names[i],
			fields[i].len, LIST_FIELD_MAX);
		return true;
	}
	if (fields[COLUMN_CODE].len == 0 && fields[COLUMN_CSR].len == 0) {
		snprintf(why, ERROR_SIZE, "it has neither a code nor a csr");
		return true;
	}
	/* Before 1970 there were no codes, and (time_t)-1 was a time. */
	if (time->len > 0 && (!text_time_parse(time->text, issued) || *issued < 0)) {
		*issued = LIST_NO_TIME;
		snprintf(why, ERROR_SIZE,
			"its code_issued is '%s', not an RFC 3339 time such as 2026-11-25T12:00:00Z",
			text_safe(shown, sizeof shown, time->text, time->len));
		return true;
	}
	return false;
}

static bool make_room(struct reader *reader) {
	size_t room = reader->room == 0 ? 64 : reader->room * 2;
	struct list_row *rows;

	if (reader->list->count < reader->room)
		return true;
	rows = realloc(reader->list->rows, room * sizeof *rows);
	if (rows == NULL)
		return false;
	reader->list->rows = rows;
	reader->room = room;
	return true;
}

static enum caproof_status add_row(struct reader *reader, size_t line, size_t count,
	struct error *err) {
	struct list_row row = { .line = line, .code_issued = LIST_NO_TIME };
	char why[ERROR_SIZE];
	bool fault;

	if (reader->list->count == ROWS_MAX)
		return csv_refuse(reader->shown, line, err, "there are more than %d rows", ROWS_MAX);
	fault = find_fault(reader, count, &row.code_issued, why);
	/* Which column a field belongs to is not known. */
	if (count != reader->columns)
		forget_fields(reader);
	if (fault)
		row.error = strdup(why);
	if ((fault && row.error == NULL) || !make_room(reader) || !pack(reader, &row)) {
		free_row(&row);
		return error_memory(err);
	}
	reader->list->rows[reader->list->count++] = row;
	forget_fields(reader);
	return CAPROOF_OK;
}

/* --- the file --------------------------------------------------------------------- */

static enum caproof_status on_field(void *arg, size_t line, size_t index, struct span text,
	struct error *err) {
	struct reader *reader = arg;

	if (reader->header_line == 0)
		return name_column(reader, line, index, text, err);
	if (index < reader->columns)
		take_field(&reader->fields[reader->order[index]], text);
	return CAPROOF_OK;
}

static enum caproof_status on_row(void *arg, size_t line, size_t fields, struct error *err) {
	struct reader *reader = arg;

	if (reader->header_line == 0)
		return end_header(reader, line, err);
	return add_row(reader, line, fields, err);
}

static enum caproof_status read_rows(struct span file, struct reader *reader,
	struct error *err) {
	const struct csv_sink sink = { .field = on_field, .row = on_row, .arg = reader };
	enum caproof_status status = csv_read(file, reader->shown, &sink, err);

	if (status != CAPROOF_OK)
		return status;
	if (reader->header_line == 0)
		return csv_refuse(reader->shown, 1, err, "there are no names of columns");
	if (reader->list->count == 0)
		return csv_refuse(reader->shown, reader->header_line, err,
			"no row follows the names of the columns");
	return CAPROOF_OK;
}

static char *folder_of(const char *path) {
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* What the list is called in errors. */
static void show(struct reader *reader, const char *path) {
	char name[SHOWN_SIZE - 32];

	if (strcmp(path, "-") == 0)
		snprintf(reader->shown, SHOWN_SIZE, "list on standard input");
	else
		snprintf(reader->shown, SHOWN_SIZE, "list '%s'",
			text_safe(name, sizeof name, path, strlen(path)));
}

static enum caproof_status describe(struct span file, const char *path, struct list *list,
	struct error *err) {
	list->name = strcmp(path, "-") == 0 ? strdup("standard input")
					    : text_safe_dup(path, strlen(path));
	list->folder = folder_of(path);
	if (list->name == NULL || list->folder == NULL)
		return error_memory(err);
	return sha256_hex(file, list->sha256, err);
}

enum caproof_status list_parse(struct span file, const char *path, struct list **out,
	struct error *err) {
	struct reader *reader = calloc(1, sizeof *reader);
	struct list *list = calloc(1, sizeof *list);
	enum caproof_status status;

	if (reader == NULL || list == NULL) {
		status = error_memory(err);
		goto out;
	}
	reader->list = list;
	show(reader, path);
	status = describe(file, path, list, err);
	if (status == CAPROOF_OK)
		status = read_rows(file, reader, err);
out:
	free(reader);
	if (status == CAPROOF_OK)
		*out = list;
	else
		list_free(list);
	return status;
}

void list_free(struct list *list) {
	if (list == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		free_row(&list->rows[i]);
	free(list->rows);
	free(list->name);
	free(list->folder);
	free(list);
}
