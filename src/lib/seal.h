/* SPDX-License-Identifier: Apache-2.0
 *
 * Seal: octets and signature become a proof, or nothing at all.
 */
#ifndef CAPROOF_SEAL_H
#define CAPROOF_SEAL_H

#include "plan.h"

struct proof {
	struct bytes content;         /* what the file holds: PEM, DER, or one base64 line */
	char sha256[SHA256_HEX_SIZE]; /* of the DER, or of the signature's octets */
	struct checks checks;         /* every check of the finished proof */
};

/* Join PLAN's octets with SIGNATURE, parse the result again, verify it with the public key
 * of CA, and hold it against the platform's form at NOW.  The plan of a CA certificate needs
 * no CA: its own key verifies it, and the platform's CA rules are held against it.  Errors:
 * signature (it does not verify), proof (a check refuses), rule (the platform would refuse
 * the CA certificate).  On failure OUT is untouched. */
NODISCARD enum caproof_status seal(const struct plan *plan, const struct ca *ca,
	const struct platform *platform, struct span signature, time_t now, bool pem,
	struct proof *out, struct error *err);
void proof_clear(struct proof *proof);

#endif
