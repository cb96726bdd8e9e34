/* SPDX-License-Identifier: Apache-2.0
 *
 * Outputs: whole or not at all, never in the place of something else, nothing left
 * behind.  Each promise is held against each way of making a file appear.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/output_internal.h"

static const enum output_method methods[] = { OUTPUT_UNNAMED, OUTPUT_RENAME, OUTPUT_LINK };

/* Run BODY once for each method. */
#define EACH_METHOD(name) \
	static void name##_with(void); \
	static void name(void **state) { \
		(void)state; \
		for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) { \
			output_method = methods[i]; \
			clear_scratch(); \
			forget_commits(); \
			name##_with(); \
		} \
		output_method = OUTPUT_UNNAMED; \
	} \
	static void name##_with(void)

/* Those of earlier tests. */
static void forget_commits(void) {
	while (output_any_committed())
		committed_add(-1);
}

static int enter_scratch(void **state) {
	static char folder[] = "/tmp/caproof-output-XXXXXX";

	*state = folder;
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static void clear_scratch(void) {
	assert_int_equal(system("chmod -R u+rwX . && rm -rf ./* ./.??*"), 0);
}

static int leave_scratch(void **state) {
	clear_scratch();
	return chdir("/") != 0 || rmdir(*state) != 0;
}

static void make(const char *path, const char *text) {
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *expected) {
	char buf[100] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	buf[fread(buf, 1, sizeof buf - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(buf, expected);
}

static mode_t mode_of(const char *path) {
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static unsigned names(void) {
	DIR *folder = opendir(".");
	unsigned count = 0;

	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(folder);
	return count;
}

static struct output *open_good(const char *path, mode_t mode, bool force) {
	struct error err = ERROR_INIT;
	struct output *output = NULL;
	enum caproof_status status = output_open(path, mode, force, &output, &err);

	assert_string_equal(err.message, "");
	assert_int_equal(status, CAPROOF_OK);
	return output;
}

static struct output *written(const char *path, const char *text, bool force) {
	struct error err = ERROR_INIT;
	struct output *output = open_good(path, 0644, force);

	assert_int_equal(output_write(output, span_of(text, strlen(text)), &err), CAPROOF_OK);
	return output;
}

static void commit_good(struct output *output) {
	struct error err = ERROR_INIT;
	enum caproof_status status = output_commit(output, &err);

	assert_string_equal(err.message, "");
	assert_int_equal(status, CAPROOF_OK);
}

static void assert_open_refused(const char *path, bool force, enum error_id id,
	const char *sentence) {
	struct error err = ERROR_INIT;
	struct output *output = NULL;

	assert_int_equal(output_open(path, 0644, force, &output, &err), CAPROOF_OUTPUT);
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.id, id);
	assert_null(output);
}

static void assert_commit_refused(struct output *output, enum error_id id, const char *sentence) {
	struct error err = ERROR_INIT;

	assert_int_equal(output_commit(output, &err), CAPROOF_OUTPUT);
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.id, id);
}

EACH_METHOD(it_appears_at_the_commit) {
	struct output *output = written("proof.pem", "proof", false);

	assert_int_equal(access("proof.pem", F_OK), -1);
	commit_good(output);
	assert_content("proof.pem", "proof");
	assert_int_equal(mode_of("proof.pem"), 0644);
	assert_int_equal(names(), 1);
	output_free(output);
	assert_content("proof.pem", "proof");
	assert_int_equal(names(), 1);
}

EACH_METHOD(without_a_commit_nothing_stays) {
	struct output *output = written("proof.pem", "proof", false);

	output_free(output);
	assert_int_equal(names(), 0);
	output_free(NULL);
}

static void only_the_fallback_has_a_name(void **state) {
	struct output *output;

	(void)state;
	clear_scratch();
	output = written("proof.pem", "proof", false);
	assert_int_equal(names(), 0);
	output_free(output);
	output_method = OUTPUT_RENAME;
	output = written("proof.pem", "proof", false);
	assert_int_equal(names(), 1);
	assert_int_equal(access(output->temp_name, F_OK), 0);
	assert_memory_equal(output->temp_name, "proof.pem.caproof-", 18);
	assert_int_equal(strlen(output->temp_name), 24);
	output_method = OUTPUT_UNNAMED;
	output_free(output);
	assert_int_equal(names(), 0);
}

EACH_METHOD(a_key_is_private_from_the_start) {
	struct output *output = open_good("key.pem", 0600, false);
	struct stat st;

	assert_int_equal(fstat(output->fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	commit_good(output);
	assert_int_equal(mode_of("key.pem"), 0600);
	output_free(output);
}

EACH_METHOD(the_umask_is_honoured) {
	struct output *output;

	umask(077);
	output = written("proof.pem", "proof", false);
	umask(022);
	commit_good(output);
	assert_int_equal(mode_of("proof.pem"), 0600);
	output_free(output);
}

EACH_METHOD(what_is_there_is_seen_at_once) {
	make("file", "old");
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_open_refused("file", false, ERROR_OUTPUT_EXISTS, "'file' exists already");
	assert_open_refused("folder", false, ERROR_OUTPUT_EXISTS,
		"'folder' exists already and is a folder");
	assert_open_refused("link", false, ERROR_OUTPUT_EXISTS,
		"'link' exists already and is a symbolic link");
	assert_open_refused(".", false, ERROR_OUTPUT_EXISTS, "'.' exists already and is a folder");
	assert_open_refused("/dev/null", false, ERROR_OUTPUT_EXISTS,
		"'/dev/null' exists already and is not a regular file");
	assert_content("file", "old");
	assert_int_equal(names(), 3);
}

EACH_METHOD(what_turns_up_meanwhile_stays) {
	struct output *output = written("proof.pem", "proof", false);

	make("proof.pem", "mine");
	assert_commit_refused(output, ERROR_OUTPUT_EXISTS, "'proof.pem' exists already");
	output_free(output);
	assert_content("proof.pem", "mine");
	assert_int_equal(names(), 1);
}

EACH_METHOD(a_link_that_turns_up_is_not_followed) {
	struct output *output = written("proof.pem", "proof", false);

	assert_int_equal(symlink("target", "proof.pem"), 0);
	assert_commit_refused(output, ERROR_OUTPUT_EXISTS,
		"'proof.pem' exists already and is a symbolic link");
	output_free(output);
	assert_int_equal(access("target", F_OK), -1);
	assert_int_equal(names(), 1);
}

EACH_METHOD(force_replaces_a_file) {
	struct output *output;

	make("proof.pem", "old");
	output = written("proof.pem", "new", true);
	assert_content("proof.pem", "old");
	commit_good(output);
	assert_content("proof.pem", "new");
	output_free(output);
	assert_content("proof.pem", "new");
	assert_int_equal(names(), 1);
}

EACH_METHOD(force_does_not_write_through_another_name) {
	struct output *output;

	make("other", "old");
	assert_int_equal(link("other", "proof.pem"), 0);
	output = written("proof.pem", "new", true);
	commit_good(output);
	output_free(output);
	assert_content("other", "old");
	assert_content("proof.pem", "new");
}

EACH_METHOD(force_needs_nothing_to_replace) {
	struct output *output = written("proof.pem", "new", true);

	commit_good(output);
	output_free(output);
	assert_content("proof.pem", "new");
	assert_int_equal(names(), 1);
}

EACH_METHOD(force_takes_what_turned_up) {
	struct output *output = written("proof.pem", "new", true);

	make("proof.pem", "meanwhile");
	commit_good(output);
	output_free(output);
	assert_content("proof.pem", "new");
	assert_int_equal(names(), 1);
}

EACH_METHOD(force_replaces_files_only) {
	struct error err = ERROR_INIT;
	struct output *output = NULL;

	make("target", "old");
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_open_refused("folder", true, ERROR_OUTPUT_EXISTS,
		"'folder' exists already and is a folder");
	assert_open_refused("fifo", true, ERROR_OUTPUT_EXISTS,
		"'fifo' exists already and is not a regular file");
	assert_open_refused("/dev/null", true, ERROR_OUTPUT_EXISTS,
		"'/dev/null' exists already and is not a regular file");
	assert_int_equal(output_open("link", 0644, true, &output, &err), CAPROOF_OUTPUT);
	assert_string_equal(error_hint_text(&err),
		"choose another name: --force replaces regular files only");
	assert_content("target", "old");
	assert_int_equal(names(), 4);
}

EACH_METHOD(force_spares_a_link_that_turned_up) {
	struct output *output = written("proof.pem", "new", true);

	make("target", "old");
	assert_int_equal(symlink("target", "proof.pem"), 0);
	assert_commit_refused(output, ERROR_OUTPUT_EXISTS,
		"'proof.pem' exists already and is a symbolic link");
	output_free(output);
	assert_content("target", "old");
	assert_int_equal(names(), 2);
}

EACH_METHOD(a_commit_can_be_undone) {
	struct output *output = written("proof.pem", "proof", false);

	assert_false(output_any_committed());
	commit_good(output);
	assert_true(output_any_committed());
	output_retract(output);
	assert_false(output_any_committed());
	output_free(output);
	assert_int_equal(names(), 0);
}

static void an_undone_replacement_puts_the_old_file_back(void **state) {
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct output *output;

		output_method = methods[i];
		clear_scratch();
		make("proof.pem", "old");
		output = written("proof.pem", "new", true);
		commit_good(output);
		output_retract(output);
		output_free(output);
		assert_content("proof.pem", "old");
		assert_int_equal(names(), 1);
	}
	output_method = OUTPUT_UNNAMED;
}

EACH_METHOD(undoing_spares_what_somebody_else_put_there) {
	struct output *output = written("proof.pem", "proof", false);

	commit_good(output);
	assert_int_equal(unlink("proof.pem"), 0);
	make("proof.pem", "mine");
	output_retract(output);
	output_free(output);
	assert_content("proof.pem", "mine");
}

EACH_METHOD(of_a_pair_both_appear_or_none) {
	struct error err = ERROR_INIT;
	struct output *pair[2];

	pair[0] = written("key.pem", "key", false);
	pair[1] = written("proof.pem", "p", false);
	make("proof.pem", "mine");
	assert_int_equal(output_commit_all(pair, 2, &err), CAPROOF_OUTPUT);
	assert_int_equal(err.id, ERROR_OUTPUT_EXISTS);
	assert_false(output_any_committed());
	assert_int_equal(access("key.pem", F_OK), -1);
	assert_int_equal(unlink("proof.pem"), 0);
	output_free(pair[0]);
	output_free(pair[1]);
	assert_int_equal(names(), 0);

	pair[0] = written("key.pem", "key", false);
	pair[1] = written("proof.pem", "p", false);
	error_reset(&err);
	assert_int_equal(output_commit_all(pair, 2, &err), CAPROOF_OK);
	assert_true(output_any_committed());
	assert_content("key.pem", "key");
	assert_content("proof.pem", "p");
	output_retract(pair[0]);
	output_retract(pair[1]);
	output_free(pair[0]);
	output_free(pair[1]);
	assert_int_equal(names(), 0);
}

static void folders_that_cannot_be_written_are_a_sentence(void **state) {
	char long_name[300];
	char sentence[400];
	uid_t before = geteuid();

	(void)state;
	clear_scratch();
	make("plain", "x");
	assert_open_refused("none/x", false, ERROR_OUTPUT_WRITE,
		"cannot write 'none/x': there is no such folder");
	assert_open_refused("plain/x", false, ERROR_OUTPUT_WRITE,
		"cannot write 'plain/x': a part of the path is not a folder");
	assert_open_refused("none/", false, ERROR_OUTPUT_WRITE,
		"cannot write 'none/': it names no file");
	assert_open_refused("", false, ERROR_OUTPUT_WRITE, "cannot write '': it names no file");
	assert_open_refused("none\x1B/x", false, ERROR_OUTPUT_WRITE,
		"cannot write 'none\\x1b/x': there is no such folder");
	assert_open_refused("/proc/x", false, ERROR_OUTPUT_WRITE,
		"cannot write '/proc/x': there is no such file or folder");
	memset(long_name, 'n', sizeof long_name - 1);
	long_name[256] = '\0';
	snprintf(sentence, sizeof sentence, "cannot write '%s': the name is too long", long_name);
	assert_open_refused(long_name, false, ERROR_OUTPUT_WRITE, sentence);
	assert_int_equal(mkdir("closed", 0555), 0);
	assert_int_equal(chmod(".", 0755), 0);
	if (before == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_open_refused("closed/x", false, ERROR_OUTPUT_WRITE,
		"cannot write 'closed/x': permission denied");
	assert_int_equal(seteuid(before), 0);
}

EACH_METHOD(a_folder_need_not_be_readable) {
	uid_t before = geteuid();
	struct output *output;

	assert_int_equal(mkdir("drop", 0733), 0);
	assert_int_equal(chmod("drop", before == 0 ? 0733 : 0333), 0);
	assert_int_equal(chmod(".", 0755), 0);
	if (before == 0)
		assert_int_equal(seteuid(65534), 0);
	output = written("drop/x", "dropped", false);
	commit_good(output);
	output_free(output);
	assert_content("drop/x", "dropped");
	assert_int_equal(seteuid(before), 0);
}

EACH_METHOD(the_longest_name_works) {
	char name[NAME_MAX + 1];
	struct output *output;

	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	make(name, "old");
	output = written(name, "new", true);
	commit_good(output);
	output_free(output);
	assert_content(name, "new");
	assert_int_equal(names(), 1);
}

/* The folder is the one that was checked, whatever becomes of its name. */
EACH_METHOD(the_folder_is_held_by_its_descriptor) {
	struct output *output;

	assert_int_equal(mkdir("a", 0700), 0);
	assert_int_equal(mkdir("b", 0700), 0);
	output = written("a/proof.pem", "proof", false);
	assert_int_equal(rename("a", "c"), 0);
	assert_int_equal(symlink("b", "a"), 0);
	commit_good(output);
	output_free(output);
	assert_content("c/proof.pem", "proof");
	assert_int_equal(access("b/proof.pem", F_OK), -1);
}

EACH_METHOD(what_cannot_be_written_whole_does_not_appear) {
	static const unsigned char data[5000];
	struct error err = ERROR_INIT;
	struct rlimit before;
	struct output *output = open_good("proof.pem", 0644, false);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 4096, before.rlim_max }), 0);
	assert_int_equal(output_write(output, span_of(data, sizeof data), &err), CAPROOF_OUTPUT);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_string_equal(err.message,
		"cannot write 'proof.pem': the file would be larger than is allowed");
	output_free(output);
	assert_int_equal(names(), 0);
}

EACH_METHOD(of_many_at_once_one_wins) {
	enum { RACERS = 24 };
	pid_t pids[RACERS];
	int start[2];
	unsigned winners = 0;
	char content[20] = "";

	assert_int_equal(pipe(start), 0);
	for (size_t i = 0; i < RACERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct error err = ERROR_INIT;
			struct output *output = NULL;
			char text[20], go;

			close(start[1]);
			snprintf(text, sizeof text, "racer %zu", i);
			if (output_open("proof.pem", 0644, false, &output, &err) != CAPROOF_OK ||
				output_write(output, span_of(text, strlen(text)), &err) !=
					CAPROOF_OK)
				_exit(99);
			if (read(start[0], &go, 1) != 0)
				_exit(99);
			if (output_commit(output, &err) == CAPROOF_OK)
				_exit(0);
			output_free(output);
			_exit(err.id == ERROR_OUTPUT_EXISTS ? 1 : 98);
		}
	}
	close(start[0]);
	usleep(200000);
	close(start[1]);
	for (size_t i = 0; i < RACERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
		if (status == 0) {
			winners++;
			snprintf(content, sizeof content, "racer %zu", i);
		}
	}
	assert_int_equal(winners, 1);
	assert_content("proof.pem", content);
	assert_int_equal(names(), 1);
}

/* In a child, whose gate stays shut. */
#define IN_CHILD(body) \
	do { \
		int child_status; \
		pid_t child = fork(); \
		if (child == 0) { \
			body \
			_exit(0); \
		} \
		assert_int_equal(waitpid(child, &child_status, 0), child); \
		assert_int_equal(child_status, 0); \
	} while (0)

EACH_METHOD(an_emergency_removes_what_is_pending) {
	IN_CHILD({
		struct output *done = written("done.pem", "done", false);
		struct output *first = written("first.pem", "1", false);
		struct output *second = written("second.pem", "2", false);

		commit_good(done);
		output_free(first);
		output_emergency_cleanup();
		if (names() != 1 || second == NULL)
			_exit(1);
	});
	assert_content("done.pem", "done");
	assert_int_equal(names(), 1);
}

static void *commit_late(void *arg) {
	struct error err = ERROR_INIT;

	return output_commit(arg, &err) == CAPROOF_OK ? arg : NULL;
}

EACH_METHOD(after_the_gate_is_shut_nothing_appears) {
	IN_CHILD({
		struct output *output = written("proof.pem", "proof", false);
		pthread_t thread;

		output_quiesce();
		if (pthread_create(&thread, NULL, commit_late, output) != 0)
			_exit(1);
		usleep(100000);
		output_emergency_cleanup();
		if (output_any_committed() || names() != 0)
			_exit(2);
	});
	assert_int_equal(names(), 0);
}

/* Run the rest of a child with FD as standard output. */
static enum caproof_status print_to(int fd, size_t len, struct error *err) {
	int before = dup(STDOUT_FILENO);
	unsigned char *data = calloc(1, len);
	struct output *output = NULL;
	enum caproof_status status;

	assert_non_null(data);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	status = output_open("-", 0644, false, &output, err);
	if (status == CAPROOF_OK)
		status = output_write(output, span_of(data, len), err);
	if (status == CAPROOF_OK)
		status = output_commit(output, err);
	output_free(output);
	assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
	close(before);
	free(data);
	return status;
}

static void standard_output_waits_for_the_commit(void **state) {
	struct error err = ERROR_INIT;
	int before = dup(STDOUT_FILENO);
	int fd = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct output *output;
	enum caproof_status status;
	struct stat st;

	(void)state;
	clear_scratch();
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	output = written("-", "one ", false);
	status = output_write(output, span_of("two", 3), &err);
	(void)fstat(fd, &st);
	if (status == CAPROOF_OK)
		status = output_commit(output, &err);
	output_free(output);
	assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
	close(before);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(status, CAPROOF_OK);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 7);
	close(fd);
}

/* More than a pipe holds, to a reader that begins late, through a descriptor that does
 * not wait. */
static void a_slow_reader_gets_everything(void **state) {
	enum { LENGTH = 300000 };
	struct error err = ERROR_INIT;
	int ends[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	pid = fork();
	if (pid == 0) {
		static char buf[4096];
		size_t total = 0;

		close(ends[1]);
		fcntl(ends[0], F_SETFL, 0);
		usleep(50000);
		for (ssize_t n; (n = read(ends[0], buf, sizeof buf)) > 0;)
			total += (size_t)n;
		_exit(total == LENGTH ? 0 : 1);
	}
	close(ends[0]);
	assert_int_equal(print_to(ends[1], LENGTH, &err), CAPROOF_OK);
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void standard_output_that_fails_is_a_sentence(void **state) {
	struct error err = ERROR_INIT;
	int ends[2];
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(print_to(fd, 10, &err), CAPROOF_OUTPUT);
	assert_string_equal(err.message, "cannot write standard output: no space left");
	close(fd);
	error_reset(&err);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(print_to(ends[1], 10, &err), CAPROOF_OUTPUT);
	assert_string_equal(err.message,
		"cannot write standard output: whoever was reading it has gone");
	close(ends[1]);
	error_reset(&err);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(print_to(fd, 10, &err), CAPROOF_OUTPUT);
	assert_string_equal(err.message, "cannot write standard output: it is not open");
	close(fd);
}

/* The key is in place first and goes again when the proof cannot be printed. */
EACH_METHOD(no_key_stays_when_the_proof_cannot_be_printed) {
	struct error err = ERROR_INIT;
	int before = dup(STDOUT_FILENO);
	int full = open("/dev/full", O_WRONLY);
	struct output *pair[2];
	enum caproof_status status;

	assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
	close(full);
	pair[0] = written("key.pem", "key", false);
	pair[1] = written("-", "proof", false);
	status = output_commit_all(pair, 2, &err);
	assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
	close(before);
	assert_int_equal(status, CAPROOF_OUTPUT);
	assert_string_equal(err.message, "cannot write standard output: no space left");
	assert_false(output_any_committed());
	output_free(pair[0]);
	output_free(pair[1]);
	assert_int_equal(names(), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_appears_at_the_commit),
		cmocka_unit_test(without_a_commit_nothing_stays),
		cmocka_unit_test(only_the_fallback_has_a_name),
		cmocka_unit_test(a_key_is_private_from_the_start),
		cmocka_unit_test(the_umask_is_honoured),
		cmocka_unit_test(what_is_there_is_seen_at_once),
		cmocka_unit_test(what_turns_up_meanwhile_stays),
		cmocka_unit_test(a_link_that_turns_up_is_not_followed),
		cmocka_unit_test(force_replaces_a_file),
		cmocka_unit_test(force_does_not_write_through_another_name),
		cmocka_unit_test(force_needs_nothing_to_replace),
		cmocka_unit_test(force_takes_what_turned_up),
		cmocka_unit_test(force_replaces_files_only),
		cmocka_unit_test(force_spares_a_link_that_turned_up),
		cmocka_unit_test(a_commit_can_be_undone),
		cmocka_unit_test(an_undone_replacement_puts_the_old_file_back),
		cmocka_unit_test(undoing_spares_what_somebody_else_put_there),
		cmocka_unit_test(of_a_pair_both_appear_or_none),
		cmocka_unit_test(folders_that_cannot_be_written_are_a_sentence),
		cmocka_unit_test(a_folder_need_not_be_readable),
		cmocka_unit_test(the_longest_name_works),
		cmocka_unit_test(the_folder_is_held_by_its_descriptor),
		cmocka_unit_test(what_cannot_be_written_whole_does_not_appear),
		cmocka_unit_test(of_many_at_once_one_wins),
		cmocka_unit_test(an_emergency_removes_what_is_pending),
		cmocka_unit_test(after_the_gate_is_shut_nothing_appears),
		cmocka_unit_test(standard_output_waits_for_the_commit),
		cmocka_unit_test(a_slow_reader_gets_everything),
		cmocka_unit_test(standard_output_that_fails_is_a_sentence),
		cmocka_unit_test(no_key_stays_when_the_proof_cannot_be_printed),
	};

	return cmocka_run_group_tests_name("output", tests, enter_scratch, leave_scratch);
}
