/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines by popt.
 */
#include "options.h"

#include <errno.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define OPTIONS_MAX 48

static size_t count(const struct option_spec *table) {
	size_t n = 0;

	while (table[n].name != NULL)
		n++;
	return n;
}

static void to_popt(const struct option_spec *table, struct poptOption *out) {
	size_t n = count(table);

	memset(out, 0, (OPTIONS_MAX + 1) * sizeof(*out));
	for (size_t i = 0; i < n && i < OPTIONS_MAX; i++) {
		out[i].longName = table[i].name;
		out[i].shortName = table[i].letter;
		out[i].argInfo = table[i].argument != NULL ? POPT_ARG_STRING : POPT_ARG_NONE;
		out[i].val = (int)i + 1;
		out[i].descrip = table[i].help;
		out[i].argDescrip = table[i].argument;
	}
}

static size_t common_prefix(const char *a, const char *b) {
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

/* The option that begins most like what was typed; NULL when none does. */
static const char *closest(const struct option_spec *table, const char *typed) {
	const char *best = NULL;
	size_t best_len = 1;

	for (const struct option_spec *o = table; o->name != NULL; o++) {
		size_t len = common_prefix(o->name, typed);

		if (len > best_len) {
			best = o->name;
			best_len = len;
		}
	}
	return best;
}

/* How much of what was typed is an option's name: `-P1234` and `--pin1234` hold a PIN. */
static size_t name_len(const char *typed) {
	if (typed[0] == '-' && typed[1] != '-')
		return strlen(typed) < 2 ? strlen(typed) : 2;
	return strncmp(typed, "--pin", 5) == 0 ? 5 : strcspn(typed, "=0123456789");
}

static void hint_usage(const struct command_line *line, const char *command, struct error *err) {
	error_hint(err, "the usage is: caproof %s %s; 'caproof %s --help' tells more", command,
		line->usage, command);
}

/* Only the option's name is repeated: what stands behind it may be a PIN. */
static enum caproof_status bad_option(const struct command_line *line, const char *command,
	poptContext context, int rc, struct error *err) {
	const char *typed = poptBadOption(context, POPT_BADOPTION_NOALIAS);
	const char *near;
	char shown[80];

	if (rc == POPT_ERROR_MALLOC)
		return error_memory(err);
	text_safe(shown, sizeof(shown), typed, name_len(typed));
	if (rc == POPT_ERROR_NOARG)
		error_set(err, ERROR_USAGE, "option '%s' needs a value", shown);
	else if (rc == POPT_ERROR_BADOPT)
		error_set(err, ERROR_USAGE, "there is no option '%s'", shown);
	else
		error_set(err, ERROR_USAGE, "option '%s': %s", shown, poptStrerror(rc));
	near = rc == POPT_ERROR_BADOPT ? closest(line->table, shown + strspn(shown, "-")) : NULL;
	if (near != NULL)
		error_hint(err, "did you mean '--%s'? 'caproof %s --help' lists the options", near,
			command);
	else
		hint_usage(line, command, err);
	return error_status(err);
}

static enum caproof_status take(const struct option_spec *spec, char **value, char *given,
	struct error *err) {
	if (*value != NULL) {
		free(given);
		error_set(err, ERROR_USAGE, "option '--%s' was given twice", spec->name);
		error_hint(err, "give it once");
		return error_status(err);
	}
	*value = spec->argument != NULL ? given : strdup("");
	return *value != NULL ? CAPROOF_OK : error_memory(err);
}

static enum caproof_status take_operands(const struct command_line *line, const char *command,
	const char **given, char **operands, struct error *err) {
	unsigned n = 0;

	while (given != NULL && given[n] != NULL)
		n++;
	/* Not repeated either: `--pin prompt 1234` ends here. */
	if (n > line->operands_max || n < line->operands_min) {
		error_set(err, ERROR_USAGE, n > line->operands_max ?
			"there is something on the command line that belongs to no option" :
			"something is missing on the command line");
		hint_usage(line, command, err);
		return error_status(err);
	}
	for (unsigned i = 0; i < n; i++) {
		operands[i] = strdup(given[i]);
		if (operands[i] == NULL)
			return error_memory(err);
	}
	return CAPROOF_OK;
}

/* popt 1.19 forgets the operands for which it has no memory; only errno tells. */
static poptContext new_context(int argc, char **argv, const struct poptOption *table) {
	poptContext context;

	errno = 0;
	context = poptGetContext("caproof", argc, (const char **)argv, table, 0);
	if (context == NULL || errno != ENOMEM)
		return context;
	poptFreeContext(context);
	return NULL;
}

static int next_option(poptContext context) {
	int rc;

	errno = 0;
	rc = poptGetNextOpt(context);
	return errno == ENOMEM ? POPT_ERROR_MALLOC : rc;
}

enum caproof_status options_parse(const struct command_line *line, int argc, char **argv,
	char **values, char **operands, struct error *err) {
	struct poptOption table[OPTIONS_MAX + 1];
	poptContext context;
	enum caproof_status status = CAPROOF_OK;
	bool help = false;
	int rc = -1;

	to_popt(line->table, table);
	memset(values, 0, count(line->table) * sizeof(*values));
	memset(operands, 0, (line->operands_max + 1) * sizeof(*operands));
	context = new_context(argc, argv, table);
	if (context == NULL)
		return error_memory(err);
	while (status == CAPROOF_OK && (rc = next_option(context)) > 0) {
		status = take(&line->table[rc - 1], &values[rc - 1], poptGetOptArg(context), err);
		help = help || strcmp(line->table[rc - 1].name, "help") == 0;
	}
	if (status == CAPROOF_OK && rc < -1)
		status = bad_option(line, argv[0], context, rc, err);
	else if (status == CAPROOF_OK && !help)
		status = take_operands(line, argv[0], poptGetArgs(context), operands, err);
	poptFreeContext(context);
	if (status != CAPROOF_OK)
		options_free(line, values, operands);
	return status;
}

void options_free(const struct command_line *line, char **values, char **operands) {
	for (size_t i = 0; i < count(line->table); i++) {
		free(values[i]);
		values[i] = NULL;
	}
	for (unsigned i = 0; i < line->operands_max; i++) {
		free(operands[i]);
		operands[i] = NULL;
	}
}

void options_help(const struct command_line *line, const char *command) {
	struct poptOption table[OPTIONS_MAX + 1];
	char name[64];
	const char *argv[] = { name, NULL };
	poptContext context;

	snprintf(name, sizeof(name), "caproof %s", command);
	to_popt(line->table, table);
	context = poptGetContext("caproof", 1, argv, table, 0);
	if (context == NULL)
		return;
	poptSetOtherOptionHelp(context, line->usage);
	poptPrintHelp(context, stdout, 0);
	poptFreeContext(context);
	printf("\n%s\n", line->about);
}
