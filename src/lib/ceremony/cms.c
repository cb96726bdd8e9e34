/* SPDX-License-Identifier: Apache-2.0
 *
 * Detached CMS signatures by people's cards.  OpenSSL signs with a private key only, and a
 * card gives no more than a signature over octets: so OpenSSL builds the message around
 * the public key, and the signature is put in.
 */
#include "ceremony/cms.h"

#include <stdlib.h>

#include <openssl/cms.h>
#include <openssl/err.h>

#include "x509/key.h"

/* A certificate that cannot sign here, by the name in it. */
static enum caproof_status unfit(X509 *cert, const char *why, struct error *err) {
	char *name = name_text(X509_get_subject_name(cert));

	if (name == NULL)
		return error_memory(err);
	error_set(err, ERROR_CEREMONY_SIGNER, "the certificate of '%s' %s", name, why);
	free(name);
	return error_status(err);
}

/* RFC 5753 2.1.1 and 8: a hash as strong as the curve. */
static bool choose(const struct public_key *key, struct algorithm *out) {
	*out = (struct algorithm){ SCHEME_ECDSA, DIGEST_SHA256, 0 };
	if (key->type == KEY_RSA)
		out->scheme = SCHEME_RSA_PKCS1;
	else if (key->curve == CURVE_P384)
		out->digest = DIGEST_SHA384;
	else if (key->curve == CURVE_P521)
		out->digest = DIGEST_SHA512;
	return key->type == KEY_RSA || key->type == KEY_EC;
}

enum caproof_status cms_algorithm(X509 *cert, struct algorithm *out, struct public_key *key,
	struct error *err) {
	struct public_key own = { .type = KEY_OTHER };
	struct algorithm algorithm;
	EVP_PKEY *pkey;
	enum caproof_status status;

	ERR_set_mark();
	pkey = X509_get0_pubkey(cert);
	ERR_pop_to_mark();
	if (pkey == NULL)
		return unfit(cert, "has a public key that cannot be read", err);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA_PSS)
		return unfit(cert, "has a key that is restricted to RSASSA-PSS", err);
	status = key_from_pkey(pkey, &own, err);
	if (status != CAPROOF_OK)
		return status;
	if (!choose(&own, &algorithm)) {
		public_key_clear(&own);
		return unfit(cert, "has a key of a kind that signs no CMS message here", err);
	}
	*out = algorithm;
	*key = own;
	return CAPROOF_OK;
}

static enum caproof_status build(X509 *cert, const struct algorithm *algorithm,
	struct span signature, struct bytes *out, struct error *err) {
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL,
		CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
	const EVP_MD *md = EVP_get_digestbyname(digest_name(algorithm->digest));
	CMS_SignerInfo *signer = NULL;
	unsigned char *der = NULL;
	int len = -1;
	enum caproof_status status;

	if (cms != NULL && md != NULL)
		signer = CMS_add1_signer(cms, cert, X509_get0_pubkey(cert), md, CMS_NOATTR | CMS_BINARY);
	if (signer != NULL && ASN1_OCTET_STRING_set(CMS_SignerInfo_get0_signature(signer),
		signature.data, (int)signature.len) == 1)
		len = i2d_CMS_ContentInfo(cms, &der);
	if (len <= 0)
		status = crypto_error(err, "build a CMS message");
	else
		status = bytes_copy(out, der, (size_t)len, err);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	return status;
}

static enum caproof_status check(struct span message, struct span content, X509 *cert,
	struct error *err) {
	struct cms_verdict verdict;
	enum caproof_status status = cms_verify(message, content, &cert, 1, &verdict, err);
	char *name;

	if (status != CAPROOF_OK || verdict.good)
		return status;
	name = name_text(X509_get_subject_name(cert));
	if (name == NULL)
		return error_memory(err);
	error_set(err, ERROR_SIGNATURE, "the signature does not verify with the certificate of '%s'",
		name);
	error_detail(err, "the signature %s", verdict.why);
	free(name);
	return error_status(err);
}

enum caproof_status cms_sign(struct span content, X509 *cert, const struct cms_key *key,
	struct bytes *out, struct error *err) {
	struct algorithm algorithm;
	struct public_key public_key = { .type = KEY_OTHER };
	struct bytes signature = BYTES_INIT, message = BYTES_INIT;
	enum caproof_status status = cms_algorithm(cert, &algorithm, &public_key, err);

	if (status != CAPROOF_OK)
		return status;
	status = key->sign(key->arg, &algorithm, content, &signature, err);
	if (status == CAPROOF_OK)
		status = build(cert, &algorithm, bytes_span(&signature), &message, err);
	if (status == CAPROOF_OK)
		status = check(bytes_span(&message), content, cert, err);
	if (status == CAPROOF_OK)
		*out = message;
	else
		bytes_clear(&message);
	bytes_clear(&signature);
	public_key_clear(&public_key);
	return status;
}
