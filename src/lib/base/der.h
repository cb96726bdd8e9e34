/* SPDX-License-Identifier: Apache-2.0
 *
 * The outer form of DER (X.690 10.1), read strictly and without copying: for what a
 * stranger signed, where OpenSSL's readers take any BER.  It knows no types: what is
 * inside an element is for the caller.
 */
#ifndef CAPROOF_BASE_DER_H
#define CAPROOF_BASE_DER_H

#include "base/bytes.h"

/* Identifier octets as they stand, X.690 8.1.2. */
enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0x80,             /* [0] IMPLICIT of something primitive */
	DER_CONTEXT_0_CONSTRUCTED = 0xa0,
	DER_CONTEXT_1_CONSTRUCTED = 0xa1,
	DER_CONTEXT_2_CONSTRUCTED = 0xa2
};

/* Whether FROM begins with TAG. */
bool der_is(struct span from, enum der_tag tag);
/* Take the element that FROM begins with off it: CONTENT is what is in it, WHOLE, unless
 * NULL, that with its tag and length.  False, and FROM as it was, when it is not TAG, does
 * not end within FROM, or its length is indefinite or longer than need be. */
NODISCARD bool der_take(struct span *from, enum der_tag tag, struct span *content,
	struct span *whole);

#endif
