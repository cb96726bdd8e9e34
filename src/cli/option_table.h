/* SPDX-License-Identifier: Apache-2.0
 *
 * A command's options: from OPTION_FILE, which the command defines, come an enum to index
 * the values with and the table that is parsed, told by --help and compared with the manual.
 * Included once a command, behind options.h; so it has no guard.
 */
enum option {
#define OPTION(symbol, name, letter, argument, help) symbol,
#include OPTION_FILE
#undef OPTION
	OPTION_COUNT
};

static const struct option_spec table[] = {
#define OPTION(symbol, name, letter, argument, help) [symbol] = { name, letter, argument, help },
#include OPTION_FILE
#undef OPTION
	OPTION_END
};
