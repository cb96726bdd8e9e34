/* SPDX-License-Identifier: Apache-2.0
 *
 * Signature algorithms and their names.
 */
#include "base/algorithm.h"

#include <string.h>

static const struct {
	const char *option, *name;
	size_t size;
} digests[] = {
	[DIGEST_NONE] = { "", "", 0 },
	[DIGEST_SHA256] = { "sha256", "SHA256", 32 },
	[DIGEST_SHA384] = { "sha384", "SHA384", 48 },
	[DIGEST_SHA512] = { "sha512", "SHA512", 64 },
};

bool algorithm_equal(const struct algorithm *a, const struct algorithm *b) {
	return a->scheme == b->scheme && a->digest == b->digest && a->salt_len == b->salt_len;
}

size_t digest_size(enum digest digest) {
	return digests[digest].size;
}

const char *digest_name(enum digest digest) {
	return digests[digest].name;
}

bool digest_parse(const char *text, enum digest *out) {
	for (enum digest d = DIGEST_SHA256; d <= DIGEST_SHA512; d++) {
		if (strcmp(text, digests[d].option) == 0) {
			*out = d;
			return true;
		}
	}
	return false;
}

const char *algorithm_describe(const struct algorithm *algorithm, enum key_type type) {
	static const char *const texts[][4] = {
		[SCHEME_RSA_PKCS1] = { "", "RSA PKCS#1 v1.5 with SHA-256",
			"RSA PKCS#1 v1.5 with SHA-384", "RSA PKCS#1 v1.5 with SHA-512" },
		[SCHEME_RSA_PSS] = { "", "RSA-PSS with SHA-256", "RSA-PSS with SHA-384",
			"RSA-PSS with SHA-512" },
		[SCHEME_ECDSA] = { "", "ECDSA with SHA-256", "ECDSA with SHA-384",
			"ECDSA with SHA-512" },
		[SCHEME_EDDSA] = { "Ed25519", "", "", "" },
	};

	if (type == KEY_ED448)
		return "Ed448";
	return texts[algorithm->scheme][algorithm->digest];
}
