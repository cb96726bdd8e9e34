/* SPDX-License-Identifier: Apache-2.0
 *
 * The CA's private key, ready to sign: octets in, signature out.
 *
 * The signer finds the one key that belongs to a public key, logs in at most once,
 * and signs.  It knows nothing of certificates: whoever calls it decides what the
 * octets mean and verifies what comes back.  It creates, changes and deletes
 * nothing in the token (PKCS#11 2.40 5.6: read-only sessions).
 *
 * Promise: one C_Login(CKU_USER) in a signer's life (a second only after a lost
 * session, when the first was accepted); on one token; no PIN twice.
 */
#ifndef CAPROOF_TOKEN_SIGNER_H
#define CAPROOF_TOKEN_SIGNER_H

#include "base/algorithm.h"
#include "base/secret.h"
#include "token/public_half.h"

/* Asks for the PIN of the token and key in PROMPT.  On success *OUT is owned by the
 * caller (the signer); on failure ERR is set (pin.none, interrupted).  Not called for
 * a PIN pad, but `notify` is then called once before C_Login blocks. */
struct signer_pin {
	enum caproof_status (*ask)(void *arg, const struct caproof_pin_prompt *prompt,
		struct secret **out, struct error *err);
	void (*notify)(void *arg, const struct caproof_pin_prompt *prompt); /* may be NULL */
	void *arg;
};

/* One for each hash: a list may hold rows for platforms that take different ones. */
#define SIGNER_ALGORITHMS 3

struct signer_query {
	const struct uri *uri;               /* --key; NULL: found by the public key */
	const struct public_key *public_key; /* of the CA certificate: the final word */
	struct span certificate;             /* its DER, looked for among CKO_CERTIFICATE */
	struct algorithm algorithms[SIGNER_ALGORITHMS]; /* that will be asked for */
	size_t algorithms_count;             /* at least 1 */
	bool pin_names_token;                /* the PIN comes from a prompt that names the token */
	bool allow_final_try;
	struct signer_pin pin;
};

/* What is known of the key, for prompts, summaries and JSON. */
struct signer_key {
	char *uri;    /* pasteable, no PIN attribute; NULL while the key is not known */
	char *label;  /* safe to show; may be "" */
	char *id;     /* lower-case hex; may be "" */
	bool always_authenticate; /* known after signer_unlock */
	bool compared; /* the token's own public half was seen and equals the CA's */
};

struct signer;

/* Everything that can be known without a login: the token, its flags, the mechanism
 * and its key sizes, the public half.  No PIN is used.  QUERY is copied; what it
 * points to must outlive the signer.  Errors: token.*, key.*, pin.locked,
 * pin.final-try, pin.state, device. */
NODISCARD enum caproof_status signer_locate(struct module *module,
	const struct signer_query *query, struct signer **out, struct error *err);

/* Log in if that is needed, find the private key, check what it may do
 * (CKA_SIGN, CKA_ALLOWED_MECHANISMS) and, as far as the token tells, that it is the
 * CA's.  Errors: pin.*, key.*, device. */
NODISCARD enum caproof_status signer_unlock(struct signer *signer, struct error *err);

/* Sign MESSAGE (hashed in software) by ALGORITHM, one of the query's: one C_SignInit, one
 * C_Sign.  The signature is
 * what a certificate holds: RSA as it is, ECDSA as DER Ecdsa-Sig-Value (RFC 3279
 * 2.2.3), EdDSA as in RFC 8410.  It is not verified here. */
NODISCARD enum caproof_status signer_sign(struct signer *signer, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err);

/* Another session of an unlocked signer's login, for another thread: it signs with the same
 * key, and shares the login (which locks by itself), so that the promises above hold for all
 * of them together.  *NO_ROOM: the token allows no more sessions; *OUT is then NULL.  It must
 * be freed before the one it came from.  Errors: device. */
NODISCARD enum caproof_status signer_fork(struct signer *signer, struct signer **out,
	bool *no_room, struct error *err);

/* How many sessions at once suit the token, at most WANTED (0: not asked for).  *WHY tells in
 * words why there are fewer than were asked for, or why only one; NULL when nothing
 * needs to be said.  Known after signer_unlock. */
unsigned signer_sessions(const struct signer *signer, unsigned wanted, const char **why);
#define SIGNER_SESSIONS_MAX 32

/* The other way round, for a key whose public half is not to be seen without a login: QUERY
 * has a URI and no public key yet.  Logs in to the only token that it can mean, and reads
 * there what fits the URI.  signer_know must follow.  Errors: token.*, pin.*, key.none,
 * key.several, device. */
NODISCARD enum caproof_status signer_reveal(struct module *module,
	const struct signer_query *query, struct public_halves *halves, struct signer **out,
	struct error *err);

/* Which key it is, and how it is to sign: the same checks as in signer_locate.  Then
 * signer_unlock finds the private key, without another login. */
NODISCARD enum caproof_status signer_know(struct signer *signer, const struct public_key *key,
	const struct algorithm *algorithm, struct error *err);

/* What the module reports of the private key, for records: it is its word. */
enum signer_word { WORD_ABSENT, WORD_FALSE, WORD_TRUE };
struct signer_attributes {
	enum signer_word sensitive, always_sensitive, extractable, never_extractable, local;
};
/* After signer_unlock.  An attribute that is not reported is absent.  Errors: device. */
NODISCARD enum caproof_status signer_attributes(struct signer *signer,
	struct signer_attributes *out, struct error *err);

void signer_free(struct signer *signer); /* closes its session; NULL is fine */

const struct token *signer_token(const struct signer *signer);
const struct signer_key *signer_get0_key(const struct signer *signer);

#endif
