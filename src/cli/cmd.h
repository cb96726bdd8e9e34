/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands: each takes its own argc and argv (argv[0] is its name) and returns the
 * exit code.
 */
#ifndef CAPROOF_CLI_CMD_H
#define CAPROOF_CLI_CMD_H

int cmd_check(int argc, char **argv);
int cmd_platforms(int argc, char **argv);
int cmd_ca_cert(int argc, char **argv);
int cmd_request(int argc, char **argv);
int cmd_ceremony(int argc, char **argv);
int cmd_batch(int argc, char **argv);
int cmd_sign(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_tokens(int argc, char **argv);

#endif
