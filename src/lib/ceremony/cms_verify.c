/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a detached CMS signature was made with the key of one of these certificates.
 * Whatever it carries itself is no reason to believe it.
 */
#include "ceremony/cms.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include "base/der.h"
#include "ceremony/cms_internal.h"
#include "x509/signature.h"

/* The INTEGER in a message against that of a certificate, which OpenSSL keeps as a
 * magnitude; a negative one is nobody's. */
static bool has_serial(X509 *cert, struct span serial) {
	const ASN1_INTEGER *own = X509_get0_serialNumber(cert);

	if (serial.data[0] >= 0x80 || ASN1_STRING_type(own) != V_ASN1_INTEGER)
		return false;
	if (serial.len > 1 && serial.data[0] == 0)
		serial = span_of(serial.data + 1, serial.len - 1);
	return span_equal(serial, span_of(ASN1_STRING_get0_data(own), (size_t)ASN1_STRING_length(own)));
}

static bool has_issuer(X509 *cert, struct span issuer) {
	const unsigned char *der;
	size_t len;

	return X509_NAME_get0_der(X509_get_issuer_name(cert), &der, &len) == 1 &&
		span_equal(issuer, span_of(der, len));
}

static bool is_named(const struct cms_parts *parts, X509 *cert) {
	const ASN1_OCTET_STRING *own;

	if (parts->key_id.len == 0)
		return has_issuer(cert, parts->issuer) && has_serial(cert, parts->serial);
	own = X509_get0_subject_key_id(cert);
	return own != NULL && span_equal(parts->key_id,
		span_of(ASN1_STRING_get0_data(own), (size_t)ASN1_STRING_length(own)));
}

/* A key that is for RSASSA-PSS alone signs nothing else (RFC 4055 3.1). */
static bool is_for(const EVP_PKEY *pkey, enum scheme scheme) {
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return scheme == SCHEME_RSA_PKCS1 || scheme == SCHEME_RSA_PSS;
	case EVP_PKEY_RSA_PSS:
		return scheme == SCHEME_RSA_PSS;
	case EVP_PKEY_EC:
		return scheme == SCHEME_ECDSA;
	default:
		return false;
	}
}

static enum caproof_status verify_with(X509 *cert, const struct cms_parts *parts,
	struct span message, bool *good, struct error *err) {
	struct error own = ERROR_INIT;
	EVP_PKEY *pkey;
	enum caproof_status status;

	*good = false;
	ERR_set_mark();
	pkey = X509_get0_pubkey(cert);
	ERR_pop_to_mark();
	if (pkey == NULL || !is_for(pkey, parts->algorithm.scheme))
		return CAPROOF_OK;
	status = signature_verify_key(pkey, &parts->algorithm, message, parts->signature, good, &own);
	/* a key may be restricted to other parameters than the message's */
	if (status == CAPROOF_OK || own.id == ERROR_INTERNAL)
		return CAPROOF_OK;
	*err = own;
	return status;
}

/* RFC 5652 11.2: the attribute is what binds the content. */
static enum caproof_status is_of(struct span content, const struct cms_parts *parts, bool *good,
	struct error *err) {
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t len;

	if (EVP_Q_digest(NULL, digest_name(parts->algorithm.digest), NULL, content.data, content.len,
		digest, &len) != 1)
		return crypto_error(err, "compute a hash");
	*good = span_equal(parts->message_digest, span_of(digest, len));
	return CAPROOF_OK;
}

/* RFC 5652 5.4: attributes are signed as the SET OF that they are, without [0]. */
static enum caproof_status signed_octets(const struct cms_parts *parts, struct span content,
	struct bytes *attributes, struct span *out, struct error *err) {
	enum caproof_status status;

	*out = content;
	if (parts->attributes.len == 0)
		return CAPROOF_OK;
	status = bytes_copy(attributes, parts->attributes.data, parts->attributes.len, err);
	if (status != CAPROOF_OK)
		return status;
	attributes->data[0] = DER_SET;
	*out = bytes_span(attributes);
	return CAPROOF_OK;
}

static enum caproof_status find_signer(const struct cms_parts *parts, struct span message,
	X509 *const *roster, size_t count, struct cms_verdict *out, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	out->why = "is not by a member of the roster";
	for (size_t i = 0; i < count && status == CAPROOF_OK && !out->good; i++) {
		if (!is_named(parts, roster[i]))
			continue;
		out->signer = i;
		out->why = parts->attributes.len > 0 ?
			"is not made with the key of the member that it names" :
			"is of other content, or not made with the key of the member that it names";
		status = verify_with(roster[i], parts, message, &out->good, err);
	}
	return status;
}

/* What was stepped over must be what others can read: a signature that counts here counts
 * with OpenSSL's own tool. */
static enum caproof_status hold_against_openssl(struct span message, struct cms_verdict *out,
	struct error *err) {
	const unsigned char *at = message.data;
	CMS_ContentInfo *cms;
	unsigned long code;

	ERR_set_mark();
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)message.len);
	code = ERR_peek_last_error();
	ERR_pop_to_mark();
	if (cms == NULL && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return error_memory(err);
	if (cms == NULL) {
		out->good = false;
		out->why = "carries certificates or attributes that cannot be read";
	}
	CMS_ContentInfo_free(cms);
	return CAPROOF_OK;
}

enum caproof_status cms_verify(struct span message, struct span content, X509 *const *roster,
	size_t count, struct cms_verdict *out, struct error *err) {
	struct cms_verdict verdict = { false, 0, NULL };
	struct cms_parts parts;
	struct bytes attributes = BYTES_INIT;
	struct span octets;
	bool same = true;
	enum caproof_status status = CAPROOF_OK;

	verdict.why = message.len > CMS_SIZE_MAX ? "is larger than 64 KiB" :
		cms_read(message, &parts);
	if (verdict.why != NULL)
		goto out;
	if (parts.attributes.len > 0)
		status = is_of(content, &parts, &same, err);
	if (!same)
		verdict.why = "is of other content";
	if (status != CAPROOF_OK || !same)
		goto out;
	status = signed_octets(&parts, content, &attributes, &octets, err);
	if (status == CAPROOF_OK)
		status = find_signer(&parts, octets, roster, count, &verdict, err);
	if (status == CAPROOF_OK && verdict.good)
		status = hold_against_openssl(message, &verdict, err);
out:
	bytes_clear(&attributes);
	if (verdict.good)
		verdict.why = NULL;
	if (status == CAPROOF_OK)
		*out = verdict;
	return status;
}
