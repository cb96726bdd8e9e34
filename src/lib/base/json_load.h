/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser, made to survive a lack of memory.  Only json.c calls this; what the values
 * mean is not looked at here.
 */
#ifndef CAPROOF_BASE_JSON_LOAD_H
#define CAPROOF_BASE_JSON_LOAD_H

#include <jansson.h>
#include <stdbool.h>

/* NULL with what is wrong in SYNTAX, or with NO_MEMORY set. */
typedef json_t *json_loader(const char *text, size_t len, json_error_t *syntax, bool *no_memory);
json_loader json_load;

/* From now on by OTHER, for the whole process. */
void json_load_by(json_loader *other);

#endif
