/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sweep demands of a run, whatever was made to fail.  It does not know what
 * that was, except by the exit codes that would tell the truth about it.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demand.h"

static unsigned int count_lines(const char *text, const char *start) {
	unsigned int n = 0;

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		n += strncmp(line, start, strlen(start)) == 0;
	}
	return n;
}

static bool is_output(const char *folder, const char *name, const char *const *outs) {
	char path[1280];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	while (*outs && strcmp(*outs, path) != 0)
		outs++;
	return *outs;
}

/* Files in OUT's folder that are no outputs. */
static bool has_leftovers(const char *out, const char *const *outs) {
	const char *name = strrchr(out, '/');
	char folder[1024];
	struct dirent *entry;
	unsigned int n = 0;
	DIR *dir;

	if (!name)
		return false;
	snprintf(folder, sizeof(folder), "%.*s", (int)(name - out), out);
	if (!(dir = opendir(folder)))
		return true;
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
			!is_output(folder, entry->d_name, outs);
	closedir(dir);
	return n > 0;
}

/* Between two logins of the user the first must have been accepted, and the token
 * asked whether the login is gone. */
static bool logins_are_right(const char *log) {
	bool asked = false, accepted = false, failed = false;
	unsigned int users = 0;
	char line[512];

	for (; *log; log += strcspn(log, "\n"), log += *log == '\n') {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(log, "\n"), log);
		if (strncmp(line, "C_GetSessionInfo ", 17) == 0)
			asked = true;
		if (strncmp(line, "C_Login ", 8) != 0)
			continue;
		if (strstr(line, "user=2") && failed)
			return false;
		if (strstr(line, "user=2"))
			failed = !strstr(line, "rv=0x0");
		if (!strstr(line, "user=1"))
			continue;
		if (users++ && (!accepted || !asked || users > 2))
			return false;
		accepted = strstr(line, "rv=0x0");
		asked = false;
	}
	return true;
}

static const char *demand_failure(const struct result *result, const char *codes,
	const char *const *outs) {
	int code = WEXITSTATUS(result->status);

	if (code < 1 || code > 8 || !strchr(codes, '0' + code))
		return "the exit code does not fit what happened";
	for (; *outs; outs++)
		if (access(*outs, F_OK) == 0)
			return "it failed, and there is an output";
	/* popt says it itself, and ends the process. */
	if (count_lines(result->errors, "caproof: ") +
	    count_lines(result->errors, "virtual memory exhausted.") !=
	    1 + count_lines(result->errors, "caproof: warning: "))
		return "not one line 'caproof: '";
	if (strstr(result->errors, "CKR_"))
		return "a bare CKR_";
	return NULL;
}

static const char *demand_success(const char *const *outs, const char *check) {
	for (; *outs; outs++)
		if (access(*outs, F_OK))
			return "exit code 0 without an output";
	if (check && system(check) != 0)
		return "exit code 0, and the output is wrong";
	return NULL;
}

/* The linker of glibc 2.41 ends the process itself where a thread's data finds no memory:
 * nothing can be said any more, but what is there must be whole. */
static const char *demand_whole(const char *const *outs, const char *check) {
	for (const char *const *out = outs; *out; out++)
		if (access(*out, F_OK) == 0)
			return demand_success(outs, check);
	return NULL;
}

static bool is_linkers_end(const struct result *result) {
	return WEXITSTATUS(result->status) == 127 &&
		strstr(result->errors, "cannot allocate memory for thread-local data");
}

const char *demand(const struct result *result, const char *codes, const char *const *outs,
	const char *check) {
	const char *broken;

	if (result->late)
		return "it did not end";
	if (!WIFEXITED(result->status))
		return "ended by a signal";
	if (is_linkers_end(result))
		broken = demand_whole(outs, check);
	else if (WEXITSTATUS(result->status) != 0)
		broken = demand_failure(result, codes, outs);
	else
		broken = demand_success(outs, check);
	if (broken)
		return broken;
	for (const char *const *out = outs; *out; out++)
		if (has_leftovers(*out, outs))
			return "something was left behind";
	if (!logins_are_right(result->log))
		return "logins";
	return NULL;
}
