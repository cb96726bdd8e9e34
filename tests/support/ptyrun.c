/* SPDX-License-Identifier: Apache-2.0
 *
 * Run a command on a controlling terminal of its own and answer its prompts.
 *
 *   ptyrun [-o TRANSCRIPT] [-t SECONDS] [-a] STEP... -- COMMAND...
 *
 * Steps, in this order, each once:
 *   -w TEXT   wait until TEXT has been printed on the terminal since the last step
 *   -n        demand that echo is off;  -e  demand that it is on
 *   -i FILE   type the file's octets (no newline of its own);  -i - types an Enter
 *   -k C      type Ctrl-C for `-k c`, Ctrl-D for `-k d`
 *   -s NUMBER send the signal to the command;  -z MS  wait
 *   -h        hang up: close the terminal (SIGHUP)
 *
 * Without -a only /dev/tty is the new terminal: standard input, output and error stay
 * as they are, as when a person redirects them.  After the command ended, echo must
 * be on again.  Exit code: the command's, 128 + N for a signal N; 97 echo left off,
 * 98 a step failed, 99 time is up (60 s).  It never guesses: a text that does not
 * appear is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_ECHO = 97, EXIT_STEP = 98, EXIT_TIME = 99 };

static struct {
	int master, slave, transcript;
	pid_t child;
	bool whole;             /* 0, 1 and 2 are the terminal too */
	long seconds;
	struct timespec end;
	char text[65536];       /* printed since the last step */
	size_t len;
} run = { -1, -1, -1, 0, false, 60, { 0, 0 }, "", 0 };

static _Noreturn __attribute__((format(printf, 2, 3))) void fail(int code, const char *fmt, ...) {
	va_list args;

	if (run.child > 0)
		kill(run.child, SIGKILL);
	va_start(args, fmt);
	fputs("ptyrun: ", stderr);
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "; printed so far: '%s'\n", run.text);
	va_end(args);
	exit(code);
}

static long left_ms(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (run.end.tv_sec - now.tv_sec) * 1000 + (run.end.tv_nsec - now.tv_nsec) / 1000000;
}

static void keep(const char *buf, size_t len) {
	if (run.transcript >= 0 && write(run.transcript, buf, len) != (ssize_t)len)
		fail(EXIT_STEP, "cannot write the transcript");
	for (size_t i = 0; i < len && run.len + 1 < sizeof(run.text); i++)
		if (buf[i])
			run.text[run.len++] = buf[i];
	run.text[run.len] = '\0';
}

/* Read for at most MS; false when nothing came. */
static bool drain(long ms) {
	struct pollfd fd = { run.master, POLLIN, 0 };
	char buf[4096];
	ssize_t len;

	if (run.master < 0 || poll(&fd, 1, (int)ms) <= 0)
		return false;
	len = read(run.master, buf, sizeof(buf));
	if (len <= 0)
		return false;
	keep(buf, (size_t)len);
	return true;
}

static bool has_ended(void) {
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)run.child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

static void wait_text(const char *text) {
	while (!strstr(run.text, text)) {
		if (left_ms() <= 0)
			fail(EXIT_TIME, "'%s' did not appear in time", text);
		if (!drain(20) && has_ended() && !drain(20) && !strstr(run.text, text))
			fail(EXIT_STEP, "the command ended and '%s' did not appear", text);
	}
	run.len = 0;
	run.text[0] = '\0';
}

static bool echo_is_on(void) {
	struct termios mode;

	if (tcgetattr(run.slave, &mode))
		fail(EXIT_STEP, "tcgetattr: %s", strerror(errno));
	return mode.c_lflag & ECHO;
}

static void demand_echo(bool on) {
	/* A program may print its prompt just before it switches echo off. */
	while (echo_is_on() != on && left_ms() > 0)
		poll(NULL, 0, 10);
	if (echo_is_on() != on)
		fail(EXIT_STEP, "echo is %s", on ? "off" : "on");
}

static void type(const char *buf, size_t len) {
	if (write(run.master, buf, len) != (ssize_t)len)
		fail(EXIT_STEP, "cannot type: %s", strerror(errno));
}

static void type_file(const char *path) {
	char buf[4096];
	size_t len;
	FILE *file;

	if (strcmp(path, "-") == 0) {
		type("\n", 1);
		return;
	}
	if (!(file = fopen(path, "rb")))
		fail(EXIT_STEP, "%s: %s", path, strerror(errno));
	len = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	type(buf, len);
}

static void hang_up(void) {
	close(run.master);
	run.master = -1;
}

static void step(int option, const char *arg) {
	char control = arg ? (char)(*arg & 0x1f) : 0;

	if (option == 'w')
		wait_text(arg);
	else if (option == 'n' || option == 'e')
		demand_echo(option == 'e');
	else if (option == 'i')
		type_file(arg);
	else if (option == 'k')
		type(&control, 1);
	else if (option == 's')
		kill(run.child, atoi(arg));
	else if (option == 'z')
		poll(NULL, 0, atoi(arg));
	else if (option == 'h')
		hang_up();
}

static _Noreturn void command(char **argv) {
	/* As in a terminal, also where the tests run in the background of a script. */
	for (int sig = SIGHUP; sig <= SIGQUIT; sig++)
		signal(sig, SIG_DFL);
	close(run.master);
	setsid();
	if (ioctl(run.slave, TIOCSCTTY, 0) < 0)
		_exit(EXIT_STEP);
	for (int fd = 0; run.whole && fd < 3; fd++)
		dup2(run.slave, fd);
	close(run.slave);
	execvp(argv[0], argv);
	_exit(127);
}

static void start(char **argv) {
	struct winsize size = { 24, 80, 0, 0 };

	if (openpty(&run.master, &run.slave, NULL, NULL, &size) < 0)
		fail(EXIT_STEP, "openpty: %s", strerror(errno));
	fcntl(run.master, F_SETFD, FD_CLOEXEC);
	clock_gettime(CLOCK_MONOTONIC, &run.end);
	run.end.tv_sec += run.seconds;
	run.child = fork();
	if (run.child < 0)
		fail(EXIT_STEP, "fork: %s", strerror(errno));
	if (run.child == 0)
		command(argv);
}

static int finish(void) {
	int status;

	while (!has_ended()) {
		drain(20);
		if (run.master < 0)
			poll(NULL, 0, 20);
		if (left_ms() <= 0)
			fail(EXIT_TIME, "the command has not ended in time");
	}
	while (drain(0))
		;
	waitpid(run.child, &status, 0);
	run.child = 0;
	if (run.master >= 0 && !echo_is_on())
		fail(EXIT_ECHO, "echo was left off");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv) {
	static const char options[] = "+o:t:aw:nei:k:s:z:h";
	int option;

	/* Once for the settings, once more for the steps. */
	while ((option = getopt(argc, argv, options)) != -1) {
		if (option == '?')
			return EXIT_STEP;
		if (option == 'o')
			run.transcript = open(optarg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (option == 't')
			run.seconds = atol(optarg);
		if (option == 'a')
			run.whole = true;
	}
	if (optind >= argc)
		fail(EXIT_STEP, "no command");
	start(argv + optind);
	optind = 1;
	while ((option = getopt(argc, argv, options)) != -1)
		step(option, optarg);
	return finish();
}
