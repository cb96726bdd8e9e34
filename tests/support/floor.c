/* SPDX-License-Identifier: Apache-2.0
 *
 * The floor: the least that any process must do for signatures by a token.
 *
 *   floor MODULE TOKEN-LABEL PIN-FILE KEY-LABEL rsa[+]|ec[+] [COUNT [THREADS]]
 *   floor ... COUNT THREADS CA REQUESTS PROOFS
 *
 * Load the module, C_Initialize, find the token by its label, open a session, log in,
 * find the private key by its label, then C_SignInit and C_Sign COUNT times by THREADS
 * threads with a session each, finalise.  With a + it finds the public half as well, before
 * the login: whoever does not spends a PIN to learn that it is the wrong key.  With duties a
 * signature is not for its own sake: REQUESTS/N.csr is read and its signature checked, a
 * certificate built, signed, verified with CA's key and written to PROOFS/N.pem, N from 1 to
 * COUNT.
 *
 * scripts/bench compares caproof with it.  It judges nothing and is no example of how
 * to treat a token or a PIN.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"

#define MOST_THREADS 256

static CK_FUNCTION_LIST *p11;
static CK_SLOT_ID slot;
static CK_OBJECT_HANDLE key;
static int rsa, duties;
static long wanted = 1;
static atomic_long taken; /* numbers that some thread has */

void die(const char *what, unsigned long code) {
	fprintf(stderr, "floor: %s: 0x%lx\n", what, code);
	exit(1);
}

static void must(CK_RV rv, const char *call) {
	if (rv != CKR_OK)
		die(call, rv);
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

static CK_OBJECT_HANDLE find_key(CK_SESSION_HANDLE session, char *label, CK_OBJECT_CLASS class) {
	CK_ATTRIBUTE templ[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, label, strlen(label) },
	};
	CK_OBJECT_HANDLE object = 0;
	CK_ULONG found = 0;

	must(p11->C_FindObjectsInit(session, templ, 2), "C_FindObjectsInit");
	must(p11->C_FindObjects(session, &object, 1, &found), "C_FindObjects");
	must(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	must(found ? CKR_OK : CKR_KEY_HANDLE_INVALID, label);
	return object;
}

static size_t sign(CK_SESSION_HANDLE session, const unsigned char digest[DIGEST_SIZE],
	unsigned char *signature, CK_ULONG room) {
	/* RFC 8017 9.2 note 1: what DigestInfo puts in front of a SHA-256. */
	unsigned char info[19 + DIGEST_SIZE] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
		0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	CK_MECHANISM mechanism = { rsa ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0 };
	CK_ULONG from = rsa ? 0 : 19;

	memcpy(info + 19, digest, DIGEST_SIZE);
	must(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
	must(p11->C_Sign(session, info + from, sizeof(info) - from, signature, &room), "C_Sign");
	return room;
}

static void work(CK_SESSION_HANDLE session) {
	unsigned char digest[DIGEST_SIZE] = { 0 }, signature[1024];
	long number;
	X509 *cert;
	size_t len;

	while ((number = atomic_fetch_add(&taken, 1) + 1) <= wanted) {
		if (!duties) {
			sign(session, digest, signature, sizeof(signature));
			continue;
		}
		cert = duty_build(number, digest);
		len = sign(session, digest, signature, sizeof(signature));
		duty_finish(number, cert, signature, len);
	}
}

static CK_SESSION_HANDLE open_session(void) {
	CK_SESSION_HANDLE session;

	must(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
	return session;
}

static void *worker(void *arg) {
	CK_SESSION_HANDLE session = open_session();

	work(session);
	must(p11->C_CloseSession(session), "C_CloseSession");
	return arg;
}

/* The first thread is the program's own. */
static void work_together(CK_SESSION_HANDLE session, long threads) {
	pthread_t others[MOST_THREADS];

	for (long i = 1; i < threads; i++)
		must((CK_RV)pthread_create(&others[i], NULL, worker, NULL), "pthread_create");
	work(session);
	for (long i = 1; i < threads; i++)
		pthread_join(others[i], NULL);
}

int main(int argc, char **argv) {
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	long threads = argc > 7 ? atol(argv[7]) : 1;
	CK_SESSION_HANDLE session;

	if (argc < 6 || argc == 9 || argc == 10 || argc > 11 || threads < 1 || threads > MOST_THREADS) {
		fputs("usage: floor MODULE TOKEN-LABEL PIN-FILE KEY-LABEL rsa[+]|ec[+] "
		      "[COUNT [THREADS [CA REQUESTS PROOFS]]]\n", stderr);
		return 2;
	}
	wanted = argc > 6 ? atol(argv[6]) : 1;
	rsa = strncmp(argv[5], "rsa", 3) == 0;
	duties = argc == 11;
	if (duties)
		duties_begin(argv[8], argv[9], argv[10], rsa);
	load(argv[1]);
	must(p11->C_Initialize(&args), "C_Initialize");
	slot = find_token(argv[2]);
	session = open_session();
	if (strchr(argv[5], '+'))
		find_key(session, argv[4], CKO_PUBLIC_KEY);
	login(session, argv[3]);
	key = find_key(session, argv[4], CKO_PRIVATE_KEY);
	work_together(session, threads);
	must(p11->C_CloseSession(session), "C_CloseSession");
	must(p11->C_Finalize(NULL), "C_Finalize");
	return 0;
}
