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

/* The names of the files in FOLDER ("attach"), with it in front, sorted by octets.  OUT is
 * cleared by the caller whatever happens.  Errors: ceremony.bundle. */
struct sums_names {
	char **list;
	size_t count, room;
};
NODISCARD enum caproof_status sums_names(const struct bundle *bundle, const char *folder,
	struct sums_names *out, struct error *err);
void sums_names_clear(struct sums_names *names);

#endif
