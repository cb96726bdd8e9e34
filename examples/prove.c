/* SPDX-License-Identifier: Apache-2.0
 *
 * A proof, made with a token: the PIN by a callback, the proof to standard output.
 *   cc -o prove prove.c $(pkg-config --cflags --libs libcaproof)
 *   ./prove rootCA.pem 7f3a9c51 aws-iot /usr/lib/softhsm/libsofthsm2.so >proof.pem
 */
#include <caproof/caproof.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Reads the PIN where the library keeps it, with the terminal's echo off. */
static bool ask_pin(void *arg, const struct caproof_pin_prompt *prompt, char *pin, size_t size,
	size_t *length) {
	struct termios before, quiet;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	ssize_t got;

	(void)arg;
	if (prompt->pin_pad)
		return fprintf(stderr, "enter the PIN of '%s' on its reader\n", prompt->token) > 0;
	fprintf(stderr, "PIN for token '%s' (serial %s), key '%s'%s: ", prompt->token, prompt->serial,
		prompt->key != NULL ? prompt->key : "?", prompt->few_tries ? " (few tries left)" : "");
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	got = read(STDIN_FILENO, pin, size);
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	*length = got > 0 ? (size_t)got - (pin[got - 1] == '\n') : 0;
	return *length > 0;
}

static enum caproof_status prove(struct caproof *c, char **argv, struct caproof_proof **proof) {
	struct caproof_plan_input input = { .size = sizeof(input), .code = argv[2] };
	struct caproof_ca *ca = NULL;
	struct caproof_platform *platform = NULL;
	struct caproof_plan *plan = NULL;
	struct caproof_token *token = NULL;
	enum caproof_status status = caproof_set_module(c, argv[4]);

	caproof_set_pin(c, ask_pin, NULL);
	if (status == CAPROOF_OK)
		status = caproof_ca_load(c, argv[1], &ca);
	if (status == CAPROOF_OK)
		status = caproof_platform_load(c, argv[3], &platform);
	input.ca = ca;
	input.platform = platform;
	if (status == CAPROOF_OK)
		status = caproof_plan_make(c, &input, &plan, NULL);
	if (status == CAPROOF_OK)
		status = caproof_token_find(c, plan, NULL, &token);
	if (status == CAPROOF_OK)
		status = caproof_prove(c, token, plan, proof);
	caproof_token_free(token);
	caproof_plan_free(plan);
	caproof_platform_free(platform);
	caproof_ca_free(ca);
	return status;
}

int main(int argc, char **argv) {
	struct caproof *c = argc == 5 ? caproof_new() : NULL;
	struct caproof_proof *proof = NULL;
	size_t size = 0;
	int status = c != NULL ? (int)prove(c, argv, &proof) : CAPROOF_USAGE;

	if (c == NULL)
		fprintf(stderr, "usage: prove CA CODE PLATFORM MODULE\n");
	else if (status != CAPROOF_OK)
		fprintf(stderr, "prove: %s\n", caproof_error_message(caproof_get0_error(c)));
	else if (fputs(caproof_proof_octets(proof, &size), stdout) < 0)
		status = CAPROOF_OUTPUT;
	caproof_proof_free(proof);
	caproof_free(c);
	return status;
}
