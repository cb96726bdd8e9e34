/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate requests by the thousand, since openssl takes a process for each.
 *
 *   requests FOLDER COUNT
 *
 * writes FOLDER/1.csr to FOLDER/COUNT.csr, with a P-256 key that all of them share and
 * that nobody keeps, and the code 'bench-N' as Common Name.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static void must(int condition, const char *what) {
	if (condition)
		return;
	fprintf(stderr, "requests: %s\n", what);
	exit(1);
}

static void make(EVP_PKEY *key, const char *folder, long number) {
	X509_REQ *request = X509_REQ_new();
	char path[4096], code[32];
	FILE *file;

	snprintf(code, sizeof(code), "bench-%ld", number);
	must(request != NULL && X509_REQ_set_pubkey(request, key) &&
		X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_ASC,
			(const unsigned char *)code, -1, -1, 0) &&
		X509_REQ_sign(request, key, EVP_sha256()) > 0, "cannot make a request");
	snprintf(path, sizeof(path), "%s/%ld.csr", folder, number);
	file = fopen(path, "w");
	must(file != NULL && PEM_write_X509_REQ(file, request) && fclose(file) == 0, path);
	X509_REQ_free(request);
}

int main(int argc, char **argv) {
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (argc != 3) {
		fputs("usage: requests FOLDER COUNT\n", stderr);
		return 2;
	}
	must(key != NULL, "cannot make a key");
	for (long number = 1; number <= atol(argv[2]); number++)
		make(key, argv[1], number);
	EVP_PKEY_free(key);
	return 0;
}
