/* SPDX-License-Identifier: Apache-2.0
 *
 * The sources of a PIN.  The octets go from where they are into a struct secret and
 * nowhere else; what --pin was given is never repeated, since it may be the PIN.
 */
#include "pin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "interrupt.h"
#include "pin_text.h"
#include "prompt.h"
#include "report.h"

static enum caproof_status refuse_shown_pin(struct error *err) {
	return error_set(err, ERROR_USAGE_PIN_SHOWN, "%s takes a source, not a %s", pin_option(),
		pin_noun());
}

static bool name_is_variable(const char *name) {
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
				      "0123456789";

	return name[0] != '\0' && (name[0] < '0' || name[0] > '9') &&
		name[strspn(name, letters)] == '\0';
}

/* A name can be there more than once; unsetenv only forgets where. */
static void wipe_variable(const char *name) {
	size_t len = strlen(name);

	for (char **entry = environ; *entry != NULL; entry++) {
		if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
			OPENSSL_cleanse(*entry + len + 1, strlen(*entry + len + 1));
	}
	unsetenv(name);
}

/* Move the variable's value out of the environment: /proc shows that memory, and a
 * module could start a child. */
static enum caproof_status take_variable(const char *name, struct secret *secret,
	const char *shown, struct error *err) {
	char *value = getenv(name);
	size_t len;

	if (value == NULL)
		return error_set(err, ERROR_PIN_NONE,
			"there is no %s in %s: it is not set", pin_noun(), shown);
	len = strlen(value);
	secret_set_len(secret, len < SECRET_MAX ? len : SECRET_MAX);
	memcpy(secret_data(secret), value, secret_len(secret));
	wipe_variable(name);
	if (len >= SECRET_MAX)
		return pin_text_too_long(shown, err);
	return pin_text_check(secret, shown, err);
}

/* The variable's name is not repeated: it may have been meant as the PIN. */
static enum caproof_status set_variable(struct pin_source *source, const char *name,
	struct error *err) {
	enum caproof_status status;

	if (!name_is_variable(name))
		return refuse_shown_pin(err);
	source->kind = PIN_ENV;
	snprintf(source->shown, sizeof source->shown, "the environment variable that %s names",
		pin_option());
	status = secret_new(&source->value, err);
	if (status != CAPROOF_OK)
		return status;
	return take_variable(name, source->value, source->shown, err);
}

static enum caproof_status set_fd(struct pin_source *source, const char *number,
	struct error *err) {
	uint64_t fd;

	if (!text_number(number, 0, INT_MAX, &fd))
		return refuse_shown_pin(err);
	source->kind = PIN_FD;
	source->fd = (int)fd;
	snprintf(source->shown, sizeof source->shown, "the file descriptor that %s names",
		pin_option());
	if (fcntl(source->fd, F_GETFD) < 0)
		return error_set(err, ERROR_PIN_NONE, "cannot read %s: it is not open",
			source->shown);
	/* Those of standard input and output are for children as well. */
	if (source->fd > STDERR_FILENO)
		(void)fcntl(source->fd, F_SETFD, FD_CLOEXEC);
	return CAPROOF_OK;
}

static enum caproof_status set_stdin(struct pin_source *source) {
	source->kind = PIN_FD;
	source->fd = STDIN_FILENO;
	snprintf(source->shown, sizeof source->shown, "standard input");
	return CAPROOF_OK;
}

static enum caproof_status set_file(struct pin_source *source, const char *path,
	struct error *err) {
	char safe[256];

	if (path[0] == '\0')
		return refuse_shown_pin(err);
	source->kind = PIN_FILE;
	snprintf(source->shown, sizeof source->shown, "the %s file '%s'", pin_noun(),
		text_safe(safe, sizeof safe, path, strlen(path)));
	source->path = strdup(path);
	return source->path != NULL ? CAPROOF_OK : error_memory(err);
}

/* What follows PREFIX in TEXT, or NULL. */
static const char *after(const char *text, const char *prefix) {
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static enum caproof_status set_source(struct pin_source *source, const char *text,
	struct error *err) {
	const char *rest;

	if (text == NULL || strcmp(text, "prompt") == 0)
		return CAPROOF_OK;
	if (strcmp(text, "stdin") == 0)
		return set_stdin(source);
	if ((rest = after(text, "file:")) != NULL)
		return set_file(source, rest, err);
	if ((rest = after(text, "fd:")) != NULL)
		return set_fd(source, rest, err);
	if ((rest = after(text, "env:")) != NULL)
		return set_variable(source, rest, err);
	return refuse_shown_pin(err);
}

static enum caproof_status finish_source(struct pin_source *source, enum caproof_status status,
	struct pin_source *out) {
	if (status == CAPROOF_OK)
		*out = *source;
	else
		pin_source_clear(source);
	return status;
}

enum caproof_status pin_source_parse(const char *text, struct pin_source *out, struct error *err) {
	struct pin_source source = { .kind = PIN_PROMPT };

	return finish_source(&source, set_source(&source, text, err), out);
}

enum caproof_status pin_source_file(const char *path, struct pin_source *out, struct error *err) {
	struct pin_source source = { .kind = PIN_PROMPT };

	return finish_source(&source, set_file(&source, path, err), out);
}

void pin_source_clear(struct pin_source *source) {
	secret_free(source->value);
	free(source->path);
	*source = (struct pin_source){ .kind = PIN_PROMPT };
}

bool pin_path_is_stdin(const char *path) {
	static const char *const names[] = { "-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0" };

	for (size_t i = 0; path != NULL && i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(path, names[i]) == 0)
			return true;
	}
	return false;
}

bool pin_uses_stdin(const struct pin_source *source) {
	if (source->kind == PIN_FILE)
		return strcmp(source->path, "-") != 0 && pin_path_is_stdin(source->path);
	return source->kind == PIN_FD && source->fd == STDIN_FILENO;
}

bool pin_is_prompt(const struct pin_source *source) {
	return source->kind == PIN_PROMPT;
}

static enum caproof_status ask_one(const char *text, struct secret **out, struct error *err) {
	enum caproof_status status = prompt_secret(text, out, err);

	if (status != CAPROOF_OK)
		return status;
	status = pin_text_check(*out, "what was entered", err);
	if (status != CAPROOF_OK) {
		secret_free(*out);
		*out = NULL;
	}
	return status;
}

/* A new secret, that nothing else will find a typing error in. */
static enum caproof_status ask_twice(struct secret **out, struct error *err) {
	struct secret *first = NULL, *again = NULL;
	enum caproof_status status = ask_one("Pass phrase for the new key: ", &first, err);

	if (status == CAPROOF_OK)
		status = ask_one("The same again: ", &again, err);
	if (status == CAPROOF_OK && !span_equal(secret_span(first), secret_span(again)))
		status = error_set(err, ERROR_PIN_NONE, "the two pass phrases are not the same");
	secret_free(again);
	if (status == CAPROOF_OK)
		*out = first;
	else
		secret_free(first);
	return status;
}

/* "PIN for token 'Ceremony 2026' (serial 00a1), key 'rootCA': " */
static enum caproof_status ask_person(const struct caproof_pin_prompt *prompt,
	struct secret **out, struct error *err) {
	static const char *const warnings[] = { "",
		"a wrong PIN was entered lately: the token allows few more tries\n",
		"one wrong PIN will lock this token\n" };
	const char *warning = warnings[prompt->final_try ? 2 : prompt->few_tries ? 1 : 0];
	bool key = prompt->key != NULL && prompt->key[0] != '\0';
	char text[1024];

	if (prompt->token == NULL)
		return ask_twice(out, err);
	snprintf(text, sizeof text, "%sPIN for token '%s'%s%s%s%s%s%s: ", warning, prompt->token,
		prompt->serial[0] != '\0' ? " (serial " : "", prompt->serial,
		prompt->serial[0] != '\0' ? ")" : "", key ? ", key '" : "", key ? prompt->key : "",
		key ? "'" : "");
	return ask_one(text, out, err);
}

static void warn_of_tries(const struct caproof_pin_prompt *prompt) {
	if (prompt->final_try)
		report_warning("one wrong PIN will lock token '%s'", prompt->token);
	else if (prompt->few_tries)
		report_warning("token '%s' allows few more tries: a wrong PIN was given lately",
			prompt->token);
}

/* A terminal under another name would show what is typed: it is asked as one. */
static enum caproof_status read_source(int fd, const struct pin_source *source,
	const struct caproof_pin_prompt *prompt, struct secret **out, struct error *err) {
	struct secret *secret;
	enum caproof_status status;

	if (isatty(fd))
		return ask_person(prompt, out, err);
	warn_of_tries(prompt);
	status = secret_new(&secret, err);
	if (status != CAPROOF_OK)
		return status;
	status = pin_text_read(fd, secret, source->shown, err);
	if (status != CAPROOF_OK) {
		secret_free(secret);
		return status;
	}
	*out = secret;
	return CAPROOF_OK;
}

static void warn_if_shared(int fd, const struct pin_source *source) {
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH) != 0)
		report_warning("%s can be read by every user of this machine", source->shown);
}

static int open_pin_file(const char *path) {
	int fd;

	do {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	} while (fd < 0 && errno == EINTR && !interrupt_pending());
	return fd;
}

static enum caproof_status ask_file(const struct pin_source *source,
	const struct caproof_pin_prompt *prompt, struct secret **out, struct error *err) {
	enum caproof_status status;
	int fd = open_pin_file(source->path);

	if (fd < 0 && interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED, "interrupted while opening %s",
			source->shown);
	if (fd < 0)
		return error_set(err, ERROR_PIN_NONE, "cannot read %s: %s", source->shown,
			errno_text(errno));
	warn_if_shared(fd, source);
	status = read_source(fd, source, prompt, out, err);
	close(fd);
	return status;
}

static enum caproof_status ask_fd(struct pin_source *source,
	const struct caproof_pin_prompt *prompt, struct secret **out, struct error *err) {
	enum caproof_status status;
	int fd = source->fd;

	if (fd < 0)
		return error_set(err, ERROR_PIN_NONE, "%s was read already", source->shown);
	status = read_source(fd, source, prompt, out, err);
	/* The standard ones stay open, so that no other file takes their number. */
	if (fd > STDERR_FILENO)
		close(fd);
	source->fd = -1;
	return status;
}

static enum caproof_status ask_variable(struct pin_source *source,
	const struct caproof_pin_prompt *prompt, struct secret **out, struct error *err) {
	if (source->value == NULL)
		return error_set(err, ERROR_PIN_NONE, "%s was read already", source->shown);
	warn_of_tries(prompt);
	*out = source->value;
	source->value = NULL;
	return CAPROOF_OK;
}

enum caproof_status pin_ask(void *arg, const struct caproof_pin_prompt *prompt,
	struct secret **out, struct error *err) {
	struct pin_source *source = arg;
	enum caproof_status status = CAPROOF_UNEXPECTED;

	interrupt_timeout_pause();
	switch (source->kind) {
	case PIN_PROMPT:
		status = ask_person(prompt, out, err);
		break;
	case PIN_FILE:
		status = ask_file(source, prompt, out, err);
		break;
	case PIN_FD:
		status = ask_fd(source, prompt, out, err);
		break;
	case PIN_ENV:
		status = ask_variable(source, prompt, out, err);
		break;
	}
	interrupt_timeout_resume();
	return status;
}

/* Said even with --quiet: the tool waits for a person. */
/* The time that a person takes at the reader does not count; the caller lets the clock go
 * on after the login. */
void pin_notify(void *arg, const struct caproof_pin_prompt *prompt) {
	(void)arg;
	interrupt_timeout_pause();
	warn_of_tries(prompt);
	fprintf(stderr, "caproof: enter the PIN on the reader of token '%s'\n", prompt->token);
}
