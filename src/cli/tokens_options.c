/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `caproof tokens`.  What is only good with a login is refused without
 * one: a PIN that nobody uses was meant for something else.
 */
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report.h"

#define OPTION_FILE "tokens_options.def"
#include "option_table.h"

const struct command_line tokens_command_line = {
	"[-m MODULE] [-k URI] [--login [--pin SOURCE]] [OPTION...]",
	"Lists tokens, and the keys and certificates in them, with PKCS#11 URIs that can be pasted\n"
	"into the other commands.  It reads, and changes nothing.  Without --login it asks for no\n"
	"PIN and shows public objects only.\n\n"
	"Example:\n"
	"  caproof tokens -m /usr/lib/softhsm/libsofthsm2.so -k 'pkcs11:token=Ceremony' --login\n\n"
	"Exit codes: 0 done, 2 command line, 4 module or token (none at all included), 5 PIN,\n"
	"6 several tokens to log in to, 7 output, 130 and 143 interrupted.  See caproof(1).",
	table, 0, 0
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= TOKENS_OPTION_COUNT, "room for every value");

static enum caproof_status refuse(const char *what, const char *hint, struct error *err) {
	error_set(err, ERROR_USAGE, "%s", what);
	error_hint(err, "%s", hint);
	return error_status(err);
}

/* --module, else the URI's module-path, else the environment, else p11-kit's proxy. */
static enum caproof_status choose_module(const char *option, struct tokens_options *o,
	struct error *err) {
	const char *path = o->key != NULL ? uri_module_path(o->key) : NULL;
	const char *environment = getenv("CAPROOF_MODULE");

	if (option != NULL && path != NULL && strcmp(option, path) != 0)
		return refuse("two different PKCS#11 modules are named",
			"leave out --module, or the module-path of the URI", err);
	o->module = option != NULL ? option : path;
	if (o->module == NULL && environment != NULL && environment[0] != '\0')
		o->module = environment;
	return CAPROOF_OK;
}

static enum caproof_status choose_pin(char **values, struct tokens_options *o, struct error *err) {
	const char *source = o->key != NULL ? uri_pin_source(o->key) : NULL;
	/* First, so that a PIN that was typed is refused as one. */
	enum caproof_status status = pin_source_parse(values[PIN], &o->pin, err);

	if (status != CAPROOF_OK)
		return status;
	if (!o->login && (values[PIN] != NULL || o->allow_final_try))
		return refuse("'--pin' and '--allow-final-try' are of no use without a login",
			"add --login, or leave them out", err);
	if (source == NULL || !o->login)
		return CAPROOF_OK;
	if (values[PIN] != NULL)
		return refuse("'--pin' and the pin-source of the URI both say where the PIN is",
			"give one of them", err);
	pin_source_clear(&o->pin);
	return pin_source_file(source, &o->pin, err);
}

enum caproof_status tokens_options_parse(char **values, struct tokens_options *o,
	struct error *err) {
	uint64_t seconds = 0;
	enum caproof_status status = CAPROOF_OK;

	memset(o, 0, sizeof(*o));
	report_setup("tokens", values[QUIET] != NULL, values[VERBOSE] != NULL, values[JSON] != NULL);
	o->login = values[LOGIN] != NULL;
	o->allow_final_try = values[ALLOW_FINAL_TRY] != NULL;
	o->json = values[JSON] != NULL;
	if (values[TIMEOUT] != NULL && !text_number(values[TIMEOUT], 0, 86400, &seconds))
		return refuse("the value of '--timeout' is not a number of seconds from 0 to 86400",
			"'caproof tokens --help' lists the options", err);
	o->timeout = (unsigned)seconds;
	if (values[KEY] != NULL)
		status = uri_parse(values[KEY], URI_COMMAND_LINE, &o->key, err);
	if (status == CAPROOF_OK)
		status = choose_module(values[MODULE], o, err);
	if (status == CAPROOF_OK)
		status = choose_pin(values, o, err);
	if (status != CAPROOF_OK)
		tokens_options_clear(o);
	return status;
}

bool tokens_wants_help(char **values) {
	return values[HELP] != NULL;
}

void tokens_options_clear(struct tokens_options *o) {
	uri_free(o->key);
	pin_source_clear(&o->pin);
	o->key = NULL;
}
