/* SPDX-License-Identifier: Apache-2.0
 *
 * From OpenSSL's keys and certificate parts to caproof's plain numbers.
 */
#include "x509/key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "base/crypto.h"
#include "base/der.h"
#include "base/text.h"

enum caproof_status crypto_error(struct error *err, const char *what) {
	unsigned long code = ERR_peek_last_error();
	char text[160];

	if (code == 0 || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		error_memory(err);
	else
		error_set(err, ERROR_INTERNAL, "cannot %s", what);
	if (code != 0) {
		ERR_error_string_n(code, text, sizeof(text));
		error_detail(err, "%s", text);
	}
	ERR_clear_error();
	return error_status(err);
}

static enum caproof_status number(const EVP_PKEY *pkey, const char *name, size_t size,
	struct bytes *out, struct error *err) {
	BIGNUM *bn = NULL;
	enum caproof_status status = CAPROOF_OK;

	if (EVP_PKEY_get_bn_param(pkey, name, &bn) != 1)
		return crypto_error(err, "read the numbers of a public key");
	if (size == 0)
		size = (size_t)BN_num_bytes(bn);
	out->data = malloc(size > 0 ? size : 1);
	if (out->data == NULL || BN_bn2binpad(bn, out->data, (int)size) < 0) {
		bytes_clear(out);
		status = error_memory(err);
	} else {
		out->len = size;
	}
	BN_free(bn);
	return status;
}

static enum caproof_status from_rsa(const EVP_PKEY *pkey, struct public_key *key,
	struct error *err) {
	enum caproof_status status = number(pkey, OSSL_PKEY_PARAM_RSA_N, 0, &key->modulus, err);

	if (status == CAPROOF_OK)
		status = number(pkey, OSSL_PKEY_PARAM_RSA_E, 0, &key->exponent, err);
	return status;
}

static enum caproof_status oid(int nid, struct bytes *out, struct error *err) {
	unsigned char *der = NULL;
	int len = i2d_ASN1_OBJECT(OBJ_nid2obj(nid), &der);
	enum caproof_status status;

	if (len <= 0)
		return crypto_error(err, "encode an object identifier");
	status = bytes_copy(out, der, (size_t)len, err);
	OPENSSL_free(der);
	return status;
}

/* SEC 1 2.3.3: uncompressed. */
#define UNCOMPRESSED 0x04
#define EC_FIELD_MAX 66 /* P-521 */

/* X and Y, where the encoded point is a compressed one: a token's is not. */
static enum caproof_status ec_coordinates(const EVP_PKEY *pkey, size_t field, struct bytes *out,
	struct error *err) {
	struct bytes x = BYTES_INIT, y = BYTES_INIT;
	enum caproof_status status = number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, field, &x, err);

	if (status == CAPROOF_OK)
		status = number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, field, &y, err);
	if (status != CAPROOF_OK)
		goto out;
	out->data = malloc(1 + 2 * field);
	if (out->data == NULL) {
		status = error_memory(err);
		goto out;
	}
	out->len = 1 + 2 * field;
	out->data[0] = UNCOMPRESSED;
	/* NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker): number() gave FIELD octets each */
	memcpy(out->data + 1, x.data, field);
	memcpy(out->data + 1 + field, y.data, field);
	/* NOLINTEND(clang-analyzer-core.NonNullParamChecker) */
out:
	bytes_clear(&x);
	bytes_clear(&y);
	return status;
}

static enum caproof_status ec_point(const EVP_PKEY *pkey, size_t field, struct bytes *out,
	struct error *err) {
	unsigned char point[1 + 2 * EC_FIELD_MAX];
	size_t len = 0;

	if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
		&len) == 1 && len == 1 + 2 * field && point[0] == UNCOMPRESSED)
		return bytes_copy(out, point, len, err);
	return ec_coordinates(pkey, field, out, err);
}

static enum caproof_status from_ec(const EVP_PKEY *pkey, struct public_key *key,
	struct error *err) {
	static const struct { int nid; enum key_curve curve; } curves[] = {
		{ NID_X9_62_prime256v1, CURVE_P256 },
		{ NID_secp384r1, CURVE_P384 },
		{ NID_secp521r1, CURVE_P521 },
	};
	char group[64];
	size_t len;
	int nid = NID_undef;
	enum caproof_status status;

	key->curve = CURVE_OTHER;
	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) == 1)
		nid = OBJ_sn2nid(group);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (curves[i].nid == nid)
			key->curve = curves[i].curve;
	if (key->curve == CURVE_OTHER) {
		key->type = KEY_OTHER;
		return CAPROOF_OK;
	}
	status = oid(nid, &key->ec_params, err);
	if (status == CAPROOF_OK)
		status = ec_point(pkey, (key->bits + 7) / 8, &key->point, err);
	return status;
}

static enum caproof_status from_ed(const EVP_PKEY *pkey, int nid, struct public_key *key,
	struct error *err) {
	unsigned char raw[57];
	size_t len = sizeof(raw);
	enum caproof_status status = oid(nid, &key->ec_params, err);

	if (status != CAPROOF_OK)
		return status;
	if (EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1)
		return crypto_error(err, "read a public key");
	return bytes_copy(&key->point, raw, len, err);
}

enum caproof_status key_from_pkey(const EVP_PKEY *pkey, struct public_key *out,
	struct error *err) {
	struct public_key key = { .type = KEY_OTHER, .bits = (unsigned)EVP_PKEY_get_bits(pkey) };
	enum caproof_status status = CAPROOF_OK;

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		key.type = KEY_RSA;
		status = from_rsa(pkey, &key, err);
		break;
	case EVP_PKEY_EC:
		key.type = KEY_EC;
		status = from_ec(pkey, &key, err);
		break;
	case EVP_PKEY_ED25519:
		key.type = KEY_ED25519;
		status = from_ed(pkey, NID_ED25519, &key, err);
		break;
	case EVP_PKEY_ED448:
		key.type = KEY_ED448;
		status = from_ed(pkey, NID_ED448, &key, err);
		break;
	default:
		break;
	}
	if (status != CAPROOF_OK)
		public_key_clear(&key);
	else
		*out = key;
	return status;
}

static bool is_power_of_65537(unsigned residue, unsigned prime) {
	unsigned power = 1;

	do {
		if (power == residue)
			return true;
		power = power * (65537 % prime) % prime;
	} while (power != 1);
	return false;
}

bool key_has_roca(struct span modulus) {
	static const unsigned char primes[] = { 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47,
		53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139,
		149, 151, 157, 163, 167 };

	for (size_t i = 0; i < sizeof(primes); i++) {
		unsigned residue = 0;

		for (size_t j = 0; j < modulus.len; j++)
			residue = (residue << 8 | modulus.data[j]) % primes[i];
		if (!is_power_of_65537(residue, primes[i]))
			return false;
	}
	return modulus.len > 0;
}

bool key_parts(struct span spki, struct span *algorithm, struct span *bits) {
	struct span inside;

	if (!der_take(&spki, DER_SEQUENCE, &inside, NULL) || spki.len > 0 ||
		!der_take(&inside, DER_SEQUENCE, algorithm, NULL) ||
		!der_take(&inside, DER_BIT_STRING, bits, NULL) || inside.len > 0 ||
		bits->len == 0 || bits->data[0] != 0)
		return false;
	*bits = span_of(bits->data + 1, bits->len - 1);
	return true;
}

/* RFC 5280 4.2.1.2, method 1. */
enum caproof_status key_identifier(struct span spki, unsigned char out[20], struct error *err) {
	struct span algorithm, bits;

	if (!key_parts(spki, &algorithm, &bits))
		return crypto_error(err, "read a SubjectPublicKeyInfo");
	if (!EVP_Q_digest(crypto_context(), "SHA1", NULL, bits.data, bits.len, out, NULL))
		return crypto_error(err, "make a key identifier");
	return CAPROOF_OK;
}

enum caproof_status key_generate_p256(EVP_PKEY **out, struct error *err) {
	*out = EVP_PKEY_Q_keygen(crypto_context(), NULL, "EC", "P-256");
	return *out != NULL ? CAPROOF_OK : crypto_error(err, "make an EC key pair");
}

enum caproof_status key_generate_rsa(unsigned bits, EVP_PKEY **out, struct error *err) {
	*out = EVP_PKEY_Q_keygen(crypto_context(), NULL, "RSA", (size_t)bits);
	return *out != NULL ? CAPROOF_OK : crypto_error(err, "make an RSA key pair");
}

enum caproof_status key_generate_like(const struct public_key *like, EVP_PKEY **out,
	struct error *err) {
	const char *curve = like->curve == CURVE_P521 ? "P-521" : like->curve == CURVE_P384 ? "P-384" :
		"P-256";

	if (like->type == KEY_RSA)
		return key_generate_rsa(like->bits < 4096 ? like->bits : 4096, out, err);
	*out = like->type == KEY_EC ? EVP_PKEY_Q_keygen(crypto_context(), NULL, "EC", curve) :
		EVP_PKEY_Q_keygen(crypto_context(), NULL, like->type == KEY_ED448 ? "ED448" : "ED25519");
	return *out != NULL ? CAPROOF_OK : crypto_error(err, "make a key pair");
}

enum caproof_status key_spki(const EVP_PKEY *pkey, struct bytes *out, struct error *err) {
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	enum caproof_status status;

	if (len <= 0)
		return crypto_error(err, "encode a public key");
	status = bytes_copy(out, der, (size_t)len, err);
	OPENSSL_free(der);
	return status;
}

char *name_text(const X509_NAME *name) {
	/* RFC 2253 order and escapes, but UTF-8 left as it is: text_safe decides on that. */
	unsigned long flags = (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text = NULL;
	long len;

	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
		len = BIO_get_mem_data(bio, &data);
		text = text_safe_dup(data, (size_t)len);
	}
	BIO_free(bio);
	return text;
}

bool time_from_asn1(const ASN1_TIME *time, time_t *out) {
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*out = timegm(&tm);
	return true;
}

enum caproof_status sha256_hex(struct span data, char out[SHA256_HEX_SIZE], struct error *err) {
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[32];

	if (!EVP_Q_digest(crypto_context(), "SHA256", NULL, data.data, data.len, hash, NULL))
		return crypto_error(err, "compute a SHA-256");
	for (size_t i = 0; i < sizeof(hash); i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[64] = '\0';
	return CAPROOF_OK;
}
