#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes ./configure from configure.ac.  It does not run it: a build belongs in
# a folder of its own, with options that are yours to choose.
set -eu
cd "$(dirname "$0")"
autoreconf --install --force --warnings=all,no-obsolete "$@"
echo "./configure is ready: mkdir build && cd build && ../configure && make"
