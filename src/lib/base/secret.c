/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN in memory: on a page of its own between two that cannot be touched, so
 * that no overrun of another buffer reads it; not in core dumps, not in children,
 * not in swap where the limit on locked memory allows; wiped when freed.  It is
 * never copied by this module and has no printing.
 */
#include "base/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

struct secret {
	size_t len;
	unsigned char data[SECRET_MAX];
};

static size_t page_size(void) {
	long size = sysconf(_SC_PAGESIZE);

	return size > 0 ? (size_t)size : 4096;
}

/* Octets of the accessible part: whole pages. */
static size_t room(void) {
	size_t page = page_size();

	return (sizeof(struct secret) + page - 1) / page * page;
}

enum caproof_status secret_new(struct secret **out, struct error *err) {
	size_t page = page_size();
	size_t size = room();
	unsigned char *map = mmap(NULL, size + 2 * page, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return error_memory(err);
	if (mprotect(map + page, size, PROT_READ | PROT_WRITE) != 0) {
		munmap(map, size + 2 * page);
		return error_memory(err);
	}
	/* Best effort, all three: an unprivileged process may lock next to nothing,
	 * and old kernels know neither advice. */
	(void)mlock(map + page, size);
	(void)madvise(map + page, size, MADV_DONTDUMP);
	(void)madvise(map + page, size, MADV_WIPEONFORK);
	*out = (struct secret *)(void *)(map + page);
	return CAPROOF_OK;
}

void secret_free(struct secret *secret) {
	size_t page = page_size();

	if (secret == NULL)
		return;
	OPENSSL_cleanse(secret, sizeof *secret);
	munmap((unsigned char *)secret - page, room() + 2 * page);
}

unsigned char *secret_data(struct secret *secret) {
	return secret->data;
}

size_t secret_len(const struct secret *secret) {
	return secret->len;
}

void secret_set_len(struct secret *secret, size_t len) {
	if (len > SECRET_MAX)
		len = SECRET_MAX;
	OPENSSL_cleanse(secret->data + len, SECRET_MAX - len);
	secret->len = len;
}

struct span secret_span(const struct secret *secret) {
	return (struct span){ secret->data, secret->len };
}
