/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules themselves: one table of what can be asked of a CA certificate, a code
 * and an output, and one way to hold something against it.  A rule is a question of
 * facts; it decides nothing by a platform's name.
 */
#ifndef CAPROOF_PLATFORM_RULES_H
#define CAPROOF_PLATFORM_RULES_H

#include "platform/model.h"

#define FORM_BIT(form) (1u << (form))
#define FORMS_CERTIFICATE (FORM_BIT(FORM_CERTIFICATE_CN) | FORM_BIT(FORM_CERTIFICATE_SAN_URI))
#define FORMS_PROOF (FORMS_CERTIFICATE | FORM_BIT(FORM_SIGNATURE))
#define FORMS_ALL (FORMS_PROOF | FORM_BIT(FORM_NONE))

/* What is held against the rules; a rule reads only the part that its id names. */
struct subject {
	const struct platform *platform;
	time_t now;
	const struct ca_facts *ca;
	const char *code;
	size_t code_len;
	time_t issued; /* (time_t)-1: not told */
	const struct algorithm *algorithm;
	const char *out_name;
	bool pem;
};

enum verdict { VERDICT_HOLDS, VERDICT_FAILS, VERDICT_NOT_APPLICABLE };

/* What was found, in words that are safe to show. */
struct found {
	char text[400];
};

typedef enum verdict rule_predicate(const struct subject *subject,
	const struct parameter *parameter, struct found *found);

/* Write what was found; for the last line of a predicate. */
void found_write(struct found *found, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum verdict found_verdict(bool holds);

/* Whether a file name ends with one of the parameter's suffixes; case matters. */
enum verdict suffix_verdict(const char *name, const struct parameter *parameter,
	struct found *found);

struct rule {
	const char *id;
	enum check_result severity; /* everywhere; CHECK_OK: none */
	unsigned forms;             /* FORM_BIT of those to which it applies */
	enum parameter_kind parameter;
	rule_predicate *predicate;
	const char *sentence, *why, *source, *way_out;
};

extern const struct rule rules[RULE_COUNT];

/* RULE_COUNT when no rule has this id. */
enum rule_id rule_find(const char *id);

/* How serious it is on PLATFORM when the rule fails; CHECK_OK: not a rule there. */
enum check_result rule_severity(const struct platform *platform, enum rule_id id);

/* The rule in words: the file's own where it has them.  CITED holds the source. */
struct platform_rule rule_tell(const struct platform *platform, enum rule_id id,
	char cited[SOURCE_TEXT_SIZE]);

/* Append a check for every rule whose id begins with PREFIX ("ca."). */
NODISCARD enum caproof_status rules_apply(const struct subject *subject, const char *prefix,
	struct checks *checks, struct error *err);

/* The predicates, by file. */
#define RULE(symbol, id, severity, forms, parameter, predicate, ...) rule_predicate predicate;
#include "platform/rules.def"
#undef RULE

#endif
