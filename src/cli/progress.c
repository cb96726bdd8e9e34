/* SPDX-License-Identifier: Apache-2.0
 *
 * The bar.
 */
#include "progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

#define BAR_CELLS 28
#define DRAW_MS 100
#define LINE_MS 10000

static struct {
	bool on, terminal, drawn;
	size_t total, shown;
	int64_t started, last;
} progress;

static int64_t now_ms(void) {
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void progress_start(size_t total) {
	const char *term = getenv("TERM");

	progress.on = !report_is_quiet() && total > 0;
	progress.terminal = isatty(STDERR_FILENO) == 1 && term != NULL && strcmp(term, "dumb") != 0;
	progress.drawn = false;
	progress.total = total;
	progress.started = now_ms();
	progress.last = progress.terminal ? 0 : progress.started;
}

/* "41/s", or "2.4 s each" for what is slow. */
static void rate_text(char *buf, size_t size, size_t done, int64_t ms) {
	if (done == 0 || ms <= 0)
		snprintf(buf, size, "-");
	else if ((int64_t)done * 1000 >= ms)
		snprintf(buf, size, "%.0f/s", (double)done * 1000 / (double)ms);
	else
		snprintf(buf, size, "%.1f s each", (double)ms / 1000 / (double)done);
}

static void left_text(char *buf, size_t size, size_t done, size_t left, int64_t ms) {
	int64_t seconds;

	if (done == 0) {
		snprintf(buf, size, "-");
		return;
	}
	seconds = (int64_t)((double)ms / (double)done * (double)left / 1000) + 1;
	if (seconds < 120)
		snprintf(buf, size, "%d s", (int)seconds);
	else if (seconds < 7200)
		snprintf(buf, size, "%d min", (int)(seconds / 60));
	else
		snprintf(buf, size, "%d h", (int)(seconds / 3600));
}

static void draw(size_t done, size_t earlier, size_t failed, int64_t ms) {
	char rate[32], left[32], bar[BAR_CELLS + 1];
	size_t ended = done + failed, cells = ended * BAR_CELLS / progress.total;

	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', cells < BAR_CELLS ? cells : BAR_CELLS);
	bar[BAR_CELLS] = '\0';
	rate_text(rate, sizeof(rate), ended - earlier, ms);
	left_text(left, sizeof(left), ended - earlier, progress.total - ended, ms);
	if (progress.terminal)
		fprintf(stderr, "\r[%s] %zu/%zu  %s  %s left  %zu failed\033[K", bar, ended,
			progress.total, rate, left, failed);
	else
		fprintf(stderr, "caproof: %zu of %zu done, %s, %s left, %zu failed\n", ended,
			progress.total, rate, left, failed);
	fflush(stderr);
	progress.drawn = progress.terminal;
}

void progress_show(size_t done, size_t earlier, size_t failed) {
	int64_t now;

	if (!progress.on)
		return;
	now = now_ms();
	if (now - progress.last < (progress.terminal ? DRAW_MS : LINE_MS))
		return;
	progress.last = now;
	draw(done, earlier, failed, now - progress.started);
}

void progress_clear(void) {
	if (!progress.drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress.drawn = false;
	progress.last = 0;
}

bool progress_is_bar(void) {
	return progress.on && progress.terminal;
}
