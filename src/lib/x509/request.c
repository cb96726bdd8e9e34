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

static enum caproof_status judge_key(X509_REQ *csr, struct request *request, struct error *err) {
	EVP_PKEY *pkey;
	char text[64];
	enum caproof_status status;
	int good;

	ERR_set_mark();
	pkey = X509_REQ_get0_pubkey(csr);
	ERR_pop_to_mark();
	if (pkey == NULL)
		return error_set(err, ERROR_CSR_KEY, "the request '%s' has a public key that cannot be "
			"read", request->name);
	status = key_from_pkey(pkey, &request->key, err);
	if (status != CAPROOF_OK)
		return status;
	if (request->key.type == KEY_OTHER ||
		(request->key.type == KEY_RSA && request->key.bits < 2048) ||
		key_has_roca(bytes_span(&request->key.modulus)))
		return error_set(err, ERROR_CSR_KEY, "the request '%s' has a weak key or one of an unusual "
			"kind: %s", request->name, public_key_describe(&request->key, text, sizeof(text)));
	ERR_set_mark();
	good = X509_REQ_verify(csr, pkey);
	ERR_pop_to_mark();
	if (good != 1)
		return error_set(err, ERROR_CSR_SIGNATURE, "the request '%s' has a signature that is not "
			"right", request->name);
	return CAPROOF_OK;
}

static enum caproof_status read_request(struct span der, struct request *request,
	struct error *err) {
	const unsigned char *p = der.data;
	unsigned char *spki = NULL;
	X509_REQ *csr = X509_REQ_new_ex(crypto_context(), NULL);
	bool decoded;
	int len;
	enum caproof_status status;

	ERR_set_mark();
	decoded = csr != NULL && ASN1_item_d2i_ex((ASN1_VALUE **)&csr, &p, (long)der.len,
		ASN1_ITEM_rptr(X509_REQ), crypto_context(), NULL) != NULL;
	ERR_pop_to_mark();
	if (!decoded || p != der.data + der.len) {
		status = error_set(err, ERROR_CSR_FORMAT, "'%s' is damaged, or no certificate request",
			request->name);
		goto out;
	}
	if ((status = judge_key(csr, request, err)) != CAPROOF_OK ||
		(status = read_code(csr, request, err)) != CAPROOF_OK)
		goto out;
	len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(csr), &spki);
	if (len <= 0) {
		status = crypto_error(err, "encode a public key");
		goto out;
	}
	status = bytes_copy(&request->spki, spki, (size_t)len, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&request->spki), request->spki_sha256, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(der, request->sha256, err);
out:
	OPENSSL_free(spki);
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
