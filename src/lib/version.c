/* SPDX-License-Identifier: Apache-2.0
 *
 * The version, which the tool and the library have in common.
 */
#include <caproof/caproof.h>

const char *caproof_version(void) {
	return CAPROOF_VERSION;
}
