/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of a proof.  "Signed by the CA" means by the key of this very certificate:
 * no chain is built, no name is trusted.  All checks are made each time; what a foreign
 * signature breaks as well is refused once, as a foreign signature.
 */
#include "verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/keyless.h"
#include "x509/signature.h"

#define EXTENSIONS_MAX 100 /* each is looked for in all: a large file would take an hour */
#define NEW_PROOF "make a new proof with 'caproof sign'"

static enum caproof_status check_signature(struct proof_view *v, struct error *err) {
	char *issuer;
	enum caproof_status status;

	v->signed_by_ca = keyless_verify(v->cert, v->der, v->input->ca->pkey);
	if (v->signed_by_ca)
		return HOLDS(v, "proof.signature", "RFC 5280 6.1.3",
			"the signature verifies with the public key of the CA certificate");
	issuer = name_text(X509_get_issuer_name(v->cert));
	if (issuer == NULL)
		return error_memory(err);
	status = REFUSES(v, "proof.signature", "RFC 5280 6.1.3",
		"sign with the key of the very CA certificate that is uploaded, or upload the certificate "
		"of the CA that signed", "the signature does not verify with the public key of the CA "
		"certificate: the proof was altered, or signed by another key; it names '%s' as its issuer",
		issuer);
	free(issuer);
	return status;
}

static enum caproof_status check_issuer(struct proof_view *v, struct error *err) {
	const unsigned char *der;
	size_t len;

	if (X509_NAME_get0_der(X509_get_issuer_name(v->cert), &der, &len) != 1)
		return crypto_error(err, "read the proof's issuer");
	if (span_equal(span_of(der, len), bytes_span(&v->input->ca->subject)))
		return HOLDS(v, "proof.issuer", "RFC 5280 4.1.2.4",
			"the issuer is the CA's subject, octet by octet");
	if (!v->signed_by_ca)
		return HOLDS(v, "proof.issuer", "RFC 5280 4.1.2.4", "not applicable: see proof.signature");
	if (X509_NAME_cmp(X509_get_issuer_name(v->cert),
		X509_get_subject_name(v->input->ca->cert)) == 0)
		return WARNS(v, "proof.issuer", "RFC 5280 7.1", NEW_PROOF, "the issuer is the CA's subject "
			"in another encoding, which servers that compare octets refuse");
	return REFUSES(v, "proof.issuer", "RFC 5280 4.1.2.4", NEW_PROOF,
		"the issuer is not the subject of the CA certificate");
}

/* RFC 5280 4.2.1.1: key identifier, or issuer and serial number, or all of them. */
static enum caproof_status check_authority_key_id(struct proof_view *v, struct error *err) {
	AUTHORITY_KEYID *id;
	int critical;
	bool same;

	ERR_set_mark();
	id = X509_get_ext_d2i(v->cert, NID_authority_key_identifier, &critical, NULL);
	same = id != NULL && ca_is_named_by(v->input->ca, id);
	ERR_pop_to_mark();
	AUTHORITY_KEYID_free(id);
	if (id == NULL)
		return HOLDS(v, "proof.authority-key-id", "RFC 5280 4.2.1.1", critical == -1 ?
			"the proof names no authority key identifier" :
			"not applicable: see proof.extensions");
	if (same)
		return HOLDS(v, "proof.authority-key-id", "RFC 5280 4.2.1.1",
			"the authority key identifier is that of the CA certificate");
	if (!v->signed_by_ca)
		return HOLDS(v, "proof.authority-key-id", "RFC 5280 4.2.1.1",
			"not applicable: see proof.signature");
	return REFUSES(v, "proof.authority-key-id", "RFC 5280 4.2.1.1", NEW_PROOF,
		"the authority key identifier is not that of the CA certificate");
}

static enum caproof_status check_version(struct proof_view *v, struct error *err) {
	long version = X509_get_version(v->cert) + 1;

	if (version == 3)
		return HOLDS(v, "proof.version", "RFC 5280 4.1.2.1", "the certificate is X.509 v3");
	if (version > 3)
		return REFUSES(v, "proof.version", "RFC 5280 4.1.2.1", NEW_PROOF,
			"the certificate is X.509 v%ld, which does not exist", version);
	return WARNS(v, "proof.version", "RFC 5280 4.1.2.1", NEW_PROOF,
		"the certificate is X.509 v%ld, so that nothing in it says that it is no CA", version);
}

bool verify_algorithm_of(X509 *cert, struct algorithm *out) {
	int digest = NID_undef, pkey = NID_undef;

	ERR_set_mark();
	if (X509_get_signature_info(cert, &digest, &pkey, NULL, NULL) != 1)
		pkey = NID_undef;
	ERR_pop_to_mark();
	*out = (struct algorithm){ SCHEME_EDDSA, DIGEST_NONE, 0 };
	if (pkey == NID_ED25519 || pkey == NID_ED448)
		return true;
	out->scheme = pkey == NID_rsassaPss ? SCHEME_RSA_PSS :
		pkey == NID_X9_62_id_ecPublicKey ? SCHEME_ECDSA : SCHEME_RSA_PKCS1;
	out->digest = digest == NID_sha256 ? DIGEST_SHA256 : digest == NID_sha384 ? DIGEST_SHA384 :
		digest == NID_sha512 ? DIGEST_SHA512 : DIGEST_NONE;
	return out->digest != DIGEST_NONE && (pkey == NID_rsaEncryption || pkey == NID_rsassaPss ||
		pkey == NID_X9_62_id_ecPublicKey);
}

/* Whether the hash has collisions that can be had, or a reputation of them. */
static bool is_weak(X509 *cert) {
	int digest = NID_undef;

	ERR_set_mark();
	X509_get_signature_info(cert, &digest, NULL, NULL, NULL);
	if (digest == NID_undef)
		OBJ_find_sigid_algs(X509_get_signature_nid(cert), &digest, NULL);
	ERR_pop_to_mark();
	return digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 || digest == NID_md2 ||
		digest == NID_md5_sha1 || digest == NID_ripemd160;
}

static enum caproof_status check_algorithm(struct proof_view *v, struct error *err) {
	int nid = X509_get_signature_nid(v->cert);
	const char *name = nid != NID_undef ? OBJ_nid2ln(nid) : "one that is not known here";
	struct algorithm algorithm;

	if (verify_algorithm_of(v->cert, &algorithm))
		return HOLDS(v, "proof.algorithm", "NIST SP 800-131A Rev. 2, 9",
			"the signature algorithm is %s",
			algorithm_describe(&algorithm, nid == NID_ED448 ? KEY_ED448 : KEY_OTHER));
	if (is_weak(v->cert))
		return REFUSES(v, "proof.algorithm", "NIST SP 800-131A Rev. 2, 9", NEW_PROOF,
			"the signature algorithm is %s, whose hash can be forged", name);
	if (!v->signed_by_ca)
		return HOLDS(v, "proof.algorithm", "NIST SP 800-131A Rev. 2, 9",
			"not applicable: see proof.signature");
	return WARNS(v, "proof.algorithm", "NIST SP 800-131A Rev. 2, 9", NEW_PROOF,
		"the signature algorithm is %s, which few platforms verify", name);
}

/* RFC 5280 4.1.2.5 includes both ends; a platform may not. */
static const char *outside(const struct proof_view *v, time_t from, time_t until) {
	time_t at = v->input->at;

	if (at < from || (at == from && platform_strict_not_before(v->input->platform)))
		return "not yet valid";
	return at > until ? "expired" : NULL;
}

static enum caproof_status check_validity(struct proof_view *v, struct error *err) {
	time_t from, until;
	char a[TEXT_TIME_SIZE], b[TEXT_TIME_SIZE], c[TEXT_TIME_SIZE];
	const char *how;

	if (!time_from_asn1(X509_get0_notBefore(v->cert), &from) ||
		!time_from_asn1(X509_get0_notAfter(v->cert), &until))
		return REFUSES(v, "proof.validity", "RFC 5280 4.1.2.5", NEW_PROOF,
			"the validity is no valid time");
	how = outside(v, from, until);
	if (how != NULL)
		return REFUSES(v, "proof.validity", "RFC 5280 4.1.2.5", "make a new proof with 'caproof "
			"sign'; if the dates look right, check this machine's clock",
			"the proof is %s at %s: it is valid from %s to %s", how,
			text_time(c, v->input->at), text_time(a, from), text_time(b, until));
	return HOLDS(v, "proof.validity", "RFC 5280 4.1.2.5", "valid from %s to %s",
		text_time(a, from), text_time(b, until));
}

/* What an expired CA signed verifies nowhere. */
static enum caproof_status check_ca_validity(struct proof_view *v, struct error *err) {
	const struct ca_facts *ca = &v->input->ca->facts;
	const char *how = outside(v, ca->not_before, ca->not_after);
	char a[TEXT_TIME_SIZE], b[TEXT_TIME_SIZE], c[TEXT_TIME_SIZE];

	if (how == NULL)
		return HOLDS(v, "proof.ca-validity", "RFC 5280 4.1.2.5",
			"the CA certificate is valid from %s to %s", text_time(a, ca->not_before),
			text_time(b, ca->not_after));
	return REFUSES(v, "proof.ca-validity", "RFC 5280 4.1.2.5",
		"use a CA certificate that is valid: 'caproof check' tells more",
		"the CA certificate is %s at %s: it is valid from %s to %s", how,
		text_time(c, v->input->at), text_time(a, ca->not_before), text_time(b, ca->not_after));
}

/* keyCertSign makes a CA of it as well, for verifiers that ask nothing else. */
static bool may_sign_certificates(X509 *cert) {
	ASN1_BIT_STRING *usage = X509_get_ext_d2i(cert, NID_key_usage, NULL, NULL);
	bool may = usage != NULL && ASN1_BIT_STRING_get_bit(usage, 5) == 1;

	ASN1_BIT_STRING_free(usage);
	return may;
}

static enum caproof_status check_not_ca(struct proof_view *v, struct error *err) {
	static const char id[] = "proof.not-ca", source[] = "RFC 5280 4.2.1.9";
	int critical;
	BASIC_CONSTRAINTS *constraints;
	bool present, ca, signs;

	ERR_set_mark();
	constraints = X509_get_ext_d2i(v->cert, NID_basic_constraints, &critical, NULL);
	signs = may_sign_certificates(v->cert);
	ERR_pop_to_mark();
	present = constraints != NULL;
	ca = present && constraints->ca != 0;
	BASIC_CONSTRAINTS_free(constraints);
	if (!present && critical != -1)
		return REFUSES(v, id, source, NEW_PROOF, "the basicConstraints cannot be read");
	if (ca)
		return REFUSES(v, id, source, NEW_PROOF, "the proof is itself a CA certificate: whoever "
			"holds its key can issue certificates in the CA's name");
	if (signs)
		return REFUSES(v, id, source, NEW_PROOF, "the keyUsage of the proof includes keyCertSign, "
			"so that its key can issue certificates");
	if (!present && X509_get_version(v->cert) < 2)
		return HOLDS(v, id, source, "not applicable: see proof.version");
	if (!present)
		return WARNS(v, id, source, NEW_PROOF, "there are no basicConstraints that say CA:FALSE");
	return HOLDS(v, id, source, "the proof is no CA certificate");
}

/* One that cannot be read is refused by another check. */
static bool grants_tls(X509 *cert) {
	EXTENDED_KEY_USAGE *usages;
	bool grants = false;

	ERR_set_mark();
	usages = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	ERR_pop_to_mark();
	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
		int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i));

		grants |= nid == NID_server_auth || nid == NID_client_auth ||
			nid == NID_anyExtendedKeyUsage;
	}
	EXTENDED_KEY_USAGE_free(usages);
	return grants;
}

static enum caproof_status check_extended_usage(struct proof_view *v, struct error *err) {
	if (!grants_tls(v->cert))
		return HOLDS(v, "proof.extended-key-usage", "RFC 5280 4.2.1.12",
			"no TLS usage is granted");
	return WARNS(v, "proof.extended-key-usage", "RFC 5280 4.2.1.12", NEW_PROOF,
		"the proof may be used as a TLS server or client, by whoever holds its key");
}

/* Whether OpenSSL can decode it; what it does not know is taken as it is. */
static bool is_readable(X509_EXTENSION *extension) {
	const X509V3_EXT_METHOD *method = X509V3_EXT_get(extension);
	void *value = NULL;

	ERR_set_mark();
	if (method != NULL)
		value = X509V3_EXT_d2i(extension);
	ERR_pop_to_mark();
	if (value != NULL && method->it != NULL)
		ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
	else if (value != NULL)
		method->ext_free(value);
	return method == NULL || value != NULL;
}

/* What is wrong with the extension at INDEX (RFC 5280 4.2); NULL: nothing.  The
 * basicConstraints have a check of their own. */
static const char *complaint(X509 *cert, int index) {
	X509_EXTENSION *extension = X509_get_ext(cert, index);
	ASN1_OBJECT *object = X509_EXTENSION_get_object(extension);

	if (OBJ_obj2nid(object) == NID_basic_constraints)
		return NULL;
	if (X509_get_ext_by_OBJ(cert, object, index) >= 0)
		return "is there twice";
	if (!is_readable(extension))
		return "cannot be read";
	if (X509_EXTENSION_get_critical(extension) && !X509_supported_extension(extension))
		return "is critical, and not known to verifiers";
	return NULL;
}

static enum caproof_status check_extensions(struct proof_view *v, struct error *err) {
	static const char id[] = "proof.extensions", source[] = "RFC 5280 4.2";
	char shown[80];
	int count = X509_get_ext_count(v->cert);

	if (count > EXTENSIONS_MAX)
		return REFUSES(v, id, source, NEW_PROOF, "there are %d extensions: a proof has a few",
			count);
	for (int i = 0; i < count; i++) {
		const char *what = complaint(v->cert, i);

		if (what == NULL)
			continue;
		OBJ_obj2txt(shown, sizeof(shown), X509_EXTENSION_get_object(X509_get_ext(v->cert, i)), 0);
		return REFUSES(v, id, source, NEW_PROOF, "the extension '%s' %s", shown, what);
	}
	return HOLDS(v, id, source,
		"every extension can be read and is there once, and no critical one is unknown");
}

enum caproof_status verify_certificate(const struct verify_input *input, struct span der,
	struct checks *checks, struct error *err) {
	static enum caproof_status (*const all[])(struct proof_view *, struct error *) = {
		check_signature, check_issuer, check_authority_key_id, verify_code_place,
		check_validity, check_ca_validity, check_version, check_not_ca, check_algorithm,
		check_extended_usage, check_extensions,
	};
	struct proof_view view = { input, der, keyless_certificate(der), checks, false };
	enum caproof_status status = CAPROOF_OK;

	if (view.cert == NULL)
		return error_set(err, ERROR_PROOF_FORMAT, "the proof is damaged, or no certificate");
	for (size_t i = 0; status == CAPROOF_OK && i < sizeof(all) / sizeof(all[0]); i++)
		status = all[i](&view, err);
	X509_free(view.cert);
	return status;
}

enum caproof_status verify_algorithm_found(const struct ca *ca, struct span code,
	struct span signature, struct algorithm *out, bool *good, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	*good = false;
	for (int pss = 0; pss <= 1; pss++) {
		for (enum digest digest = DIGEST_NONE; digest <= DIGEST_SHA512; digest++) {
			struct error unfit = ERROR_INIT;

			/* whatever this key cannot do is no candidate */
			if (ca_algorithm(ca, digest, pss != 0, out, &unfit) != CAPROOF_OK)
				continue;
			status = signature_verify(ca, out, code, signature, good, err);
			if (status != CAPROOF_OK || *good)
				return status;
		}
	}
	return status;
}

enum caproof_status verify_code_signature(const struct verify_input *input, struct span signature,
	struct checks *checks, struct error *err) {
	static const char source[] = "the platform's form of proof: a signature over the code";
	struct proof_view view = { .input = input, .checks = checks };
	struct algorithm algorithm;
	enum caproof_status status = verify_algorithm_found(input->ca,
		span_of(input->code, strlen(input->code)), signature, &algorithm, &view.signed_by_ca, err);

	if (status != CAPROOF_OK)
		return status;
	if (view.signed_by_ca)
		status = HOLDS(&view, "proof.signature", source, "the signature over the code verifies "
			"with the public key of the CA certificate (%s)",
			algorithm_describe(&algorithm, input->ca->key.type));
	else
		status = REFUSES(&view, "proof.signature", source, "sign the code, octet by octet and "
			"without a newline, with the key of the very CA certificate that is uploaded",
			"the signature over the code does not verify with the public key of the CA "
			"certificate: another code was signed, or with another key");
	if (status == CAPROOF_OK)
		status = check_ca_validity(&view, err);
	return status;
}
