/* SPDX-License-Identifier: Apache-2.0
 *
 * C_FindObjects with small templates.  Never a walk over a token's objects: on a
 * network HSM that holds thousands it would take minutes.
 */
#include "token/search.h"

#include <string.h>

void template_add(struct template *t, CK_ATTRIBUTE_TYPE type, struct span value) {
	if (value.len > 0 && t->count < TEMPLATE_MAX)
		t->list[t->count++] = (CK_ATTRIBUTE){ type, (void *)value.data, value.len };
}

void template_class(struct template *t, CK_OBJECT_CLASS class) {
	t->class = class;
	template_add(t, CKA_CLASS, span_of(&t->class, sizeof(t->class)));
}

void template_key_type(struct template *t, enum key_type type) {
	t->key_type = object_key_type(type);
	template_add(t, CKA_KEY_TYPE, span_of(&t->key_type, sizeof(t->key_type)));
}

static enum caproof_status find_some(struct session *session, size_t limit, struct found *found,
	CK_ULONG *got, struct error *err) {
	CK_ULONG room = limit - found->count;
	CK_RV rv;

	*got = 0;
	rv = session_functions(session)->C_FindObjects(session->handle, found->handles + found->count,
		room, got);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_FindObjects", "search", err);
	if (*got > room)
		return error_set(err, ERROR_DEVICE,
			"cannot search the token: the module reports more objects than it gives");
	found->count += *got;
	return CAPROOF_OK;
}

enum caproof_status search(struct session *session, struct template *t, size_t limit, bool unique,
	struct found *out, struct error *err) {
	CK_FUNCTION_LIST *f = session_functions(session);
	struct found found = { .count = 0 };
	enum caproof_status status;
	CK_ULONG got;
	CK_RV rv = f->C_FindObjectsInit(session->handle, t->list, t->count);

	if (rv != CKR_OK)
		return session_error(session, rv, "C_FindObjectsInit", "search", err);
	do {
		status = find_some(session, limit, &found, &got, err);
	} while (status == CAPROOF_OK && got > 0 && unique && found.count == 1 && limit > 1);
	if (status != CAPROOF_OK)
		return status;
	rv = f->C_FindObjectsFinal(session->handle);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_FindObjectsFinal", "end the search of", err);
	found.cut = found.count == limit;
	*out = found;
	return CAPROOF_OK;
}

/* A DER OCTET STRING around a point of at most 133 octets; returns its length. */
static size_t wrap_point(const struct bytes *point, unsigned char *out, size_t size) {
	size_t head = point->len < 0x80 ? 2 : 3;

	if (point->len > 0xff || point->len + head > size)
		return 0;
	out[0] = 0x04;
	if (head == 3)
		out[1] = 0x81;
	out[head - 1] = (unsigned char)point->len;
	memcpy(out + head, point->data, point->len);
	return point->len + head;
}

static enum caproof_status search_value(struct session *session, const struct template *base,
	CK_ATTRIBUTE_TYPE type, struct span value, struct found *out, struct error *err) {
	struct template t = { .count = 0 };

	/* An empty value would be left out of the template, and anything would match. */
	if (value.len == 0 || base->count + 2 > TEMPLATE_MAX) {
		*out = (struct found){ .count = 0 };
		return CAPROOF_OK;
	}
	template_class(&t, CKO_PUBLIC_KEY);
	for (CK_ULONG i = 0; i < base->count; i++)
		template_add(&t, base->list[i].type,
			span_of(base->list[i].pValue, base->list[i].ulValueLen));
	template_add(&t, type, value);
	return search(session, &t, 3, false, out, err);
}

enum caproof_status search_public_key(struct session *session, const struct template *t,
	const struct public_key *key, bool raw, struct found *out, struct error *err) {
	unsigned char wrapped[160];
	struct span value = bytes_span(key->type == KEY_RSA ? &key->modulus : &key->point);

	if (key->type == KEY_RSA)
		return search_value(session, t, CKA_MODULUS, value, out, err);
	if (!raw)
		value = span_of(wrapped, wrap_point(&key->point, wrapped, sizeof(wrapped)));
	return search_value(session, t, CKA_EC_POINT, value, out, err);
}
