/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault shim's inside: what a rule is, and a call on its way through.
 *
 * shim.c forwards, shim-rules.c decides, shim-names.c knows names.  It refuses to
 * run with a rule that it does not understand: a test with a typing error in it must
 * not pass.
 */
#ifndef CAPROOF_TESTS_SHIM_H
#define CAPROOF_TESTS_SHIM_H

#include <p11-kit/pkcs11.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum function {
#define OWN(name) FN_##name,
#define PLAIN(name, params, args) FN_##name,
#define SESSION(name, params, args) FN_##name,
#include "shim-functions.h"
#undef OWN
#undef PLAIN
#undef SESSION
	FN_COUNT
};

enum action {
	ACT_FAIL, ACT_LATE, ACT_LOST, ACT_SLEEP, ACT_UNTIL, ACT_HANG, ACT_KILL, ACT_TOUCH, ACT_PRINT,
	ACT_CORRUPT, ACT_ZERO, ACT_SHORT, ACT_EMPTY, ACT_LENGTH,
	ACT_FLAGS_ON, ACT_FLAGS_OFF, ACT_MIN, ACT_MAX, ACT_SESSIONS,
	ACT_LABEL, ACT_SERIAL, ACT_MANUFACTURER, ACT_MODEL,
	ACT_HIDE, ACT_SENSITIVE, ACT_MINUS1, ACT_SET, ACT_GROW, ACT_LIMIT, ACT_OVER
};

struct rule {
	char *text;            /* as written, for the log */
	char pattern[32];      /* a function's name, or its beginning and '*' */
	bool has_detail;
	unsigned long detail;  /* after '@' */
	unsigned long from, to;
	enum action action;
	unsigned long number;  /* a CKR, milliseconds, flags, an attribute ... */
	unsigned char *bytes;  /* text or hex */
	size_t len;
	atomic_ulong hits;     /* calls that the pattern matched */
	atomic_bool used;
};

#define CALL_RULES 16

struct call {
	enum function fn;
	CK_SESSION_HANDLE session;
	struct rule *fired[CALL_RULES];
	size_t count;
	bool refused;          /* do not call the real function: rv is decided */
	bool replaced;         /* call it, then return `late` */
	CK_RV rv, late;
	char note[160];        /* for the log */
};

extern CK_FUNCTION_LIST *shim_real;
extern atomic_ulong shim_sessions; /* open ones */

void shim_load(void);             /* environment, rules, real module; once */
void shim_enter(struct call *call, enum function fn, CK_SESSION_HANDLE session,
	unsigned long detail);
CK_RV shim_leave(struct call *call);
void shim_note(struct call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void shim_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void shim_log_unused(void);
_Noreturn void shim_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The rule of ACTION that fired for this call; NULL: none.  With AT the search goes
 * on after the one found before. */
struct rule *shim_rule(const struct call *call, enum action action, size_t *at);

const char *shim_function_name(enum function fn);
/* 7, 0x7, CKR_…, CKA_…, CKF_…, CKM_… */
bool shim_number(const char *text, unsigned long *out);

#endif
