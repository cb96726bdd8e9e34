/* SPDX-License-Identifier: Apache-2.0
 *
 * Octets to a signature.  What comes back is only looked at for its shape: the caller
 * verifies it with the CA certificate's public key, which is the only check that counts.
 */
#include "token/sign.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

enum { SIGNATURE_ROOM = 2048 };

/* PKCS#11 3.0 2.3.14; p11-kit's header of 0.24 does not have it. */
struct eddsa_params {
	CK_BBOOL prehash;
	CK_ULONG context_len;
	CK_BYTE *context;
};

/* DigestInfo up to the digest, RFC 8017 9.2 note 1. */
static const unsigned char digest_info[][19] = {
	[DIGEST_SHA256] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
		0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 },
	[DIGEST_SHA384] = { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
		0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30 },
	[DIGEST_SHA512] = { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
		0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 },
};

static size_t field_size(const struct public_key *key) {
	return ((size_t)key->bits + 7) / 8;
}

enum caproof_status sign_prepare(const struct signing *signing, struct span message,
	struct bytes *input, struct error *err) {
	enum digest digest = signing->algorithm.digest;
	unsigned char made[sizeof(digest_info[0]) + EVP_MAX_MD_SIZE];
	size_t head = signing->mechanism.input == INPUT_DIGEST_INFO ? sizeof(digest_info[0]) : 0;
	size_t len = 0;

	if (signing->mechanism.input == INPUT_MESSAGE)
		return bytes_copy(input, message.data, message.len, err);
	if (!EVP_Q_digest(crypto_context(), digest_name(digest), NULL, message.data, message.len,
		made + head, &len)) {
		ERR_clear_error();
		return error_set(err, ERROR_INTERNAL, "cannot hash with %s", digest_name(digest));
	}
	if (head > 0)
		memcpy(made, digest_info[digest], head);
	/* The leftmost bits count (FIPS 186-4 6.4); not every token cuts by itself. */
	if (signing->algorithm.scheme == SCHEME_ECDSA && len > field_size(signing->public_key))
		len = field_size(signing->public_key);
	return bytes_copy(input, made, head + len, err);
}

static CK_RSA_PKCS_PSS_PARAMS pss_params(const struct algorithm *algorithm) {
	static const struct { CK_MECHANISM_TYPE hash; CK_ULONG mgf; } by_digest[] = {
		[DIGEST_SHA256] = { CKM_SHA256, CKG_MGF1_SHA256 },
		[DIGEST_SHA384] = { CKM_SHA384, CKG_MGF1_SHA384 },
		[DIGEST_SHA512] = { CKM_SHA512, CKG_MGF1_SHA512 },
	};
	CK_RSA_PKCS_PSS_PARAMS params = { by_digest[algorithm->digest].hash,
		by_digest[algorithm->digest].mgf, algorithm->salt_len };

	return params;
}

static enum caproof_status begin(struct session *session, const struct signing *signing,
	struct error *err) {
	CK_RSA_PKCS_PSS_PARAMS pss;
	struct eddsa_params eddsa = { CK_FALSE, 0, NULL };
	CK_MECHANISM mechanism = { signing->mechanism.type, NULL, 0 };
	CK_RV rv;

	if (signing->algorithm.scheme == SCHEME_RSA_PSS) {
		pss = pss_params(&signing->algorithm);
		mechanism = (CK_MECHANISM){ signing->mechanism.type, &pss, sizeof(pss) };
	} else if (signing->public_key->type == KEY_ED448) {
		mechanism = (CK_MECHANISM){ signing->mechanism.type, &eddsa, sizeof(eddsa) };
	}
	rv = session_functions(session)->C_SignInit(session->handle, &mechanism, signing->key);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_SignInit", "begin a signature on", err);
	return CAPROOF_OK;
}

static enum caproof_status refuse_length(const struct session *session, CK_ULONG len,
	struct error *err) {
	char token[224];

	return error_set(err, ERROR_SIGNATURE, "%s gave a signature of %lu octets, which cannot be one "
		"of the CA's key", token_describe(session->token, token, sizeof(token)), len);
}

/* r||s (2.40 2.3.1) to DER Ecdsa-Sig-Value (RFC 3279 2.2.3). */
static enum caproof_status encode_ecdsa(struct span raw, struct bytes *out, struct error *err) {
	int half = (int)(raw.len / 2), len;
	BIGNUM *r = BN_bin2bn(raw.data, half, NULL), *s = BN_bin2bn(raw.data + half, half, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *der = NULL;
	enum caproof_status status;

	if (r == NULL || s == NULL || sig == NULL || !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(sig);
		ERR_clear_error();
		return error_memory(err);
	}
	len = i2d_ECDSA_SIG(sig, &der);
	status = len > 0 ? bytes_copy(out, der, (size_t)len, err) : error_memory(err);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	ERR_clear_error();
	return status;
}

static enum caproof_status take(const struct session *session, const struct signing *signing,
	struct span raw, struct bytes *signature, struct error *err) {
	const struct public_key *key = signing->public_key;
	bool ecdsa = signing->algorithm.scheme == SCHEME_ECDSA;
	size_t expected = ecdsa ? 2 * field_size(key) : raw.len;

	if (key->type == KEY_RSA)
		expected = key->modulus.len;
	else if (signing->algorithm.scheme == SCHEME_EDDSA)
		expected = key->type == KEY_ED448 ? 114 : 64;
	/* Some tokens drop leading zeros of both halves of r||s. */
	if (raw.len == 0 || raw.len > expected || (!ecdsa && raw.len != expected) ||
		(ecdsa && raw.len % 2 != 0))
		return refuse_length(session, raw.len, err);
	if (ecdsa)
		return encode_ecdsa(raw, signature, err);
	return bytes_copy(signature, raw.data, raw.len, err);
}

static enum caproof_status finish(struct session *session, const struct signing *signing,
	const struct bytes *input, bool *called, struct bytes *signature, struct error *err) {
	unsigned char raw[SIGNATURE_ROOM];
	CK_ULONG len = sizeof(raw);
	CK_RV rv;

	*called = true;
	rv = session_functions(session)->C_Sign(session->handle, input->data, input->len, raw, &len);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_Sign", "sign on", err);
	if (len > sizeof(raw))
		return refuse_length(session, len, err);
	return take(session, signing, span_of(raw, len), signature, err);
}

enum caproof_status sign_once(struct session *session, struct login *login,
	const struct signing *signing, const struct bytes *input, bool *called,
	struct bytes *signature, struct error *err) {
	enum caproof_status status = begin(session, signing, err);

	if (status == CAPROOF_OK && signing->always_authenticate) {
		status = login_context(login, session, err);
		if (status != CAPROOF_OK)
			session_close(session);
	}
	if (status == CAPROOF_OK)
		status = finish(session, signing, input, called, signature, err);
	return status;
}
