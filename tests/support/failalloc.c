/* SPDX-License-Identifier: Apache-2.0
 *
 * LD_PRELOAD: the n-th memory allocation of a process fails.
 *
 * CAPROOF_FAILALLOC=N      the N-th allocation (from 1) returns NULL with ENOMEM
 * CAPROOF_FAILALLOC=N+     that one and all that follow
 * CAPROOF_FAILALLOC=count  none fails
 * CAPROOF_FAILALLOC=paths  none fails; a path is a chain of calls down to an allocation
 * CAPROOF_FAILALLOC_LOG    at exit the number of allocations is written to this file,
 *                          and `failed` after it when one was made to fail; with `paths`
 *                          a line for the first allocation on each path: its number
 * CAPROOF_FAILALLOC_NAME   only in a program of this name ("caproof")
 *
 * Not counted, because it is other people's programs: what happens inside the PKCS#11
 * module, which the fault shim announces through failalloc_hold; in the sanitizers; and
 * in OPENSSL_init_crypto of an OpenSSL that waits there for itself for ever.  It fails
 * nothing before main.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void failalloc_hold(int step);
EXPORT int OPENSSL_init_crypto(uint64_t options, const void *settings);

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);
static int (*next_init_crypto)(uint64_t, const void *);
static unsigned int (*version_minor)(void);
static int (*next_getattr)(pthread_t, pthread_attr_t *);

static atomic_ulong count;
static atomic_bool failed;
static unsigned long first, last;      /* which fail; 0: none */
static bool active, noting;
static __thread int held;

/* What is asked for before this library can look anything up: by other libraries'
 * constructors, and by the sanitizers, which start while it is not even relocated. */
static char early[4 << 20] __attribute__((aligned(16)));
static size_t early_used;

enum { DEPTH = 64, PATHS = 1 << 16 };

static struct {
	uint64_t hash;
	unsigned long n;
} paths[PATHS];
static size_t path_count;

void failalloc_hold(int step) {
	held += step;
}

static void find(void *pointer, const char *name) {
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(pointer, &symbol, sizeof(symbol));
}

static void *early_alloc(size_t size) {
	char *block = early + early_used;

	size = (size + 15) & ~(size_t)15;
	if (early_used + size > sizeof(early))
		abort();
	early_used += size;
	return block;
}

/* Is this chain of calls a new one?  Then its allocation is noted. */
static void note_path(unsigned long n) {
	void *frames[DEPTH];
	uint64_t hash = 14695981039346656037u;
	size_t at;
	int depth;

	held++;
	depth = backtrace(frames, DEPTH);
	held--;
	for (int i = 0; i < depth; i++)
		hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211u;
	for (at = hash % PATHS; paths[at].n && paths[at].hash != hash; at = (at + 1) % PATHS)
		;
	if (paths[at].n)
		return;
	if (++path_count == PATHS)
		abort();
	paths[at].hash = hash;
	paths[at].n = n;
}

static bool is_early(const void *block) {
	return (const char *)block >= early && (const char *)block < early + sizeof(early);
}

static bool fails(void) {
	unsigned long n;

	if (!active || held)
		return false;
	n = atomic_fetch_add(&count, 1) + 1;
	if (noting)
		note_path(n);
	if (!first || n < first || n > last)
		return false;
	atomic_store(&failed, true);
	errno = ENOMEM;
	return true;
}

EXPORT void *malloc(size_t size) {
	if (!next_malloc)
		return early_alloc(size);
	return fails() ? NULL : next_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size) {
	if (!next_malloc)
		return early_alloc(n * size);   /* static memory: already zero */
	return fails() ? NULL : next_calloc(n, size);
}

EXPORT void *realloc(void *block, size_t size) {
	const volatile char *from = block;   /* not to become a memcpy, which may not be there */
	char *copy;

	if (next_malloc && !is_early(block))
		return fails() ? NULL : next_realloc(block, size);
	copy = malloc(size);
	for (size_t i = 0; copy && from && i < size && from + i < early + sizeof(early); i++)
		copy[i] = from[i];
	return copy;
}

EXPORT void free(void *block) {
	if (next_free && !is_early(block))
		next_free(block);
}

/* OpenSSL 3.5 waits for itself for ever when its first initialisation lacks memory; 3.0
 * does not. */
EXPORT int OPENSSL_init_crypto(uint64_t options, const void *settings) {
	int rc, step;

	if (!next_init_crypto) {
		find(&next_init_crypto, "OPENSSL_init_crypto");
		find(&version_minor, "OPENSSL_version_minor");
	}
	step = version_minor() > 0;
	held += step;
	rc = next_init_crypto(options, settings);
	held -= step;
	return rc;
}

/* The sanitizers ask this when a thread starts, and end the process without an answer. */
EXPORT int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes) {
	int rc;

	held++;
	if (!next_getattr)
		find(&next_getattr, "pthread_getattr_np");
	rc = next_getattr(thread, attributes);
	held--;
	return rc;
}

__attribute__((constructor)) static void begin(void) {
	const char *mode = getenv("CAPROOF_FAILALLOC"), *name = getenv("CAPROOF_FAILALLOC_NAME");
	void *frame;
	char *end;

	noting = mode && strcmp(mode, "paths") == 0;
	if (noting)
		backtrace(&frame, 1);   /* loads what it needs, for good, into static memory */
	find(&next_calloc, "calloc");
	find(&next_realloc, "realloc");
	find(&next_free, "free");
	find(&next_malloc, "malloc");
	if (!mode || (name && strcmp(name, program_invocation_short_name) != 0))
		return;
	first = strtoul(mode, &end, 10);
	last = *end == '+' ? (unsigned long)-1 : first;
	active = true;
}

__attribute__((destructor)) static void report(void) {
	const char *path = getenv("CAPROOF_FAILALLOC_LOG");
	FILE *file;

	if (!active || !path)
		return;
	active = false;
	file = fopen(path, "we");
	if (!file)
		abort();
	fprintf(file, "%lu%s\n", atomic_load(&count), failed ? " failed" : "");
	for (size_t i = 0; i < PATHS; i++)
		if (paths[i].n)
			fprintf(file, "%lu\n", paths[i].n);
	if (fclose(file))
		abort();
}
