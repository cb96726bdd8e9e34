/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony`: finds the phase.
 */
#include <stdio.h>
#include <string.h>

#include "ceremony_cmd.h"
#include "cmd.h"
#include "report.h"

static const struct {
	const char *name, *summary;
	int (*run)(int argc, char **argv);
} phases[] = {
	{ "plan", "decide everything before the room is; no token", ceremony_plan },
	{ "show", "what an officer reads before approving", ceremony_show },
	{ "approve", "an officer's word on it, signed with a card", ceremony_approve },
	{ "run", "the gates, one login, every item; in the room", ceremony_run },
	{ "seal", "close the record, signed by operator and witness", ceremony_seal },
	{ "verify", "check the record, in any year", ceremony_verify },
	{ "report", "the record as one page, to be printed and signed", ceremony_report },
};

#define NAME_MAX_SIZE 8
#define PHASES (sizeof(phases) / sizeof(phases[0]))

static int help(void) {
	puts("Usage: caproof ceremony PHASE [OPTION...]\n\n"
		"Signing that somebody else can check years later: what officers approved, what the\n"
		"token signed and what an auditor checks are the same octets.\n\nPhases:");
	for (size_t i = 0; i < PHASES; i++)
		printf("  %-8s %s\n", phases[i].name, phases[i].summary);
	puts("\n'caproof ceremony PHASE --help' lists a phase's options; caproof-ceremony(7) tells\n"
		"how a ceremony goes.");
	return CAPROOF_OK;
}

int cmd_ceremony(int argc, char **argv) {
	struct error err = ERROR_INIT;
	const char *name = argc > 1 ? argv[1] : NULL;
	char full[sizeof("ceremony ") + NAME_MAX_SIZE];

	if (name != NULL && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0))
		return help();
	for (size_t i = 0; name != NULL && i < PHASES; i++) {
		if (strcmp(name, phases[i].name) != 0)
			continue;
		/* As it is typed, for hints on how to call it. */
		snprintf(full, sizeof(full), "ceremony %s", name);
		argv[1] = full;
		return phases[i].run(argc - 1, argv + 1);
	}
	error_set(&err, ERROR_USAGE, name == NULL ? "no phase of the ceremony was given" :
		"a ceremony has no such phase");
	error_hint(&err, "'caproof ceremony --help' lists the phases");
	return report_error(&err);
}
