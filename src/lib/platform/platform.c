/* SPDX-License-Identifier: Apache-2.0
 *
 * A platform as the rest of caproof sees it: loaded from its one rule file, asked
 * for what it wants, and used to judge.  No platform is known by name here.
 */
#include "platform/platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "platform/rules.h"

/* Read and parse the rule file PATH; EXPECTED: what it must call itself, or NULL. */
static enum caproof_status load_file(const char *path, const char *expected,
	struct platform **out, struct error *err) {
	struct bytes text = BYTES_INIT;
	char *title = NULL;
	struct platform *platform = NULL;
	enum caproof_status status = file_read(path, "rule file", &text, err);
	if (status != CAPROOF_OK)
		return status;
	platform = calloc(1, sizeof *platform);
	if (!platform || asprintf(&title, "rule file '%s'", path) < 0) {
		title = NULL;
		status = error_memory(err);
		goto out;
	}
	status = rule_file_parse(bytes_span(&text), title, platform, err);
	if (status != CAPROOF_OK)
		goto out;
	if (expected && strcmp(platform->name, expected) != 0) {
		struct json_place top = json_top(&platform->document);
		status = json_fail(&top, "name", err, "is not '%s', as the file is named", expected);
	}
out:
	free(title);
	bytes_clear(&text);
	if (status == CAPROOF_OK)
		*out = platform;
	else
		platform_free(platform);
	return status;
}

enum caproof_status platform_load(const char *name, const char *directory,
	struct platform **out, struct error *err) {
	char *path = NULL;
	if (strchr(name, '/'))
		return load_file(name, NULL, out, err);
	if (!name_is_valid(name))
		return list_unknown(name, directory, err);
	if (asprintf(&path, "%s/%s.json", directory, name) < 0)
		return error_memory(err);
	enum caproof_status status = access(path, F_OK) == 0
		? load_file(path, name, out, err) : list_unknown(name, directory, err);
	free(path);
	return status;
}

void platform_free(struct platform *platform) {
	if (platform)
		json_clear(&platform->document);
	free(platform);
}

const char *platform_name(const struct platform *platform) {
	return platform->name;
}

const char *platform_title(const struct platform *platform) {
	return platform->title;
}

enum proof_form platform_form(const struct platform *platform) {
	return platform->form;
}

enum subject_key platform_subject_key(const struct platform *platform) {
	return platform->subject_key;
}

const char *platform_san_prefix(const struct platform *platform) {
	return platform->san_prefix;
}

size_t platform_code_max(const struct platform *platform) {
	switch (platform->form) {
	case FORM_CERTIFICATE_CN:
		return CODE_MAX_CN;
	case FORM_CERTIFICATE_SAN_URI:
	case FORM_SIGNATURE:
		return CODE_MAX_OTHER;
	case FORM_NONE:
		break;
	}
	return 0;
}

long platform_code_lifetime(const struct platform *platform) {
	return platform->lifetime;
}

long platform_code_warn_after(const struct platform *platform) {
	return platform->warn_after;
}

const char *platform_code_lifetime_text(const struct platform *platform) {
	return platform->lifetime_text;
}

const char *platform_code_renewal(const struct platform *platform) {
	return platform->renewal;
}

bool platform_strict_not_before(const struct platform *platform) {
	return platform->strict_not_before;
}

enum digest platform_digest(const struct platform *platform, enum digest wanted) {
	const struct own_rule *own = &platform->rules[RULE_OUTPUT_DIGEST];
	if (wanted == DIGEST_NONE || own->severity != CHECK_REFUSED ||
		own->parameter.set & (1u << wanted))
		return wanted;
	for (enum digest digest = DIGEST_SHA256; digest <= DIGEST_SHA512; digest++) {
		if (own->parameter.set & (1u << digest))
			return digest;
	}
	return wanted;
}

enum caproof_status platform_check_ca(const struct platform *platform,
	const struct ca_facts *facts, time_t now, struct checks *checks, struct error *err) {
	struct subject subject = { .platform = platform, .ca = facts, .now = now };
	return rules_apply(&subject, "ca.", checks, err);
}

enum caproof_status platform_check_code(const struct platform *platform, const char *code,
	size_t len, time_t issued, time_t now, struct checks *checks, struct error *err) {
	struct subject subject = {
		.platform = platform, .code = len ? code : "", .code_len = len, .issued = issued,
		.now = now,
	};
	return rules_apply(&subject, "code.", checks, err);
}

enum caproof_status platform_check_any_code(const char *code, size_t len,
	enum proof_form form, struct checks *checks, struct error *err) {
	struct platform *any = calloc(1, sizeof(*any));
	enum caproof_status status;

	if (any == NULL)
		return error_memory(err);
	any->name = any->title = "any platform";
	any->san_prefix = "";
	any->form = form;
	status = platform_check_code(any, code, len, (time_t)-1, 0, checks, err);
	free(any);
	return status;
}

enum caproof_status platform_check_output(const struct platform *platform,
	const struct algorithm *algorithm, const char *out_name, bool pem, struct checks *checks,
	struct error *err) {
	struct subject subject = {
		.platform = platform, .algorithm = algorithm, .out_name = out_name, .pem = pem,
	};
	return rules_apply(&subject, "output.", checks, err);
}
