#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the seeds of the fuzz targets: what users have, in the encodings of two makers
# (OpenSSL and GnuTLS), and what is wrong in a telling way.
#
#   corpus.sh SOURCE OUT      OUT/ca, OUT/request and so on
set -eu
export LC_ALL=C.UTF-8
src=$(CDPATH='' cd -- "${1:?usage: corpus.sh SOURCE OUT}" && pwd)
mkdir -p "${2:?usage: corpus.sh SOURCE OUT}"
out=$(CDPATH='' cd -- "$2" && pwd)
rm -rf "${out:?}"/*
mkdir "$out/ca" "$out/cms" "$out/code" "$out/keyless" "$out/list" "$out/name" "$out/plan" \
	"$out/policy" "$out/proof" "$out/record" "$out/request" "$out/rule_file" "$out/uri"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

code=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
uuid=0b8fd5e4-6a1f-4c3e-9d27-5e0c1a2b3c4d

# octet NUMBER: that octet.
octet() {
	# shellcheck disable=SC2059 # the format is what is made
	printf "\\$(printf %03o "$1")"
}

# seed TARGET NAME FILE KNOB...: FILE behind these octets.
seed() {
	seed=$out/$1/$2 content=$3
	shift 3
	{
		for knob in "$@"; do octet "$knob"; done
		cat "$content"
	} >"$seed"
}

# both NAME FILE: a certificate or a request, signed by each key in turn and left alone.
both() {
	for knob in 3 4 5 9; do
		seed keyless "$1-$knob" "$2" "$knob"
	done
}

# text TARGET NAME TEXT KNOB...
text() {
	printf '%s' "$3" >line
	text_target=$1 text_name=$2
	shift 3
	seed "$text_target" "$text_name" line "$@"
}

# --- keys -----------------------------------------------------------------------------

openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.key
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
	-pkeyopt rsa_pss_keygen_md:sha384 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 \
	-pkeyopt rsa_pss_keygen_saltlen:48 -out pss-fixed.key
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
	-pkeyopt rsa_pss_keygen_md:sha512 -pkeyopt rsa_pss_keygen_mgf1_md:sha512 \
	-pkeyopt rsa_pss_keygen_saltlen:20 -out pss-salt.key
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
	-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -out pss-mixed.key
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 \
	-pkeyopt rsa_pss_keygen_md:sha1 -out pss-sha1.key
for curve in P-256 P-384 P-521 secp256k1 brainpoolP256r1; do
	openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -out "$curve.key"
done
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	-pkeyopt ec_param_enc:explicit -out explicit.key
for kind in ED25519 ED448 X25519; do
	openssl genpkey -quiet -algorithm "$kind" -out "$kind.key"
done

# --- CA certificates -------------------------------------------------------------------

good='subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid,issuer
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign'

# root NAME KEY SUBJECT EXTENSIONS [OPTION]...: NAME.pem, NAME.der and their seeds.
root() {
	name=$1 key=$2 subject=$3
	printf '[req]\ndistinguished_name=dn\n[dn]\n[ext]\n%s\n' "$4" >root.cnf
	shift 4
	openssl req -new -x509 -config root.cnf -extensions ext -key "$key.key" -subj "$subject" \
		-days 3650 "$@" -out "$name.pem"
	openssl x509 -in "$name.pem" -outform DER -out "$name.der"
	seed ca "$name.pem" "$name.pem" 0x3c 0
	seed ca "$name.der" "$name.der" 0x3d 1
	seed ca "$name-like" "$name.der" 0x37 8
	both "ca-$name" "$name.der"
}

subject='/O=Soft Works/CN=Fuzz CA'
for key in rsa weak pss pss-fixed pss-salt pss-mixed P-256 P-384 P-521 secp256k1 brainpoolP256r1 explicit ED25519 \
	ED448; do
	root "key-$key" "$key" "$subject" "$good"
done
root pss-sha1 pss-sha1 "$subject" "$good" -sha1
root sha1 rsa "$subject" "$good" -sha1
root sha384 P-384 "$subject" "$good" -sha384
root sha224 P-256 "$subject" "$good" -sha224
root sha3 rsa "$subject" "$good" -sha3-256
root md5 rsa "$subject" "$good" -md5
root pss-signature rsa "$subject" "$good" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
root no-extensions P-256 "$subject" 'subjectKeyIdentifier=none'
root no-ca P-256 "$subject" 'basicConstraints=CA:FALSE
keyUsage=digitalSignature'
root path-length P-256 "$subject" 'basicConstraints=critical,CA:TRUE,pathlen:0
subjectKeyIdentifier=0102
extendedKeyUsage=serverAuth,codeSigning
nameConstraints=critical,permitted;DNS:example.com
certificatePolicies=1.2.3.4
crlDistributionPoints=URI:http://example.com/crl'
root odd-octets P-256 "$subject" 'basicConstraints=DER:30:03:01:01:ff
subjectKeyIdentifier=DER:04:00
authorityKeyIdentifier=DER:30:00
1.2.3.4=critical,DER:05:00'
# openssl leaves out an identifier of no octets
root other-id P-256 "$subject" 'basicConstraints=critical,CA:TRUE
subjectKeyIdentifier=none
2.5.29.99=DER:04:00
authorityKeyIdentifier=DER:30:04:80:02:01:02'
LC_ALL=C sed 's/\x55\x1d\x63/\x55\x1d\x0e/' other-id.der >empty-id.der
both ca-empty-id empty-id.der
root damaged-extension P-256 "$subject" 'basicConstraints=DER:30:05'
root no-subject P-256 / "$good"
root long-subject P-256 "/C=DE/ST=Some State/L=Some Place/O=An organization/OU=One/OU=Two/CN=Long \
name with äöü and ½/serialNumber=0815/emailAddress=ca@example.com" "$good" -utf8
root several-values P-256 '/O=Acme+OU=Two/CN=Root' "$good" -multivalue-rdn
root negative-serial P-256 "$subject" "$good" -set_serial -1
root same-serial P-256 "$subject" "$good" -set_serial 0x2a0102030405060708090a0b0c0d0e0f
for knob in 1 2 3 4 5 6 7 16 32 48 96 128 176 224; do
	seed ca "times-$knob" key-P-256.der 0x07 "$knob"
	seed ca "hash-$knob" key-pss-fixed.der 0x37 "$knob"
done

# by GnuTLS: NAME KEY TEMPLATE-LINES [FROM-YEAR UNTIL-YEAR]
gnu() {
	name=$1
	printf 'serial = 4711\nactivation_date = "%s-11-01 00:00:00 UTC"\n' "${4:-2026}" >gnu.cfg
	printf 'expiration_date = "%s-11-01 00:00:00 UTC"\n%s\n' "${5:-2027}" "$3" >>gnu.cfg
	certtool --generate-self-signed --load-privkey "$2.key" --template gnu.cfg \
		--outfile "$name.pem" >/dev/null 2>&1
	certtool --certificate-info --outder --infile "$name.pem" --outfile "$name.der" >/dev/null 2>&1
}
roles='ca
cert_signing_key
crl_signing_key'
for key in rsa P-256 P-384 ED25519; do
	gnu "gnu-$key" "$key" "organization = Soft Works
cn = Fuzz CA
$roles"
	seed ca "gnu-$key.pem" "gnu-$key.pem" 0x00 2
	seed ca "gnu-$key.der" "gnu-$key.der" 0x1a 4
done
for years in '1999 2026' '1949 2051' '2027 2028' '1970 9999'; do
	# shellcheck disable=SC2086 # two years
	gnu "gnu-years" rsa "cn = Old CA
path_len = 3
$roles" $years
	seed ca "gnu-years-${years% *}" gnu-years.pem 0x3a 6
	seed ca "gnu-signed-${years% *}" gnu-years.pem 0x0a 0
done

# Each platform and each key to sign with, for one good certificate.
for platform in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
	for kind in 0 1 2; do
		seed ca "signed-$platform-$kind" gnu-P-256.der $((kind * 16 + platform)) $((platform % 16))
	done
done

# Intermediate, version 1, chain, text around, other objects, armour that is cut off.
openssl req -new -config root.cnf -key P-384.key -subj '/CN=Intermediate' -out under.csr
printf '%s\n' "$good" | sed 's/,issuer//' >under.ext
openssl x509 -req -in under.csr -CA key-rsa.pem -CAkey rsa.key -CAcreateserial -days 30 \
	-extfile under.ext -out under.pem 2>/dev/null
openssl x509 -req -in under.csr -signkey P-384.key -days 30 -out v1.pem 2>/dev/null
cat under.pem key-rsa.pem >chain.pem
sed '/BEGIN/a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n' \
	chain.pem >locked-chain.pem
openssl x509 -in key-P-256.pem -text -out text.pem
sed 's/$/\r/' key-P-256.pem >crlf.pem
{ printf '\357\273\277' && cat key-P-256.pem; } >bom.pem
head -n 5 key-P-256.pem >cut.pem
sed 's/BEGIN CERT/BEGIN X509 CERT/; s/END CERT/END X509 CERT/' key-P-256.pem >old.pem
sed '1a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n' \
	key-P-256.pem >encrypted.pem
sed '1a Comment: x\n' key-P-256.pem >header.pem
openssl x509 -in key-P-256.pem -trustout -addtrust serverAuth -out trusted.pem
iconv -f UTF-8 -t UTF-16 key-P-256.pem >utf16.pem
cat key-P-256.der key-rsa.der >two.der
{ cat key-P-256.der && echo tail; } >tail.der
openssl crl2pkcs7 -nocrl -certfile chain.pem -out bundle.pem
cat P-256.key key-P-256.pem >with-key.pem
openssl pkey -in P-256.key -outform DER -out key.der
printf '0\200\002\001\001\000\000' >indefinite.der
for name in under.pem v1.pem chain.pem locked-chain.pem text.pem crlf.pem bom.pem cut.pem \
	old.pem encrypted.pem header.pem trusted.pem utf16.pem two.der tail.der bundle.pem \
	with-key.pem key.der indefinite.der under.csr; do
	seed ca "file-$name" "$name" 0x3c 0
	seed proof "file-$name" "$name" 0x07
done

# --- requests -----------------------------------------------------------------------------

# request NAME KEY SUBJECT [OPTION]...
request() {
	name=$1 key=$2 subject=$3
	shift 3
	openssl req -new -config root.cnf -key "$key.key" -subj "$subject" "$@" -out "$name.csr"
	openssl req -in "$name.csr" -outform DER -out "$name.csr.der"
	seed request "$name.pem" "$name.csr" 0x37
	seed request "$name.der" "$name.csr.der" 0x77
	both "request-$name" "$name.csr.der"
}
for key in rsa weak pss P-256 P-384 P-521 secp256k1 explicit ED25519 ED448; do
	request "key-$key" "$key" "/CN=$code"
done
request no-name P-256 /
request no-cn P-256 '/O=Acme'
request two-cn P-256 "/CN=$code/CN=$uuid"
request host P-256 '/CN=www.example.com'
request long P-256 "/O=Acme/OU=Devices/CN=${code}" -addext 'subjectAltName=DNS:x.example.com' \
	-addext 'basicConstraints=CA:TRUE'
request sha1 P-256 "/CN=$code" -sha1
request utf8 P-256 '/CN=Prüfcode' -utf8
printf 'cn = %s\nchallenge_password = x\ndns_name = x.example.com\n' "$uuid" >request.cfg
certtool --generate-request --load-privkey rsa.key --template request.cfg --outfile gnu.csr \
	>/dev/null 2>&1
openssl req -in gnu.csr -outform DER -out gnu.csr.der
for platform in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
	for kind in 0 1 2; do
		seed request "signed-$platform-$kind" key-P-256.csr.der $((kind * 16 + platform))
	done
	seed request "given-$platform" gnu.csr.der $((0x40 + platform))
	seed request "blanks-$platform" key-P-256.csr.der $((0xb0 + platform))
done
seed request certificate key-P-256.pem 0x37
sed 's/BEGIN CERT/BEGIN NEW CERT/; s/END CERT/END NEW CERT/' key-P-256.csr >new.csr
seed request new-label new.csr 0x37

# --- proofs --------------------------------------------------------------------------------

gnu fuzz-ca ED25519 "dn = \"CN=Fuzz CA,O=Soft Works\"
$roles"
# proof NAME TEMPLATE-LINES: signed for each key, and left alone.
proof() {
	name=$1
	printf 'serial = 17\nactivation_date = "2026-11-10 00:00:00 UTC"\n%s\n%s\n' \
		'expiration_date = "2026-11-25 00:00:00 UTC"' "$2" >proof.cfg
	certtool --generate-certificate --load-privkey P-256.key --load-ca-certificate fuzz-ca.pem \
		--load-ca-privkey ED25519.key --template proof.cfg --outfile "$name.crt" >/dev/null 2>&1
	openssl x509 -in "$name.crt" -outform DER -out "$name.crt.der"
	for kind in 0 1 2 3; do
		seed proof "$name-$kind.der" "$name.crt.der" $((kind * 16 + 7))
	done
	seed proof "$name.pem" "$name.crt" 0x0a
	both "proof-$name" "$name.crt.der"
	seed proof "$name-no-code" "$name.crt.der" 0x4a
}
proof cn "cn = $code"
proof other "cn = $uuid"
proof more "dn = \"CN=$code,OU=x,O=y\""
proof san "cn = caproof
uri = \"urn:nerveshub:verify:$code\""
proof san-two "cn = caproof
uri = \"urn:nerveshub:verify:$code\"
uri = \"urn:x\"
dns_name = example.com
ip_address = 127.0.0.1"
proof is-ca "cn = $code
ca
cert_signing_key"
proof key-usage "cn = $code
signing_key
tls_www_client
code_signing_key"
proof critical "cn = $code
add_critical_extension = \"1.2.3.4 0x0500\"
add_extension = \"2.5.29.17 0x3000\""
proof past "cn = $code
expiration_date = \"2026-11-11 00:00:00 UTC\""
proof case 'cn = CODE'
proof blank 'dn = "CN=code\20"'
proof san-other "cn = caproof
uri = \"urn:other:$code\""
proof san-no-uri 'cn = caproof
dns_name = example.com'
proof san-critical "cn = caproof
add_critical_extension = \"2.5.29.17 0x30078605757267653a\""
proof twice "cn = $code
add_extension = \"1.2.3.4 0x0500\"
add_extension = \"1.2.3.4 0x0500\""
proof future "cn = $code
activation_date = \"2026-11-20 00:00:00 UTC\""
for name in case blank; do
	seed proof "$name-code" "$name.crt.der" $((0x80 + 7))
	seed proof "$name-not" "$name.crt.der" $((0xc0 + 7))
done
printf '%s\n' keyUsage=DER:30:05 authorityKeyIdentifier=DER:04 subjectAltName=DER:30 >damaged.ext
openssl x509 -req -in key-P-256.csr -CA key-rsa.pem -CAkey rsa.key -CAcreateserial -days 30 \
	-extfile damaged.ext -outform DER -out damaged.crt 2>/dev/null
seed proof damaged damaged.crt 0x07
seed proof damaged-san damaged.crt 0x0a
# own NAME KNOB SUBJECT [EXTENSION]: signed by itself; the code is compared all the same.
own() {
	printf '[req]\ndistinguished_name=dn\n[dn]\n[ext]\n%s\n' "${4:-basicConstraints=CA:FALSE}" \
		>own.cnf
	openssl req -new -x509 -config own.cnf -extensions ext -multivalue-rdn -key P-256.key \
		-subj "$3" -out own.crt
	seed proof "own-$1" own.crt "$2"
}
own upper 0x87 '/CN=CODE'
own blank 0x87 '/CN=code '
own blanks 0x87 '/CN= co de'
own two 0x87 '/CN=code/CN=code'
own shared 0x87 '/CN=code+O=x' 'subjectKeyIdentifier=hash'
own none 0x87 '/O=code'
own key-usage 0x07 "/CN=$code" 'keyUsage=keyCertSign'
own san-case 0x8a '/CN=x' 'subjectAltName=URI:urn:nerveshub:verify:CODE'
own san-blank 0x8a '/CN=x' 'subjectAltName=URI:urn:nerveshub:verify:code%20'
own twice 0x07 "/CN=$code" '1.2.3.4=DER:05:00
basicConstraints=DER:30:00'
LC_ALL=C sed 's/\xa0\x03\x02\x01\x02/\xa0\x03\x02\x01\x07/' cn.crt.der >v8.crt.der
seed proof v8 v8.crt.der 0x07
{ echo text && cat cn.crt && echo tail; } >around.crt
seed proof around around.crt 0x37
for hash in md5 sha1 sha224 sha384 sha3-256; do
	openssl x509 -req -in key-P-256.csr -CA key-rsa.pem -CAkey rsa.key -CAcreateserial -days 30 \
		"-$hash" -out "$hash.crt" 2>/dev/null
	seed proof "hash-$hash" "$hash.crt" 0x37
done
openssl x509 -req -in key-P-256.csr -CA key-rsa.pem -CAkey rsa.key -CAcreateserial -days 30 \
	-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -out pss.crt 2>/dev/null
seed proof pss pss.crt 0x30
for mask in MASK:0x800 MASK:0x4 MASK:0x100 utf8only; do
	printf '[req]\ndistinguished_name=dn\nstring_mask=%s\n[dn]\n' "$mask" >mask.cnf
	openssl req -new -x509 -config mask.cnf -key P-256.key -subj "/CN=$code" -out mask.crt
	seed proof "mask-$mask" mask.crt 0x07
	seed ca "mask-$mask" mask.crt 0x3c 0
done
for platform in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
	seed proof "platform-$platform" cn.crt.der $((16 + platform))
	seed proof "platform-san-$platform" san.crt.der "$platform"
done
printf %s "$code" >code.txt
for key in rsa P-256; do
	openssl dgst -sha256 -sign "$key.key" -out signature code.txt
	openssl base64 -A -in signature -out line
	for kind in 0 1 2; do
		seed proof "signature-$key-$kind" line $((kind * 16 + 6))
	done
	openssl base64 -in signature -out lines
	seed proof "lines-$key" lines 0x26
done
text proof no-code 'AAAA' 0x46
text proof no-base64 'AAA=====' 0x26
text proof short 'AA==' 0x16

# --- cards' signatures ------------------------------------------------------------------------

# The P-256 key and certificate of the targets' world (RFC 5915: 32 octets of 0x5a).
{
	printf '\060\061\002\001\001\004\040'
	printf 'ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ'
	printf '\240\012\006\010\052\206\110\316\075\003\001\007'
} >world.der
openssl pkey -inform DER -in world.der -out world.key
printf '[req]\ndistinguished_name=dn\nstring_mask=utf8only\n[dn]\n[ext]\n%s\n' \
	'subjectKeyIdentifier=hash' >world.cnf
openssl req -new -x509 -config world.cnf -extensions ext -key world.key -set_serial 4711 \
	-subj '/O=Soft Works/CN=Fuzz CA' -out world.crt
# card NAME KNOB OPTION...: a signature of the code.
card() {
	card=$1 knob=$2
	shift 2
	openssl cms -sign -binary -outform DER -in code.txt -signer world.crt -inkey world.key "$@" \
		-out card.der
	seed cms "$card" card.der "$knob"
}
card attributes 0x30
card other-content 0xb0
card plain 0x30 -noattr
card plain-alone 0x30 -noattr -nocerts
card key-id 0x30 -keyid -nocerts
card sha512 0x30 -md sha512
card more-certificates 0x30 -nocerts -certfile chain.pem
card cades 0x30 -cades
card receipt 0x30 -receipt_request_all -receipt_request_to x@example.com
card sha1 0x30 -md sha1
card attached 0x30 -nodetach
card indefinite 0x30 -stream
card two 0x30 -signer key-rsa.pem -inkey rsa.key
openssl cms -resign -inform DER -outform DER -in card.der -signer key-P-384.pem \
	-inkey P-384.key -out card-three.der
seed cms three card-three.der 0x30
openssl cms -sign -binary -outform DER -in code.txt -signer key-rsa.pem -inkey rsa.key \
	-keyopt rsa_padding_mode:pss -out card-pss.der
seed cms stranger-pss card-pss.der 0x30
for kind in 0 1 2; do
	seed cms "signed-$kind" code.txt $((kind * 16))
done

# --- files of ceremonies: an edit of a good one (see fuzz_edited), or a whole one ---------------

for target in plan policy record; do
	text $target same '' 1 0 0 0
	text $target key '"purpose":"x",' 1 0 1 0
	text $target cut '' 1 0 40 9
	text $target long-cut '' 1 1 0 200
	text $target number '-0' 1 0 90 2
	text $target escape '\u001b\u202e\ud800' 1 0 60 1
	text $target nested '[[[[{"a":{"b":[]}}]]]]' 1 0 30 4
	text $target brace '}' 1 255 255 1
	text $target other '{"format":"caproof/x/1"}' 0 0 0 0
done
text record start '{"seq":3,"prev":"x","time":"2026-11-25T12:00:00Z","mono_ms":0,"event":"abort","why":""}' 0 0 0 0
text record event 'verified' 1 0 132 11
text policy threshold '3' 1 0 68 1
text plan code '0.items' 1 2 200 4

# --- rule files, codes, names, URIs ----------------------------------------------------------

for file in "$src"/platforms/*.json; do
	seed rule_file "$(basename "$file")" "$file"
done
n=0
while IFS= read -r change; do
	n=$((n + 1))
	jq "$change" "$src/platforms/aws-iot.json" >changed.json
	seed rule_file "changed-$n" changed.json
done <<-'CHANGES'
	.name = 1
	.name = "Upper"
	.title = ""
	.title = "x\u202ey"
	.sources = {}
	.sources.guide = 1
	.sources["a b"] = .sources.guide
	.sources.guide.read = "2026-13-01"
	.proof.source = "nope"
	.proof.form = "signature"
	.proof.form = "none"
	.proof.san_prefix = "urn:x:"
	.proof.form = "certificate-san-uri" | .proof.san_prefix = "urn:x:%{}"
	.proof.form = "certificate-san-uri" | .proof.san_prefix = "no uri"
	.proof.strict_not_before = "yes"
	.proof.strict_not_before = true
	.code.lifetime_seconds = -1
	.code.lifetime_seconds = 1.5
	.code.lifetime_seconds = 10 | .code.warn_after_seconds = 20
	.code.lifetime_seconds = 3600 | .code.warn_after_seconds = 60
	.rules += [.rules[0]]
	.rules[0].severity = "warn"
	.rules[0].rule = "no.such"
	.rules[0].extra = 1
	.rules[0] = "x"
	.rules += [{ rule: "code.age", severity: "warn", sentence: "s", source: "guide" }]
	.rules += [{ rule: "output.digest", severity: "refuse", sentence: "s", source: "guide", digests: ["sha384"] }]
	.rules += [{ rule: "output.suffix", severity: "refuse", sentence: "s", source: "guide", suffixes: ["pem"] }]
	.rules += [{ rule: "ca.file-suffix", severity: "warn", sentence: "s", source: "guide", suffixes: [".pem", ".crt"] }]
	.rules |= map(if .rule == "code.shape" then .shape = [{ alphabet: "printable", min: 1, max: 64 }] else . end)
	.rules |= map(if .rule == "code.shape" then .shape = [{ alphabet: "uuid-lower", min: 1 }] else . end)
	.rules |= map(if .rule == "ca.curve" then .curves = ["p256", "nope"] else . end)
	.notes = "x"
	.notes = []
	.next_steps = ["{nope}"]
	.next_steps = ["'{ca}'", "{{ {code} }}"]
	.next_steps = [["x"]]
	.next_steps = [range(40) | tostring]
CHANGES
n=0
while IFS= read -r line; do
	n=$((n + 1))
	text rule_file "small-$n" "$line"
done <<-'RULES'
	{"format":"caproof/platform/1","name":"x","title":"X","sources":{"a":{"title":"t","read":"2026-01-02"}},"proof":{"form":"signature","source":"a"},"code":{"source":"a"},"next_steps":["upload {ca} and {proof}"]}
	{"format":"caproof/platform/1","name":"x","title":"X","sources":{"a":{"title":"t","read":"2026-01-02","inferred":true}},"proof":{"form":"certificate-cn","subject_key":"rsa3072","source":"a"},"code":{"lifetime":"1 day","lifetime_seconds":86400,"warn_after_seconds":3600,"renewal":"r","source":"a"},"rules":[{"rule":"code.shape","severity":"refuse","sentence":"s","source":"a","shape":[{"alphabet":"hex","min":1,"max":64,"even":true},{"alphabet":"uuid"}]},{"rule":"ca.size","severity":"warn","sentence":"s","source":"a","max":4096}],"next_steps":["{{{code}}} {ca_sha256}"],"notes":["n"]}
	{"a":1,"a":2}
	[[[[[[[[[[{}]]]]]]]]]]
	{"format":"\u0000","name":"\ud800","title":1e999}
	{"format":"caproof/platform/2"}
RULES

n=0
while IFS= read -r line; do
	n=$((n + 1))
	text code "$n" "$line" $((n % 48)) $((n * 7 % 256))
done <<-CODES
	$code
	$uuid
	${uuid}1234
	0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
	0123456789abcdef0123456789abcdef01234567
	  padded-code
	VdFrEt2xK9QqYw7Zn3mPb6Lc8Hs1Jg4TaRuXeDi5
	with blank
	tab	inside
	Prüfcode
	$(printf '\342\200\256right to left')
	$(printf '\377\376')
	a@example.com
	-----BEGIN
	../../etc/passwd
	$(printf 'x%.0s' $(seq 65))
	$(printf 'x%.0s' $(seq 1100))
CODES
text code empty '' 0 0
text code nothing ''
printf 'a\000b' >line
seed code nul line 0 0

# Backslashes stand for what a line of this script cannot hold.
n=0
while IFS= read -r line; do
	n=$((n + 1))
	printf '%b' "$line" >line
	seed list "$n" line
done <<-'LISTS'
	code,csr,platform,tenant,out,code_issued,note\na,b.csr,aws-iot,t,a.pem,2026-11-25T12:00:00Z,n\n
	note,code\r\n"x, ""y""\r\nz",a\r\n\r\n  ,b
	\0357\0273\0277"csr"\n"a.csr"\n
	code,note\na\nb,c,d\n,\n
	code,code_issued\na,now\nb,1969-12-31T23:59:59+00:01\n
	code,note\na,"b\nc,"d"\n
	code,note\na,"b
	code\ra\r
	code\na\0000b\n
	code\n\0374\n
	code;note\na;b\n
	platform\naws-iot\n
	\n\n
LISTS

n=0
while IFS= read -r line; do
	n=$((n + 1))
	text name "$n" "$line" $((n % 15))
done <<-'NAMES'
	CN=Example Root,O=Example,C=DE
	CN=Root,L=Place,ST=State,O=Org,OU=Unit,OU=Other,C=DE,STREET=Road 1,DC=example,DC=com,UID=u
	cn=Root,serialnumber=0815-A
	CN=a\,b\+c\"d\\e\<f\>g\;h\#i\=j\ k
	CN=\C3\A4\c3\b6
	CN=ä½
	CN=#0401
	CN=a+OU=b
	CN= a
	CN=a ,O=b
	CN=
	1.2.3=x
	C=de
	DC=münchen
	CN=\
	CN=\zz
	CN=\FF\FE
	CN=\E2\80\AE
	CN=a,CN=b
	O=1,O=2,O=3,O=4,O=5,O=6,O=7,O=8,O=9,O=10,O=11,O=12,O=13,O=14,O=15,O=16,O=17
NAMES
text name long "CN=$(printf 'x%.0s' $(seq 600))" 7
printf 'pkcs11:object=%s' "$(printf 'x%.0s' $(seq 9000))" >line
seed uri long line

n=0
while IFS= read -r line; do
	n=$((n + 1))
	text uri "$n" "$line"
done <<-'URIS'
	pkcs11:
	pkcs11:token=Ceremony%202026;id=%01%02;type=private
	PKCS11:object=ca;type=cert;model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=00a1
	pkcs11:token=a;slot-id=1;slot-description=s;slot-manufacturer=m
	pkcs11:library-manufacturer=l;library-description=d;library-version=2.6
	pkcs11:token=a?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin
	pkcs11:token=a?pin-source=|cat
	pkcs11:token=a?pin-value=1234
	pkcs11:token=a?module-name=p11-kit-proxy
	pkcs11:token=a;token=b
	pkcs11:id=%00;object=%00
	pkcs11:object=%C3%A4;id=%ff%FF
	pkcs11:x-vendor=1
	pkcs11:type=data;object=a%2Fb
	pkcs11:token=0123456789012345678901234567890123
	pkcs11:library-version=300.1
	pkcs11:slot-id=99999999999999999999
	pkcs11:token=%zz
	pkcs11:token=a?pin-source=file:///run/pin
	pkcs11:token=a?pin-source=run/pin
	pkcs11:?id=%01
	pkcs11:module-path=/x
	pkcs11:token=a;;id=%01
	pkcs11:;token=a
	pkcs11:token=a?module-path=/x&&pin-source=/y
	pkcs11:slot-description=reader%20slot;library-description=x?
URIS
find "$out" -type f | wc -l
