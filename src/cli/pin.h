/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the PIN comes from (--pin SRC).  A source is read once; the PIN then belongs
 * to whoever asked.  A PIN itself is never taken from the command line.
 */
#ifndef CAPROOF_CLI_PIN_H
#define CAPROOF_CLI_PIN_H

#include <stdbool.h>

#include "base/secret.h"

enum pin_kind { PIN_PROMPT, PIN_FILE, PIN_FD, PIN_ENV };

/* Zeroed, it is the prompt. */
struct pin_source {
	enum pin_kind kind;
	char *path;           /* PIN_FILE; owned */
	int fd;               /* PIN_FD; -1 once it is read */
	struct secret *value; /* PIN_ENV; owned; NULL once it is asked for */
	char shown[300];      /* "the PIN file 'x'" */
};

/* TEXT is what --pin was given: prompt, file:PATH, fd:N, env:VAR or stdin; NULL means
 * prompt.  Call it before any module is loaded: a variable is read, overwritten and
 * unset here, and a descriptor is closed on exec from now on.  Errors: usage.pin (TEXT
 * is something else, perhaps a PIN, and is not repeated), pin.none, pin.length. */
NODISCARD enum caproof_status pin_source_parse(const char *text, struct pin_source *out,
	struct error *err);
/* The file PATH: a URI's pin-source. */
NODISCARD enum caproof_status pin_source_file(const char *path, struct pin_source *out,
	struct error *err);
void pin_source_clear(struct pin_source *source); /* a zeroed or cleared one is fine */

/* Whether reading the source takes from standard input, by whatever name. */
bool pin_uses_stdin(const struct pin_source *source);
/* Whether the input PATH is standard input: "-" or one of its names; NULL is not. */
bool pin_path_is_stdin(const char *path);
/* Whether a person is asked, by a prompt that names the token. */
bool pin_is_prompt(const struct pin_source *source);

/* For struct signer_pin; ARG is the struct pin_source.  A PROMPT without a token asks for a
 * new pass phrase, on a terminal twice.  Errors: pin.none (nothing there, empty,
 * no terminal, not one line), pin.length, interrupted. */
NODISCARD enum caproof_status pin_ask(void *arg, const struct caproof_pin_prompt *prompt,
	struct secret **out, struct error *err);
void pin_notify(void *arg, const struct caproof_pin_prompt *prompt);

#endif
