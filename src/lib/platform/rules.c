/* SPDX-License-Identifier: Apache-2.0
 *
 * Holds a subject against a platform's rules and writes the list of checks.
 *
 * All rules are listed each time.  One mistake refuses one rule: where a mistake
 * breaks two (a version 1 certificate cannot have extensions), the table of shadows
 * says which one speaks and which one holds its tongue, and it does so only when the
 * one that speaks is at least as severe on this platform.
 */
#include "platform/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct rule rules[RULE_COUNT] = {
#define RULE(symbol, id, severity, forms, parameter, predicate, sentence, why, source, way_out) \
	{ id, severity, forms, parameter, predicate, sentence, why, source, way_out },
#include "platform/rules.def"
#undef RULE
};

/* SPEAKER fails, so QUIET has nothing to add. */
static const struct shadow {
	enum rule_id quiet, speaker;
} shadows[] = {
	{ RULE_CA_EXPIRES_SOON, RULE_CA_VALIDITY },
	{ RULE_CA_BASIC_CONSTRAINTS_PRESENT, RULE_CA_VERSION },
	{ RULE_CA_SUBJECT_KEY_IDENTIFIER, RULE_CA_VERSION },
	{ RULE_CA_AUTHORITY_KEY_IDENTIFIER, RULE_CA_VERSION },
	/* RFC 5280 4.2.1.3: keyCertSign may not be set without CA:TRUE */
	{ RULE_CA_KEY_USAGE, RULE_CA_BASIC_CONSTRAINTS },
	{ RULE_CA_KEY_SIZE_2048, RULE_CA_KEY_SIZE_1024 },
	{ RULE_CA_CURVE, RULE_CA_KEY_TYPE },
	{ RULE_CA_PEM_SIZE, RULE_CA_FILE_SIZE },

	{ RULE_CODE_CONTROLS, RULE_CODE_ENCODING },
	{ RULE_CODE_SPACES, RULE_CODE_ENCODING },
	{ RULE_CODE_QUOTES, RULE_CODE_ENCODING },
	{ RULE_CODE_ASCII, RULE_CODE_ENCODING },
	{ RULE_CODE_ASCII, RULE_CODE_CONTROLS },
	{ RULE_CODE_ASCII, RULE_CODE_SPACES },
	{ RULE_CODE_ASCII, RULE_CODE_QUOTES },
	{ RULE_CODE_SHAPE, RULE_CODE_PRESENT },
	{ RULE_CODE_SHAPE, RULE_CODE_ENCODING },
	{ RULE_CODE_SHAPE, RULE_CODE_CONTROLS },
	{ RULE_CODE_SHAPE, RULE_CODE_SPACES },
	{ RULE_CODE_SHAPE, RULE_CODE_QUOTES },
	{ RULE_CODE_SHAPE, RULE_CODE_ASCII },
	{ RULE_CODE_SHAPE, RULE_CODE_LENGTH },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_PRESENT },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_ENCODING },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_CONTROLS },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_SPACES },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_QUOTES },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_ASCII },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_LENGTH },
	{ RULE_CODE_USUAL_SHAPE, RULE_CODE_SHAPE },
	{ RULE_CODE_ENDS_SOON, RULE_CODE_AGE },

	{ RULE_OUTPUT_SUFFIX, RULE_OUTPUT_ENCODING },
};

void found_write(struct found *found, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	vsnprintf(found->text, sizeof found->text, fmt, args);
	va_end(args);
}

enum verdict found_verdict(bool holds) {
	return holds ? VERDICT_HOLDS : VERDICT_FAILS;
}

enum rule_id rule_find(const char *id) {
	enum rule_id rule = 0;
	while (rule < RULE_COUNT && strcmp(rules[rule].id, id) != 0)
		rule++;
	return rule;
}

/* The lifetime of codes is written in the file's own section, not in a rule. */
static bool is_about_lifetime(enum rule_id id) {
	return id == RULE_CODE_AGE || id == RULE_CODE_ENDS_SOON;
}

enum check_result rule_severity(const struct platform *platform, enum rule_id id) {
	if (!(rules[id].forms & FORM_BIT(platform->form)))
		return CHECK_OK;
	if (is_about_lifetime(id) && platform->lifetime == 0)
		return CHECK_OK;
	enum check_result own = platform->rules[id].severity;
	return own > rules[id].severity ? own : rules[id].severity;
}

static enum verdict judge(const struct subject *subject, enum rule_id id, struct found *found) {
	return rules[id].predicate(subject, &subject->platform->rules[id].parameter, found);
}

/* The rule that already speaks of the mistake that ID found; RULE_COUNT: none. */
static enum rule_id speaker_of(const struct subject *subject, enum rule_id id) {
	struct found unused;
	for (size_t i = 0; i < sizeof shadows / sizeof *shadows; i++) {
		enum rule_id speaker = shadows[i].speaker;
		if (shadows[i].quiet != id)
			continue;
		enum check_result severity = rule_severity(subject->platform, speaker);
		if (severity == CHECK_OK || severity < rule_severity(subject->platform, id))
			continue;
		if (judge(subject, speaker, &unused) == VERDICT_FAILS)
			return speaker;
	}
	return RULE_COUNT;
}

struct platform_rule rule_tell(const struct platform *platform, enum rule_id id,
	char cited[SOURCE_TEXT_SIZE]) {
	const struct rule *rule = &rules[id];
	const struct own_rule *own = &platform->rules[id];
	struct platform_rule told = {
		.id = rule->id, .severity = rule_severity(platform, id), .sentence = rule->sentence,
		.why = rule->why, .source = rule->source, .way_out = rule->way_out,
	};
	if (is_about_lifetime(id)) {
		told.source = source_cite(platform->code_source, cited, SOURCE_TEXT_SIZE);
		told.way_out = platform->renewal ? platform->renewal : told.way_out;
	}
	if (own->severity == CHECK_OK)
		return told;
	told.own = true;
	told.sentence = own->sentence;
	told.why = own->why ? own->why : told.why;
	told.way_out = own->way_out ? own->way_out : told.way_out;
	told.source = source_cite(own->source, cited, SOURCE_TEXT_SIZE);
	return told;
}

static enum caproof_status add_failure(const struct platform *platform, enum rule_id id,
	const struct found *found, struct checks *checks, struct error *err) {
	char cited[SOURCE_TEXT_SIZE];
	struct platform_rule told = rule_tell(platform, id, cited);
	return checks_add(checks, told.id, told.severity, told.source, told.way_out, err,
		"%s: %s, because %s", found->text, told.sentence, told.why);
}

static enum caproof_status add_quiet(const struct platform *platform, enum rule_id id,
	const char *prefix, const char *text, struct checks *checks, struct error *err) {
	char cited[SOURCE_TEXT_SIZE];
	struct platform_rule told = rule_tell(platform, id, cited);
	return checks_add(checks, told.id, CHECK_OK, told.source, NULL, err, "%s%s", prefix, text);
}

static enum caproof_status apply_one(const struct subject *subject, enum rule_id id,
	struct checks *checks, struct error *err) {
	const struct platform *platform = subject->platform;
	struct found found = { "" };
	switch (judge(subject, id, &found)) {
	case VERDICT_HOLDS:
		return add_quiet(platform, id, "", found.text, checks, err);
	case VERDICT_NOT_APPLICABLE:
		return add_quiet(platform, id, "not applicable: ", found.text, checks, err);
	case VERDICT_FAILS:
		break;
	}
	enum rule_id speaker = speaker_of(subject, id);
	if (speaker == RULE_COUNT)
		return add_failure(platform, id, &found, checks, err);
	return add_quiet(platform, id, "not applicable: see ", rules[speaker].id, checks, err);
}

enum caproof_status rules_apply(const struct subject *subject, const char *prefix,
	struct checks *checks, struct error *err) {
	for (enum rule_id id = 0; id < RULE_COUNT; id++) {
		if (strncmp(rules[id].id, prefix, strlen(prefix)) != 0)
			continue;
		if (rule_severity(subject->platform, id) == CHECK_OK)
			continue;
		enum caproof_status status = apply_one(subject, id, checks, err);
		if (status != CAPROOF_OK)
			return status;
	}
	return CAPROOF_OK;
}
