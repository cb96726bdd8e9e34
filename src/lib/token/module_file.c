/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading a module's file.  libp11 prints a line of its own to standard error when
 * this fails, and says nothing that helps; the linker calls a library of another
 * architecture "no such file".  So the file is looked at first, and whoever loads it
 * afterwards finds it loaded.  It refuses a module that lacks a function that is used
 * here: a NULL in the list would be a crash later.
 */
#include "token/module_file.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/text.h"
#include "token/ckr.h"

/* The linker maps a file that was cut off, and dies of SIGBUS. */
static bool is_whole(int fd, off_t size) {
	ElfW(Ehdr) head;
	ElfW(Phdr) part;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return false;
	for (unsigned i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + (size_t)i * sizeof(part));

		if (pread(fd, &part, sizeof(part), at) != (ssize_t)sizeof(part))
			return false;
		if (part.p_type == PT_LOAD && (part.p_offset > (size_t)size ||
			part.p_filesz > (size_t)size - part.p_offset))
			return false;
	}
	return true;
}

/* What both ELF classes have in the same place. */
struct elf_start {
	unsigned char ident[EI_NIDENT];
	Elf64_Half type, machine;
};

static bool read_start(int fd, struct elf_start *start) {
	return pread(fd, start, sizeof(*start), 0) == (ssize_t)sizeof(*start) &&
		memcmp(start->ident, ELFMAG, SELFMAG) == 0;
}

/* This process is the measure; where it cannot be read nothing is refused. */
static bool same_architecture(const struct elf_start *file) {
	struct elf_start own;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	bool known;

	if (fd < 0)
		return true;
	known = read_start(fd, &own);
	close(fd);
	return !known || (own.ident[EI_CLASS] == file->ident[EI_CLASS] &&
		own.ident[EI_DATA] == file->ident[EI_DATA] && own.machine == file->machine);
}

static enum caproof_status check_open_file(int fd, const char *shown, struct error *err) {
	struct elf_start start;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		error_set(err, ERROR_MODULE_LOAD, "cannot load module '%s': it is not a regular file",
			shown);
		return error_status(err);
	}
	if (!read_start(fd, &start))
		return error_set(err, ERROR_MODULE_LOAD,
			"cannot load module '%s': it is not a shared library", shown);
	if (same_architecture(&start)) {
		if (is_whole(fd, st.st_size))
			return CAPROOF_OK;
		error_set(err, ERROR_MODULE_LOAD, "cannot load module '%s': the file is cut off", shown);
		error_hint(err, "install the module again");
		return error_status(err);
	}
	error_set(err, ERROR_MODULE_LOAD,
		"cannot load module '%s': it is made for another architecture than caproof", shown);
	error_hint(err, "install the module for this machine's architecture, and name that file");
	return error_status(err);
}

/* O_NONBLOCK: opening a FIFO would wait for its writer. */
static enum caproof_status check_file(const char *path, const char *shown, struct error *err) {
	enum caproof_status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0) {
		status = check_open_file(fd, shown, err);
		close(fd);
		return status;
	}
	if (errno == ENOENT || errno == ENOTDIR)
		return error_set(err, ERROR_MODULE_LOAD,
			"cannot load module '%s': there is no such file", shown);
	error_set(err, ERROR_MODULE_LOAD, "cannot load module '%s': %s", shown,
		errno == EACCES ? "no permission to read it" : errno_text(errno));
	error_hint(err, "check the permissions of the file and of the folders above it");
	return error_status(err);
}

/* glibc and musl begin with the name of the file that is to blame. */
static enum caproof_status linker_error(const char *path, const char *shown, struct error *err) {
	const char *said = dlerror();
	const char *colon = said != NULL ? strchr(said, ':') : NULL;
	char text[512];

	if (said == NULL)
		said = "the dynamic linker does not say why";
	text_safe(text, sizeof(text), said, strlen(said));
	error_set(err, ERROR_MODULE_LOAD, "cannot load module '%s': %s", shown, text);
	if (colon == NULL || strstr(said, "cannot open shared object file") == NULL)
		return error_status(err);
	if (strncmp(said, path, strlen(path)) != 0) {
		text_safe(text, sizeof(text), said, (size_t)(colon - said));
		error_hint(err, "the module needs '%s': install the package that has it", text);
	} else if (strchr(path, '/') == NULL) {
		error_hint(err, "give the module's whole path, beginning with a slash");
	}
	return error_status(err);
}

static bool is_complete(const CK_FUNCTION_LIST *f) {
	return f->C_Initialize != NULL && f->C_Finalize != NULL && f->C_GetInfo != NULL &&
		f->C_GetSlotList != NULL && f->C_GetSlotInfo != NULL && f->C_GetTokenInfo != NULL &&
		f->C_GetMechanismList != NULL && f->C_GetMechanismInfo != NULL &&
		f->C_OpenSession != NULL && f->C_CloseSession != NULL &&
		f->C_GetSessionInfo != NULL && f->C_Login != NULL && f->C_FindObjectsInit != NULL &&
		f->C_FindObjects != NULL && f->C_FindObjectsFinal != NULL &&
		f->C_GetAttributeValue != NULL && f->C_SignInit != NULL && f->C_Sign != NULL;
}

static enum caproof_status get_functions(void *handle, const char *shown,
	CK_FUNCTION_LIST **functions, struct error *err) {
	CK_RV (*get_list)(CK_FUNCTION_LIST **);
	CK_FUNCTION_LIST *list = NULL;
	CK_RV rv;

	/* ISO C has no cast from an object pointer to a function; POSIX dlsym asks for this. */
	*(void **)&get_list = dlsym(handle, "C_GetFunctionList");
	if (get_list == NULL)
		return error_set(err, ERROR_MODULE_LOAD,
			"cannot use module '%s': it is a shared library but not a PKCS#11 module", shown);
	rv = get_list(&list);
	if (rv == CKR_OK && list != NULL && is_complete(list)) {
		*functions = list;
		return CAPROOF_OK;
	}
	if (rv != CKR_OK) {
		char name[64];

		error_set(err, ERROR_MODULE_LOAD,
			"cannot use module '%s': it does not give its list of functions", shown);
		error_detail(err, "C_GetFunctionList: %s", ckr_name(rv, name, sizeof(name)));
		return error_status(err);
	}
	return error_set(err, ERROR_MODULE_LOAD,
		"cannot use module '%s': its list of functions is incomplete", shown);
}

enum caproof_status module_file_load(const char *path, void **handle, CK_FUNCTION_LIST **functions,
	struct error *err) {
	enum caproof_status status;
	char shown[512];
	void *loaded;

	text_safe(shown, sizeof(shown), path, strlen(path));
	if (*path == '\0')
		return error_set(err, ERROR_MODULE_LOAD, "cannot load a module: its path is empty");
	/* A name without a slash is for the linker's own search path. */
	if (strchr(path, '/') != NULL) {
		status = check_file(path, shown, err);
		if (status != CAPROOF_OK)
			return status;
	}
	loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (loaded == NULL)
		return linker_error(path, shown, err);
	status = get_functions(loaded, shown, functions, err);
	if (status != CAPROOF_OK) {
		dlclose(loaded);
		return status;
	}
	*handle = loaded;
	return CAPROOF_OK;
}

void module_file_map(const char *path) {
	struct error unsaid = ERROR_INIT;
	void *loaded;

	if (strchr(path, '/') == NULL || check_file(path, path, &unsaid) != CAPROOF_OK)
		return;
	loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (loaded != NULL)
		dlclose(loaded);
}
