/* SPDX-License-Identifier: Apache-2.0
 *
 * Templates for OpenSSL's encoder, in which the parts that caproof must not change
 * are opaque (ANY): what went in comes out, octet by octet.
 */
#include "x509/tbs.h"

#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "x509/extensions.h"
#include "x509/key.h"

typedef struct {
	ASN1_INTEGER *version;
	ASN1_INTEGER *serial;
	X509_ALGOR *signature;
	ASN1_TYPE *issuer;
	X509_VAL *validity;
	ASN1_TYPE *subject;
	ASN1_TYPE *spki;
	STACK_OF(X509_EXTENSION) *extensions;
} TBS;

ASN1_SEQUENCE(TBS) = {
	ASN1_EXP(TBS, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(TBS, serial, ASN1_INTEGER),
	ASN1_SIMPLE(TBS, signature, X509_ALGOR),
	ASN1_SIMPLE(TBS, issuer, ASN1_ANY),
	ASN1_SIMPLE(TBS, validity, X509_VAL),
	ASN1_SIMPLE(TBS, subject, ASN1_ANY),
	ASN1_SIMPLE(TBS, spki, ASN1_ANY),
	ASN1_EXP_SEQUENCE_OF_OPT(TBS, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END(TBS)

typedef struct {
	ASN1_TYPE *tbs;
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *signature;
} ENVELOPE;

ASN1_SEQUENCE(ENVELOPE) = {
	ASN1_SIMPLE(ENVELOPE, tbs, ASN1_ANY),
	ASN1_SIMPLE(ENVELOPE, algorithm, X509_ALGOR),
	ASN1_SIMPLE(ENVELOPE, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(ENVELOPE)

/* A whole DER SEQUENCE, as it is. */
static bool set_opaque(ASN1_TYPE *any, struct span der) {
	ASN1_STRING *octets = ASN1_STRING_new();

	if (octets == NULL || ASN1_STRING_set(octets, der.data, (int)der.len) != 1) {
		ASN1_STRING_free(octets);
		return false;
	}
	ASN1_TYPE_set(any, V_ASN1_SEQUENCE, octets);
	return true;
}

static int digest_nid(enum digest digest) {
	static const int nids[] = { NID_undef, NID_sha256, NID_sha384, NID_sha512 };

	return nids[digest];
}

/* RFC 4055 2.1: hash identifiers inside PSS parameters, with NULL. */
static X509_ALGOR *hash_algor(enum digest digest) {
	X509_ALGOR *algor = X509_ALGOR_new();

	if (algor == NULL ||
		X509_ALGOR_set0(algor, OBJ_nid2obj(digest_nid(digest)), V_ASN1_NULL, NULL) != 1) {
		X509_ALGOR_free(algor);
		return NULL;
	}
	return algor;
}

static bool set_pss(X509_ALGOR *algor, const struct algorithm *algorithm) {
	RSA_PSS_PARAMS *params = RSA_PSS_PARAMS_new();
	X509_ALGOR *hash = hash_algor(algorithm->digest);
	ASN1_STRING *packed = NULL, *mask = NULL;
	bool done = false;

	if (params == NULL || hash == NULL)
		goto out;
	params->hashAlgorithm = hash_algor(algorithm->digest);
	params->maskGenAlgorithm = X509_ALGOR_new();
	params->saltLength = ASN1_INTEGER_new();
	mask = ASN1_item_pack(hash, ASN1_ITEM_rptr(X509_ALGOR), NULL);
	if (params->hashAlgorithm == NULL || params->maskGenAlgorithm == NULL ||
		params->saltLength == NULL || mask == NULL ||
		ASN1_INTEGER_set(params->saltLength, (long)algorithm->salt_len) != 1)
		goto out;
	if (X509_ALGOR_set0(params->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE,
		mask) != 1)
		goto out;
	mask = NULL;
	packed = ASN1_item_pack(params, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	if (packed == NULL || X509_ALGOR_set0(algor, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE,
		packed) != 1)
		goto out;
	packed = NULL;
	done = true;
out:
	ASN1_STRING_free(packed);
	ASN1_STRING_free(mask);
	X509_ALGOR_free(hash);
	RSA_PSS_PARAMS_free(params);
	return done;
}

/* RFC 4055 5 (NULL parameters), RFC 5758 3.2 and RFC 8410 3 (absent). */
static bool set_algorithm(X509_ALGOR *algor, const struct algorithm *algorithm,
	enum key_type key_type) {
	static const int rsa[] = { NID_undef, NID_sha256WithRSAEncryption,
		NID_sha384WithRSAEncryption, NID_sha512WithRSAEncryption };
	static const int ecdsa[] = { NID_undef, NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384,
		NID_ecdsa_with_SHA512 };

	switch (algorithm->scheme) {
	case SCHEME_RSA_PKCS1:
		return X509_ALGOR_set0(algor, OBJ_nid2obj(rsa[algorithm->digest]), V_ASN1_NULL, NULL) == 1;
	case SCHEME_RSA_PSS:
		return set_pss(algor, algorithm);
	case SCHEME_ECDSA:
		return X509_ALGOR_set0(algor, OBJ_nid2obj(ecdsa[algorithm->digest]), V_ASN1_UNDEF,
			NULL) == 1;
	case SCHEME_EDDSA:
		return X509_ALGOR_set0(algor,
			OBJ_nid2obj(key_type == KEY_ED448 ? NID_ED448 : NID_ED25519), V_ASN1_UNDEF, NULL) == 1;
	}
	return false;
}

static bool set_serial(ASN1_INTEGER *integer, struct span serial) {
	BIGNUM *bn = BN_bin2bn(serial.data, (int)serial.len, NULL);
	bool done = bn != NULL && BN_to_ASN1_INTEGER(bn, integer) != NULL;

	BN_free(bn);
	return done;
}

/* PrintableString when the code allows it, else UTF8String (RFC 5280 4.1.2.4). */
static bool set_common_name(ASN1_TYPE *any, const char *code) {
	const unsigned char *text = (const unsigned char *)code;
	int len = (int)strlen(code);
	int type = ASN1_PRINTABLE_type(text, len) == V_ASN1_PRINTABLESTRING ?
		V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
	X509_NAME *name = X509_NAME_new();
	const unsigned char *der;
	size_t der_len;
	bool done = name != NULL &&
		X509_NAME_add_entry_by_NID(name, NID_commonName, type, text, len, -1, 0) == 1 &&
		X509_NAME_get0_der(name, &der, &der_len) == 1 &&
		set_opaque(any, span_of(der, der_len));

	X509_NAME_free(name);
	return done;
}

static bool fill(TBS *t, const struct tbs *tbs) {
	/* ASN1_TIME_adj chooses UTCTime until 2049 (RFC 5280 4.1.2.5). */
	return ASN1_INTEGER_set(t->version, 2) == 1 &&
		set_serial(t->serial, tbs->serial) &&
		set_algorithm(t->signature, &tbs->algorithm, tbs->key_type) &&
		set_opaque(t->issuer, tbs->issuer) &&
		ASN1_TIME_adj(t->validity->notBefore, tbs->not_before, 0, 0) != NULL &&
		ASN1_TIME_adj(t->validity->notAfter, tbs->not_after, 0, 0) != NULL &&
		(tbs->common_name != NULL ? set_common_name(t->subject, tbs->common_name) :
			set_opaque(t->subject, tbs->subject)) &&
		set_opaque(t->spki, tbs->spki);
}

enum caproof_status tbs_encode(const struct tbs *tbs, struct bytes *out, struct error *err) {
	TBS *t = (TBS *)ASN1_item_new(ASN1_ITEM_rptr(TBS));
	unsigned char *der = NULL;
	enum caproof_status status;
	int len;

	if (t == NULL || !fill(t, tbs)) {
		status = crypto_error(err, "build the certificate");
		goto out;
	}
	status = extensions_build(tbs, &t->extensions, err);
	if (status != CAPROOF_OK)
		goto out;
	len = ASN1_item_i2d((ASN1_VALUE *)t, &der, ASN1_ITEM_rptr(TBS));
	if (len <= 0)
		status = crypto_error(err, "encode the certificate");
	else
		status = bytes_copy(out, der, (size_t)len, err);
	OPENSSL_free(der);
out:
	ASN1_item_free((ASN1_VALUE *)t, ASN1_ITEM_rptr(TBS));
	return status;
}

enum caproof_status certificate_join(struct span tbs, const struct algorithm *algorithm,
	enum key_type key_type, struct span signature, struct bytes *out, struct error *err) {
	ENVELOPE *e = (ENVELOPE *)ASN1_item_new(ASN1_ITEM_rptr(ENVELOPE));
	unsigned char *der = NULL;
	enum caproof_status status;
	int len = -1;

	if (e != NULL && set_opaque(e->tbs, tbs) && set_algorithm(e->algorithm, algorithm, key_type) &&
		ASN1_BIT_STRING_set(e->signature, (unsigned char *)(uintptr_t)signature.data,
			(int)signature.len) == 1) {
		/* no unused bits: a signature is whole octets (RFC 5280 4.1.1.3) */
		e->signature->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
		e->signature->flags |= ASN1_STRING_FLAG_BITS_LEFT;
		len = ASN1_item_i2d((ASN1_VALUE *)e, &der, ASN1_ITEM_rptr(ENVELOPE));
	}
	if (len <= 0)
		status = crypto_error(err, "join certificate and signature");
	else
		status = bytes_copy(out, der, (size_t)len, err);
	OPENSSL_free(der);
	ASN1_item_free((ASN1_VALUE *)e, ASN1_ITEM_rptr(ENVELOPE));
	return status;
}
