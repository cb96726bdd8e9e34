/* SPDX-License-Identifier: Apache-2.0
 *
 * Make everything fail that can, one thing at a time, and see that the tool says so.
 *
 *   sweep [-o OUT]... [-c CHECK] [-a FAILALLOC [-p] [-s STRIDE]] -- COMMAND...
 *
 * COMMAND is run once to learn which Cryptoki functions it calls how often (by the
 * fault shim, which the environment must name as its module).  Then, for each call and
 * each way to fail, it is run again.  With -a, the preloaded library makes each
 * STRIDE-th memory allocation fail instead; with -p only the first on each chain of calls
 * counts, and each STRIDE-th of those fails.  OUT is a file that COMMAND writes, in a
 * folder of its own; CHECK is a shell command that accepts what was written.
 *
 * Demanded of each run: it ends within a minute and not by a signal; either with 0
 * and what it should have made, or with an exit code that says what happened, one
 * sentence 'caproof: …' without a bare CKR_, and nothing left behind; one
 * C_Login(CKU_USER), a second only after a lost session; no context-specific login
 * after one failed.  Prints what broke a demand and how many combinations there were;
 * exit code 0 when none did.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "demand.h"

enum { SECONDS = 60, FUNCTIONS = 80, CODES = 256, OUTS = 2 };

/* A way to fail, and the exit codes besides 0 that tell the truth about it: 1 is for
 * memory alone, and what a token does is never the fault of an input or the output. */
static const struct fault {
	const char *action;
	const char *codes;
	bool session;      /* only where there is a session to lose */
} faults[] = {
	{ "CKR_DEVICE_REMOVED", "4", false },
	{ "CKR_GENERAL_ERROR", "4", false },
	{ "CKR_HOST_MEMORY", "14", false },
	{ "CKR_SESSION_HANDLE_INVALID", "4", false },
	{ "CKR_FUNCTION_FAILED", "4", false },
	{ "0x80000123", "4", false },
	{ "lost:CKR_SESSION_HANDLE_INVALID", "4", true },
};

static struct {
	const char *outs[OUTS + 1], *check, *failalloc;
	size_t out_count;
	bool paths;
	unsigned long stride;
	char **command;
	char scratch[64], log[96], errors[96], count[96];
	unsigned long runs, broken, seen[CODES];
} sweep = { .stride = 1 };

static _Noreturn void __attribute__((format(printf, 1, 2))) die(const char *fmt, ...) {
	va_list args;

	va_start(args, fmt);
	fputs("sweep: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

static char *slurp(const char *path) {
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 1 << 20);

	if (!text)
		die("no memory");
	if (file) {
		text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
		fclose(file);
	}
	return text;
}

/* --- running --------------------------------------------------------------------- */

static _Noreturn void child(const char *rules, const char *allocation) {
	int null = open("/dev/null", O_RDWR);
	int errors = open(sweep.errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(errors, 2) < 0)
		_exit(126);
	setsid();
	setenv("CAPROOF_SHIM_LOG", sweep.log, 1);
	setenv("CAPROOF_SHIM_RULES", rules, 1);
	if (allocation) {
		setenv("CAPROOF_FAILALLOC", allocation, 1);
		setenv("CAPROOF_FAILALLOC_LOG", sweep.count, 1);
		setenv("LD_PRELOAD", sweep.failalloc, 1);
	}
	execvp(sweep.command[0], sweep.command);
	_exit(126);
}

static void ignore_signal(int number) {
	(void)number;
}

static struct result run(const char *rules, const char *allocation) {
	struct timespec limit = { SECONDS, 0 };
	struct result result = { 0, false, NULL, NULL };
	sigset_t chld;
	pid_t pid;

	unlink(sweep.log);
	unlink(sweep.count);
	for (size_t i = 0; i < sweep.out_count; i++)
		unlink(sweep.outs[i]);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		sigprocmask(SIG_UNBLOCK, &chld, NULL);
		child(rules, allocation);
	}
	if (sigtimedwait(&chld, NULL, &limit) < 0) {
		result.late = true;
		kill(pid, SIGKILL);
	}
	waitpid(pid, &result.status, 0);
	while (sigtimedwait(&chld, NULL, &(struct timespec){ 0, 0 }) > 0)
		;
	result.log = slurp(sweep.log);
	result.errors = slurp(sweep.errors);
	sweep.runs++;
	sweep.seen[WIFEXITED(result.status) ? WEXITSTATUS(result.status) : 255]++;
	return result;
}

static void result_clear(struct result *result) {
	free(result->log);
	free(result->errors);
}

/* --- judging --------------------------------------------------------------------- */

static void judge(const struct result *result, const char *codes, const char *what) {
	const char *broken = demand(result, codes, sweep.outs, sweep.check);

	if (!broken)
		return;
	sweep.broken++;
	printf("BROKEN %s: %s (exit %d, signal %d)\n", what, broken, WEXITSTATUS(result->status),
		WIFSIGNALED(result->status) ? WTERMSIG(result->status) : 0);
	printf("%s\n", result->errors);
}

/* --- Cryptoki -------------------------------------------------------------------- */

struct calls {
	char name[40];
	unsigned int count;
};

static size_t learn(const char *log, struct calls *calls) {
	size_t n = 0, i;
	char name[40];

	for (; *log; log += strcspn(log, "\n"), log += *log == '\n') {
		if (sscanf(log, "%39s", name) != 1 || strncmp(name, "C_", 2) != 0)
			continue;
		for (i = 0; i < n && strcmp(calls[i].name, name) != 0; i++)
			;
		if (i == FUNCTIONS)
			die("too many functions");
		if (i == n) {
			memcpy(calls[n].name, name, sizeof(name));
			calls[n++].count = 0;
		}
		calls[i].count++;
	}
	return n;
}

static bool takes_session(const char *name) {
	static const char *const names[] = { "C_Login", "C_FindObjectsInit", "C_FindObjects",
		"C_FindObjectsFinal", "C_GetAttributeValue", "C_SignInit", "C_Sign" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Codes that a fault may end with, at this function.  A return value of C_Login is
 * about the login, so that its failure may also be said as one (5). */
static void codes_for(const char *name, const struct fault *fault, char *codes, size_t size) {
	snprintf(codes, size, "%s%s", fault->codes,
		strcmp(name, "C_Login") == 0 && fault->action[0] == '0' ? "5" : "");
}

static void sweep_function(const struct calls *calls) {
	for (unsigned int n = 1; n <= calls->count; n++)
		for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
			char rule[128], codes[8];
			struct result result;

			if (faults[i].session && !takes_session(calls->name))
				continue;
			codes_for(calls->name, &faults[i], codes, sizeof(codes));
			snprintf(rule, sizeof(rule), "%.40s#%u=%s", calls->name, n, faults[i].action);
			result = run(rule, NULL);
			if (!strstr(result.log, calls->name))
				die("%s: not called this time", rule);
			judge(&result, codes, rule);
			result_clear(&result);
		}
}

static void sweep_calls(const char *log) {
	static struct calls calls[FUNCTIONS];
	size_t n = learn(log, calls);

	if (n < 5)
		die("only %zu functions were called: is the module the shim?", n);
	for (size_t i = 0; i < n; i++)
		sweep_function(&calls[i]);
}

/* --- memory ---------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
	unsigned long m = *(const unsigned long *)a, n = *(const unsigned long *)b;

	return m < n ? -1 : m > n;
}

/* The numbers of the allocations that can be made to fail, of a good run. */
static unsigned long *learn_allocations(unsigned long *total, size_t *count) {
	struct result result = run("", sweep.paths ? "paths" : "count");
	char *text = slurp(sweep.count), *at;
	unsigned long *numbers;

	judge(&result, "", "counting allocations");
	result_clear(&result);
	*total = strtoul(text, &at, 10);
	if (*total < 100)
		die("only %lu allocations were counted", *total);
	numbers = calloc(*total + 1, sizeof(*numbers));
	if (!numbers)
		die("no memory");
	*count = 0;
	for (char *end; sweep.paths && *count < *total; at = end) {
		numbers[*count] = strtoul(at, &end, 10);
		if (end == at)
			break;
		++*count;
	}
	while (!sweep.paths && *count < *total) {
		numbers[*count] = *count + 1;
		++*count;
	}
	free(text);
	qsort(numbers, *count, sizeof(*numbers), compare);
	return numbers;
}

/* The number of allocations is not quite the same in each run: was there an N-th? */
static bool came(void) {
	char *text = slurp(sweep.count);
	bool counted = strchr(text, '\n');
	bool failed = strstr(text, "failed");

	free(text);
	return failed || !counted;
}

static void sweep_allocations(void) {
	unsigned long total, missed = 0;
	size_t count;
	unsigned long *numbers = learn_allocations(&total, &count);

	printf("%lu allocations", total);
	if (sweep.paths)
		printf(" by %zu chains of calls", count);
	printf(", each %lu. taken\n", sweep.stride);
	sweep.runs = 0;
	memset(sweep.seen, 0, sizeof(sweep.seen));
	for (size_t i = 0; i < count; i += sweep.stride) {
		char number[32], what[64];
		struct result result;

		snprintf(number, sizeof(number), "%lu", numbers[i]);
		snprintf(what, sizeof(what), "allocation %lu of %lu", numbers[i], total);
		result = run("", number);
		/* 4, 5: OpenSSL is the module's too, and may fail it in its own words later. */
		judge(&result, "145", what);
		result_clear(&result);
		missed += !came();
	}
	if (missed)
		printf("%lu allocations did not come again\n", missed);
	free(numbers);
}

/* --- all ------------------------------------------------------------------------- */

static void options(int argc, char **argv) {
	int option;

	while ((option = getopt(argc, argv, "+o:c:s:a:p")) != -1)
		switch (option) {
		case 'o':
			if (sweep.out_count == OUTS)
				die("too many outputs");
			sweep.outs[sweep.out_count++] = optarg;
			break;
		case 'c': sweep.check = optarg; break;
		case 's': sweep.stride = strtoul(optarg, NULL, 10); break;
		case 'a': sweep.failalloc = optarg; break;
		case 'p': sweep.paths = true; break;
		default:
			die("usage: sweep [-o OUT]... [-c CHECK] [-a LIBRARY [-p] [-s STRIDE]] -- COMMAND");
		}
	sweep.command = argv + optind;
	if (optind >= argc || !sweep.stride)
		die("no command");
}

static void prepare(void) {
	sigset_t chld;

	snprintf(sweep.scratch, sizeof(sweep.scratch), "/tmp/sweep.XXXXXX");
	if (!mkdtemp(sweep.scratch))
		die("%s: %s", sweep.scratch, strerror(errno));
	snprintf(sweep.log, sizeof(sweep.log), "%s/log", sweep.scratch);
	snprintf(sweep.errors, sizeof(sweep.errors), "%s/errors", sweep.scratch);
	snprintf(sweep.count, sizeof(sweep.count), "%s/count", sweep.scratch);
	/* A handler, so that the signal is kept while it is blocked. */
	signal(SIGCHLD, ignore_signal);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void clean(void) {
	unlink(sweep.log);
	unlink(sweep.errors);
	unlink(sweep.count);
	rmdir(sweep.scratch);
}

int main(int argc, char **argv) {
	struct result good;

	options(argc, argv);
	prepare();
	good = run("", NULL);
	if (good.late || good.status != 0 || demand(&good, "", sweep.outs, sweep.check))
		die("the good run is not good (status 0x%x): %s", good.status, good.errors);
	sweep.runs = 0;
	memset(sweep.seen, 0, sizeof(sweep.seen));
	if (sweep.failalloc)
		sweep_allocations();
	else
		sweep_calls(good.log);
	result_clear(&good);
	clean();
	for (int i = 0; i < CODES; i++)
		if (sweep.seen[i])
			printf("exit %d: %lu\n", i, sweep.seen[i]);
	printf("%lu combinations, %lu broken\n", sweep.runs, sweep.broken);
	return sweep.broken || !sweep.runs;
}
