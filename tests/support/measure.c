/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs measured against each other, in turn, so that whatever else the machine does
 * meets all of them alike.
 *
 *   measure ROUNDS PREPARE -- NAME PROGRAM [ARGUMENT]... [-- NAME PROGRAM ...]...
 *
 * In each round each program runs once; before that the shell runs PREPARE, which is
 * not measured.  Then one line a program, tabs between:
 *
 *   NAME  wall time  CPU time  (milliseconds, medians)  peak memory (KiB, the most)
 *
 * What the programs print is dropped, unless one fails: then its name and standard error
 * are shown and nothing counts.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROGRAMS 16
#define MOST_ROUNDS 1000

extern char **environ;

struct program {
	const char *name;
	char **argv;
	double wall[MOST_ROUNDS], cpu[MOST_ROUNDS];
	long memory;
};

static struct program programs[MOST_PROGRAMS];
static char said[] = "/tmp/measure-XXXXXX"; /* the standard error of the present run */

static _Noreturn void fail(const char *what) {
	fprintf(stderr, "measure: %s\n", what);
	unlink(said);
	exit(1);
}

static double now(void) {
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time) {
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static void show_said(void) {
	char line[512];
	FILE *file = fopen(said, "r");

	while (file && fgets(line, sizeof(line), file))
		fputs(line, stderr);
	if (file)
		fclose(file);
}

static void run(struct program *program, long round) {
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, said, O_WRONLY | O_TRUNC, 0);
	start = now();
	if (posix_spawnp(&pid, program->argv[0], &actions, NULL, program->argv, environ) != 0 ||
	    wait4(pid, &status, 0, &usage) != pid)
		fail(program->argv[0]);
	program->wall[round] = now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0) {
		show_said();
		fail(program->name);
	}
	program->cpu[round] = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
	if (usage.ru_maxrss > program->memory)
		program->memory = usage.ru_maxrss;
}

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, long count) {
	qsort(values, (size_t)count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* How many programs there are; ARGV begins with their first "--". */
static int read_programs(char **argv) {
	for (int count = 0; count < MOST_PROGRAMS;) {
		if (!argv[1] || !argv[2])
			fail("-- NAME PROGRAM [ARGUMENT]...");
		programs[count].name = argv[1];
		programs[count++].argv = argv + 2;
		for (argv += 2; *argv && strcmp(*argv, "--") != 0;)
			argv++;
		if (!*argv)
			return count;
		*argv = NULL;
	}
	fail("too many programs");
	return 0;
}

/* Another order each round, the same ones in every measurement: the second of two programs
 * that share libraries finds them warm, and nobody should always be the second. */
static void shuffle(int *order, int count) {
	static unsigned seed = 1;

	for (int i = count - 1; i > 0; i--) {
		int other = (int)(rand_r(&seed) % (unsigned)(i + 1)), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

int main(int argc, char **argv) {
	int order[MOST_PROGRAMS];
	long rounds = argc > 1 ? atol(argv[1]) : 0;
	int count, fd;

	if (argc < 6 || rounds < 1 || rounds > MOST_ROUNDS || strcmp(argv[3], "--") != 0)
		fail("usage: measure ROUNDS PREPARE -- NAME PROGRAM [ARGUMENT]... [-- NAME ...]...");
	count = read_programs(argv + 3);
	if ((fd = mkstemp(said)) < 0)
		fail(said);
	close(fd);
	for (int i = 0; i < count; i++)
		order[i] = i;
	for (long round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (int i = 0; i < count; i++) {
			if (system(argv[2]) != 0)
				fail(argv[2]);
			run(&programs[order[i]], round);
		}
	}
	for (int i = 0; i < count; i++)
		printf("%s\t%.3f\t%.3f\t%ld\n", programs[i].name, median(programs[i].wall, rounds),
			median(programs[i].cpu, rounds), programs[i].memory);
	unlink(said);
	return 0;
}
