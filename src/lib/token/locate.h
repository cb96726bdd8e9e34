/* SPDX-License-Identifier: Apache-2.0
 *
 * Which token: without a login, without a PIN.
 */
#ifndef CAPROOF_TOKEN_LOCATE_H
#define CAPROOF_TOKEN_LOCATE_H

#include "token/probe.h"
#include "token/signer.h"

struct located {
	struct token token;
	CK_SESSION_HANDLE session; /* open; the caller closes it */
	enum probe_result result;  /* PROBE_EQUAL or PROBE_NOTHING */
	struct object half;        /* PROBE_EQUAL */
};

/* Find the one token for QUERY: the one whose public objects hold the CA's public key,
 * or the only one that it can be.  Errors: token.*, key.several, key.foreign, device. */
NODISCARD enum caproof_status locate(struct module *module, const struct signer_query *query,
	struct located *out, struct error *err);

/* The one token that QUERY can mean when no public object tells: the only one that fits its
 * URI, and that somebody named.  The result is PROBE_NOTHING.  Errors: token.*, device. */
NODISCARD enum caproof_status locate_only(struct module *module, const struct signer_query *query,
	struct located *out, struct error *err);

#endif
