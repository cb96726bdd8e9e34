/* SPDX-License-Identifier: Apache-2.0
 *
 * C_GetMechanismInfo for the mechanisms that a proof can be signed with.  It promises
 * nothing about a key: what a key may do, and whether its size fits, is for the
 * signer to ask (token/mechanism.h).
 */
#include "token/ability.h"

#include "token/ckr.h"

enum { WAYS = 4 };

/* The bare mechanism first; the token's own hashing does as well. */
static const CK_MECHANISM_TYPE ways[ABILITY_MAX][WAYS] = {
	[SCHEME_RSA_PKCS1] = { CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS,
		CKM_SHA512_RSA_PKCS },
	[SCHEME_RSA_PSS] = { CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS,
		CKM_SHA512_RSA_PKCS_PSS },
	[SCHEME_ECDSA] = { CKM_ECDSA, CKM_ECDSA_SHA256, CKM_ECDSA_SHA384, CKM_ECDSA_SHA512 },
	[SCHEME_EDDSA] = { CKM_EDDSA },
};

/* RSA sizes are bits in the standard and octets in some modules; what is too small to be
 * bits of a curve is not known, and for Edwards curves modules do not agree at all. */
static struct ability measure(enum scheme scheme, const CK_MECHANISM_INFO *info) {
	struct ability ability = { scheme, info->ulMinKeySize, info->ulMaxKeySize };
	bool rsa = scheme == SCHEME_RSA_PKCS1 || scheme == SCHEME_RSA_PSS;

	if (rsa && ability.max < 1024) {
		ability.min *= 8;
		ability.max *= 8;
	}
	if (scheme == SCHEME_EDDSA || info->ulMaxKeySize == CK_UNAVAILABLE_INFORMATION ||
		ability.min > ability.max || ability.max < 112 || ability.max > 1UL << 20)
		ability.min = ability.max = 0;
	return ability;
}

/* *HAS: this token signs so, as *OUT says. */
static enum caproof_status ask(const struct token *token, enum scheme scheme, struct ability *out,
	bool *has, struct error *err) {
	CK_FUNCTION_LIST *f = module_functions(token->module);
	CK_MECHANISM_INFO info;
	char name[224];

	*has = false;
	for (size_t i = 0; i < WAYS && (i == 0 || scheme != SCHEME_EDDSA); i++) {
		CK_RV rv = f->C_GetMechanismInfo(token->slot, ways[scheme][i], &info);

		if (rv == CKR_MECHANISM_INVALID)
			continue;
		if (rv != CKR_OK)
			return ckr_error(err, rv, "C_GetMechanismInfo", module_path(token->module),
				"cannot ask %s what it can sign with", token_describe(token, name, sizeof(name)));
		if ((info.flags & CKF_SIGN) == 0)
			continue;
		*out = measure(scheme, &info);
		*has = true;
		break;
	}
	return CAPROOF_OK;
}

enum caproof_status ability_read(const struct token *token, struct ability list[ABILITY_MAX],
	size_t *count, struct error *err) {
	struct ability found[ABILITY_MAX];
	size_t n = 0;

	for (enum scheme scheme = SCHEME_RSA_PKCS1; scheme <= SCHEME_EDDSA; scheme++) {
		bool has;
		enum caproof_status status = ask(token, scheme, &found[n], &has, err);

		if (status != CAPROOF_OK)
			return status;
		n += has;
	}
	for (size_t i = 0; i < n; i++)
		list[i] = found[i];
	*count = n;
	return CAPROOF_OK;
}
