/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals and the clock, each in a child of its own: how it ends, what it says, what it
 * leaves behind.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/cli/harden.h"
#include "../../src/cli/interrupt.h"
#include "base/output_internal.h"

#define PATIENCE_S 60

static int enter_scratch(void **state) {
	static char folder[] = "/tmp/caproof-interrupt-XXXXXX";

	*state = folder;
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_scratch(void **state) {
	char command[64];

	snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
	return chdir("/") != 0 || system(command) != 0;
}

static unsigned names_in(const char *path) {
	DIR *folder = opendir(path);
	unsigned count = 0;

	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

struct result {
	int status; /* as of waitpid */
	double seconds;
	char out[500], err[500];
};

static double now(void) {
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void read_all(int fd, char *buf, size_t size) {
	size_t len = 0;

	for (ssize_t n; len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0;)
		len += (size_t)n;
	buf[len] = '\0';
	close(fd);
}

static struct result run(void (*body)(void)) {
	struct result result;
	int out[2], err[2];
	double start = now();
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(err), 0);
	pid = fork();
	if (pid == 0) {
		alarm(PATIENCE_S);
		/* whatever the tests were started with */
		for (int sig = 1; sig < SIGRTMIN; sig++)
			signal(sig, SIG_DFL);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(out[0]);
		close(err[0]);
		close(out[1]);
		close(err[1]);
		body();
		_exit(0);
	}
	close(out[1]);
	close(err[1]);
	read_all(out[0], result.out, sizeof result.out);
	read_all(err[0], result.err, sizeof result.err);
	assert_int_equal(waitpid(pid, &result.status, 0), pid);
	result.seconds = now() - start;
	return result;
}

static void assert_exits(void (*body)(void), int code) {
	struct result result = run(body);

	if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != code)
		fail_msg("status 0x%x, not exit %d; it said '%s'", (unsigned)result.status, code,
			result.err);
}

static void expect(bool condition, int code) {
	if (!condition)
		_exit(code);
}

static void first_signal_waits(void) {
	int ends[2];

	expect(pipe(ends) == 0, 50);
	interrupt_install();
	expect(!interrupt_pending() && interrupt_status() == 0, 51);
	/* Before the wait: it must not be lost. */
	raise(SIGTERM);
	expect(interrupt_pending() && interrupt_status() == 143, 52);
	expect(!interrupt_wait(ends[0]), 53);
	expect(write(ends[1], "x", 1) == 1, 54);
	expect(interrupt_wait(ends[0]), 55);
}

static void the_first_signal_sets_a_flag(void **state) {
	(void)state;
	assert_exits(first_signal_waits, 0);
}

/* A temporary name and a committed file are on the disk. */
static void leave_something(void) {
	struct error err = ERROR_INIT;
	struct output *output;

	output_method = OUTPUT_RENAME;
	expect(output_open("pending", 0644, false, &output, &err) == CAPROOF_OK, 60);
	expect(names_in(".") == 1, 61);
}

static void two_signals(int first, int second) {
	interrupt_install();
	leave_something();
	raise(first);
	expect(names_in(".") == 1, 62);
	raise(second);
}

static void two_ints(void) {
	two_signals(SIGINT, SIGINT);
}

static void int_and_term(void) {
	two_signals(SIGINT, SIGTERM);
}

static void two_quits_with_texts(void) {
	interrupt_set_texts("caproof: stopped\nhint: none\n", "{\"caproof\":1}\n");
	two_signals(SIGQUIT, SIGQUIT);
}

static void two_hups(void) {
	two_signals(SIGHUP, SIGHUP);
}

static void the_second_ends_at_once(void **state) {
	struct result result = run(two_ints);

	(void)state;
	assert_int_equal(result.status, 130 << 8);
	assert_string_equal(result.err, "caproof: interrupted\n");
	assert_string_equal(result.out, "");
	assert_int_equal(names_in("."), 0);
	assert_exits(int_and_term, 143);
	assert_exits(two_hups, 143);
	result = run(two_quits_with_texts);
	assert_int_equal(result.status, 130 << 8);
	assert_string_equal(result.err, "caproof: stopped\nhint: none\n");
	assert_string_equal(result.out, "{\"caproof\":1}\n");
	assert_int_equal(names_in("."), 0);
}

static void ignored_from_the_start(void) {
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	interrupt_install();
	raise(SIGHUP);
	raise(SIGINT);
	raise(SIGINT);
	expect(!interrupt_pending(), 50);
	raise(SIGTERM);
	expect(interrupt_pending(), 51);
}

static void what_was_ignored_stays_ignored(void **state) {
	(void)state;
	assert_exits(ignored_from_the_start, 0);
}

static void broken_pipe_and_full_file(void) {
	int ends[2];

	interrupt_install();
	expect(pipe(ends) == 0, 50);
	close(ends[0]);
	expect(write(ends[1], "x", 1) == -1, 51);
	expect(raise(SIGXFSZ) == 0, 52);
	expect(!interrupt_pending(), 53);
}

static void broken_pipes_are_errors_not_signals(void **state) {
	(void)state;
	assert_exits(broken_pipe_and_full_file, 0);
}

static void start_clock(unsigned seconds) {
	struct error err = ERROR_INIT;

	expect(interrupt_timeout_start(seconds, "caproof: too late\nhint: wait\n",
		"{\"error\":1}\n", &err) == CAPROOF_OK, 70);
}

static void hang(void) {
	for (;;)
		pause();
}

static void hang_with_a_limit(void) {
	interrupt_install();
	leave_something();
	start_clock(1);
	hang();
}

static void the_limit_ends_what_hangs(void **state) {
	struct result result = run(hang_with_a_limit);

	(void)state;
	assert_int_equal(result.status, CAPROOF_DEVICE << 8);
	assert_string_equal(result.err, "caproof: too late\nhint: wait\n");
	assert_string_equal(result.out, "{\"error\":1}\n");
	assert_int_equal(names_in("."), 0);
	assert_true(result.seconds >= 1.0);
}

static void hang_after_the_commit(void) {
	struct error err = ERROR_INIT;
	struct output *output;

	start_clock(1);
	expect(output_open("done", 0644, false, &output, &err) == CAPROOF_OK, 60);
	expect(output_write(output, span_of("x", 1), &err) == CAPROOF_OK, 61);
	expect(output_commit(output, &err) == CAPROOF_OK, 62);
	hang();
}

static void what_is_done_is_done(void **state) {
	struct result result = run(hang_after_the_commit);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "caproof: warning: the output is complete, but the "
		"module did not answer afterwards\n");
	assert_string_equal(result.out, "");
	assert_int_equal(unlink("done"), 0);
}

/* To a reader that does not read: the end must come all the same. */
static void hang_with_a_full_pipe(void) {
	static char octets[4096];
	int ends[2];

	expect(pipe2(ends, O_NONBLOCK) == 0, 50);
	while (write(ends[1], octets, sizeof octets) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	dup2(ends[1], STDERR_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	start_clock(1);
	hang();
}

static void a_reader_that_does_not_read_delays_no_end(void **state) {
	struct result result = run(hang_with_a_full_pipe);

	(void)state;
	assert_int_equal(result.status, CAPROOF_DEVICE << 8);
}

static void be_slow_while_paused(void) {
	start_clock(1);
	interrupt_timeout_pause();
	usleep(1500000);
	interrupt_timeout_resume();
	usleep(200000);
	expect(write(STDOUT_FILENO, "went on\n", 8) == 8, 50);
	hang();
}

static void a_person_may_take_time(void **state) {
	struct result result = run(be_slow_while_paused);

	(void)state;
	assert_int_equal(result.status, CAPROOF_DEVICE << 8);
	assert_string_equal(result.out, "went on\n{\"error\":1}\n");
	assert_true(result.seconds >= 2.4);
}

static void be_in_time(void) {
	start_clock(1);
	interrupt_timeout_stop();
	usleep(1200000);
	start_clock(1);
	interrupt_finish();
	usleep(1200000);
	/* and without anything running */
	interrupt_timeout_pause();
	interrupt_timeout_resume();
	interrupt_timeout_stop();
	interrupt_finish();
}

static void a_clock_that_is_stopped_does_nothing(void **state) {
	struct result result = run(be_in_time);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "");
}

/* Nobody reads standard error before the child has ended. */
static void wait_for_octets(int wanted) {
	for (int there = 0; there < wanted; usleep(5000))
		expect(ioctl(STDERR_FILENO, FIONREAD, &there) == 0, 80);
}

static void be_noticed(void) {
	static const char text[] = "caproof: touch it\n", more[] = "caproof: again\n";

	interrupt_notice_start(100, text);
	wait_for_octets(sizeof text - 1);
	usleep(200000);
	interrupt_notice_stop();
	for (int i = 0; i < 10; i++) {
		interrupt_notice_start(3000, "caproof: not this\n");
		usleep(20000);
		interrupt_notice_stop();
	}
	/* a nearer one, while the thread sleeps for a later one */
	start_clock(PATIENCE_S);
	interrupt_notice_start(100, more);
	wait_for_octets(sizeof text + sizeof more - 2);
	interrupt_finish();
}

static void a_notice_comes_once_and_late_enough(void **state) {
	struct result result = run(be_noticed);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "caproof: touch it\ncaproof: again\n");
}

static void count_threads(void) {
	struct error err = ERROR_INIT;
	unsigned before = names_in("/proc/self/task");

	interrupt_install();
	expect(interrupt_timeout_start(0, NULL, NULL, &err) == CAPROOF_OK, 50);
	interrupt_timeout_pause();
	interrupt_timeout_resume();
	interrupt_notice_stop();
	expect(names_in("/proc/self/task") == before, 51);
	start_clock(10);
	interrupt_notice_start(5000, "");
	expect(names_in("/proc/self/task") == before + 1, 52);
	interrupt_finish();
	expect(names_in("/proc/self/task") == before, 53);
}

static void a_thread_is_there_only_when_needed(void **state) {
	(void)state;
	assert_exits(count_threads, 0);
}

static void hardened(void) {
	struct rlimit limit;
	char octet;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	harden_process();
	expect(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
		limit.rlim_max == 0, 50);
	expect(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, 51);
	expect(fcntl(STDIN_FILENO, F_GETFD) >= 0 && fcntl(STDOUT_FILENO, F_GETFD) >= 0, 52);
	expect(read(STDIN_FILENO, &octet, 1) == -1, 53);
	expect(write(STDOUT_FILENO, "x", 1) == -1, 54);
	expect(write(STDERR_FILENO, "x", 1) == 1, 55);
}

static void the_process_gives_nothing_away(void **state) {
	struct result result = run(hardened);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(result.err, "x");
}

/* Rights that the caller has not, without being root for it. */
static uid_t pretended_uid;
static gid_t pretended_gid;

uid_t __wrap_geteuid(void);
gid_t __wrap_getegid(void);

uid_t __wrap_geteuid(void) {
	return pretended_uid;
}

gid_t __wrap_getegid(void) {
	return pretended_gid;
}

static void borrowed_rights_are_noticed(void **state) {
	(void)state;
	pretended_uid = getuid();
	pretended_gid = getgid();
	assert_false(harden_has_borrowed_rights());
	pretended_uid = getuid() + 1;
	assert_true(harden_has_borrowed_rights());
	pretended_uid = getuid();
	pretended_gid = getgid() + 1;
	assert_true(harden_has_borrowed_rights());
}

/* /proc/self belongs to root in such a process; files must appear all the same. */
static void write_hardened(void) {
	struct error err = ERROR_INIT;
	struct output *output;

	if (getuid() == 0)
		expect(setgid(65534) == 0 && setuid(65534) == 0, 50);
	harden_process();
	expect(output_open("drop/x", 0644, false, &output, &err) == CAPROOF_OK, 51);
	expect(output->temp_name[0] == '\0', 52);
	expect(output_commit(output, &err) == CAPROOF_OK, 53);
}

static void a_hardened_process_can_still_write(void **state) {
	(void)state;
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(mkdir("drop", 0700), 0);
	assert_int_equal(chmod("drop", 0777), 0);
	assert_exits(write_hardened, 0);
	assert_int_equal(access("drop/x", F_OK), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_signal_sets_a_flag),
		cmocka_unit_test(the_second_ends_at_once),
		cmocka_unit_test(what_was_ignored_stays_ignored),
		cmocka_unit_test(broken_pipes_are_errors_not_signals),
		cmocka_unit_test(the_limit_ends_what_hangs),
		cmocka_unit_test(what_is_done_is_done),
		cmocka_unit_test(a_reader_that_does_not_read_delays_no_end),
		cmocka_unit_test(a_person_may_take_time),
		cmocka_unit_test(a_clock_that_is_stopped_does_nothing),
		cmocka_unit_test(a_notice_comes_once_and_late_enough),
		cmocka_unit_test(a_thread_is_there_only_when_needed),
		cmocka_unit_test(the_process_gives_nothing_away),
		cmocka_unit_test(borrowed_rights_are_noticed),
		cmocka_unit_test(a_hardened_process_can_still_write),
	};

	return cmocka_run_group_tests_name("interrupt", tests, enter_scratch, leave_scratch);
}
