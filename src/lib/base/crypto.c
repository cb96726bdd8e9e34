/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread's library context.  It is no argument of a hundred functions because it is
 * none of their business; whoever sets it puts the former one back.
 */
#include "base/crypto.h"

#include <stddef.h>

static _Thread_local OSSL_LIB_CTX *in_use;

OSSL_LIB_CTX *crypto_context(void) {
	return in_use;
}

OSSL_LIB_CTX *crypto_use(OSSL_LIB_CTX *context) {
	OSSL_LIB_CTX *before = in_use;

	in_use = context;
	return before;
}
