/* SPDX-License-Identifier: Apache-2.0
 *
 * Software keys and certificates for the unit tests.  A failure here ends the test.
 */
#include "soft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* KIND is HASH-SALT: sha384-48. */
static void restrict_pss(EVP_PKEY_CTX *ctx, const char *kind) {
	char hash[16] = "";
	int salt = 0;

	MUST(sscanf(kind, "%15[a-z0-9]-%d", hash, &salt) == 2);
	MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_md_name(ctx, hash, NULL) == 1);
	MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md_name(ctx, hash) == 1);
	MUST(EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, salt) == 1);
}

EVP_PKEY *soft_key(const char *kind) {
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx;

	if (strncmp(kind, "pss2048", 7) == 0) {
		ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
		MUST(ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1);
		MUST(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048) == 1);
		if (kind[7] == '-')
			restrict_pss(ctx, kind + 8);
		MUST(EVP_PKEY_keygen(ctx, &key) == 1);
		EVP_PKEY_CTX_free(ctx);
	} else if (strncmp(kind, "rsa", 3) == 0) {
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)atoi(kind + 3));
	} else if (strcmp(kind, "ed25519") == 0) {
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	} else {
		char curve[16];

		snprintf(curve, sizeof(curve), "P-%s", kind + 1);
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
	}
	MUST(key != NULL);
	return key;
}

static void add_extensions(X509 *cert, X509_REQ *request, const char *list) {
	char *copy = strdup(list), *save = NULL;
	STACK_OF(X509_EXTENSION) *wanted = NULL;
	X509V3_CTX ctx;

	MUST(copy != NULL);
	X509V3_set_ctx(&ctx, cert, cert, request, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	for (char *e = strtok_r(copy, ";", &save); e != NULL; e = strtok_r(NULL, ";", &save)) {
		char *value = strchr(e, '=');
		X509_EXTENSION *extension;

		MUST(value != NULL);
		*value++ = '\0';
		extension = X509V3_EXT_nconf(NULL, &ctx, e, value);
		MUST(extension != NULL);
		if (cert != NULL) {
			MUST(X509_add_ext(cert, extension, -1) == 1);
			X509_EXTENSION_free(extension);
		} else {
			wanted = wanted != NULL ? wanted : sk_X509_EXTENSION_new_null();
			MUST(sk_X509_EXTENSION_push(wanted, extension) > 0);
		}
	}
	if (wanted != NULL) {
		MUST(X509_REQ_add_extensions(request, wanted) == 1);
		sk_X509_EXTENSION_pop_free(wanted, X509_EXTENSION_free);
	}
	free(copy);
}

X509 *soft_certificate(const struct soft_ca *spec, EVP_PKEY *key, const char *common_name) {
	X509 *cert = X509_new();
	X509_NAME *name;
	time_t from = spec->not_before != 0 ? spec->not_before : SOFT_NOW - 365L * SOFT_DAY;
	time_t until = spec->not_after != 0 ? spec->not_after : SOFT_NOW + 365L * SOFT_DAY;

	MUST(cert != NULL);
	MUST(X509_set_version(cert, spec->version != 0 ? spec->version - 1 : 2) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711) == 1);
	name = X509_get_subject_name(cert);
	MUST(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
		(const unsigned char *)"Soft Works", -1, -1, 0) == 1);
	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		(const unsigned char *)common_name, -1, -1, 0) == 1);
	MUST(X509_set_issuer_name(cert, name) == 1);
	MUST(ASN1_TIME_adj(X509_getm_notBefore(cert), from, 0, 0) != NULL);
	MUST(ASN1_TIME_adj(X509_getm_notAfter(cert), until, 0, 0) != NULL);
	MUST(X509_set_pubkey(cert, key) == 1);
	if (spec->version == 0)
		add_extensions(cert, NULL, spec->extensions != NULL ? spec->extensions :
			"subjectKeyIdentifier=hash;authorityKeyIdentifier=keyid;"
			"basicConstraints=critical,CA:TRUE;keyUsage=critical,keyCertSign,cRLSign");
	MUST(X509_sign(cert, key, EVP_PKEY_is_a(key, "ED25519") ? NULL :
		spec->digest != NULL ? spec->digest : EVP_sha256()) > 0);
	return cert;
}

static struct bytes take(BIO *bio) {
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	MUST(bytes_copy(&out, data, (size_t)len, &err) == CAPROOF_OK);
	BIO_free(bio);
	return out;
}

struct bytes soft_pem(X509 *cert) {
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(bio != NULL && PEM_write_bio_X509(bio, cert) == 1);
	return take(bio);
}

struct bytes soft_der(X509 *cert) {
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(bio != NULL && i2d_X509_bio(bio, cert) == 1);
	return take(bio);
}

struct bytes soft_request(EVP_PKEY *key, const char *common_name, const char *extensions) {
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(request != NULL && bio != NULL);
	if (common_name != NULL)
		MUST(X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8,
			(const unsigned char *)common_name, -1, -1, 0) == 1);
	MUST(X509_REQ_set_pubkey(request, key) == 1);
	if (extensions != NULL)
		add_extensions(NULL, request, extensions);
	MUST(X509_REQ_sign(request, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256()) > 0);
	MUST(PEM_write_bio_X509_REQ(bio, request) == 1);
	X509_REQ_free(request);
	return take(bio);
}

struct bytes soft_sign(EVP_PKEY *key, const char *digest, unsigned pss_salt, struct span message) {
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	unsigned char buf[1024];
	size_t len = sizeof(buf);
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	MUST(md != NULL && EVP_DigestSignInit_ex(md, &ctx, digest, NULL, NULL, key, NULL) == 1);
	if (pss_salt != 0)
		MUST(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)pss_salt) == 1);
	MUST(EVP_DigestSign(md, buf, &len, message.data, message.len) == 1);
	MUST(bytes_copy(&out, buf, len, &err) == CAPROOF_OK);
	EVP_MD_CTX_free(md);
	return out;
}
