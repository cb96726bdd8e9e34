/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor's duties, by OpenSSL alone: from a request that is signed with its own key
 * to a certificate that verifies and is in its file.  Nothing else is judged here and
 * nothing is made durable: it is the least, not the right thing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "floor.h"

#define DAY 86400L

static const char *requests, *proofs;
static X509 *ca;
static EVP_PKEY *ca_key;
static X509_EXTENSION *no_ca;
static int rsa;

static void must(int condition, const char *what) {
	if (!condition)
		die(what, 0);
}

void duties_begin(const char *ca_path, const char *requests_path, const char *proofs_path,
	int is_rsa) {
	FILE *file = fopen(ca_path, "r");

	must(file != NULL, ca_path);
	ca = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	must(ca != NULL, ca_path);
	ca_key = X509_get0_pubkey(ca);
	no_ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:FALSE");
	must(ca_key != NULL && no_ca != NULL, ca_path);
	requests = requests_path;
	proofs = proofs_path;
	rsa = is_rsa;
}

static X509_REQ *read_request(long number) {
	char path[4096];
	X509_REQ *request;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%ld.csr", requests, number);
	must((file = fopen(path, "r")) != NULL, path);
	request = PEM_read_X509_REQ(file, NULL, NULL, NULL);
	fclose(file);
	must(request != NULL && X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) == 1, path);
	return request;
}

/* OpenSSL has no way to name the algorithm but to sign. */
static void set_algorithm(const X509_ALGOR *algorithm) {
	X509_ALGOR_set0((X509_ALGOR *)algorithm,
		OBJ_nid2obj(rsa ? NID_sha256WithRSAEncryption : NID_ecdsa_with_SHA256),
		rsa ? V_ASN1_NULL : V_ASN1_UNDEF, NULL);
}

X509 *duty_build(long number, unsigned char digest[DIGEST_SIZE]) {
	X509_REQ *request = read_request(number);
	X509 *cert = X509_new();
	const X509_ALGOR *algorithm;
	unsigned char serial[16], *tbs = NULL;
	BIGNUM *bn;
	int len;

	must(RAND_bytes(serial, sizeof(serial)) == 1, "RAND_bytes");
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	bn = BN_bin2bn(serial, sizeof(serial), NULL);
	must(bn != NULL && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL, "serial");
	BN_free(bn);
	must(X509_set_version(cert, X509_VERSION_3) &&
		X509_set_issuer_name(cert, X509_get_subject_name(ca)) &&
		X509_set_subject_name(cert, X509_REQ_get_subject_name(request)) &&
		X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) &&
		X509_gmtime_adj(X509_getm_notAfter(cert), 7 * DAY) &&
		X509_set_pubkey(cert, X509_REQ_get0_pubkey(request)) &&
		X509_add_ext(cert, no_ca, -1), "build");
	X509_REQ_free(request);
	set_algorithm(X509_get0_tbs_sigalg(cert));
	X509_get0_signature(NULL, &algorithm, cert);
	set_algorithm(algorithm);
	len = i2d_re_X509_tbs(cert, &tbs);
	must(len > 0 && EVP_Digest(tbs, (size_t)len, digest, NULL, EVP_sha256(), NULL), "digest");
	OPENSSL_free(tbs);
	return cert;
}

/* A token gives r and s side by side, a certificate has them as DER. */
static void put_signature(X509 *cert, const unsigned char *signature, size_t len) {
	int half = (int)(len / 2), size = (int)len;
	unsigned char der[256], *end = der;
	const ASN1_BIT_STRING *field;
	ECDSA_SIG *pair;

	X509_get0_signature(&field, NULL, cert);
	if (!rsa) {
		pair = ECDSA_SIG_new();
		must(half <= 66 && ECDSA_SIG_set0(pair, BN_bin2bn(signature, half, NULL),
			BN_bin2bn(signature + half, half, NULL)), "ECDSA_SIG");
		size = i2d_ECDSA_SIG(pair, &end);
		ECDSA_SIG_free(pair);
		signature = der;
	}
	must(size > 0 && ASN1_STRING_set((ASN1_STRING *)field, signature, size), "signature");
	/* Without this a signature that ends in zero bits would lose them. */
	((ASN1_STRING *)field)->flags = ASN1_STRING_FLAG_BITS_LEFT;
}

void duty_finish(long number, X509 *cert, const unsigned char *signature, size_t len) {
	char path[4096];
	FILE *file;
	int fd;

	put_signature(cert, signature, len);
	must(X509_verify(cert, ca_key) == 1, "the signature does not verify");
	snprintf(path, sizeof(path), "%s/%ld.pem", proofs, number);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	must(file != NULL && PEM_write_X509(file, cert) && fclose(file) == 0, path);
	X509_free(cert);
}
