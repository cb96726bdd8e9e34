/* SPDX-License-Identifier: Apache-2.0
 *
 * A card's CMS signature from a stranger, held against a fixed roster; what counts there
 * must count with OpenSSL.  Or octets from a stranger that a member signs: that counts.
 */
#include "fuzz.h"

#include <string.h>

#include <openssl/cms.h>

#include "ceremony/cms.h"

static const char *const contents[] = { FUZZ_CODE, "", FUZZ_CODE "\n", "1" };

/* CMS wants the key that a CA certificate is read without (x509/keyless.h). */
static X509 *card(size_t kind) {
	static X509 *cards[FUZZ_KINDS];
	struct span der = bytes_span(&fuzz_world()->cas[kind]->der);
	const unsigned char *at = der.data;

	if (cards[kind] == NULL)
		cards[kind] = d2i_X509(NULL, &at, (long)der.len);
	FUZZ_MUST(cards[kind] != NULL);
	return cards[kind];
}

static struct cms_verdict verdict_of(struct span message, struct span content) {
	X509 *roster[FUZZ_KINDS];
	struct cms_verdict verdict = { false, FUZZ_KINDS, NULL };
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < FUZZ_KINDS; i++)
		roster[i] = card(i);
	FUZZ_MUST(cms_verify(message, content, roster, FUZZ_KINDS, &verdict, &err) == CAPROOF_OK);
	FUZZ_MUST(verdict.good == (verdict.why == NULL));
	if (verdict.why != NULL)
		fuzz_shown(verdict.why);
	return verdict;
}

static void openssl_agrees(struct span message, struct span content, X509 *cert) {
	const unsigned char *at = message.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)message.len);
	BIO *in = BIO_new_mem_buf(content.len > 0 ? content.data : at, (int)content.len);
	STACK_OF(X509) *certs = sk_X509_new_null();

	FUZZ_MUST(cms != NULL && in != NULL && certs != NULL && sk_X509_push(certs, cert) > 0);
	FUZZ_MUST(CMS_verify(cms, certs, NULL, in, NULL,
		CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	sk_X509_free(certs);
}

static enum caproof_status sign(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	(void)err;
	*signature = soft_sign(arg, digest_name(algorithm->digest), algorithm->salt_len, message);
	return CAPROOF_OK;
}

static void signed_by(struct span content, enum fuzz_kind kind) {
	const struct fuzz_world *world = fuzz_world();
	struct cms_key key = { sign, world->keys[kind] };
	struct bytes message = BYTES_INIT;
	struct cms_verdict verdict;
	struct error err = ERROR_INIT;

	if (fuzz_fine(cms_sign(content, card(kind), &key, &message, &err), &err)) {
		verdict = verdict_of(bytes_span(&message), content);
		FUZZ_MUST(verdict.good && verdict.signer == kind);
		openssl_agrees(bytes_span(&message), content, card(kind));
	}
	FUZZ_MUST((kind == FUZZ_ED25519) == (message.data == NULL));
	bytes_clear(&message);
}

/* Knobs: key to sign with, or none (2 bits from the 5th), content (2 bits from the 7th). */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct span input = span_of(data, size);
	unsigned knobs = fuzz_knob(&input);
	enum fuzz_kind kind = fuzz_kind(knobs >> 4 & 3);
	struct span content = span_of(contents[knobs >> 6], strlen(contents[knobs >> 6]));
	struct cms_verdict verdict;

	if (kind < FUZZ_KINDS) {
		signed_by(input, kind);
		return 0;
	}
	verdict = verdict_of(input, content);
	if (verdict.good)
		openssl_agrees(input, content, card(verdict.signer));
	return 0;
}
