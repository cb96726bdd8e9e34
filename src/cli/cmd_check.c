/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof check`: a CA certificate against the upload rules of one platform, or of all of
 * them side by side.  Nothing is repaired and nothing is asked of a network.
 */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_report.h"
#include "inputs.h"
#include "layout.h"
#include "options.h"

#define OPTION_FILE "check_options.def"
#include "option_table.h"

static const struct command_line command_line = {
	"CA [OPTION...]",
	"Holds a CA certificate (a PEM or DER file, or the PKCS#11 URI of a certificate object)\n"
	"against a platform's upload rules: each with its result and its source, and for what is\n"
	"refused the way out.\n\n"
	"Example:\n"
	"  caproof check rootCA.pem -p quectel\n\n"
	"Exit codes: 0 nothing is refused (by at least one platform with -p all), 3 refused, or not\n"
	"readable as a CA certificate.  See caproof(1).",
	table, 1, 1
};

/* What is known of one platform. */
struct judgement {
	struct platform *platform;
	struct checks checks;
};

struct check_run {
	const char *platform;
	time_t now;
	struct ca *ca;
	struct judgement *list;
	size_t count;
	struct error broken; /* the first rule file that could not be used */
};

static enum caproof_status judge(struct check_run *run, const char *name, struct error *err) {
	struct judgement *j = &run->list[run->count];
	enum caproof_status status = platform_load(name, inputs_platform_directory(), &j->platform,
		err);

	if (status != CAPROOF_OK)
		return status;
	run->count++;
	return platform_check_ca(j->platform, &run->ca->facts, run->now, &j->checks, err);
}

static enum caproof_status make_room(struct check_run *run, size_t count, struct error *err) {
	run->list = calloc(count + 1, sizeof(*run->list));
	return run->list != NULL ? CAPROOF_OK : error_memory(err);
}

static enum caproof_status judge_one(struct check_run *run, struct error *err) {
	enum caproof_status status = make_room(run, 1, err);

	return status == CAPROOF_OK ? judge(run, run->platform, err) : status;
}

/* One broken rule file does not hide the other platforms. */
static enum caproof_status judge_all(struct check_run *run, struct error *err) {
	char **names = NULL;
	size_t count = 0;
	enum caproof_status status = platform_list(inputs_platform_directory(), &names, err);

	if (status != CAPROOF_OK)
		return status;
	while (names[count] != NULL)
		count++;
	status = make_room(run, count, err);
	for (size_t i = 0; status == CAPROOF_OK && i < count; i++) {
		struct error one = ERROR_INIT;

		status = judge(run, names[i], &one);
		if (status == CAPROOF_OK)
			continue;
		if (status == CAPROOF_INPUT && run->broken.id == ERROR_NONE)
			run->broken = one;
		else if (status != CAPROOF_INPUT)
			*err = one;
		status = status == CAPROOF_INPUT ? CAPROOF_OK : status;
	}
	platform_free_steps(names);
	if (status == CAPROOF_OK && run->count == 0 && run->broken.id == ERROR_NONE)
		status = error_set(err, ERROR_INPUT_READ, "there are no rule files");
	return status;
}

/* --- for people ----------------------------------------------------------------- */

static void show_one(const struct check_run *run) {
	const struct platform *platform = run->list[0].platform;
	char shown[256];

	show_ca(run->ca);
	snprintf(shown, sizeof(shown), "%s (%s)", platform_name(platform), platform_title(platform));
	show_field("platform", shown);
	show_checks(&run->list[0].checks);
	show_notes(platform);
}

static void add_ids(const struct checks *checks, enum check_result result, char *buf, size_t size) {
	const char *separator = result == CHECK_REFUSED ? "refused by " : "warned by ";
	size_t len = strlen(buf);

	for (size_t i = 0; i < checks->count; i++) {
		if (checks->list[i].result != result || len >= size)
			continue;
		snprintf(buf + len, size - len, "%s%s%s", len > 0 && separator[0] != ',' ? "; " : "",
			separator, checks->list[i].id);
		len = strlen(buf);
		separator = ", ";
	}
}

static void show_matrix(const struct check_run *run) {
	show_ca(run->ca);
	puts("\nPLATFORM          RESULT   RULES");
	for (size_t i = 0; i < run->count; i++) {
		const struct judgement *j = &run->list[i];
		char lead[128], ids[2048] = "";

		snprintf(lead, sizeof(lead), "%-17s %-8s ", platform_name(j->platform),
			check_result_name(checks_result(&j->checks)));
		add_ids(&j->checks, CHECK_REFUSED, ids, sizeof(ids));
		add_ids(&j->checks, CHECK_WARNING, ids, sizeof(ids));
		layout_words(27, lead, ids[0] != '\0' ? ids : "all hold");
	}
	puts("\n'caproof check CA -p PLATFORM' tells why, by which source, and the way out");
}

/* --- JSON --------------------------------------------------------------------- */

static bool put_judgement(json_t *object, const struct judgement *j) {
	return json_put(object, "platform", json_string(platform_name(j->platform))) &&
		json_put(object, "title", json_string(platform_title(j->platform))) &&
		json_put(object, "result",
			json_string(check_result_name(checks_result(&j->checks)))) &&
		json_put(object, "checks", report_json_checks(&j->checks)) &&
		json_put(object, "notes", json_of_notes(j->platform));
}

static json_t *json_judgement(const struct judgement *j) {
	json_t *object = json_object();

	if (object != NULL && put_judgement(object, j))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *json_all(const struct check_run *run) {
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < run->count; i++) {
		if (json_array_append_new(list, json_judgement(&run->list[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *to_json(const struct check_run *run, bool all) {
	json_t *object = report_json_new();
	bool good = object != NULL && json_put(object, "ca", json_of_ca(run->ca));

	if (good && all)
		good = json_put(object, "platforms", json_all(run));
	else if (good)
		good = put_judgement(object, &run->list[0]);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

/* --- the run -------------------------------------------------------------------- */

static enum caproof_status result_of_one(const struct check_run *run, struct error *err) {
	char what[400];

	snprintf(what, sizeof(what), "platform '%s' refuses '%.300s'",
		platform_name(run->list[0].platform), run->ca->name);
	return checks_to_error(&run->list[0].checks, ERROR_RULE, what, err);
}

static enum caproof_status result_of_all(const struct check_run *run, struct error *err) {
	if (run->broken.id != ERROR_NONE) {
		*err = run->broken;
		return error_status(err);
	}
	for (size_t i = 0; i < run->count; i++)
		if (checks_result(&run->list[i].checks) != CHECK_REFUSED)
			return CAPROOF_OK;
	error_set(err, ERROR_RULE, "every platform refuses '%s'", run->ca->name);
	error_hint(err, "'caproof check CA -p PLATFORM' tells why, and the way out");
	return error_status(err);
}

static int run_check(struct check_run *run, const char *name) {
	struct error err = ERROR_INIT;
	bool all = strcmp(run->platform, "all") == 0;
	enum caproof_status status = inputs_read_ca(name, &run->ca, &err);

	if (status == CAPROOF_OK)
		status = all ? judge_all(run, &err) : judge_one(run, &err);
	if (status != CAPROOF_OK)
		return report_failure(&err);
	/* What is refused stands in ERR, and is said behind the list. */
	if (all)
		(void)result_of_all(run, &err);
	else
		(void)result_of_one(run, &err);
	if (report_is_json())
		return report_result(to_json(run, all), &err);
	if (all)
		show_matrix(run);
	else
		show_one(run);
	return report_result(NULL, &err);
}

static void clear(struct check_run *run) {
	for (size_t i = 0; i < run->count; i++) {
		platform_free(run->list[i].platform);
		checks_clear(&run->list[i].checks);
	}
	free(run->list);
	ca_free(run->ca);
}

int cmd_check(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	struct check_run run = { .platform = "generic", .now = time(NULL), .broken = ERROR_INIT };
	int code = CAPROOF_OK;

	if (options_parse(&command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	report_setup(argv[0], false, false, values[JSON] != NULL);
	if (values[PLATFORM] != NULL)
		run.platform = values[PLATFORM];
	if (values[HELP] != NULL)
		options_help(&command_line, argv[0]);
	else
		code = run_check(&run, operands[0]);
	clear(&run);
	options_free(&command_line, values, operands);
	return code;
}
