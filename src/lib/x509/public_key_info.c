/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that a token shows are foreign input: OpenSSL looks whether the point is on the
 * curve and the modulus can be one, before anything is certified.
 */
#include "x509/public_key_info.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "base/crypto.h"

#define RSA_BITS_MAX 16384u /* OpenSSL verifies no longer ones */

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *builder) {
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(crypto_context(), type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

static EVP_PKEY *make_rsa(const struct public_key *key) {
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(key->modulus.data, (int)key->modulus.len, NULL);
	BIGNUM *e = BN_bin2bn(key->exponent.data, (int)key->exponent.len, NULL);
	EVP_PKEY *pkey = NULL;

	if (builder != NULL && n != NULL && e != NULL && BN_is_odd(n) && BN_is_odd(e) &&
		!BN_is_one(e) && BN_cmp(e, n) < 0 && (unsigned)BN_num_bits(n) <= RSA_BITS_MAX &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		pkey = from_params("RSA", builder);
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

static EVP_PKEY *make_ec(const struct public_key *key) {
	static const char *const groups[] = { [CURVE_P256] = "P-256", [CURVE_P384] = "P-384",
		[CURVE_P521] = "P-521" };
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *pkey = NULL;

	if (key->curve != CURVE_P256 && key->curve != CURVE_P384 && key->curve != CURVE_P521)
		return NULL;
	builder = OSSL_PARAM_BLD_new();
	if (builder != NULL &&
		OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, groups[key->curve],
			0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, key->point.data,
			key->point.len) == 1)
		pkey = from_params("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

EVP_PKEY *public_key_make(const struct public_key *key) {
	switch (key->type) {
	case KEY_RSA:
		return make_rsa(key);
	case KEY_EC:
		return make_ec(key);
	case KEY_ED25519:
		return EVP_PKEY_new_raw_public_key_ex(crypto_context(), "ED25519", NULL,
			key->point.data, key->point.len);
	case KEY_ED448:
		return EVP_PKEY_new_raw_public_key_ex(crypto_context(), "ED448", NULL, key->point.data,
			key->point.len);
	case KEY_OTHER:
		break;
	}
	return NULL;
}

/* RFC 5480 2.2: everybody reads an uncompressed point. */
static bool uncompress(EVP_PKEY *pkey) {
	return EVP_PKEY_get_base_id(pkey) != EVP_PKEY_EC || EVP_PKEY_set_utf8_string_param(pkey,
		OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") == 1;
}

static enum caproof_status unusable(const struct public_key *key, struct error *err) {
	error_set(err, ERROR_KEY_UNABLE, "%s", key->type == KEY_OTHER || key->curve == CURVE_OTHER ?
		"the key is of a kind that caproof does not sign with" :
		"the public key that the token shows is not a possible one");
	error_hint(err, key->type == KEY_OTHER || key->curve == CURVE_OTHER ?
		"caproof signs with RSA, EC P-256, P-384, P-521, Ed25519 and Ed448 keys" :
		"the token's public object is damaged: have it written again");
	return error_status(err);
}

enum caproof_status public_key_info(const struct public_key *key, struct bytes *out,
	struct public_key *exact, struct error *err) {
	struct bytes spki = BYTES_INIT;
	EVP_PKEY *pkey;
	enum caproof_status status;

	ERR_set_mark();
	pkey = public_key_make(key);
	ERR_pop_to_mark();
	if (pkey == NULL)
		return unusable(key, err);
	status = uncompress(pkey) ? key_spki(pkey, &spki, err) :
		crypto_error(err, "encode a public key");
	if (status == CAPROOF_OK && exact != NULL)
		status = key_from_pkey(pkey, exact, err);
	EVP_PKEY_free(pkey);
	if (status == CAPROOF_OK)
		*out = spki;
	else
		bytes_clear(&spki);
	return status;
}
