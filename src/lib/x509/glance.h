/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate at a glance: what a list of certificates shows of each.
 */
#ifndef CAPROOF_X509_GLANCE_H
#define CAPROOF_X509_GLANCE_H

#include <stdbool.h>

#include "x509/key.h"

struct glance {
	bool decoded;             /* false: the octets are no certificate; only sha256 is known */
	char sha256[SHA256_HEX_SIZE]; /* of the DER; "" when there are no octets at all */
	char *subject;            /* RFC 4514, safe to show */
	bool ends;                /* NOT_AFTER is a time that the calendar has */
	time_t not_after;
	bool is_ca;               /* basicConstraints says CA:TRUE */
	struct public_key key;    /* KEY_OTHER when it cannot be read */
};

/* Look at DER.  Octets that are no certificate are no error, and neither are others behind
 * it (smart cards pad).  OUT must be zeroed; clear it in any case. */
NODISCARD enum caproof_status glance_at(struct span der, struct glance *out, struct error *err);
void glance_clear(struct glance *glance);

#endif
