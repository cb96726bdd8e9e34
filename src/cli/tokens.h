/* SPDX-License-Identifier: Apache-2.0
 *
 * What `caproof tokens` was asked for, what it found, and how it says so: shared by the
 * files tokens_*.c and cmd_tokens.c only.
 */
#ifndef CAPROOF_CLI_TOKENS_H
#define CAPROOF_CLI_TOKENS_H

#include "options.h"
#include "pin.h"
#include "token/ability.h"
#include "token/inventory.h"
#include "token/uri.h"
#include "x509/glance.h"

struct tokens_options {
	const char *module;       /* NULL: p11-kit's proxy; borrowed */
	struct uri *key;          /* only what fits it is shown; NULL: everything */
	struct pin_source pin;
	bool login, allow_final_try, json;
	unsigned timeout;         /* seconds; 0: none */
};

extern const struct command_line tokens_command_line;
#define TOKENS_OPTION_COUNT 16

/* VALUES must outlive OUT. */
NODISCARD enum caproof_status tokens_options_parse(char **values, struct tokens_options *out,
	struct error *err);
void tokens_options_clear(struct tokens_options *options);
bool tokens_wants_help(char **values);

struct tokens_certificate {
	const struct inventory_object *object;
	struct glance glance;
	char *uri;
	bool shown;               /* it fits --key */
};

/* A private key, or a public one whose private half cannot be seen or is not there. */
struct tokens_key {
	const struct inventory_object *private, *public; /* at least one; the other may be NULL */
	const struct tokens_certificate *certificate;    /* the one of this key, or NULL */
	char *uri, *label, *id, *type;
	bool shown;
};

struct tokens_place {
	struct token token;
	char *uri;
	bool hidden;              /* private objects cannot be seen: nobody logged in */
	struct ability abilities[ABILITY_MAX];
	size_t ability_count;
	struct inventory inventory;
	struct tokens_key *keys;
	size_t key_count;
	struct tokens_certificate *certificates;
	size_t certificate_count;
};

struct tokens_module {
	char *path, *description, *version;
};

/* Everything that a run owns. */
struct tokens_run {
	const struct tokens_options *options;
	struct module *module;
	struct tokens_module shown; /* outlives the module */
	struct token *tokens;     /* all that the module has */
	size_t token_count;
	struct tokens_place *places; /* those that fit --key */
	size_t count;
	struct error unread;      /* why a slot is not among the tokens */
	struct error incomplete;  /* that, where it means that the list may lack something */
	bool listed;              /* the list was printed, INCOMPLETE in it */
	char *stopped_text, *stopped_json, *late_text, *late_json; /* see interrupt.h */
};

/* Find the tokens, and with --login the one to log in to, before anything is asked. */
NODISCARD enum caproof_status tokens_find(struct tokens_run *run, struct error *err);
/* Read them all; the one login of a run is in here. */
NODISCARD enum caproof_status tokens_read(struct tokens_run *run, struct error *err);
/* From the inventory to keys and certificates that belong together. */
NODISCARD enum caproof_status tokens_pair(struct tokens_place *place, const struct uri *wanted,
	struct error *err);
void tokens_place_clear(struct tokens_place *place);

/* "RSA PKCS#1 v1.5" */
const char *tokens_scheme_name(enum scheme scheme);

/* On standard output. */
NODISCARD enum caproof_status tokens_print(const struct tokens_run *run, struct error *err);
NODISCARD enum caproof_status tokens_print_json(const struct tokens_run *run, struct error *err);

#endif
