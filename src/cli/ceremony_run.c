/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony run`: the gates, a typed confirmation, one login, every item.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "ceremony/ceremony.h"
#include "ceremony/seal_file.h"
#include "ceremony/words.h"
#include "ceremony_cmd.h"
#include "ceremony_run.h"
#include "interrupt.h"
#include "report.h"

#define OPTION_FILE "ceremony_run_options.def"
#include "option_table.h"

static const struct command_line line = {
	"DIR -m MODULE --policy-sha256 HASH [OPTION...]\n"
	"       caproof ceremony run DIR --rehearse --policy-sha256 HASH [OPTION...]",
	"Carries a planned ceremony out: holds it against every gate, asks for the first two words\n"
	"of the plan hash ('caproof ceremony show' ends with them), logs in once, and signs each\n"
	"item.  What happens is in the transcript before it happens.  No option forces anything.  A\n"
	"rehearsal passes the same gates, then signs in the new folder DIR.rehearsal with a key that\n"
	"is made for it: no token is asked, and DIR stays as it is.\n\n"
	"Example:\n"
	"  caproof ceremony run ceremony-2026-11 -m /usr/lib/softhsm/libsofthsm2.so \\\n"
	"      --policy-sha256 5f1c…\n\n"
	"Exit codes: 0 done, 2 command line, 3 no ceremony, 4 module or token, 5 PIN, 6 key,\n"
	"7 transcript or output, 8 a signature does not verify, 9 a gate is shut, 130 and 143\n"
	"interrupted.  See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

/* --- options -------------------------------------------------------------------------- */

static enum caproof_status parse_retry(char **values, struct ceremony_gates *gates,
	struct error *err) {
	uint64_t index = 0;

	gates->retry = -1;
	gates->reason = values[REASON];
	if ((values[RETRY] != NULL) != (values[REASON] != NULL))
		return common_conflict("a retry needs a reason, and a reason a retry",
			"give both --retry and --reason", err);
	if (values[RETRY] == NULL)
		return CAPROOF_OK;
	if (!text_number(values[RETRY], 0, CEREMONY_ITEMS_MAX, &index))
		return common_bad_value("ceremony run", "retry", "the number of an item", err);
	gates->retry = (long)index;
	return CAPROOF_OK;
}

static enum caproof_status parse(char **values, struct carrying_out *run, struct error *err) {
	struct common_values common = {
		.command = "ceremony run",
		.module = values[MODULE],
		.pin = values[REHEARSE] == NULL ? values[PIN] : NULL,
		.timeout = values[TIMEOUT],
		.allow_final_try = values[ALLOW_FINAL_TRY] != NULL,
		.quiet = values[QUIET] != NULL,
		.verbose = values[VERBOSE] != NULL,
	};
	enum caproof_status status = common_options_parse(&common, &run->common, err);

	run->base.options = &run->common;
	run->gates.policy_sha256 = values[POLICY_SHA256];
	run->confirm = values[CONFIRM];
	run->rehearse = values[REHEARSE] != NULL;
	if (status != CAPROOF_OK)
		return status;
	if (run->rehearse && values[RETRY] != NULL)
		return common_conflict("a retry is not rehearsed", "leave out --retry and --reason, or "
			"--rehearse", err);
	if (values[MODULE] == NULL && !run->rehearse)
		return common_conflict("no PKCS#11 module was given", "name it with --module: through "
			"p11-kit's proxy every configured module would be loaded", err);
	if (values[POLICY_SHA256] == NULL)
		return common_conflict("the policy's hash was not given", "give it with --policy-sha256, "
			"from the ceremony's form or another place outside of the bundle", err);
	if ((status = common_sha256("ceremony run", "policy-sha256", values[POLICY_SHA256], err)) !=
		CAPROOF_OK ||
		(status = common_text("ceremony run", "reason", values[REASON], err)) != CAPROOF_OK)
		return status;
	return parse_retry(values, &run->gates, err);
}

/* --- the steps ------------------------------------------------------------------------- */

/* Whatever else is wrong with it: nobody is to mend what is closed. */
static enum caproof_status refuse_sealed(const struct carrying_out *run, struct error *err) {
	error_reset(err);
	error_set(err, ERROR_GATE, "the ceremony in '%s' is sealed: nothing is added to it",
		run->c->bundle.name);
	error_hint(err, "make a new plan");
	return error_status(err);
}

/* The command line holds no secret: a PIN has no place in it. */
static char *join_arguments(const struct carrying_out *run) {
	char *text = strdup("caproof ceremony run"), *longer;

	for (int i = 1; text != NULL && i < run->argc; i++) {
		char shown[1024];

		if (asprintf(&longer, "%s %s", text, text_safe(shown, sizeof(shown), run->argv[i],
			strlen(run->argv[i]))) < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	return text;
}

enum caproof_status carry_record_start(struct carrying_out *run, struct error *err) {
	char host[256] = "";
	char *arguments = join_arguments(run);
	enum caproof_status status = CAPROOF_OK;

	if (arguments == NULL)
		return error_memory(err);
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	if (run->rehearse && run->c == &run->planned)
		transcript_pretend(&run->c->transcript);
	else
		status = transcript_begin(&run->c->transcript, err);
	if (status == CAPROOF_OK)
		status = transcript_add(&run->c->transcript, EVENT_RUN_START, err, "s:s, s:s, s:s*, s:s",
			"caproof", CAPROOF_VERSION, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING),
			"host", host[0] != '\0' ? host : NULL, "argv", arguments);
	/* Nothing stands before run.start, not even why there is none. */
	run->begun = status == CAPROOF_OK;
	if (status == CAPROOF_OK)
		status = transcript_tell_torn(&run->c->transcript, err);
	free(arguments);
	return status;
}

/* Its hash is taken before its code runs. */
static enum caproof_status record_module(struct carrying_out *run, struct error *err) {
	struct bytes file = BYTES_INIT;
	struct error why = ERROR_INIT;
	char sha256[SHA256_HEX_SIZE], shown[1024];
	const char *path = run->common.module_option;
	enum caproof_status status = file_read(path, "module", &file, &why);

	if (status != CAPROOF_OK)
		status = error_set(err, why.id == ERROR_MEMORY ? ERROR_MEMORY : ERROR_MODULE_LOAD, "%s",
			why.message);
	else
		status = sha256_hex(bytes_span(&file), sha256, err);
	bytes_clear(&file);
	return status == CAPROOF_OK ? transcript_add(&run->c->transcript, EVENT_MODULE, err,
		"s:s, s:s", "path", text_safe(shown, sizeof(shown), path, strlen(path)), "sha256",
		sha256) : status;
}

/* Shut the gate GATE for the reason in ERR, which keeps its next step. */
static enum caproof_status refuse_for(struct carrying_out *run, const char *gate,
	struct error *err) {
	struct error why = *err;

	error_reset(err);
	if (ceremony_refuse(run->c, gate, err, "%s", why.message) == CAPROOF_GATE)
		error_hint(err, "%s", error_hint_text(&why));
	return error_status(err);
}

/* A token or key that is not the planned one is a gate; a token that does not answer is not. */
static enum caproof_status refuse_token(struct carrying_out *run, struct error *err) {
	return error_status(err) == CAPROOF_KEY || err->id == ERROR_TOKEN_MISSING ?
		refuse_for(run, "token", err) : error_status(err);
}

static enum caproof_status locate(struct carrying_out *run, struct error *err) {
	const struct ceremony_plan *plan = &run->c->plan;
	const struct token *token;
	enum caproof_status status = CAPROOF_OK;

	if (plan->key_uri != NULL)
		status = uri_parse(plan->key_uri, URI_IN_FILE, &run->common.key, err);
	if (status == CAPROOF_OK)
		status = run_locate_for(&run->base, &plan->ca->key, bytes_span(&plan->ca->der),
			&plan->algorithm, 1, err);
	if (status != CAPROOF_OK)
		return refuse_token(run, err);
	token = signer_token(run->base.signer);
	return transcript_add(&run->c->transcript, EVENT_TOKEN, err, "s:s, s:s, s:s, s:s, s:s, s:I",
		"label", token->label, "serial", token->serial, "manufacturer", token->manufacturer,
		"model", token->model, "firmware", token->firmware, "flags",
		(long long)token->info.flags);
}

static enum caproof_status ask_words(struct ceremony *c, char *buf, size_t size,
	struct error *err) {
	FILE *tty = fopen("/dev/tty", "r+e");
	enum caproof_status status;

	buf[0] = '\0';
	if (tty == NULL) {
		status = ceremony_refuse(c, "confirmation", err, "nobody is there to confirm the plan: "
			"there is no terminal");
		error_hint(err, "give the first two words of the plan hash with --confirm");
		return status;
	}
	fputs("Type the first two words of the plan hash to begin: ", tty);
	fflush(tty);
	interrupt_timeout_pause();
	while (!interrupt_pending() && !interrupt_wait(fileno(tty)))
		;
	if (interrupt_pending() || fgets(buf, (int)size, tty) == NULL)
		dprintf(fileno(tty), "\n"); /* not through TTY: it has been read from */
	interrupt_timeout_resume();
	fclose(tty);
	if (interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED, "interrupted while asking for the words");
	buf[strcspn(buf, "\n")] = '\0';
	return CAPROOF_OK;
}

enum caproof_status carry_confirm(struct carrying_out *run, struct error *err) {
	struct ceremony *c = run->c;
	char typed[128];
	const char *words = run->confirm;
	enum caproof_status status = CAPROOF_OK;

	if (words == NULL) {
		status = ask_words(c, typed, sizeof(typed), err);
		words = typed;
	}
	if (status != CAPROOF_OK)
		return status;
	if (!words_confirm(span_of(c->plan.hash, sizeof(c->plan.hash)), words)) {
		status = ceremony_refuse(c, "confirmation", err, "these are not the first two words of the "
			"plan hash");
		error_hint(err, "'caproof ceremony show' ends with the words; type them in lower case, "
			"with one blank between them");
		return status;
	}
	return transcript_add(&c->transcript, EVENT_GATE_PASSED, err, "s:s, s:I", "plan_sha256",
		c->plan.sha256, "approvals", (long long)c->approvals.approving);
}

/* The PIN may have been right and something else wrong: then that is the abort's business. */
static enum caproof_status record_login(struct carrying_out *run, const struct error *why,
	struct error *err) {
	bool refused = why->id != ERROR_NONE && error_status(why) != CAPROOF_KEY;

	return transcript_add(&run->c->transcript, EVENT_LOGIN, err, "s:s", "result",
		refused ? error_id_name(why->id) : "ok");
}

static enum caproof_status log_in(struct carrying_out *run, struct error *err) {
	struct signer_attributes attributes;
	struct error why = ERROR_INIT;
	enum caproof_status unlocked = run_unlock(&run->base, &why);
	enum caproof_status status = record_login(run, &why, err);

	if (status != CAPROOF_OK)
		return status;
	if (unlocked != CAPROOF_OK) {
		*err = why;
		return unlocked;
	}
	status = signer_attributes(run->base.signer, &attributes, err);
	return status == CAPROOF_OK ? ceremony_check_key(run->c, signer_get0_key(run->base.signer),
		&attributes, err) : status;
}

static void on_item(void *arg, const struct ceremony_item *item, const char *done) {
	const struct carrying_out *run = arg;

	report_note("  item %ld  '%s', %ld of %zu", item->index, done, item->index + 1,
		run->c->plan.count);
}

static bool cancelled(void *arg) {
	(void)arg;
	return interrupt_pending();
}

struct ceremony_events carry_events(struct carrying_out *run) {
	return (struct ceremony_events){ on_item, cancelled, run };
}

/* Whatever stopped the run after the transcript was begun is the last thing in it. */
enum caproof_status carry_note_end(struct carrying_out *run, struct error *err) {
	struct error late = ERROR_INIT;

	if (err->hint[0] == '\0' && err->id == ERROR_INTERRUPTED)
		error_hint(err, "nothing was signed; the record tells it: run it again");
	if (err->id == ERROR_OUTPUT_WRITE && !run->rehearse)
		error_hint(err, "check the folder, its permissions and the free space, then run it again: "
			"what is in place stays, and the run names an item that was signed and not kept");
	if (run->begun && !transcript_is_ended(&run->c->transcript) &&
		transcript_add(&run->c->transcript, EVENT_ABORT, &late, "s:s, s:s", "why", err->message,
			"id", error_id_name(err->id)) != CAPROOF_OK && err->id != ERROR_OUTPUT_WRITE)
		*err = late;
	return error_status(err);
}

/* A plan or policy that cannot be read as one is a gate as well, and is in the record. */
enum caproof_status carry_open(struct carrying_out *run, const char *path,
	struct error *err) {
	const char *gate = NULL;
	struct error late = ERROR_INIT;

	enum caproof_status opened = ceremony_open(path, run->common.now, run->c, err);
	if (run->c->bundle.folder >= 0 && err->id != ERROR_MEMORY &&
		bundle_has(&run->c->bundle, SEAL_FILE))
		return refuse_sealed(run, err);
	if (opened == CAPROOF_OK)
		return CAPROOF_OK;
	if (run->c->bundle.folder < 0 || (gate = ceremony_shut_gate(run->c, err)) == NULL)
		return error_status(err);
	if (carry_record_start(run, &late) != CAPROOF_OK) {
		*err = late;
		return error_status(err);
	}
	return refuse_for(run, gate, err);
}

static enum caproof_status sign_with_token(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	return signer_sign(arg, algorithm, message, signature, err);
}

/* The story of a run, told in order. */
static enum caproof_status carry_out(struct carrying_out *run, struct error *err) {
	const struct ceremony_events events = carry_events(run);
	struct ceremony_key key = { sign_with_token, NULL };

	if (carry_record_start(run, err) != CAPROOF_OK ||
		ceremony_gates(run->c, &run->gates, err) != CAPROOF_OK ||
		record_module(run, err) != CAPROOF_OK ||
		locate(run, err) != CAPROOF_OK ||
		carry_confirm(run, err) != CAPROOF_OK ||
		log_in(run, err) != CAPROOF_OK)
		return carry_note_end(run, err);
	key.arg = run->base.signer;
	if (ceremony_sign(run->c, &key, &events, err) != CAPROOF_OK)
		return carry_note_end(run, err);
	report_note("caproof: all %zu items are signed, verified and in place\n"
		"  next    operator and witness seal the record with 'caproof ceremony seal'",
		run->c->plan.count);
	return CAPROOF_OK;
}

static void run_ceremony(struct carrying_out *run, const char *path, struct error *err) {
	interrupt_set_many();
	if (run->rehearse)
		(void)carry_rehearse(run, path, err);
	else if (run_prepare(&run->base, err) == CAPROOF_OK && carry_open(run, path, err) == CAPROOF_OK)
		(void)carry_out(run, err);
}

int ceremony_run(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	struct carrying_out run = { .base = { .stopped_hint = "what is finished is in place and in the "
		"transcript; run it again to go on" }, .planned = { .bundle = { -1, NULL, NULL } },
		.rehearsed = { .bundle = { -1, NULL, NULL } }, .argc = argc, .argv = argv };
	int code = CAPROOF_OK;

	run.c = &run.planned;
	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	if (values[HELP] != NULL) {
		options_help(&line, argv[0]);
	} else {
		if (parse(values, &run, &err) == CAPROOF_OK)
			run_ceremony(&run, operands[0], &err);
		code = run_finish(&run.base, &err);
		common_options_clear(&run.common);
	}
	ceremony_clear(&run.planned);
	ceremony_clear(&run.rehearsed);
	rehearsal_key_clear(&run.key);
	options_free(&line, values, operands);
	return code;
}
