/* SPDX-License-Identifier: Apache-2.0
 *
 * Base64 (RFC 4648 4) in one line: what is read is exactly what would be written.
 */
#ifndef CAPROOF_BASE_BASE64_H
#define CAPROOF_BASE_BASE64_H

#include "base/bytes.h"

/* On the heap; NULL: no memory. */
char *base64_encode(struct span octets);
/* The same with a newline at its end, as a file has it. */
NODISCARD enum caproof_status base64_line(struct span octets, struct bytes *out,
	struct error *err);
/* Into OUT, which must be empty, and stays so when TEXT is not what base64_encode makes of some
 * octets: that is no error.  Errors: memory. */
NODISCARD enum caproof_status base64_decode(const char *text, struct bytes *out,
	struct error *err);

#endif
