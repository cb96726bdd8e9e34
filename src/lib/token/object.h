/* SPDX-License-Identifier: Apache-2.0
 *
 * An object of a token as far as it says what it is, and whether it can be the CA's.
 */
#ifndef CAPROOF_TOKEN_OBJECT_H
#define CAPROOF_TOKEN_OBJECT_H

#include "base/public_key.h"
#include "token/session.h"

/* A value that may be absent: missing, sensitive, of length -1, or longer than any
 * sensible one.  SIZE is odd so that a length which a module never wrote is told from
 * one that it did. */
#define OBJECT_VALUE(name, size) \
	struct { \
		bool present; \
		size_t len; \
		unsigned char data[size]; \
	} name

enum { OBJECT_MECHANISMS = 128 };

struct object {
	CK_OBJECT_HANDLE handle;
	CK_OBJECT_CLASS class;   /* (CK_OBJECT_CLASS)-1: absent */
	CK_KEY_TYPE key_type;    /* likewise */
	bool sign_denied;        /* CKA_SIGN is there and false */
	bool sign_allowed;       /* CKA_SIGN is there and true */
	bool always_authenticate;
	OBJECT_VALUE(id, 513);
	OBJECT_VALUE(label, 513);
	OBJECT_VALUE(modulus, 2049);
	OBJECT_VALUE(ec_params, 255);
	OBJECT_VALUE(point, 255);
	OBJECT_VALUE(key_info, 765); /* CKA_PUBLIC_KEY_INFO, for EC keys only */
	CK_MECHANISM_TYPE mechanisms[OBJECT_MECHANISMS]; /* CKA_ALLOWED_MECHANISMS */
	size_t mechanism_count;  /* 0: no restriction is known */
};

enum object_verdict { OBJECT_UNKNOWN, OBJECT_EQUAL, OBJECT_DIFFERENT };

struct span object_id(const struct object *object);
struct span object_label(const struct object *object);

/* Read everything above with one C_GetAttributeValue; never a value that could be a
 * secret.  TYPE is the kind of key that is looked for. */
NODISCARD enum caproof_status object_read(struct session *session, CK_OBJECT_HANDLE handle,
	enum key_type type, struct object *out, struct error *err);

/* Whether a key, private or public, is KEY, by what it shows of itself. */
enum object_verdict object_compare(const struct object *object, const struct public_key *key);

/* Whether a certificate holds KEY: reads CKA_VALUE and looks for the key's octets, for
 * nothing here can read a certificate. */
NODISCARD enum caproof_status object_compare_certificate(struct session *session,
	CK_OBJECT_HANDLE handle, const struct public_key *key, enum object_verdict *out,
	struct error *err);

/* CKA_VALUE of a certificate (never ask it of a key) into OUT, which must be empty and stays
 * so when the value is absent. */
NODISCARD enum caproof_status object_read_value(struct session *session, CK_OBJECT_HANDLE handle,
	struct bytes *out, struct error *err);

CK_KEY_TYPE object_key_type(enum key_type type); /* CKK_RSA and so on */

#endif
