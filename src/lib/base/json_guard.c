/* SPDX-License-Identifier: Apache-2.0
 *
 * For a process of our own: no allocation made while parsing ever returns NULL (json_load.c
 * says why).  The first that would leaves the parser by longjmp, and what the parser had
 * allocated until then, which it can no longer free, is freed here.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_load.h"

static json_malloc_t plain_malloc;
static json_free_t plain_free;

/* One call of the parser, and the blocks that it holds. */
static _Thread_local struct {
	bool active;
	jmp_buf failed;
	void **blocks;
	size_t count, room;
} parser;

static bool make_room(void) {
	size_t room = parser.room ? parser.room * 2 : 64;
	void **blocks = realloc(parser.blocks, room * sizeof(*blocks));

	if (!blocks)
		return false;
	parser.blocks = blocks;
	parser.room = room;
	return true;
}

static void *parser_malloc(size_t size) {
	void *block;

	if (!parser.active)
		return plain_malloc(size);
	block = parser.count < parser.room || make_room() ? plain_malloc(size) : NULL;
	if (!block)
		longjmp(parser.failed, 1);
	return parser.blocks[parser.count++] = block;
}

static void parser_free(void *block) {
	size_t i = parser.active && block ? parser.count : 0;

	/* From the end, where what is freed while parsing nearly always is. */
	while (i > 0 && parser.blocks[i - 1] != block)
		i--;
	if (i > 0)
		parser.blocks[i - 1] = parser.blocks[--parser.count];
	plain_free(block);
}

/* Apart, so that no variable of a caller is lost when the parser is left early. */
static json_t *parse(const char *text, size_t len, json_error_t *syntax) {
	if (setjmp(parser.failed))
		return NULL;
	parser.active = true;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, syntax);
	parser.active = false;
	return root;
}

static json_t *load(const char *text, size_t len, json_error_t *syntax, bool *no_memory) {
	json_t *root;

	parser.blocks = NULL;
	parser.count = parser.room = 0;
	root = parse(text, len, syntax);
	*no_memory = parser.active;
	parser.active = false;
	while (*no_memory && parser.count > 0)
		plain_free(parser.blocks[--parser.count]);
	free(parser.blocks);
	return root;
}

void json_guard(void) {
	json_malloc_t current_malloc;
	json_free_t current_free;

	json_load_by(load);
	json_get_alloc_funcs(&current_malloc, &current_free);
	if (current_malloc == parser_malloc)
		return;
	plain_malloc = current_malloc;
	plain_free = current_free;
	json_set_alloc_funcs(parser_malloc, parser_free);
}
