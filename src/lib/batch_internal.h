/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of a batch share.
 */
#ifndef CAPROOF_BATCH_INTERNAL_H
#define CAPROOF_BATCH_INTERNAL_H

#include "batch.h"

/* The platform that the row names, or the batch's own; each is loaded once. */
NODISCARD enum caproof_status batch_find_platform(struct batch *batch, struct batch_row *row,
	struct error *err);
/* Whether ROW's output is PEM: all but those that end in .der. */
bool batch_is_pem(const struct batch_row *row);
/* The name that the list gives, or one made of platform and code (which must be known).
 * Errors: list.row. */
NODISCARD enum caproof_status batch_give_name(struct batch_row *row, struct error *err);
/* For a row that names its code: whether an earlier run has finished it (BATCH_DONE), so that
 * nothing else in it matters any more: a request that is gone, a code that has expired. */
NODISCARD enum caproof_status batch_look_for_finished(const struct batch *batch,
	struct batch_row *row, struct error *err);
/* What an earlier run made of this row, as its journal and the folder say; a name that is
 * taken by something else is output.exists. */
NODISCARD enum caproof_status batch_look_for_earlier(const struct batch *batch,
	struct batch_row *row, struct error *err);
/* fsync the folder.  Errors: output.write. */
NODISCARD enum caproof_status batch_flush_folder(const struct batch *batch, struct error *err);
/* PATH of the list, which starts at the list's folder.  NULL: no memory. */
char *batch_list_path(const struct batch *batch, const char *path);
/* Read and judge the request of ROW into row->request.  Errors: csr.*, input.*, list.row. */
NODISCARD enum caproof_status batch_read_request(const struct batch *batch,
	struct batch_row *row, struct error *err);
/* Do that for all rows that have one; a fault is the row's failure, for take_request of
 * batch_check.c. */
void batch_read_requests(struct batch *batch, bool (*cancelled)(void));
/* Whether a row with another content would do better. */
bool batch_is_row_fault(const struct error *why);
/* Remember WHY in the row, in the place of what was there. */
NODISCARD enum caproof_status batch_keep_failure(struct batch_row *row, const struct error *why,
	struct error *err);
void batch_forget_failure(struct batch_row *row);
/* The row cannot be used, because of WHY. */
NODISCARD enum caproof_status batch_fail_row(struct batch_row *row, const struct error *why,
	struct error *err);

#endif
