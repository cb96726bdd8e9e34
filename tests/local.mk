# SPDX-License-Identifier: Apache-2.0
#
# `make check` runs everything as TAP.  A test that is missing what it needs is a
# failure: nothing here may pass by not running.

# Unit tests: cmocka programs, linked with the library.
unit_tests = \
	tests/unit/test_ca \
	tests/unit/test_ckr \
	tests/unit/test_cms \
	tests/unit/test_file \
	tests/unit/test_interrupt \
	tests/unit/test_journal \
	tests/unit/test_key_choice \
	tests/unit/test_list \
	tests/unit/test_login \
	tests/unit/test_name \
	tests/unit/test_output \
	tests/unit/test_pin \
	tests/unit/test_plan \
	tests/unit/test_platform \
	tests/unit/test_prompt \
	tests/unit/test_public_key_info \
	tests/unit/test_rules \
	tests/unit/test_secret \
	tests/unit/test_text \
	tests/unit/test_uri \
	tests/unit/test_verify \
	tests/unit/test_words

# Tests of the tool: bats, on tokens of their own; sh where one list of tests runs
# over several tokens.
cli_tests = \
	tests/cli/accepted.bats \
	tests/cli/batch.bats \
	tests/cli/batch-hostile.bats \
	tests/cli/ca-cert.bats \
	tests/cli/check.bats \
	tests/cli/completion.bats \
	tests/cli/input.bats \
	tests/cli/key.bats \
	tests/cli/misuse.bats \
	tests/cli/module.bats \
	tests/cli/output.bats \
	tests/cli/pin.bats \
	tests/cli/platforms.bats \
	tests/cli/request.bats \
	tests/cli/rules.bats \
	tests/cli/sign.bats \
	tests/cli/steps.bats \
	tests/cli/tokens.bats \
	tests/cli/verify.bats \
	tests/fault/ceremony.bats \
	tests/fault/memory.bats \
	tests/fault/sweep.bats \
	tests/fault/token.bats \
	tests/token/nss.bats \
	tests/token/p11kit.sh \
	tests/token/softhsm.sh \
	tests/token/tpm2.sh \
	tests/token/vanish.bats

# Ceremonies: through the command line; the verifier in public tools, held against bundles made
# without caproof; the report.
ceremony_tests = \
	tests/ceremony/agree.bats \
	tests/ceremony/ceremony.bats \
	tests/ceremony/forged.bats \
	tests/ceremony/gates.bats \
	tests/ceremony/hostile.bats \
	tests/ceremony/rehearsal.bats \
	tests/ceremony/report.bats \
	tests/ceremony/stopped.bats \
	tests/ceremony/verify.bats \
	tests/ceremony/verify_bundle.bats

# Documents: their commands are run as they are printed.
docs_tests = \
	tests/docs/adding.bats \
	tests/docs/audit.bats \
	tests/docs/ceremony.bats \
	tests/docs/manual.bats \
	tests/docs/readme.bats \
	tests/docs/recipes.bats

# The public library, through its header alone.
api_programs = \
	tests/api/test_api
api_scripts = \
	tests/api/exports.sh \
	tests/api/faults.bats \
	tests/api/threads.bats \
	tests/api/token.bats
api_tests = $(api_scripts) $(api_programs)

# Those that a sanitizer would be in the way of.
plain_tests = \
	tests/api/library.bats \
	tests/cli/binary.sh \
	tests/cli/hardened.bats \
	tests/fault/valgrind.bats

# Lint: the project's own rules, held against its source.
lint_tests = \
	tests/lint/assurance.sh \
	tests/lint/calls.sh \
	tests/lint/documents.sh \
	tests/lint/layers.sh \
	tests/lint/links.sh \
	tests/lint/scripts.sh \
	tests/lint/sizes.sh \
	tests/lint/tests.sh \
	tests/lint/tree.sh \
	tests/lint/troubleshooting.sh

# Fuzz targets.  With --enable-fuzzing libFuzzer runs them (scripts/fuzz); otherwise a
# driver of our own does, over the corpus and a fixed number of mutations.
fuzz_tests = \
	tests/fuzz/fuzz_ca \
	tests/fuzz/fuzz_cms \
	tests/fuzz/fuzz_code \
	tests/fuzz/fuzz_keyless \
	tests/fuzz/fuzz_list \
	tests/fuzz/fuzz_name \
	tests/fuzz/fuzz_plan \
	tests/fuzz/fuzz_policy \
	tests/fuzz/fuzz_proof \
	tests/fuzz/fuzz_record \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_rule_file \
	tests/fuzz/fuzz_uri

# What the unit tests share.
check_LTLIBRARIES += tests/support/libunit.la
tests_support_libunit_la_SOURCES = \
	tests/support/soft.c \
	tests/support/soft.h \
	tests/unit/terminal.c \
	tests/unit/terminal.h

# A program here is made of the source with its name; it links with these.
LDADD = tests/support/libunit.la libcaproof-tool.la $(CMOCKA_LIBS)

tests_unit_test_plan_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_platform_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_rules_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_verify_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'

# Whose rights the process has can be made up.
tests_unit_test_interrupt_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=geteuid -Wl,--wrap=getegid

# The module is a list of functions that the test has.
tests_unit_test_login_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=module_functions \
	-Wl,--wrap=module_path

# Allocations of the library itself, not of what it stands on, can be made to fail.
tests_unit_test_list_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc \
	-Wl,--wrap=realloc -Wl,--wrap=strdup -Wl,--wrap=strndup

# Helpers of the tests.

# The fault shim: a PKCS#11 module between a test and SoftHSM.
check_LTLIBRARIES += tests/support/shim.la
tests_support_shim_la_SOURCES = \
	tests/support/shim-functions.h \
	tests/support/shim-names.c \
	tests/support/shim-rules.c \
	tests/support/shim.c \
	tests/support/shim.h
tests_support_shim_la_CFLAGS = $(PLAIN_CFLAGS) $(VISIBILITY_CFLAGS)
tests_support_shim_la_LDFLAGS = $(AM_LDFLAGS) $(loaded)

# Fails a chosen allocation of the program it is preloaded into.
check_LTLIBRARIES += tests/support/failalloc.la
tests_support_failalloc_la_SOURCES = tests/support/failalloc.c
tests_support_failalloc_la_CFLAGS = $(PLAIN_CFLAGS)
tests_support_failalloc_la_LDFLAGS = $(AM_LDFLAGS) $(loaded)

# Runs a program on a terminal of its own.
check_PROGRAMS += tests/support/ptyrun
tests_support_ptyrun_SOURCES = tests/support/ptyrun.c
tests_support_ptyrun_CFLAGS = $(PLAIN_CFLAGS)
tests_support_ptyrun_LDADD =

# The least that any program must do for signatures: what budgets compare with.
check_PROGRAMS += tests/support/floor
tests_support_floor_SOURCES = \
	tests/support/floor-duties.c \
	tests/support/floor.c \
	tests/support/floor.h
tests_support_floor_CFLAGS = $(PLAIN_CFLAGS)
tests_support_floor_LDADD = $(CRYPTO_LIBS)

# Certificate requests by the thousand, and programs run in turn and measured: for
# scripts/bench.
check_PROGRAMS += tests/support/requests tests/support/measure
tests_support_requests_SOURCES = tests/support/requests.c
tests_support_requests_CFLAGS = $(PLAIN_CFLAGS)
tests_support_requests_LDADD = $(CRYPTO_LIBS)
tests_support_measure_SOURCES = tests/support/measure.c
tests_support_measure_CFLAGS = $(PLAIN_CFLAGS)
tests_support_measure_LDADD =

# Programs that know nothing of caproof but its header.
check_PROGRAMS += tests/api/drive tests/api/threads
tests_api_drive_LDADD = libcaproof.la
tests_api_threads_LDADD = libcaproof.la

# The internals that the software keys use are their own.
tests_api_test_api_SOURCES = tests/api/test_api.c tests/support/soft.c tests/support/soft.h
tests_api_test_api_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_api_test_api_LDADD = libcaproof.la libcaproof-proof.la $(CMOCKA_LIBS)

# Chains the records of a long transcript.
check_PROGRAMS += tests/support/chain
tests_support_chain_SOURCES = tests/support/chain.c
tests_support_chain_CFLAGS = $(PLAIN_CFLAGS)
tests_support_chain_LDADD = $(CRYPTO_LIBS)

# Makes every call and allocation of a run fail in turn, and judges each run.
check_PROGRAMS += tests/fault/sweep
tests_fault_sweep_SOURCES = tests/fault/demand.c tests/fault/demand.h tests/fault/sweep.c
tests_fault_sweep_CFLAGS = $(PLAIN_CFLAGS)
tests_fault_sweep_LDADD =

# What the fuzz targets share; they are of one source each.
check_LTLIBRARIES += tests/fuzz/libfuzz.la
tests_fuzz_libfuzz_la_SOURCES = tests/fuzz/folder.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h \
	tests/support/soft.c
tests_fuzz_libfuzz_la_CPPFLAGS = $(AM_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
fuzz_ldadd = $(fuzz_main) tests/fuzz/libfuzz.la libcaproof-core.la

if FUZZING
EXTRA_PROGRAMS = $(fuzz_tests)
fuzz_main = $(LIB_FUZZING_ENGINE)
else
check_LTLIBRARIES += tests/fuzz/libdrive.la
tests_fuzz_libdrive_la_SOURCES = tests/fuzz/drive.c
fuzz_main = tests/fuzz/libdrive.la
endif

tests_fuzz_fuzz_ca_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_cms_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_code_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_keyless_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_list_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_name_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_plan_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_policy_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_proof_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_record_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_request_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_rule_file_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_uri_LDADD = $(fuzz_ldadd)

# The seeds, made by a script; the name of a test's log is what waits for them.
fuzz_logs = $(fuzz_tests:=.log)
$(fuzz_logs): tests/fuzz/corpus.stamp
tests/fuzz/corpus.stamp: tests/fuzz/corpus.sh
	$(AM_V_GEN)$(MKDIR_P) tests/fuzz && \
		$(SHELL) $(srcdir)/tests/fuzz/corpus.sh $(top_srcdir) tests/fuzz/corpus >$@.log 2>&1 || \
		{ cat $@.log >&2; exit 1; }
	$(AM_V_at)mv $@.log $@

CLEANFILES += tests/fuzz/corpus.stamp tests/fuzz/corpus.stamp.log $(fuzz_tests:=.input)
clean-local:
	rm -rf tests/fuzz/corpus

# Read by the tests, neither compiled nor run by make.
test_files = \
	tests/api/exports.txt \
	tests/ceremony/bundle.bash \
	tests/ceremony/ceremony.bash \
	tests/ceremony/mutations.bash \
	tests/ceremony/room.bash \
	tests/cli/helper.bash \
	tests/docs/docs.bash \
	tests/docs/procedure.bash \
	tests/fault/swept.bash \
	tests/fuzz/corpus.sh \
	tests/mutants.txt \
	tests/support/lsan-memory.supp \
	tests/support/tsan.supp \
	tests/support/lsan.supp \
	tests/support/source.sh \
	tests/support/tap.sh \
	tests/token/list.bats \
	tests/token/p11kit.bash \
	tests/token/softhsm.bash \
	tests/token/tpm2.bash

# Modules and libraries that are loaded into programs: shared objects, though
# nothing installs them, and free of the sanitizers that those programs lack.
loaded = -module -shared -avoid-version -rpath /nowhere

EXTRA_DIST += $(cli_tests) $(ceremony_tests) $(docs_tests) $(api_scripts) $(plain_tests) $(lint_tests) $(test_files)

# One kind alone: make check TESTS='$(unit_tests)', cli_tests, fuzz_tests or lint_tests.
if TESTABLE
check_PROGRAMS += $(unit_tests) $(api_programs)
TESTS += $(unit_tests) $(cli_tests) $(ceremony_tests) $(docs_tests) $(api_tests) $(lint_tests)
if !FUZZING
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
endif
if !SANITIZED
TESTS += $(plain_tests)
endif
else
check-local:
	@echo "make check needs cmocka and bats: install them (./scripts/deps does) and run configure again" >&2; exit 1
endif

tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

# A test that hangs is a test that fails.
seconds = 1200
in_time = timeout -k 10 $(seconds)

TEST_EXTENSIONS = .bats .sh
LOG_DRIVER = $(tap_driver)
SH_LOG_DRIVER = $(tap_driver)
LOG_COMPILER = $(in_time)
SH_LOG_COMPILER = $(in_time) $(SHELL)
BATS_LOG_DRIVER = $(tap_driver)
BATS_LOG_COMPILER = $(in_time) $(BATS)
AM_BATS_LOG_FLAGS = --tap

# What the tests may rely on.  Every run starts with no module, no PIN and no
# terminal settings of whoever started it.
AM_TESTS_ENVIRONMENT = \
	unset CAPROOF_MODULE SOFTHSM2_CONF GNUTLS_PIN GNUTLS_SO_PIN TERM NO_COLOR POSIXLY_CORRECT; \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	LC_ALL=C.UTF-8; export LC_ALL; \
	PATH="$$PATH:/usr/local/sbin:/usr/sbin:/sbin"; export PATH; \
	TOP_SRCDIR='$(abs_top_srcdir)'; export TOP_SRCDIR; \
	TOP_BUILDDIR='$(abs_top_builddir)'; export TOP_BUILDDIR; \
	CAPROOF='$(abs_top_builddir)/caproof'; export CAPROOF; \
	CAPROOF_PLATFORMS='$(abs_top_srcdir)/platforms'; export CAPROOF_PLATFORMS; \
	CC='$(CC)'; export CC; \
	BATS='$(BATS)'; export BATS; \
	ASAN_OPTIONS=detect_leaks=1:exitcode=99; export ASAN_OPTIONS; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/support/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS;
