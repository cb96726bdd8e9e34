/* SPDX-License-Identifier: Apache-2.0
 *
 * From algorithm to mechanism.  Hashing in software comes first, because it sends 32
 * octets to the token instead of a certificate and because many tokens have nothing
 * else (SoftHSM 2.6.1 has no CKM_ECDSA_SHA256); the token's own hashing is the way
 * out for those that refuse bare digests.
 */
#include "token/mechanism.h"

#include "token/ckr.h"

enum { WAYS = 2 };

static const struct mechanism ways[][DIGEST_SHA512 + 1][WAYS] = {
	[SCHEME_RSA_PKCS1] = {
		[DIGEST_SHA256] = { { CKM_RSA_PKCS, INPUT_DIGEST_INFO },
			{ CKM_SHA256_RSA_PKCS, INPUT_MESSAGE } },
		[DIGEST_SHA384] = { { CKM_RSA_PKCS, INPUT_DIGEST_INFO },
			{ CKM_SHA384_RSA_PKCS, INPUT_MESSAGE } },
		[DIGEST_SHA512] = { { CKM_RSA_PKCS, INPUT_DIGEST_INFO },
			{ CKM_SHA512_RSA_PKCS, INPUT_MESSAGE } },
	},
	[SCHEME_RSA_PSS] = {
		[DIGEST_SHA256] = { { CKM_RSA_PKCS_PSS, INPUT_DIGEST },
			{ CKM_SHA256_RSA_PKCS_PSS, INPUT_MESSAGE } },
		[DIGEST_SHA384] = { { CKM_RSA_PKCS_PSS, INPUT_DIGEST },
			{ CKM_SHA384_RSA_PKCS_PSS, INPUT_MESSAGE } },
		[DIGEST_SHA512] = { { CKM_RSA_PKCS_PSS, INPUT_DIGEST },
			{ CKM_SHA512_RSA_PKCS_PSS, INPUT_MESSAGE } },
	},
	[SCHEME_ECDSA] = {
		[DIGEST_SHA256] = { { CKM_ECDSA, INPUT_DIGEST },
			{ CKM_ECDSA_SHA256, INPUT_MESSAGE } },
		[DIGEST_SHA384] = { { CKM_ECDSA, INPUT_DIGEST },
			{ CKM_ECDSA_SHA384, INPUT_MESSAGE } },
		[DIGEST_SHA512] = { { CKM_ECDSA, INPUT_DIGEST },
			{ CKM_ECDSA_SHA512, INPUT_MESSAGE } },
	},
	[SCHEME_EDDSA] = {
		[DIGEST_NONE] = { { CKM_EDDSA, INPUT_MESSAGE }, { CKM_EDDSA, INPUT_MESSAGE } },
	},
};

bool mechanism_is_allowed(const struct mechanism *mechanism, const struct object *key_object) {
	for (size_t i = 0; i < key_object->mechanism_count; i++) {
		if (key_object->mechanisms[i] == mechanism->type)
			return true;
	}
	return key_object->mechanism_count == 0;
}

/* RSA sizes are bits in the standard and octets in some modules; for Edwards curves
 * modules do not agree at all, so there the token itself has to say no. */
static bool size_fits(const CK_MECHANISM_INFO *info, const struct public_key *key) {
	CK_ULONG scale = info->ulMaxKeySize < 1024 && key->type == KEY_RSA ? 8 : 1;

	if (key->type != KEY_RSA && key->type != KEY_EC)
		return true;
	if (info->ulMaxKeySize == 0 || info->ulMaxKeySize == CK_UNAVAILABLE_INFORMATION ||
		(key->type == KEY_EC && info->ulMaxKeySize < 112))
		return true;
	return key->bits <= info->ulMaxKeySize * scale && key->bits >= info->ulMinKeySize;
}

static enum caproof_status refuse(const struct token *token, const struct algorithm *algorithm,
	const struct public_key *key, const CK_MECHANISM_INFO *wrong_size,
	const struct object *key_object, struct error *err) {
	char name[224], kind[64];
	const char *how = algorithm_describe(algorithm, key->type);

	token_describe(token, name, sizeof(name));
	if (wrong_size != NULL)
		return error_set(err, ERROR_KEY_UNABLE,
			"%s cannot sign with the CA's key: it takes keys of %lu to %lu bits for %s, and the "
			"CA's is %s", name, wrong_size->ulMinKeySize, wrong_size->ulMaxKeySize, how,
			public_key_describe(key, kind, sizeof(kind)));
	if (key_object == NULL)
		return error_set(err, ERROR_KEY_UNABLE, "%s cannot sign with %s", name, how);
	error_set(err, ERROR_KEY_UNABLE, "the CA's key on %s is not allowed to sign with %s", name,
		how);
	error_hint(err, "the key's CKA_ALLOWED_MECHANISMS decide: try another --hash, with or without "
		"--pss, or ask whoever made the key");
	return error_status(err);
}

enum caproof_status mechanism_choose(const struct token *token, const struct algorithm *algorithm,
	const struct public_key *key, const struct object *key_object, struct mechanism *out,
	struct error *err) {
	const struct mechanism *list = ways[algorithm->scheme][algorithm->digest];
	size_t count = algorithm->scheme == SCHEME_EDDSA ? 1 : WAYS;
	CK_MECHANISM_INFO info, wrong;
	bool wrong_size = false;

	for (size_t i = 0; i < count; i++) {
		CK_RV rv;

		if (key_object != NULL && !mechanism_is_allowed(&list[i], key_object))
			continue;
		rv = module_functions(token->module)->C_GetMechanismInfo(token->slot, list[i].type, &info);
		if (rv == CKR_MECHANISM_INVALID)
			continue;
		if (rv != CKR_OK)
			return ckr_error(err, rv, "C_GetMechanismInfo", module_path(token->module),
				"cannot ask token '%s' what it can sign with", token->label);
		if ((info.flags & CKF_SIGN) != 0 && size_fits(&info, key)) {
			*out = list[i];
			return CAPROOF_OK;
		}
		if ((info.flags & CKF_SIGN) != 0) {
			wrong = info;
			wrong_size = true;
		}
	}
	return refuse(token, algorithm, key, wrong_size ? &wrong : NULL, key_object, err);
}
