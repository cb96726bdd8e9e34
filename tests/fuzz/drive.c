/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target without libFuzzer, as a test: every seed, every input that once found
 * something, and a fixed number of mutations that are the same each time.  It looks for
 * nothing new; that is for scripts/fuzz.
 *
 *   fuzz_NAME [FILE...]    without files: the corpus and tests/fuzz/found/NAME
 *
 * The inputs run in a child.  What it was at when it died is left in fuzz_NAME.input.
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define MUTATIONS 500   /* in all, over the seeds in turn */
#define SEEDS_MAX 1024
#define INPUT_MAX 65536
#define HANG 300         /* seconds for one input: it will never end */

struct seed {
	char *path;
	unsigned char *data;
	size_t len;
};

struct seeds {
	struct seed list[SEEDS_MAX];
	size_t count;
};

/* Shared with the child. */
struct now {
	size_t len, seeds, mutations;
	unsigned char data[INPUT_MAX];
};

static struct seeds seeds;
static uint64_t state = 0x2545f4914f6cdd1d;

/* --- reading ----------------------------------------------------------------------------- */

static void read_seed(const char *path) {
	struct seed *seed = &seeds.list[seeds.count++];
	FILE *file = fopen(path, "rb");

	FUZZ_MUST(seeds.count < SEEDS_MAX && file != NULL);
	seed->path = strdup(path);
	seed->data = malloc(INPUT_MAX);
	FUZZ_MUST(seed->path != NULL && seed->data != NULL);
	seed->len = fread(seed->data, 1, INPUT_MAX, file);
	fclose(file);
}

/* The files of FOLDER by name; how many there are.  There may be no such folder. */
static size_t read_folder(const char *root, const char *folder, const char *target) {
	struct dirent **entries = NULL;
	char path[4096];
	size_t before = seeds.count;
	int count;

	snprintf(path, sizeof(path), "%s/tests/fuzz/%s/%s", root, folder, target);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/tests/fuzz/%s/%s/%s", root, folder, target,
			entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			read_seed(path);
		free(entries[i]);
	}
	free(entries);
	return seeds.count - before;
}

static const char *folder_of(const char *variable) {
	const char *value = getenv(variable);

	return value != NULL ? value : ".";
}

/* --- mutations --------------------------------------------------------------------------- */

/* xorshift64: the same numbers on every machine. */
static size_t below(size_t bound) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return bound > 0 ? (size_t)(state % bound) : 0;
}

static void replace(struct now *now, size_t at) {
	static const unsigned char telling[] = {
		0x00, 0x01, 0x30, 0x7f, 0x80, 0x82, 0xff, '"', '\\', '\n', '-', '%', ',', '=', ' ', '{'
	};

	if (below(2) == 0)
		now->data[at] = telling[below(sizeof(telling))];
	else
		now->data[at] ^= (unsigned char)(1u << below(8));
}

static void cut(struct now *now, size_t at) {
	size_t len = 1 + below(below(4) == 0 ? now->len - at : 4);

	if (len > now->len - at)
		len = now->len - at;
	memmove(now->data + at, now->data + at + len, now->len - at - len);
	now->len -= len;
}

/* Put what stands somewhere in FROM before AT. */
static void insert(struct now *now, size_t at, const struct seed *from) {
	size_t start = below(from->len), len = 1 + below(below(4) == 0 ? 512 : 8);

	if (len > from->len - start)
		len = from->len - start;
	if (len > INPUT_MAX - now->len)
		return;
	memmove(now->data + at + len, now->data + at, now->len - at);
	memcpy(now->data + at, from->data + start, len);
	now->len += len;
}

static void mutate(struct now *now, const struct seed *seed) {
	for (size_t changes = 1 + below(4); changes > 0 && now->len > 0; changes--) {
		size_t at = below(now->len);

		switch (below(6)) {
		case 0:
			cut(now, at);
			break;
		case 1:
			insert(now, at, seed);
			break;
		case 2:
			insert(now, at, &seeds.list[below(seeds.count)]);
			break;
		default:
			replace(now, at);
		}
	}
}

/* --- running ----------------------------------------------------------------------------- */

/* In memory of its own, so that one octet too far is seen. */
static void run(const struct now *now) {
	unsigned char *data = malloc(now->len > 0 ? now->len : 1);

	FUZZ_MUST(data != NULL);
	memcpy(data, now->data, now->len);
	alarm(HANG);
	LLVMFuzzerTestOneInput(data, now->len);
	free(data);
}

static void load(struct now *now, const struct seed *seed) {
	now->len = seed->len;
	memcpy(now->data, seed->data, seed->len);
}

static void run_all(struct now *now, size_t mutations) {
	for (size_t i = 0; i < seeds.count; i++) {
		load(now, &seeds.list[i]);
		run(now);
		now->seeds++;
	}
	for (size_t i = 0; i < mutations; i++) {
		load(now, &seeds.list[i % seeds.count]);
		mutate(now, &seeds.list[i % seeds.count]);
		run(now);
		now->mutations++;
	}
	alarm(0);
}

static void keep(const struct now *now, const char *target, int status) {
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/fuzz/fuzz_%s.input", folder_of("TOP_BUILDDIR"), target);
	file = fopen(path, "wb");
	if (file != NULL) {
		fwrite(now->data, 1, now->len, file);
		fclose(file);
	}
	printf("# ended with %s %d; the last input is in %s\n",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), path);
	if (now->seeds < seeds.count)
		printf("# it is %s\n", seeds.list[now->seeds].path);
}

/* Whether the child came through; a leak that its end reveals is a failure as well. */
static bool run_apart(struct now *now, const char *target, size_t mutations) {
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	FUZZ_MUST(child >= 0);
	if (child == 0) {
		run_all(now, mutations);
		exit(EXIT_SUCCESS);
	}
	FUZZ_MUST(waitpid(child, &status, 0) == child);
	if (status == 0)
		return true;
	keep(now, target, status);
	return false;
}

static bool result(bool good, int number, const char *what) {
	printf("%sok %d - %s\n", good ? "" : "not ", number, what);
	return good;
}

static void free_seeds(void) {
	for (size_t i = 0; i < seeds.count; i++) {
		free(seeds.list[i].path);
		free(seeds.list[i].data);
	}
}

/* The NAME of .../fuzz_NAME. */
static const char *name_of(const char *program) {
	const char *slash = strrchr(program, '/'), *name = slash != NULL ? slash + 1 : program;

	FUZZ_MUST(strncmp(name, "fuzz_", 5) == 0);
	return name + 5;
}

int main(int argc, char **argv) {
	const char *target = name_of(argv[0]);
	struct now *now = mmap(NULL, sizeof(*now), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t mutations = argc > 1 ? 0 : MUTATIONS, corpus = 1;
	bool clean, good;

	FUZZ_MUST(now != MAP_FAILED);
	for (int i = 1; i < argc; i++)
		read_seed(argv[i]);
	if (argc == 1) {
		read_folder(folder_of("TOP_SRCDIR"), "found", target);
		corpus = read_folder(folder_of("TOP_BUILDDIR"), "corpus", target);
	}
	puts("1..4");
	good = result(corpus > 0, 1, "there is a corpus");
	clean = good && run_apart(now, target, mutations);
	good &= result(now->seeds == seeds.count, 2, "no seed does harm");
	good &= result(now->mutations == mutations, 3, "no mutation does harm");
	good &= result(clean, 4, "nothing is left behind");
	printf("# %zu seeds, %zu mutations\n", now->seeds, now->mutations);
	free_seeds();
	munmap(now, sizeof(*now));
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
