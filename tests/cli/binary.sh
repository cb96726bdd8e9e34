#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What compiler and linker were asked for stands in the binary: loaded anywhere, nothing of
# it writable and executable, its tables closed before main, its stack and buffers watched.
. "${TOP_SRCDIR:?}/tests/support/source.sh"
export LC_ALL=C
tool=${CAPROOF:?}

flags=$(sed -n 's/^CFLAGS = //p' "${TOP_BUILDDIR:?}/Makefile")
dynamic=$(readelf -dW "$tool")
segments=$(readelf -lW "$tool")
imports=$(readelf -W --dyn-syms "$tool" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }')

# says TEXT PATTERN: nothing when it does.
says() {
	printf '%s\n' "$1" | grep -qE "$2" || echo "nothing like '$2' in: $1"
}

silent() {
	printf '%s\n' "$1" | grep -E "$2"
}

optimised() {
	case " $flags " in
	*' -O '* | *' -O'[123sz]' '* | *' -Ofast '*) [ "${flags##*-O0}" = "$flags" ] ;;
	*) false ;;
	esac
}

# What glibc always replaces when it is fortified, and what it replaces it with.
if optimised; then
	wanted='^__(printf|fprintf|vfprintf)_chk$' unwanted='^(printf|fprintf|vfprintf)$'
else
	wanted='^(printf|fprintf|vfprintf)$' unwanted='^__(printf|fprintf|vfprintf)_chk$'
fi

plan 10
nothing "the tool is a program that can be loaded anywhere (PIE)" \
	"$(says "$dynamic" 'FLAGS_1.* PIE')"
nothing "every symbol is found before main (BIND_NOW)" "$(says "$dynamic" 'FLAGS_1.* NOW')"
nothing "the tables of addresses are read-only then (full RELRO)" "$(says "$segments" GNU_RELRO)"
nothing "the stack is not executable" "$(says "$segments" 'GNU_STACK .* RW  ')"
nothing "nothing is writable and executable" "$(silent "$segments" '(LOAD|GNU_STACK) .* RWE ')"
nothing "no code is rewritten when it is loaded" "$(silent "$dynamic" 'TEXTREL')"
nothing "no folder for libraries but the system's" "$(silent "$dynamic" '\((RPATH|RUNPATH)\)')"
nothing "the stack is watched (stack protector)" "$(says "$imports" '^__stack_chk_fail$')"
nothing "buffers are watched where the compiler optimises (FORTIFY_SOURCE), and only there" \
	"$(says "$imports" "$wanted"; silent "$imports" "$unwanted")"
nothing "configure asks for the strong stack protector, and for that of large frames" \
	"$(for option in -fstack-protector-strong -fstack-clash-protection; do
		says "$(sed -n 's/^HARDEN_CFLAGS = //p' "$TOP_BUILDDIR/Makefile")" "(^| )$option( |$)"
	done)"
