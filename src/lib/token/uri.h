/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS#11 URIs (RFC 7512): foreign input, checked before p11-kit parses it.
 *
 * p11_kit_uri_parse takes unknown attributes, keeps the last of duplicates, cuts
 * values at %00 and hands over pin-source=|command: all of that is refused here,
 * and so is pin-value (usage.pin, without repeating it).
 */
#ifndef CAPROOF_TOKEN_URI_H
#define CAPROOF_TOKEN_URI_H

#include "base/bytes.h"
#include "token/token.h"

struct uri;

enum uri_scope {
	URI_COMMAND_LINE, /* everything, module-path and pin-source included */
	URI_IN_FILE       /* token, serial, manufacturer, model, id, object, type only */
};

/* Parse TEXT.  Errors: usage.uri, usage.pin. */
NODISCARD enum caproof_status uri_parse(const char *text, enum uri_scope scope, struct uri **out,
	struct error *err);
void uri_free(struct uri *uri);

bool uri_is_uri(const char *text); /* begins with "pkcs11:", any case */

/* Borrowed from the URI; NULL when absent. */
const char *uri_module_path(const struct uri *uri);
const char *uri_pin_source(const struct uri *uri); /* an absolute path ("file:" removed) */
/* Object attributes as the URI gives them; an absent one has data NULL. */
struct span uri_id(const struct uri *uri);
struct span uri_object(const struct uri *uri);
/* The token's label; empty when the URI gives none. */
struct span uri_token(const struct uri *uri);
/* CKO_PRIVATE_KEY and so on; (CK_OBJECT_CLASS)-1 when the URI gives no type. */
CK_OBJECT_CLASS uri_type(const struct uri *uri);

/* Whether what the URI says of token, slot (slot-id) and module (library-*) fits. */
bool uri_matches_token(const struct uri *uri, const struct token *token);
bool uri_names_token(const struct uri *uri); /* says anything about a token or slot at all */

/* A URI that finds exactly this, without any PIN attribute, on the heap; NULL when
 * there is no memory.  TYPE: "private", "public", "cert" or NULL for a token's URI.
 * ID and LABEL may be empty spans. */
char *uri_format(const struct token *token, const char *type, struct span id, struct span label);

#endif
