/* SPDX-License-Identifier: Apache-2.0
 *
 * Which objects belong together: the halves of a key pair, and the certificate of a key.
 * CKA_ID says so, but keys share ids; numbers that can be seen and differ always
 * overrule it.  The inventory is sorted by id, so that only neighbours are compared.
 */
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Objects of one id: of PLACE's inventory from FIRST to before END. */
struct group {
	struct tokens_place *place;
	size_t first, end;
	size_t certificate; /* the first of its certificates in place->certificates */
};

static const struct inventory_object *at(const struct group *group, size_t i) {
	return &group->place->inventory.list[i];
}

static bool same(const struct bytes *a, const struct bytes *b) {
	return span_equal(bytes_span(a), bytes_span(b));
}

/* Both show themselves, and are not the same key. */
static bool differ(const struct public_key *a, const struct public_key *b) {
	if (a->type != b->type)
		return a->type != KEY_OTHER && b->type != KEY_OTHER;
	if (a->modulus.len > 0 && b->modulus.len > 0)
		return !same(&a->modulus, &b->modulus);
	return (a->point.len > 0 && b->point.len > 0 && !same(&a->point, &b->point)) ||
		(a->curve != b->curve && a->curve != CURVE_NONE && b->curve != CURVE_NONE);
}

static bool equal(const struct public_key *a, const struct public_key *b) {
	return !differ(a, b) && ((a->modulus.len > 0 && b->modulus.len > 0) ||
		(a->point.len > 0 && b->point.len > 0));
}

static size_t count_class(const struct group *group, CK_OBJECT_CLASS class) {
	size_t count = 0;

	for (size_t i = group->first; i < group->end; i++)
		count += at(group, i)->class == class;
	return count;
}

/* Smart cards often label the halves differently; then the id decides, if nothing else can
 * be meant by it. */
static bool are_halves(const struct inventory_object *a, const struct inventory_object *b,
	bool id_decides) {
	bool named = a->id.len > 0 || a->label.len > 0;

	return named && (same(&a->label, &b->label) || (a->id.len > 0 && id_decides)) &&
		!differ(&a->key, &b->key);
}

static const struct inventory_object *find_half(const struct group *group,
	const struct inventory_object *object, CK_OBJECT_CLASS class, bool id_decides) {
	for (size_t i = group->first; i < group->end; i++) {
		if (at(group, i)->class == class && are_halves(object, at(group, i), id_decides))
			return at(group, i);
	}
	return NULL;
}

/* The certificate that shows the same key; else the first one of that id that shows no
 * other. */
static const struct tokens_certificate *find_certificate(const struct group *group,
	const struct tokens_key *key) {
	const struct public_key *private = key->private != NULL ? &key->private->key : NULL;
	const struct public_key *public = key->public != NULL ? &key->public->key : NULL;
	const struct tokens_certificate *possible = NULL;
	size_t end = group->certificate + count_class(group, CKO_CERTIFICATE);

	for (size_t i = group->certificate; i < end; i++) {
		const struct tokens_certificate *candidate = &group->place->certificates[i];
		const struct public_key *held = &candidate->glance.key;

		if ((private != NULL && differ(private, held)) || (public != NULL && differ(public, held)))
			continue;
		if ((private != NULL && equal(private, held)) || (public != NULL && equal(public, held)))
			return candidate;
		if (possible == NULL)
			possible = candidate;
	}
	/* No id at all connects nothing. */
	return at(group, group->first)->id.len > 0 ? possible : NULL;
}

/* The kind of key in words, without sizes that the token does not show. */
static char *describe(const struct tokens_key *key) {
	const struct public_key *shown = key->private != NULL ? &key->private->key : &key->public->key;
	char text[64];

	if (key->public != NULL && (shown->type == KEY_OTHER ||
		(shown->type == KEY_RSA && shown->bits == 0) ||
		(shown->type == KEY_EC && shown->curve == CURVE_NONE)))
		shown = &key->public->key;
	if (shown->type == KEY_RSA && shown->bits == 0)
		return strdup("RSA");
	if (shown->type == KEY_EC && shown->curve == CURVE_NONE)
		return strdup("EC");
	return strdup(public_key_describe(shown, text, sizeof(text)));
}

/* What will find the private key.  A public half's label says nothing certain about the
 * other half's, so it is left out where the id is enough. */
static char *make_uri(const struct group *group, const struct tokens_key *key, bool id_decides) {
	const struct token *token = &group->place->token;
	const struct inventory_object *object = key->private != NULL ? key->private : key->public;
	struct span id = bytes_span(&object->id), label = bytes_span(&object->label);

	if (key->private != NULL)
		return uri_format(token, "private", id, label);
	if (!group->place->hidden)
		return uri_format(token, "public", id, label);
	if (id.len > 0 && id_decides)
		label = span_of(NULL, 0);
	return uri_format(token, NULL, id, label);
}

static bool fits(const struct uri *wanted, const struct inventory_object *object) {
	return wanted == NULL || (
		(uri_id(wanted).len == 0 || span_equal(uri_id(wanted), bytes_span(&object->id))) &&
		(uri_object(wanted).len == 0 ||
		span_equal(uri_object(wanted), bytes_span(&object->label))));
}

static bool wants_class(const struct uri *wanted, bool certificates) {
	CK_OBJECT_CLASS type = wanted != NULL ? uri_type(wanted) : (CK_OBJECT_CLASS)-1;

	return type == (CK_OBJECT_CLASS)-1 || (type == CKO_CERTIFICATE) == certificates;
}

static enum caproof_status finish_key(const struct group *group, struct tokens_key *key,
	const struct uri *wanted, bool id_decides, struct error *err) {
	const struct inventory_object *object = key->private != NULL ? key->private : key->public;

	key->label = text_safe_dup(object->label.data, object->label.len);
	key->id = text_hex(object->id.data, object->id.len);
	key->type = describe(key);
	key->uri = make_uri(group, key, id_decides);
	if (key->label == NULL || key->id == NULL || key->type == NULL || key->uri == NULL)
		return error_memory(err);
	key->certificate = find_certificate(group, key);
	key->shown = wants_class(wanted, false) && (fits(wanted, object) ||
		(key->public != NULL && fits(wanted, key->public)));
	return CAPROOF_OK;
}

/* Each private key with its public half, then public keys that have no other half here. */
static enum caproof_status pair_group(const struct group *group, const struct uri *wanted,
	struct error *err) {
	size_t privates = count_class(group, CKO_PRIVATE_KEY);
	size_t publics = count_class(group, CKO_PUBLIC_KEY);
	bool id_decides = privates <= 1 && publics <= 1;

	for (size_t i = group->first; i < group->end; i++) {
		const struct inventory_object *object = at(group, i);
		struct tokens_key *key = &group->place->keys[group->place->key_count];
		enum caproof_status status;

		if (object->class == CKO_PRIVATE_KEY) {
			key->private = object;
			key->public = find_half(group, object, CKO_PUBLIC_KEY, id_decides);
		} else if (object->class == CKO_PUBLIC_KEY &&
			find_half(group, object, CKO_PRIVATE_KEY, id_decides) == NULL) {
			key->public = object;
		} else {
			continue;
		}
		group->place->key_count++;
		status = finish_key(group, key, wanted, id_decides, err);
		if (status != CAPROOF_OK)
			return status;
	}
	return CAPROOF_OK;
}

static enum caproof_status add_certificate(struct tokens_place *place,
	const struct inventory_object *object, const struct uri *wanted, struct error *err) {
	struct tokens_certificate *c = &place->certificates[place->certificate_count++];

	c->object = object;
	c->shown = wants_class(wanted, true) && fits(wanted, object);
	c->uri = uri_format(&place->token, "cert", bytes_span(&object->id), bytes_span(&object->label));
	if (c->uri == NULL)
		return error_memory(err);
	return glance_at(bytes_span(&object->der), &c->glance, err);
}

static enum caproof_status take_group(struct group *group, const struct uri *wanted,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	group->certificate = group->place->certificate_count;
	for (size_t i = group->first; status == CAPROOF_OK && i < group->end; i++) {
		if (at(group, i)->class == CKO_CERTIFICATE)
			status = add_certificate(group->place, at(group, i), wanted, err);
	}
	return status == CAPROOF_OK ? pair_group(group, wanted, err) : status;
}

enum caproof_status tokens_pair(struct tokens_place *place, const struct uri *wanted,
	struct error *err) {
	size_t count = place->inventory.count;
	struct group group = { place, 0, 0, 0 };

	place->keys = calloc(count + 1, sizeof(*place->keys));
	place->certificates = calloc(count + 1, sizeof(*place->certificates));
	if (place->keys == NULL || place->certificates == NULL)
		return error_memory(err);
	while (group.end < count) {
		enum caproof_status status;

		group.first = group.end;
		do {
			group.end++;
		} while (group.end < count &&
			same(&at(&group, group.first)->id, &at(&group, group.end)->id));
		status = take_group(&group, wanted, err);
		if (status != CAPROOF_OK)
			return status;
	}
	return CAPROOF_OK;
}
