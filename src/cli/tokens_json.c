/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof tokens --json`.  What cannot be seen without a login is null, never a guess.
 */
#include "tokens.h"

#include "base/text.h"
#include "report.h"

static bool set(json_t *object, const char *key, json_t *value) {
	return value != NULL && json_object_set_new(object, key, value) == 0;
}

static bool append(json_t *list, json_t *value) {
	return value != NULL && json_array_append_new(list, value) == 0;
}

/* LIST, or NULL when it is not complete. */
static json_t *whole(json_t *list, bool good) {
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *modules(const struct tokens_run *run) {
	return json_pack("[{s:s, s:s, s:s}]", "path", run->shown.path, "description",
		run->shown.description, "version", run->shown.version);
}

static json_t *state(const struct token *token) {
	CK_FLAGS flags = token->info.flags;

	return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b}",
		"initialised", (flags & CKF_TOKEN_INITIALIZED) != 0,
		"pin_set", (flags & CKF_USER_PIN_INITIALIZED) != 0,
		"pin_count_low", (flags & CKF_USER_PIN_COUNT_LOW) != 0,
		"pin_final_try", (flags & CKF_USER_PIN_FINAL_TRY) != 0,
		"pin_locked", (flags & CKF_USER_PIN_LOCKED) != 0,
		"pin_pad", (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0,
		"write_protected", (flags & CKF_WRITE_PROTECTED) != 0);
}

static json_t *size(unsigned long bits) {
	return bits > 0 ? json_integer((json_int_t)bits) : json_null();
}

static json_t *mechanisms(const struct tokens_place *place) {
	json_t *list = json_array();
	bool good = list != NULL;

	for (size_t i = 0; good && i < place->ability_count; i++) {
		const struct ability *a = &place->abilities[i];

		good = append(list, json_pack("{s:s, s:o, s:o}", "name", tokens_scheme_name(a->scheme),
			"min_bits", size(a->min), "max_bits", size(a->max)));
	}
	return whole(list, good);
}

/* A public key without its private half cannot sign; while that half is only hidden,
 * nobody knows. */
static json_t *boolean(const struct tokens_place *place, const struct tokens_key *key, bool known,
	bool value) {
	if (key->private == NULL)
		return place->hidden ? json_null() : json_false();
	return known ? json_boolean(value) : json_null();
}

static json_t *key_entry(const struct tokens_place *place, const struct tokens_key *key) {
	const struct inventory_object *private = key->private;

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s?}", "uri", key->uri, "label", key->label,
		"id", key->id, "type", key->type,
		"sign", boolean(place, key, private != NULL && private->sign_known,
			private != NULL && private->sign),
		"always_authenticate", boolean(place, key, true,
			private != NULL && private->always_authenticate),
		"certificate", key->certificate != NULL ? key->certificate->uri : NULL);
}

static json_t *keys(const struct tokens_place *place) {
	json_t *list = json_array();
	bool good = list != NULL;

	for (size_t i = 0; good && i < place->key_count; i++)
		if (place->keys[i].shown)
			good = append(list, key_entry(place, &place->keys[i]));
	return whole(list, good);
}

static json_t *certificate_entry(const struct tokens_certificate *c) {
	const struct glance *g = &c->glance;
	char ends[TEXT_TIME_SIZE];

	return json_pack("{s:s, s:s?, s:s?, s:s?, s:o}", "uri", c->uri, "subject", g->subject,
		"sha256", g->sha256[0] != '\0' ? g->sha256 : NULL,
		"not_after", g->ends ? text_time(ends, g->not_after) : NULL,
		"ca", g->decoded ? json_boolean(g->is_ca) : json_null());
}

static json_t *certificates(const struct tokens_place *place) {
	json_t *list = json_array();
	bool good = list != NULL;

	for (size_t i = 0; good && i < place->certificate_count; i++)
		if (place->certificates[i].shown)
			good = append(list, certificate_entry(&place->certificates[i]));
	return whole(list, good);
}

static json_t *token_entry(const struct tokens_place *place) {
	const struct token *t = &place->token;
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "label", t->label, "serial",
		t->serial, "manufacturer", t->manufacturer, "model", t->model, "firmware", t->firmware,
		"uri", place->uri);

	return whole(object, object != NULL && set(object, "state", state(t)) &&
		set(object, "mechanisms", mechanisms(place)) && set(object, "keys", keys(place)) &&
		set(object, "certificates", certificates(place)));
}

static json_t *tokens(const struct tokens_run *run) {
	json_t *list = json_array();
	bool good = list != NULL;

	for (size_t i = 0; good && i < run->count; i++)
		good = append(list, token_entry(&run->places[i]));
	return whole(list, good);
}

enum caproof_status tokens_print_json(const struct tokens_run *run, struct error *err) {
	json_t *object = report_json_new();

	if (object == NULL || !set(object, "modules", modules(run)) ||
		!set(object, "tokens", tokens(run)) || (run->incomplete.id != ERROR_NONE &&
		!set(object, "error", report_json_error(&run->incomplete)))) {
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}
