# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# How the lint tests look at the source.  A rule comes with an example that breaks
# it, and passes only when the example is found: a rule that finds nothing anywhere
# proves nothing.

cd "${TOP_SRCDIR:?}" || exit 1
. tests/support/tap.sh

# files FOLDER...: the C files in them.
files() {
	find "$@" -name '*.[ch]' -o -name '*.def' | sort
}

# C without its comments and the insides of its strings, each line behind FILE:LINE:.
code() {
	awk '
	FNR == 1 { comment = 0 }
	{
		line = $0; out = ""
		while (line != "") {
			if (comment) {
				end = index(line, "*/")
				if (!end) break
				line = substr(line, end + 2); comment = 0
			} else if (match(line, /"([^"\\]|\\.)*"|\047([^\047\\]|\\.)\047|\/\*|\/\//)) {
				out = out substr(line, 1, RSTART - 1)
				token = substr(line, RSTART, RLENGTH)
				line = substr(line, RSTART + RLENGTH)
				if (token == "/*") comment = 1
				else if (token == "//") break
				else if (out ~ /^[ \t]*#[ \t]*include/) out = out token
				else out = out substr(token, 1, 1) substr(token, 1, 1)
			} else { out = out line; break }
		}
		if (out ~ /[^ \t]/) print FILENAME ":" FNR ":" out
	}' "$@"
}

# forbid DESCRIPTION PATTERN EXAMPLE FOLDER...: no code in FOLDER matches PATTERN
# (an extended expression); EXAMPLE, a line of C, does.
forbid() {
	description=$1 pattern=$2 example=$3
	shift 3
	if ! printf '%s\n' "$example" | code - | grep -qE "$pattern"; then
		nothing "$description" "the rule does not find its own example: $example"
		return
	fi
	list=$(files "$@")
	if [ -z "$list" ]; then
		nothing "$description" "there is no file to look at in $*"
		return
	fi
	# shellcheck disable=SC2086 # a list of names
	nothing "$description" "$(code $list | grep -E "$pattern")"
}
