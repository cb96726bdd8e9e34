/* SPDX-License-Identifier: Apache-2.0
 *
 * Return values in words.  The table is data (ckr.def); the code only looks up.
 * A value without a name is never guessed at: it is shown as the number that it is,
 * together with the module that invented it.
 */
#include "token/ckr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct ckr {
	CK_RV rv;
	const char *name;
	enum error_id id;
	const char *sentence;
	const char *hint; /* NULL: the error id's own */
} table[] = {
#define CKR(rv, name, id, sentence, hint) { rv, "CKR_" #name, ERROR_##id, sentence, hint },
#include "token/ckr.def"
#undef CKR
};

static const struct ckr *look_up(CK_RV rv) {
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].rv == rv)
			return &table[i];
	}
	return NULL;
}

const char *ckr_name(CK_RV rv, char *buf, size_t size) {
	const struct ckr *known = look_up(rv);

	if (rv == CKR_OK)
		snprintf(buf, size, "CKR_OK");
	else if (known != NULL)
		snprintf(buf, size, "%s", known->name);
	else if ((rv & CKR_VENDOR_DEFINED) != 0)
		snprintf(buf, size, "CKR_VENDOR_DEFINED+0x%lx", rv & ~CKR_VENDOR_DEFINED);
	else
		snprintf(buf, size, "0x%lx", rv);
	return buf;
}

static void set_unknown(struct error *err, CK_RV rv, const char *module, const char *doing) {
	char shown[256];

	text_safe(shown, sizeof(shown), module, strlen(module));
	if ((rv & CKR_VENDOR_DEFINED) != 0)
		error_set(err, ERROR_DEVICE, "%s: module '%s' reports an error of its own, 0x%08lx",
			doing, shown, rv);
	else
		error_set(err, ERROR_DEVICE,
			"%s: module '%s' reports an error that no standard knows, 0x%08lx", doing, shown,
			rv);
	error_hint(err, "look the number up in the manual of the module's vendor; nothing was written");
}

enum caproof_status ckr_error(struct error *err, CK_RV rv, const char *call, const char *module,
	const char *fmt, ...) {
	const struct ckr *known = look_up(rv);
	char doing[768], name[64];
	va_list args;

	if (err->id != ERROR_NONE)
		return error_status(err);
	va_start(args, fmt);
	vsnprintf(doing, sizeof(doing), fmt, args);
	va_end(args);
	if (known == NULL) {
		set_unknown(err, rv, module != NULL ? module : "?", doing);
	} else {
		error_set(err, known->id, "%s: %s", doing, known->sentence);
		if (known->hint != NULL)
			error_hint(err, "%s", known->hint);
	}
	error_detail(err, "%s: %s", call, ckr_name(rv, name, sizeof(name)));
	return error_status(err);
}
