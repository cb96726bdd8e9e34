/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files belong in a bundle.
 */
#ifndef CAPROOF_CEREMONY_AUDIT_FILES_H
#define CAPROOF_CEREMONY_AUDIT_FILES_H

#include "ceremony/seal_file.h"

/* Refuse a file that belongs to nothing (ceremony.bundle, with its name); what people attach
 * has its own folders, attach/ and anchors/. */
NODISCARD enum caproof_status audit_files(const struct ceremony *ceremony, struct error *err);

#endif
