/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate object in a token, as octets; what they mean is for others.
 */
#ifndef CAPROOF_TOKEN_CERTIFICATE_H
#define CAPROOF_TOKEN_CERTIFICATE_H

#include "token/uri.h"

/* The DER of the one certificate object that URI names, read without a login.  Errors:
 * usage.uri (its type is not cert), token.*, key.several (more than one: the candidates
 * are listed), input.read (none), device. */
NODISCARD enum caproof_status certificate_read(struct module *module, const struct uri *uri,
	struct bytes *out, struct error *err);

#endif
