/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads one rule of a rule file: which rule, how severe, its texts and what it
 * compares with.  A rule file sharpens what holds everywhere; an entry that would
 * soften it is refused here.
 */
#include "platform/rule_entry.h"

#include <string.h>

#include "base/text.h"

#define FILE_SIZE_MAX (16L * 1024 * 1024)

static const char *const severity_words[] = { "warn", "refuse", NULL };
/* The order is that of the enums; bit 0 of a set is KEY_OTHER, CURVE_NONE, DIGEST_NONE. */
static const char *const type_words[] = { "rsa", "ec", "ed25519", "ed448", NULL };
static const char *const curve_words[] = { "p256", "p384", "p521", NULL };
static const char *const digest_words[] = { "sha256", "sha384", "sha512", NULL };

/* What the parameter of each kind is called in a rule file. */
static const char *const parameter_keys[] = {
	[PARAMETER_NONE] = NULL, [PARAMETER_MAX] = "max", [PARAMETER_SUFFIXES] = "suffixes",
	[PARAMETER_KEY_TYPES] = "types", [PARAMETER_CURVES] = "curves",
	[PARAMETER_DIGESTS] = "digests", [PARAMETER_SHAPE] = "shape",
};

static enum caproof_status read_suffixes(const struct json_place *entry, const char *key,
	struct parameter *parameter, struct error *err) {
	struct json_place list;
	size_t count = 0;
	enum caproof_status status =
		json_read_array(entry, key, JSON_REQUIRED, LIST_MAX, &list, &count, err);
	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		struct json_place place = json_at(&list, i);
		const char *suffix = "";
		status = json_read_string_at(&list, i, 16, &suffix, err);
		if (status == CAPROOF_OK && (suffix[0] != '.' || !suffix[1] || strchr(suffix, '/')))
			status = json_fail(&place, NULL, err, "is not a suffix like '.pem'");
		parameter->suffixes[i] = suffix;
	}
	parameter->suffix_count = count;
	return status;
}

static enum caproof_status read_set(const struct json_place *entry, const char *key,
	const char *const *words, struct parameter *parameter, struct error *err) {
	struct json_place list;
	size_t count = 0;
	enum caproof_status status =
		json_read_array(entry, key, JSON_REQUIRED, LIST_MAX, &list, &count, err);
	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		struct json_place place = json_at(&list, i);
		const char *word = "";
		size_t at = 0;
		status = json_read_string_at(&list, i, 16, &word, err);
		if (status != CAPROOF_OK)
			return status;
		while (words[at] && strcmp(words[at], word) != 0)
			at++;
		if (!words[at])
			return json_fail(&place, NULL, err, "is not a known word");
		parameter->set |= 2u << at;
	}
	return status;
}

static enum caproof_status read_part(const struct json_place *place, struct shape_part *part,
	struct error *err) {
	static const char *const keys[] = { "alphabet", "min", "max", "even", NULL };
	static const char *const uuid_keys[] = { "alphabet", NULL };
	size_t alphabet = 0;
	long long min = 0, max = 0;
	enum caproof_status status;
	if ((status = json_only(place, keys, err)) ||
		(status = json_read_word(place, "alphabet", JSON_REQUIRED, alphabet_names, &alphabet,
			 err)))
		return status;
	part->alphabet = (enum alphabet)alphabet;
	if (alphabet_is_uuid(part->alphabet))
		return json_only(place, uuid_keys, err);
	if ((status = json_read_number(place, "min", JSON_REQUIRED, 0, SHAPE_MAX, &min, err)) ||
		(status = json_read_number(place, "max", JSON_REQUIRED, min ? min : 1, SHAPE_MAX,
			 &max, err)))
		return status;
	part->min = (size_t)min;
	part->max = (size_t)max;
	return json_read_flag(place, "even", JSON_OPTIONAL, &part->even, err);
}

static enum caproof_status read_shape(const struct json_place *entry, const char *key,
	struct parameter *parameter, struct error *err) {
	struct json_place list, part;
	size_t count = 0;
	enum caproof_status status =
		json_read_array(entry, key, JSON_REQUIRED, SHAPE_PARTS, &list, &count, err);
	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		status = json_read_object_at(&list, i, &part, err);
		if (status == CAPROOF_OK)
			status = read_part(&part, &parameter->shape.parts[i], err);
	}
	parameter->shape.count = count;
	return status;
}

static enum caproof_status read_parameter(const struct json_place *entry,
	enum parameter_kind kind, struct parameter *parameter, struct error *err) {
	const char *key = parameter_keys[kind];
	enum caproof_status status;
	long long max = 0;
	switch (kind) {
	case PARAMETER_NONE:
		break;
	case PARAMETER_MAX:
		status = json_read_number(entry, key, JSON_REQUIRED, 1, FILE_SIZE_MAX, &max, err);
		parameter->max = (size_t)max;
		return status;
	case PARAMETER_SUFFIXES:
		return read_suffixes(entry, key, parameter, err);
	case PARAMETER_KEY_TYPES:
		return read_set(entry, key, type_words, parameter, err);
	case PARAMETER_CURVES:
		return read_set(entry, key, curve_words, parameter, err);
	case PARAMETER_DIGESTS:
		return read_set(entry, key, digest_words, parameter, err);
	case PARAMETER_SHAPE:
		return read_shape(entry, key, parameter, err);
	}
	return CAPROOF_OK;
}

static enum caproof_status find_rule(const struct json_place *entry,
	const struct platform *platform, enum rule_id *out, struct error *err) {
	const char *id = NULL;
	char shown[80];
	enum caproof_status status =
		json_read_string(entry, "rule", JSON_REQUIRED, NAME_MAX_LENGTH, &id, err);
	if (status != CAPROOF_OK)
		return status;
	enum rule_id rule = rule_find(id);
	text_safe(shown, sizeof shown, id, strlen(id));
	if (rule == RULE_COUNT)
		return json_fail(entry, "rule", err, "is '%s', which is no known rule", shown);
	if (platform->rules[rule].severity != CHECK_OK)
		return json_fail(entry, "rule", err, "is '%s' a second time", shown);
	if (!(rules[rule].forms & FORM_BIT(platform->form)))
		return json_fail(entry, "rule", err, "is '%s', which is not for the form '%s'", shown,
			proof_form_name(platform->form));
	if ((rule == RULE_CODE_AGE || rule == RULE_CODE_ENDS_SOON) && platform->lifetime == 0)
		return json_fail(entry, "rule", err, "is '%s', but the file gives no lifetime_seconds",
			shown);
	*out = rule;
	return CAPROOF_OK;
}

static enum caproof_status read_severity(const struct json_place *entry,
	const struct rule *rule, struct own_rule *own, struct error *err) {
	size_t word = 0;
	enum caproof_status status =
		json_read_word(entry, "severity", JSON_REQUIRED, severity_words, &word, err);
	if (status != CAPROOF_OK)
		return status;
	own->severity = word ? CHECK_REFUSED : CHECK_WARNING;
	if (own->severity < rule->severity)
		return json_fail(entry, "severity", err,
			"is 'warn', but '%s' is refused everywhere: a rule file cannot soften that",
			rule->id);
	return CAPROOF_OK;
}

enum caproof_status rule_entry_read(const struct json_place *entry, struct platform *platform,
	struct error *err) {
	enum rule_id id = RULE_COUNT;
	struct own_rule own = { .severity = CHECK_OK };
	enum caproof_status status = find_rule(entry, platform, &id, err);
	if (status != CAPROOF_OK)
		return status;
	const struct rule *rule = &rules[id];
	const char *const keys[] = { "rule", "severity", "sentence", "why", "source", "way_out",
		parameter_keys[rule->parameter], NULL };
	if ((status = json_only(entry, keys, err)) ||
		(status = read_severity(entry, rule, &own, err)) ||
		(status = json_read_string(entry, "sentence", JSON_REQUIRED, TEXT_MAX, &own.sentence,
			 err)) ||
		(status = json_read_string(entry, "why", JSON_OPTIONAL, TEXT_MAX, &own.why, err)) ||
		(status = json_read_string(entry, "way_out", JSON_OPTIONAL, TEXT_MAX, &own.way_out,
			 err)) ||
		(status = source_read(entry, platform, &own.source, err)) ||
		(status = read_parameter(entry, rule->parameter, &own.parameter, err)))
		return status;
	platform->rules[id] = own;
	return CAPROOF_OK;
}
