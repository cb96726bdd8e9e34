/* SPDX-License-Identifier: Apache-2.0
 *
 * Fresh keys and serial numbers.
 */
#include "subject.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>

#include "base/crypto.h"

enum caproof_status subject_make(enum subject_key kind, const struct ca *ca,
	struct subject *out, struct error *err) {
	struct subject subject = { BYTES_INIT, NULL };
	enum caproof_status status = CAPROOF_OK;

	switch (kind) {
	case SUBJECT_KEY_CA:
		return bytes_copy(&out->spki, ca->spki.data, ca->spki.len, err);
	case SUBJECT_KEY_P256:
		status = key_generate_p256(&subject.pkey, err);
		break;
	case SUBJECT_KEY_RSA2048:
		status = key_generate_rsa(2048, &subject.pkey, err);
		break;
	case SUBJECT_KEY_RSA3072:
		status = key_generate_rsa(3072, &subject.pkey, err);
		break;
	}
	if (status == CAPROOF_OK)
		status = key_spki(subject.pkey, &subject.spki, err);
	if (status == CAPROOF_OK)
		*out = subject;
	else
		subject_clear(&subject);
	return status;
}

void subject_clear(struct subject *subject) {
	bytes_clear(&subject->spki);
	EVP_PKEY_free(subject->pkey); /* OpenSSL clears private numbers as it frees them */
	subject->pkey = NULL;
}

enum caproof_status subject_pem(const struct subject *subject, BIO **out, struct error *err) {
	BIO *bio = BIO_new(BIO_s_secmem());

	if (bio == NULL ||
		PEM_write_bio_PKCS8PrivateKey(bio, subject->pkey, NULL, NULL, 0, NULL, NULL) != 1) {
		BIO_free(bio);
		return crypto_error(err, "encode the fresh private key");
	}
	*out = bio;
	return CAPROOF_OK;
}

/* NIST SP 800-132 and OWASP: enough that guessing is slow on today's machines. */
#define PBKDF2_ITERATIONS 600000

static X509_SIG *encrypt(EVP_PKEY *pkey, struct span pass) {
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *how = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), PBKDF2_ITERATIONS, NULL, 0, NULL,
		NID_hmacWithSHA256);
	X509_SIG *locked = NULL;

	if (plain != NULL && how != NULL)
		locked = PKCS8_set0_pbe((const char *)pass.data, (int)pass.len, plain, how);
	if (locked == NULL)
		X509_ALGOR_free(how);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return locked;
}

enum caproof_status subject_pem_encrypted(const struct subject *subject, struct span pass,
	BIO **out, struct error *err) {
	X509_SIG *locked = encrypt(subject->pkey, pass);
	BIO *bio = BIO_new(BIO_s_mem());
	enum caproof_status status = CAPROOF_OK;

	if (locked == NULL || bio == NULL || PEM_write_bio_PKCS8(bio, locked) != 1) {
		BIO_free(bio);
		status = crypto_error(err, "encrypt the fresh private key");
	} else {
		*out = bio;
	}
	X509_SIG_free(locked);
	return status;
}

enum caproof_status serial_make(unsigned char out[SERIAL_SIZE], struct error *err) {
	do {
		if (RAND_bytes_ex(crypto_context(), out, SERIAL_SIZE, 0) != 1)
			return crypto_error(err, "draw a serial number");
		out[0] &= 0x7f;
	} while (out[0] == 0);
	return CAPROOF_OK;
}
