/* SPDX-License-Identifier: Apache-2.0
 *
 * When octets are a PIN.
 */
#ifndef CAPROOF_CLI_PIN_TEXT_H
#define CAPROOF_CLI_PIN_TEXT_H

#include "base/secret.h"

/* What this process asks for, and the option that names its source: "PIN" and "--pin"
 * unless said otherwise.  NOUN and OPTION are kept. */
void pin_speak_of(const char *noun, const char *option);
const char *pin_noun(void);
const char *pin_option(void);

/* In each, SHOWN says where the octets come from: "the PIN file 'x'". */

/* Drop one final newline (LF or CRLF); nothing, a NUL or several lines are no PIN.
 * Errors: pin.none. */
NODISCARD enum caproof_status pin_text_check(struct secret *secret, const char *shown,
	struct error *err);

/* Read FD to its end into SECRET and check that.  Errors: pin.none, pin.length (it
 * fills the secret), interrupted. */
NODISCARD enum caproof_status pin_text_read(int fd, struct secret *secret, const char *shown,
	struct error *err);

enum caproof_status pin_text_too_long(const char *shown, struct error *err);

#endif
