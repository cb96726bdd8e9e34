/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of codes as somebody's spreadsheet wrote it: refused with a line of the file, or
 * rows in the file's order, each of them usable or with a reason.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "list.h"

static void check_text(const char *text) {
	if (text == NULL)
		return;
	FUZZ_MUST(text[0] != '\0' && strlen(text) <= LIST_FIELD_MAX);
	FUZZ_MUST(text_is_utf8(text, strlen(text)));
}

static void check_row(const struct list_row *row) {
	check_text(row->code);
	check_text(row->csr);
	check_text(row->platform);
	check_text(row->tenant);
	check_text(row->out);
	check_text(row->note);
	if (row->error != NULL)
		fuzz_shown(row->error);
	else
		FUZZ_MUST(row->code != NULL || row->csr != NULL);
	FUZZ_MUST(row->code_issued == LIST_NO_TIME || row->code_issued >= 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct error err = ERROR_INIT;
	struct list *list = NULL;
	size_t line = 1;

	if (!fuzz_fine(list_parse(span_of(data, size), "codes.csv", &list, &err), &err)) {
		FUZZ_MUST(list == NULL && strstr(err.message, "', line ") != NULL);
		return 0;
	}
	FUZZ_MUST(list->count > 0);
	for (size_t i = 0; i < list->count; i++) {
		FUZZ_MUST(list->rows[i].line > line);
		line = list->rows[i].line;
		check_row(&list->rows[i]);
	}
	list_free(list);
	return 0;
}
