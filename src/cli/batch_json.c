/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof batch` says to programs: one object a row as it is finished, in the list's
 * order, and a summary last.
 */
#include "batch_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run_report.h"

/* A text of the list, safe to show; null where there is none. */
static json_t *shown(const char *text) {
	char buf[LIST_FIELD_MAX + 64];

	return text == NULL ? json_null() :
		json_string(text_safe(buf, sizeof(buf), text, strlen(text)));
}

static json_t *json_error(const struct error *why) {
	return why != NULL ? report_json_error(why) : json_null();
}

static json_t *row_object(const struct batch_row *row, const char *state) {
	json_t *object = json_pack("{s:I, s:s}", "line", (json_int_t)row->source->line, "state", state);

	if (object != NULL &&
		run_json_set(object, "code", shown(row->code != NULL ? row->code : row->source->code)) &&
		run_json_set(object, "platform", row->platform != NULL ?
			json_string(platform_name(row->platform)) : shown(row->source->platform)) &&
		run_json_set(object, "tenant", shown(row->source->tenant)) &&
		run_json_set(object, "note", shown(row->source->note)))
		return object;
	json_decref(object);
	return NULL;
}

static char *path_of(const struct batch_run_state *run, const struct batch_row *row) {
	const char *folder = run->options->out_dir;
	size_t len = strlen(folder);
	char *path;

	if (strcmp(folder, ".") == 0)
		return strdup(row->out);
	if (asprintf(&path, "%s%s%s", folder, len > 0 && folder[len - 1] == '/' ? "" : "/",
		row->out) < 0)
		return NULL;
	return path;
}

static json_t *json_steps(const struct batch_run_state *run, const struct batch_row *row,
	const char *path) {
	struct platform_values values = { run->options->ca, path, row->code, run->ca->sha256 };
	struct error ignored = ERROR_INIT;
	json_t *list = NULL;
	char **steps;

	if (platform_next_steps(row->platform, &values, &steps, &ignored) != CAPROOF_OK)
		return NULL;
	list = run_json_steps(steps);
	platform_free_steps(steps);
	return list;
}

/* What is known of a proof in place; of one from an earlier run only where it is. */
static json_t *json_proof(const struct batch_outcome *outcome, const char *path) {
	const struct plan *plan = outcome->plan;
	bool certificate = plan != NULL && plan->form != FORM_SIGNATURE;
	char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE], file[LIST_FIELD_MAX + 600];

	text_safe(file, sizeof(file), path, strlen(path));
	if (plan == NULL)
		return json_pack("{s:s, s:s}", "file", file, "form",
			proof_form_name(platform_form(outcome->row->platform)));
	return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s}", "file", file, "form",
		proof_form_name(plan->form), "sha256", outcome->proof->sha256, "serial", plan->serial,
		"not_before", certificate ? text_time(from, plan->not_before) : NULL, "not_after",
		certificate ? text_time(until, plan->not_after) : NULL, "signature_algorithm",
		algorithm_describe(&plan->algorithm, plan->key_type));
}

static enum caproof_status print_row(json_t *row, struct error *err) {
	json_t *object = report_json_new();

	if (row == NULL || object == NULL || !run_json_set(object, "row", row)) {
		if (object == NULL)
			json_decref(row);
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}

static json_t *done_row(const struct batch_run_state *run, const struct batch_outcome *outcome) {
	const struct batch_row *row = outcome->row;
	char *path = path_of(run, row);
	json_t *object = row_object(row, row->state == BATCH_OPEN ? "done" : "earlier");

	if (object != NULL && (path == NULL ||
		!run_json_set(object, "proof", json_proof(outcome, path)) ||
		!run_json_set(object, "next_steps", json_steps(run, row, path)))) {
		json_decref(object);
		object = NULL;
	}
	free(path);
	return object;
}

static json_t *failed_row(const struct batch_row *row, const struct error *why) {
	json_t *object = row_object(row, "failed");

	if (object == NULL || run_json_set(object, "error", json_error(why)))
		return object;
	json_decref(object);
	return NULL;
}

enum caproof_status batch_json_row(const struct batch_run_state *run,
	const struct batch_outcome *outcome, struct error *err) {
	return print_row(outcome->error != NULL ? failed_row(outcome->row, outcome->error) :
		done_row(run, outcome), err);
}

enum caproof_status batch_json_bad(const struct batch_run_state *run,
	const struct batch_row *row, struct error *err) {
	struct error why = ERROR_INIT;

	(void)run;
	error_set(&why, row->failure->id, "%s", row->failure->message);
	error_hint(&why, "%s", row->failure->hint);
	return print_row(failed_row(row, &why), err);
}

enum caproof_status batch_json_planned(const struct batch_run_state *run,
	const struct batch_row *row, struct error *err) {
	char *path = path_of(run, row);
	json_t *object = row_object(row, row->state == BATCH_OPEN ? "planned" : "earlier");

	if (object != NULL && (path == NULL || !run_json_set(object, "file", shown(path)))) {
		json_decref(object);
		object = NULL;
	}
	free(path);
	return print_row(object, err);
}

/* --- the summary -------------------------------------------------------------------- */

static json_t *json_counts(const struct batch_run_state *run) {
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < run->batch.platforms.count; i++) {
		json_t *entry = json_pack("{s:s, s:I, s:I}", "name",
			platform_name(run->batch.platforms.list[i].platform), "done",
			(json_int_t)run->counts[i].done, "failed", (json_int_t)run->counts[i].failed);

		if (entry == NULL || json_array_append_new(list, entry) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *json_tally(const struct batch_run_state *run) {
	const struct batch_tally *tally = &run->tally;
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:I}", "rows", (json_int_t)run->list->count,
		"done", (json_int_t)tally->done, "earlier", (json_int_t)tally->earlier, "failed",
		(json_int_t)tally->failed, "left", (json_int_t)tally->left);

	if (object != NULL && run_json_set(object, "platforms", json_counts(run)))
		return object;
	json_decref(object);
	return NULL;
}

static bool add_token(json_t *object, const struct batch_run_state *run) {
	if (run->base.signer == NULL)
		return true;
	return run_json_set(object, "key", run_json_key(&run->base, &run->ca->key)) &&
		run_json_set(object, "token", run_json_token(&run->base)) &&
		run_json_set(object, "module", run_json_module(&run->base)) &&
		run_json_set(object, "sessions", json_integer(run->sessions));
}

enum caproof_status batch_json_summary(const struct batch_run_state *run,
	const struct error *why, struct error *err) {
	json_t *object = report_json_new();
	char now[TEXT_TIME_SIZE];

	if (object == NULL ||
		(run->options->common.dry_run && !run_json_set(object, "dry_run", json_true())) ||
		!run_json_set(object, "summary", json_tally(run)) ||
		!run_json_set(object, "list", json_pack("{s:s, s:s}", "file", run->list->name, "sha256",
			run->list->sha256)) ||
		!run_json_set(object, "ca", json_pack("{s:s, s:s, s:s, s:s}", "file", run->ca->name,
			"subject", run->ca->subject_text, "sha256", run->ca->sha256, "spki_sha256",
			run->ca->spki_sha256)) ||
		!add_token(object, run) ||
		!run_json_set(object, "time", json_string(text_time(now, run->options->common.now))) ||
		(why->id != ERROR_NONE && !run_json_set(object, "error", json_error(why)))) {
		json_decref(object);
		return error_memory(err);
	}
	return report_json_print(object, err);
}
