/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking through a bundle.  Names are octets, and may be anything but '/' and NUL: they are
 * escaped as GNU sha256sum does it.
 */
#include "ceremony/sums.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "x509/key.h"

#define DEPTH_MAX 8

struct entry {
	char *path;
	char sha256[SHA256_HEX_SIZE];
};

struct walk {
	const struct bundle *bundle;
	enum caproof_status (*each)(void *arg, const char *path, struct error *err); /* or NULL */
	void *arg;
	struct entry *entries;
	size_t count, room;
};

static enum caproof_status complain(const struct walk *walk, const char *path, const char *what,
	struct error *err) {
	char shown[300];

	return error_set(err, ERROR_BUNDLE, "'%s' in '%s': %s", text_safe(shown, sizeof(shown), path,
		strlen(path)), walk->bundle->name, what);
}

/* A call failed with NUMBER, an errno: no memory is no fault of the bundle. */
static enum caproof_status complain_of(const struct walk *walk, const char *path, int number,
	struct error *err) {
	return number == ENOMEM ? error_memory(err) : complain(walk, path, errno_text(number), err);
}

static enum caproof_status finish_hash(EVP_MD_CTX *md, char out[SHA256_HEX_SIZE],
	struct error *err) {
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char *hex;

	if (EVP_DigestFinal_ex(md, digest, &len) != 1)
		return crypto_error(err, "hash a file");
	hex = text_hex(digest, len);
	if (hex == NULL)
		return error_memory(err);
	memcpy(out, hex, SHA256_HEX_SIZE);
	free(hex);
	return CAPROOF_OK;
}

/* Files of any size: people attach films. */
static enum caproof_status hash_file(const struct walk *walk, int fd, const char *path,
	char out[SHA256_HEX_SIZE], struct error *err) {
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	enum caproof_status status = CAPROOF_OK;
	unsigned char buffer[65536];
	ssize_t n = 0;

	if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		status = crypto_error(err, "hash a file");
	while (status == CAPROOF_OK && (n = read(fd, buffer, sizeof(buffer))) > 0)
		if (EVP_DigestUpdate(md, buffer, (size_t)n) != 1)
			status = crypto_error(err, "hash a file");
	if (status == CAPROOF_OK && n < 0)
		status = complain_of(walk, path, errno, err);
	if (status == CAPROOF_OK)
		status = finish_hash(md, out, err);
	EVP_MD_CTX_free(md);
	return status;
}

static enum caproof_status add(struct walk *walk, int folder, const char *name, const char *path,
	struct error *err) {
	struct entry *larger;
	enum caproof_status status;
	int fd;

	if (walk->count == SUMS_FILES_MAX)
		return complain(walk, path, "there are too many files", err);
	if (walk->count == walk->room) {
		size_t room = walk->room == 0 ? 64 : walk->room * 2;

		larger = realloc(walk->entries, room * sizeof(*larger));
		if (larger == NULL)
			return error_memory(err);
		walk->entries = larger;
		walk->room = room;
	}
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return complain_of(walk, path, errno, err);
	walk->entries[walk->count].path = strdup(path);
	status = walk->entries[walk->count].path == NULL ? error_memory(err) :
		hash_file(walk, fd, path, walk->entries[walk->count].sha256, err);
	walk->count++;
	close(fd);
	return status;
}

/* Not in SHA256SUMS: itself, the signatures on it, and what is added later. */
static bool is_outside(const char *path) {
	return strcmp(path, SUMS_FILE) == 0 || strncmp(path, SUMS_FILE ".", sizeof(SUMS_FILE)) == 0 ||
		strcmp(path, "anchors") == 0;
}

static enum caproof_status walk_folder(struct walk *walk, int parent, const char *name,
	const char *prefix, int depth, struct error *err);

static enum caproof_status walk_entry(struct walk *walk, int folder, const char *name,
	const char *prefix, int depth, struct error *err) {
	enum caproof_status status = CAPROOF_OK;
	struct stat st;
	char *path;

	if (asprintf(&path, "%s%s%s", prefix, prefix[0] != '\0' ? "/" : "", name) < 0)
		return error_memory(err);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		status = complain_of(walk, path, errno, err);
	else if (walk->each != NULL && S_ISREG(st.st_mode))
		status = walk->each(walk->arg, path, err);
	else if (walk->each == NULL && is_outside(path) &&
		(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		status = CAPROOF_OK;
	else if (S_ISREG(st.st_mode))
		status = add(walk, folder, name, path, err);
	else if (S_ISDIR(st.st_mode))
		status = walk_folder(walk, folder, name, path, depth + 1, err);
	else
		status = complain(walk, path, "only files and folders belong there", err);
	free(path);
	return status;
}

static enum caproof_status walk_folder(struct walk *walk, int parent, const char *name,
	const char *prefix, int depth, struct error *err) {
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	enum caproof_status status = CAPROOF_OK;
	const struct dirent *entry;

	if (folder == NULL) {
		status = complain_of(walk, prefix, errno, err);
		if (fd >= 0)
			close(fd);
		return status;
	}
	if (depth > DEPTH_MAX)
		status = complain(walk, prefix, "folders lie too deep in each other", err);
	while (status == CAPROOF_OK && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = walk_entry(walk, dirfd(folder), entry->d_name, prefix, depth, err);
	closedir(folder);
	return status;
}

static int compare(const void *a, const void *b) {
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static enum caproof_status print(const struct entry *entry, struct bytes *out,
	struct error *err) {
	bool escaped = strpbrk(entry->path, "\\\n\r") != NULL;
	enum caproof_status status = bytes_append(out, "\\", escaped ? 1 : 0, err);

	if (status == CAPROOF_OK)
		status = bytes_append(out, entry->sha256, strlen(entry->sha256), err);
	if (status == CAPROOF_OK)
		status = bytes_append(out, "  ", 2, err);
	for (const char *p = entry->path; status == CAPROOF_OK && *p != '\0'; p++) {
		const char *as = *p == '\\' ? "\\\\" : *p == '\n' ? "\\n" : *p == '\r' ? "\\r" : NULL;

		status = as != NULL ? bytes_append(out, as, 2, err) : bytes_append(out, p, 1, err);
	}
	return status == CAPROOF_OK ? bytes_append(out, "\n", 1, err) : status;
}

enum caproof_status sums_each(const struct bundle *bundle,
	enum caproof_status (*each)(void *arg, const char *path, struct error *err), void *arg,
	struct error *err) {
	struct walk walk = { .bundle = bundle, .each = each, .arg = arg };

	return walk_folder(&walk, bundle->folder, ".", "", 0, err);
}

enum caproof_status sums_make(const struct bundle *bundle, struct bytes *out,
	struct error *err) {
	struct walk walk = { .bundle = bundle };
	enum caproof_status status = walk_folder(&walk, bundle->folder, ".", "", 0, err);

	if (status == CAPROOF_OK && walk.count > 0)
		qsort(walk.entries, walk.count, sizeof(*walk.entries), compare);
	for (size_t i = 0; status == CAPROOF_OK && i < walk.count; i++)
		status = print(&walk.entries[i], out, err);
	for (size_t i = 0; i < walk.count; i++)
		free(walk.entries[i].path);
	free(walk.entries);
	if (status != CAPROOF_OK)
		bytes_clear(out);
	return status;
}

/* --- the names in a folder ------------------------------------------------------------- */

struct gathering {
	const char *folder;
	struct sums_names *names;
};

static enum caproof_status gather(void *arg, const char *path, struct error *err) {
	const struct gathering *gathering = arg;
	struct sums_names *names = gathering->names;
	size_t len = strlen(gathering->folder), room = names->room == 0 ? 16 : names->room * 2;
	char **larger;

	if (strncmp(path, gathering->folder, len) != 0 || path[len] != '/')
		return CAPROOF_OK;
	if (names->count == names->room) {
		larger = realloc(names->list, room * sizeof(*larger));
		if (larger == NULL)
			return error_memory(err);
		names->list = larger;
		names->room = room;
	}
	names->list[names->count] = strdup(path);
	return names->list[names->count++] != NULL ? CAPROOF_OK : error_memory(err);
}

static int compare_names(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum caproof_status sums_names(const struct bundle *bundle, const char *folder,
	struct sums_names *out, struct error *err) {
	struct gathering gathering = { folder, out };
	enum caproof_status status;

	*out = (struct sums_names){ NULL, 0, 0 };
	status = sums_each(bundle, gather, &gathering, err);
	if (status == CAPROOF_OK && out->count > 0)
		qsort(out->list, out->count, sizeof(*out->list), compare_names);
	return status;
}

void sums_names_clear(struct sums_names *names) {
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct sums_names){ NULL, 0, 0 };
}
