/* SPDX-License-Identifier: Apache-2.0
 *
 * What an audit asks the transcript; shared by audit.c and audit_order.c only.
 */
#ifndef CAPROOF_CEREMONY_AUDIT_ORDER_H
#define CAPROOF_CEREMONY_AUDIT_ORDER_H

#include "ceremony/ceremony.h"

/* Why the records cannot have come about as they stand, in words that follow "the transcript
 * is broken: "; NULL: they can.  Static. */
const char *audit_out_of_order(const struct ceremony *ceremony);
/* Whether a run recorded that the approval in approvals/NAME.json does not count. */
bool audit_was_discounted(const struct ceremony *ceremony, const char *name);

#endif
