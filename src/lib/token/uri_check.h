/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of RFC 7512, held against a URI before p11-kit sees it.
 */
#ifndef CAPROOF_TOKEN_URI_CHECK_H
#define CAPROOF_TOKEN_URI_CHECK_H

#include "token/uri.h"

/* Which attributes a URI has, as bits. */
enum uri_part {
	URI_TOKEN = 1 << 0,
	URI_SERIAL = 1 << 1,
	URI_MANUFACTURER = 1 << 2,
	URI_MODEL = 1 << 3,
	URI_SLOT_ID = 1 << 4,
	URI_SLOT_DESCRIPTION = 1 << 5,
	URI_SLOT_MAKER = 1 << 6,
	URI_LIBRARY = 1 << 7,
	URI_LIBRARY_MAKER = 1 << 8,
	URI_LIBRARY_VERSION = 1 << 9,
	URI_ID = 1 << 10,
	URI_OBJECT = 1 << 11,
	URI_TYPE = 1 << 12,
	URI_MODULE_PATH = 1 << 13,
	URI_PIN_SOURCE = 1 << 14,
	URI_PIN_VALUE = 1 << 15
};

/* Check TEXT whole and say in *PARTS what it has.  Errors: usage.uri, usage.pin. */
NODISCARD enum caproof_status uri_check(const char *text, enum uri_scope scope, unsigned *parts,
	struct error *err);

#endif
