/* SPDX-License-Identifier: Apache-2.0
 *
 * A detached CMS signature (RFC 5652 5) taken apart.  Not with OpenSSL's reader, which
 * takes BER, any number of signers, and builds all that it reads before it can be asked;
 * and nothing here is guessed: what is not exactly as expected does not count.
 */
#include "ceremony/cms_internal.h"

#include <string.h>

#include "base/der.h"

#define MALFORMED "is not a CMS SignedData in DER"
#define ODD_HASH "is made with a hash other than SHA-256, SHA-384 and SHA-512"
#define ODD_ALGORITHM "is made with an algorithm other than RSA and ECDSA"

#define OID(text) { (const unsigned char *)(text), sizeof(text) - 1 }

/* 1.2.840.113549.1.7.1 and .2, 1.9.3 and 1.9.4 */
static const struct span id_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
static const struct span id_signed_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
static const struct span id_content_type = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03");
static const struct span id_message_digest = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04");
static const struct span id_mgf1 = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08");

static const struct {
	struct span oid;
	enum digest digest;
} hashes[] = {
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), DIGEST_SHA256 },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), DIGEST_SHA384 },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), DIGEST_SHA512 },
};

/* DIGEST_NONE: the identifier does not say (RFC 8017 A.1: rsaEncryption), or its
 * parameters do. */
static const struct {
	struct span oid;
	enum scheme scheme;
	enum digest digest;
} schemes[] = {
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), SCHEME_RSA_PKCS1, DIGEST_NONE },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), SCHEME_RSA_PKCS1, DIGEST_SHA256 },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"), SCHEME_RSA_PKCS1, DIGEST_SHA384 },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"), SCHEME_RSA_PKCS1, DIGEST_SHA512 },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), SCHEME_RSA_PSS, DIGEST_NONE },
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x02"), SCHEME_ECDSA, DIGEST_SHA256 },
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x03"), SCHEME_ECDSA, DIGEST_SHA384 },
	{ OID("\x2a\x86\x48\xce\x3d\x04\x03\x04"), SCHEME_ECDSA, DIGEST_SHA512 },
};

/* --- elements ---------------------------------------------------------------------------- */

static bool take_oid(struct span *from, struct span expected) {
	struct span oid;

	return der_take(from, DER_OID, &oid, NULL) && span_equal(oid, expected);
}

/* An element that is there is taken, whatever is in it. */
static bool pass_over(struct span *from, enum der_tag tag) {
	struct span content;

	return !der_is(*from, tag) || der_take(from, tag, &content, NULL);
}

/* An INTEGER from 0 to 32767. */
static bool take_small(struct span *from, unsigned *out) {
	struct span octets;

	if (!der_take(from, DER_INTEGER, &octets, NULL) || octets.len == 0 || octets.len > 2 ||
		octets.data[0] >= 0x80)
		return false;
	*out = octets.data[0];
	if (octets.len == 2)
		*out = *out << 8 | octets.data[1];
	return true;
}

/* --- algorithms -------------------------------------------------------------------------- */

/* AlgorithmIdentifier; PARAMETERS is all that follows the OID in it. */
static bool take_algorithm(struct span *from, struct span *oid, struct span *parameters) {
	return der_take(from, DER_SEQUENCE, parameters, NULL) &&
		der_take(parameters, DER_OID, oid, NULL);
}

static bool is_absent_or_null(struct span parameters) {
	struct span content;

	return parameters.len == 0 || (der_take(&parameters, DER_NULL, &content, NULL) &&
		content.len == 0 && parameters.len == 0);
}

/* RFC 5754 2: parameters absent, or NULL as many write them. */
static const char *take_hash(struct span *from, enum digest *out) {
	struct span oid, parameters;

	if (!take_algorithm(from, &oid, &parameters))
		return MALFORMED;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (span_equal(oid, hashes[i].oid)) {
			*out = hashes[i].digest;
			return is_absent_or_null(parameters) ? NULL : MALFORMED;
		}
	}
	return ODD_HASH;
}

/* RFC 4055 3.1.  What is left out there means SHA-1, which is not good enough. */
static const char *read_pss(struct span parameters, struct algorithm *algorithm) {
	struct span params, part, mask, oid;
	enum digest digest, mask_digest;
	const char *why;

	if (!der_take(&parameters, DER_SEQUENCE, &params, NULL) || parameters.len > 0)
		return MALFORMED;
	if (!der_take(&params, DER_CONTEXT_0_CONSTRUCTED, &part, NULL))
		return ODD_HASH;
	if ((why = take_hash(&part, &digest)) != NULL)
		return why;
	if (part.len > 0 || !der_take(&params, DER_CONTEXT_1_CONSTRUCTED, &part, NULL))
		return ODD_HASH;
	if (!take_algorithm(&part, &oid, &mask) || part.len > 0 || !span_equal(oid, id_mgf1))
		return ODD_ALGORITHM;
	if ((why = take_hash(&mask, &mask_digest)) != NULL)
		return why;
	if (mask.len > 0 || digest != algorithm->digest || mask_digest != digest)
		return "names more than one hash";
	algorithm->salt_len = 20;
	if (der_is(params, DER_CONTEXT_2_CONSTRUCTED) &&
		(!der_take(&params, DER_CONTEXT_2_CONSTRUCTED, &part, NULL) ||
			!take_small(&part, &algorithm->salt_len) || part.len > 0))
		return MALFORMED;
	return params.len == 0 ? NULL : MALFORMED;
}

/* The algorithm of a signature over the hash that is in ALGORITHM. */
static const char *take_scheme(struct span *from, struct algorithm *algorithm) {
	struct span oid, parameters;

	if (!take_algorithm(from, &oid, &parameters))
		return MALFORMED;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!span_equal(oid, schemes[i].oid))
			continue;
		algorithm->scheme = schemes[i].scheme;
		if (algorithm->scheme == SCHEME_RSA_PSS)
			return read_pss(parameters, algorithm);
		if (schemes[i].digest != DIGEST_NONE && schemes[i].digest != algorithm->digest)
			return "names more than one hash";
		return is_absent_or_null(parameters) ? NULL : MALFORMED;
	}
	return ODD_ALGORITHM;
}

/* --- signed attributes ------------------------------------------------------------------- */

/* The one value of an attribute, of TAG; not when there was one already. */
static bool only_value(struct span values, enum der_tag tag, struct span *out) {
	return out->data == NULL && der_take(&values, tag, out, NULL) && values.len == 0;
}

/* RFC 5652 11.1 and 11.2: each exactly once, with one value. */
static const char *read_attributes(struct span attributes, struct cms_parts *parts) {
	struct span type = { NULL, 0 }, attribute, oid, values, set;

	if (!der_take(&attributes, DER_CONTEXT_0_CONSTRUCTED, &set, NULL))
		return MALFORMED;
	while (set.len > 0) {
		if (!der_take(&set, DER_SEQUENCE, &attribute, NULL) ||
			!der_take(&attribute, DER_OID, &oid, NULL) ||
			!der_take(&attribute, DER_SET, &values, NULL) || attribute.len > 0)
			return MALFORMED;
		if (span_equal(oid, id_content_type) && !only_value(values, DER_OID, &type))
			return MALFORMED;
		if (span_equal(oid, id_message_digest) &&
			!only_value(values, DER_OCTET_STRING, &parts->message_digest))
			return MALFORMED;
	}
	if (!span_equal(type, id_data) || parts->message_digest.data == NULL)
		return "has signed attributes that do not say which content they are of";
	return NULL;
}

/* --- the message ------------------------------------------------------------------------- */

/* RFC 5652 5.3: version 1 names the signer by issuer, 3 by key identifier. */
static bool take_signer_name(struct span *from, struct cms_parts *parts) {
	struct span name, content;
	unsigned version;

	if (!take_small(from, &version))
		return false;
	if (version == 3)
		return der_take(from, DER_CONTEXT_0, &parts->key_id, NULL) && parts->key_id.len > 0;
	return version == 1 && der_take(from, DER_SEQUENCE, &name, NULL) &&
		der_take(&name, DER_SEQUENCE, &content, &parts->issuer) &&
		der_take(&name, DER_INTEGER, &parts->serial, NULL) && parts->serial.len > 0 &&
		name.len == 0;
}

static const char *read_signer(struct span signer, struct cms_parts *parts) {
	struct span content;
	const char *why;

	if (!take_signer_name(&signer, parts))
		return MALFORMED;
	if ((why = take_hash(&signer, &parts->algorithm.digest)) != NULL)
		return why;
	if (der_is(signer, DER_CONTEXT_0_CONSTRUCTED)) {
		if (!der_take(&signer, DER_CONTEXT_0_CONSTRUCTED, &content, &parts->attributes))
			return MALFORMED;
		if ((why = read_attributes(parts->attributes, parts)) != NULL)
			return why;
	}
	if ((why = take_scheme(&signer, &parts->algorithm)) != NULL)
		return why;
	if (!der_take(&signer, DER_OCTET_STRING, &parts->signature, NULL) ||
		!pass_over(&signer, DER_CONTEXT_1_CONSTRUCTED) || signer.len > 0)
		return MALFORMED;
	return NULL;
}

/* EncapsulatedContentInfo of a detached signature: plain data, and none of it. */
static const char *take_content(struct span *from) {
	struct span content;

	if (!der_take(from, DER_SEQUENCE, &content, NULL))
		return MALFORMED;
	if (!take_oid(&content, id_data))
		return "is of something other than plain data";
	if (content.len > 0)
		return "carries content of its own";
	return NULL;
}

/* DIGESTS: the content of digestAlgorithms; SIGNER: that of the one SignerInfo. */
static const char *read_signed_data(struct span data, struct span *digests, struct span *signer) {
	struct span signers;
	unsigned version;
	const char *why;

	if (!take_small(&data, &version) || !der_take(&data, DER_SET, digests, NULL))
		return MALFORMED;
	if ((why = take_content(&data)) != NULL)
		return why;
	if (!pass_over(&data, DER_CONTEXT_0_CONSTRUCTED) ||
		!pass_over(&data, DER_CONTEXT_1_CONSTRUCTED) ||
		!der_take(&data, DER_SET, &signers, NULL) || data.len > 0)
		return MALFORMED;
	if (signers.len == 0)
		return "has no signer";
	if (!der_take(&signers, DER_SEQUENCE, signer, NULL))
		return MALFORMED;
	return signers.len == 0 ? NULL : "has more than one signer";
}

const char *cms_read(struct span message, struct cms_parts *out) {
	struct span info, wrapped, data, digests, signer;
	enum digest digest;
	const char *why;

	memset(out, 0, sizeof(*out));
	if (!der_take(&message, DER_SEQUENCE, &info, NULL) || message.len > 0 ||
		!take_oid(&info, id_signed_data) ||
		!der_take(&info, DER_CONTEXT_0_CONSTRUCTED, &wrapped, NULL) || info.len > 0 ||
		!der_take(&wrapped, DER_SEQUENCE, &data, NULL) || wrapped.len > 0)
		return MALFORMED;
	if ((why = read_signed_data(data, &digests, &signer)) != NULL ||
		(why = read_signer(signer, out)) != NULL ||
		(why = take_hash(&digests, &digest)) != NULL)
		return why;
	return digests.len == 0 && digest == out->algorithm.digest ? NULL :
		"names more than one hash";
}
