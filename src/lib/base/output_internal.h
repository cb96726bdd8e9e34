/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of an output, for base/output*.c and their tests only.
 */
#ifndef CAPROOF_BASE_OUTPUT_INTERNAL_H
#define CAPROOF_BASE_OUTPUT_INTERNAL_H

#include <limits.h>

#include "base/file.h"
#include "base/output_pending.h"

/* What the file system is taken to be able to do; tests make it less. */
enum output_method {
	OUTPUT_UNNAMED, /* O_TMPFILE and linkat; falls back by itself */
	OUTPUT_RENAME,  /* a temporary name and renameat2 */
	OUTPUT_LINK     /* a temporary name, link and unlink; rename for --force */
};
extern enum output_method output_method;

struct output {
	bool standard;        /* standard output: nothing below but `text` and `shown` */
	struct bytes text;    /* waits for the commit */
	char *shown;          /* the path, safe to show */
	char *name;           /* in FOLDER */
	int folder, fd;
	mode_t mode;
	bool force;
	bool placed;          /* it has its name */
	bool counted;         /* and counts as committed */
	bool replaced;        /* TEMP_NAME is what was there before */
	char temp_name[NAME_MAX + 1]; /* "": none */
	struct pending *temp;  /* guards TEMP_NAME */
	struct pending *guard; /* guards NAME while a group is not complete */
};

/* Record what ERRNUM means for OUTPUT: output.write, or interrupted for EINTR. */
enum caproof_status output_failed(const struct output *output, int errnum, struct error *err);
/* Say what is under the output's name that must not be touched, if anything is. */
NODISCARD enum caproof_status output_check_free(const struct output *output, struct error *err);

/* Make the file, empty, without its name.  Returns 0 or an errno. */
int place_begin(struct output *output);
/* Give it its name.  Returns 0 or an errno; EEXIST: the name is taken by what may
 * not be replaced. */
int place_commit(struct output *output);
/* Take it away again and put back what was replaced. */
void place_undo(struct output *output);
/* Remove the temporary name, whatever it holds. */
void place_discard(struct output *output);
/* fsync the folder.  Returns 0 or an errno. */
int place_settle(const struct output *output);

#endif
