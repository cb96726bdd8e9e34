# SPDX-License-Identifier: Apache-2.0
#
# libcaproof: a thin public layer over the part of src/lib that makes a proof.  Only what
# the version script names is exported.  The tool does not use it: CONTRIBUTING.md says why.

caproofincludedir = $(includedir)/caproof
caproofinclude_HEADERS = include/caproof/caproof.h

lib_LTLIBRARIES += libcaproof.la

libcaproof_la_SOURCES = \
	src/api/api.h \
	src/api/checks.c \
	src/api/context.c \
	src/api/inputs.c \
	src/api/modules.c \
	src/api/plan.c \
	src/api/token.c
libcaproof_la_LIBADD = libcaproof-proof.la
libcaproof_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 \
	-Wl,--version-script=$(top_srcdir)/src/api/libcaproof.map
EXTRA_libcaproof_la_DEPENDENCIES = src/api/libcaproof.map

pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = src/api/libcaproof.pc

examplesdir = $(docdir)/examples
dist_examples_DATA = examples/prove.c examples/verify.c

EXTRA_DIST += src/api/libcaproof.map
