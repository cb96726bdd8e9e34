#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What compiler and linker were asked for stands in the tool and in the library: loaded
# anywhere, nothing of it writable and executable, its tables closed before main, its stack
# and buffers watched.
. "${TOP_SRCDIR:?}/tests/support/source.sh"
export LC_ALL=C
tool=${CAPROOF:?} library=${TOP_BUILDDIR:?}/.libs/libcaproof.so
flags=$(sed -n 's/^CFLAGS = //p' "$TOP_BUILDDIR/Makefile")
harden=$(sed -n 's/^HARDEN_CFLAGS = //p' "$TOP_BUILDDIR/Makefile")

# imports FILE: the functions that it takes from others.
imports() {
	readelf -W --dyn-syms "$1" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }'
}

# has PATTERN READER...: a line for each of the two of which the READER does not say so.
has() {
	pattern=$1
	shift
	for binary in "$tool" "$library"; do
		"$@" "$binary" | grep -qE "$pattern" || echo "$binary: nothing like '$pattern'"
	done
}

# lacks PATTERN READER...: what the READER says like that of either.
lacks() {
	pattern=$1
	shift
	for binary in "$tool" "$library"; do
		"$@" "$binary" | grep -E "$pattern" | sed "s|^|$binary: |"
	done
}

optimised() {
	case " $flags " in
	*' -O '* | *' -O'[123sz]' '* | *' -Ofast '*) [ "${flags##*-O0}" = "$flags" ] ;;
	*) false ;;
	esac
}

# What glibc always replaces when it is fortified, and what it replaces it with.
plain='^(printf|fprintf|vfprintf|asprintf|vasprintf)$'
fortified='^__(printf|fprintf|vfprintf|asprintf|vasprintf)_chk$'
if optimised; then
	wanted=$fortified unwanted=$plain
else
	wanted=$plain unwanted=$fortified
fi

plan 10
nothing "the tool is a program that can be loaded anywhere (PIE)" \
	"$(readelf -dW "$tool" | grep -qE 'FLAGS_1.* PIE' || echo "$tool is none")"
nothing "every symbol is found before main (BIND_NOW)" "$(has 'FLAGS_1.* NOW' readelf -dW)"
nothing "the tables of addresses are read-only then (full RELRO)" "$(has GNU_RELRO readelf -lW)"
nothing "the stack is not executable" "$(has 'GNU_STACK .* RW  ' readelf -lW)"
nothing "nothing is writable and executable" "$(lacks '(LOAD|GNU_STACK) .* RWE ' readelf -lW)"
nothing "no code is rewritten when it is loaded" "$(lacks TEXTREL readelf -dW)"
nothing "no folder for libraries but the system's" "$(lacks '\((RPATH|RUNPATH)\)' readelf -dW)"
nothing "the stack is watched (stack protector)" "$(has '^__stack_chk_fail$' imports)"
nothing "buffers are watched where the compiler optimises (FORTIFY_SOURCE), and only there" \
	"$(has "$wanted" imports; lacks "$unwanted" imports)"
nothing "configure asks for the strong stack protector, and for that of large frames" \
	"$(for option in -fstack-protector-strong -fstack-clash-protection; do
		printf '%s\n' "$harden" | grep -qE -e "(^| )$option( |$)" || echo "not for $option"
	done)"
