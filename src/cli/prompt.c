/* SPDX-License-Identifier: Apache-2.0
 *
 * The prompt talks to /dev/tty, never to standard input: what is piped in is not a
 * person.  The line goes from the kernel into the secret octet by octet, so that no
 * buffer holds it besides.  Ctrl-Z gives the terminal back with its echo and takes it
 * away again afterwards.
 */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "interrupt.h"
#include "pin_text.h"

/* One prompt at a time; a signal handler and the watchdog read this. */
static struct {
	atomic_bool silent;
	int fd;
	struct termios before;
} terminal;

static atomic_bool stop_asked, continued;

void prompt_restore(void) {
	if (!atomic_exchange(&terminal.silent, false))
		return;
	/* From the background this would stop the process instead. */
	if (tcgetpgrp(terminal.fd) != getpgrp())
		return;
	(void)tcsetattr(terminal.fd, TCSANOW, &terminal.before);
}

/* Wait for output to leave, and throw away what was typed: both belong to whoever had
 * the terminal until now. */
static int set_modes(const struct termios *modes) {
	int rc;

	do {
		rc = tcsetattr(terminal.fd, TCSAFLUSH, modes);
	} while (rc != 0 && errno == EINTR);
	return rc;
}

static int silence(void) {
	struct termios modes = terminal.before;

	modes.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	modes.c_lflag |= ICANON | ISIG;
	atomic_store(&terminal.silent, true);
	return set_modes(&modes);
}

static void say(const char *text) {
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(terminal.fd, text, len);

		if (n < 0 && errno == EINTR && !interrupt_pending())
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void give_back(void) {
	if (atomic_load(&terminal.silent))
		(void)set_modes(&terminal.before);
	atomic_store(&terminal.silent, false);
	/* The newline that was typed did not show. */
	say("\n");
}

static void on_job_control(int sig) {
	int saved = errno;

	atomic_store(sig == SIGTSTP ? &stop_asked : &continued, true);
	interrupt_wake();
	errno = saved;
}

/* A shell without job control has SIGTSTP ignored: leave that. */
static void catch(int sig, struct sigaction *before) {
	struct sigaction action = { .sa_handler = on_job_control };

	sigemptyset(&action.sa_mask);
	if (sigaction(sig, NULL, before) == 0 && before->sa_handler != SIG_IGN)
		sigaction(sig, &action, NULL);
}

/* Stop as the default action would; returns when continued. */
static void stop_now(void) {
	struct sigaction standard = { .sa_handler = SIG_DFL };
	struct sigaction ours;

	sigemptyset(&standard.sa_mask);
	give_back();
	sigaction(SIGTSTP, &standard, &ours);
	(void)kill(getpid(), SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
	atomic_store(&continued, true);
}

/* What came meanwhile: 0, EINTR when it is time to stop, or another errno. */
static int attend(const char *text, size_t *len) {
	if (interrupt_pending())
		return EINTR;
	if (atomic_exchange(&stop_asked, false))
		stop_now();
	if (!atomic_exchange(&continued, false))
		return 0;
	*len = 0;
	if (silence() != 0)
		return errno;
	say(text);
	return 0;
}

/* Put octets into SECRET until a newline, which is left out; when there are too many
 * the last place is written over.  Returns 0, an errno, or -1 at the end of the file. */
static int read_line(const char *text, struct secret *secret) {
	size_t len = 0;

	for (;;) {
		unsigned char *end;
		ssize_t n;
		int rc = attend(text, &len);

		if (rc != 0)
			return rc;
		if (!interrupt_wait(terminal.fd))
			continue;
		end = secret_data(secret) + len;
		n = read(terminal.fd, end, 1);
		if (n == 0)
			return -1;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return errno;
		if (n == 1 && *end == '\n')
			break;
		if (n == 1 && len < SECRET_MAX - 1)
			len++;
	}
	secret_set_len(secret, len);
	return 0;
}

/* Between the first and the last change of the terminal. */
static int ask(const char *text, struct secret *secret) {
	struct sigaction stop_before, continue_before;
	int rc;

	atomic_store(&stop_asked, false);
	atomic_store(&continued, false);
	catch(SIGTSTP, &stop_before);
	catch(SIGCONT, &continue_before);
	rc = silence() == 0 ? 0 : errno;
	if (rc == 0) {
		say(text);
		rc = read_line(text, secret);
	}
	give_back();
	sigaction(SIGTSTP, &stop_before, NULL);
	sigaction(SIGCONT, &continue_before, NULL);
	return rc;
}

static enum caproof_status no_terminal(struct error *err, int errnum) {
	return error_set(err, ERROR_PIN_NONE, "cannot ask for the %s: there is no terminal (%s)",
		pin_noun(), errno_text(errnum));
}

static enum caproof_status judge(int rc, const struct secret *secret, struct error *err) {
	if (rc == EINTR)
		return error_set(err, ERROR_INTERRUPTED, "interrupted while asking for the %s", pin_noun());
	if (rc < 0)
		return error_set(err, ERROR_PIN_NONE, "no %s was entered", pin_noun());
	if (rc > 0)
		return error_set(err, ERROR_PIN_NONE, "cannot read the %s from the terminal: %s",
			pin_noun(), errno_text(rc));
	if (secret_len(secret) >= SECRET_MAX - 1)
		return error_set(err, ERROR_PIN_LENGTH, "what was entered is too long for a %s",
			pin_noun());
	return CAPROOF_OK;
}

static enum caproof_status ask_terminal(const char *text, struct secret **out,
	struct error *err) {
	struct secret *secret;
	enum caproof_status status;

	if (tcgetattr(terminal.fd, &terminal.before) != 0)
		return no_terminal(err, errno);
	status = secret_new(&secret, err);
	if (status != CAPROOF_OK)
		return status;
	status = judge(ask(text, secret), secret, err);
	if (status != CAPROOF_OK) {
		secret_free(secret);
		return status;
	}
	*out = secret;
	return CAPROOF_OK;
}

enum caproof_status prompt_secret(const char *text, struct secret **out, struct error *err) {
	enum caproof_status status;

	if (interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED,
			"interrupted before the %s was asked for", pin_noun());
	terminal.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal.fd < 0)
		return no_terminal(err, errno);
	status = ask_terminal(text, out, err);
	close(terminal.fd);
	return status;
}
