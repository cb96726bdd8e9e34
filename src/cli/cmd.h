/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands: each takes its own argc and argv (argv[0] is its name) and returns the
 * exit code.
 */
#ifndef CAPROOF_CLI_CMD_H
#define CAPROOF_CLI_CMD_H

int cmd_sign(int argc, char **argv);

#endif
