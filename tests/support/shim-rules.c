/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault shim's rules: read from CAPROOF_SHIM_RULES, matched against each call,
 * and the log in which tests count calls.  shim.c describes the grammar.
 *
 * A rule that cannot be understood ends the process with SIGABRT, which no test takes
 * for a pass.  PINs are never written anywhere.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

CK_FUNCTION_LIST *shim_real;
atomic_ulong shim_sessions;

static struct rule *rules;
static size_t rule_count;
static int log_fd = -1;
static atomic_int inside[FN_COUNT];   /* calls of each function that are under way */
/* Written while sessions are taken away: SoftHSM frees one that another call is using. */
static pthread_rwlock_t busy = PTHREAD_RWLOCK_INITIALIZER;
static void (*alloc_hold)(int);       /* failalloc.c's, when that is preloaded */

enum argument { NONE, NUMBER, TEXT, ATTRIBUTE };

static const struct {
	const char *name;
	enum action action;
	enum argument argument;
	const char *only;      /* functions it makes sense for; NULL: all */
} actions[] = {
	{ "late:", ACT_LATE, NUMBER, NULL },
	{ "lost:", ACT_LOST, NUMBER, NULL },
	{ "sleep:", ACT_SLEEP, NUMBER, NULL },
	{ "until:", ACT_UNTIL, TEXT, NULL },
	{ "hang", ACT_HANG, NONE, NULL },
	{ "kill:", ACT_KILL, NUMBER, NULL },
	{ "touch:", ACT_TOUCH, TEXT, NULL },
	{ "print:", ACT_PRINT, TEXT, NULL },
	{ "corrupt", ACT_CORRUPT, NONE, "C_Sign" },
	{ "zero", ACT_ZERO, NONE, "C_Sign" },
	{ "short", ACT_SHORT, NONE, "C_Sign" },
	{ "length:", ACT_LENGTH, NUMBER, "C_Sign" },
	{ "empty", ACT_EMPTY, NONE, "C_Sign C_FindObjects C_GetSlotList" },
	{ "flags+", ACT_FLAGS_ON, NUMBER, "C_GetTokenInfo C_GetMechanismInfo C_GetSlotInfo" },
	{ "flags-", ACT_FLAGS_OFF, NUMBER, "C_GetTokenInfo C_GetMechanismInfo C_GetSlotInfo" },
	{ "min:", ACT_MIN, NUMBER, "C_GetTokenInfo C_GetMechanismInfo C_GetSlotInfo" },
	{ "max:", ACT_MAX, NUMBER, "C_GetTokenInfo C_GetMechanismInfo C_GetSlotInfo" },
	{ "sessions:", ACT_SESSIONS, NUMBER, "C_GetTokenInfo" },
	{ "label:", ACT_LABEL, TEXT, "C_GetTokenInfo" },
	{ "serial:", ACT_SERIAL, TEXT, "C_GetTokenInfo" },
	{ "manufacturer:", ACT_MANUFACTURER, TEXT, "C_GetTokenInfo" },
	{ "model:", ACT_MODEL, TEXT, "C_GetTokenInfo" },
	{ "hide:", ACT_HIDE, NUMBER, "C_GetAttributeValue C_FindObjectsInit C_GetMechanismList" },
	{ "sensitive:", ACT_SENSITIVE, NUMBER, "C_GetAttributeValue" },
	{ "minus1:", ACT_MINUS1, NUMBER, "C_GetAttributeValue" },
	{ "set:", ACT_SET, ATTRIBUTE, "C_GetAttributeValue" },
	{ "grow", ACT_GROW, NONE, "C_GetSlotList" },
	{ "limit:", ACT_LIMIT, NUMBER, "C_OpenSession" },
	{ "over", ACT_OVER, NONE, "C_FindObjects" },
};

void shim_die(const char *fmt, ...) {
	va_list args;

	va_start(args, fmt);
	fputs("fault shim: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

/* One write(2) a line: lines of several threads do not mix, and a killed process
 * leaves all that it did. */
void shim_log(const char *fmt, ...) {
	char line[512];
	va_list args;
	int len;

	if (log_fd < 0)
		return;
	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(log_fd, line, (size_t)len) != len)
		shim_die("cannot write the log: %s", strerror(errno));
}

void shim_log_unused(void) {
	for (size_t i = 0; i < rule_count; i++)
		if (!atomic_load(&rules[i].used))
			shim_log("unused %s", rules[i].text);
}

void shim_note(struct call *call, const char *fmt, ...) {
	size_t used = strlen(call->note);
	va_list args;

	va_start(args, fmt);
	vsnprintf(call->note + used, sizeof(call->note) - used, fmt, args);
	va_end(args);
}

/* --- reading ---------------------------------------------------------------- */

/* \xNN and \\ in TEXT; the result is not longer than the text. */
static void unescape(struct rule *rule, const char *text) {
	unsigned int byte;

	rule->bytes = malloc(strlen(text) + 1);
	if (!rule->bytes)
		shim_die("no memory");
	while (*text) {
		if (text[0] == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &byte) == 1) {
			rule->bytes[rule->len++] = (unsigned char)byte;
			text += 4;
			continue;
		}
		if (text[0] == '\\' && text[1] == '\\')
			text++;
		rule->bytes[rule->len++] = (unsigned char)*text++;
	}
	rule->bytes[rule->len] = '\0';
}

static void read_attribute(struct rule *rule, char *text) {
	char *equals = strchr(text, '=');
	char escaped[1024] = "";

	if (!equals)
		shim_die("'%s': set:ATTRIBUTE=HEX", rule->text);
	*equals = '\0';
	if (!shim_number(text, &rule->number))
		shim_die("'%s': no such attribute", rule->text);
	for (const char *hex = equals + 1; *hex; hex += 2) {
		if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) ||
		    strlen(escaped) + 5 > sizeof(escaped))
			shim_die("'%s': bad hex", rule->text);
		snprintf(escaped + strlen(escaped), 5, "\\x%.2s", hex);
	}
	unescape(rule, escaped);
}

static bool suits(const struct rule *rule, const char *only) {
	char list[128];

	if (!only)
		return true;
	snprintf(list, sizeof(list), "%s", only);
	for (char *save, *name = strtok_r(list, " ", &save); name; name = strtok_r(NULL, " ", &save))
		if (strcmp(rule->pattern, name) == 0)
			return true;
	return false;
}

static void read_action(struct rule *rule, char *text) {
	if (shim_number(text, &rule->number)) {
		rule->action = ACT_FAIL;
		return;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		size_t len = strlen(actions[i].name);

		if (strncmp(text, actions[i].name, len) != 0 ||
		    (actions[i].argument == NONE && text[len]))
			continue;
		if (!suits(rule, actions[i].only))
			shim_die("'%s': this action is for %s", rule->text, actions[i].only);
		rule->action = actions[i].action;
		if (actions[i].argument == NUMBER && !shim_number(text + len, &rule->number))
			shim_die("'%s': not a number or a name that is known", rule->text);
		if (actions[i].argument == TEXT)
			unescape(rule, text + len);
		if (actions[i].argument == ATTRIBUTE)
			read_attribute(rule, text + len);
		return;
	}
	shim_die("'%s': no such action", rule->text);
}

static bool matches_name(const struct rule *rule, const char *name) {
	size_t len = strlen(rule->pattern);

	if (len && rule->pattern[len - 1] == '*')
		return strncmp(rule->pattern, name, len - 1) == 0;
	return strcmp(rule->pattern, name) == 0;
}

static void read_index(struct rule *rule, char *text) {
	char *end;

	rule->from = strtoul(text, &end, 10);
	rule->to = *end == '+' ? (unsigned long)-1 : rule->from;
	if (*end == '-')
		rule->to = strtoul(end + 1, &end, 10);
	else if (*end == '+')
		end++;
	if (!rule->from || rule->to < rule->from || *end)
		shim_die("'%s': #N, #N-M or #N+", rule->text);
}

static void read_rule(struct rule *rule, char *text) {
	char *equals = strchr(text, '='), *mark;
	bool known = false;

	rule->text = strdup(text);
	rule->from = 1;
	rule->to = (unsigned long)-1;
	if (!rule->text || !equals)
		shim_die("'%s': FUNCTION[@DETAIL][#N]=ACTION", text);
	*equals = '\0';
	if ((mark = strchr(text, '#'))) {
		read_index(rule, mark + 1);
		*mark = '\0';
	}
	if ((mark = strchr(text, '@'))) {
		rule->has_detail = shim_number(mark + 1, &rule->detail);
		if (!rule->has_detail)
			shim_die("'%s': @NUMBER", rule->text);
		*mark = '\0';
	}
	snprintf(rule->pattern, sizeof(rule->pattern), "%s", text);
	for (int i = 0; i < FN_COUNT; i++)
		known |= matches_name(rule, shim_function_name((enum function)i));
	if (!known)
		shim_die("'%s': no such function", rule->text);
	read_action(rule, equals + 1);
}

static void read_rules(const char *env) {
	char *copy = strdup(env), *save;

	rules = calloc(strlen(env) / 2 + 1, sizeof(*rules));
	if (!copy || !rules)
		shim_die("no memory");
	for (char *text = strtok_r(copy, ";\n", &save); text; text = strtok_r(NULL, ";\n", &save)) {
		text += strspn(text, " \t");
		if (*text)
			read_rule(&rules[rule_count++], text);
	}
	free(copy);
}

static void load_once(void) {
	const char *path = getenv("CAPROOF_SHIM_MODULE"), *log = getenv("CAPROOF_SHIM_LOG");
	const char *text = getenv("CAPROOF_SHIM_RULES");
	CK_C_GetFunctionList get_list;
	void *module, *symbol;

	symbol = dlsym(RTLD_DEFAULT, "failalloc_hold");
	memcpy(&alloc_hold, &symbol, sizeof(symbol));
	if (alloc_hold)
		alloc_hold(1);
	read_rules(text ? text : "");
	if (log && (log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0)
		shim_die("%s: %s", log, strerror(errno));
	module = dlopen(path ? path : "/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
	symbol = module ? dlsym(module, "C_GetFunctionList") : NULL;
	memcpy(&get_list, &symbol, sizeof(symbol));
	if (!get_list || get_list(&shim_real) != CKR_OK)
		shim_die("cannot load the real module: %s", module ? "no function list" : dlerror());
	if (alloc_hold)
		alloc_hold(-1);
}

void shim_load(void) {
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load_once);
}

/* --- matching ----------------------------------------------------------------- */

/* Rules that change an outcome count as used when they are applied, so that
 * "hide CKA_ID" is reported as unused when nobody asked for CKA_ID. */
static bool used_when_applied(enum action action) {
	return action == ACT_HIDE || action == ACT_SENSITIVE || action == ACT_MINUS1 ||
	       action == ACT_SET || action == ACT_GROW || action == ACT_LIMIT;
}

struct rule *shim_rule(const struct call *call, enum action action, size_t *at) {
	for (size_t i = at ? *at : 0; i < call->count; i++)
		if (call->fired[i]->action == action) {
			if (at)
				*at = i + 1;
			return call->fired[i];
		}
	return NULL;
}

static void nap(unsigned long ms) {
	struct timespec left = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static void lose_session(struct call *call, const struct rule *rule) {
	CK_SESSION_INFO info;

	/* The last session of a slot takes the login with it (PKCS#11 2.40 5.6). */
	pthread_rwlock_wrlock(&busy);
	if (shim_real->C_GetSessionInfo(call->session, &info) == CKR_OK)
		(void)shim_real->C_CloseAllSessions(info.slotID);
	pthread_rwlock_unlock(&busy);
	atomic_store(&shim_sessions, 0);
	call->refused = true;
	call->rv = rule->number;
}

static void perform(struct call *call, const struct rule *rule) {
	const char *name = shim_function_name(call->fn), *text = (const char *)rule->bytes;
	int fd;

	if (rule->action == ACT_FAIL) {
		call->refused = true;
		call->rv = rule->number;
	} else if (rule->action == ACT_LATE) {
		call->replaced = true;
		call->late = rule->number;
	} else if (rule->action == ACT_LOST) {
		lose_session(call, rule);
	} else if (rule->action == ACT_SLEEP) {
		shim_log("enter %s", name);
		nap(rule->number);
	} else if (rule->action == ACT_UNTIL) {
		shim_log("enter %s", name);
		while (access(text, F_OK) != 0)
			nap(5);
	} else if (rule->action == ACT_HANG) {
		shim_log("enter %s", name);
		shim_log("%s%s rv=hang", name, call->note);
		for (;;)
			nap(1000);
	} else if (rule->action == ACT_KILL) {
		shim_log("enter %s", name);
		kill(getpid(), (int)rule->number);
	} else if (rule->action == ACT_TOUCH) {
		if ((fd = open(text, O_WRONLY | O_CREAT | O_EXCL, 0644)) < 0)
			shim_die("%s: %s", text, strerror(errno));
		close(fd);
	} else if (rule->action == ACT_PRINT) {
		fprintf(stderr, "%s\n", text);
	}
}

void shim_enter(struct call *call, enum function fn, CK_SESSION_HANDLE session,
	unsigned long detail) {
	const char *name = shim_function_name(fn);

	shim_load();
	if (alloc_hold)
		alloc_hold(1);
	memset(call, 0, sizeof(*call));
	call->fn = fn;
	call->session = session;
	for (size_t i = 0; i < rule_count; i++) {
		struct rule *rule = &rules[i];
		unsigned long hit;

		if (!matches_name(rule, name) || (rule->has_detail && rule->detail != detail))
			continue;
		hit = atomic_fetch_add(&rule->hits, 1) + 1;
		if (hit < rule->from || hit > rule->to || call->count == CALL_RULES)
			continue;
		call->fired[call->count++] = rule;
		if (!used_when_applied(rule->action))
			atomic_store(&rule->used, true);
	}
	if (atomic_fetch_add(&inside[fn], 1) > 0)
		shim_note(call, " busy=%d", atomic_load(&inside[fn]));
	for (size_t i = 0; i < call->count; i++)
		perform(call, call->fired[i]);
	pthread_rwlock_rdlock(&busy);
}

CK_RV shim_leave(struct call *call) {
	pthread_rwlock_unlock(&busy);
	if (call->replaced && !call->refused)
		call->rv = call->late;
	atomic_fetch_sub(&inside[call->fn], 1);
	shim_log("%s%s rv=0x%lx", shim_function_name(call->fn), call->note, call->rv);
	if (alloc_hold)
		alloc_hold(-1);
	return call->rv;
}
