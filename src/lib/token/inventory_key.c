/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of key an object is, in the numbers that everybody else uses.  Modules
 * write curves and points in several ways: all that are known are taken, and what is
 * not known stays empty instead of being guessed.
 */
#include "token/inventory.h"

#include <string.h>

struct curve {
	enum key_type type;
	enum key_curve curve;
	unsigned bits;
	size_t len;
	const char *params;  /* CKA_EC_PARAMS, DER */
};

/* RFC 5480 2.1.1.1, RFC 8410 3, PKCS#11 3.0 2.3.10 (a curve's name), and the OIDs of GnuPG
 * and OpenSC. */
static const struct curve curves[] = {
	{ KEY_EC, CURVE_P256, 256, 10, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" },
	{ KEY_EC, CURVE_P384, 384, 7, "\x06\x05\x2b\x81\x04\x00\x22" },
	{ KEY_EC, CURVE_P521, 521, 7, "\x06\x05\x2b\x81\x04\x00\x23" },
	{ KEY_ED25519, CURVE_NONE, 255, 5, "\x06\x03\x2b\x65\x70" },
	{ KEY_ED25519, CURVE_NONE, 255, 11, "\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01" },
	{ KEY_ED25519, CURVE_NONE, 255, 14, "\x13\x0c" "edwards25519" },
	{ KEY_ED25519, CURVE_NONE, 255, 14, "\x0c\x0c" "edwards25519" },
	{ KEY_ED448, CURVE_NONE, 448, 5, "\x06\x03\x2b\x65\x71" },
	{ KEY_ED448, CURVE_NONE, 448, 10, "\x13\x08" "edwards448" },
	{ KEY_ED448, CURVE_NONE, 448, 10, "\x0c\x08" "edwards448" },
};

static const struct curve *find_curve(const struct object *object) {
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (object->ec_params.present && object->ec_params.len == curves[i].len &&
			memcmp(object->ec_params.data, curves[i].params, curves[i].len) == 0)
			return &curves[i];
	}
	return NULL;
}

/* 2.40 2.3.3: a DER OCTET STRING around the point, or no wrapping in older modules.  Only a
 * point of the right size for its curve is one. */
static struct span bare_point(const struct object *object, const struct curve *curve) {
	struct span value = span_of(object->point.data,
		object->point.present ? object->point.len : 0);
	size_t size = curve->type == KEY_EC ? 1 + 2 * ((curve->bits + 7) / 8) :
		curve->type == KEY_ED25519 ? 32 : 57;
	size_t head = size < 0x80 ? 2 : 3;

	if (value.len == size + head && value.data[0] == 0x04 && value.data[head - 1] == size)
		return span_of(value.data + head, size);
	return value.len == size ? value : span_of(NULL, 0);
}

static enum caproof_status take_curve(const struct object *object, CK_KEY_TYPE type,
	struct public_key *out, struct error *err) {
	const struct curve *curve = find_curve(object);
	struct span point;

	if (type == CKK_EC && (curve == NULL || curve->type != KEY_EC)) {
		out->type = KEY_EC;
		out->curve = object->ec_params.present && object->ec_params.len > 0 ? CURVE_OTHER :
			CURVE_NONE;
		return CAPROOF_OK;
	}
	if (curve == NULL || (type == CKK_EC_EDWARDS && curve->type == KEY_EC))
		return CAPROOF_OK;
	out->type = curve->type;
	out->curve = curve->curve;
	out->bits = curve->bits;
	point = bare_point(object, curve);
	return bytes_copy(&out->point, point.data, point.len, err);
}

static unsigned count_bits(struct span modulus) {
	unsigned bits = (unsigned)modulus.len * 8;

	for (unsigned char top = modulus.len > 0 ? modulus.data[0] : 0x80; (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

enum caproof_status inventory_key(const struct object *object, struct public_key *out,
	struct error *err) {
	struct span modulus = span_of(object->modulus.data,
		object->modulus.present ? object->modulus.len : 0);

	if (object->key_type == CKK_EC || object->key_type == CKK_EC_EDWARDS)
		return take_curve(object, object->key_type, out, err);
	if (object->key_type != CKK_RSA)
		return CAPROOF_OK;
	out->type = KEY_RSA;
	while (modulus.len > 0 && modulus.data[0] == 0) {
		modulus.data++;
		modulus.len--;
	}
	out->bits = count_bits(modulus);
	return bytes_copy(&out->modulus, modulus.data, modulus.len, err);
}
