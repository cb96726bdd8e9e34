/* SPDX-License-Identifier: Apache-2.0
 *
 * A public key as plain numbers.
 */
#include "base/public_key.h"

#include <stdio.h>

void public_key_clear(struct public_key *key) {
	bytes_clear(&key->modulus);
	bytes_clear(&key->exponent);
	bytes_clear(&key->ec_params);
	bytes_clear(&key->point);
}

static const char *curve_name(enum key_curve curve) {
	switch (curve) {
	case CURVE_P256:
		return "P-256";
	case CURVE_P384:
		return "P-384";
	case CURVE_P521:
		return "P-521";
	case CURVE_NONE:
	case CURVE_OTHER:
		break;
	}
	return "on another curve";
}

const char *public_key_describe(const struct public_key *key, char *buf, size_t size) {
	switch (key->type) {
	case KEY_RSA:
		snprintf(buf, size, "RSA-%u", key->bits);
		break;
	case KEY_EC:
		snprintf(buf, size, "EC %s", curve_name(key->curve));
		break;
	case KEY_ED25519:
		snprintf(buf, size, "Ed25519");
		break;
	case KEY_ED448:
		snprintf(buf, size, "Ed448");
		break;
	case KEY_OTHER:
		snprintf(buf, size, "%s", key->curve == CURVE_OTHER ? "EC on another curve" :
			"a key of another kind");
		break;
	}
	return buf;
}
