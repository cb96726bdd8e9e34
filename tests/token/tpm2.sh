#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The list of token tests, on the token that tpm2.bash describes.  Its module leaks, and
# is told apart (tests/support/lsan.supp) only by whole stacks.
ASAN_OPTIONS="${ASAN_OPTIONS-}:fast_unwind_on_malloc=0"
export ASAN_OPTIONS
exec env TOKEN_UNDER_TEST=tpm2 "${BATS:-bats}" --tap "${TOP_SRCDIR:?}/tests/token/list.bats"
