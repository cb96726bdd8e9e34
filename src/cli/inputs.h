/* SPDX-License-Identifier: Apache-2.0
 *
 * What several commands read: the CA certificate, the code and the platforms' rule files.
 */
#ifndef CAPROOF_CLI_INPUTS_H
#define CAPROOF_CLI_INPUTS_H

#include "base/bytes.h"
#include "platform/platform.h"
#include "x509/ca.h"

/* The folder with the platforms' rule files: $CAPROOF_PLATFORMS, else the installed one. */
const char *inputs_platform_directory(void);

/* Read the CA certificate NAME: a file, "-", or the PKCS#11 URI of a certificate object, whose
 * module is that of the URI, else $CAPROOF_MODULE, else p11-kit's proxy; nobody logs in.
 * Errors: input.*, ca.*, usage.uri, and those of the module and the token. */
NODISCARD enum caproof_status inputs_read_ca(const char *name, struct ca **out,
	struct error *err);

/* Read the code: CODE itself, or else what is in FILE ("-": standard input); with neither OUT
 * stays empty.  Errors: input.*, code. */
NODISCARD enum caproof_status inputs_read_code(const char *code, const char *file,
	struct bytes *out, struct error *err);

#endif
