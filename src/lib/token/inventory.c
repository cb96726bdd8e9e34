/* SPDX-License-Identifier: Apache-2.0
 *
 * The one walk over a token's objects, for whoever asked for a list of them.  A search
 * for each class, many handles a call, then one call an object, and a second one for a
 * modulus or a certificate.  Secret values are never asked for, and nothing in the token
 * is made, changed or deleted.
 */
#include "token/inventory.h"

#include <stdlib.h>
#include <string.h>

enum { HANDLES_AT_ONCE = 256 };

struct handles {
	CK_OBJECT_HANDLE *list;
	size_t count, room;
};

static void object_clear(struct inventory_object *object) {
	bytes_clear(&object->id);
	bytes_clear(&object->label);
	bytes_clear(&object->der);
	public_key_clear(&object->key);
}

void inventory_clear(struct inventory *inventory) {
	for (size_t i = 0; i < inventory->count; i++)
		object_clear(&inventory->list[i]);
	free(inventory->list);
	*inventory = (struct inventory)INVENTORY_INIT;
}

static enum caproof_status make_room(struct handles *handles, struct error *err) {
	size_t room = handles->room * 2 + HANDLES_AT_ONCE;
	CK_OBJECT_HANDLE *larger;

	if (handles->room - handles->count >= HANDLES_AT_ONCE)
		return CAPROOF_OK;
	larger = realloc(handles->list, room * sizeof(*larger));
	if (larger == NULL)
		return error_memory(err);
	handles->list = larger;
	handles->room = room;
	return CAPROOF_OK;
}

/* A module may hand out fewer than there was room for and have more: only none is the end. */
static enum caproof_status find_some(struct session *session, struct handles *handles,
	CK_ULONG *got, struct error *err) {
	enum caproof_status status = make_room(handles, err);
	char name[224];
	CK_RV rv;

	*got = 0;
	if (status != CAPROOF_OK)
		return status;
	rv = session_functions(session)->C_FindObjects(session->handle,
		handles->list + handles->count, HANDLES_AT_ONCE, got);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_FindObjects", "list the objects of", err);
	if (*got > HANDLES_AT_ONCE || handles->count + *got > INVENTORY_MOST)
		return error_set(err, ERROR_DEVICE, "cannot list the objects of %s: the module reports "
			"more of them than %s", token_describe(session->token, name, sizeof(name)),
			*got > HANDLES_AT_ONCE ? "it gives" : "a token can hold");
	handles->count += *got;
	return CAPROOF_OK;
}

static enum caproof_status find_all(struct session *session, CK_OBJECT_CLASS class,
	struct handles *handles, struct error *err) {
	CK_FUNCTION_LIST *f = session_functions(session);
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	enum caproof_status status;
	CK_ULONG got;
	CK_RV rv = f->C_FindObjectsInit(session->handle, &template, 1);

	if (rv != CKR_OK)
		return session_error(session, rv, "C_FindObjectsInit", "list the objects of", err);
	do {
		status = find_some(session, handles, &got, err);
	} while (status == CAPROOF_OK && got > 0);
	if (status != CAPROOF_OK)
		return status;
	rv = f->C_FindObjectsFinal(session->handle);
	if (rv != CKR_OK)
		return session_error(session, rv, "C_FindObjectsFinal", "list the objects of", err);
	return CAPROOF_OK;
}

static enum caproof_status take(const struct object *object, struct inventory_object *out,
	struct error *err) {
	struct span id = object_id(object), label = object_label(object);
	enum caproof_status status = bytes_copy(&out->id, id.data, id.len, err);

	if (status == CAPROOF_OK)
		status = bytes_copy(&out->label, label.data, label.len, err);
	out->sign_known = object->sign_allowed || object->sign_denied;
	out->sign = object->sign_allowed;
	out->always_authenticate = object->always_authenticate;
	return status;
}

/* SCRATCH is too large for the stack of a call that is made for every object. */
static enum caproof_status read_object(struct session *session, CK_OBJECT_HANDLE handle,
	struct object *scratch, struct inventory_object *out, struct error *err) {
	enum caproof_status status = object_read(session, handle, KEY_OTHER, scratch, err);

	if (status == CAPROOF_OK && out->class != CKO_CERTIFICATE && scratch->key_type == CKK_RSA)
		status = object_read(session, handle, KEY_RSA, scratch, err);
	if (status == CAPROOF_OK)
		status = take(scratch, out, err);
	if (status != CAPROOF_OK)
		return status;
	if (out->class == CKO_CERTIFICATE)
		return object_read_value(session, handle, &out->der, err);
	return inventory_key(scratch, &out->key, err);
}

static enum caproof_status read_objects(struct session *session, CK_OBJECT_CLASS class,
	const struct handles *handles, struct inventory *out, struct error *err) {
	struct inventory_object *larger = realloc(out->list,
		(out->count + handles->count + 1) * sizeof(*larger));
	struct object *scratch = malloc(sizeof(*scratch));
	enum caproof_status status = CAPROOF_OK;

	if (larger != NULL)
		out->list = larger;
	if (larger == NULL || scratch == NULL)
		status = error_memory(err);
	for (size_t i = 0; status == CAPROOF_OK && i < handles->count; i++) {
		struct inventory_object *object = &out->list[out->count++];

		memset(object, 0, sizeof(*object));
		object->class = class;
		status = read_object(session, handles->list[i], scratch, object, err);
	}
	free(scratch);
	return status;
}

static enum caproof_status read_class(struct session *session, CK_OBJECT_CLASS class,
	struct inventory *out, struct error *err) {
	struct handles handles = { NULL, 0, 0 };
	enum caproof_status status = find_all(session, class, &handles, err);

	if (status == CAPROOF_OK)
		status = read_objects(session, class, &handles, out, err);
	free(handles.list);
	return status;
}

static int compare_bytes(const struct bytes *a, const struct bytes *b) {
	size_t len = a->len < b->len ? a->len : b->len;
	int order = len > 0 ? memcmp(a->data, b->data, len) : 0;

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare(const void *left, const void *right) {
	const struct inventory_object *a = left, *b = right;
	int order = compare_bytes(&a->id, &b->id);

	if (order == 0)
		order = compare_bytes(&a->label, &b->label);
	if (order == 0)
		order = (a->class > b->class) - (a->class < b->class);
	return order != 0 ? order : compare_bytes(&a->der, &b->der);
}

static enum caproof_status read_once(struct session *session, struct inventory *out,
	struct error *err) {
	enum caproof_status status;

	if ((status = read_class(session, CKO_PRIVATE_KEY, out, err)) != CAPROOF_OK ||
		(status = read_class(session, CKO_PUBLIC_KEY, out, err)) != CAPROOF_OK ||
		(status = read_class(session, CKO_CERTIFICATE, out, err)) != CAPROOF_OK) {
		inventory_clear(out);
		return status;
	}
	qsort(out->list, out->count, sizeof(*out->list), compare);
	return CAPROOF_OK;
}

enum caproof_status inventory_read(struct session *session, struct login *login,
	struct inventory *out, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	if (login != NULL)
		status = login_user(login, session, err);
	if (status != CAPROOF_OK)
		return status;
	status = read_once(session, out, err);
	if (status == CAPROOF_OK || !session->lost)
		return status;
	error_reset(err);
	status = session_renew(session, err);
	if (status == CAPROOF_OK && login != NULL)
		status = login_restore(login, session, err);
	return status == CAPROOF_OK ? read_once(session, out, err) : status;
}
