/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a rule file: names, sources, the proof, the code and the next steps.  (Its
 * rules are read by rule_entry.c.)  Every key is known or refused, every size has a
 * limit, and every complaint says where in the file.
 */
#include <string.h>

#include "platform/rule_entry.h"

#define FORMAT "caproof/platform/1"
#define TITLE_MAX 128
#define URL_MAX 512
#define STEP_MAX 1024
#define LIFETIME_MAX (10L * 366 * 86400)

static const char *const form_words[] = {
	"certificate-cn", "certificate-san-uri", "signature", "none", NULL
};
static const char *const subject_key_words[] = { "p256", "rsa2048", "rsa3072", "ca", NULL };

const char *proof_form_name(enum proof_form form) {
	return form_words[form];
}

const char *subject_key_name(enum subject_key key) {
	return subject_key_words[key];
}

bool name_is_valid(const char *name) {
	size_t len = strlen(name);
	return len > 0 && len <= NAME_MAX_LENGTH &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static enum caproof_status read_head(const struct json_place *top, struct platform *platform,
	struct error *err) {
	static const char *const keys[] = { "format", "name", "title", "sources", "proof", "code",
		"rules", "notes", "next_steps", NULL };
	static const char *const formats[] = { FORMAT, NULL };
	struct json_place first = { .key = NULL };
	enum caproof_status status;
	size_t format;
	/* The format comes first, so that a file of a later one is told as such. */
	if (!json_next(top, &first) || strcmp(first.key, "format") != 0)
		return json_fail(top, "format", err, "must come first, and be '" FORMAT "'");
	if ((status = json_read_word(top, "format", JSON_REQUIRED, formats, &format, err)) ||
		(status = json_only(top, keys, err)) ||
		(status = json_read_string(top, "name", JSON_REQUIRED, NAME_MAX_LENGTH,
			 &platform->name, err)) ||
		(status = json_read_string(top, "title", JSON_REQUIRED, TITLE_MAX,
			 &platform->title, err)))
		return status;
	if (!name_is_valid(platform->name))
		return json_fail(top, "name", err, "may hold only a to z, 0 to 9 and '-'");
	return CAPROOF_OK;
}

static bool is_date(const char *text) {
	static const char shape[] = "dddd-dd-dd";
	for (size_t i = 0; i < sizeof shape - 1; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (shape[i] == 'd' ? !digit : text[i] != shape[i])
			return false;
	}
	return text[sizeof shape - 1] == '\0';
}

static enum caproof_status read_source(const struct json_place *place, struct source *source,
	struct error *err) {
	static const char *const keys[] = { "title", "url", "read", "inferred", NULL };
	enum caproof_status status;
	source->key = place->key;
	if (!name_is_valid(place->key))
		return json_fail(place, NULL, err, "may hold only a to z, 0 to 9 and '-'");
	if ((status = json_only(place, keys, err)) ||
		(status = json_read_string(place, "title", JSON_REQUIRED, TITLE_MAX,
			 &source->title, err)) ||
		(status = json_read_string(place, "url", JSON_OPTIONAL, URL_MAX, &source->url,
			 err)) ||
		(status = json_read_string(place, "read", JSON_REQUIRED, 10, &source->read, err)) ||
		(status = json_read_flag(place, "inferred", JSON_OPTIONAL, &source->inferred, err)))
		return status;
	if (!is_date(source->read))
		return json_fail(place, "read", err, "is not a date like 2026-11-22");
	if (source->url && (strncmp(source->url, "https://", 8) != 0 || strpbrk(source->url, " \"'<>")))
		return json_fail(place, "url", err, "is not an https address");
	return CAPROOF_OK;
}

static enum caproof_status read_sources(const struct json_place *top, struct platform *platform,
	struct error *err) {
	struct json_place list, member = { .key = NULL };
	enum caproof_status status = json_read_object(top, "sources", JSON_REQUIRED, &list, err);
	if (status != CAPROOF_OK)
		return status;
	if (json_count(&list) == 0 || json_count(&list) > SOURCES_MAX)
		return json_fail(top, "sources", err, "has %zu members; 1 to %d are allowed",
			json_count(&list), SOURCES_MAX);
	while (json_next(&list, &member)) {
		status = read_source(&member, &platform->sources[platform->source_count], err);
		if (status != CAPROOF_OK)
			return status;
		platform->source_count++;
	}
	return CAPROOF_OK;
}

enum caproof_status source_read(const struct json_place *object, const struct platform *platform,
	const struct source **out, struct error *err) {
	const char *key = NULL;
	enum caproof_status status =
		json_read_string(object, "source", JSON_REQUIRED, NAME_MAX_LENGTH, &key, err);
	if (status != CAPROOF_OK)
		return status;
	for (size_t i = 0; i < platform->source_count; i++) {
		if (strcmp(platform->sources[i].key, key) == 0) {
			*out = &platform->sources[i];
			return CAPROOF_OK;
		}
	}
	return json_fail(object, "source", err, "names none of the file's sources");
}

/* "urn:" and then what needs no escaping (RFC 3986). */
static bool is_san_prefix(const char *text) {
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:/._-";
	/* A URN names nothing that anybody connects to; an https or spiffe URI would make the
	 * proof an identity (RFC 8141 2). */
	return strncmp(text, "urn:", 4) == 0 && strspn(text, allowed) == strlen(text);
}

static enum caproof_status read_san_prefix(const struct json_place *proof,
	struct platform *platform, struct error *err) {
	bool has_san = platform->form == FORM_CERTIFICATE_SAN_URI;
	enum caproof_status status = json_read_string(proof, "san_prefix",
		has_san ? JSON_REQUIRED : JSON_OPTIONAL, 128, &platform->san_prefix, err);
	if (status != CAPROOF_OK || !platform->san_prefix)
		return status;
	if (!has_san)
		return json_fail(proof, "san_prefix", err, "is for the form certificate-san-uri only");
	if (!is_san_prefix(platform->san_prefix))
		return json_fail(proof, "san_prefix", err, "is not the beginning of a URI");
	return CAPROOF_OK;
}

static enum caproof_status read_proof(const struct json_place *top, struct platform *platform,
	struct error *err) {
	static const char *const keys[] = { "form", "subject_key", "san_prefix",
		"strict_not_before", "source", NULL };
	struct json_place proof;
	size_t form = 0, subject_key = SUBJECT_KEY_P256;
	enum caproof_status status;
	if ((status = json_read_object(top, "proof", JSON_REQUIRED, &proof, err)) ||
		(status = json_only(&proof, keys, err)) ||
		(status = json_read_word(&proof, "form", JSON_REQUIRED, form_words, &form, err)))
		return status;
	platform->form = (enum proof_form)form;
	bool certificate = form == FORM_CERTIFICATE_CN || form == FORM_CERTIFICATE_SAN_URI;
	if ((status = json_read_word(&proof, "subject_key",
		     certificate ? JSON_REQUIRED : JSON_OPTIONAL, subject_key_words, &subject_key,
		     err)) ||
		(status = read_san_prefix(&proof, platform, err)) ||
		(status = json_read_flag(&proof, "strict_not_before", JSON_OPTIONAL,
			 &platform->strict_not_before, err)))
		return status;
	platform->subject_key = (enum subject_key)subject_key;
	return source_read(&proof, platform, &platform->proof_source, err);
}

static enum caproof_status read_lifetime(const struct json_place *code,
	struct platform *platform, struct error *err) {
	long long lifetime = 0, warn_after = 0;
	enum caproof_status status = json_read_number(code, "lifetime_seconds", JSON_OPTIONAL, 1,
		LIFETIME_MAX, &lifetime, err);
	if (status != CAPROOF_OK)
		return status;
	warn_after = lifetime - lifetime / 8;
	status = json_read_number(code, "warn_after_seconds", JSON_OPTIONAL, 1, lifetime,
		&warn_after, err);
	if (status != CAPROOF_OK)
		return status;
	platform->lifetime = (long)lifetime;
	platform->warn_after = (long)warn_after;
	return CAPROOF_OK;
}

static enum caproof_status read_code(const struct json_place *top, struct platform *platform,
	struct error *err) {
	static const char *const keys[] = { "lifetime", "lifetime_seconds", "warn_after_seconds",
		"renewal", "source", NULL };
	struct json_place code;
	enum caproof_status status;
	if ((status = json_read_object(top, "code", JSON_REQUIRED, &code, err)) ||
		(status = json_only(&code, keys, err)) ||
		(status = json_read_string(&code, "lifetime", JSON_REQUIRED, TITLE_MAX,
			 &platform->lifetime_text, err)) ||
		(status = read_lifetime(&code, platform, err)) ||
		(status = json_read_string(&code, "renewal", JSON_OPTIONAL, TEXT_MAX,
			 &platform->renewal, err)))
		return status;
	return source_read(&code, platform, &platform->code_source, err);
}

static enum caproof_status read_texts(const struct json_place *top, const char *key,
	enum json_need need, const char **texts, size_t *count, struct error *err) {
	struct json_place list;
	size_t size = 0;
	enum caproof_status status = json_read_array(top, key, need, STEPS_MAX, &list, &size, err);
	if (status != CAPROOF_OK)
		return status;
	for (size_t i = 0; i < size; i++) {
		status = json_read_string_at(&list, i, STEP_MAX, &texts[i], err);
		if (status != CAPROOF_OK)
			return status;
	}
	*count = size;
	return CAPROOF_OK;
}

static enum caproof_status read_steps(const struct json_place *top, struct platform *platform,
	struct error *err) {
	struct json_place list;
	size_t size;
	const char *complaint = NULL;
	enum caproof_status status = read_texts(top, "next_steps", JSON_REQUIRED, platform->steps,
		&platform->step_count, err);
	if (status != CAPROOF_OK)
		return status;
	status = json_read_array(top, "next_steps", JSON_REQUIRED, STEPS_MAX, &list, &size, err);
	for (size_t i = 0; status == CAPROOF_OK && i < size; i++) {
		struct json_place place = json_at(&list, i);
		if (!step_is_valid(platform->steps[i], &complaint))
			status = json_fail(&place, NULL, err, "%s", complaint);
	}
	return status;
}

static enum caproof_status read_rules(const struct json_place *top, struct platform *platform,
	struct error *err) {
	struct json_place list, entry;
	size_t count = 0;
	enum caproof_status status =
		json_read_array(top, "rules", JSON_OPTIONAL, RULE_COUNT, &list, &count, err);
	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		status = json_read_object_at(&list, i, &entry, err);
		if (status == CAPROOF_OK)
			status = rule_entry_read(&entry, platform, err);
	}
	return status;
}

enum caproof_status rule_file_parse(struct span text, const char *name,
	struct platform *platform, struct error *err) {
	enum caproof_status status = json_parse(text, RULE_FILE_MAX_SIZE, name,
		ERROR_PLATFORM_FILE, &platform->document, err);
	if (status != CAPROOF_OK)
		return status;
	struct json_place top = json_top(&platform->document);
	if ((status = read_head(&top, platform, err)) ||
		(status = read_sources(&top, platform, err)) ||
		(status = read_proof(&top, platform, err)) ||
		(status = read_code(&top, platform, err)) ||
		(status = read_rules(&top, platform, err)) ||
		(status = read_texts(&top, "notes", JSON_OPTIONAL, platform->notes,
			 &platform->note_count, err)) ||
		(status = read_steps(&top, platform, err)))
		json_clear(&platform->document);
	return status;
}
