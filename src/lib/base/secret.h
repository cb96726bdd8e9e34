/* SPDX-License-Identifier: Apache-2.0
 *
 * The one type that holds a PIN or a pass phrase: its own pages, locked into
 * memory where the limit allows, kept out of core dumps and of child processes,
 * wiped when freed.
 */
#ifndef CAPROOF_BASE_SECRET_H
#define CAPROOF_BASE_SECRET_H

#include "base/bytes.h"

struct secret;

#define SECRET_MAX 1024 /* octets */

/* An empty secret with room for SECRET_MAX octets. */
NODISCARD enum caproof_status secret_new(struct secret **out, struct error *err);
void secret_free(struct secret *secret); /* wipes */

unsigned char *secret_data(struct secret *secret);    /* SECRET_MAX octets of room */
size_t secret_len(const struct secret *secret);
void secret_set_len(struct secret *secret, size_t len); /* at most SECRET_MAX; wipes the rest */
struct span secret_span(const struct secret *secret);

#endif
