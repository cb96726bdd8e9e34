/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading objects.  Modules differ most here: attributes that are missing, sensitive,
 * never filled in, or of a length that cannot be.  All of that is "absent", never an
 * error, and no length that a module reports is used before it was compared with the
 * room that there is.
 */
#include "token/object.h"

#include <stdlib.h>
#include <string.h>

enum { CERTIFICATE_ROOM = 8192, CERTIFICATE_MAX = 1 << 20 };

struct span object_id(const struct object *object) {
	return span_of(object->id.data, object->id.present ? object->id.len : 0);
}

struct span object_label(const struct object *object) {
	return span_of(object->label.data, object->label.present ? object->label.len : 0);
}

CK_KEY_TYPE object_key_type(enum key_type type) {
	switch (type) {
	case KEY_RSA:
		return CKK_RSA;
	case KEY_EC:
		return CKK_EC;
	case KEY_ED25519:
	case KEY_ED448:
		return CKK_EC_EDWARDS;
	case KEY_OTHER:
		break;
	}
	return (CK_KEY_TYPE)-1;
}

/* What the attributes are good for although the call as a whole did not succeed. */
static bool is_partial(CK_RV rv) {
	return rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
		rv == CKR_BUFFER_TOO_SMALL;
}

struct request {
	CK_ATTRIBUTE list[16];
	CK_ULONG count;
	CK_BBOOL sign, always_authenticate;
};

static void add(struct request *request, CK_ATTRIBUTE_TYPE type, void *data, size_t size) {
	request->list[request->count++] = (CK_ATTRIBUTE){ type, data, size };
}

/* The most telling ones first: some modules stop at the first that they do not know. */
static void ask_for(struct request *request, enum key_type type, struct object *object) {
	add(request, CKA_CLASS, &object->class, sizeof(object->class));
	add(request, CKA_KEY_TYPE, &object->key_type, sizeof(object->key_type));
	add(request, CKA_ID, object->id.data, sizeof(object->id.data));
	add(request, CKA_LABEL, object->label.data, sizeof(object->label.data));
	if (type == KEY_RSA) {
		add(request, CKA_MODULUS, object->modulus.data, sizeof(object->modulus.data));
	} else {
		add(request, CKA_EC_PARAMS, object->ec_params.data, sizeof(object->ec_params.data));
		add(request, CKA_EC_POINT, object->point.data, sizeof(object->point.data));
	}
	add(request, CKA_SIGN, &request->sign, sizeof(request->sign));
	add(request, CKA_ALWAYS_AUTHENTICATE, &request->always_authenticate,
		sizeof(request->always_authenticate));
	add(request, CKA_ALLOWED_MECHANISMS, object->mechanisms, sizeof(object->mechanisms));
	if (type != KEY_RSA)
		add(request, CKA_PUBLIC_KEY_INFO, object->key_info.data, sizeof(object->key_info.data));
}

/* The length of what came back, or -1: absent.  ROOM itself means "never written". */
static CK_ULONG length(const struct request *request, CK_ATTRIBUTE_TYPE type, size_t room,
	CK_RV rv) {
	for (CK_ULONG i = 0; i < request->count; i++) {
		const CK_ATTRIBUTE *a = &request->list[i];

		if (a->type != type)
			continue;
		if (a->ulValueLen > room || (rv != CKR_OK && a->ulValueLen == room && room > 8))
			return CK_UNAVAILABLE_INFORMATION;
		return a->ulValueLen;
	}
	return CK_UNAVAILABLE_INFORMATION;
}

#define TAKE(request, type, value, rv) \
	do { \
		CK_ULONG len_ = length(request, type, sizeof((value).data), rv); \
		(value).present = len_ != CK_UNAVAILABLE_INFORMATION; \
		(value).len = (value).present ? len_ : 0; \
	} while (0)

static void take(const struct request *request, CK_RV rv, struct object *object) {
	CK_ULONG len;

	if (length(request, CKA_CLASS, sizeof(object->class), rv) != sizeof(object->class))
		object->class = (CK_OBJECT_CLASS)-1;
	if (length(request, CKA_KEY_TYPE, sizeof(object->key_type), rv) != sizeof(object->key_type))
		object->key_type = (CK_KEY_TYPE)-1;
	TAKE(request, CKA_ID, object->id, rv);
	TAKE(request, CKA_LABEL, object->label, rv);
	TAKE(request, CKA_MODULUS, object->modulus, rv);
	TAKE(request, CKA_EC_PARAMS, object->ec_params, rv);
	TAKE(request, CKA_EC_POINT, object->point, rv);
	TAKE(request, CKA_PUBLIC_KEY_INFO, object->key_info, rv);
	object->sign_denied = length(request, CKA_SIGN, 1, rv) == 1 && request->sign == CK_FALSE;
	object->sign_allowed = length(request, CKA_SIGN, 1, rv) == 1 && request->sign == CK_TRUE;
	object->always_authenticate = length(request, CKA_ALWAYS_AUTHENTICATE, 1, rv) == 1 &&
		request->always_authenticate == CK_TRUE;
	len = length(request, CKA_ALLOWED_MECHANISMS, sizeof(object->mechanisms), rv);
	if (len != CK_UNAVAILABLE_INFORMATION)
		object->mechanism_count = len / sizeof(object->mechanisms[0]);
}

enum caproof_status object_read(struct session *session, CK_OBJECT_HANDLE handle,
	enum key_type type, struct object *out, struct error *err) {
	struct request request = { .count = 0, .sign = 0xff, .always_authenticate = 0xff };
	CK_RV rv;

	memset(out, 0, sizeof(*out));
	out->handle = handle;
	out->class = (CK_OBJECT_CLASS)-1;
	out->key_type = (CK_KEY_TYPE)-1;
	ask_for(&request, type, out);
	rv = session_functions(session)->C_GetAttributeValue(session->handle, handle, request.list,
		request.count);
	if (rv != CKR_OK && !is_partial(rv))
		return session_error(session, rv, "C_GetAttributeValue", "read an object of", err);
	take(&request, rv, out);
	return CAPROOF_OK;
}

static bool ends_with(struct span text, struct span end) {
	return end.len > 0 && text.len >= end.len &&
		memcmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

static bool modulus_is(struct span value, const struct public_key *key) {
	while (value.len > 0 && value.data[0] == 0) {
		value.data++;
		value.len--;
	}
	return span_equal(value, bytes_span(&key->modulus));
}

/* The X coordinate, which a compressed point has too; for Ed25519 and Ed448 all. */
static struct span point_core(const struct public_key *key) {
	struct span point = bytes_span(&key->point);

	if (key->type == KEY_EC && point.len > 1)
		return span_of(point.data + 1, (point.len - 1) / 2);
	return point;
}

/* 2.40 2.3.3: a DER OCTET STRING; older modules give the point as it is, NSS a BIT
 * STRING, and a few a compressed point.  Whatever the wrapping, the point is the end. */
static bool point_is(struct span value, const struct public_key *key) {
	struct span point = bytes_span(&key->point), core = point_core(key);

	if (ends_with(value, point))
		return value.len - point.len <= 4;
	return key->type == KEY_EC && ends_with(value, core) && value.len - core.len <= 5 &&
		(value.data[value.len - core.len - 1] ^ (point.data[point.len - 1] & 1)) == 2;
}

/* Only two OIDs can be told apart: a PrintableString or explicit parameters may mean
 * the same curve. */
static bool params_differ(const struct object *object, const struct public_key *key) {
	struct span value = span_of(object->ec_params.data, object->ec_params.len);

	return object->ec_params.present && key->type == KEY_EC && value.len > 1 &&
		value.data[0] == 0x06 && key->ec_params.len > 0 &&
		!span_equal(value, bytes_span(&key->ec_params));
}

static enum object_verdict verdict(bool equal) {
	return equal ? OBJECT_EQUAL : OBJECT_DIFFERENT;
}

static enum object_verdict compare_point(const struct object *object,
	const struct public_key *key) {
	if (params_differ(object, key))
		return OBJECT_DIFFERENT;
	if (object->point.present && object->point.len > 0)
		return verdict(point_is(span_of(object->point.data, object->point.len), key));
	/* DER SubjectPublicKeyInfo ends with the point as well (RFC 5480 2). */
	if (object->key_info.present && object->key_info.len > key->point.len)
		return verdict(ends_with(span_of(object->key_info.data, object->key_info.len),
			bytes_span(&key->point)));
	return OBJECT_UNKNOWN;
}

enum object_verdict object_compare(const struct object *object, const struct public_key *key) {
	if (object->key_type != (CK_KEY_TYPE)-1 && object->key_type < CKK_VENDOR_DEFINED &&
		object->key_type != object_key_type(key->type))
		return OBJECT_DIFFERENT;
	if (key->type != KEY_RSA)
		return compare_point(object, key);
	if (object->modulus.present && object->modulus.len > 0)
		return verdict(modulus_is(span_of(object->modulus.data, object->modulus.len), key));
	return OBJECT_UNKNOWN;
}

/* CKA_VALUE into room that grows once when it is too small; the caller frees it. */
static CK_RV read_value(struct session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *value) {
	CK_RV rv = CKR_BUFFER_TOO_SMALL;

	for (size_t room = CERTIFICATE_ROOM; room <= CERTIFICATE_MAX && rv == CKR_BUFFER_TOO_SMALL;
		room *= CERTIFICATE_MAX / CERTIFICATE_ROOM) {
		void *larger = realloc(value->pValue, room);

		if (larger == NULL)
			return CKR_HOST_MEMORY;
		*value = (CK_ATTRIBUTE){ CKA_VALUE, larger, room };
		rv = session_functions(session)->C_GetAttributeValue(session->handle, handle, value, 1);
		if (rv == CKR_OK && value->ulValueLen > room)
			value->ulValueLen = 0;
	}
	return rv;
}

enum caproof_status object_compare_certificate(struct session *session, CK_OBJECT_HANDLE handle,
	const struct public_key *key, enum object_verdict *out, struct error *err) {
	struct span core = key->type == KEY_RSA ? bytes_span(&key->modulus) : point_core(key);
	CK_ATTRIBUTE value = { CKA_VALUE, NULL, 0 };
	enum caproof_status status = CAPROOF_OK;
	CK_RV rv = read_value(session, handle, &value);

	if (rv != CKR_OK && !is_partial(rv))
		status = session_error(session, rv, "C_GetAttributeValue", "read a certificate of", err);
	else if (rv != CKR_OK || value.ulValueLen == 0)
		*out = OBJECT_UNKNOWN;
	else
		*out = verdict(memmem(value.pValue, value.ulValueLen, core.data, core.len) != NULL);
	free(value.pValue);
	return status;
}

enum caproof_status object_read_value(struct session *session, CK_OBJECT_HANDLE handle,
	struct bytes *out, struct error *err) {
	CK_ATTRIBUTE value = { CKA_VALUE, NULL, 0 };
	CK_RV rv = read_value(session, handle, &value);

	if (rv == CKR_OK && value.ulValueLen > 0) {
		out->data = value.pValue;
		out->len = value.ulValueLen;
		return CAPROOF_OK;
	}
	free(value.pValue);
	if (rv != CKR_OK && !is_partial(rv))
		return session_error(session, rv, "C_GetAttributeValue", "read a certificate of", err);
	return CAPROOF_OK;
}
