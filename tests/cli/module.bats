# SPDX-License-Identifier: Apache-2.0
#
# Where the module comes from, and modules that want more than a path.

load helper

setup() {
	common_setup
	use_ca p256
}

sign() {
	run_caproof sign -c "$CA" --code CODE-123 --pin "file:$PIN_FILE" -o proof.pem -f "$@"
}

@test "--module, the URI's module-path and the environment name the module" {
	sign
	assert_status 0
	unset CAPROOF_MODULE
	sign -m "$SHIM"
	assert_status 0
	assert_calls C_Sign 1
	sign -k "pkcs11:token=$TOKEN;object=rootCA?module-path=$SHIM"
	assert_status 0
	assert_calls C_Sign 1
	sign -m "$SOFTHSM" -k "pkcs11:token=$TOKEN;object=rootCA?module-path=$SHIM"
	assert_fails 2 'two different'
}

@test "without any, p11-kit's proxy finds the token among all modules" {
	unset CAPROOF_MODULE
	# some of the modules that the proxy loads leak when their device is not there
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	sign -k "pkcs11:token=$TOKEN;object=rootCA"
	assert_status 0
	assert_proof proof.pem CODE-123
}

@test "a module that wants arguments: the way by p11-kit's configuration is told" {
	export CAPROOF_SHIM_RULES='C_Initialize=CKR_ARGUMENTS_BAD'
	sign
	assert_fails 4
	assert_hint x-init-reserved
}
