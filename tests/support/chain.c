/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes a transcript of records: each line of standard input, a JSON object without seq and
 * prev, gets its number and the SHA-256 of the line before.  The argument is the hash that the
 * first one holds.  For transcripts so long that a shell would take an hour.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

static void hash(const char *line, size_t len, char out[65]) {
	unsigned char digest[32];

	if (EVP_Digest(line, len, digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

int main(int argc, char **argv) {
	char prev[65], *line = NULL, *record;
	size_t room = 0;
	int len;

	if (argc != 2 || strlen(argv[1]) != 64) {
		fputs("usage: chain HASH < records > transcript\n", stderr);
		return 2;
	}
	memcpy(prev, argv[1], sizeof(prev));
	for (long seq = 0; getline(&line, &room, stdin) > 1; seq++) {
		len = asprintf(&record, "{\"seq\":%ld,\"prev\":\"%s\",%s", seq, prev, line + 1);
		if (len < 0)
			abort();
		hash(record, (size_t)len, prev);
		fputs(record, stdout);
		free(record);
	}
	free(line);
	return fflush(stdout) == 0 ? 0 : 1;
}
