/* SPDX-License-Identifier: Apache-2.0
 *
 * A PKCS#11 URI (RFC 7512) from a command line or a file: read, asked, matched with a
 * token, and written again.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "token/uri.h"

/* A token that has what the URI says, where it says anything. */
static struct token token_of(const struct uri *uri) {
	struct token token = { .slot = 1 };
	struct span label = uri_token(uri);

	memset(&token.info, ' ', sizeof(token.info));
	FUZZ_MUST(label.len <= sizeof(token.info.label));
	if (label.len > 0)
		memcpy(token.info.label, label.data, label.len);
	return token;
}

/* What caproof prints, it reads, and means the same by it. */
static void write_again(const struct uri *uri, const char *type) {
	struct token token = token_of(uri);
	char *text = uri_format(&token, type, uri_id(uri), uri_object(uri));
	struct error err = ERROR_INIT;
	struct uri *again = NULL;

	FUZZ_MUST(text != NULL);
	if (uri_parse(text, URI_IN_FILE, &again, &err) != CAPROOF_OK)
		fuzz_broken(__FILE__, __LINE__, "a URI of caproof's is read", text);
	FUZZ_MUST(span_equal(uri_id(again), uri_id(uri)));
	FUZZ_MUST(span_equal(uri_object(again), uri_object(uri)));
	FUZZ_MUST(span_equal(uri_token(again), uri_token(uri)));
	FUZZ_MUST(uri_matches_token(again, &token));
	uri_free(again);
	free(text);
}

static void ask(const struct uri *uri) {
	static const char *const types[] = { "private", "public", "cert", NULL };
	struct token token = token_of(uri);
	const char *path = uri_pin_source(uri);

	FUZZ_MUST(path == NULL || path[0] == '/');
	uri_module_path(uri);
	uri_type(uri);
	uri_matches_token(uri, &token);
	uri_names_token(uri);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		write_again(uri, types[i]);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	char *text = fuzz_text(span_of(data, size));

	for (enum uri_scope scope = URI_COMMAND_LINE; scope <= URI_IN_FILE; scope++) {
		struct error err = ERROR_INIT;
		struct uri *uri = NULL;

		if (fuzz_fine(uri_parse(text, scope, &uri, &err), &err))
			ask(uri);
		uri_free(uri);
	}
	free(text);
	return 0;
}
