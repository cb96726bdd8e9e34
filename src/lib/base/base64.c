/* SPDX-License-Identifier: Apache-2.0
 *
 * Base64 by OpenSSL, which reads more than it writes: blanks, bits left over.  So what was
 * read is written again and compared.
 */
#include "base/base64.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

char *base64_encode(struct span octets) {
	char *text;

	if (octets.len > INT_MAX / 2)
		return NULL;
	text = malloc((octets.len + 2) / 3 * 4 + 1);
	if (text != NULL)
		EVP_EncodeBlock((unsigned char *)text, octets.data, (int)octets.len);
	return text;
}

enum caproof_status base64_line(struct span octets, struct bytes *out, struct error *err) {
	char *text = base64_encode(octets);
	size_t len;

	if (text == NULL)
		return error_memory(err);
	len = strlen(text);
	text[len] = '\n'; /* in the place of its NUL */
	out->data = (unsigned char *)text;
	out->len = len + 1;
	return CAPROOF_OK;
}

enum caproof_status base64_decode(const char *text, struct bytes *out, struct error *err) {
	size_t len = strlen(text), padding = 0;
	struct bytes octets = BYTES_INIT;
	char *again = NULL;
	int n;

	if (len == 0 || len % 4 != 0 || len > INT_MAX / 2)
		return CAPROOF_OK;
	octets.data = malloc(len / 4 * 3);
	if (octets.data == NULL)
		return error_memory(err);
	n = EVP_DecodeBlock(octets.data, (const unsigned char *)text, (int)len);
	while (padding < 2 && text[len - 1 - padding] == '=')
		padding++;
	octets.len = n > (int)padding ? (size_t)n - padding : 0;
	if (octets.len > 0 && (again = base64_encode(bytes_span(&octets))) == NULL) {
		bytes_clear(&octets);
		return error_memory(err);
	}
	if (again != NULL && strcmp(again, text) == 0)
		*out = octets;
	else
		bytes_clear(&octets);
	free(again);
	return CAPROOF_OK;
}
