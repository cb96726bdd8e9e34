/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret holds what it is given, and nobody else gets to it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"

/* AddressSanitizer makes mlock do nothing. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define LOCKED ""
#else
#define LOCKED " lo"
#endif

static struct secret *make(const char *text) {
	struct error err = ERROR_INIT;
	struct secret *secret = NULL;

	assert_int_equal(secret_new(&secret, &err), CAPROOF_OK);
	memcpy(secret_data(secret), text, strlen(text));
	secret_set_len(secret, strlen(text));
	return secret;
}

static void it_begins_empty(void **state) {
	struct secret *secret = make("");

	(void)state;
	assert_int_equal(secret_len(secret), 0);
	assert_int_equal(secret_span(secret).len, 0);
	for (size_t i = 0; i < SECRET_MAX; i++)
		assert_int_equal(secret_data(secret)[i], 0);
	secret_free(secret);
	secret_free(NULL);
}

static void it_holds_what_it_is_given(void **state) {
	struct secret *secret = make("1234");

	(void)state;
	assert_int_equal(secret_len(secret), 4);
	assert_true(span_equal(secret_span(secret), span_of("1234", 4)));
	memset(secret_data(secret), 'x', SECRET_MAX);
	secret_set_len(secret, SECRET_MAX + 1);
	assert_int_equal(secret_len(secret), SECRET_MAX);
	secret_free(secret);
}

static void shortening_wipes_the_rest(void **state) {
	struct secret *secret = make("12345678");

	(void)state;
	secret_set_len(secret, 4);
	assert_memory_equal(secret_data(secret), "1234\0\0\0\0", 8);
	secret_free(secret);
}

/* How a child ends that touches *ADDRESS: the signal, or 0. */
static int touch(const unsigned char *address) {
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(*(volatile const unsigned char *)address == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void its_neighbours_cannot_be_touched(void **state) {
	struct secret *secret = make("1234");
	unsigned char *data = secret_data(secret);

	(void)state;
	assert_int_equal(touch(data), 0);
	assert_int_equal(touch(data + sysconf(_SC_PAGESIZE)), SIGSEGV);
	assert_int_equal(touch(data - sysconf(_SC_PAGESIZE)), SIGSEGV);
	secret_free(secret);
}

static void a_child_does_not_inherit_it(void **state) {
	struct secret *secret = make("1234");
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(secret_data(secret)[0] == '1' ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_equal(secret_data(secret), "1234", 4);
	secret_free(secret);
}

/* The flags that the kernel shows for the mapping that holds ADDRESS. */
static void find_flags(const void *address, char *flags, size_t size) {
	FILE *maps = fopen("/proc/self/smaps", "r");
	char line[512];
	bool inside = false;

	assert_non_null(maps);
	flags[0] = '\0';
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = (unsigned long)address >= from && (unsigned long)address < to;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, size, "%s", line);
	}
	fclose(maps);
}

static void it_is_locked_and_not_dumped(void **state) {
	struct secret *secret = make("1234");
	char flags[512];

	(void)state;
	find_flags(secret_data(secret), flags, sizeof flags);
	assert_non_null(strstr(flags, LOCKED));
	assert_non_null(strstr(flags, " dd"));
	assert_non_null(strstr(flags, " wf"));
	secret_free(secret);
}

static void without_lockable_memory_it_works(void **state) {
	struct rlimit before;
	struct secret *secret;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 0, before.rlim_max }), 0);
	secret = make("1234");
	assert_int_equal(secret_len(secret), 4);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &before), 0);
	secret_free(secret);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_empty),
		cmocka_unit_test(it_holds_what_it_is_given),
		cmocka_unit_test(shortening_wipes_the_rest),
		cmocka_unit_test(its_neighbours_cannot_be_touched),
		cmocka_unit_test(a_child_does_not_inherit_it),
		cmocka_unit_test(it_is_locked_and_not_dumped),
		cmocka_unit_test(without_lockable_memory_it_works),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
