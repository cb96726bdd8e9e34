/* SPDX-License-Identifier: Apache-2.0
 *
 * What every Cryptoki return value means to a person (PKCS#11 2.40 and 3.0).
 */
#ifndef CAPROOF_TOKEN_CKR_H
#define CAPROOF_TOKEN_CKR_H

#include <p11-kit/pkcs11.h>

#include "base/error.h"

/* "CKR_PIN_INCORRECT", or "CKR_VENDOR_DEFINED+0x…" in BUF for what has no name. */
const char *ckr_name(CK_RV rv, char *buf, size_t size);

/* Record that CALL ("C_Login") failed with RV while doing what FMT says:
 * "cannot log in to token 'x': the PIN is wrong".  id, sentence and next step come from
 * the table; CALL and the value's name go to the detail. */
enum caproof_status ckr_error(struct error *err, CK_RV rv, const char *call,
	const char *module, const char *fmt, ...) PRINTF_LIKE(5, 6);

#endif
