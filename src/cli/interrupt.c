/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals.  A module may have threads of its own that a signal lands on, so nothing
 * relies on EINTR: the handler also writes to a pipe that every wait looks at.
 */
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "base/file.h"
#include "emergency.h"
#include "prompt.h"

#define STATUS_INTERRUPTED 130
#define STATUS_TERMINATED 143
#define WAKE_PIPE_FLOOR 200

static const int stop_signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGUSR2,
	SIGXCPU, SIGVTALRM, SIGPROF };

static atomic_int caught;
static atomic_bool many;
static int wake_pipe[2] = { -1, -1 };
static const char *second_text = "caproof: interrupted\n";
static const char *second_json;
static const char committed_text[] =
	"caproof: warning: interrupted after the output was in place; it is complete\n";

static int status_of(int sig) {
	return sig == SIGINT || sig == SIGQUIT ? STATUS_INTERRUPTED : STATUS_TERMINATED;
}

static void on_stop(int sig) {
	int saved = errno;

	if (atomic_exchange(&caught, sig) != 0) {
		output_emergency_cleanup();
		prompt_restore();
		/* As with the time limit: what is there has been verified, and 130 promises that
		 * nothing was left behind. */
		if (interrupt_is_done()) {
			emergency_write(STDERR_FILENO, committed_text);
			_exit(CAPROOF_OK);
		}
		emergency_write(STDERR_FILENO, second_text);
		emergency_write(STDOUT_FILENO, second_json);
		_exit(status_of(sig));
	}
	interrupt_wake();
	errno = saved;
}

static void handle(int sig) {
	struct sigaction action = { .sa_handler = on_stop };
	struct sigaction before;

	if (sigaction(sig, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
		return;
	for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++)
		sigaddset(&action.sa_mask, stop_signals[i]);
	sigaction(sig, &action, NULL);
}

static void ignore(int sig) {
	struct sigaction action = { .sa_handler = SIG_IGN };

	sigaction(sig, &action, NULL);
}

/* High up, so that --pin fd:3 never means a pipe of caproof's own. */
static void make_wake_pipe(void) {
	int low[2];

	if (pipe2(low, O_CLOEXEC | O_NONBLOCK) != 0)
		return;
	for (int i = 0; i < 2; i++) {
		wake_pipe[i] = fcntl(low[i], F_DUPFD_CLOEXEC, WAKE_PIPE_FLOOR);
		close(low[i]);
	}
	if (wake_pipe[0] >= 0 && wake_pipe[1] >= 0)
		return;
	for (int i = 0; i < 2; i++) {
		if (wake_pipe[i] >= 0)
			close(wake_pipe[i]);
		wake_pipe[i] = -1;
	}
}

void interrupt_install(void) {
	/* Without the pipe EINTR still wakes a single-threaded wait. */
	if (wake_pipe[0] < 0)
		make_wake_pipe();
	for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++)
		handle(stop_signals[i]);
	ignore(SIGPIPE);
	ignore(SIGXFSZ);
	file_on_interrupt(interrupt_pending);
}

void interrupt_set_texts(const char *text, const char *json) {
	second_text = text;
	second_json = json;
}

void interrupt_set_many(void) {
	atomic_store(&many, true);
}

bool interrupt_is_done(void) {
	return output_any_committed() && !atomic_load(&many);
}

bool interrupt_pending(void) {
	return atomic_load(&caught) != 0;
}

int interrupt_status(void) {
	int sig = atomic_load(&caught);

	return sig == 0 ? 0 : status_of(sig);
}

void interrupt_wake(void) {
	/* A full pipe wakes as well. */
	if (wake_pipe[1] >= 0 && write(wake_pipe[1], "", 1) < 0)
		return;
}

static void drain(void) {
	char octets[64];

	while (read(wake_pipe[0], octets, sizeof octets) > 0)
		;
}

bool interrupt_wait(int fd) {
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = wake_pipe[0], .events = POLLIN },
	};

	if (poll(fds, 2, -1) < 0)
		return false;
	if (fds[1].revents != 0) {
		drain();
		return false;
	}
	return fds[0].revents != 0;
}
