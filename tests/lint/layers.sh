#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The floors of the house: the tool stands on ceremonies, which stand on the library's
# story, which stands on platform, x509 and token, which stand on base and do not know
# each other.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

# stands FOLDER FLOOR...: FOLDER includes nothing of these floors.
stands() {
	folder=$1
	shift
	for floor in "$@"; do
		forbid "src/lib/$folder does not include $floor" \
			"#[[:space:]]*include[[:space:]]*\"$floor" "#include \"${floor}x.h\"" \
			"src/lib/$folder"
	done
}

# includers HEADER MOST: at least one and at most MOST files include it.
includers() {
	list=$(grep -rlE "^#[[:space:]]*include[[:space:]]*<$1>" src include)
	count=$(printf '%s' "$list" | grep -c .)
	found=
	if [ "$count" -lt 1 ] || [ "$count" -gt "$2" ]; then
		found=$(printf '%s files include it:\n%s' "$count" "$list")
	fi
	nothing "$1 is included by one file, or by at most $2" "$found"
}

story='(list|plan|prove|seal|subject|verify|record)\.h'
plan 25
stands base platform/ x509/ token/ ceremony/
stands platform x509/ token/ ceremony/
stands x509 platform/ token/ ceremony/
stands token platform/ x509/ ceremony/
for folder in base platform x509 token; do
	forbid "src/lib/$folder does not include the story above it" \
		"#[[:space:]]*include[[:space:]]*\"$story" '#include "plan.h"' "src/lib/$folder"
done
forbid "the story does not include the ceremonies above it" \
	'#[[:space:]]*include[[:space:]]*"ceremony/' '#include "ceremony/cms.h"' src/lib/*.[ch]
forbid "the library does not include the tool" \
	'#[[:space:]]*include[[:space:]]*".*cli/' '#include "../cli/pin.h"' src/lib src/api
forbid "nothing that a proof is made of includes the public layer above it" \
	'#[[:space:]]*include[[:space:]]*"(api|.*/api)\.h' '#include "../api/api.h"' src/lib src/cli
forbid "the public layer has no lists, ceremonies or files written" \
	'#[[:space:]]*include[[:space:]]*"(batch|ceremony/|journal|list|base/output)' \
	'#include "ceremony/cms.h"' src/api
includers libp11.h 1
includers popt.h 1
includers csv.h 1
includers jansson.h 3
