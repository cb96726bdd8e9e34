/* SPDX-License-Identifier: Apache-2.0
 *
 * The fixed world of the fuzz targets, and what has to hold in it.  Its keys are public
 * and good for nothing else; that of RSA alone is made anew in each process, and nothing
 * may depend on its numbers.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "verify.h"
#include "x509/document.h"

static const unsigned char serial[16] = { 0x2a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

_Noreturn void fuzz_broken(const char *file, int line, const char *what, const char *text) {
	fprintf(stderr, "%s:%d: does not hold: %s%s%s\n", file, line, what, text != NULL ? ": " : "",
		text != NULL ? text : "");
	abort();
}

/* --- the world -------------------------------------------------------------------------- */

static EVP_PKEY *ed25519_key(void) {
	unsigned char secret[32];

	memset(secret, 0x5a, sizeof(secret));
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof(secret));
}

/* RFC 5915 without the public key, which OpenSSL computes. */
static EVP_PKEY *p256_key(void) {
	unsigned char der[51] = { 0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20 };
	static const unsigned char curve[] = {
		0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07
	};
	const unsigned char *at = der;

	memset(der + 7, 0x5a, 32);
	memcpy(der + 39, curve, sizeof(curve));
	return d2i_PrivateKey(EVP_PKEY_EC, NULL, &at, sizeof(der));
}

static struct ca *make_ca(enum fuzz_kind kind, EVP_PKEY *key) {
	struct soft_ca spec = { .kind = kind == FUZZ_ED25519 ? "ed25519" : "" };
	X509 *cert = soft_certificate(&spec, key, FUZZ_SUBJECT);
	struct bytes pem = soft_pem(cert);
	struct error err = ERROR_INIT;
	struct ca *ca = NULL;

	if (ca_parse(bytes_span(&pem), "ca.pem", &ca, &err) != CAPROOF_OK)
		fuzz_broken(__FILE__, __LINE__, "the fixed CA is read", err.message);
	bytes_clear(&pem);
	X509_free(cert);
	return ca;
}

static void load_platforms(struct fuzz_world *world) {
	const size_t room = sizeof(world->platforms) / sizeof(world->platforms[0]);
	struct error err = ERROR_INIT;
	char **names = NULL;

	if (platform_list(TEST_SRCDIR "/platforms", &names, &err) != CAPROOF_OK)
		fuzz_broken(__FILE__, __LINE__, "there are platforms", err.message);
	for (char **name = names; *name != NULL; name++) {
		FUZZ_MUST(world->platform_count < room);
		if (platform_load(*name, TEST_SRCDIR "/platforms",
			&world->platforms[world->platform_count++], &err) != CAPROOF_OK)
			fuzz_broken(__FILE__, __LINE__, "a platform is read", err.message);
	}
	FUZZ_MUST(world->platform_count > 0);
	platform_free_steps(names);
}

const struct fuzz_world *fuzz_world(void) {
	static struct fuzz_world world;

	if (world.platform_count > 0)
		return &world;
	world.keys[FUZZ_ED25519] = ed25519_key();
	world.keys[FUZZ_P256] = p256_key();
	world.keys[FUZZ_RSA] = soft_key("rsa2048");
	for (enum fuzz_kind kind = 0; kind < FUZZ_KINDS; kind++) {
		FUZZ_MUST(world.keys[kind] != NULL);
		world.cas[kind] = make_ca(kind, world.keys[kind]);
	}
	load_platforms(&world);
	return &world;
}

/* --- inputs ------------------------------------------------------------------------------ */

unsigned fuzz_knob(struct span *input) {
	if (input->len == 0)
		return 0;
	input->len--;
	return *input->data++;
}

char *fuzz_text(struct span input) {
	char *text = malloc(input.len + 1);

	FUZZ_MUST(text != NULL);
	if (input.len > 0)
		memcpy(text, input.data, input.len);
	text[input.len] = '\0';
	return text;
}

enum fuzz_kind fuzz_kind(unsigned knob) {
	return (enum fuzz_kind)(knob % (FUZZ_KINDS + 1));
}

static const EVP_MD *hash_of(enum fuzz_kind kind) {
	return kind == FUZZ_ED25519 ? NULL : EVP_sha256();
}

static struct bytes copy(const void *data, size_t len) {
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	FUZZ_MUST(bytes_copy(&out, data, len, &err) == CAPROOF_OK);
	return out;
}

/* Hands over DER, of which LEN octets are good; without them, FILE is what there is. */
static struct bytes taken(unsigned char *der, int len, struct span file) {
	struct bytes out = der != NULL && len > 0 ? copy(der, (size_t)len) : copy(file.data, file.len);

	OPENSSL_free(der);
	ERR_clear_error();
	return out;
}

/* The octets of FILE, if it is what KIND says, or DER, which is not looked into. */
static struct bytes der_of(struct span file, const struct document_kind *kind) {
	struct document document = { 0 };
	struct error err = ERROR_INIT;

	if (file.len > 0 && file.data[0] == 0x30)
		return copy(file.data, file.len);
	if (document_parse(file, "file", kind, &document, &err) != CAPROOF_OK)
		return (struct bytes)BYTES_INIT;
	return document.der;
}

struct bytes fuzz_signed_certificate(struct span file, enum fuzz_kind kind, bool own) {
	struct bytes octets = BYTES_INIT;
	unsigned char *der = NULL;
	const unsigned char *at;
	X509 *cert;
	int len = 0;

	if (kind == FUZZ_KINDS)
		return copy(file.data, file.len);
	octets = der_of(file, &document_ca);
	at = octets.data;
	cert = d2i_X509(NULL, &at, (long)octets.len);
	if (cert != NULL && (!own || X509_set_pubkey(cert, fuzz_world()->keys[kind]) == 1) &&
		X509_sign(cert, fuzz_world()->keys[kind], hash_of(kind)) > 0)
		len = i2d_X509(cert, &der);
	X509_free(cert);
	bytes_clear(&octets);
	return taken(der, len, file);
}

struct bytes fuzz_signed_request(struct span file, enum fuzz_kind kind) {
	struct bytes octets = BYTES_INIT;
	unsigned char *der = NULL;
	const unsigned char *at;
	X509_REQ *request;
	int len = 0;

	if (kind == FUZZ_KINDS)
		return copy(file.data, file.len);
	octets = der_of(file, &document_request);
	at = octets.data;
	request = d2i_X509_REQ(NULL, &at, (long)octets.len);
	if (request != NULL && X509_REQ_set_pubkey(request, fuzz_world()->keys[kind]) == 1 &&
		X509_REQ_sign(request, fuzz_world()->keys[kind], hash_of(kind)) > 0)
		len = i2d_X509_REQ(request, &der);
	X509_REQ_free(request);
	bytes_clear(&octets);
	return taken(der, len, file);
}

/* --- what has to hold --------------------------------------------------------------------- */

void fuzz_shown(const char *text) {
	size_t len = strlen(text), at = 0;

	while (at < len) {
		uint32_t c;

		if (text[at] >= ' ' && text[at] < 0x7f) { /* nearly all, and there is a lot of it */
			at++;
			continue;
		}
		c = text_next((const unsigned char *)text, len, &at);
		if (c == (uint32_t)-1 || (c != '\n' && text_is_hidden(c)))
			fuzz_broken(__FILE__, __LINE__, "a text is safe to show", text);
	}
}

bool fuzz_fine(enum caproof_status status, const struct error *err) {
	ERR_clear_error();
	if (status == CAPROOF_OK)
		return true;
	if (status == CAPROOF_UNEXPECTED)
		fuzz_broken(__FILE__, __LINE__, "an input is no bug of caproof", err->message);
	FUZZ_MUST(err->id != ERROR_NONE && err->message[0] != '\0');
	FUZZ_MUST(error_status(err) == status);
	fuzz_shown(err->message);
	fuzz_shown(error_hint_text(err));
	return false;
}

void fuzz_checks(const struct checks *checks) {
	for (const struct check *c = checks->list; c != NULL && c < checks->list + checks->count; c++) {
		FUZZ_MUST(c->id != NULL && c->message != NULL && c->message[0] != '\0');
		fuzz_shown(c->message);
		if (c->source != NULL)
			fuzz_shown(c->source);
		if (c->way_out != NULL)
			fuzz_shown(c->way_out);
	}
}

struct plan_input fuzz_plan(const struct platform *platform, enum fuzz_kind kind) {
	const struct ca *ca = fuzz_world()->cas[kind];
	struct plan_input input = {
		.ca = ca,
		.platform = platform,
		.code = span_of(FUZZ_CODE, strlen(FUZZ_CODE)),
		.subject_spki = bytes_span(&fuzz_world()->cas[FUZZ_P256]->spki),
		.serial = span_of(serial, sizeof(serial)),
		.now = FUZZ_NOW,
		.code_issued = PLAN_DEFAULT,
		.not_before = PLAN_DEFAULT,
		.not_after = PLAN_DEFAULT,
		.out_name = "proof.pem",
		.pem = true,
	};
	struct error err = ERROR_INIT;
	bool hashes = ca->key.type == KEY_RSA || ca->key.type == KEY_EC;

	FUZZ_MUST(ca_algorithm(ca, hashes ? platform_digest(platform, DIGEST_NONE) : DIGEST_NONE,
		false, &input.algorithm, &err) == CAPROOF_OK);
	return input;
}

/* The proof in its file passes `caproof verify`; warnings of the platform may stay. */
static void check_file(const struct plan *plan, const struct ca *ca,
	const struct platform *platform, struct span file, time_t now) {
	struct verify_input input = { ca, platform, plan->code, now };
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	if (verify_file(&input, file, "proof.pem", &checks, &err) != CAPROOF_OK)
		fuzz_broken(__FILE__, __LINE__, "caproof reads its own proof", err.message);
	if (checks_first_refused(&checks) != NULL)
		fuzz_broken(__FILE__, __LINE__, "caproof accepts its own proof",
			checks_first_refused(&checks)->message);
	fuzz_checks(&checks);
	checks_clear(&checks);
}

void fuzz_seal(const struct plan *plan, const struct ca *ca, const struct platform *platform,
	enum fuzz_kind kind, time_t now) {
	const struct algorithm *a = &plan->algorithm;
	struct bytes signature = soft_sign(fuzz_world()->keys[kind],
		a->digest != DIGEST_NONE ? digest_name(a->digest) : NULL, a->salt_len,
		bytes_span(&plan->tbs));
	struct proof proof = { 0 };
	struct error err = ERROR_INIT;

	fuzz_checks(&plan->checks);
	if (seal(plan, ca, platform, bytes_span(&signature), now, true, &proof, &err) != CAPROOF_OK)
		fuzz_broken(__FILE__, __LINE__, "what was planned is sealed", err.message);
	fuzz_checks(&proof.checks);
	if (!plan->is_ca)
		check_file(plan, ca, platform, bytes_span(&proof.content), now);
	proof_clear(&proof);
	bytes_clear(&signature);
	ERR_clear_error();
}
