/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of a proof.  "Signed by the CA" means by the key of this very certificate:
 * no chain is built, no name is trusted.
 */
#include "verify.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/signature.h"

#define SAFE 256 /* octets of a foreign text that a message shows */

struct proof_view {
	const struct verify_input *input;
	X509 *cert;
	struct checks *checks;
};

#define ADD(view, id, result, source, ...) \
	checks_add((view)->checks, id, result, source, NULL, err, __VA_ARGS__)

static enum caproof_status check_version(struct proof_view *v, struct error *err) {
	long version = X509_get_version(v->cert) + 1;

	return ADD(v, "proof.version", version == 3 ? CHECK_OK : CHECK_WARNING,
		"RFC 5280 4.1.2.1", "the certificate is X.509 v%ld", version);
}

static enum caproof_status check_issuer(struct proof_view *v, struct error *err) {
	const unsigned char *der;
	size_t len;

	if (X509_NAME_get0_der(X509_get_issuer_name(v->cert), &der, &len) != 1)
		return crypto_error(err, "read the proof's issuer");
	if (span_equal(span_of(der, len), bytes_span(&v->input->ca->subject)))
		return ADD(v, "proof.issuer", CHECK_OK, "RFC 5280 4.1.2.4",
			"the issuer is the CA's subject, octet by octet");
	return ADD(v, "proof.issuer", CHECK_REFUSED, "RFC 5280 4.1.2.4",
		"the issuer is not the subject of the CA certificate");
}

static enum caproof_status check_signature(struct proof_view *v, struct error *err) {
	bool good;

	ERR_set_mark();
	good = X509_verify(v->cert, X509_get0_pubkey(v->input->ca->cert)) == 1;
	ERR_pop_to_mark();
	return ADD(v, "proof.signature", good ? CHECK_OK : CHECK_REFUSED, "RFC 5280 6.1.3",
		good ? "the signature verifies with the public key of the CA certificate" :
		"the signature does not verify with the public key of the CA certificate");
}

static enum caproof_status check_algorithm(struct proof_view *v, struct error *err) {
	int digest = NID_undef, pkey = NID_undef;
	bool strong;

	if (X509_get_signature_info(v->cert, &digest, &pkey, NULL, NULL) != 1) {
		ERR_clear_error();
		return ADD(v, "proof.algorithm", CHECK_REFUSED, "RFC 8017, RFC 5758",
			"the signature algorithm is not known");
	}
	strong = digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512 ||
		pkey == NID_ED25519 || pkey == NID_ED448;
	return ADD(v, "proof.algorithm", strong ? CHECK_OK : CHECK_REFUSED, "RFC 6194",
		"the signature algorithm is %s%s", OBJ_nid2ln(X509_get_signature_nid(v->cert)),
		strong ? "" : ", which is too weak");
}

/* RFC 5280 4.1.2.5: both ends are inside. */
static enum caproof_status check_validity(struct proof_view *v, struct error *err) {
	time_t from, until;
	char a[TEXT_TIME_SIZE], b[TEXT_TIME_SIZE], c[TEXT_TIME_SIZE];

	if (!time_from_asn1(X509_get0_notBefore(v->cert), &from) ||
		!time_from_asn1(X509_get0_notAfter(v->cert), &until))
		return ADD(v, "proof.validity", CHECK_REFUSED, "RFC 5280 4.1.2.5",
			"the validity is no valid time");
	if (v->input->at < from || v->input->at > until)
		return ADD(v, "proof.validity", CHECK_REFUSED, "RFC 5280 4.1.2.5",
			"%s is outside the validity, %s to %s", text_time(c, v->input->at),
			text_time(a, from), text_time(b, until));
	return ADD(v, "proof.validity", CHECK_OK, "RFC 5280 4.1.2.5", "valid from %s to %s",
		text_time(a, from), text_time(b, until));
}

static enum caproof_status check_not_ca(struct proof_view *v, struct error *err) {
	int critical;
	BASIC_CONSTRAINTS *constraints;
	bool ca;

	ERR_set_mark();
	constraints = X509_get_ext_d2i(v->cert, NID_basic_constraints, &critical, NULL);
	ERR_pop_to_mark();
	if (constraints == NULL && critical != -1)
		return ADD(v, "proof.not-ca", CHECK_REFUSED, "RFC 5280 4.2.1.9",
			"the basicConstraints cannot be read");
	if (constraints == NULL && X509_get_version(v->cert) < 2)
		return ADD(v, "proof.not-ca", CHECK_OK, "RFC 5280 4.2.1.9",
			"not applicable: the certificate's version has no basicConstraints");
	if (constraints == NULL)
		return ADD(v, "proof.not-ca", CHECK_WARNING, "RFC 5280 4.2.1.9",
			"there are no basicConstraints that say CA:FALSE");
	ca = constraints->ca != 0;
	BASIC_CONSTRAINTS_free(constraints);
	return ADD(v, "proof.not-ca", ca ? CHECK_REFUSED : CHECK_OK, "RFC 5280 4.2.1.9",
		ca ? "the proof is itself a CA certificate" : "the proof is no CA certificate");
}

static enum caproof_status check_authority_key_id(struct proof_view *v, struct error *err) {
	const ASN1_OCTET_STRING *id;
	struct span ski = bytes_span(&v->input->ca->ski);

	ERR_set_mark();
	id = X509_get0_authority_key_id(v->cert);
	ERR_pop_to_mark();
	if (id == NULL)
		return ADD(v, "proof.authority-key-id", CHECK_OK, "RFC 5280 4.2.1.1",
			"the proof names no authority key identifier");
	if (ski.len > 0 && !span_equal(ski, span_of(ASN1_STRING_get0_data(id),
		(size_t)ASN1_STRING_length(id))))
		return ADD(v, "proof.authority-key-id", CHECK_REFUSED, "RFC 5280 4.2.1.1",
			"the authority key identifier is not the CA's subject key identifier");
	return ADD(v, "proof.authority-key-id", CHECK_OK, "RFC 5280 4.2.1.1",
		"the authority key identifier is the CA's subject key identifier");
}

static enum caproof_status check_extended_usage(struct proof_view *v, struct error *err) {
	uint32_t usage = X509_get_extended_key_usage(v->cert);
	bool credential = usage != UINT32_MAX && (usage & (XKU_SSL_SERVER | XKU_SSL_CLIENT)) != 0;

	return ADD(v, "proof.extended-key-usage", credential ? CHECK_WARNING : CHECK_OK,
		"RFC 5280 4.2.1.12", credential ? "the proof may be used as a TLS server or client" :
		"no TLS usage is granted");
}

/* The one CN of the subject as UTF-8; *COUNT says how many there are. */
static enum caproof_status common_name(X509 *cert, unsigned *count, struct bytes *out,
	struct error *err) {
	const X509_NAME *subject = X509_get_subject_name(cert);
	unsigned char *text = NULL;
	int at = -1, first = -1, len;
	enum caproof_status status;

	*count = 0;
	while ((at = X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)subject, NID_commonName,
		at)) >= 0) {
		first = first < 0 ? at : first;
		++*count;
	}
	if (first < 0)
		return CAPROOF_OK;
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)));
	if (len < 0) {
		ERR_clear_error();
		return CAPROOF_OK;
	}
	status = bytes_copy(out, text, (size_t)len, err);
	OPENSSL_free(text);
	return status;
}

static enum caproof_status check_common_name(struct proof_view *v, struct error *err) {
	const char *code = v->input->code;
	struct bytes cn = BYTES_INIT;
	unsigned count;
	char shown[SAFE];
	enum caproof_status status = common_name(v->cert, &count, &cn, err);

	if (status != CAPROOF_OK)
		return status;
	text_safe(shown, sizeof(shown), cn.data, cn.len);
	if (count != 1)
		status = ADD(v, "proof.code", CHECK_REFUSED, "the platform's form of proof",
			"the subject has %u Common Names instead of one", count);
	else if (code == NULL)
		status = ADD(v, "proof.code", CHECK_OK, "the platform's form of proof",
			"the Common Name is '%s'; no code was given to compare it with", shown);
	else if (span_equal(bytes_span(&cn), span_of(code, strlen(code))))
		status = ADD(v, "proof.code", CHECK_OK, "the platform's form of proof",
			"the Common Name is the code, octet by octet");
	else
		status = ADD(v, "proof.code", CHECK_REFUSED, "the platform's form of proof",
			"the Common Name is '%s', not the code", shown);
	bytes_clear(&cn);
	return status;
}

/* Whether NAMES is exactly one URI: PREFIX and, when given, CODE behind it. */
static bool is_code_uri(const GENERAL_NAMES *names, const char *prefix, const char *code) {
	const GENERAL_NAME *name;
	const ASN1_STRING *uri;
	size_t prefix_len = strlen(prefix), len;
	const unsigned char *data;

	if (sk_GENERAL_NAME_num(names) != 1)
		return false;
	name = sk_GENERAL_NAME_value(names, 0);
	if (name->type != GEN_URI)
		return false;
	uri = name->d.uniformResourceIdentifier;
	data = ASN1_STRING_get0_data(uri);
	len = (size_t)ASN1_STRING_length(uri);
	if (len <= prefix_len || memcmp(data, prefix, prefix_len) != 0)
		return false;
	return code == NULL ||
		span_equal(span_of(data + prefix_len, len - prefix_len), span_of(code, strlen(code)));
}

static enum caproof_status check_san(struct proof_view *v, struct error *err) {
	const char *prefix = platform_san_prefix(v->input->platform);
	GENERAL_NAMES *names;
	int critical;
	bool good;

	ERR_set_mark();
	names = X509_get_ext_d2i(v->cert, NID_subject_alt_name, &critical, NULL);
	ERR_pop_to_mark();
	good = names != NULL && critical == 0 && is_code_uri(names, prefix, v->input->code);
	GENERAL_NAMES_free(names);
	return ADD(v, "proof.code", good ? CHECK_OK : CHECK_REFUSED, "the platform's form of proof",
		good ? "the only subject alternative name is the URI %s followed by the code" :
		"there is not exactly one subject alternative name, a URI of %s followed by the code",
		prefix);
}

static enum caproof_status check_code(struct proof_view *v, struct error *err) {
	if (platform_form(v->input->platform) == FORM_CERTIFICATE_SAN_URI)
		return check_san(v, err);
	return check_common_name(v, err);
}

enum caproof_status verify_certificate(const struct verify_input *input, struct span der,
	struct checks *checks, struct error *err) {
	static enum caproof_status (*const all[])(struct proof_view *, struct error *) = {
		check_signature, check_issuer, check_authority_key_id, check_code, check_validity,
		check_version, check_not_ca, check_algorithm, check_extended_usage,
	};
	const unsigned char *p = der.data;
	struct proof_view view = { input, NULL, checks };
	enum caproof_status status = CAPROOF_OK;

	ERR_set_mark();
	view.cert = d2i_X509(NULL, &p, (long)der.len);
	ERR_pop_to_mark();
	if (view.cert == NULL || p != der.data + der.len)
		status = error_set(err, ERROR_PROOF_FORMAT, "the proof is damaged, or no certificate");
	for (size_t i = 0; status == CAPROOF_OK && i < sizeof(all) / sizeof(all[0]); i++)
		status = all[i](&view, err);
	X509_free(view.cert);
	return status;
}

enum caproof_status verify_code_signature(const struct verify_input *input, struct span signature,
	struct checks *checks, struct error *err) {
	struct algorithm algorithm;
	bool good;
	enum caproof_status status = ca_algorithm(input->ca, DIGEST_SHA256, false, &algorithm, err);

	if (status == CAPROOF_OK)
		status = signature_verify(input->ca, &algorithm,
			span_of(input->code, strlen(input->code)), signature, &good, err);
	if (status != CAPROOF_OK)
		return status;
	return checks_add(checks, "proof.signature", good ? CHECK_OK : CHECK_REFUSED,
		"the platform's form of proof", NULL, err, good ?
		"the signature over the code verifies with the public key of the CA certificate" :
		"the signature over the code does not verify with the public key of the CA certificate");
}
