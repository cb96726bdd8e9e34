/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of a batch when the disk is full for a while: what was cut off is continued,
 * so that every record can be read again.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal.h"

static char folder_name[] = "/tmp/journal.XXXXXX";
static int folder;

static int make_folder(void **state) {
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(folder_name) == NULL)
		return -1;
	folder = open(folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 ? -1 : 0;
}

static int remove_folder(void **state) {
	(void)state;
	unlinkat(folder, JOURNAL_NAME, 0);
	close(folder);
	return rmdir(folder_name);
}

static struct journal *open_journal(void) {
	struct error err = ERROR_INIT;
	struct journal *journal = NULL;

	if (journal_open(folder, false, &journal, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	return journal;
}

static void limit_files(rlim_t octets) {
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets == RLIM_INFINITY ? limit.rlim_max : octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void add_intent(struct journal *journal, size_t line, const char *out) {
	struct journal_intent intent = {
		.line = line, .out = out, .platform = "generic", .code = out, .serial = "4711",
		.tbs_sha256 = "00",
	};
	struct error err = ERROR_INIT;

	assert_int_equal(journal_intent(journal, &intent, &err), CAPROOF_OK);
}

static void disk_full_for_a_while(void **state) {
	struct journal_head head = { "list.csv", "00", "11", 2, 0 };
	struct error err = ERROR_INIT;
	struct journal *journal = open_journal();
	struct stat st;

	(void)state;
	assert_int_equal(journal_begin(journal, &head, &err), CAPROOF_OK);
	assert_int_equal(fstatat(folder, JOURNAL_NAME, &st, 0), 0);
	add_intent(journal, 2, "a.pem");
	limit_files((rlim_t)st.st_size + 20);
	assert_int_equal(journal_flush(journal, &err), CAPROOF_OUTPUT);
	limit_files(RLIM_INFINITY);
	error_reset(&err);
	assert_int_equal(journal_result(journal, 2, "a.pem", "22", false, &err), CAPROOF_OK);
	add_intent(journal, 3, "b.pem");
	assert_int_equal(journal_flush(journal, &err), CAPROOF_OK);
	journal_close(journal);
	journal = open_journal();
	assert_true(journal_is_unfinished(journal));
	assert_true(journal_find(journal, "a.pem")->finished);
	assert_false(journal_find(journal, "b.pem")->finished);
	assert_non_null(journal_find_code(journal, "11", "generic", "a.pem"));
	assert_null(journal_find_code(journal, "12", "generic", "a.pem"));
	journal_close(journal);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_full_for_a_while),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
