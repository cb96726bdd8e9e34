/* SPDX-License-Identifier: Apache-2.0
 *
 * All that a token holds for signing: keys and certificates, as far as they can be seen.
 */
#ifndef CAPROOF_TOKEN_INVENTORY_H
#define CAPROOF_TOKEN_INVENTORY_H

#include "token/login.h"
#include "token/object.h"

struct inventory_object {
	CK_OBJECT_CLASS class;   /* CKO_PRIVATE_KEY, CKO_PUBLIC_KEY or CKO_CERTIFICATE */
	struct bytes id, label;  /* empty when absent */
	/* Keys: what the token shows.  bits is 0, and modulus or point empty, where it does
	 * not; the point is the bare one, without the OCTET STRING around it. */
	struct public_key key;
	bool sign_known, sign;   /* CKA_SIGN */
	bool always_authenticate;
	struct bytes der;        /* certificates: CKA_VALUE as it is; empty when absent */
};

struct inventory {
	struct inventory_object *list;
	size_t count;
};

#define INVENTORY_INIT { NULL, 0 }

/* Read what SESSION's token holds into OUT, which must be empty.  With LOGIN (else NULL) log
 * in first; a session that is lost on the way is had again once, as with signing.  The
 * objects come sorted by id, then label, then class.  Nothing limits their number but
 * INVENTORY_MOST, above which a module is not believed.  Errors: pin.*, device. */
enum { INVENTORY_MOST = 1 << 20 };
NODISCARD enum caproof_status inventory_read(struct session *session, struct login *login,
	struct inventory *out, struct error *err);
void inventory_clear(struct inventory *inventory);

/* The numbers of the key OBJECT, into OUT, which must be empty. */
NODISCARD enum caproof_status inventory_key(const struct object *object, struct public_key *out,
	struct error *err);

#endif
