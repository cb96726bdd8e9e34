/* SPDX-License-Identifier: Apache-2.0
 *
 * Files in and out.  Every input is bounded; an output appears whole or not at
 * all, and never in the place of something that was there.
 */
#ifndef CAPROOF_BASE_FILE_H
#define CAPROOF_BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/bytes.h"

#define FILE_MAX_SIZE (16u * 1024 * 1024)

/* Read the whole of PATH ("-": standard input) into OUT, at most FILE_MAX_SIZE
 * octets, devices and FIFOs included.  WHAT names it in errors: "CA certificate".
 * A directory, an empty file or one that is too large is an error (input.*). */
NODISCARD enum caproof_status file_read(const char *path, const char *what, struct bytes *out,
	struct error *err);

/* As file_read, for a PATH that somebody else's file names: what is no regular file (a FIFO,
 * a device, what a descriptor of this process leads to) is refused without waiting for it. */
NODISCARD enum caproof_status file_read_regular(const char *path, const char *what,
	struct bytes *out, struct error *err);

/* How the tool's signals reach a read or write that waits: PENDING says whether one
 * has come.  Then file_read, and commit to standard output, fail with `interrupted`;
 * any other EINTR is tried again.  Set once, before there are threads. */
void file_on_interrupt(bool (*pending)(void));
bool file_interrupted(void);

/* One output on its way.  Until output_commit nothing is visible under its name.
 * Where the file system has no O_TMPFILE, and while one file replaces another, a
 * temporary name PATH.caproof-XXXXXX is used; output_emergency_cleanup() removes it. */
struct output;

/* PATH is checked at once: its folder exists and can be written, and without
 * FORCE nothing has its name (output.exists); with FORCE only a regular file may
 * be replaced, never a link or a device.  PATH "-" is standard output: commit
 * writes to it.  MODE: 0644 or 0600, less the umask. */
NODISCARD enum caproof_status output_open(const char *path, mode_t mode, bool force,
	struct output **out, struct error *err);

/* For names that a list gives: whether PATH stays in the folder that it is relative to
 * (no absolute path, no empty, "." or ".." part). */
bool output_path_is_inside(const char *path);
/* As output_open, for a PATH inside the open folder FOLDER; no symbolic link on the way is
 * followed.  The folders in PATH must be there. */
NODISCARD enum caproof_status output_open_inside(int folder, const char *path, mode_t mode,
	bool force, struct output **out, struct error *err);
/* Whether output_open_inside would find its name free; nothing is made. */
NODISCARD enum caproof_status output_check_inside(int folder, const char *path, bool force,
	struct error *err);

/* Read the regular file that is there already, if one is.  OUT is the caller's to clear. */
NODISCARD enum caproof_status output_read_inside(int folder, const char *path,
	struct bytes *out, bool *there, struct error *err);

/* Write DATA, flush it to the disk; nothing is visible yet. */
NODISCARD enum caproof_status output_write(struct output *output, struct span data,
	struct error *err);

/* Make it appear, whole; fsync the folder.  Without force a file that turned up
 * meanwhile stays and this fails with output.exists. */
NODISCARD enum caproof_status output_commit(struct output *output, struct error *err);

/* The two halves of output_commit for a file, so that many in one folder need one fsync of
 * it: make it appear; fsync its folder. */
NODISCARD enum caproof_status output_commit_unsettled(struct output *output, struct error *err);
NODISCARD enum caproof_status output_settle(struct output *output, struct error *err);

/* Make COUNT outputs appear, or none: files in this order, then what goes to standard
 * output; when one fails, those before it are retracted.  Signals wait while files are
 * put in their places. */
NODISCARD enum caproof_status output_commit_all(struct output *const *outputs, size_t count,
	struct error *err);

/* Whether the output would replace the file PATH. */
bool output_is_file(const struct output *output, const char *path);
/* Whether two outputs would be the same file. */
bool output_is_same(const struct output *a, const struct output *b);

/* Undo a commit that was made in this run (for a pair of which one failed).  What
 * --force replaced is there again, where the file system can exchange two names.
 * A file that somebody else has put there since is left alone. */
void output_retract(struct output *output);

/* Frees; removes what was not committed. */
void output_free(struct output *output);

/* Whether any output was committed in this process; safe in a signal handler or
 * another thread. */
bool output_any_committed(void);
/* Unlink pending temporary names; async-signal-safe.  The process is about to end:
 * a commit that begins after this waits for ever. */
void output_emergency_cleanup(void);
/* For another thread that will end the process, never for a signal handler: let no
 * commit begin any more and wait, a second at most, for one that is under way.  What
 * output_any_committed() says after this is final. */
void output_quiesce(void);

#endif
