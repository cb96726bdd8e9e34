/* SPDX-License-Identifier: Apache-2.0
 *
 * Holding a proof against the CA certificate, the code and the platform's form, as the
 * platform's own server will.  What caproof makes goes through the same checks before
 * it is written.
 */
#ifndef CAPROOF_VERIFY_H
#define CAPROOF_VERIFY_H

#include "base/checks.h"
#include "platform/platform.h"
#include "x509/ca.h"

struct verify_input {
	const struct ca *ca;
	const struct platform *platform;
	const char *code; /* octet by octet, nothing dropped; NULL: not compared */
	time_t at;
};

/* Check the certificate in DER.  Every check is appended to CHECKS, whether it holds or
 * not; an error is only what kept it from being checked (proof.format). */
NODISCARD enum caproof_status verify_certificate(const struct verify_input *input,
	struct span der, struct checks *checks, struct error *err);

/* Check SIGNATURE over the octets of the code (which must be given). */
NODISCARD enum caproof_status verify_code_signature(const struct verify_input *input,
	struct span signature, struct checks *checks, struct error *err);

/* Check the proof in the octets of the file NAME, in the platform's form: everything above,
 * how the file is written, and the platform's rules for codes and outputs.  Errors:
 * platform.no-proof, usage (a signature needs the code), proof.format, ca.private-key. */
NODISCARD enum caproof_status verify_file(const struct verify_input *input, struct span file,
	const char *name, struct checks *checks, struct error *err);

/* Whether the proof in FILE is a certificate with the serial number SERIAL (lower-case hex,
 * as in a plan). */
NODISCARD enum caproof_status verify_has_serial(struct span file, const char *serial,
	bool *has, struct error *err);

#endif
