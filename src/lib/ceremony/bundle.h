/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of a ceremony: files in it are read bounded, never through a link, and
 * written once, never again.
 */
#ifndef CAPROOF_CEREMONY_BUNDLE_H
#define CAPROOF_CEREMONY_BUNDLE_H

#include "base/file.h"

#define BUNDLE_FILE_MAX (16u * 1024 * 1024)

struct bundle {
	int folder;
	char *path; /* as given */
	char *name; /* safe to show */
};

/* Open the folder PATH.  Errors: ceremony.bundle. */
NODISCARD enum caproof_status bundle_open(const char *path, struct bundle *out,
	struct error *err);
/* Make the folder PATH, which must not be there (output.exists), and open it. */
NODISCARD enum caproof_status bundle_make(const char *path, struct bundle *out,
	struct error *err);
void bundle_close(struct bundle *bundle);

NODISCARD enum caproof_status bundle_make_folder(const struct bundle *bundle, const char *name,
	struct error *err);
/* Read the regular file PATH, at most BUNDLE_FILE_MAX octets.  Errors: ceremony.bundle (also
 * when it is not there). */
NODISCARD enum caproof_status bundle_read(const struct bundle *bundle, const char *path,
	struct bytes *out, struct error *err);
/* Whether something has the name PATH. */
bool bundle_has(const struct bundle *bundle, const char *path);
/* Write the file PATH, whole or not at all; output.exists when it is there. */
NODISCARD enum caproof_status bundle_write(const struct bundle *bundle, const char *path,
	struct span content, struct error *err);

#endif
