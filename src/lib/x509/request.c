/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a certificate request.
 */
#include "x509/request.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/crypto.h"
#include "base/text.h"
#include "x509/document.h"
#include "x509/keyless.h"

static enum caproof_status read_code(X509_REQ *csr, struct request *request, struct error *err) {
	const X509_NAME *subject = X509_REQ_get_subject_name(csr);
	int at = X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)subject, NID_commonName, -1);
	unsigned char *text = NULL;
	int len;
	enum caproof_status status;

	if (at < 0)
		return CAPROOF_OK;
	if (X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)subject, NID_commonName, at) >= 0)
		return error_set(err, ERROR_CSR_CODE, "the request '%s' has more than one Common Name",
			request->name);
	len = ASN1_STRING_to_UTF8(&text,
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (len < 0) {
		ERR_clear_error();
		return error_set(err, ERROR_CSR_CODE, "the request '%s' has a Common Name that is no text",
			request->name);
	}
	status = bytes_copy(&request->code, text, (size_t)len, err);
	OPENSSL_free(text);
	return status;
}

static enum caproof_status judge_key(X509_REQ *csr, EVP_PKEY *pkey, struct request *request,
	struct error *err) {
	char text[64];
	enum caproof_status status = key_from_pkey(pkey, &request->key, err);
	int good;

	if (status != CAPROOF_OK)
		return status;
	if (request->key.type == KEY_OTHER ||
		(request->key.type == KEY_RSA && request->key.bits < 2048) ||
		key_has_roca(bytes_span(&request->key.modulus)))
		return error_set(err, ERROR_CSR_KEY, "the request '%s' has a weak key or one of an unusual "
			"kind: %s", request->name, public_key_describe(&request->key, text, sizeof(text)));
	ERR_set_mark();
	good = X509_REQ_verify_ex(csr, pkey, crypto_context(), NULL);
	ERR_pop_to_mark();
	if (good != 1)
		return error_set(err, ERROR_CSR_SIGNATURE, "the request '%s' has a signature that is not "
			"right", request->name);
	return CAPROOF_OK;
}

static enum caproof_status read_key(X509_REQ *csr, struct request *request, struct error *err) {
	unsigned char *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(csr), &spki);
	EVP_PKEY *pkey;
	enum caproof_status status;

	if (len <= 0)
		return crypto_error(err, "encode a public key");
	status = bytes_copy(&request->spki, spki, (size_t)len, err);
	OPENSSL_free(spki);
	if (status != CAPROOF_OK)
		return status;
	pkey = keyless_decode(bytes_span(&request->spki));
	if (pkey == NULL)
		return error_set(err, ERROR_CSR_KEY, "the request '%s' has a public key that cannot be "
			"read", request->name);
	status = judge_key(csr, pkey, request, err);
	EVP_PKEY_free(pkey);
	return status;
}

static enum caproof_status read_request(struct span der, struct request *request,
	struct error *err) {
	X509_REQ *csr = keyless_request(der);
	enum caproof_status status;

	if (csr == NULL)
		return error_set(err, ERROR_CSR_FORMAT, "'%s' is damaged, or no certificate request",
			request->name);
	status = read_key(csr, request, err);
	if (status == CAPROOF_OK)
		status = read_code(csr, request, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&request->spki), request->spki_sha256, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(der, request->sha256, err);
	X509_REQ_free(csr);
	return status;
}

enum caproof_status request_parse(struct span file, const char *name, struct request **out,
	struct error *err) {
	struct request *request = calloc(1, sizeof(*request));
	struct document document = { 0 };
	enum caproof_status status;

	if (request == NULL)
		return error_memory(err);
	request->name = text_safe_dup(name, strlen(name));
	if (request->name == NULL)
		status = error_memory(err);
	else
		status = document_parse(file, request->name, &document_request, &document, err);
	if (status == CAPROOF_OK)
		status = read_request(bytes_span(&document.der), request, err);
	document_clear(&document);
	if (status == CAPROOF_OK)
		*out = request;
	else
		request_free(request);
	return status;
}

void request_free(struct request *request) {
	if (request == NULL)
		return;
	bytes_clear(&request->spki);
	bytes_clear(&request->code);
	public_key_clear(&request->key);
	free(request->name);
	free(request);
}
