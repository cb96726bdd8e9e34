/* SPDX-License-Identifier: Apache-2.0
 *
 * The phases of a ceremony, one command each; shared by the files ceremony_*.c and
 * cmd_ceremony.c only.
 */
#ifndef CAPROOF_CLI_CEREMONY_CMD_H
#define CAPROOF_CLI_CEREMONY_CMD_H

#include "ceremony/plan_file.h"
#include "ceremony/policy.h"
#include "options.h"

int ceremony_plan(int argc, char **argv);
int ceremony_show(int argc, char **argv);
int ceremony_approve(int argc, char **argv);
int ceremony_run(int argc, char **argv);
int ceremony_seal(int argc, char **argv);
int ceremony_verify(int argc, char **argv);
int ceremony_report(int argc, char **argv);

/* The policy of a bundle.  Errors: ceremony.policy, ceremony.bundle. */
NODISCARD enum caproof_status ceremony_read_policy(const struct bundle *bundle,
	struct ceremony_policy *out, struct error *err);
/* "time not known" or the time; BUF has TEXT_TIME_SIZE octets. */
const char *ceremony_when(char *buf, time_t when);
/* The words of a hash, 80 columns wide, INDENT blanks before each line. */
NODISCARD enum caproof_status ceremony_print_words(const unsigned char hash[32], unsigned indent,
	struct error *err);

#endif
