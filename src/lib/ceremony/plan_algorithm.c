/* SPDX-License-Identifier: Apache-2.0
 *
 * How a plan names signature algorithms and mechanisms: a table, and no others.
 */
#include <string.h>

#include "ceremony/plan_file.h"

static const struct {
	const char *name;
	struct algorithm algorithm;
	enum key_type type;
} names[] = {
	{ "RSA-SHA256", { SCHEME_RSA_PKCS1, DIGEST_SHA256, 0 }, KEY_RSA },
	{ "RSA-SHA384", { SCHEME_RSA_PKCS1, DIGEST_SHA384, 0 }, KEY_RSA },
	{ "RSA-SHA512", { SCHEME_RSA_PKCS1, DIGEST_SHA512, 0 }, KEY_RSA },
	{ "RSA-PSS-SHA256", { SCHEME_RSA_PSS, DIGEST_SHA256, 32 }, KEY_RSA },
	{ "RSA-PSS-SHA384", { SCHEME_RSA_PSS, DIGEST_SHA384, 48 }, KEY_RSA },
	{ "RSA-PSS-SHA512", { SCHEME_RSA_PSS, DIGEST_SHA512, 64 }, KEY_RSA },
	{ "ECDSA-SHA256", { SCHEME_ECDSA, DIGEST_SHA256, 0 }, KEY_EC },
	{ "ECDSA-SHA384", { SCHEME_ECDSA, DIGEST_SHA384, 0 }, KEY_EC },
	{ "ECDSA-SHA512", { SCHEME_ECDSA, DIGEST_SHA512, 0 }, KEY_EC },
	{ "Ed25519", { SCHEME_EDDSA, DIGEST_NONE, 0 }, KEY_ED25519 },
	{ "Ed448", { SCHEME_EDDSA, DIGEST_NONE, 0 }, KEY_ED448 },
};

bool ceremony_signature_find(const char *name, enum key_type type, struct algorithm *out) {
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type && strcmp(names[i].name, name) == 0) {
			*out = names[i].algorithm;
			return true;
		}
	}
	return false;
}

const char *ceremony_signature_name(const struct algorithm *algorithm, enum key_type type) {
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type && algorithm_equal(&names[i].algorithm, algorithm))
			return names[i].name;
	return NULL;
}

const char *ceremony_mechanism_name(const struct algorithm *algorithm) {
	switch (algorithm->scheme) {
	case SCHEME_RSA_PKCS1:
		return "CKM_RSA_PKCS";
	case SCHEME_RSA_PSS:
		return "CKM_RSA_PKCS_PSS";
	case SCHEME_ECDSA:
		return "CKM_ECDSA";
	case SCHEME_EDDSA:
		break;
	}
	return "CKM_EDDSA";
}
