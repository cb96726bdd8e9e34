/* SPDX-License-Identifier: Apache-2.0
 *
 * How a CA key signs: the default of its kind, and what may be asked for instead.
 */
#include "x509/ca.h"

static enum digest default_digest(const struct public_key *key) {
	switch (key->curve) {
	case CURVE_P384:
		return DIGEST_SHA384;
	case CURVE_P521:
		return DIGEST_SHA512;
	default:
		return DIGEST_SHA256;
	}
}

static enum caproof_status rsa_algorithm(const struct ca *ca, enum digest digest, bool pss,
	struct algorithm *out, struct error *err) {
	if (ca->pss_fixed) {
		if (digest != DIGEST_NONE && digest != ca->pss.digest)
			return error_set(err, ERROR_USAGE, "cannot sign with another hash: the CA's key "
				"is restricted to %s", algorithm_describe(&ca->pss, KEY_RSA));
		*out = ca->pss;
		return CAPROOF_OK;
	}
	out->scheme = pss || ca->pss_only ? SCHEME_RSA_PSS : SCHEME_RSA_PKCS1;
	out->digest = digest != DIGEST_NONE ? digest : DIGEST_SHA256;
	out->salt_len = out->scheme == SCHEME_RSA_PSS ? (unsigned)digest_size(out->digest) : 0;
	/* RFC 8017 9.1.1: emLen >= hLen + sLen + 2; caproof's smallest RSA key is far above it,
	 * but a certificate may say anything */
	if (ca->key.bits < 1024)
		return error_set(err, ERROR_CA_KEY, "the CA's key has only %u bits", ca->key.bits);
	return CAPROOF_OK;
}

enum caproof_status ca_algorithm(const struct ca *ca, enum digest digest, bool pss,
	struct algorithm *out, struct error *err) {
	struct algorithm algorithm = { SCHEME_ECDSA, DIGEST_NONE, 0 };
	enum caproof_status status = CAPROOF_OK;

	if (pss && ca->key.type != KEY_RSA && ca->key.type != KEY_OTHER) {
		error_set(err, ERROR_USAGE, "cannot use --pss: the CA's key is not an RSA key");
		error_hint(err, "leave --pss out");
		return error_status(err);
	}
	switch (ca->key.type) {
	case KEY_RSA:
		status = rsa_algorithm(ca, digest, pss, &algorithm, err);
		break;
	case KEY_EC:
		algorithm.digest = digest != DIGEST_NONE ? digest : default_digest(&ca->key);
		break;
	case KEY_ED25519:
	case KEY_ED448:
		algorithm.scheme = SCHEME_EDDSA;
		if (digest != DIGEST_NONE) {
			error_set(err, ERROR_USAGE, "cannot use --hash: the CA's key is an EdDSA key, whose "
				"hash is part of the algorithm");
			error_hint(err, "leave --hash out");
			status = error_status(err);
		}
		break;
	case KEY_OTHER:
		status = error_set(err, ERROR_CA_KEY, "the CA certificate '%s' has a key of a kind that "
			"caproof cannot sign with", ca->name);
		break;
	}
	if (status == CAPROOF_OK)
		*out = algorithm;
	return status;
}
