/* SPDX-License-Identifier: Apache-2.0
 *
 * A platform in words: its rules with what they compare, and where each is written.
 * What no source says outright is called inferred, always.
 */
#include <stdio.h>
#include <string.h>

#include "platform/rules.h"

#define PARAMETER_TEXT_SIZE 320

const char *source_cite(const struct source *source, char *buf, size_t size) {
	snprintf(buf, size, "%s%s%s, read %s%s", source->title, source->url ? ", " : "",
		source->url ? source->url : "", source->read,
		source->inferred ? " (inferred: no source says it outright)" : "");
	return buf;
}

static void append(char *buf, const char *word, const char *separator) {
	size_t len = strlen(buf);
	snprintf(buf + len, PARAMETER_TEXT_SIZE - len, "%s%s", len ? separator : "", word);
}

static void describe_set(unsigned set, const char *const *words, size_t count, char *buf) {
	for (size_t i = 0; i < count; i++) {
		if (set & (2u << i))
			append(buf, words[i], ", ");
	}
}

/* BUF stays empty when the rule has no parameter. */
static void describe_parameter(enum parameter_kind kind, const struct parameter *parameter,
	char *buf) {
	static const char *const types[] = { "RSA", "EC", "Ed25519", "Ed448" };
	static const char *const curves[] = { "P-256", "P-384", "P-521" };
	static const char *const digests[] = { "SHA-256", "SHA-384", "SHA-512" };
	switch (kind) {
	case PARAMETER_NONE:
		break;
	case PARAMETER_MAX:
		snprintf(buf, PARAMETER_TEXT_SIZE, "at most %zu octets", parameter->max);
		break;
	case PARAMETER_SUFFIXES:
		for (size_t i = 0; i < parameter->suffix_count; i++)
			append(buf, parameter->suffixes[i], ", ");
		break;
	case PARAMETER_KEY_TYPES:
		describe_set(parameter->set, types, 4, buf);
		break;
	case PARAMETER_CURVES:
		describe_set(parameter->set, curves, 3, buf);
		break;
	case PARAMETER_DIGESTS:
		describe_set(parameter->set, digests, 3, buf);
		break;
	case PARAMETER_SHAPE:
		shape_describe(&parameter->shape, buf, PARAMETER_TEXT_SIZE);
		break;
	}
}

static void describe_rule(const struct platform *platform, enum rule_id id,
	void (*each)(void *arg, const struct platform_rule *rule), void *arg) {
	char parameter[PARAMETER_TEXT_SIZE] = "", cited[SOURCE_TEXT_SIZE];
	struct platform_rule told = rule_tell(platform, id, cited);
	if (told.own)
		describe_parameter(rules[id].parameter, &platform->rules[id].parameter, parameter);
	told.parameter = *parameter ? parameter : NULL;
	each(arg, &told);
}

void platform_each_rule(const struct platform *platform,
	void (*each)(void *arg, const struct platform_rule *rule), void *arg) {
	for (enum rule_id id = 0; id < RULE_COUNT; id++) {
		if (rule_severity(platform, id) != CHECK_OK)
			describe_rule(platform, id, each, arg);
	}
}

const char *platform_source(const struct platform *platform, size_t index, char *buf,
	size_t size) {
	if (index >= platform->source_count)
		return NULL;
	return source_cite(&platform->sources[index], buf, size);
}

const char *platform_note(const struct platform *platform, size_t index) {
	return index < platform->note_count ? platform->notes[index] : NULL;
}
