#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What libcaproof.so shows of itself: the functions of its header, under the versions that
# programs were linked with, and nothing else.
. "${TOP_SRCDIR:?}/tests/support/source.sh"

library=${TOP_BUILDDIR:?}/.libs/libcaproof.so.0
header=include/caproof/caproof.h
map=src/api/libcaproof.map
checked_in=tests/api/exports.txt

# The names that a header declares, the callbacks' types left out.
declared() {
	code "$1" | grep -v typedef | grep -oE 'caproof_[a-z0-9_]+\(' | tr -d '(' | sort -u
}

# tags NAME: the dynamic section's entries.
tags() {
	readelf -d "$library" | sed -n "s/.*($1).*\[\(.*\)\].*/\1/p"
}

exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort)

# What the library is made of; and what of OpenSSL works in its default library context,
# because there is no saying in which other one.
parts=$(sed -n '/^libcaproof_proof_la_SOURCES/,/[^\\]$/p' src/lib/local.mk |
	grep -oE 'src/lib/[a-z0-9_/]+\.c')
default='EVP_Digest|EVP_get_digestby[a-z]+|d2i_(PUBKEY|X509|X509_REQ|AutoPrivateKey|PrivateKey)|RAND_bytes'
default="$default|X509(_REQ)?_(new|verify|get0_pubkey|get_pubkey)|X509_(self_signed|check_akid|digest)"
default="$default|PEM_read_bio_[A-Z]+[0-9A-Za-z_]*|EVP_PKEY_new_raw_public_key"

plan 9
# shellcheck disable=SC2086 # a list of names
forbid "nothing in the library works in OpenSSL's default context" \
	"(^|[^A-Za-z0-9_])(($default)[[:space:]]*\(|[A-Z][A-Za-z0-9_]*_(Q_[a-z]+|fetch|from_name)\(NULL)" \
	'md = EVP_MD_fetch(NULL, "SHA256", NULL);' $parts src/api
same "libcaproof.so exports what the checked-in list has" \
	"$checked_in" "$(LC_ALL=C sort "$checked_in")" libcaproof.so "$exported"
same "libcaproof.so exports the functions of the header" \
	header "$(declared "$header")" libcaproof.so \
	"$(printf '%s\n' "$exported" | sed 's/@.*//' | sort -u)"
same "the version script names the functions of the header" \
	header "$(declared "$header")" map \
	"$(grep -oE '^[[:space:]]caproof_[a-z0-9_]+;' "$map" | tr -d '\t;' | sort -u)"
same "the library's name has the number of its interface" \
	expected libcaproof.so.0 libcaproof.so "$(tags SONAME)"
nothing "the library needs neither popt nor libcsv" "$(tags NEEDED | grep -E '^lib(popt|csv)')"
same "the manual has a synopsis of each function of the header" \
	header "$(declared "$header")" libcaproof.3 \
	"$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/s/^\.Fn \([a-z0-9_]*\).*/\1/p' man/libcaproof.3 | sort)"
nothing "the manual names only errors that there are, under their status" "$(
	status=
	sed -n '/^\.Sh ERRORS/,/^\.Sh SEE/p' man/libcaproof.3 | while read -r macro rest; do
		case $macro in
		.It) status=${rest#Dv } ;;
		.Sy) for id in $(echo "$rest" | tr -d ','); do
			grep -qE "^ERROR\([A-Z_]+, *\"$id\", *$status," src/lib/base/errors.def || echo "$status $id"
		done ;;
		esac
	done
)"
nothing "the header needs no other header of the project" \
	"$(grep -n '#include "' "$header")"
