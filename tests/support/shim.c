/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault shim: a PKCS#11 module that forwards every call to a real one and does,
 * by rules, what no real token does on demand.  For tests only; it holds nothing, and
 * its log never shows a PIN.
 *
 * CAPROOF_SHIM_MODULE  the real module (default: SoftHSM's)
 * CAPROOF_SHIM_LOG     a line is appended for each call: `C_Login slot=1 user=1 rv=0x0`;
 *                      `enter C_Sign` when a rule makes it wait or get a signal;
 *                      at C_Finalize `unused RULE` for each rule that did nothing
 * CAPROOF_SHIM_RULES   RULE { ';' RULE }
 *
 *   RULE     = FUNCTION [ '@' DETAIL ] [ '#' N | '#' N '-' M | '#' N '+' ] '=' ACTION
 *   FUNCTION = C_Sign, or C_Find* for all that begin so
 *   DETAIL   = user type of C_Login, mechanism of C_SignInit and C_GetMechanismInfo,
 *              object class of the template of C_FindObjectsInit, else the slot
 *   N        = counted from 1, over the calls that FUNCTION and DETAIL match
 *   numbers  = 7, 0x7, or a name: CKR_PIN_LOCKED, CKF_SIGN, CKA_ID, CKM_ECDSA
 *   TEXT     = \xNN for an octet, \x3b for ';'
 *
 * Actions for every function
 *   NUMBER        return it; the real function is not called, except that C_Sign
 *                 finishes the real operation first
 *   late:NUMBER   call the real function, then return it
 *   lost:NUMBER   the slot's sessions are really closed, and the login gone; return it
 *   sleep:MS  until:PATH (there is a file)  hang  kill:SIGNAL
 *   touch:PATH (must not exist)  print:TEXT (to stderr)
 * C_Sign               corrupt zero short empty length:N
 * C_GetTokenInfo       flags+N flags-N min:N max:N (PIN length) sessions:N label:TEXT
 *                      serial:TEXT manufacturer:TEXT model:TEXT
 * C_GetMechanismInfo   flags+N flags-N min:N max:N (key size)
 * C_GetSlotInfo        flags+N flags-N
 * C_GetMechanismList   hide:MECHANISM
 * C_GetAttributeValue  hide:A (CKR_ATTRIBUTE_TYPE_INVALID)  sensitive:A (…_SENSITIVE)
 *                      minus1:A (length -1 and CKR_OK)  set:A=HEX
 * C_FindObjectsInit    hide:A (a template with A finds nothing)
 * C_FindObjects        empty, over (claims one more than there was room for)
 * C_GetSlotList        empty, grow (one slot more when asked for the list itself)
 * C_OpenSession        limit:N (more sessions at a time: CKR_SESSION_COUNT)
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "shim.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

/* --- generated wrappers ----------------------------------------------------- */

#define OWN(name)
#define FORWARD(name, session, params, args) \
	static CK_RV shim_##name params { \
		struct call call; \
		shim_enter(&call, FN_##name, session, 0); \
		if (!call.refused) \
			call.rv = shim_real->name args; \
		return shim_leave(&call); \
	}
#define PLAIN(name, params, args) FORWARD(name, 0, params, args)
#define SESSION(name, params, args) FORWARD(name, s, params, args)
#include "shim-functions.h"
#undef OWN
#undef PLAIN
#undef SESSION

/* --- slots and tokens ----------------------------------------------------------- */

static CK_RV shim_C_Finalize(void *reserved) {
	struct call call;
	CK_RV rv;

	shim_enter(&call, FN_C_Finalize, 0, 0);
	if (!call.refused)
		call.rv = shim_real->C_Finalize(reserved);
	rv = shim_leave(&call);
	shim_log_unused();
	return rv;
}

static CK_RV shim_C_GetSlotList(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
	struct rule *rule;
	struct call call;

	shim_enter(&call, FN_C_GetSlotList, 0, 0);
	if (call.refused)
		return shim_leave(&call);
	call.rv = shim_real->C_GetSlotList(present, slots, count);
	if (call.rv == CKR_OK && shim_rule(&call, ACT_EMPTY, NULL))
		*count = 0;
	if (call.rv == CKR_OK && !slots && *count && (rule = shim_rule(&call, ACT_GROW, NULL))) {
		rule->used = true;
		(*count)--;
	}
	return shim_leave(&call);
}

static void put_text(unsigned char *field, size_t size, const struct rule *rule) {
	if (!rule)
		return;
	memset(field, ' ', size);
	memcpy(field, rule->bytes, rule->len < size ? rule->len : size);
}

static CK_FLAGS change_flags(const struct call *call, CK_FLAGS flags) {
	struct rule *rule;
	size_t at;

	for (at = 0; (rule = shim_rule(call, ACT_FLAGS_ON, &at));)
		flags |= rule->number;
	for (at = 0; (rule = shim_rule(call, ACT_FLAGS_OFF, &at));)
		flags &= ~rule->number;
	return flags;
}

static CK_RV shim_C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info) {
	struct call call;

	shim_enter(&call, FN_C_GetSlotInfo, 0, slot);
	shim_note(&call, " slot=%lu", slot);
	if (!call.refused)
		call.rv = shim_real->C_GetSlotInfo(slot, info);
	if (!call.refused && call.rv == CKR_OK)
		info->flags = change_flags(&call, info->flags);
	return shim_leave(&call);
}

static CK_RV shim_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
	struct rule *rule;
	struct call call;

	shim_enter(&call, FN_C_GetTokenInfo, 0, slot);
	shim_note(&call, " slot=%lu", slot);
	if (!call.refused)
		call.rv = shim_real->C_GetTokenInfo(slot, info);
	if (call.refused || call.rv != CKR_OK)
		return shim_leave(&call);
	info->flags = change_flags(&call, info->flags);
	if ((rule = shim_rule(&call, ACT_MIN, NULL)))
		info->ulMinPinLen = rule->number;
	if ((rule = shim_rule(&call, ACT_MAX, NULL)))
		info->ulMaxPinLen = rule->number;
	if ((rule = shim_rule(&call, ACT_SESSIONS, NULL)))
		info->ulMaxSessionCount = rule->number;
	put_text(info->label, sizeof(info->label), shim_rule(&call, ACT_LABEL, NULL));
	put_text(info->serialNumber, sizeof(info->serialNumber), shim_rule(&call, ACT_SERIAL, NULL));
	put_text(info->manufacturerID, sizeof(info->manufacturerID),
		shim_rule(&call, ACT_MANUFACTURER, NULL));
	put_text(info->model, sizeof(info->model), shim_rule(&call, ACT_MODEL, NULL));
	return shim_leave(&call);
}

static CK_RV shim_C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
	struct rule *rule;
	struct call call;
	CK_ULONG kept = 0;

	shim_enter(&call, FN_C_GetMechanismList, 0, slot);
	shim_note(&call, " slot=%lu", slot);
	if (!call.refused)
		call.rv = shim_real->C_GetMechanismList(slot, list, count);
	rule = shim_rule(&call, ACT_HIDE, NULL);
	if (call.refused || call.rv != CKR_OK || !list || !rule)
		return shim_leave(&call);
	for (CK_ULONG i = 0; i < *count; i++)
		if (list[i] != rule->number)
			list[kept++] = list[i];
		else
			rule->used = true;
	*count = kept;
	return shim_leave(&call);
}

static CK_RV shim_C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
	CK_MECHANISM_INFO *info) {
	struct rule *rule;
	struct call call;

	shim_enter(&call, FN_C_GetMechanismInfo, 0, type);
	shim_note(&call, " slot=%lu mechanism=0x%lx", slot, type);
	if (!call.refused)
		call.rv = shim_real->C_GetMechanismInfo(slot, type, info);
	if (call.refused || call.rv != CKR_OK)
		return shim_leave(&call);
	info->flags = change_flags(&call, info->flags);
	if ((rule = shim_rule(&call, ACT_MIN, NULL)))
		info->ulMinKeySize = rule->number;
	if ((rule = shim_rule(&call, ACT_MAX, NULL)))
		info->ulMaxKeySize = rule->number;
	return shim_leave(&call);
}

/* --- sessions ------------------------------------------------------------------- */

static CK_RV shim_C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
	CK_NOTIFY notify, CK_SESSION_HANDLE *session) {
	struct rule *rule;
	struct call call;

	shim_enter(&call, FN_C_OpenSession, 0, slot);
	shim_note(&call, " slot=%lu flags=0x%lx", slot, flags);
	rule = shim_rule(&call, ACT_LIMIT, NULL);
	if (!call.refused && rule && atomic_load(&shim_sessions) >= rule->number) {
		rule->used = true;
		call.refused = true;
		call.rv = CKR_SESSION_COUNT;
	}
	if (call.refused)
		return shim_leave(&call);
	call.rv = shim_real->C_OpenSession(slot, flags, application, notify, session);
	if (call.rv == CKR_OK)
		atomic_fetch_add(&shim_sessions, 1);
	return shim_leave(&call);
}

static CK_RV shim_C_CloseSession(CK_SESSION_HANDLE session) {
	struct call call;

	shim_enter(&call, FN_C_CloseSession, session, 0);
	if (!call.refused)
		call.rv = shim_real->C_CloseSession(session);
	if (!call.refused && call.rv == CKR_OK)
		atomic_fetch_sub(&shim_sessions, 1);
	return shim_leave(&call);
}

static CK_RV shim_C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin,
	CK_ULONG len) {
	CK_SESSION_INFO info = { 0 };
	struct call call;

	shim_enter(&call, FN_C_Login, session, user);
	if (shim_real->C_GetSessionInfo(session, &info) == CKR_OK)
		shim_note(&call, " slot=%lu", info.slotID);
	shim_note(&call, " user=%lu pin=%s", user, pin ? "given" : "none");
	if (!call.refused)
		call.rv = shim_real->C_Login(session, user, pin, len);
	return shim_leave(&call);
}

/* --- objects -------------------------------------------------------------------- */

/* ROOM is what the caller had for the value: a module that lacks the attribute has
 * overwritten it with -1. */
static CK_RV override(CK_ATTRIBUTE *attr, CK_ULONG room, const struct rule *rule) {
	if (attr->pValue && room < rule->len) {
		attr->ulValueLen = (CK_ULONG)-1;
		return CKR_BUFFER_TOO_SMALL;
	}
	if (attr->pValue)
		memcpy(attr->pValue, rule->bytes, rule->len);
	attr->ulValueLen = rule->len;
	return CKR_OK;
}

static CK_RV spoil(CK_ATTRIBUTE *attr, CK_ULONG room, struct rule *rule, CK_RV rv) {
	if (attr->type != rule->number)
		return rv;
	rule->used = true;
	if (rule->action == ACT_SET)
		return override(attr, room, rule);
	attr->ulValueLen = (CK_ULONG)-1;
	if (rule->action == ACT_MINUS1)
		return rv;
	return rule->action == ACT_HIDE ? CKR_ATTRIBUTE_TYPE_INVALID : CKR_ATTRIBUTE_SENSITIVE;
}

static CK_RV shim_C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
	CK_ATTRIBUTE *templ, CK_ULONG count) {
	CK_ULONG room[32] = { 0 };
	struct call call;

	shim_enter(&call, FN_C_GetAttributeValue, session, 0);
	for (CK_ULONG n = 0; n < count && n < 32; n++)
		room[n] = templ[n].ulValueLen;
	if (!call.refused)
		call.rv = shim_real->C_GetAttributeValue(session, object, templ, count);
	for (size_t i = 0; i < call.count && !call.refused; i++) {
		enum action action = call.fired[i]->action;

		if (action == ACT_HIDE || action == ACT_SENSITIVE || action == ACT_MINUS1 ||
		    action == ACT_SET)
			for (CK_ULONG n = 0; n < count && n < 32; n++)
				call.rv = spoil(&templ[n], room[n], call.fired[i], call.rv);
	}
	shim_note(&call, " object=%lu attributes=%lu", object, count);
	return shim_leave(&call);
}

static CK_RV shim_C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *templ,
	CK_ULONG count) {
	static char nothing[] = "\001 no object has this label";
	CK_ATTRIBUTE none = { CKA_LABEL, nothing, sizeof(nothing) - 1 };
	CK_ULONG class = (CK_ULONG)-1;
	struct rule *rule;
	struct call call;
	size_t at = 0;

	for (CK_ULONG i = 0; i < count; i++)
		if (templ[i].type == CKA_CLASS && templ[i].ulValueLen == sizeof(class))
			memcpy(&class, templ[i].pValue, sizeof(class));
	shim_enter(&call, FN_C_FindObjectsInit, session, class);
	shim_note(&call, " class=%ld attributes=%lu", (long)class, count);
	while ((rule = shim_rule(&call, ACT_HIDE, &at)))
		for (CK_ULONG i = 0; i < count; i++)
			if (templ[i].type == rule->number) {
				rule->used = true;
				templ = &none;
				count = 1;
			}
	if (!call.refused)
		call.rv = shim_real->C_FindObjectsInit(session, templ, count);
	return shim_leave(&call);
}

static CK_RV shim_C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max,
	CK_ULONG *count) {
	struct call call;

	shim_enter(&call, FN_C_FindObjects, session, 0);
	if (!call.refused)
		call.rv = shim_real->C_FindObjects(session, objects, max, count);
	if (call.refused || call.rv != CKR_OK)
		return shim_leave(&call);
	if (shim_rule(&call, ACT_EMPTY, NULL))
		*count = 0;
	if (shim_rule(&call, ACT_OVER, NULL))
		*count = max + 1;
	shim_note(&call, " max=%lu found=%lu", max, *count);
	return shim_leave(&call);
}

/* --- signatures ----------------------------------------------------------------- */

static CK_RV shim_C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	CK_OBJECT_HANDLE key) {
	struct call call;

	shim_enter(&call, FN_C_SignInit, session, mechanism->mechanism);
	shim_note(&call, " mechanism=0x%lx", mechanism->mechanism);
	if (!call.refused)
		call.rv = shim_real->C_SignInit(session, mechanism, key);
	return shim_leave(&call);
}

static void spoil_signature(const struct call *call, CK_BYTE *signature, CK_ULONG *len) {
	struct rule *rule;

	if (shim_rule(call, ACT_CORRUPT, NULL) && *len)
		signature[*len / 2] ^= 0x10;
	if (shim_rule(call, ACT_ZERO, NULL))
		memset(signature, 0, *len);
	if (shim_rule(call, ACT_SHORT, NULL) && *len)
		(*len)--;
	if (shim_rule(call, ACT_EMPTY, NULL))
		*len = 0;
	if ((rule = shim_rule(call, ACT_LENGTH, NULL)))
		*len = rule->number;
}

static CK_RV shim_C_Sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_len,
	CK_BYTE *signature, CK_ULONG *len) {
	CK_BYTE scratch[4096];
	CK_ULONG scratch_len = sizeof(scratch);
	struct call call;

	shim_enter(&call, FN_C_Sign, session, 0);
	shim_note(&call, " in=%lu", data_len);
	if (call.refused) {
		/* The token has signed, and only then did something break. */
		(void)shim_real->C_Sign(session, data, data_len, scratch, &scratch_len);
		return shim_leave(&call);
	}
	call.rv = shim_real->C_Sign(session, data, data_len, signature, len);
	if (call.rv == CKR_OK && signature)
		spoil_signature(&call, signature, len);
	shim_note(&call, " out=%lu", *len);
	return shim_leave(&call);
}

/* --- the list ------------------------------------------------------------------- */

static CK_RV shim_C_GetFunctionList(CK_FUNCTION_LIST **list) {
	return C_GetFunctionList(list);
}

static CK_FUNCTION_LIST functions = {
	.version = { 2, 40 },
#define OWN(name) .name = shim_##name,
#define PLAIN(name, params, args) .name = shim_##name,
#define SESSION(name, params, args) .name = shim_##name,
#include "shim-functions.h"
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
	struct call call;

	shim_enter(&call, FN_C_GetFunctionList, 0, 0);
	if (!call.refused)
		*list = &functions;
	return shim_leave(&call);
}
