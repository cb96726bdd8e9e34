/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof batch` says in words; batch_json.c has the other half.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "batch_cmd.h"
#include "batch_json.h"
#include "progress.h"
#include "report.h"

/* What fails for the token's, the disk's or memory's sake ends the run, whose last words tell
 * what to do; what errors of one proof advise would be wrong beside them. */
static const char *row_hint(const struct error *why) {
	switch (error_status(why)) {
	case CAPROOF_UNEXPECTED:
	case CAPROOF_DEVICE:
		return "";
	default:
		return why->id == ERROR_OUTPUT_WRITE ? "" : error_hint_text(why);
	}
}

/* One line a row, and its hint where that is another than the last one's. */
static void say_failure(size_t line, const char *message, const char *hint) {
	static char last[512];

	progress_clear();
	fprintf(stderr, "caproof: line %zu: %s\n", line, message);
	if (hint[0] != '\0' && strncmp(last, hint, sizeof(last) - 1) != 0)
		fprintf(stderr, "hint: %s\n", hint);
	snprintf(last, sizeof(last), "%s", hint);
}

/* What it says would be lost, after the signatures. */
enum caproof_status batch_check_streams(struct error *err) {
	int flags = report_is_json() ? fcntl(STDOUT_FILENO, F_GETFL) : O_WRONLY;

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return CAPROOF_OK;
	return error_set(err, ERROR_OUTPUT_WRITE, "cannot write standard output: it is not open");
}

enum caproof_status batch_report_bad(const struct batch_run_state *run, bool refused,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < run->list->count; i++) {
		const struct batch_row *row = &run->batch.rows[i];

		if (row->state != BATCH_BAD)
			continue;
		say_failure(row->source->line, row->failure->message, row->failure->hint);
		if (report_is_json() && refused)
			status = batch_json_bad(run, row, err);
	}
	if (run->batch.bad > 0 && !refused)
		report_note("caproof: %zu of %zu rows are refused and left out", run->batch.bad,
			run->list->count);
	return status;
}

static void say_remark(void *arg, const struct batch_row *row, const char *remark) {
	(void)arg;
	report_warning("line %zu: %s", row->source->line, remark);
}

enum caproof_status batch_report_remarks(const struct batch_run_state *run, struct error *err) {
	return batch_remarks(&run->batch, say_remark, NULL, err);
}

/* Warnings of its own plan belong to the row that they are about. */
static void say_warnings(const struct batch_outcome *outcome) {
	const struct checks *checks;

	if (outcome->plan == NULL || report_is_quiet())
		return;
	checks = &outcome->plan->checks;
	for (size_t i = 0; i < checks->count; i++) {
		if (checks->list[i].result != CHECK_WARNING)
			continue;
		progress_clear();
		report_warning("line %zu: %s", outcome->row->source->line, checks->list[i].message);
	}
}

enum caproof_status batch_report_row(struct batch_run_state *run,
	const struct batch_outcome *outcome, struct error *err) {
	const struct batch_row *row = outcome->row;

	for (size_t i = 0; i < run->batch.platforms.count; i++) {
		if (run->counts[i].platform != row->platform)
			continue;
		run->counts[i].done += outcome->error == NULL;
		run->counts[i].failed += outcome->error != NULL;
	}
	if (outcome->error != NULL) {
		if (run->first_failed == NULL) {
			run->first_failed = row;
			run->first_error = *outcome->error;
		}
		if (run->device_failed == NULL && error_status(outcome->error) == CAPROOF_DEVICE) {
			run->device_failed = row;
			run->device_error = *outcome->error;
		}
		if (row->state != BATCH_BAD) /* those were told before anything was signed */
			say_failure(row->source->line, outcome->error->message, row_hint(outcome->error));
	} else {
		say_warnings(outcome);
	}
	return report_is_json() ? batch_json_row(run, outcome, err) : CAPROOF_OK;
}

static void print_place(FILE *f, const struct batch_run_state *run) {
	const struct token *token;
	char key[400], kind[40];

	fprintf(f, "  CA      %s\n          SHA-256 %s\n", run->ca->subject_text, run->ca->sha256);
	if (run->base.signer == NULL)
		return;
	token = signer_token(run->base.signer);
	public_key_describe(&run->ca->key, kind, sizeof(kind));
	fprintf(f, "  token   '%s' (serial %s)\n", token->label, token->serial);
	fprintf(f, "  key     %s, %s\n", run_key_name(&run->base, key, sizeof(key)), kind);
}

static void print_counts(FILE *f, const struct batch_run_state *run) {
	for (size_t i = 0; i < run->batch.platforms.count; i++) {
		const struct batch_count *count = &run->counts[i];

		fprintf(f, "  %-8s%s: %zu done", i == 0 ? "rows" : "",
			platform_name(run->batch.platforms.list[i].platform), count->done);
		if (count->failed > 0)
			fprintf(f, ", %zu failed", count->failed);
		fputc('\n', f);
	}
}

static void print_summary(const struct batch_run_state *run) {
	char folder[400];

	text_safe(folder, sizeof(folder), run->options->out_dir, strlen(run->options->out_dir));
	fprintf(stderr, "caproof: %zu of %zu proofs are in the folder '%s', and verify\n",
		run->tally.done, run->list->count, folder);
	print_place(stderr, run);
	print_counts(stderr, run);
	if (run->tally.earlier > 0)
		fprintf(stderr, "  earlier %zu of them were made in an earlier run\n", run->tally.earlier);
	fprintf(stderr, "  journal %s in the same folder\n", JOURNAL_NAME);
	fprintf(stderr,
		"  next    'caproof platforms NAME' tells what to do with a proof; with --json\n"
		"          each row has its steps with the real file names\n");
}

enum caproof_status batch_report_done(const struct batch_run_state *run,
	const struct error *why, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	progress_clear();
	if (report_is_json())
		status = batch_json_summary(run, why, err);
	if (status == CAPROOF_OK && run->tally.done > 0 && run->begun && !report_is_quiet())
		print_summary(run);
	return status;
}

/* --- dry run ---------------------------------------------------------------------- */

static void print_row(const struct batch_row *row) {
	char code[200], out[200];

	text_safe(code, sizeof(code), row->code, strlen(row->code));
	text_safe(out, sizeof(out), row->out, strlen(row->out));
	printf("  line %zu: code '%s' for platform '%s' in '%s'%s\n", row->source->line, code,
		platform_name(row->platform), out,
		row->state == BATCH_OPEN ? "" : ": done in an earlier run");
}

/* In the list's order; the summary comes last, from batch_report_done. */
static enum caproof_status json_plan(const struct batch_run_state *run, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < run->list->count; i++) {
		const struct batch_row *row = &run->batch.rows[i];

		status = row->state == BATCH_BAD ? batch_json_bad(run, row, err) :
			batch_json_planned(run, row, err);
	}
	return status;
}

enum caproof_status batch_report_plan(const struct batch_run_state *run, struct error *err) {
	if (report_is_json())
		return json_plan(run, err);
	printf("caproof: every check before the login holds for %zu rows; this would be signed:\n",
		run->list->count - run->batch.bad);
	print_place(stdout, run);
	for (size_t i = 0; i < run->list->count; i++)
		if (run->batch.rows[i].state != BATCH_BAD)
			print_row(&run->batch.rows[i]);
	puts("nothing was signed and nothing was written; fresh keys and serials are drawn each time");
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_set(err, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	return CAPROOF_OK;
}
