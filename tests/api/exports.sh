#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What libcaproof.so shows of itself: the functions of its header, under the versions that
# programs were linked with, and nothing else.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

library=${TOP_BUILDDIR:?}/.libs/libcaproof.so.0
header=include/caproof/caproof.h
map=src/api/libcaproof.map
list=tests/api/exports.txt

# The names that a header declares, the callbacks' types left out.
declared() {
	code "$1" | grep -v typedef | grep -oE 'caproof_[a-z0-9_]+\(' | tr -d '(' | sort -u
}

# tags NAME: the dynamic section's entries.
tags() {
	readelf -d "$library" | sed -n "s/.*($1).*\[\(.*\)\].*/\1/p"
}

exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort)

plan 6
same "libcaproof.so exports what the checked-in list has" \
	"$list" "$(LC_ALL=C sort "$list")" libcaproof.so "$exported"
same "libcaproof.so exports the functions of the header" \
	header "$(declared "$header")" libcaproof.so \
	"$(printf '%s\n' "$exported" | sed 's/@.*//' | sort -u)"
same "the version script names the functions of the header" \
	header "$(declared "$header")" map \
	"$(grep -oE '^[[:space:]]caproof_[a-z0-9_]+;' "$map" | tr -d '\t;' | sort -u)"
same "the library's name has the number of its interface" \
	expected libcaproof.so.0 libcaproof.so "$(tags SONAME)"
nothing "the library needs neither popt nor libcsv" "$(tags NEEDED | grep -E '^lib(popt|csv)')"
nothing "the header needs no other header of the project" \
	"$(grep -n '#include "' "$header")"
