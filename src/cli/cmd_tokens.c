/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof tokens`: find, read, let the module go, print.  All that can fail comes
 * before the first line of the list, so that there is either a whole list or none; only a
 * slot that cannot be read does not keep the others back.
 */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "interrupt.h"
#include "memory.h"
#include "report.h"
#include "tokens.h"

static enum caproof_status stop_if_interrupted(struct error *err) {
	if (interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED, "interrupted");
	return CAPROOF_OK;
}

/* What is said by those who may not format: the second Ctrl-C and the watchdog. */
static enum caproof_status prepare_texts(struct tokens_run *run, struct error *err) {
	struct error late = ERROR_INIT, stopped = ERROR_INIT;

	error_set(&stopped, ERROR_INTERRUPTED, "interrupted");
	error_set(&late, ERROR_TIMEOUT, "the PKCS#11 module did not answer within %u seconds",
		run->options->timeout);
	if (!report_prepare(&stopped, &run->stopped_text, &run->stopped_json) ||
		!report_prepare(&late, &run->late_text, &run->late_json))
		return error_memory(err);
	interrupt_set_texts(run->stopped_text, run->stopped_json);
	return interrupt_timeout_start(run->options->timeout, run->late_text, run->late_json, err);
}

static enum caproof_status remember_module(struct tokens_run *run, struct error *err) {
	const char *path = module_path(run->module);

	run->shown.path = text_safe_dup(path, strlen(path));
	run->shown.description = strdup(module_description(run->module));
	run->shown.version = strdup(module_version(run->module));
	if (run->shown.path == NULL || run->shown.description == NULL || run->shown.version == NULL)
		return error_memory(err);
	return CAPROOF_OK;
}

static void let_go(struct tokens_run *run) {
	module_close(run->module);
	run->module = NULL;
	interrupt_timeout_stop();
}

/* A card that is no token (a bank's), or one that was just taken out, is no failure, and
 * neither is a broken token when others were named.  Otherwise the list is not what was
 * asked for: it is shown, and the exit code tells. */
static void judge_unread(struct tokens_run *run) {
	const struct uri *wanted = run->options->key;

	if (run->unread.id == ERROR_NONE)
		return;
	if (run->unread.id == ERROR_TOKEN_MISSING || (wanted != NULL && uri_names_token(wanted))) {
		report_warning("%s; it is not in the list", run->unread.message);
		return;
	}
	run->incomplete = run->unread;
	error_context(&run->incomplete, "the list is not complete");
}

static enum caproof_status run_tokens(struct tokens_run *run, struct error *err) {
	enum caproof_status status;

	if ((status = prepare_texts(run, err)) != CAPROOF_OK ||
		(status = module_open(run->options->module, &run->module, err)) != CAPROOF_OK ||
		(status = stop_if_interrupted(err)) != CAPROOF_OK ||
		(status = tokens_find(run, err)) != CAPROOF_OK ||
		(status = tokens_read(run, err)) != CAPROOF_OK ||
		(status = remember_module(run, err)) != CAPROOF_OK)
		return status;
	let_go(run);
	if ((status = stop_if_interrupted(err)) != CAPROOF_OK)
		return status;
	/* A certificate that could not be read may be a good one. */
	if (memory_ran_out())
		return error_memory(err);
	judge_unread(run);
	status = report_is_json() ? tokens_print_json(run, err) : tokens_print(run, err);
	if (status != CAPROOF_OK || run->incomplete.id == ERROR_NONE)
		return status;
	run->listed = true;
	*err = run->incomplete;
	return error_status(err);
}

static int finish(struct tokens_run *run, const struct error *err) {
	int code = CAPROOF_OK;

	if (err->id != ERROR_NONE)
		code = run->listed ? report_error_text(err) : report_error(err);
	if (err->id == ERROR_INTERRUPTED)
		code = interrupt_status();
	let_go(run);
	for (size_t i = 0; i < run->count; i++)
		tokens_place_clear(&run->places[i]);
	free(run->places);
	free(run->tokens);
	free(run->shown.path);
	free(run->shown.description);
	free(run->shown.version);
	interrupt_finish();
	interrupt_set_texts(NULL, NULL);
	free(run->stopped_text);
	free(run->stopped_json);
	free(run->late_text);
	free(run->late_json);
	return code;
}

int cmd_tokens(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[TOKENS_OPTION_COUNT], *operands[1];
	struct tokens_options options;
	struct tokens_run run = { .options = &options };
	int code;

	if (options_parse(&tokens_command_line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (tokens_wants_help(values)) {
		options_help(&tokens_command_line, argv[0]);
		code = CAPROOF_OK;
	} else if (tokens_options_parse(values, &options, &err) != CAPROOF_OK) {
		code = report_error(&err);
	} else {
		if (run_tokens(&run, &err) != CAPROOF_OK && err.id == ERROR_NONE)
			error_set(&err, ERROR_INTERNAL, "a step failed without saying why");
		code = finish(&run, &err);
		tokens_options_clear(&options);
	}
	options_free(&tokens_command_line, values, operands);
	return code;
}
