/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof platforms`: which platforms are known, and what is known of one: its rules, each
 * with its source.  It shows what the rule files say and holds nothing against anything.
 */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>

#include "check_report.h"
#include "inputs.h"
#include "layout.h"
#include "options.h"

#define OPTION_FILE "platforms_options.def"
#include "option_table.h"

static const struct command_line command_line = {
	"[NAME] [OPTION...]",
	"Lists the platforms that are known, or shows one (a name, or the path of a rule file) with\n"
	"its rules and where each is written.\n\n"
	"Example:\n"
	"  caproof platforms quectel\n\n"
	"Exit codes: 0 done, 3 there is no such platform, or its rule file is refused.  See\n"
	"caproof-platforms(7).",
	table, 0, 1
};

#define SOURCE_SIZE 1024
#define LIST_INDENT 39 /* a name and a form */

static const char *severity_word(enum check_result severity) {
	return severity == CHECK_REFUSED ? "refuse" : "warn";
}

/* What to type or click, with CA_FILE and so on in the place of names. */
static enum caproof_status steps_of(const struct platform *platform, char ***out,
	struct error *err) {
	struct platform_values unnamed = { NULL, NULL, NULL, NULL };

	return platform_next_steps(platform, &unnamed, out, err);
}

/* --- one, for people ------------------------------------------------------------- */

static void show_rule(void *arg, const struct platform_rule *rule) {
	char lead[128], *line = NULL;

	(void)arg;
	snprintf(lead, sizeof(lead), "%-8s %s: ", severity_word(rule->severity), rule->id);
	if (asprintf(&line, "%s%s%s%s, because %s [%s]", rule->sentence,
		rule->parameter != NULL ? " (" : "", rule->parameter != NULL ? rule->parameter : "",
		rule->parameter != NULL ? ")" : "", rule->why, rule->source) < 0)
		line = NULL;
	layout_words(9, lead, line != NULL ? line : rule->sentence);
	free(line);
	if (rule->way_out != NULL)
		layout_words(11, "         way out: ", rule->way_out);
}

static void show_head(const struct platform *platform) {
	printf("%s\n", platform_name(platform));
	show_field("title", platform_title(platform));
	show_field("proof", proof_form_name(platform_form(platform)));
	if (platform_form(platform) == FORM_CERTIFICATE_CN ||
		platform_form(platform) == FORM_CERTIFICATE_SAN_URI)
		show_field("key", subject_key_name(platform_subject_key(platform)));
	if (platform_form(platform) == FORM_CERTIFICATE_SAN_URI)
		show_field("prefix", platform_san_prefix(platform));
	show_field("lifetime", platform_code_lifetime_text(platform));
	if (platform_code_renewal(platform) != NULL)
		show_field("new code", platform_code_renewal(platform));
}

static void show_tail(const struct platform *platform, char **steps) {
	char source[SOURCE_SIZE];

	if (platform_source(platform, 0, source, sizeof(source)) != NULL)
		puts("\nsources");
	for (size_t i = 0; platform_source(platform, i, source, sizeof(source)) != NULL; i++)
		layout_words(4, "  - ", source);
	show_notes(platform);
	puts("\nwhen the proof is made");
	for (char **step = steps; *step != NULL; step++)
		printf("  %s\n", *step);
}

static void show_one(const struct platform *platform, char **steps) {
	show_head(platform);
	puts("\nrules");
	platform_each_rule(platform, show_rule, NULL);
	show_tail(platform, steps);
}

/* --- one, in JSON ------------------------------------------------------------------ */

struct rules_json {
	json_t *list;
	bool failed;
};

static void add_rule(void *arg, const struct platform_rule *rule) {
	struct rules_json *rules = arg;
	json_t *entry = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s, s:s?, s:b}", "id", rule->id,
		"severity", severity_word(rule->severity), "sentence", rule->sentence, "why", rule->why,
		"parameter", rule->parameter, "source", rule->source, "way_out", rule->way_out, "own",
		(int)rule->own);

	if (entry == NULL || json_array_append_new(rules->list, entry) != 0)
		rules->failed = true;
}

static json_t *json_rules(const struct platform *platform) {
	struct rules_json rules = { json_array(), false };

	if (rules.list == NULL)
		return NULL;
	platform_each_rule(platform, add_rule, &rules);
	if (!rules.failed)
		return rules.list;
	json_decref(rules.list);
	return NULL;
}

/* The list of what NEXT gives for 0, 1, 2 ... until NULL. */
static json_t *json_texts(const void *from, const char *(*next)(const void *from, size_t i,
	char *buf)) {
	json_t *list = json_array();
	char buf[SOURCE_SIZE];
	const char *text;

	for (size_t i = 0; list != NULL && (text = next(from, i, buf)) != NULL; i++) {
		if (json_array_append_new(list, json_string(text)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static const char *next_source(const void *from, size_t i, char *buf) {
	return platform_source(from, i, buf, SOURCE_SIZE);
}

static const char *next_step(const void *from, size_t i, char *buf) {
	(void)buf;
	return ((char *const *)from)[i];
}

static json_t *json_lifetime(const struct platform *platform) {
	long lifetime = platform_code_lifetime(platform);

	return lifetime != 0 ? json_integer(lifetime) : json_null();
}

static json_t *json_summary(const struct platform *platform) {
	json_t *lifetime = json_lifetime(platform);

	if (lifetime == NULL)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", platform_name(platform), "title",
		platform_title(platform), "form", proof_form_name(platform_form(platform)),
		"code_lifetime", platform_code_lifetime_text(platform), "code_lifetime_seconds", lifetime);
}

static bool put_certificate(json_t *one, const struct platform *platform) {
	enum proof_form form = platform_form(platform);

	if (form != FORM_CERTIFICATE_CN && form != FORM_CERTIFICATE_SAN_URI)
		return true;
	if (form == FORM_CERTIFICATE_SAN_URI &&
		!json_put(one, "san_prefix", json_string(platform_san_prefix(platform))))
		return false;
	return json_put(one, "subject_key",
		json_string(subject_key_name(platform_subject_key(platform))));
}

static json_t *json_one(const struct platform *platform, char **steps) {
	json_t *one = json_summary(platform);
	const char *renewal = platform_code_renewal(platform);

	if (one != NULL && put_certificate(one, platform) &&
		json_put(one, "code_renewal", renewal != NULL ? json_string(renewal) : json_null()) &&
		json_put(one, "rules", json_rules(platform)) &&
		json_put(one, "sources", json_texts(platform, next_source)) &&
		json_put(one, "notes", json_of_notes(platform)) &&
		json_put(one, "next_steps", json_texts(steps, next_step)))
		return one;
	json_decref(one);
	return NULL;
}

/* {"caproof": 1, ..., KEY: VALUE}; takes VALUE. */
static json_t *answer(const char *key, json_t *value) {
	json_t *object = report_json_new();

	if (object == NULL) {
		json_decref(value);
		return NULL;
	}
	if (json_put(object, key, value))
		return object;
	json_decref(object);
	return NULL;
}

static int run_one(const char *name) {
	struct error err = ERROR_INIT;
	struct platform *platform = NULL;
	char **steps = NULL;
	int code;

	if (platform_load(name, inputs_platform_directory(), &platform, &err) != CAPROOF_OK ||
		steps_of(platform, &steps, &err) != CAPROOF_OK) {
		code = report_failure(&err);
	} else if (report_is_json()) {
		code = report_result(answer("platform", json_one(platform, steps)), &err);
	} else {
		show_one(platform, steps);
		code = report_result(NULL, &err);
	}
	platform_free_steps(steps);
	platform_free(platform);
	return code;
}

/* --- all of them ------------------------------------------------------------------ */

static bool show_summary(const struct platform *platform, json_t *list) {
	char lead[128];

	if (report_is_json())
		return json_array_append_new(list, json_summary(platform)) == 0;
	snprintf(lead, sizeof(lead), "%-17s %-20s ", platform_name(platform),
		proof_form_name(platform_form(platform)));
	layout_words(LIST_INDENT, lead, platform_title(platform));
	snprintf(lead, sizeof(lead), "%*scode lifetime: ", LIST_INDENT, "");
	layout_words(LIST_INDENT + 2, lead, platform_code_lifetime_text(platform));
	return true;
}

/* One broken rule file does not hide the others; the first one is the error. */
static void list_platforms(char **names, json_t *list, struct error *err) {
	for (char **name = names; *name != NULL; name++) {
		struct error one = ERROR_INIT;
		struct platform *platform = NULL;

		if (platform_load(*name, inputs_platform_directory(), &platform, &one) != CAPROOF_OK) {
			if (err->id == ERROR_NONE)
				*err = one;
			continue;
		}
		if (!show_summary(platform, list))
			error_memory(err);
		platform_free(platform);
	}
}

static int run_all(void) {
	struct error err = ERROR_INIT;
	char **names = NULL;
	json_t *list = NULL;

	if (platform_list(inputs_platform_directory(), &names, &err) != CAPROOF_OK)
		return report_error(&err);
	if (report_is_json())
		list = json_array();
	else
		printf("%-17s %-20s %s\n", "NAME", "PROOF", "PLATFORM");
	list_platforms(names, list, &err);
	platform_free_steps(names);
	return report_result(report_is_json() ? answer("platforms", list) : NULL, &err);
}

int cmd_platforms(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	int code = CAPROOF_OK;

	if (options_parse(&command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	report_setup(argv[0], false, false, values[JSON] != NULL);
	if (values[HELP] != NULL)
		options_help(&command_line, argv[0]);
	else
		code = operands[0] != NULL ? run_one(operands[0]) : run_all();
	options_free(&command_line, values, operands);
	return code;
}
