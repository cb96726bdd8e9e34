/* SPDX-License-Identifier: Apache-2.0
 *
 * What is read without its key, beside the same octets as OpenSSL reads them whole: one
 * accepts what the other does, says the same of it, and the signature is good for both or
 * for neither.  Where the encoding is not DER, caproof may refuse what OpenSSL takes; never
 * the other way.
 */
#include "fuzz.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/der.h"
#include "x509/keyless.h"
#include "x509/request.h"

/* --- keys ------------------------------------------------------------------------------- */

static struct bytes encoded(unsigned char *der, int len) {
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	if (len > 0)
		FUZZ_MUST(bytes_copy(&out, der, (size_t)len, &err) == CAPROOF_OK);
	OPENSSL_free(der);
	return out;
}

/* The key by hand is the key by OpenSSL's decoders. */
static void compare_keys(const X509_PUBKEY *key) {
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY((X509_PUBKEY *)(uintptr_t)key, &der);
	struct bytes spki = encoded(der, len);
	const unsigned char *at = spki.data;
	EVP_PKEY *whole = d2i_PUBKEY(NULL, &at, (long)spki.len), *own;

	ERR_clear_error();
	own = keyless_decode(bytes_span(&spki));
	/* impossible ones are none for caproof */
	FUZZ_MUST(own == NULL || whole != NULL);
	FUZZ_MUST(own == NULL || EVP_PKEY_eq(own, whole) == 1);
	FUZZ_MUST(own == NULL || EVP_PKEY_get_base_id(own) == EVP_PKEY_get_base_id(whole));
	EVP_PKEY_free(own);
	EVP_PKEY_free(whole);
	bytes_clear(&spki);
}

/* --- certificates ----------------------------------------------------------------------- */

/* The octets of the signed part as they are, behind a right signature by KIND's key. */
static struct bytes signed_as_is(struct span file, enum fuzz_kind kind, X509 *cert) {
	EVP_PKEY *key = kind < FUZZ_KINDS ? fuzz_world()->keys[kind] : NULL;
	const unsigned char *tbs = file.data;
	const X509_ALGOR *algorithm;
	struct bytes out = BYTES_INIT, signature;
	struct error err = ERROR_INIT;
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	unsigned char *tail = NULL, *p;
	long len, content;
	int tag, class, algorithm_len, bits_len;

	FUZZ_MUST(bits != NULL);
	X509_get0_signature(NULL, &algorithm, cert);
	if (key == NULL || (ASN1_get_object(&tbs, &len, &tag, &class, (long)file.len) & 0x81) != 0)
		goto out;
	p = (unsigned char *)(uintptr_t)tbs;
	if ((ASN1_get_object((const unsigned char **)&p, &content, &tag, &class, len) & 0x81) != 0)
		goto out;
	signature = soft_sign(key, kind == FUZZ_ED25519 ? NULL : "SHA256", 0,
		span_of(tbs, (size_t)(p - tbs + content)));
	FUZZ_MUST(ASN1_STRING_set(bits, signature.data, (int)signature.len) == 1);
	bytes_clear(&signature);
	bits->flags = (bits->flags & ~0x0fL) | ASN1_STRING_FLAG_BITS_LEFT;
	algorithm_len = i2d_X509_ALGOR(algorithm, NULL);
	bits_len = i2d_ASN1_BIT_STRING(bits, NULL);
	FUZZ_MUST(algorithm_len > 0 && bits_len > 0);
	out.len = (size_t)(p - tbs + content + algorithm_len + bits_len);
	tail = OPENSSL_malloc(out.len + 8);
	FUZZ_MUST(tail != NULL);
	p = tail;
	ASN1_put_object(&p, 1, (int)out.len, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	content = (long)out.len - algorithm_len - bits_len;
	memcpy(p, tbs, (size_t)content);
	p += content;
	i2d_X509_ALGOR(algorithm, &p);
	i2d_ASN1_BIT_STRING(bits, &p);
	FUZZ_MUST(bytes_copy(&out, tail, (size_t)(p - tail), &err) == CAPROOF_OK);
out:
	OPENSSL_free(tail);
	ASN1_BIT_STRING_free(bits);
	ERR_clear_error();
	return out;
}

/* The two lengths that caproof reads by itself. */
static bool is_der(struct span file) {
	struct span inside, content;

	return der_take(&file, DER_SEQUENCE, &inside, NULL) &&
		der_take(&inside, DER_SEQUENCE, &content, NULL);
}

static void compare_signature(X509 *own, X509 *whole, struct span file, EVP_PKEY *key) {
	bool good = keyless_verify(own, file, key), wanted = X509_verify(whole, key) == 1;

	ERR_clear_error();
	FUZZ_MUST(!good || wanted);
	FUZZ_MUST(good == wanted || !is_der(file));
}

/* What the checks of a proof ask. */
static void compare_facts(X509 *own, X509 *whole) {
	int digest[2] = { 0, 0 }, key[2] = { 0, 0 }, good[2];

	good[0] = X509_get_signature_info(own, &digest[0], &key[0], NULL, NULL);
	good[1] = X509_get_signature_info(whole, &digest[1], &key[1], NULL, NULL);
	FUZZ_MUST(good[0] == good[1] && digest[0] == digest[1] && key[0] == key[1]);
	FUZZ_MUST(X509_get_extended_key_usage(own) == X509_get_extended_key_usage(whole));
	FUZZ_MUST(X509_get_key_usage(own) == X509_get_key_usage(whole));
	/* That it signed itself takes its key, and its fingerprint an algorithm. */
	FUZZ_MUST(((X509_get_extension_flags(own) ^ X509_get_extension_flags(whole)) &
		~(uint32_t)(EXFLAG_SS | EXFLAG_NO_FINGERPRINT)) == 0);
	FUZZ_MUST((X509_NAME_cmp(X509_get_subject_name(own), X509_get_issuer_name(own)) == 0) ==
		(X509_NAME_cmp(X509_get_subject_name(whole), X509_get_issuer_name(whole)) == 0));
	ERR_clear_error();
}

/* As a CA certificate it is self-signed for both, and named by the same identifiers. */
static void compare_ca(X509 *whole, struct span file) {
	AUTHORITY_KEYID *id = X509_get_ext_d2i(whole, NID_authority_key_identifier, NULL, NULL);
	bool readable = X509_check_purpose(whole, -1, -1) == 1;
	struct ca *ca = NULL;
	struct error err = ERROR_INIT;

	ERR_clear_error();
	if (fuzz_fine(ca_parse(file, "ca.der", &ca, &err), &err) && readable) {
		FUZZ_MUST(ca->facts.self_signed == (X509_self_signed(whole, 1) == 1) ||
			!is_der(file));
		FUZZ_MUST(id == NULL ||
			ca_is_named_by(ca, id) == (X509_check_akid(whole, id) == X509_V_OK));
	}
	ERR_clear_error();
	AUTHORITY_KEYID_free(id);
	ca_free(ca);
}

static void compare_certificates(struct span file) {
	const struct fuzz_world *world = fuzz_world();
	const unsigned char *at = file.data;
	X509 *whole = d2i_X509(NULL, &at, (long)file.len), *own = keyless_certificate(file);

	if (whole != NULL && at != file.data + file.len) {
		X509_free(whole);
		whole = NULL;
	}
	ERR_clear_error();
	FUZZ_MUST((own == NULL) == (whole == NULL));
	if (own != NULL) {
		EVP_PKEY *key = X509_get0_pubkey(whole);

		for (enum fuzz_kind kind = 0; kind < FUZZ_KINDS; kind++)
			compare_signature(own, whole, file, world->keys[kind]);
		if (key != NULL)
			compare_signature(own, whole, file, key);
		compare_keys(X509_get_X509_PUBKEY(own));
		compare_facts(own, whole);
		compare_ca(whole, file);
	}
	X509_free(own);
	X509_free(whole);
}

/* --- requests --------------------------------------------------------------------------- */

static void compare_requests(struct span file) {
	const unsigned char *at = file.data;
	X509_REQ *whole = d2i_X509_REQ(NULL, &at, (long)file.len);
	struct request *request = NULL;
	struct error err = ERROR_INIT;
	bool good = whole != NULL && at == file.data + file.len &&
		X509_REQ_get0_pubkey(whole) != NULL &&
		X509_REQ_verify(whole, X509_REQ_get0_pubkey(whole)) == 1;

	ERR_clear_error();
	if (whole != NULL)
		compare_keys(X509_REQ_get_X509_PUBKEY(whole));
	if (fuzz_fine(request_parse(file, "request.der", &request, &err), &err))
		FUZZ_MUST(good);
	else
		FUZZ_MUST(!good || err.id != ERROR_CSR_SIGNATURE);
	request_free(request);
	X509_REQ_free(whole);
}

/* Knobs: key to sign with (2 bits), over the octets as they are (1 bit). */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct span input = span_of(data, size);
	unsigned knobs = fuzz_knob(&input);
	enum fuzz_kind kind = fuzz_kind(knobs);
	struct bytes file, as_is;
	const unsigned char *at;
	X509 *cert;

	file = fuzz_signed_certificate(input, (knobs & 4) != 0 ? FUZZ_KINDS : kind, (knobs & 8) != 0);
	compare_certificates(bytes_span(&file));
	at = file.data;
	cert = (knobs & 4) != 0 ? d2i_X509(NULL, &at, (long)file.len) : NULL;
	if (cert != NULL) {
		as_is = signed_as_is(bytes_span(&file), kind, cert);
		compare_certificates(bytes_span(&as_is));
		bytes_clear(&as_is);
	}
	X509_free(cert);
	bytes_clear(&file);
	file = fuzz_signed_request(input, (knobs & 4) != 0 ? FUZZ_KINDS : kind);
	compare_requests(bytes_span(&file));
	bytes_clear(&file);
	return 0;
}
