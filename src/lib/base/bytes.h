/* SPDX-License-Identifier: Apache-2.0
 *
 * Octets: owned (struct bytes) and borrowed (struct span).  Not for secrets,
 * which live in struct secret.
 */
#ifndef CAPROOF_BASE_BYTES_H
#define CAPROOF_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct span {
	const unsigned char *data;
	size_t len;
};

struct bytes {
	unsigned char *data; /* from malloc; NULL when len is 0; never NUL-terminated by contract */
	size_t len;
};

#define BYTES_INIT { NULL, 0 }

/* Copy LEN octets into OUT, which must be empty; untouched on failure. */
NODISCARD enum caproof_status bytes_copy(struct bytes *out, const void *data, size_t len,
	struct error *err);
/* Put LEN octets at the end of OUT; untouched on failure. */
NODISCARD enum caproof_status bytes_append(struct bytes *out, const void *data, size_t len,
	struct error *err);
void bytes_clear(struct bytes *b); /* frees; safe on an empty or cleared one */

struct span bytes_span(const struct bytes *b);
struct span span_of(const void *data, size_t len);
bool span_equal(struct span a, struct span b);
/* Without white space at its ends. */
struct span span_trim(struct span text);

#endif
