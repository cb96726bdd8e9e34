/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash as words to be read aloud: the PGP word list (Juola and Zimmermann, 1995), two
 * syllables for octets at even places, three at odd ones, so that a word left out or
 * exchanged is heard.
 */
#ifndef CAPROOF_CEREMONY_WORDS_H
#define CAPROOF_CEREMONY_WORDS_H

#include "base/bytes.h"

/* The word for OCTET at PLACE (counted from 0); static, as the list spells it. */
const char *words_at(unsigned char octet, size_t place);
/* All words of OCTETS, with one blank between them, on the heap; NULL: no memory. */
char *words_of(struct span octets);
/* Whether TEXT is the first two words of OCTETS with one blank between them, in lower case or
 * as the list spells them. */
bool words_confirm(struct span octets, const char *text);

#endif
