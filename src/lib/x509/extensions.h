/* SPDX-License-Identifier: Apache-2.0
 *
 * The extensions of what caproof signs: a fixed set, of which nothing comes from a
 * request.
 */
#ifndef CAPROOF_X509_EXTENSIONS_H
#define CAPROOF_X509_EXTENSIONS_H

#include <openssl/x509.h>

#include "x509/tbs.h"

/* Append to *EXTENSIONS (made when NULL) what TBS asks for.  On failure the list may
 * be partly filled; its owner frees it. */
NODISCARD enum caproof_status extensions_build(const struct tbs *tbs,
	STACK_OF(X509_EXTENSION) **extensions, struct error *err);

#endif
