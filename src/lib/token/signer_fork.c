/* SPDX-License-Identifier: Apache-2.0
 *
 * Several sessions of one login.  A network HSM answers many at once; a card or a TPM
 * does one thing after the other, and a second session would only be a second thing that
 * can go wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "token/signer_internal.h"

enum caproof_status signer_fork(struct signer *signer, struct signer **out, bool *no_room,
	struct error *err) {
	struct signer *fork = calloc(1, sizeof(*fork));
	enum caproof_status status;

	*no_room = false;
	if (fork == NULL)
		return error_memory(err);
	fork->query = signer->query;
	fork->token = signer->token;
	fork->login = signer->login;
	memcpy(fork->signings, signer->signings, sizeof(fork->signings));
	fork->half = signer->half;
	fork->have_half = signer->have_half;
	fork->unlocked = signer->unlocked;
	status = session_open_if_room(&fork->session, &fork->token, no_room, err);
	if (status == CAPROOF_OK)
		*out = fork;
	else
		signer_free(fork);
	return status;
}

/* As many as keep a network HSM busy without taking it from its other users. */
#define SESSIONS_BY_DEFAULT 8

/* Sessions at once that the token allows, this one included; 0: no limit that is known. */
static unsigned session_limit(const struct signer *signer) {
	CK_ULONG most = signer->token.info.ulMaxSessionCount;

	if (most == CK_EFFECTIVELY_INFINITE || most == CK_UNAVAILABLE_INFORMATION)
		return 0;
	return most < SIGNER_SESSIONS_MAX ? (unsigned)most : SIGNER_SESSIONS_MAX;
}

static bool says_tpm(const CK_UTF8CHAR *text, size_t len) {
	return memmem(text, len, "TPM", 3) != NULL;
}

/* Why one session suits the token; NULL: it does not look like it. */
static const char *why_single(const struct signer *signer) {
	const struct token *token = &signer->token;
	const CK_INFO *module = module_info(token->module);
	CK_SLOT_INFO slot;

	if ((token->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0)
		return "one session: its PIN pad says that it is a card";
	if (says_tpm(token->info.model, sizeof(token->info.model)) ||
		(module != NULL && says_tpm(module->libraryDescription,
			sizeof(module->libraryDescription))))
		return "one session: it calls itself a TPM";
	if (module_functions(token->module)->C_GetSlotInfo(token->slot, &slot) != CKR_OK)
		return "one session: its slot could not be asked whether it is a card";
	if ((slot.flags & CKF_REMOVABLE_DEVICE) != 0)
		return "one session: its slot is for cards and keys that can be removed";
	return NULL;
}

unsigned signer_sessions(const struct signer *signer, unsigned wanted, const char **why) {
	unsigned limit = session_limit(signer);

	*why = NULL;
	if (signer->shown.always_authenticate) {
		*why = wanted == 1 ? NULL : "one session: its key wants the PIN for each signature";
		return 1;
	}
	if (wanted == 0) {
		*why = why_single(signer);
		wanted = *why != NULL ? 1 : SESSIONS_BY_DEFAULT;
	}
	if (wanted > SIGNER_SESSIONS_MAX)
		wanted = SIGNER_SESSIONS_MAX;
	if (limit == 0 || wanted <= limit)
		return wanted;
	*why = "fewer sessions: it allows no more";
	return limit;
}
