/* SPDX-License-Identifier: Apache-2.0
 *
 * Slots and tokens, read through the module's own function list: libp11 gives up at
 * the first slot that fails and keeps neither the firmware's version nor the PIN's
 * limits.  Nothing here opens a session.
 */
#include "token/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "token/ckr.h"

enum {
	SLOTS_AT_ONCE = 64,   /* enough for one C_GetSlotList nearly everywhere */
	SLOTS_MAX = 65536,    /* a module that counts more is not believed */
	SLOTS_ATTEMPTS = 8    /* a list may grow between two calls, but not for ever */
};

/* Blank padded by the standard, NUL padded by some modules. */
static void show(char *buf, size_t size, const unsigned char *text, size_t len) {
	const unsigned char *end = memchr(text, '\0', len);

	if (end != NULL)
		len = (size_t)(end - text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	text_safe(buf, size, text, len);
}

static void describe(struct token *token) {
	const CK_TOKEN_INFO *info = &token->info;

	show(token->label, sizeof(token->label), info->label, sizeof(info->label));
	show(token->manufacturer, sizeof(token->manufacturer), info->manufacturerID,
		sizeof(info->manufacturerID));
	show(token->model, sizeof(token->model), info->model, sizeof(info->model));
	show(token->serial, sizeof(token->serial), info->serialNumber, sizeof(info->serialNumber));
	snprintf(token->firmware, sizeof(token->firmware), "%u.%u", info->firmwareVersion.major,
		info->firmwareVersion.minor);
}

static CK_RV get_slots(struct module *module, CK_SLOT_ID *slots, CK_ULONG *count) {
	CK_FUNCTION_LIST *f = module_functions(module);
	CK_ULONG room = *count;
	CK_RV rv = f->C_GetSlotList(CK_TRUE, slots, count);

	if (rv != CKR_CRYPTOKI_NOT_INITIALIZED || !module_start(module))
		return rv;
	*count = room;
	return f->C_GetSlotList(CK_TRUE, slots, count);
}

/* *SLOTS is the caller's to free, whatever is returned. */
static enum caproof_status list_slots(struct module *module, CK_SLOT_ID **slots, CK_ULONG *count,
	struct error *err) {
	CK_ULONG room = SLOTS_AT_ONCE;
	CK_RV rv = CKR_BUFFER_TOO_SMALL;

	for (int i = 0; i < SLOTS_ATTEMPTS && rv == CKR_BUFFER_TOO_SMALL; i++) {
		CK_SLOT_ID *larger = realloc(*slots, room * sizeof(**slots));

		if (larger == NULL)
			return error_memory(err);
		*slots = larger;
		*count = room;
		rv = get_slots(module, *slots, count);
		if (rv == CKR_BUFFER_TOO_SMALL)
			room = *count > room && *count <= SLOTS_MAX ? *count + 8 : room * 2;
	}
	if (rv == CKR_OK && *count > room)
		return error_set(err, ERROR_DEVICE,
			"cannot list the tokens: the module reports more of them than it gives");
	if (rv != CKR_OK)
		return ckr_error(err, rv, "C_GetSlotList", module_path(module),
			"cannot list the tokens");
	return CAPROOF_OK;
}

static enum caproof_status read_token(struct module *module, CK_SLOT_ID slot, struct token *token,
	struct error *err) {
	CK_RV rv;

	memset(token, 0, sizeof(*token));
	token->module = module;
	token->slot = slot;
	rv = module_functions(module)->C_GetTokenInfo(slot, &token->info);
	if (rv != CKR_OK)
		return ckr_error(err, rv, "C_GetTokenInfo", module_path(module),
			"cannot read what the token in slot %lu is", slot);
	describe(token);
	return CAPROOF_OK;
}

/* The first failure stays in ERR. */
static size_t read_tokens(struct module *module, const CK_SLOT_ID *slots, size_t count,
	struct token *tokens, struct error *err) {
	size_t read = 0;

	for (size_t i = 0; i < count; i++) {
		if (read_token(module, slots[i], &tokens[read], err) == CAPROOF_OK)
			read++;
	}
	return read;
}

enum caproof_status token_list_all(struct module *module, struct token **out, size_t *count,
	struct error *unread, struct error *err) {
	CK_SLOT_ID *slots = NULL;
	struct token *tokens = NULL;
	CK_ULONG present = 0;
	size_t read = 0;
	enum caproof_status status = list_slots(module, &slots, &present, err);

	if (status != CAPROOF_OK || present == 0)
		goto out;
	tokens = calloc(present, sizeof(*tokens));
	if (tokens == NULL) {
		status = error_memory(err);
		goto out;
	}
	read = read_tokens(module, slots, present, tokens, unread);
	if (read == 0) {
		*err = *unread;
		status = error_status(err);
	}
out:
	free(slots);
	if (status != CAPROOF_OK) {
		free(tokens);
		return status;
	}
	*out = tokens;
	*count = read;
	return CAPROOF_OK;
}

enum caproof_status token_list(struct module *module, struct token **out, size_t *count,
	struct error *err) {
	struct error unread = ERROR_INIT;

	return token_list_all(module, out, count, &unread, err);
}

bool token_is_initialised(const struct token *token) {
	return (token->info.flags & CKF_TOKEN_INITIALIZED) != 0;
}

const char *token_describe(const struct token *token, char *buf, size_t size) {
	if (token->label[0] != '\0')
		snprintf(buf, size, "token '%s'", token->label);
	else if (token->serial[0] != '\0')
		snprintf(buf, size, "token with serial '%s'", token->serial);
	else
		snprintf(buf, size, "token in slot %lu", token->slot);
	return buf;
}

enum caproof_status token_refresh(struct module *module, struct token *token, struct error *err) {
	struct token fresh;
	enum caproof_status status = read_token(module, token->slot, &fresh, err);

	if (status == CAPROOF_OK)
		*token = fresh;
	return status;
}
