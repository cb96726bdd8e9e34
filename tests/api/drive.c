/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives libcaproof as its public header has it, for token.bats: one plan, one token, proofs.
 * What the callbacks were told, and how each call ended, goes to standard output.
 *
 *   drive CA CODE PLATFORM FOLDER MODULE [WORD...]
 *
 *   pin=TEXT  pin-nul  pin-too-long  no-callback  key=URI  final-try  stop=STAGE  nested  der  pss
 *   request=FILE  again (after a failure)  twice (another code, the same token)
 *   fork (and a proof in the child)  out=FILE  silent
 *   free-early (what the plan was made of, before it is used)
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <caproof/caproof.h>

struct drive {
	char **words;
	struct caproof *c;
	struct caproof_ca *ca;
	struct caproof_platform *platform;
	struct caproof_plan *plan;
	struct caproof_token *token;
	void *room; /* that the PIN was put into */
};

/* What stands behind NAME; "" for a word of that name alone; NULL: it is not there. */
static const char *word(const struct drive *d, const char *name) {
	size_t len = strlen(name);

	for (char **w = d->words; *w != NULL; w++) {
		if (strncmp(*w, name, len) == 0 && (*w)[len] == '=')
			return *w + len + 1;
		if (strcmp(*w, name) == 0)
			return "";
	}
	return NULL;
}

static void __attribute__((format(printf, 2, 3))) say(const struct drive *d, const char *fmt, ...) {
	va_list list;

	if (word(d, "silent") != NULL)
		return;
	va_start(list, fmt);
	vprintf(fmt, list);
	va_end(list);
}

static enum caproof_status tell(const struct drive *d, const char *what,
	enum caproof_status status) {
	const struct caproof_error *error = caproof_get0_error(d->c);

	say(d, "%s: %d %s\n", what, (int)status, caproof_error_id(error));
	if (status != CAPROOF_OK && word(d, "silent") == NULL)
		fprintf(stderr, "caproof: %s\nhint: %s\n", caproof_error_message(error),
			caproof_error_hint(error));
	return status;
}

static bool give_pin(void *arg, const struct caproof_pin_prompt *prompt, char *pin, size_t size,
	size_t *length) {
	struct drive *d = arg;
	const char *given = word(d, "pin");

	say(d, "asked: token=%s serial=%s key=%s few=%d final=%d pad=%d size=%zu\n", prompt->token,
		prompt->serial, prompt->key != NULL ? prompt->key : "-", (int)prompt->few_tries,
		(int)prompt->final_try, (int)prompt->pin_pad, size);
	if (word(d, "nested") != NULL)
		say(d, "nested: %d\n", (int)caproof_set_module(d->c, "/other"));
	if (word(d, "pin-too-long") != NULL) {
		*length = size + 1;
		return true;
	}
	if (pin == NULL || given == NULL || strlen(given) > size)
		return false;
	*length = strlen(given);
	memcpy(pin, given, *length);
	*length += word(d, "pin-nul") != NULL;
	d->room = pin;
	return true;
}

static bool tell_stage(void *arg, enum caproof_stage stage) {
	const struct drive *d = arg;
	const char *stop = word(d, "stop");

	say(d, "stage: %d\n", (int)stage);
	return stop == NULL || atoi(stop) != (int)stage;
}

static size_t read_file(const char *path, char *buf, size_t size) {
	FILE *file = fopen(path, "rb");
	size_t len = file != NULL ? fread(buf, 1, size, file) : 0;

	if (file != NULL)
		fclose(file);
	return len;
}

static enum caproof_status make_plan(struct drive *d, const char *code,
	struct caproof_plan **out) {
	char request[8192];
	struct caproof_plan_input input = { .size = sizeof(input) };
	struct caproof_checks *refused;
	enum caproof_status status;

	input.ca = d->ca;
	input.platform = d->platform;
	input.code = *code != '\0' ? code : NULL;
	input.der = word(d, "der") != NULL;
	input.pss = word(d, "pss") != NULL;
	if (word(d, "request") != NULL) {
		input.request = request;
		input.request_size = read_file(word(d, "request"), request, sizeof(request));
	}
	status = caproof_plan_make(d->c, &input, out, &refused);
	for (size_t i = 0; i < caproof_checks_count(refused); i++)
		if (caproof_checks_get0(refused, i)->result == CAPROOF_CHECK_REFUSED)
			say(d, "refused: %s\n", caproof_checks_get0(refused, i)->id);
	caproof_checks_free(refused);
	return tell(d, "plan", status);
}

static int write_file(const char *path, const void *data, size_t size) {
	FILE *file = fopen(path, "wb");
	int failed = file == NULL || fwrite(data, 1, size, file) != size;

	if (file != NULL)
		failed |= fclose(file) != 0;
	return failed;
}

/* Whether the page of the PIN is there. */
static bool pin_is_kept(const struct drive *d) {
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char resident;

	return d->room != NULL &&
		mincore((char *)d->room - (uintptr_t)d->room % page, 1, &resident) == 0;
}

static enum caproof_status prove_once(struct drive *d, const struct caproof_plan *plan) {
	struct caproof_proof *proof;
	enum caproof_status status = tell(d, "prove", caproof_prove(d->c, d->token, plan, &proof));
	const char *out = word(d, "out");
	const void *octets;
	size_t size = 0;

	say(d, "pin: %s\n", pin_is_kept(d) ? "kept" : "gone");
	if (status != CAPROOF_OK)
		return status;
	octets = caproof_proof_octets(proof, &size);
	say(d, "proof: %s, %zu checks, the worst %d\n", caproof_proof_sha256(proof),
		caproof_checks_count(caproof_proof_get0_checks(proof)),
		(int)caproof_checks_result(caproof_proof_get0_checks(proof)));
	say(d, "key: %s\n", caproof_token_key(d->token));
	if (out != NULL && write_file(out, octets, size) != 0)
		status = CAPROOF_OUTPUT;
	if (((const char *)octets)[size] != '\0')
		status = CAPROOF_UNEXPECTED;
	caproof_proof_free(proof);
	return status;
}

/* In a child, with what its parent found and unlocked. */
static enum caproof_status prove_forked(struct drive *d) {
	int ended = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		enum caproof_status status = prove_once(d, d->plan);

		fflush(stdout);
		_exit((int)status);
	}
	return waitpid(child, &ended, 0) == child && WIFEXITED(ended) ?
		(enum caproof_status)WEXITSTATUS(ended) : CAPROOF_UNEXPECTED;
}

static enum caproof_status prove(struct drive *d) {
	struct caproof_plan *second = NULL;
	enum caproof_status status = prove_once(d, d->plan);

	if (status != CAPROOF_OK && word(d, "again") != NULL)
		return prove_once(d, d->plan);
	if (status == CAPROOF_OK && word(d, "fork") != NULL)
		return prove_forked(d);
	if (status != CAPROOF_OK || word(d, "twice") == NULL)
		return status;
	status = make_plan(d, "Second0Code", &second);
	if (status == CAPROOF_OK)
		status = prove_once(d, second);
	caproof_plan_free(second);
	return status;
}

static void free_early(struct drive *d) {
	if (word(d, "free-early") == NULL)
		return;
	caproof_ca_free(d->ca);
	caproof_platform_free(d->platform);
	d->ca = NULL;
	d->platform = NULL;
}

static enum caproof_status drive(struct drive *d, char **argv) {
	enum caproof_status status;

	if (word(d, "no-callback") == NULL)
		caproof_set_pin(d->c, give_pin, d);
	caproof_set_progress(d->c, tell_stage, d);
	caproof_set_final_try(d->c, word(d, "final-try") != NULL);
	if ((status = tell(d, "folder", caproof_set_platforms(d->c, argv[4]))) != CAPROOF_OK ||
		(status = tell(d, "module", caproof_set_module(d->c, argv[5]))) != CAPROOF_OK ||
		(status = tell(d, "ca", caproof_ca_load(d->c, argv[1], &d->ca))) != CAPROOF_OK ||
		(status = tell(d, "platform", caproof_platform_load(d->c, argv[3], &d->platform))) !=
			CAPROOF_OK ||
		(status = make_plan(d, argv[2], &d->plan)) != CAPROOF_OK)
		return status;
	free_early(d);
	status = tell(d, "find", caproof_token_find(d->c, d->plan, word(d, "key"), &d->token));
	if (status != CAPROOF_OK)
		return status;
	say(d, "found: %s %s %s\n", caproof_token_label(d->token), caproof_token_serial(d->token),
		caproof_token_key(d->token) != NULL ? caproof_token_key(d->token) : "-");
	return prove(d);
}

int main(int argc, char **argv) {
	struct drive d = { 0 };
	enum caproof_status status;

	if (argc < 6)
		return 99;
	d.words = argv + 6;
	d.c = caproof_new();
	if (d.c == NULL)
		return 98;
	status = drive(&d, argv);
	/* In no order. */
	caproof_free(d.c);
	caproof_ca_free(d.ca);
	caproof_plan_free(d.plan);
	caproof_token_free(d.token);
	caproof_platform_free(d.platform);
	return (int)status;
}
