/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock.  A call into a PKCS#11 module cannot be cancelled, so a module that hangs
 * is left by ending the process: this thread cleans up first and says why.  The same
 * thread says that a token may be waiting for a touch.  It is started when first asked
 * for; to arm and disarm it costs a mutex, not a wake-up.
 */
#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "emergency.h"
#include "prompt.h"

#define NEVER INT64_MAX
#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static bool running, finishing;
static int64_t sleeps_until;

static struct {
	int64_t due;  /* NEVER: off, or paused */
	int64_t whole;
	int64_t left; /* while paused; 0 when not */
	const char *text, *json;
} limit = { NEVER, 0, 0, NULL, NULL };

static struct {
	int64_t due;
	const char *text;
} notice = { NEVER, NULL };

static int64_t now(void) {
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* The caller holds the lock and never gives it back. */
static void expire(void) {
	output_quiesce();
	output_emergency_cleanup();
	prompt_restore();
	if (interrupt_is_done()) {
		emergency_write(STDERR_FILENO, "caproof: warning: the output is complete, but the "
			"module did not answer afterwards\n");
		_exit(CAPROOF_OK);
	}
	emergency_write(STDERR_FILENO, limit.text);
	emergency_write(STDOUT_FILENO, limit.json);
	_exit(CAPROOF_DEVICE);
}

static void sleep_until(int64_t due) {
	struct timespec ts = { (time_t)(due / SECOND), (long)(due % SECOND) };

	sleeps_until = due;
	if (due == NEVER)
		pthread_cond_wait(&changed, &lock);
	else
		pthread_cond_timedwait(&changed, &lock, &ts);
}

static void *watch(void *arg) {
	(void)arg;
	pthread_mutex_lock(&lock);
	while (!finishing) {
		int64_t time = now();

		if (limit.due <= time)
			expire();
		if (notice.due <= time) {
			notice.due = NEVER;
			emergency_write(STDERR_FILENO, notice.text);
		}
		sleep_until(limit.due < notice.due ? limit.due : notice.due);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* Signals are for the other threads: here they could not wake a prompt. */
static bool start_thread(void) {
	pthread_condattr_t attr;
	sigset_t all, before;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
	finishing = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	running = pthread_create(&thread, NULL, watch, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return running;
}

/* With the lock held: see to it that the thread is awake at DUE. */
static bool wake_at(int64_t due) {
	if (!running)
		return start_thread();
	if (due < sleeps_until)
		pthread_cond_signal(&changed);
	return true;
}

enum caproof_status interrupt_timeout_start(unsigned seconds, const char *text, const char *json,
	struct error *err) {
	bool started;

	if (seconds == 0)
		return CAPROOF_OK;
	pthread_mutex_lock(&lock);
	limit.text = text;
	limit.json = json;
	limit.left = 0;
	limit.whole = seconds * SECOND;
	limit.due = now() + limit.whole;
	started = wake_at(limit.due);
	pthread_mutex_unlock(&lock);
	return started ? CAPROOF_OK : error_memory(err);
}

void interrupt_timeout_stop(void) {
	pthread_mutex_lock(&lock);
	limit.due = NEVER;
	limit.left = 0;
	pthread_mutex_unlock(&lock);
}

void interrupt_timeout_restart(void) {
	pthread_mutex_lock(&lock);
	if (limit.due != NEVER)
		limit.due = now() + limit.whole;
	pthread_mutex_unlock(&lock);
}

void interrupt_timeout_pause(void) {
	pthread_mutex_lock(&lock);
	if (limit.due != NEVER) {
		limit.left = limit.due - now();
		/* Too late by a moment: due again as soon as it goes on. */
		if (limit.left <= 0)
			limit.left = 1;
		limit.due = NEVER;
	}
	pthread_mutex_unlock(&lock);
}

void interrupt_timeout_resume(void) {
	pthread_mutex_lock(&lock);
	if (limit.left > 0) {
		limit.due = now() + limit.left;
		limit.left = 0;
		(void)wake_at(limit.due);
	}
	pthread_mutex_unlock(&lock);
}

void interrupt_notice_start(unsigned milliseconds, const char *text) {
	pthread_mutex_lock(&lock);
	notice.text = text;
	notice.due = now() + milliseconds * MILLISECOND;
	(void)wake_at(notice.due);
	pthread_mutex_unlock(&lock);
}

void interrupt_notice_stop(void) {
	pthread_mutex_lock(&lock);
	notice.due = NEVER;
	pthread_mutex_unlock(&lock);
}

void interrupt_finish(void) {
	bool join;

	pthread_mutex_lock(&lock);
	limit.due = notice.due = NEVER;
	limit.left = 0;
	finishing = true;
	join = running;
	running = false;
	if (join)
		pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	if (join) {
		pthread_join(thread, NULL);
		pthread_cond_destroy(&changed);
	}
}
