/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: each command's options are one table; this is the only file that
 * uses popt.  Alias files are never read (an alias can override an option and run
 * programs), every value stays text until its owner parses it strictly, and an option
 * given twice is an error.
 */
#ifndef CAPROOF_CLI_OPTIONS_H
#define CAPROOF_CLI_OPTIONS_H

#include "base/error.h"

struct option_spec {
	const char *name;     /* long name */
	char letter;          /* short name, or 0 */
	const char *argument; /* "FILE"; NULL for a switch */
	const char *help;
};

/* Ends a table. */
#define OPTION_END { NULL, 0, NULL, NULL }

struct command_line {
	const char *usage;                /* "[OPTION…] -c CA --code CODE" */
	const char *about;                /* one sentence under the usage */
	const struct option_spec *table;
	unsigned operands_min, operands_max;
};

/* Parse ARGV (argv[0] is the command's name).  VALUES[i] receives the value of table[i],
 * "" for a switch, NULL when not given; OPERANDS what is no option (NULL-terminated, room
 * for operands_max + 1).  Everything is freed with options_free.  Errors: usage. */
NODISCARD enum caproof_status options_parse(const struct command_line *line, int argc, char **argv,
	char **values, char **operands, struct error *err);
void options_free(const struct command_line *line, char **values, char **operands);

/* The help page, on standard output. */
void options_help(const struct command_line *line, const char *command);

#endif
