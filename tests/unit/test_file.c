/* SPDX-License-Identifier: Apache-2.0
 *
 * Inputs: whole, bounded, and a sentence for each that is not to be had.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static int enter_scratch(void **state) {
	static char folder[] = "/tmp/caproof-file-XXXXXX";

	*state = folder;
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_scratch(void **state) {
	char command[64];

	snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
	return chdir("/") != 0 || system(command) != 0;
}

static void make(const char *path, const void *data, size_t len) {
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void assert_reads(const char *path, const void *expected, size_t len) {
	struct error err = ERROR_INIT;
	struct bytes out = BYTES_INIT;

	assert_int_equal(file_read(path, "list", &out, &err), CAPROOF_OK);
	assert_int_equal(out.len, len);
	assert_memory_equal(out.data, expected, len);
	bytes_clear(&out);
}

static void assert_refused(const char *path, enum error_id id, const char *sentence) {
	struct error err = ERROR_INIT;
	struct bytes out = BYTES_INIT;

	assert_int_equal(file_read(path, "CA certificate", &out, &err), CAPROOF_INPUT);
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.id, id);
	assert_null(out.data);
}

static void a_file_is_read_whole(void **state) {
	static unsigned char large[100001];

	(void)state;
	memset(large, 0xA5, sizeof large);
	large[8192] = 0;
	make("small", "a\0b", 3);
	make("large", large, sizeof large);
	assert_reads("small", "a\0b", 3);
	assert_reads("large", large, sizeof large);
	make("exact", large, 8192);
	assert_reads("exact", large, 8192);
}

static void a_size_that_is_not_told_does_not_matter(void **state) {
	struct error err = ERROR_INIT;
	struct bytes out = BYTES_INIT;

	(void)state;
	assert_int_equal(file_read("/proc/self/status", "status", &out, &err), CAPROOF_OK);
	assert_memory_equal(out.data, "Name:", 5);
	bytes_clear(&out);
}

static void what_cannot_be_read_is_a_sentence(void **state) {
	(void)state;
	make("plain", "x", 1);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_refused("none", ERROR_INPUT_READ,
		"cannot read the CA certificate 'none': there is no such file or folder");
	assert_refused("none\x1B[2J", ERROR_INPUT_READ,
		"cannot read the CA certificate 'none\\x1b[2J': there is no such file or folder");
	assert_refused(".", ERROR_INPUT_READ, "cannot read the CA certificate '.': it is a folder");
	assert_refused("plain/x", ERROR_INPUT_READ,
		"cannot read the CA certificate 'plain/x': a part of the path is not a folder");
	assert_refused("loop", ERROR_INPUT_READ,
		"cannot read the CA certificate 'loop': too many symbolic links");
	assert_refused("", ERROR_INPUT_READ,
		"cannot read the CA certificate '': there is no such file or folder");
}

/* As somebody else, when the tests run as root. */
static void permission_is_a_sentence(void **state) {
	uid_t before = geteuid();

	(void)state;
	make("closed", "x", 1);
	assert_int_equal(chmod("closed", 0), 0);
	assert_int_equal(chmod(".", 0755), 0);
	if (before == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_refused("closed", ERROR_INPUT_READ,
		"cannot read the CA certificate 'closed': permission denied");
	assert_int_equal(seteuid(before), 0);
}

static void an_empty_file_is_refused(void **state) {
	(void)state;
	make("empty", "", 0);
	assert_refused("empty", ERROR_INPUT_EMPTY, "the CA certificate 'empty' is empty");
	assert_refused("/dev/null", ERROR_INPUT_EMPTY, "the CA certificate '/dev/null' is empty");
}

static void the_limit_is_exact(void **state) {
	struct error err = ERROR_INIT;
	struct bytes out = BYTES_INIT;

	(void)state;
	make("huge", "x", 1);
	assert_int_equal(truncate("huge", FILE_MAX_SIZE), 0);
	assert_int_equal(file_read("huge", "list", &out, &err), CAPROOF_OK);
	assert_int_equal(out.len, FILE_MAX_SIZE);
	bytes_clear(&out);
	assert_int_equal(truncate("huge", FILE_MAX_SIZE + 1), 0);
	assert_refused("huge", ERROR_INPUT_TOO_LARGE,
		"the CA certificate 'huge' is larger than 16 MiB");
	assert_refused("/dev/zero", ERROR_INPUT_TOO_LARGE,
		"the CA certificate '/dev/zero' is larger than 16 MiB");
}

/* Write TEXT to FD octet by octet, in a child. */
static pid_t drip(const char *path, int fd, const char *text) {
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (path != NULL)
		fd = open(path, O_WRONLY);
	for (; *text != '\0'; text++) {
		if (write(fd, text, 1) != 1)
			_exit(1);
		usleep(1000);
	}
	_exit(0);
}

static void assert_ended(pid_t pid) {
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_fifo_is_read_to_its_end(void **state) {
	pid_t pid;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	pid = drip("fifo", -1, "octet by octet");
	assert_reads("fifo", "octet by octet", 14);
	assert_ended(pid);
}

static void a_dash_is_standard_input(void **state) {
	int before = dup(STDIN_FILENO);
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = drip(NULL, ends[1], "piped in");
	close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_reads("-", "piped in", 8);
	assert_ended(pid);
	assert_refused("-", ERROR_INPUT_EMPTY, "the CA certificate on standard input is empty");
	close(STDIN_FILENO);
	assert_refused("-", ERROR_INPUT_READ,
		"cannot read the CA certificate on standard input: it is not open");
	if (before >= 0) {
		assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
		close(before);
	}
}

static volatile sig_atomic_t alarms;
static int alarm_pipe[2] = { -1, -1 };
static unsigned said_enough;

static void on_alarm(int sig) {
	(void)sig;
	alarms++;
	if (alarm_pipe[1] >= 0 && write(alarm_pipe[1], "", 1) < 0)
		alarms = -1000;
}

static bool enough_alarms(void) {
	said_enough += alarms >= 3;
	return alarms >= 3;
}

static void ring_every_50_ms(bool on) {
	const struct sigaction action = { .sa_handler = on_alarm };
	static timer_t running;
	const struct itimerspec every = { { 0, 50000000 }, { 0, 50000000 } };

	if (!on) {
		assert_int_equal(timer_delete(running), 0);
		return;
	}
	alarms = 0;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &running), 0);
	assert_int_equal(timer_settime(running, 0, &every, NULL), 0);
}

/* In a child: so many more in the parent. */
static void wait_for_alarms(int count) {
	char octet;

	while (count-- > 0)
		if (read(alarm_pipe[0], &octet, 1) != 1)
			_exit(2);
}

static void signals_that_mean_nothing_are_let_pass(void **state) {
	pid_t pid;

	(void)state;
	assert_int_equal(mkfifo("slow", 0600), 0);
	assert_int_equal(pipe(alarm_pipe), 0);
	pid = fork();
	if (pid == 0) {
		int fd;

		wait_for_alarms(3);
		fd = open("slow", O_WRONLY);
		wait_for_alarms(3);
		_exit(write(fd, "late", 4) == 4 ? 0 : 1);
	}
	ring_every_50_ms(true);
	assert_reads("slow", "late", 4);
	ring_every_50_ms(false);
	assert_true(alarms >= 6);
	assert_ended(pid);
	close(alarm_pipe[0]);
	close(alarm_pipe[1]);
	alarm_pipe[0] = alarm_pipe[1] = -1;
}

static void a_wait_ends_when_the_user_wants_to_stop(void **state) {
	struct error err = ERROR_INIT;
	struct bytes out = BYTES_INIT;

	(void)state;
	assert_int_equal(mkfifo("nobody", 0600), 0);
	file_on_interrupt(enough_alarms);
	ring_every_50_ms(true);
	assert_int_equal(file_read("nobody", "list", &out, &err), CAPROOF_INTERRUPTED);
	ring_every_50_ms(false);
	file_on_interrupt(NULL);
	assert_string_equal(err.message, "interrupted while reading the list 'nobody'");
	assert_int_equal(said_enough, 1);
	assert_null(out.data);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole),
		cmocka_unit_test(a_size_that_is_not_told_does_not_matter),
		cmocka_unit_test(what_cannot_be_read_is_a_sentence),
		cmocka_unit_test(permission_is_a_sentence),
		cmocka_unit_test(an_empty_file_is_refused),
		cmocka_unit_test(the_limit_is_exact),
		cmocka_unit_test(a_fifo_is_read_to_its_end),
		cmocka_unit_test(a_dash_is_standard_input),
		cmocka_unit_test(signals_that_mean_nothing_are_let_pass),
		cmocka_unit_test(a_wait_ends_when_the_user_wants_to_stop),
	};

	return cmocka_run_group_tests_name("file", tests, enter_scratch, leave_scratch);
}
