/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the CA certificate: its octets, its key and the facts that rules ask about.
 */
#include "x509/ca.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/document.h"
#include "x509/keyless.h"

/* An extension that is there twice or cannot be decoded says nothing that could be
 * trusted (RFC 5280 4.2: at most one instance). */
static enum caproof_status extension(const struct ca *ca, int nid, void **out,
	struct error *err) {
	int critical;

	ERR_set_mark();
	*out = X509_get_ext_d2i(ca->cert, nid, &critical, NULL);
	ERR_pop_to_mark();
	if (*out != NULL || critical == -1)
		return CAPROOF_OK;
	return error_set(err, ERROR_CA_FORMAT, "the CA certificate '%s' %s '%s' extension", ca->name,
		critical == -2 ? "has more than one" : "has a damaged", OBJ_nid2ln(nid));
}

static enum caproof_status read_extensions(struct ca *ca, struct error *err) {
	struct ca_facts *facts = &ca->facts;
	ASN1_OCTET_STRING *ski = NULL;
	AUTHORITY_KEYID *aki = NULL;
	BASIC_CONSTRAINTS *constraints = NULL;
	ASN1_BIT_STRING *usage = NULL;
	enum caproof_status status;

	if ((status = extension(ca, NID_subject_key_identifier, (void **)&ski, err)) != CAPROOF_OK ||
		(status = extension(ca, NID_authority_key_identifier, (void **)&aki, err)) != CAPROOF_OK ||
		(status = extension(ca, NID_basic_constraints, (void **)&constraints, err)) != CAPROOF_OK ||
		(status = extension(ca, NID_key_usage, (void **)&usage, err)) != CAPROOF_OK)
		goto out;
	facts->has_ski = ski != NULL;
	facts->has_aki = aki != NULL;
	facts->has_basic_constraints = constraints != NULL;
	facts->is_ca = constraints != NULL && constraints->ca != 0;
	facts->has_key_usage = usage != NULL;
	facts->may_sign_certificates = usage == NULL || ASN1_BIT_STRING_get_bit(usage, 5) == 1;
	if (ski != NULL)
		status = bytes_copy(&ca->ski, ASN1_STRING_get0_data(ski),
			(size_t)ASN1_STRING_length(ski), err);
out:
	ASN1_OCTET_STRING_free(ski);
	AUTHORITY_KEYID_free(aki);
	BASIC_CONSTRAINTS_free(constraints);
	ASN1_BIT_STRING_free(usage);
	return status;
}

static enum signature_digest signed_with(const X509 *cert) {
	int digest, pkey;

	if (OBJ_find_sigid_algs(X509_get_signature_nid(cert), &digest, &pkey) != 1)
		return SIGNATURE_OTHER;
	if (pkey == NID_ED25519 || pkey == NID_ED448)
		return SIGNATURE_EDDSA;
	if (pkey == NID_rsassaPss || digest == NID_undef) {
		/* the digest is in the parameters */
		if (X509_get_signature_info((X509 *)(uintptr_t)cert, &digest, NULL, NULL, NULL) != 1)
			return SIGNATURE_OTHER;
	}
	switch (digest) {
	case NID_md5:
	case NID_md2:
	case NID_md4:
		return SIGNATURE_MD5;
	case NID_sha1:
		return SIGNATURE_SHA1;
	case NID_sha224:
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		return SIGNATURE_SHA2;
	default:
		return SIGNATURE_OTHER;
	}
}

static enum caproof_status read_validity(struct ca *ca, struct error *err) {
	if (!time_from_asn1(X509_get0_notBefore(ca->cert), &ca->facts.not_before) ||
		!time_from_asn1(X509_get0_notAfter(ca->cert), &ca->facts.not_after))
		return error_set(err, ERROR_CA_FORMAT,
			"the CA certificate '%s' has a validity that is no valid time", ca->name);
	return CAPROOF_OK;
}

static enum digest digest_of_nid(int nid) {
	switch (nid) {
	case NID_sha256:
		return DIGEST_SHA256;
	case NID_sha384:
		return DIGEST_SHA384;
	case NID_sha512:
		return DIGEST_SHA512;
	default:
		return DIGEST_NONE;
	}
}

/* The hash inside MGF1; RSA_PSS_PARAMS.maskHash is filled by OpenSSL's own readers only. */
static enum digest mask_digest(const RSA_PSS_PARAMS *params) {
	const X509_ALGOR *mask = params->maskGenAlgorithm;
	enum digest digest = DIGEST_NONE;
	X509_ALGOR *hash = NULL;

	ERR_set_mark();
	if (mask != NULL && OBJ_obj2nid(mask->algorithm) == NID_mgf1)
		hash = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(X509_ALGOR), mask->parameter);
	ERR_pop_to_mark();
	if (hash != NULL)
		digest = digest_of_nid(OBJ_obj2nid(hash->algorithm));
	X509_ALGOR_free(hash);
	return digest;
}

/* RFC 4055 1.2: an id-RSASSA-PSS key; absent parameters leave the choice free. */
static enum caproof_status read_pss(struct ca *ca, struct error *err) {
	X509_ALGOR *algor;
	const void *value;
	int type;
	RSA_PSS_PARAMS *params;
	const X509_ALGOR *hash;
	long salt;

	ca->pss_only = true;
	if (X509_PUBKEY_get0_param(NULL, NULL, NULL, &algor, X509_get_X509_PUBKEY(ca->cert)) != 1)
		return crypto_error(err, "read the parameters of a PSS key");
	X509_ALGOR_get0(NULL, &type, &value, algor);
	if (type == V_ASN1_UNDEF)
		return CAPROOF_OK;
	params = type == V_ASN1_SEQUENCE ?
		ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algor->parameter) : NULL;
	if (params == NULL)
		return error_set(err, ERROR_CA_KEY, "the CA certificate '%s' has a PSS key with "
			"parameters that cannot be read", ca->name);
	hash = params->hashAlgorithm;
	salt = params->saltLength != NULL ? ASN1_INTEGER_get(params->saltLength) : 20;
	ca->pss.scheme = SCHEME_RSA_PSS;
	ca->pss.digest = hash != NULL ? digest_of_nid(OBJ_obj2nid(hash->algorithm)) : DIGEST_NONE;
	ca->pss.salt_len = salt >= 0 && salt < 512 ? (unsigned)salt : 0;
	ca->pss_fixed = ca->pss.digest != DIGEST_NONE && mask_digest(params) == ca->pss.digest &&
		salt >= 0 && salt < 512;
	RSA_PSS_PARAMS_free(params);
	if (!ca->pss_fixed)
		return error_set(err, ERROR_CA_KEY, "the CA certificate '%s' has a PSS key with "
			"parameters that caproof does not sign with: SHA-256 or stronger is needed, the same "
			"in MGF1", ca->name);
	/* RFC 4055 3.3: the salt of a signature is at least as long as the key says. */
	if (ca->pss.salt_len < digest_size(ca->pss.digest))
		ca->pss.salt_len = (unsigned)digest_size(ca->pss.digest);
	return CAPROOF_OK;
}

static enum caproof_status read_key(struct ca *ca, struct error *err) {
	enum caproof_status status;

	ca->pkey = keyless_decode(bytes_span(&ca->spki));
	if (ca->pkey == NULL)
		return error_set(err, ERROR_CA_KEY, "the CA certificate '%s' has a public key that cannot "
			"be read", ca->name);
	status = key_from_pkey(ca->pkey, &ca->key, err);
	if (status == CAPROOF_OK && EVP_PKEY_get_base_id(ca->pkey) == EVP_PKEY_RSA_PSS)
		status = read_pss(ca, err);
	/* caproof cannot sign on such a curve, but a platform may still care which one it is. */
	ca->facts.key_type = ca->key.curve == CURVE_OTHER ? KEY_EC : ca->key.type;
	ca->facts.key_curve = ca->key.curve;
	ca->facts.key_bits = ca->key.bits;
	ca->facts.roca = key_has_roca(bytes_span(&ca->key.modulus));
	return status;
}

/* The octets of the subject and of the key as the certificate has them. */
static enum caproof_status read_octets(struct ca *ca, struct error *err) {
	const unsigned char *name;
	unsigned char *spki = NULL;
	size_t name_len;
	int spki_len;
	enum caproof_status status;

	if (X509_NAME_get0_der(X509_get_subject_name(ca->cert), &name, &name_len) != 1)
		return crypto_error(err, "encode the CA's subject");
	/* It becomes the issuer of what is signed: never empty (RFC 5280 4.1.2.4). */
	if (name_len <= 2)
		return error_set(err, ERROR_CA_FORMAT, "the CA certificate '%s' has an empty subject",
			ca->name);
	status = bytes_copy(&ca->subject, name, name_len, err);
	if (status != CAPROOF_OK)
		return status;
	spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(ca->cert), &spki);
	if (spki_len <= 0)
		return crypto_error(err, "encode the CA's public key");
	status = bytes_copy(&ca->spki, spki, (size_t)spki_len, err);
	OPENSSL_free(spki);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&ca->der), ca->sha256, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&ca->spki), ca->spki_sha256, err);
	return status;
}

/* A signature's algorithm names the kind of key that makes it. */
static bool fits_signature(const EVP_PKEY *pkey, const X509 *cert) {
	int kind;

	if (OBJ_find_sigid_algs(X509_get_signature_nid(cert), NULL, &kind) != 1)
		return false;
	return EVP_PKEY_is_a(pkey, OBJ_nid2sn(kind)) == 1 ||
		(kind == NID_rsassaPss && EVP_PKEY_is_a(pkey, "RSA") == 1);
}

/* By names and identifiers (RFC 5280 4.2.1.1), whatever the signature says. */
static bool claims_to_sign_itself(const struct ca *ca) {
	AUTHORITY_KEYID *id;
	bool claims;

	if (!ca->facts.self_issued || !fits_signature(ca->pkey, ca->cert))
		return false;
	ERR_set_mark();
	id = X509_get_ext_d2i(ca->cert, NID_authority_key_identifier, NULL, NULL);
	claims = id == NULL || ca_is_named_by(ca, id);
	ERR_pop_to_mark();
	AUTHORITY_KEYID_free(id);
	return claims;
}

/* RFC 7468: 64 characters a line. */
static size_t pem_size(size_t der) {
	size_t base64 = (der + 2) / 3 * 4;

	return base64 + (base64 + 63) / 64 + sizeof("-----BEGIN CERTIFICATE-----") +
		sizeof("-----END CERTIFICATE-----");
}

static enum caproof_status read_certificate(struct ca *ca, struct error *err) {
	struct ca_facts *facts = &ca->facts;
	enum caproof_status status;
	bool claims;

	ca->cert = keyless_certificate(bytes_span(&ca->der));
	if (ca->cert == NULL || !document_is_definite(bytes_span(&ca->der)))
		return error_set(err, ERROR_CA_FORMAT, "the CA certificate '%s' is damaged, or no X.509 "
			"certificate", ca->name);
	ca->subject_text = name_text(X509_get_subject_name(ca->cert));
	if (ca->subject_text == NULL)
		return error_memory(err);
	facts->version = (int)X509_get_version(ca->cert) + 1;
	facts->signed_with = signed_with(ca->cert);
	if ((status = read_octets(ca, err)) != CAPROOF_OK ||
		(status = read_extensions(ca, err)) != CAPROOF_OK ||
		(status = read_validity(ca, err)) != CAPROOF_OK ||
		(status = read_key(ca, err)) != CAPROOF_OK)
		return status;
	facts->self_issued = X509_NAME_cmp(X509_get_subject_name(ca->cert),
		X509_get_issuer_name(ca->cert)) == 0;
	claims = claims_to_sign_itself(ca);
	facts->self_signed = facts->self_issued && (ca->planned ||
		(claims && keyless_verify(ca->cert, bytes_span(&ca->der), ca->pkey)));
	if (!facts->self_signed && claims)
		return error_set(err, ERROR_CA_FORMAT, "the CA certificate '%s' was altered: it is "
			"self-signed, and its signature does not verify", ca->name);
	return CAPROOF_OK;
}

static bool is_certificate(const char *label) {
	return strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0;
}

/* The next certificate of a chain file in PEM; NULL: there are no more, or it is damaged. */
static X509 *next_certificate(BIO *bio) {
	unsigned char *data;
	char *label, *header;
	long len;
	bool wanted = false;
	X509 *cert = NULL;

	while (!wanted && PEM_read_bio(bio, &label, &header, &data, &len) == 1) {
		wanted = is_certificate(label);
		if (wanted)
			cert = keyless_certificate(span_of(data, (size_t)len));
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	return cert;
}

/* Say which certificates a chain file holds, so that the user can tell them apart. */
static void list_certificates(struct span file, struct error *err) {
	BIO *bio = BIO_new_mem_buf(file.data, (int)file.len);
	X509 *cert;
	unsigned n = 0;
	char *subject;

	ERR_set_mark();
	while (bio != NULL && (cert = next_certificate(bio)) != NULL) {
		subject = name_text(X509_get_subject_name(cert));
		error_hint_line(err, "%u: %s", ++n, subject != NULL ? subject : "?");
		free(subject);
		X509_free(cert);
	}
	ERR_pop_to_mark();
	BIO_free(bio);
}

static enum caproof_status parse(struct span file, const char *name, bool planned,
	struct ca **out, struct error *err) {
	struct ca *ca = calloc(1, sizeof(*ca));
	struct document document = { 0 };
	enum caproof_status status;

	if (ca == NULL)
		return error_memory(err);
	ca->planned = planned;
	ca->name = text_safe_dup(name, strlen(name));
	if (ca->name == NULL) {
		status = error_memory(err);
		goto out;
	}
	status = document_parse(file, ca->name, &document_ca, &document, err);
	if (status != CAPROOF_OK && err->id == ERROR_CA_SEVERAL)
		list_certificates(file, err);
	if (status != CAPROOF_OK)
		goto out;
	ca->der = document.der;
	ca->facts.file_name = ca->name;
	ca->facts.file_size = file.len;
	ca->facts.pem = document.pem;
	ca->facts.text_around_pem = document.text_around;
	ca->facts.pem_size = document.pem ? file.len : pem_size(document.der.len);
	status = read_certificate(ca, err);
out:
	if (status == CAPROOF_OK)
		*out = ca;
	else
		ca_free(ca);
	return status;
}

enum caproof_status ca_parse(struct span file, const char *name, struct ca **out,
	struct error *err) {
	return parse(file, name, false, out, err);
}

enum caproof_status ca_parse_planned(struct span file, const char *name, struct ca **out,
	struct error *err) {
	return parse(file, name, true, out, err);
}

void ca_free(struct ca *ca) {
	if (ca == NULL)
		return;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->pkey);
	bytes_clear(&ca->der);
	bytes_clear(&ca->subject);
	bytes_clear(&ca->spki);
	bytes_clear(&ca->ski);
	public_key_clear(&ca->key);
	free(ca->subject_text);
	free(ca->name);
	free(ca);
}
