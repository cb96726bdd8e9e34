/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA256SUMS: every file of a bundle, sorted, in the format of sha256sum, so that anybody
 * can make it again.
 */
#ifndef CAPROOF_CEREMONY_SUMS_H
#define CAPROOF_CEREMONY_SUMS_H

#include "ceremony/bundle.h"

#define SUMS_FILE "SHA256SUMS"
#define SUMS_FILES_MAX 100000

/* What SHA256SUMS of BUNDLE must be now: all regular files but itself, the signatures on it
 * (SHA256SUMS.*) and what lies in anchors/.  A link, a device or anything else that is no file
 * or folder is ceremony.bundle, with its name. */
NODISCARD enum caproof_status sums_make(const struct bundle *bundle, struct bytes *out,
	struct error *err);
/* Call EACH with the path of every file, those outside of SHA256SUMS as well.  Errors as above,
 * and those of EACH. */
NODISCARD enum caproof_status sums_each(const struct bundle *bundle,
	enum caproof_status (*each)(void *arg, const char *path, struct error *err), void *arg,
	struct error *err);

#endif
