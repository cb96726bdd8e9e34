/* SPDX-License-Identifier: Apache-2.0
 *
 * caproof: prove possession of a certificate authority's private key
 * that never leaves its PKCS#11 token.
 *
 * What the tool and the library share: the meaning of every status, which
 * is also the tool's exit code, and how a PIN is asked for.  The library
 * itself never prints, prompts, exits or reads the environment.
 */
#ifndef CAPROOF_CAPROOF_H
#define CAPROOF_CAPROOF_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How an operation ended.  The values are caproof's exit codes. */
enum caproof_status {
	CAPROOF_OK = 0,
	CAPROOF_UNEXPECTED = 1,  /* a bug, or no memory */
	CAPROOF_USAGE = 2,       /* the command line is wrong */
	CAPROOF_INPUT = 3,       /* an input, or a platform's rule, refuses */
	CAPROOF_DEVICE = 4,      /* no module, no token, or the device failed */
	CAPROOF_PIN = 5,         /* no PIN, a wrong or locked one, a last try */
	CAPROOF_KEY = 6,         /* none, several, not the CA's, or unable */
	CAPROOF_OUTPUT = 7,      /* cannot be written, or exists */
	CAPROOF_UNVERIFIED = 8,  /* a signature or a proof does not verify */
	CAPROOF_GATE = 9,        /* a ceremony's gate is shut */
	CAPROOF_INTERRUPTED = 130
};

/* What is told to whoever is asked for a PIN.  Borrowed for the call; every
 * text is already safe to show on a terminal. */
struct caproof_pin_prompt {
	const char *token;  /* the token's label */
	const char *serial; /* the token's serial number */
	const char *key;    /* the key's label or id, NULL when not known yet */
	bool few_tries;     /* the token says that a wrong PIN was given lately */
	bool final_try;     /* one wrong PIN will lock the token */
	bool pin_pad;       /* nothing to return: the reader asks by itself */
};

/* The version of caproof, "MAJOR.MINOR.PATCH".  Static. */
const char *caproof_version(void);

#ifdef __cplusplus
}
#endif

#endif
