#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The list of token tests, on the token that p11kit.bash describes.
exec env TOKEN_UNDER_TEST=p11kit "${BATS:-bats}" --tap "${TOP_SRCDIR:?}/tests/token/list.bats"
