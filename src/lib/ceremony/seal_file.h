/* SPDX-License-Identifier: Apache-2.0
 *
 * seal.json: how the ceremony ended.  After it nothing is added to the bundle.
 */
#ifndef CAPROOF_CEREMONY_SEAL_FILE_H
#define CAPROOF_CEREMONY_SEAL_FILE_H

#include "ceremony/ceremony.h"

#define SEAL_FILE "seal.json"

enum ceremony_outcome { OUTCOME_COMPLETE, OUTCOME_PARTIAL, OUTCOME_ABORTED };
const char *ceremony_outcome_name(enum ceremony_outcome outcome);

/* How CEREMONY stands: complete when every item is written, partial when anything was
 * announced, else aborted. */
enum ceremony_outcome ceremony_outcome(const struct ceremony *ceremony);
/* Items with an intent that did not come to be written. */
bool ceremony_is_unresolved(const struct ceremony *ceremony, long index);

/* seal.json as it must be; TIME is that of the sealing. */
NODISCARD enum caproof_status seal_make(const struct ceremony *ceremony, time_t time,
	struct bytes *out, struct error *err);
/* The time in a seal.json; false: it is none that could be. */
NODISCARD enum caproof_status seal_time(struct span text, time_t *out, struct error *err);

/* "SHA256SUMS.ROLE.NAME.p7s"; BUF has SEAL_NAME_SIZE octets. */
#define SEAL_NAME_SIZE 160
const char *seal_signature_name(char *buf, const struct ceremony_member *member);

#endif
