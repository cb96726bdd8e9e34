/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifying signatures in software, and making them with keys that are no secret for long.
 */
#include "x509/signature.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/crypto.h"
#include "x509/keyless.h"

static bool configure(EVP_PKEY_CTX *ctx, const struct algorithm *algorithm) {
	if (algorithm->scheme != SCHEME_RSA_PSS)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)algorithm->salt_len) == 1;
}

enum caproof_status signature_verify_key(EVP_PKEY *pkey, const struct algorithm *algorithm,
	struct span message, struct span signature, bool *good, struct error *err) {
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	const char *digest = algorithm->digest != DIGEST_NONE ? digest_name(algorithm->digest) : NULL;
	enum caproof_status status = CAPROOF_OK;

	if (md == NULL ||
		EVP_DigestVerifyInit_ex(md, &ctx, digest, crypto_context(), NULL, pkey, NULL) != 1 ||
		!configure(ctx, algorithm)) {
		status = crypto_error(err, "verify a signature");
		goto out;
	}
	ERR_set_mark();
	*good = EVP_DigestVerify(md, signature.data, signature.len, message.data, message.len) == 1;
	ERR_pop_to_mark();
out:
	EVP_MD_CTX_free(md);
	return status;
}

enum caproof_status signature_verify(const struct ca *ca, const struct algorithm *algorithm,
	struct span message, struct span signature, bool *good, struct error *err) {
	return signature_verify_key(ca->pkey, algorithm, message, signature, good,
		err);
}

enum caproof_status signature_verify_spki(struct span spki, const struct algorithm *algorithm,
	struct span message, struct span signature, bool *good, struct error *err) {
	EVP_PKEY *pkey = keyless_decode(spki);
	enum caproof_status status;

	if (pkey == NULL)
		return crypto_error(err, "read a SubjectPublicKeyInfo");
	status = signature_verify_key(pkey, algorithm, message, signature, good, err);
	EVP_PKEY_free(pkey);
	return status;
}

enum caproof_status signature_make(EVP_PKEY *pkey, const struct algorithm *algorithm,
	struct span message, struct bytes *out, struct error *err) {
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	const char *digest = algorithm->digest != DIGEST_NONE ? digest_name(algorithm->digest) : NULL;
	unsigned char room[2048];
	size_t len = sizeof(room);
	enum caproof_status status;

	if (md == NULL || EVP_DigestSignInit_ex(md, &ctx, digest, NULL, NULL, pkey, NULL) != 1 ||
		!configure(ctx, algorithm) ||
		EVP_DigestSign(md, room, &len, message.data, message.len) != 1 ||
		len > sizeof(room)) /* OpenSSL 3.0 has a length of -1 when there is no memory */
		status = crypto_error(err, "sign with a key in software");
	else
		status = bytes_copy(out, room, len, err);
	EVP_MD_CTX_free(md);
	return status;
}
