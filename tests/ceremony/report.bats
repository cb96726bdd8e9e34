# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
#
# `caproof ceremony report`: the page tells what the record tells, nothing foreign becomes
# markup, nothing comes from outside, and in a browser it is a page of A4 that can be signed.

TOP_SRCDIR=${TOP_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
TOP_BUILDDIR=${TOP_BUILDDIR:-$TOP_SRCDIR}
export CAPROOF=${CAPROOF:-$TOP_BUILDDIR/caproof}
export CAPROOF_PLATFORMS=${CAPROOF_PLATFORMS:-$TOP_SRCDIR/platforms}

HOSTILE='<script>alert(1)</script>&amp;'
ESCAPED='&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;'

setup_file() {
	export LC_ALL=C.UTF-8 ROOM=$BATS_FILE_TMPDIR/room
	export ROOM_SUBJECT='/O=Acme & "Söhne"/CN=<b>Device CA' ROOM_POLICY="Two <i>officers</i> & 'one'"
	. "$BATS_TEST_DIRNAME/room.bash"
	room_make "$ROOM"
	cat >"$ROOM/list.csv" <<-CSV
		code,platform,tenant,note
		$HOSTILE,generic,"<img src=""x"" onerror='y'>","</section><!-- $HOSTILE"
		3C5F0A7B9E1D4C82A6F03B5D7E9A1C4F6B8D0E2A4C6F8091,azure-dps,,
		8f14e45fceea167a5a36dedd4bea2543,cumulocity,t3,
	CSV
	room_plan "$ROOM" good --purpose "</style>$HOSTILE" --reference "\"$HOSTILE'"
	room_run "$ROOM" good || [ $? = 9 ] # refused: nobody has approved
	room_approve "$ROOM" good alice --reason "</td>$HOSTILE"
	room_approve "$ROOM" good bob
	room_run "$ROOM" good
	mkdir -p "$ROOM/good/attach/scan"
	echo 3 >"$ROOM/good/attach/scan/minutes & more.pdf"
	room_seal "$ROOM" good
	mkdir -p "$ROOM/good/anchors"
	echo 1 >"$ROOM/good/anchors/b.tsr"
	echo 2 >"$ROOM/good/anchors/a<i>.tsr"
	# one that ends badly, with long texts
	printf 'code,platform,tenant,note\n%s,quectel,%s,%s\n' "$(printf 'W%.0s' {1..60})" \
		"$(printf 'M%.0s' {1..200})" "$(printf 'N%.0s' {1..900})" >"$ROOM/list.csv"
	room_plan "$ROOM" bad --purpose "$(printf 'P%.0s' {1..250})"
	room_approve "$ROOM" bad alice --reason "$(printf 'W%.0s' {1..4000})"
	room_approve "$ROOM" bad bob
	cp "$ROOM/bad/approvals/alice.p7s" "$ROOM/bad/approvals/bob.p7s"
	room_approve "$ROOM" bad carol --reject --reason 'not ours'
	room_run "$ROOM" bad || [ $? = 9 ]
	room_files >"$ROOM/before"
	report good
	report bad
}

setup() {
	. "$BATS_TEST_DIRNAME/room.bash"
	cd "$BATS_TEST_TMPDIR" || return
}

refute() { if "$@"; then return 1; fi; }

# Every file of the bundles, and when it was changed.
room_files() { find "$ROOM/good" "$ROOM/bad" -printf '%p %T@ %C@\n' | sort; }

# report NAME [OPTION...]: ROOM/NAME.html, with all that verification needs.
report() {
	"$CAPROOF" ceremony report "$ROOM/$1" -c "$ROOM/ca.pem" \
		--policy-sha256 "$(cat "$ROOM/policy.sha256")" -o "$ROOM/$1.html" "${@:2}"
}

# plain FILE: its text, without style, entities resolved, one line.
plain() {
	xmllint --xpath 'string(//*[local-name()="body"])' "$1" | tr -s ' \n' '  '
}

# in_order TEXT WORD...: the words are in the text, in this order.
in_order() {
	local rest=$1 word
	shift
	for word; do
		case $rest in
		*"$word"*) rest=${rest#*"$word"} ;;
		*)
			echo "not there, or not in its place: $word"
			return 1
			;;
		esac
	done
}

# loud FILE: what stands out in it, a line each.
loud() {
	xmllint --xpath '//*[contains(@class, "loud")]' "$1" | sed 's/<[^>]*>/ /g' | tr -s ' '
}

# --- what it says --------------------------------------------------------------------------------

@test "the outcome and the verification come first, then everything in the order of a reader" {
	in_order "$(plain "$ROOM/good.html")" "</style>$HOSTILE" "$(jq -r .ceremony_id "$ROOM/good/plan.json")" \
		"\"$HOSTILE'" Complete '3 of 3' Verified 'What stands out' 'A gate is shut' 'The plan' \
		"$(sha256sum <"$ROOM/good/plan.json" | cut -c1-64)" 'Who approved it' "Two <i>officers</i> & 'one'" \
		alice approves "</td>$HOSTILE" bob approves carol 'no statement' 'What was to be signed' \
		'Item 0' 'What happened' 'Run 1' 'Run 2' 'Verification' 'Signatures' alice bob carol oscar \
		operator walter witness
	refute grep -q 'Not verified' "$ROOM/good.html"
}

@test "an item has platform, tenant, code, serial number, and the hash of its file in hex and words" {
	local text words i=0 file hash
	text=$(plain "$ROOM/good.html")
	words=$(jq -r '.items[1].serial' "$ROOM/good/plan.json")
	in_order "$text" 'Item 1' azure-dps 'not named' 3C5F0A7B9E1D4C82A6F03B5D7E9A1C4F6B8D0E2A4C6F8091 "$words"
	for file in certs/0000.pem certs/0001.pem signatures/0002.b64; do
		case $file in
		*.pem) hash=$(openssl x509 -in "$ROOM/good/$file" -outform DER | sha256sum | cut -c1-64) ;;
		*) hash=$(base64 -d "$ROOM/good/$file" | sha256sum | cut -c1-64) ;;
		esac
		in_order "$text" "$file" "$hash" "$(printf %s "$hash" | cut -c1-2)"
		i=$((i + 1))
	done
	[ "$i" = 3 ]
	# the words are those that `show` prints, without the digits above them
	words=$("$CAPROOF" ceremony show "$ROOM/good" | awk '/^plan hash/ { on = 1; next } on' | tr -s ' \n' '  ')
	text=$(xmllint --xpath '(//*[@class="words"])[1]/*/text()' "$ROOM/good.html" | tr -s ' \n' '  ')
	[ "$(echo $words)" = "$(echo $text)" ]
	[ "$(echo $text | wc -w)" = 32 ]
}

@test "every record is in the time line, and what went wrong stands out in it" {
	[ "$(xmllint --xpath 'count(//*[@class="line"]//*[contains(text(), "+00:00") or contains(text(), "Z")]/parent::*)' \
		"$ROOM/good.html")" = "$(wc -l <"$ROOM/good/transcript.jsonl")" ]
	[ "$(loud "$ROOM/good.html" | grep -c .)" = 1 ]
	loud "$ROOM/good.html" | grep -q 'refused A gate is shut gate quorum'
	loud "$ROOM/bad.html" | grep 'does not count' | grep -q 'name bob'
	loud "$ROOM/bad.html" | grep 'rejected' | grep -q 'name carol'
	loud "$ROOM/bad.html" | grep -q 'refused A gate is shut gate veto'
	loud "$ROOM/bad.html" | grep -q 'refused nobody has sealed it'
}

@test "what does not count is said, with the reason" {
	in_order "$(plain "$ROOM/bad.html")" 'Not sealed' 'Not verified' 'What stands out' \
		'The statement of bob does not count' 'carol rejected the plan' 'refused' 'Who approved it' \
		bob 'approves, does not count' 'Does not count:' carol rejects 'not ours' 'There is no certificate'
}

@test "what lies beside the record is listed, and what that means" {
	in_order "$(plain "$ROOM/good.html")" 'What happened' 'What lies beside the record' \
		'attach/scan/minutes & more.pdf' 'before the seal, and hashed' 'anchors/a<i>.tsr' 'neither hashed nor checked' \
		anchors/b.tsr Verification "'anchors/a<i>.tsr' was added later, and is not checked here" anchors/b.tsr
	in_order "$(plain "$ROOM/bad.html")" 'What lies beside the record' Nothing. Verification
}

# chain BUNDLE: the records on standard input become its transcript.
chain() {
	local prev seq=0 record
	prev=$(sha256sum <"$1/plan.json" | cut -c1-64)
	while IFS= read -r record; do
		record=$(printf '%s\n' "$record" | jq -c --arg prev "$prev" --argjson seq "$seq" \
			'{seq: $seq, prev: $prev, time: "2026-11-25T12:00:00Z", mono_ms: 1} + .')
		prev=$(printf '%s\n' "$record" | sha256sum | cut -c1-64)
		seq=$((seq + 1))
		printf '%s\n' "$record"
	done >"$1/transcript.jsonl"
}

@test "an item in doubt and one that was signed again are said, first and in their frames" {
	local doubt again
	cp -r "$ROOM/good" doubtful
	jq -c '.items[] | {event: "sign.intent", index, attempt: 1, tbs_sha256}' doubtful/plan.json >records
	jq -c '.items[0] | {event: "deviation", index, what: "again"},
		{event: "sign.intent", index, attempt: 2, tbs_sha256},
		{event: "sign.result", index, attempt: 2, tbs_sha256, result: "signed"},
		{event: "verified", index, sha256: .tbs_sha256},
		{event: "written", index, file: .out, sha256: .tbs_sha256},
		{event: "sign.result", index: 2, attempt: 1, tbs_sha256, result: "failed", detail: "CKR_DEVICE_ERROR"},
		{event: "sign.intent", index: 1, attempt: 1, tbs_sha256},
		{event: "login", result: "CKR_PIN_INCORRECT"}, {event: "abort", why: "the end"}' \
		doubtful/plan.json >>records
	chain doubtful <records
	rm doubtful/certs/0001.pem
	printf torn >>doubtful/transcript.jsonl
	"$CAPROOF" ceremony report doubtful -o page.html
	again='the token was asked to sign it more than once: another certificate with this serial'
	doubt='indeterminate: the token may have signed it, and no result is recorded'
	in_order "$(plain page.html)" Partial "Item 0: $again" "Item 1: $doubt" "Item 2: $doubt" \
		'The last record of the transcript is cut off' 'deviation Item 0' 'again Item 0' 'failed Item 2' \
		'not in the plan Item 1' 'failed Login' 'abort The run stops' 'Item 0' "$again" 'Item 1' "$doubt" \
		'There is no certificate' 'What happened'
	[ "$(loud page.html | grep -c .)" = 6 ]
}

@test "it says not verified when the policy's hash or the CA is not given" {
	"$CAPROOF" ceremony report "$ROOM/good" -o none.html
	"$CAPROOF" ceremony report "$ROOM/good" -c "$ROOM/ca.pem" -o ca.html
	"$CAPROOF" ceremony report "$ROOM/good" --policy-sha256 "$(cat "$ROOM/policy.sha256")" -o policy.html
	for page in none ca policy; do
		in_order "$(plain $page.html)" Complete 'Not verified' 'made without' 'Verification' 'Not verified'
		refute grep -q '>Verified<' $page.html
	done
	in_order "$(plain ca.html)" "without the policy's hash, which"
	in_order "$(plain policy.html)" 'without the CA certificate, which'
}

@test "it says not verified when a check does not hold" {
	"$CAPROOF" ceremony report "$ROOM/good" -c "$ROOM/ca.pem" --policy-sha256 "$(printf %064d 7)" \
		-o policy.html 2>said
	grep -q "the page 'policy.html' says: not verified, policy.json is not the policy" said
	"$CAPROOF" ceremony report "$ROOM/good" -c "$ROOM/roster/alice.pem" \
		--policy-sha256 "$(cat "$ROOM/policy.sha256")" -o ca.html
	cp -r "$ROOM/good" changed
	cp changed/certs/0000.pem changed/certs/0001.pem
	"$CAPROOF" ceremony report changed -c "$ROOM/ca.pem" \
		--policy-sha256 "$(cat "$ROOM/policy.sha256")" -o changed.html
	in_order "$(plain changed.html)" 'Not verified' 'Item 1' 'certs/0001.pem is not the planned octets'
	loud changed.html | grep -q "refused item 1: 'certs/0001.pem' is not the planned octets"
	for page in policy ca changed; do
		in_order "$(plain $page.html)" 'Not verified' 'Verification' 'Not verified'
		refute grep -q '>Verified<' $page.html
	done
}

@test "a rehearsal is unmistakable" {
	cp -r "$ROOM/good" rehearsal
	rm -r rehearsal/transcript.jsonl rehearsal/approvals
	jq -c --arg plan "$(printf %064d 7)" '{format, ceremony_id, created, purpose, reference, rehearses: $plan} + .' \
		"$ROOM/good/plan.json" >rehearsal/plan.json
	"$CAPROOF" ceremony report rehearsal -o page.html
	in_order "$(plain page.html)" REHEARSAL "$(printf %064d 7)" 'Record of a rehearsal' Outcome Rehearsal \
		'Nothing was signed' 'Not verified' 'This is a rehearsal' Signatures 'a signature here is worth nothing'
	grep -q '<title>REHEARSAL: ' page.html
	grep -q '@top-center{content:"REHEARSAL' page.html
	refute grep -q REHEARSAL "$ROOM/good.html"
}

# --- nothing foreign becomes markup -----------------------------------------------------------------

@test "it is well-formed, and has no element or attribute but its own" {
	local page
	for page in good bad; do
		xmllint --noout "$ROOM/$page.html"
		[ -z "$(sed '/^<style>/,/^<\/style>/d' "$ROOM/$page.html" | grep -oE '<[^>]*>' |
			sed -E 's/ (class|style|colspan)="[A-Za-z0-9:; -]*"//g' | sort -u |
			grep -vxE '</?(html|head|title|body|div|p|span|strong|h1|h2|h3|dl|dt|dd|ul|li|code|b|i|section|table|thead|tbody|tr|th|td)>|<br/>|<!DOCTYPE html>|<html lang="en">|<meta (charset|http-equiv|name)="[^<>]*"/>')" ]
	done
}

@test "no script, and nothing from outside" {
	local page
	for page in good bad; do
		refute grep -qiE '<script|javascript:|https?://|<[^>]* (src|href|on[a-z]+)=|url\(|@import' "$ROOM/$page.html"
	done
	grep -q "default-src 'none'" "$ROOM/good.html"
}

@test "every foreign text is escaped, wherever it comes from" {
	# purpose twice, reference, comment, note, code
	[ "$(grep -oF "$ESCAPED" "$ROOM/good.html" | wc -l)" -ge 6 ]
	grep -qF "<h1>&lt;/style&gt;$ESCAPED</h1>" "$ROOM/good.html"
	grep -qF "<title>&lt;/style&gt;$ESCAPED</title>" "$ROOM/good.html"
	grep -qF "<dd>&quot;$ESCAPED&#39;</dd>" "$ROOM/good.html"
	grep -qF "&lt;/td&gt;$ESCAPED" "$ROOM/good.html"
	grep -qF "<p class=\"code\">$ESCAPED</p>" "$ROOM/good.html"
	grep -qF '&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;' "$ROOM/good.html"
	grep -qF "&lt;/section&gt;&lt;!-- $ESCAPED" "$ROOM/good.html"
	grep -qF 'Two &lt;i&gt;officers&lt;/i&gt; &amp; &#39;one&#39;' "$ROOM/good.html"
	grep -qF 'b\&gt;Device CA' "$ROOM/good.html"
}

@test "what stands in a record is escaped; what cannot be seen makes it no record" {
	local text
	cp -r "$ROOM/bad" forged
	for text in '' '\u001b[31m' '\u202e' '\u0085'; do
		jq -nc --arg prev "$(sha256sum <forged/plan.json | cut -c1-64)" --arg text "$HOSTILE" \
			"{seq: 0, prev: \$prev, time: \"2026-11-25T12:00:00Z\", mono_ms: 1, event: \"abort\",
			why: \"$text\\(\$text)\", id: \"\\\"\\(\$text)\"}" | sed 's/\\u001b/\\u001B/' >forged/transcript.jsonl
		run "$CAPROOF" ceremony report forged -o "page$text.html"
		[ "$status" -eq "$([ -n "$text" ] && echo 9 || echo 0)" ]
		[ "$status" -eq 0 ] || [ ! -e "page$text.html" ]
	done
	xmllint --noout page.html
	grep -qF "<i>why</i> $ESCAPED" page.html
	grep -qF "<i>id</i> &quot;$ESCAPED<" page.html
	[ -z "$(tr -d '\n\t' <page.html | LC_ALL=C grep -a '[[:cntrl:]]')" ]
}

# --- the file ---------------------------------------------------------------------------------------

@test "never over a file without --force, and nothing is left of a failure" {
	echo mine >page.html
	run "$CAPROOF" ceremony report "$ROOM/good" -o page.html
	[ "$status" = 7 ]
	[ "$(cat page.html)" = mine ]
	"$CAPROOF" ceremony report "$ROOM/good" -o page.html --force
	grep -q '</html>' page.html
	cp -r "$ROOM/good" broken
	sed -i 's/"seq":3/"seq":4/' broken/transcript.jsonl
	run "$CAPROOF" ceremony report broken -o other.html
	[ "$status" = 9 ]
	[ ! -e other.html ]
	run "$CAPROOF" ceremony report nowhere -o other.html
	[ "$status" = 3 ]
	[ ! -e other.html ]
	run "$CAPROOF" ceremony report "$ROOM/good"
	[ "$status" = 2 ]
	"$CAPROOF" ceremony report "$ROOM/good" -o - >piped.html
	cmp page.html piped.html
	[ "$(ls -A)" = "$(printf '%s\n' broken page.html piped.html)" ]
}

@test "the bundle is only read" {
	"$CAPROOF" ceremony report "$ROOM/good" -o page.html
	room_files | cmp - "$ROOM/before"
}

# --- in a browser -------------------------------------------------------------------------------------

# browser ARGUMENT...: headless; what the page says on the console goes to ./console.
browser() {
	HOME=$PWD timeout 300 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$PWD/profile" --enable-logging=stderr "$@" 2>browser.log
	grep CONSOLE browser.log >console || :
}

# to_pdf PAGE: ./page.pdf, and the place of each word in it.
to_pdf() {
	browser --no-pdf-header-footer --print-to-pdf=page.pdf "file://$1"
	pdftotext -bbox page.pdf words.html
}

@test "in print it is A4, without a word on the console, and no word is cut off" {
	local page
	for page in good bad; do
		to_pdf "$ROOM/$page.html"
		[ ! -s console ]
		pdfinfo page.pdf | grep -q '^Page size: .*(A4)$'
		# inside of margins of 15 mm
		[ "$(grep -c '<word' words.html)" -gt 200 ]
		[ -z "$(sed -n 's/.*<word xMin="\([0-9.]*\)" .* xMax="\([0-9.]*\)" .*/\1 \2/p' words.html |
			awk '$1 < 42.5 || $2 > 552.8')" ]
		# in one piece, and not made smaller to fit: 64 characters of 8 points
		grep -F ">$(sha256sum <"$ROOM/$page/plan.json" | cut -c1-64)<" words.html | sed -n \
			'1s/.*<word xMin="\([0-9.]*\)" .* xMax="\([0-9.]*\)" .*/\1 \2/p' >place
		awk '{ found = $2 - $1 > 300 } END { exit !found }' place
	done
}

# measure PAGE: what the elements of the page say of themselves, by a script that only this
# copy has, on a screen as wide as A4; the longest words stand in the outer columns.
measure() {
	cat >measure.html <<-'HTML'
		<script>
		let wide = [], end = document.body.getBoundingClientRect().right + 1;
		document.querySelectorAll(".words").forEach((grid) => {
			grid.firstChild.lastChild.data = "stethoscope";
			grid.children[7].lastChild.data = "chambermaid";
		});
		document.querySelectorAll("body *").forEach((e) => {
			let box = e.getBoundingClientRect();
			if (box.right > end || (getComputedStyle(e).display != "inline" && e.scrollWidth > e.clientWidth + 1))
				wide.push(e.tagName + " " + e.className + " " + e.textContent.slice(0, 40));
		});
		if (document.documentElement.scrollWidth > innerWidth) wide.push("the page");
		document.title = "measured " + document.querySelectorAll(".words").length + wide.join("; ");
		</script>
	HTML
	sed -e '/Content-Security-Policy/d' -e 's/@media print/@media all/' -e '/^<\/body>/r measure.html' \
		"$1" >measured.html
	browser --window-size=794,1123 --dump-dom "file://$PWD/measured.html" | grep -o '<title>.*</title>'
}

@test "nothing is wider than its place, with the longest words either" {
	[ "$(measure "$ROOM/good.html")" = '<title>measured 4</title>' ]
	[ "$(measure "$ROOM/bad.html")" = '<title>measured 1</title>' ]
}
