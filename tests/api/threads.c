/* SPDX-License-Identifier: Apache-2.0
 *
 * Contexts in threads of their own, on one token: each finds it, logs in, proves, verifies
 * and closes it, several times, and none takes away another's session.  Before that, one
 * thread with two contexts, and a program that has the module initialised itself.
 *
 *   threads MODULE CA FOLDER PIN
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caproof/caproof.h>
#include <p11-kit/pkcs11.h>

enum { THREADS = 4, ROUNDS = 6 };

static char **args;
static atomic_int failures;

/* What one context has. */
struct user {
	struct caproof *c;
	struct caproof_ca *ca;
	struct caproof_platform *platform;
	struct caproof_plan *plan;
	struct caproof_token *token;
};

static bool give_pin(void *arg, const struct caproof_pin_prompt *prompt, char *pin, size_t size,
	size_t *length) {
	(void)arg;
	(void)prompt;
	*length = strlen(args[4]);
	if (*length > size)
		return false;
	memcpy(pin, args[4], *length);
	return true;
}

static bool good(const struct user *u, enum caproof_status status, const char *what) {
	if (status == CAPROOF_OK)
		return true;
	fprintf(stderr, "%s: %s\n", what, caproof_error_message(caproof_get0_error(u->c)));
	atomic_fetch_add(&failures, 1);
	return false;
}

static bool open_token(struct user *u) {
	struct caproof_plan_input input = { .size = sizeof(input), .code = "7f3d9aCODE" };

	u->c = caproof_new();
	caproof_set_pin(u->c, give_pin, NULL);
	if (!good(u, caproof_set_module(u->c, args[1]), "module") ||
		!good(u, caproof_set_platforms(u->c, args[3]), "folder") ||
		!good(u, caproof_ca_load(u->c, args[2], &u->ca), "CA") ||
		!good(u, caproof_platform_load(u->c, "generic", &u->platform), "platform"))
		return false;
	input.ca = u->ca;
	input.platform = u->platform;
	return good(u, caproof_plan_make(u->c, &input, &u->plan, NULL), "plan") &&
		good(u, caproof_token_find(u->c, u->plan, NULL, &u->token), "find");
}

static bool prove(struct user *u) {
	struct caproof_proof *proof;
	const void *octets;
	size_t size = 0;
	bool done = good(u, caproof_prove(u->c, u->token, u->plan, &proof), "prove");

	octets = caproof_proof_octets(proof, &size);
	if (done)
		done = good(u, caproof_verify(u->c, u->ca, u->platform, "7f3d9aCODE", octets, size,
			"proof", 0, NULL), "verify");
	caproof_proof_free(proof);
	return done;
}

static void close_token(struct user *u) {
	caproof_token_free(u->token);
	caproof_plan_free(u->plan);
	caproof_platform_free(u->platform);
	caproof_ca_free(u->ca);
	caproof_free(u->c);
	*u = (struct user){ 0 };
}

static void *work(void *arg) {
	struct user u = { 0 };

	for (int i = 0; i < ROUNDS; i++) {
		if (open_token(&u))
			(void)prove(&u);
		close_token(&u);
	}
	return arg;
}

static void in_threads(void) {
	pthread_t threads[THREADS];
	int started = 0;

	while (started < THREADS && pthread_create(&threads[started], NULL, work, NULL) == 0)
		started++;
	if (started < THREADS)
		atomic_fetch_add(&failures, 1);
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

/* The first to go does not finalise the module under the second. */
static void two_contexts(void) {
	struct user a = { 0 }, b = { 0 };

	if (open_token(&a) && open_token(&b) && prove(&a)) {
		close_token(&a);
		(void)prove(&b);
	}
	close_token(&a);
	close_token(&b);
}

static CK_FUNCTION_LIST *functions(void) {
	void *handle = dlopen(args[1], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	CK_RV (*get_list)(CK_FUNCTION_LIST **) = NULL;
	CK_FUNCTION_LIST *list = NULL;

	if (handle != NULL)
		*(void **)&get_list = dlsym(handle, "C_GetFunctionList");
	if (get_list == NULL || get_list(&list) != CKR_OK) {
		fprintf(stderr, "no module\n");
		exit(1);
	}
	return list;
}

/* A session of the program's own outlives the library's use of its module. */
static void module_of_the_program(void) {
	CK_C_INITIALIZE_ARGS init = { .flags = CKF_OS_LOCKING_OK };
	CK_FUNCTION_LIST *f = functions();
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
	CK_SESSION_INFO info;
	CK_SLOT_ID slots[8];
	CK_ULONG count = 8;
	struct user u = { 0 };

	if (f->C_Initialize(&init) != CKR_OK || f->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK ||
		f->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
		atomic_fetch_add(&failures, 1);
	if (open_token(&u))
		(void)prove(&u);
	close_token(&u);
	if (f->C_GetSessionInfo(session, &info) != CKR_OK) {
		fprintf(stderr, "the program's session is gone\n");
		atomic_fetch_add(&failures, 1);
	}
	f->C_Finalize(NULL);
}

int main(int argc, char **argv) {
	if (argc != 5)
		return 2;
	args = argv;
	two_contexts();
	module_of_the_program();
	in_threads();
	/* The library, gone with its last user, has finalised the module. */
	if (functions()->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED) {
		fprintf(stderr, "the module was left initialised\n");
		return 1;
	}
	return atomic_load(&failures) == 0 ? 0 : 1;
}
