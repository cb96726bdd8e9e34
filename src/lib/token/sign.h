/* SPDX-License-Identifier: Apache-2.0
 *
 * One signature in one session: nothing about finding, logging in or trying again.
 */
#ifndef CAPROOF_TOKEN_SIGN_H
#define CAPROOF_TOKEN_SIGN_H

#include "token/login.h"
#include "token/mechanism.h"

struct signing {
	struct mechanism mechanism;
	struct algorithm algorithm;
	const struct public_key *public_key;
	CK_OBJECT_HANDLE key;
	bool always_authenticate;
};

/* What is given to the token for MESSAGE: itself, its digest, or DigestInfo. */
NODISCARD enum caproof_status sign_prepare(const struct signing *signing, struct span message,
	struct bytes *input, struct error *err);

/* C_SignInit, C_Login(CKU_CONTEXT_SPECIFIC) for a key that wants it each time, C_Sign; and
 * the result as a certificate holds it.  After a failed context-specific login the session
 * is closed, for 2.40 cannot cancel what C_SignInit began.  *CALLED becomes true when C_Sign
 * is called: from then on the token may have signed, whatever it answers. */
NODISCARD enum caproof_status sign_once(struct session *session, struct login *login,
	const struct signing *signing, const struct bytes *input, bool *called,
	struct bytes *signature, struct error *err);

#endif
