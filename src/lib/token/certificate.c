/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a certificate object.  Public objects only: no PIN is worth a certificate.
 */
#include "token/certificate.h"

#include <stdlib.h>

#include "token/ckr.h"
#include "token/search.h"

#define CERTIFICATE_MAX (1024 * 1024) /* octets; far above any certificate in a token */

static void fill_template(const struct uri *uri, struct template *t) {
	*t = (struct template){ .count = 0 };
	template_class(t, CKO_CERTIFICATE);
	template_add(t, CKA_ID, uri_id(uri));
	template_add(t, CKA_LABEL, uri_object(uri));
}

static enum caproof_status read_value(struct session *session, CK_OBJECT_HANDLE handle,
	struct bytes *out, struct error *err) {
	CK_FUNCTION_LIST *f = session_functions(session);
	CK_ATTRIBUTE value = { CKA_VALUE, NULL, 0 };
	CK_RV rv = f->C_GetAttributeValue(session->handle, handle, &value, 1);

	if (rv != CKR_OK)
		return session_error(session, rv, "C_GetAttributeValue", "read a certificate", err);
	if (value.ulValueLen == 0 || value.ulValueLen > CERTIFICATE_MAX)
		return error_set(err, ERROR_DEVICE, "token '%s' gives a certificate without a sensible "
			"length", session->token->label);
	value.pValue = malloc(value.ulValueLen);
	if (value.pValue == NULL)
		return error_memory(err);
	out->len = value.ulValueLen;
	rv = f->C_GetAttributeValue(session->handle, handle, &value, 1);
	if (rv != CKR_OK || value.ulValueLen > out->len) {
		free(value.pValue);
		out->len = 0;
		return session_error(session, rv != CKR_OK ? rv : CKR_GENERAL_ERROR, "C_GetAttributeValue",
			"read a certificate", err);
	}
	out->data = value.pValue;
	out->len = value.ulValueLen;
	return CAPROOF_OK;
}

/* One more candidate of a URI that is not clear. */
static enum caproof_status list_candidate(struct session *session, CK_OBJECT_HANDLE handle,
	struct error *err) {
	struct object *object = malloc(sizeof(*object));
	struct error ignored = ERROR_INIT;
	char *text = NULL;

	if (object == NULL)
		return error_memory(err);
	if (object_read(session, handle, KEY_OTHER, object, &ignored) == CAPROOF_OK)
		text = uri_format(session->token, "cert", object_id(object), object_label(object));
	if (text != NULL)
		error_hint_line(err, "'%s'", text);
	free(text);
	free(object);
	return error_status(err);
}

static enum caproof_status several(struct session *session, const struct found *found,
	struct error *err) {
	error_set(err, ERROR_KEY_SEVERAL, "the certificate's URI fits more than one "
		"certificate in token '%s'", session->token->label);
	error_hint(err, "choose one with --ca:");
	for (size_t i = 0; i < found->count; i++)
		list_candidate(session, found->handles[i], err);
	return error_status(err);
}

/* In one token: *FOUND_ONE says whether OUT was filled. */
static enum caproof_status read_in(const struct token *token, const struct uri *uri,
	struct bytes *out, bool *found_one, struct error *err) {
	struct session session = SESSION_INIT;
	struct template t;
	struct found found = { .count = 0 };
	enum caproof_status status = session_open(&session, token, err);

	if (status != CAPROOF_OK)
		return status;
	fill_template(uri, &t);
	status = search(&session, &t, SEARCH_MAX, true, &found, err);
	if (status == CAPROOF_OK && found.count > 1)
		status = several(&session, &found, err);
	else if (status == CAPROOF_OK && found.count == 1)
		status = read_value(&session, found.handles[0], out, err);
	*found_one = status == CAPROOF_OK && found.count == 1;
	session_close(&session);
	return status;
}

static enum caproof_status read_first(const struct token *tokens, size_t count,
	const struct uri *uri, struct bytes *out, struct error *err) {
	const struct token *where = NULL;
	bool any = false, found = false;
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		struct bytes der = BYTES_INIT;

		if ((tokens[i].info.flags & CKF_TOKEN_INITIALIZED) == 0 ||
			!uri_matches_token(uri, &tokens[i]))
			continue;
		any = true;
		status = read_in(&tokens[i], uri, &der, &found, err);
		if (!found)
			continue;
		if (where != NULL) {
			bytes_clear(&der);
			error_set(err, ERROR_KEY_SEVERAL, "the certificate's URI fits certificates in "
				"token '%s' and in token '%s'", where->label, tokens[i].label);
			error_hint(err, "add 'token=' or 'serial=' to the URI");
			return error_status(err);
		}
		where = &tokens[i];
		*out = der;
	}
	if (status == CAPROOF_OK && !any)
		status = error_set(err, ERROR_TOKEN_MISSING, "no token fits the certificate's URI");
	if (status == CAPROOF_OK && where == NULL) {
		status = error_set(err, ERROR_INPUT_READ, "there is no certificate that fits the URI");
		error_hint(err, "only public objects are looked at; a certificate in a file works as well");
	}
	return status;
}

enum caproof_status certificate_read(struct module *module, const struct uri *uri,
	struct bytes *out, struct error *err) {
	struct token *tokens = NULL;
	struct bytes der = BYTES_INIT;
	size_t count = 0;
	enum caproof_status status;

	if (uri_type(uri) != (CK_OBJECT_CLASS)-1 && uri_type(uri) != CKO_CERTIFICATE) {
		error_set(err, ERROR_USAGE_URI, "the certificate's URI names another kind of "
			"object");
		error_hint(err, "it needs 'type=cert', or no type at all");
		return error_status(err);
	}
	status = token_list(module, &tokens, &count, err);
	if (status == CAPROOF_OK)
		status = read_first(tokens, count, uri, &der, err);
	free(tokens);
	if (status == CAPROOF_OK)
		*out = der;
	else
		bytes_clear(&der);
	return status;
}
