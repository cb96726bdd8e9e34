/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor: the least that any process must do for signatures by a token.
 *
 *   floor MODULE TOKEN-LABEL PIN-FILE KEY-LABEL rsa|ec [COUNT]
 *
 * Load the module, C_Initialize, find the token by its label, open a session, log in,
 * find the private key by its label, then COUNT times C_SignInit and C_Sign, finalise.
 * scripts/bench compares caproof with it.  It verifies nothing and is no example of
 * how to treat a token or a PIN.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST *p11;

static void must(CK_RV rv, const char *call) {
	if (rv == CKR_OK)
		return;
	fprintf(stderr, "floor: %s: 0x%lx\n", call, rv);
	exit(1);
}

static void load(const char *path) {
	CK_C_GetFunctionList get_list = NULL;
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	void *symbol = module ? dlsym(module, "C_GetFunctionList") : NULL;

	memcpy(&get_list, &symbol, sizeof(symbol));
	must(get_list ? get_list(&p11) : CKR_GENERAL_ERROR, path);
}

static CK_SLOT_ID find_token(const char *label) {
	CK_SLOT_ID slots[64];
	CK_ULONG count = sizeof(slots) / sizeof(slots[0]);
	CK_TOKEN_INFO info;
	size_t len = strlen(label);

	must(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
	for (CK_ULONG i = 0; i < count; i++) {
		must(p11->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
		if (len <= sizeof(info.label) && memcmp(info.label, label, len) == 0 &&
		    (len == sizeof(info.label) || info.label[len] == ' '))
			return slots[i];
	}
	must(CKR_TOKEN_NOT_PRESENT, label);
	return 0;
}

static void login(CK_SESSION_HANDLE session, const char *path) {
	unsigned char pin[64];
	FILE *file = fopen(path, "rb");
	size_t len = file ? fread(pin, 1, sizeof(pin), file) : 0;

	if (file)
		fclose(file);
	if (len && pin[len - 1] == '\n')
		len--;
	must(p11->C_Login(session, CKU_USER, pin, len), "C_Login");
}

static CK_OBJECT_HANDLE find_key(CK_SESSION_HANDLE session, char *label) {
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE templ[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, label, strlen(label) },
	};
	CK_OBJECT_HANDLE key = 0;
	CK_ULONG found = 0;

	must(p11->C_FindObjectsInit(session, templ, 2), "C_FindObjectsInit");
	must(p11->C_FindObjects(session, &key, 1, &found), "C_FindObjects");
	must(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	must(found ? CKR_OK : CKR_KEY_HANDLE_INVALID, label);
	return key;
}

static void sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, int rsa) {
	/* RFC 8017 9.2 note 1: DigestInfo of SHA-256, here of 32 zero octets. */
	static unsigned char info[51] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
		0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	CK_MECHANISM mechanism = { rsa ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0 };
	unsigned char signature[1024];
	CK_ULONG len = sizeof(signature);

	must(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
	must(p11->C_Sign(session, rsa ? info : info + 19, rsa ? 51 : 32, signature, &len), "C_Sign");
}

int main(int argc, char **argv) {
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	long count;

	if (argc < 6) {
		fputs("usage: floor MODULE TOKEN-LABEL PIN-FILE KEY-LABEL rsa|ec [COUNT]\n", stderr);
		return 2;
	}
	count = argc > 6 ? atol(argv[6]) : 1;
	load(argv[1]);
	must(p11->C_Initialize(&args), "C_Initialize");
	must(p11->C_OpenSession(find_token(argv[2]), CKF_SERIAL_SESSION, NULL, NULL, &session),
		"C_OpenSession");
	login(session, argv[3]);
	key = find_key(session, argv[4]);
	while (count-- > 0)
		sign(session, key, strcmp(argv[5], "rsa") == 0);
	must(p11->C_CloseSession(session), "C_CloseSession");
	must(p11->C_Finalize(NULL), "C_Finalize");
	return 0;
}
