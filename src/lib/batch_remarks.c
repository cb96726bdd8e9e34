/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody who reads the list should know before it is signed: nothing here is a
 * mistake, but each may be one.
 */
#include <search.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "batch.h"

static int compare_code(const void *a, const void *b) {
	const struct batch_row *x = a, *y = b;
	int platforms = strcmp(platform_name(x->platform), platform_name(y->platform));

	return platforms != 0 ? platforms : strcmp(x->code, y->code);
}

static void free_nothing(void *node) {
	(void)node;
}

static const char *remark_on(const struct batch *batch, const struct batch_row *row,
	const struct batch_row *before, char *buf, size_t size) {
	const struct journal_entry *entry = journal_find_code(batch->journal,
		batch->ca->sha256, platform_name(row->platform), row->code);
	char shown[200];

	if (row->used_up)
		snprintf(buf, size, "the token may have signed it in the run that was interrupted: its old "
			"serial number is used up, it gets a new one");
	else if (before != NULL)
		snprintf(buf, size, "it has the same code as line %zu", before->source->line);
	else if (entry != NULL && strcmp(entry->out, row->out) != 0)
		snprintf(buf, size, "its code was proven before, in '%s'",
			text_safe(shown, sizeof(shown), entry->out, strlen(entry->out)));
	else
		return NULL;
	return buf;
}

enum caproof_status batch_remarks(const struct batch *batch,
	void (*each)(void *arg, const struct batch_row *row, const char *remark), void *arg,
	struct error *err) {
	void *codes = NULL;
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < batch->list->count; i++) {
		struct batch_row *row = &batch->rows[i], **first;
		char buf[400];
		const char *remark;

		if (row->state == BATCH_BAD)
			continue;
		first = tsearch(row, &codes, compare_code);
		if (first == NULL) {
			status = error_memory(err);
			break;
		}
		remark = row->state != BATCH_OPEN ? NULL :
			remark_on(batch, row, *first != row ? *first : NULL, buf, sizeof(buf));
		if (remark != NULL)
			each(arg, row, remark);
	}
	tdestroy(codes, free_nothing);
	return status;
}
