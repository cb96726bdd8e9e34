/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading public halves, in the state in which the token is: nobody logs in here.  Which of
 * several is meant is not guessed, and a token that could not be looked at is not taken for
 * one that has nothing.
 */
#include "token/public_half.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_MAX (1u << 20) /* octets; far above any certificate in a token */

/* One attribute of any length up to VALUE_MAX; empty when the object does not show it. */
static enum caproof_status read_value(struct session *session, CK_OBJECT_HANDLE handle,
	CK_ATTRIBUTE_TYPE type, struct bytes *out, struct error *err) {
	CK_FUNCTION_LIST *f = session_functions(session);
	CK_ATTRIBUTE value = { type, NULL, 0 };
	CK_ULONG room;
	CK_RV rv = f->C_GetAttributeValue(session->handle, handle, &value, 1);

	if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE ||
		(rv == CKR_OK && (value.ulValueLen == 0 || value.ulValueLen > VALUE_MAX)))
		return CAPROOF_OK;
	if (rv != CKR_OK)
		return session_error(session, rv, "C_GetAttributeValue", "read an object of", err);
	room = value.ulValueLen;
	value.pValue = malloc(room);
	if (value.pValue == NULL)
		return error_memory(err);
	rv = f->C_GetAttributeValue(session->handle, handle, &value, 1);
	if (rv != CKR_OK || value.ulValueLen > room || value.ulValueLen == 0) {
		free(value.pValue);
		return session_error(session, rv != CKR_OK ? rv : CKR_GENERAL_ERROR,
			"C_GetAttributeValue", "read an object of", err);
	}
	out->data = value.pValue;
	out->len = value.ulValueLen;
	return CAPROOF_OK;
}

static struct span without_zeros(struct span number) {
	while (number.len > 0 && number.data[0] == 0) {
		number.data++;
		number.len--;
	}
	return number;
}

static unsigned bits_of(struct span number) {
	unsigned bits = (unsigned)number.len * 8;

	for (unsigned char top = number.len > 0 ? number.data[0] : 0xff; (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

static enum caproof_status read_rsa(struct session *session, const struct object *object,
	struct public_key *key, struct error *err) {
	struct span modulus = without_zeros(span_of(object->modulus.data, object->modulus.len)), e;
	struct bytes exponent = BYTES_INIT;
	enum caproof_status status = read_value(session, object->handle, CKA_PUBLIC_EXPONENT, &exponent,
		err);

	if (status != CAPROOF_OK)
		return status;
	key->type = KEY_RSA;
	key->bits = bits_of(modulus);
	e = without_zeros(bytes_span(&exponent));
	status = bytes_copy(&key->modulus, modulus.data, modulus.len, err);
	if (status == CAPROOF_OK)
		status = bytes_copy(&key->exponent, e.data, e.len, err);
	bytes_clear(&exponent);
	return status;
}

/* What CKA_EC_PARAMS says: an OID, or a PrintableString with a name (2.40 errata and
 * modules before them, for Edwards curves). */
static const struct curve {
	const char *params;
	size_t len;
	enum key_type type;
	enum key_curve curve;
	unsigned bits;
	size_t field; /* octets of a coordinate, or of the whole Edwards point */
} curves[] = {
	{ "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10, KEY_EC, CURVE_P256, 256, 32 },
	{ "\x06\x05\x2b\x81\x04\x00\x22", 7, KEY_EC, CURVE_P384, 384, 48 },
	{ "\x06\x05\x2b\x81\x04\x00\x23", 7, KEY_EC, CURVE_P521, 521, 66 },
	{ "\x06\x03\x2b\x65\x70", 5, KEY_ED25519, CURVE_NONE, 256, 32 },
	{ "\x06\x03\x2b\x65\x71", 5, KEY_ED448, CURVE_NONE, 456, 57 },
	{ "\x13\x0c" "edwards25519", 14, KEY_ED25519, CURVE_NONE, 256, 32 },
	{ "\x13\x0a" "edwards448", 12, KEY_ED448, CURVE_NONE, 456, 57 },
};

static const struct curve *find_curve(const struct object *object) {
	for (size_t i = 0; object->ec_params.present && i < sizeof(curves) / sizeof(curves[0]); i++)
		if (object->ec_params.len == curves[i].len &&
			memcmp(object->ec_params.data, curves[i].params, curves[i].len) == 0)
			return &curves[i];
	return NULL;
}

static bool is_point_len(const struct curve *curve, size_t len) {
	return curve->type == KEY_EC ? len == 1 + 2 * curve->field || len == 1 + curve->field :
		len == curve->field;
}

/* The point in its DER OCTET STRING (2.40 2.3.3), in the BIT STRING that NSS has, or as it
 * is: told apart by the length, for a raw point begins like an OCTET STRING. */
static struct span point_in(struct span value, const struct curve *curve) {
	if (is_point_len(curve, value.len))
		return value;
	for (size_t head = 2; head <= 4 && head < value.len; head++)
		if ((value.data[0] == 0x04 || value.data[0] == 0x03) &&
			is_point_len(curve, value.len - head))
			return span_of(value.data + head, value.len - head);
	return span_of(NULL, 0);
}

/* A SubjectPublicKeyInfo ends with the point (RFC 5480 2), and begins in ways that need not
 * be known: what is made of it is verified with a signature by the key itself. */
static struct span point_at_end(struct span info, const struct curve *curve) {
	size_t len = curve->type == KEY_EC ? 1 + 2 * curve->field : curve->field;

	return info.len > len ? span_of(info.data + info.len - len, len) : span_of(NULL, 0);
}

static enum caproof_status read_ec(const struct object *object, struct public_key *key,
	struct error *err) {
	const struct curve *curve = find_curve(object);
	struct span point;

	if (curve == NULL)
		return CAPROOF_OK;
	point = point_in(span_of(object->point.data, object->point.len), curve);
	if (point.len == 0)
		point = point_at_end(span_of(object->key_info.data, object->key_info.len), curve);
	if (point.len == 0)
		return CAPROOF_OK;
	key->type = curve->type;
	key->curve = curve->curve;
	key->bits = curve->bits;
	return bytes_copy(&key->point, point.data, point.len, err);
}

static enum caproof_status read_public_key(struct session *session, struct object *object,
	struct public_key *key, struct error *err) {
	enum caproof_status status;

	if (object->key_type != CKK_RSA)
		return read_ec(object, key, err);
	status = object_read(session, object->handle, KEY_RSA, object, err);
	return status == CAPROOF_OK ? read_rsa(session, object, key, err) : status;
}

static void half_clear(struct public_half *half) {
	public_key_clear(&half->key);
	bytes_clear(&half->certificate);
	free(half->uri);
	memset(half, 0, sizeof(*half));
}

static enum caproof_status read_half(struct session *session, CK_OBJECT_HANDLE handle,
	CK_OBJECT_CLASS class, struct public_half *out, struct error *err) {
	struct object *object = malloc(sizeof(*object));
	struct span label = span_of(NULL, 0);
	enum caproof_status status;

	if (object == NULL)
		return error_memory(err);
	status = object_read(session, handle, KEY_OTHER, object, err);
	/* A certificate's label is rarely its key's. */
	if (status == CAPROOF_OK && (class != CKO_CERTIFICATE || object_id(object).len == 0))
		label = object_label(object);
	if (status == CAPROOF_OK)
		out->uri = uri_format(session->token, "private", object_id(object), label);
	if (status == CAPROOF_OK && out->uri == NULL)
		status = error_memory(err);
	if (status == CAPROOF_OK && class != CKO_CERTIFICATE)
		status = read_public_key(session, object, &out->key, err);
	if (status == CAPROOF_OK && class == CKO_CERTIFICATE)
		status = read_value(session, handle, CKA_VALUE, &out->certificate, err);
	if (status != CAPROOF_OK)
		half_clear(out);
	free(object);
	return status;
}

static enum caproof_status too_many(const struct public_halves *halves, struct error *err) {
	error_set(err, ERROR_KEY_SEVERAL, "the URI fits more keys than can be told apart");
	error_hint(err, "choose one with --key, for instance:");
	for (size_t i = 0; i < halves->count; i++)
		error_hint_line(err, "'%s'", halves->list[i].uri);
	return error_status(err);
}

static enum caproof_status gather(struct session *session, CK_OBJECT_CLASS class, struct span id,
	struct span label, struct public_halves *halves, struct error *err) {
	struct template t = { .count = 0 };
	struct found found = { .count = 0 };
	enum caproof_status status;

	template_class(&t, class);
	template_add(&t, CKA_ID, id);
	template_add(&t, CKA_LABEL, label);
	status = search(session, &t, SEARCH_MAX, true, &found, err);
	for (size_t i = 0; status == CAPROOF_OK && i < found.count; i++) {
		if (halves->count == SEARCH_MAX)
			return too_many(halves, err);
		status = read_half(session, found.handles[i], class, &halves->list[halves->count], err);
		halves->count += status == CAPROOF_OK;
	}
	return status == CAPROOF_OK && found.cut ? too_many(halves, err) : status;
}

/* Some private keys show their public half as well.  Those that do not are of no use. */
static enum caproof_status gather_private(struct session *session, const struct uri *uri,
	struct public_halves *halves, struct error *err) {
	size_t kept = halves->count;
	enum caproof_status status = gather(session, CKO_PRIVATE_KEY, uri_id(uri), uri_object(uri),
		halves, err);

	if (status != CAPROOF_OK)
		return status;
	for (size_t i = kept; i < halves->count; i++) {
		const struct public_key *key = &halves->list[i].key;

		if (key->modulus.len > 0 || key->point.len > 0)
			halves->list[kept++] = halves->list[i];
		else
			half_clear(&halves->list[i]);
	}
	halves->count = kept;
	return CAPROOF_OK;
}

/* Both names, then the id alone: the labels of two halves may differ. */
static enum caproof_status gather_in(struct session *session, const struct uri *uri,
	struct public_halves *halves, struct error *err) {
	struct span id = uri_id(uri), label = uri_object(uri), none = span_of(NULL, 0);
	size_t before = halves->count;
	enum caproof_status status = gather(session, CKO_PUBLIC_KEY, id, label, halves, err);

	if (status == CAPROOF_OK && halves->count == before && id.len > 0 && label.len > 0)
		status = gather(session, CKO_PUBLIC_KEY, id, none, halves, err);
	if (status == CAPROOF_OK && halves->count == before && id.len + label.len > 0)
		status = gather(session, CKO_CERTIFICATE, id, id.len > 0 ? none : label, halves, err);
	if (status == CAPROOF_OK && halves->count == before)
		status = gather_private(session, uri, halves, err);
	return status;
}

static void forget(struct public_halves *halves, size_t count) {
	while (halves->count > count)
		half_clear(&halves->list[--halves->count]);
}

enum caproof_status public_halves_gather(struct session *session, const struct uri *uri,
	struct public_halves *halves, struct error *err) {
	size_t before = halves->count;
	enum caproof_status status = gather_in(session, uri, halves, err);

	if (status != CAPROOF_OK && err->id != ERROR_KEY_SEVERAL)
		forget(halves, before);
	return status;
}

static enum caproof_status look_at(const struct token *token, const struct uri *uri,
	struct public_halves *halves, struct error *err) {
	struct session session = SESSION_INIT;
	enum caproof_status status = session_open(&session, token, err);

	if (status == CAPROOF_OK)
		status = public_halves_gather(&session, uri, halves, err);
	if (status != CAPROOF_OK && session.lost && session.open) {
		error_reset(err);
		status = session_renew(&session, err);
		if (status == CAPROOF_OK)
			status = public_halves_gather(&session, uri, halves, err);
	}
	session_close(&session);
	return status;
}

static enum caproof_status nothing_to_see(bool any_token, struct error *err) {
	if (!any_token)
		return error_set(err, ERROR_TOKEN_MISSING, "no token fits the URI of the key");
	error_set(err, ERROR_KEY_NONE, "no public key and no certificate that fits the URI can be seen "
		"without a login, and a CA certificate needs the public key");
	error_hint(err, "write the public key into the token beside the private one, with the same id; "
		"or give an older certificate of that key with --like");
	return error_status(err);
}

/* A token that failed may hold a key that the URI fits as well. */
static enum caproof_status uncertain(const struct public_halves *halves,
	const struct error *failed, struct error *err) {
	*err = *failed;
	if (halves->count == 0)
		return error_status(err);
	error_context(err, "cannot tell whether the URI fits one key only");
	error_hint(err, "name the token in the URI; seen so far:");
	for (size_t i = 0; i < halves->count; i++)
		error_hint_line(err, "'%s'", halves->list[i].uri);
	return error_status(err);
}

/* UNREAD: why there may be a token in a slot of which not even the name is known. */
static enum caproof_status gather_all(const struct token *tokens, size_t count,
	const struct uri *uri, struct public_halves *halves, const struct error *unread,
	struct error *err) {
	struct error failed = ERROR_INIT;
	bool any = false;

	if (!uri_names_token(uri))
		failed = *unread;
	for (size_t i = 0; i < count; i++) {
		struct error own = ERROR_INIT;

		if (!token_is_initialised(&tokens[i]) || !uri_matches_token(uri, &tokens[i]))
			continue;
		any = true;
		if (look_at(&tokens[i], uri, halves, &own) == CAPROOF_OK)
			continue;
		if (own.id == ERROR_KEY_SEVERAL || own.id == ERROR_MEMORY) {
			*err = own;
			return error_status(err);
		}
		if (failed.id == ERROR_NONE)
			failed = own;
	}
	if (!any && unread->id != ERROR_NONE)
		failed = *unread;
	if (failed.id != ERROR_NONE)
		return uncertain(halves, &failed, err);
	return halves->count > 0 ? CAPROOF_OK : nothing_to_see(any, err);
}

enum caproof_status public_halves_read(struct module *module, const struct uri *uri,
	struct public_halves *out, struct error *err) {
	struct public_halves halves = { .count = 0 };
	struct token *tokens = NULL;
	struct error unread = ERROR_INIT;
	size_t count = 0;
	enum caproof_status status;

	if (uri_type(uri) != (CK_OBJECT_CLASS)-1 && uri_type(uri) != CKO_PRIVATE_KEY)
		return error_set(err, ERROR_USAGE_URI,
			"the PKCS#11 URI of the key has another type than private");
	status = token_list_all(module, &tokens, &count, &unread, err);
	if (status == CAPROOF_OK && count == 0)
		status = error_set(err, ERROR_TOKEN_NONE, "the module sees no token");
	if (status == CAPROOF_OK)
		status = gather_all(tokens, count, uri, &halves, &unread, err);
	free(tokens);
	if (status == CAPROOF_OK)
		*out = halves;
	else
		public_halves_clear(&halves);
	return status;
}

void public_halves_clear(struct public_halves *halves) {
	forget(halves, 0);
}
