# SPDX-License-Identifier: Apache-2.0
#
# The tool: the only place that prints, prompts and exits.  All of it but main is a
# library too, so that unit tests reach the terminal and the PIN.

noinst_LTLIBRARIES += libcaproof-tool.la

libcaproof_tool_la_SOURCES = \
	src/cli/batch_cmd.h \
	src/cli/batch_inputs.c \
	src/cli/batch_json.c \
	src/cli/batch_json.h \
	src/cli/batch_options.c \
	src/cli/batch_options.def \
	src/cli/batch_report.c \
	src/cli/ca_cert.h \
	src/cli/ca_cert_options.c \
	src/cli/ca_cert_options.def \
	src/cli/ca_cert_report.c \
	src/cli/check_options.def \
	src/cli/check_report.c \
	src/cli/check_report.h \
	src/cli/cmd.h \
	src/cli/ceremony_approve.c \
	src/cli/ceremony_attached.c \
	src/cli/ceremony_cmd.h \
	src/cli/ceremony_html.c \
	src/cli/ceremony_html.h \
	src/cli/ceremony_items.c \
	src/cli/ceremony_page.c \
	src/cli/ceremony_page.h \
	src/cli/ceremony_person.c \
	src/cli/ceremony_person.h \
	src/cli/ceremony_person_options.def \
	src/cli/ceremony_plan.c \
	src/cli/ceremony_plan_options.def \
	src/cli/ceremony_rehearse.c \
	src/cli/ceremony_report.c \
	src/cli/ceremony_run.c \
	src/cli/ceremony_run.h \
	src/cli/ceremony_run_options.def \
	src/cli/ceremony_seal.c \
	src/cli/ceremony_show.c \
	src/cli/ceremony_timeline.c \
	src/cli/ceremony_verify.c \
	src/cli/cmd_batch.c \
	src/cli/cmd_ceremony.c \
	src/cli/cmd_ca_cert.c \
	src/cli/cmd_check.c \
	src/cli/cmd_platforms.c \
	src/cli/cmd_request.c \
	src/cli/cmd_sign.c \
	src/cli/cmd_tokens.c \
	src/cli/cmd_verify.c \
	src/cli/common.c \
	src/cli/common.h \
	src/cli/emergency.c \
	src/cli/emergency.h \
	src/cli/harden.c \
	src/cli/harden.h \
	src/cli/inputs.c \
	src/cli/inputs.h \
	src/cli/interrupt.c \
	src/cli/interrupt.h \
	src/cli/layout.c \
	src/cli/layout.h \
	src/cli/memory.c \
	src/cli/memory.h \
	src/cli/option_table.h \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/pin.c \
	src/cli/pin.h \
	src/cli/pin_text.c \
	src/cli/pin_text.h \
	src/cli/platforms_options.def \
	src/cli/progress.c \
	src/cli/progress.h \
	src/cli/prompt.c \
	src/cli/prompt.h \
	src/cli/report.c \
	src/cli/report.h \
	src/cli/request.h \
	src/cli/request_options.c \
	src/cli/request_options.def \
	src/cli/request_report.c \
	src/cli/run.c \
	src/cli/run_module.c \
	src/cli/run.h \
	src/cli/run_report.c \
	src/cli/run_report.h \
	src/cli/sign.h \
	src/cli/sign_inputs.c \
	src/cli/sign_options.c \
	src/cli/sign_options.def \
	src/cli/sign_report.c \
	src/cli/tokens.h \
	src/cli/tokens_json.c \
	src/cli/tokens_options.c \
	src/cli/tokens_options.def \
	src/cli/tokens_pair.c \
	src/cli/tokens_print.c \
	src/cli/tokens_read.c \
	src/cli/verify_options.def \
	src/cli/watchdog.c

libcaproof_tool_la_LIBADD = libcaproof-core.la $(POPT_LIBS)

bin_PROGRAMS += caproof

caproof_SOURCES = src/cli/main.c
caproof_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
caproof_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
caproof_LDADD = libcaproof-tool.la
