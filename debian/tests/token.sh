# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests beside it: a software token with a key of a CA in it, in a scratch folder.  They
# find module, code and the file pin.

export LC_ALL=C.UTF-8
unset CAPROOF_MODULE CAPROOF_PLATFORMS || true
scratch=${AUTOPKGTEST_TMP:-$(mktemp -d)}
cd "$scratch" || exit 1
module=$(dpkg -L libsofthsm2 | grep -m 1 '/libsofthsm2\.so$')
export module code=7f3a9c51e2d04b68

mkdir tokens
printf 'directories.tokendir = %s/tokens\nlog.level = ERROR\n' "$scratch" >softhsm2.conf
export SOFTHSM2_CONF="$scratch/softhsm2.conf"
(umask 077 && echo 271828 >pin)
softhsm2-util --init-token --free --label HSM --so-pin 31415926 --pin 271828
GNUTLS_PIN=271828 p11tool --provider "$module" --login --generate-privkey ecdsa \
	--curve secp256r1 --label rootCA --id 01 --outfile rootCA.pub 'pkcs11:token=HSM'

# fail WHY
fail() {
	echo "failed: $*" >&2
	exit 1
}
