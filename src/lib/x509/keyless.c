/* SPDX-License-Identifier: Apache-2.0
 *
 * A library context in which there are no decoders: what is read there is read whole, but
 * for its key.  What the key is used for happens in the ordinary context.
 */
#include "x509/keyless.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "base/crypto.h"
#include "base/der.h"
#include "x509/public_key_info.h"

/* Never changed, and there until the process ends.  Without memory it stays NULL, which is
 * the ordinary context: slower, and as good. */
static OSSL_LIB_CTX *empty;
static pthread_once_t made = PTHREAD_ONCE_INIT;

/* A context without any provider loads the default one when it is asked for something. */
static void make_empty(void) {
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();

	if (context != NULL && OSSL_PROVIDER_load(context, "null") != NULL)
		empty = context;
	else
		OSSL_LIB_CTX_free(context);
}

static OSSL_LIB_CTX *context(void) {
	pthread_once(&made, make_empty);
	return empty != NULL ? empty : crypto_context();
}

/* Not d2i_X509: given a certificate made in a context it refuses what has extensions that it
 * cannot read, of which the checks speak. */
X509 *keyless_certificate(struct span der) {
	const unsigned char *p = der.data;
	X509 *cert;
	bool good;

	ERR_set_mark();
	cert = X509_new_ex(context(), NULL);
	good = cert != NULL && ASN1_item_d2i_ex((ASN1_VALUE **)&cert, &p, (long)der.len,
		ASN1_ITEM_rptr(X509), context(), NULL) != NULL && p == der.data + der.len;
	ERR_pop_to_mark();
	if (good)
		return cert;
	X509_free(cert);
	return NULL;
}

X509_REQ *keyless_request(struct span der) {
	const unsigned char *p = der.data;
	X509_REQ *request;
	bool good;

	ERR_set_mark();
	request = X509_REQ_new_ex(context(), NULL);
	good = request != NULL && ASN1_item_d2i_ex((ASN1_VALUE **)&request, &p, (long)der.len,
		ASN1_ITEM_rptr(X509_REQ), context(), NULL) != NULL && p == der.data + der.len;
	ERR_pop_to_mark();
	if (good)
		return request;
	X509_REQ_free(request);
	return NULL;
}

/* The octets of what is signed, as they are in DER. */
static ASN1_TYPE *signed_octets(struct span der) {
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_STRING *octets = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
	struct span inside, content, tbs;

	if (value != NULL && octets != NULL && der_take(&der, DER_SEQUENCE, &inside, NULL) &&
		der_take(&inside, DER_SEQUENCE, &content, &tbs) &&
		ASN1_STRING_set(octets, tbs.data, (int)tbs.len) == 1) {
		ASN1_TYPE_set(value, V_ASN1_SEQUENCE, octets);
		return value;
	}
	ASN1_STRING_free(octets);
	ASN1_TYPE_free(value);
	return NULL;
}

/* As ASN1_item_verify does it, in the context that PKEY was made in. */
static bool verify_octets(ASN1_TYPE *octets, const X509_ALGOR *algorithm,
	const ASN1_BIT_STRING *signature, EVP_PKEY *pkey) {
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_context(), pkey, NULL);
	bool good = false;

	if (md != NULL && ctx != NULL) {
		EVP_MD_CTX_set_pkey_ctx(md, ctx);
		good = ASN1_item_verify_ctx(ASN1_ITEM_rptr(ASN1_ANY), algorithm, signature, octets,
			md) == 1;
	}
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(ctx);
	return good;
}

bool keyless_verify(const X509 *cert, struct span der, EVP_PKEY *pkey) {
	const ASN1_BIT_STRING *signature;
	const X509_ALGOR *algorithm;
	ASN1_TYPE *octets = signed_octets(der);
	bool good;

	X509_get0_signature(&signature, &algorithm, cert);
	ERR_set_mark();
	/* RFC 5280 4.1.1.2: the algorithm that is signed is the one that is used. */
	good = octets != NULL && X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(cert)) == 0 &&
		verify_octets(octets, algorithm, signature, pkey);
	ERR_pop_to_mark();
	ASN1_TYPE_free(octets);
	return good;
}

/* --- keys -------------------------------------------------------------------------------- */

/* A positive INTEGER in its shortest form (X.690 8.3.2), without the sign's octet. */
static bool take_number(struct span *from, struct span *number) {
	if (!der_take(from, DER_INTEGER, number, NULL) || number->len == 0 || number->data[0] >= 0x80)
		return false;
	if (number->data[0] != 0)
		return true;
	*number = span_of(number->data + 1, number->len - 1);
	return number->len > 0 && number->data[0] >= 0x80;
}

static struct bytes borrow(struct span span) {
	return (struct bytes){ (unsigned char *)(uintptr_t)span.data, span.len };
}

/* RFC 3279 2.3.1: rsaEncryption and NULL, then modulus and exponent. */
static EVP_PKEY *decode_rsa(struct span algorithm, struct span bits) {
	static const unsigned char rsa[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
		0x01, 0x01, 0x05, 0x00 };
	struct public_key key = { .type = KEY_RSA };
	struct span inside, n, e;

	if (!span_equal(algorithm, span_of(rsa, sizeof(rsa))) ||
		!der_take(&bits, DER_SEQUENCE, &inside, NULL) || bits.len > 0 ||
		!take_number(&inside, &n) || !take_number(&inside, &e) || inside.len > 0)
		return NULL;
	key.modulus = borrow(n);
	key.exponent = borrow(e);
	return public_key_make(&key);
}

/* RFC 5480 2.1.1 and 2.2: id-ecPublicKey and a curve's name, then an uncompressed point. */
static EVP_PKEY *decode_ec(struct span algorithm, struct span bits) {
	static const unsigned char ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	static const unsigned char p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
		0x07 };
	static const unsigned char p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
	static const unsigned char p521[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
	struct public_key key = { .type = KEY_EC, .point = borrow(bits) };
	struct span curve;

	if (algorithm.len <= sizeof(ec) || memcmp(algorithm.data, ec, sizeof(ec)) != 0 ||
		bits.len == 0 || bits.data[0] != 0x04)
		return NULL;
	curve = span_of(algorithm.data + sizeof(ec), algorithm.len - sizeof(ec));
	if (span_equal(curve, span_of(p256, sizeof(p256))))
		key.curve = CURVE_P256;
	else if (span_equal(curve, span_of(p384, sizeof(p384))))
		key.curve = CURVE_P384;
	else if (span_equal(curve, span_of(p521, sizeof(p521))))
		key.curve = CURVE_P521;
	return public_key_make(&key);
}

/* --- what OpenSSL's decoders let pass ------------------------------------------------------ */

static bool has_odd_number(const EVP_PKEY *pkey, const char *name) {
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, name, &number) == 1 && BN_is_odd(number) &&
		!BN_is_one(number);

	BN_free(number);
	return good;
}

/* The point at infinity, or another that is none of the curve's. */
static bool has_good_point(EVP_PKEY *pkey) {
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto_context(), pkey, NULL);
	bool good = ctx != NULL && EVP_PKEY_public_check_quick(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* With such a key everybody signs, or nobody. */
static bool is_possible(EVP_PKEY *pkey) {
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return has_odd_number(pkey, OSSL_PKEY_PARAM_RSA_N) &&
			has_odd_number(pkey, OSSL_PKEY_PARAM_RSA_E);
	case EVP_PKEY_EC:
		return has_good_point(pkey);
	default:
		return true;
	}
}

static EVP_PKEY *decode_other(struct span spki) {
	const unsigned char *p = spki.data;
	EVP_PKEY *pkey = d2i_PUBKEY_ex(NULL, &p, (long)spki.len, crypto_context(), NULL);

	if (pkey == NULL || is_possible(pkey))
		return pkey;
	EVP_PKEY_free(pkey);
	return NULL;
}

EVP_PKEY *keyless_decode(struct span spki) {
	struct span algorithm, bits;
	EVP_PKEY *pkey = NULL;

	ERR_set_mark();
	if (key_parts(spki, &algorithm, &bits)) {
		pkey = decode_rsa(algorithm, bits);
		if (pkey == NULL)
			pkey = decode_ec(algorithm, bits);
	}
	if (pkey == NULL)
		pkey = decode_other(spki);
	ERR_pop_to_mark();
	return pkey;
}
