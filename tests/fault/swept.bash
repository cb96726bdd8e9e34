# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Runs the sweep and demands that it swept.

SWEEP=$TOP_BUILDDIR/tests/fault/sweep

# The check of a proof by p256 or another CA of make_ca.
proof_check() {
	echo "openssl verify -x509_strict -CAfile '$FIXTURES/$1.pem' '$OUT/proof.pem' > '$T/verify.log' 2>&1"
}

# swept OPTIONS -- COMMAND...: nothing broken, and not nothing done.
swept() {
	"$SWEEP" "$@" > "$T/sweep" 2>&1 || fail "$(tail -n 60 "$T/sweep")"
	grep -qE '^[1-9][0-9]* combinations, 0 broken$' "$T/sweep" || fail "$(tail -n 5 "$T/sweep")"
	sed -n 's/^\(exit \|[0-9]* allocations\|[0-9]* combinations\)/# &/p' "$T/sweep" >&3
}

# batch_tool OPTIONS...: $T/tool makes the proofs of a list of four rows in $OUT/d, and is
# as strict about the folder as the sweep is about a single file: whatever failed, what is
# there is whole, and without the fault the rest is done by --resume.  Its exit code and its
# last sentence are those of the run with the fault.
batch_tool() {
	local options
	printf 'code\nc-1\nc-2\nc-3\nc-4\n' > "$T/list.csv"
	printf -v options '%q ' -c "$CA" -d "$OUT/d" --pin "file:$PIN_FILE" "$@"
	cat > "$T/tool" <<-EOF
		#!/bin/bash
		whole() {
			shopt -s nullglob
			proofs=("$OUT"/d/*.pem)
			[ \${#proofs[@]} -eq 0 ] || openssl verify -x509_strict -partial_chain \\
				-CAfile "$CA" "\${proofs[@]}" > "$T/verify.log" 2>&1 || broken 'a bad proof'
			for file in "$OUT"/d/*; do
				[[ \$file == *.pem || \$file == */caproof-batch.jsonl ]] || broken "\$file"
			done
			[ ! -e "$OUT/d/caproof-batch.jsonl" ] || [ "\$(jq -r 'select(.event == "result") | .out' \\
				"$OUT/d/caproof-batch.jsonl" | sort | uniq -d)" = '' ] || broken 'two results'
		}
		broken() {
			echo "caproof: broken: \$*" >&2
			exit 99
		}
		rm -rf "$OUT/d"
		mkdir "$OUT/d"
		status=0
		"$CAPROOF" batch "$T/list.csv" $options 2> "$T/tool.err" || status=\$?
		unset LD_PRELOAD CAPROOF_FAILALLOC CAPROOF_SHIM_RULES
		export CAPROOF_SHIM_LOG=$T/resume.calls
		whole
		if [ \$status -eq 0 ]; then
			[ \${#proofs[@]} -eq 4 ] || broken 'a proof is missing'
			exit 0
		fi
		grep -E '^caproof: |^virtual memory exhausted' "$T/tool.err" | grep -v '^caproof: warning' | tail -n 1 >&2
		"$CAPROOF" batch "$T/list.csv" $options --resume > "$T/resume.err" 2>&1 ||
			broken "cannot resume: \$(cat "$T/resume.err")"
		whole
		[ \${#proofs[@]} -eq 4 ] || broken 'a proof is missing after --resume'
		exit \$status
	EOF
	chmod +x "$T/tool"
}
