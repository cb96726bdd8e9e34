/* SPDX-License-Identifier: Apache-2.0
 *
 * Detached CMS signatures against OpenSSL's own tool, both ways; and messages built octet
 * by octet and signed with a member's key, for what no tool makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "../support/soft.h"
#include "base/text.h"
#include "ceremony/cms.h"
#include "x509/key.h"

#define NOT_DER "is not a CMS SignedData in DER"
#define ODD_HASH "is made with a hash other than SHA-256, SHA-384 and SHA-512"
#define NOT_A_MEMBER "is not by a member of the roster"
#define NOT_ITS_KEY "is not made with the key of the member that it names"
#define OTHER_CONTENT "is of other content"
#define OTHER_OR_KEY "is of other content, or not made with the key of the member that it names"
#define NO_CONTENT_SAID "has signed attributes that do not say which content they are of"
#define TWO_HASHES "names more than one hash"

enum { M_RSA, M_P256, M_P384, M_P521, MEMBERS };

static const char *const kinds[MEMBERS] = { "rsa2048", "p256", "p384", "p521" };
static const char text[] = "{\"format\":\"caproof/approval/1\",\"decision\":\"approve\"}\n";
static EVP_PKEY *keys[MEMBERS];
static X509 *roster[MEMBERS];
static char folder[] = "/tmp/caproof-cms-XXXXXX";

static struct span content(void) {
	return span_of(text, sizeof(text) - 1);
}

/* --- files and OpenSSL's tool --------------------------------------------------------------- */

static FILE *open_file(const char *name, const char *mode) {
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

static void save(const char *name, struct span data) {
	FILE *file = open_file(name, "wb");

	assert_int_equal(fwrite(data.data, 1, data.len, file), data.len);
	assert_int_equal(fclose(file), 0);
}

static struct bytes load(const char *name) {
	FILE *file = open_file(name, "rb");
	static unsigned char buf[65536];
	size_t len = fread(buf, 1, sizeof(buf), file);
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	fclose(file);
	assert_int_equal(bytes_copy(&out, buf, len, &err), CAPROOF_OK);
	return out;
}

static void save_signer(const char *name, X509 *cert, EVP_PKEY *key) {
	FILE *file = open_file(name, "wb");

	assert_int_equal(PEM_write_X509(file, cert), 1);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
}

/* Whether 'openssl cms ARGUMENTS', run in the folder, succeeds. */
static bool openssl_cms(const char *arguments) {
	char command[1024];
	int status;

	assert_true(snprintf(command, sizeof(command), "cd '%s' && openssl cms %s >log 2>&1", folder,
		arguments) < (int)sizeof(command));
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

/* What 'openssl cms -sign' makes of the content with these signers and options. */
static struct bytes theirs(const char *options) {
	char arguments[512];

	snprintf(arguments, sizeof(arguments), "-sign -binary -outform DER -in content -out made %s",
		options);
	if (!openssl_cms(arguments))
		fail_msg("openssl cms %s: fails", arguments);
	return load("made");
}

static int setup(void **state) {
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	file = open_file("roster.pem", "wb");
	for (size_t i = 0; i < MEMBERS; i++) {
		struct soft_ca spec = { .kind = kinds[i] };
		char name[32];

		snprintf(name, sizeof(name), "Member %s", kinds[i]);
		keys[i] = soft_key(kinds[i]);
		roster[i] = soft_certificate(&spec, keys[i], name);
		assert_int_equal(PEM_write_X509(file, roster[i]), 1);
		save_signer(kinds[i], roster[i], keys[i]);
	}
	assert_int_equal(fclose(file), 0);
	save("content", content());
	save("other", span_of("else\n", 5));
	return 0;
}

static int teardown(void **state) {
	char command[128];

	(void)state;
	for (size_t i = 0; i < MEMBERS; i++) {
		X509_free(roster[i]);
		EVP_PKEY_free(keys[i]);
	}
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

/* --- verdicts ------------------------------------------------------------------------------- */

static struct cms_verdict verdict_of(struct span message, struct span of) {
	struct cms_verdict verdict = { false, 99, NULL };
	struct error err = ERROR_INIT;

	ERR_clear_error();
	assert_int_equal(cms_verify(message, of, roster, MEMBERS, &verdict, &err), CAPROOF_OK);
	assert_int_equal(err.id, ERROR_NONE);
	assert_true(verdict.good == (verdict.why == NULL));
	assert_int_equal(ERR_peek_error(), 0);
	return verdict;
}

static void assert_good(struct span message, size_t signer, const char *what) {
	struct cms_verdict verdict = verdict_of(message, content());

	if (!verdict.good)
		fail_msg("%s: the signature %s", what, verdict.why);
	assert_int_equal(verdict.signer, signer);
}

static void assert_refused(struct span message, const char *why, const char *what) {
	struct cms_verdict verdict = verdict_of(message, content());

	if (verdict.good || strcmp(verdict.why, why) != 0)
		fail_msg("%s: expected '%s', got '%s'", what, why, verdict.good ? "good" : verdict.why);
}

/* Takes MESSAGE away. */
static void take_refused(struct bytes message, const char *why, const char *what) {
	assert_refused(bytes_span(&message), why, what);
	bytes_clear(&message);
}

/* The judgement of OpenSSL's library. */
static bool openssl_takes(struct span message, struct span of, X509 *cert) {
	const unsigned char *at = message.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)message.len);
	BIO *in = BIO_new_mem_buf(of.data, (int)of.len);
	STACK_OF(X509) *certs = sk_X509_new_null();
	bool good;

	assert_true(in != NULL && certs != NULL && sk_X509_push(certs, cert) > 0);
	good = cms != NULL && CMS_verify(cms, certs, NULL, in, NULL,
		CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) == 1;
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	sk_X509_free(certs);
	ERR_clear_error();
	return good;
}

/* --- signing -------------------------------------------------------------------------------- */

static enum caproof_status soft_signer(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	(void)err;
	*signature = soft_sign(arg, digest_name(algorithm->digest), algorithm->salt_len, message);
	return CAPROOF_OK;
}

static enum caproof_status no_signer(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	(void)arg;
	(void)algorithm;
	(void)message;
	(void)signature;
	return error_set(err, ERROR_DEVICE, "the card is gone");
}

static struct bytes ours(size_t member) {
	struct cms_key key = { soft_signer, keys[member] };
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	if (cms_sign(content(), roster[member], &key, &out, &err) != CAPROOF_OK)
		fail_msg("%s: %s (%s)", kinds[member], err.message, err.detail);
	return out;
}

static void openssl_takes_ours(void **state) {
	static const char *const verify = "-verify -binary -inform DER -in ours -nointern -noverify "
		"-certfile roster.pem -content";
	char arguments[256];

	(void)state;
	for (size_t i = 0; i < MEMBERS; i++) {
		struct bytes message = ours(i);

		save("ours", bytes_span(&message));
		assert_good(bytes_span(&message), i, kinds[i]);
		snprintf(arguments, sizeof(arguments), "%s content", verify);
		assert_true(openssl_cms(arguments));
		snprintf(arguments, sizeof(arguments), "%s other", verify);
		assert_false(openssl_cms(arguments));
		bytes_clear(&message);
	}
}

static void a_card_signs_its_own_way(void **state) {
	static const struct { enum scheme scheme; enum digest digest; } expected[MEMBERS] = {
		[M_RSA] = { SCHEME_RSA_PKCS1, DIGEST_SHA256 }, [M_P256] = { SCHEME_ECDSA, DIGEST_SHA256 },
		[M_P384] = { SCHEME_ECDSA, DIGEST_SHA384 }, [M_P521] = { SCHEME_ECDSA, DIGEST_SHA512 },
	};

	(void)state;
	for (size_t i = 0; i < MEMBERS; i++) {
		struct public_key key = { .type = KEY_OTHER }, numbers = { .type = KEY_OTHER };
		struct algorithm algorithm;
		struct error err = ERROR_INIT;

		assert_int_equal(cms_algorithm(roster[i], &algorithm, &key, &err), CAPROOF_OK);
		assert_int_equal(algorithm.scheme, expected[i].scheme);
		assert_int_equal(algorithm.digest, expected[i].digest);
		assert_int_equal(key_from_pkey(keys[i], &numbers, &err), CAPROOF_OK);
		assert_true(span_equal(bytes_span(&key.point), bytes_span(&numbers.point)));
		assert_true(span_equal(bytes_span(&key.modulus), bytes_span(&numbers.modulus)));
		public_key_clear(&key);
		public_key_clear(&numbers);
	}
}

static void some_cards_cannot(void **state) {
	static const char *const others[] = { "ed25519", "pss2048" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct soft_ca spec = { .kind = others[i] };
		EVP_PKEY *pkey = soft_key(others[i]);
		X509 *cert = soft_certificate(&spec, pkey, "Other");
		struct cms_key key = { soft_signer, pkey };
		struct bytes out = BYTES_INIT;
		struct error err = ERROR_INIT;

		assert_int_equal(cms_sign(content(), cert, &key, &out, &err), CAPROOF_INPUT);
		assert_int_equal(err.id, ERROR_CEREMONY_SIGNER);
		assert_non_null(strstr(err.message, "'CN=Other,O=Soft Works' has a key"));
		assert_null(out.data);
		X509_free(cert);
		EVP_PKEY_free(pkey);
	}
}

static void a_wrong_signature_is_not_handed_out(void **state) {
	EVP_PKEY *stranger = soft_key("p256");
	struct cms_key wrong = { soft_signer, stranger }, gone = { no_signer, NULL };
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(cms_sign(content(), roster[M_P256], &wrong, &out, &err), CAPROOF_UNVERIFIED);
	assert_int_equal(err.id, ERROR_SIGNATURE);
	assert_null(out.data);
	error_reset(&err);
	assert_int_equal(cms_sign(content(), roster[M_P256], &gone, &out, &err), CAPROOF_DEVICE);
	assert_int_equal(err.id, ERROR_DEVICE);
	assert_null(out.data);
	EVP_PKEY_free(stranger);
}

/* --- what others sign ----------------------------------------------------------------------- */

static void openssl_signs_for_us(void **state) {
	static const char *const options[] = { "", "-nocerts", "-noattr", "-keyid", "-md sha384",
		"-md sha512 -noattr", "-nocerts -keyid -noattr", "-cades", "-nosmimecap",
		"-nocerts -certfile roster.pem" };
	static const char *const pss[] = { "-keyopt rsa_padding_mode:pss",
		"-keyopt rsa_padding_mode:pss -md sha512 -noattr",
		"-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20" };
	char arguments[128];

	(void)state;
	for (size_t i = 0; i < MEMBERS * sizeof(options) / sizeof(options[0]); i++) {
		size_t member = i % MEMBERS;
		struct bytes message;

		snprintf(arguments, sizeof(arguments), "-signer %s %s", kinds[member],
			options[i / MEMBERS]);
		message = theirs(arguments);
		assert_good(bytes_span(&message), member, arguments);
		assert_false(verdict_of(bytes_span(&message), span_of("else\n", 5)).good);
		bytes_clear(&message);
	}
	for (size_t i = 0; i < sizeof(pss) / sizeof(pss[0]); i++) {
		struct bytes message;

		snprintf(arguments, sizeof(arguments), "-signer rsa2048 %s", pss[i]);
		message = theirs(arguments);
		assert_good(bytes_span(&message), M_RSA, arguments);
		bytes_clear(&message);
	}
}

static void what_openssl_would_take(void **state) {
	static const struct { const char *options, *why; } cases[] = {
		{ "-signer rsa2048 -md md5", ODD_HASH }, { "-signer rsa2048 -md sha1", ODD_HASH },
		{ "-signer rsa2048 -md sha1 -noattr", ODD_HASH }, { "-signer p256 -md sha224", ODD_HASH },
		{ "-signer rsa2048 -md sha512-256", ODD_HASH },
		{ "-signer rsa2048 -keyopt rsa_padding_mode:pss -md sha1", ODD_HASH },
		{ "-signer rsa2048 -keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha1", ODD_HASH },
		{ "-signer rsa2048 -keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha512", TWO_HASHES },
		{ "-signer rsa2048 -signer p256", "has more than one signer" },
		{ "-signer p256 -nodetach", "carries content of its own" },
		{ "-signer p256 -econtent_type id-smime-ct-TSTInfo",
			"is of something other than plain data" },
		{ "-signer p256 -stream", NOT_DER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		take_refused(theirs(cases[i].options), cases[i].why, cases[i].options);
	assert_true(openssl_cms("-data_create -in content -outform DER -out made"));
	take_refused(load("made"), NOT_DER, "other content type");
	assert_true(openssl_cms("-sign -binary -in content -signer p256 -outform PEM -out made"));
	take_refused(load("made"), NOT_DER, "PEM");
}

/* Another key under a member's name and number, or under its key identifier. */
static void an_impostor(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	EVP_PKEY *key = soft_key("p256");
	X509 *cert = soft_certificate(&spec, key, "Member p256");
	struct cms_key own = { soft_signer, key };
	struct bytes message = BYTES_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	save_signer("impostor", cert, key);
	take_refused(theirs("-signer impostor"), NOT_ITS_KEY, "with attributes");
	take_refused(theirs("-signer impostor -noattr"), OTHER_OR_KEY, "without");
	take_refused(theirs("-signer impostor -keyid"), NOT_A_MEMBER, "by key identifier");
	assert_int_equal(cms_sign(content(), cert, &own, &message, &err), CAPROOF_OK);
	take_refused(message, OTHER_OR_KEY, "by caproof");
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* The member is a certificate authority, as far as its certificate says. */
static void issued_by_a_member(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	EVP_PKEY *key = soft_key("p256");
	X509 *cert = soft_certificate(&spec, key, "Protege");

	(void)state;
	assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(roster[M_P256])), 1);
	assert_true(X509_sign(cert, keys[M_P256], EVP_sha256()) > 0);
	save_signer("protege", cert, key);
	/* the number of its issuer, under its issuer's name */
	take_refused(theirs("-signer protege -certfile roster.pem"), NOT_ITS_KEY, "same number");
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 4712), 1);
	assert_true(X509_sign(cert, keys[M_P256], EVP_sha256()) > 0);
	save_signer("protege", cert, key);
	take_refused(theirs("-signer protege -certfile roster.pem"), NOT_A_MEMBER, "other number");
	take_refused(theirs("-signer protege -certfile roster.pem -keyid"), NOT_A_MEMBER, "key id");
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* The same numbers as a key for any use of RSA. */
static EVP_PKEY *unrestricted(const EVP_PKEY *key) {
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	enum { COUNT = sizeof(names) / sizeof(names[0]) };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[COUNT] = { NULL };
	EVP_PKEY *out = NULL;
	OSSL_PARAM *params;

	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(EVP_PKEY_get_bn_param(key, names[i], &numbers[i]), 1);
		assert_int_equal(OSSL_PARAM_BLD_push_BN(builder, names[i], numbers[i]), 1);
	}
	params = OSSL_PARAM_BLD_to_param(builder);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &out, EVP_PKEY_KEYPAIR, params), 1);
	for (size_t i = 0; i < COUNT; i++)
		BN_free(numbers[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(ctx);
	return out;
}

/* RFC 4055 3.1 and 3.3: such a key is for RSASSA-PSS with these parameters only. */
static void a_pss_member(void **state) {
	static const struct { const char *options; bool good; } cases[] = {
		{ "-signer rsa-key-of-pss -keyopt rsa_padding_mode:pss -md sha384 "
			"-keyopt rsa_pss_saltlen:48", true },
		{ "-signer rsa-key-of-pss -md sha384", false },
		{ "-signer rsa-key-of-pss -keyopt rsa_padding_mode:pss -md sha384 "
			"-keyopt rsa_pss_saltlen:20", false },
		{ "-signer rsa-key-of-pss -keyopt rsa_padding_mode:pss -md sha256", false },
	};
	struct soft_ca spec = { .kind = "pss2048-sha384-48", .digest = EVP_sha384() };
	EVP_PKEY *key = soft_key(spec.kind), *plain = unrestricted(key);
	X509 *cert = soft_certificate(&spec, key, "PSS");
	X509 *twin = soft_certificate(&spec, plain, "PSS");

	(void)state;
	save_signer("rsa-key-of-pss", twin, plain);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes message = theirs(cases[i].options);
		struct cms_verdict verdict;
		struct error err = ERROR_INIT;

		assert_int_equal(cms_verify(bytes_span(&message), content(), &cert, 1, &verdict, &err),
			CAPROOF_OK);
		if (verdict.good != cases[i].good)
			fail_msg("%s is judged wrongly", cases[i].options);
		assert_true(!verdict.good || openssl_takes(bytes_span(&message), content(), cert));
		bytes_clear(&message);
	}
	X509_free(cert);
	X509_free(twin);
	EVP_PKEY_free(plain);
	EVP_PKEY_free(key);
}

/* --- damage --------------------------------------------------------------------------------- */

/* Each octet in turn: what still counts here must count with OpenSSL as well. */
static void every_octet_altered(struct span message, size_t member) {
	static const unsigned char changes[] = { 0x01, 0x80, 0xff };
	size_t counted = 0;
	struct bytes copy = BYTES_INIT;
	struct error err = ERROR_INIT;

	assert_int_equal(bytes_copy(&copy, message.data, message.len, &err), CAPROOF_OK);
	for (size_t i = 0; i < 3 * message.len; i++) {
		copy.data[i / 3] ^= changes[i % 3];
		if (verdict_of(bytes_span(&copy), content()).good) {
			counted++;
			assert_true(openssl_takes(bytes_span(&copy), content(), roster[member]));
		}
		copy.data[i / 3] ^= changes[i % 3];
	}
	assert_good(bytes_span(&copy), member, "unaltered");
	/* versions that nobody reads, certificates, what is not signed; not the rest */
	assert_true(counted < message.len);
	bytes_clear(&copy);
}

static void damage(void **state) {
	static const char *const options[] = { "-signer p256", "-signer p256 -nocerts -noattr",
		"-signer p256 -nocerts -keyid" };

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct bytes message = theirs(options[i]);
		struct error err = ERROR_INIT;

		every_octet_altered(bytes_span(&message), M_P256);
		for (size_t len = 0; len < message.len; len++) {
			struct bytes cut = BYTES_INIT; /* of its own, so that one octet too far is seen */

			assert_int_equal(bytes_copy(&cut, message.data, len, &err), CAPROOF_OK);
			take_refused(cut, NOT_DER, "cut off");
		}
		assert_int_equal(bytes_append(&message, "", 1, &err), CAPROOF_OK);
		assert_refused(bytes_span(&message), NOT_DER, "one octet more");
		bytes_clear(&message);
	}
}

/* --- messages of our own -------------------------------------------------------------------- */

#define DATA "06092a864886f70d010701"
#define SIGNED_DATA "06092a864886f70d010702"
#define SHA256 "300b0609608648016503040201"
#define SHA384 "300b0609608648016503040202"
#define ECDSA_SHA256 "300a06082a8648ce3d040302"
#define ECDSA_SHA384 "300a06082a8648ce3d040303"
#define RSA_SHA256 "300d06092a864886f70d01010b0500"
#define CONTENT_TYPE "301806092a864886f70d010903310b" DATA
#define NOT_DATA "301806092a864886f70d010903310b" SIGNED_DATA

static struct bytes hex(const char *digits) {
	struct bytes out = BYTES_INIT;

	assert_true(digits[0] == '\0' || text_unhex(digits, &out));
	return out;
}

/* A and B are taken away. */
static struct bytes join(struct bytes a, struct bytes b) {
	struct error err = ERROR_INIT;

	assert_int_equal(bytes_append(&a, b.data, b.len, &err), CAPROOF_OK);
	bytes_clear(&b);
	return a;
}

static struct bytes octets(const void *data, size_t len) {
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;

	assert_int_equal(bytes_copy(&out, data, len, &err), CAPROOF_OK);
	return out;
}

/* INSIDE, which is taken away, as the content of an element. */
static struct bytes wrap(unsigned char tag, struct bytes inside) {
	unsigned char head[6] = { tag };
	size_t n = 1;

	if (inside.len < 0x80) {
		head[n++] = (unsigned char)inside.len;
	} else {
		size_t lengths = inside.len > 0xffffff ? 4 : inside.len > 0xffff ? 3 :
			inside.len > 0xff ? 2 : 1;

		head[n++] = (unsigned char)(0x80 | lengths);
		while (lengths-- > 0)
			head[n++] = (unsigned char)(inside.len >> 8 * lengths);
	}
	return join(octets(head, n), inside);
}

/* NULL: as it should be; "": left out. */
struct odd {
	const char *what, *why;
	const char *content_type, *more_attributes, *digest_attribute;
	const char *hash, *scheme, *hashes, *content_info;
	const char *version, *before_signers, *after_signature, *after_signers;
	const char *after_data, *after_all;
	bool no_attributes, no_signer;
};

static struct bytes or(const char *digits, const char *usual) {
	return hex(digits != NULL ? digits : usual);
}

/* The messageDigest attribute of the content. */
static struct bytes digest_attribute(void) {
	unsigned char digest[32];

	assert_int_equal(EVP_Digest(text, sizeof(text) - 1, digest, NULL, EVP_sha256(), NULL), 1);
	return wrap(0x30, join(hex("06092a864886f70d010904"),
		wrap(0x31, wrap(0x04, octets(digest, sizeof(digest))))));
}

static struct bytes attributes_of(const struct odd *odd) {
	struct bytes set = or(odd->content_type, CONTENT_TYPE);

	set = join(set, odd->digest_attribute != NULL ? hex(odd->digest_attribute) :
		digest_attribute());
	return join(set, or(odd->more_attributes, ""));
}

/* IssuerAndSerialNumber of the member with the P-256 key. */
static struct bytes name_of_signer(void) {
	const unsigned char *der;
	size_t len;

	assert_int_equal(X509_NAME_get0_der(X509_get_issuer_name(roster[M_P256]), &der, &len), 1);
	return wrap(0x30, join(octets(der, len), hex("02021267")));
}

static struct bytes signer_of(const struct odd *odd) {
	struct bytes info = join(or(odd->version, "020101"), name_of_signer());
	struct bytes set = BYTES_INIT, signature;

	info = join(info, or(odd->hash, SHA256));
	if (!odd->no_attributes) {
		set = wrap(0x31, attributes_of(odd));
		signature = soft_sign(keys[M_P256], "SHA256", 0, bytes_span(&set));
		set.data[0] = 0xa0;
	} else {
		signature = soft_sign(keys[M_P256], "SHA256", 0, content());
	}
	info = join(join(info, set), or(odd->scheme, ECDSA_SHA256));
	info = join(info, wrap(0x04, signature));
	return wrap(0x30, join(info, or(odd->after_signature, "")));
}

/* SIGNERS, which is taken away, in a message. */
static struct bytes message_of(const struct odd *odd, struct bytes signers) {
	struct bytes data = join(hex("020101"), wrap(0x31, or(odd->hashes, SHA256)));

	data = join(data, or(odd->content_info, "300b" DATA));
	data = join(join(data, or(odd->before_signers, "")), wrap(0x31, signers));
	data = wrap(0x30, join(data, or(odd->after_signers, "")));
	data = wrap(0xa0, join(data, or(odd->after_data, "")));
	return wrap(0x30, join(join(hex(SIGNED_DATA), data), or(odd->after_all, "")));
}

static struct bytes odd_message(const struct odd *odd) {
	struct bytes none = BYTES_INIT;

	return message_of(odd, odd->no_signer ? none : signer_of(odd));
}

static void odd_messages(void **state) {
	static const struct odd cases[] = {
		{ .what = "no signer", .why = "has no signer", .no_signer = true },
		{ .what = "no content type", .why = NO_CONTENT_SAID, .content_type = "" },
		{ .what = "another content type", .why = NO_CONTENT_SAID, .content_type = NOT_DATA },
		{ .what = "two content types", .why = NOT_DER, .more_attributes = CONTENT_TYPE },
		{ .what = "no digest", .why = NO_CONTENT_SAID, .digest_attribute = "" },
		{ .what = "no attribute at all", .why = NO_CONTENT_SAID, .content_type = "",
			.digest_attribute = "" },
		{ .what = "an empty digest", .why = OTHER_CONTENT,
			.digest_attribute = "300f06092a864886f70d01090431020400" },
		{ .what = "two digests", .why = NOT_DER,
			.more_attributes = "300f06092a864886f70d01090431020400" },
		{ .what = "a digest of two values", .why = NOT_DER,
			.digest_attribute = "301106092a864886f70d010904310404000400" },
		{ .what = "a digest of no value", .why = NOT_DER,
			.digest_attribute = "300d06092a864886f70d0109043100" },
		{ .what = "an attribute that is no SEQUENCE", .why = NOT_DER, .more_attributes = "0500" },
		{ .what = "a hash that is not that of the scheme", .why = TWO_HASHES,
			.scheme = ECDSA_SHA384 },
		{ .what = "another hash than the signer's", .why = TWO_HASHES, .hashes = SHA384 },
		{ .what = "two hashes", .why = TWO_HASHES, .hashes = SHA256 SHA384 },
		{ .what = "no hash", .why = NOT_DER, .hashes = "" },
		{ .what = "the scheme of another kind of key", .why = NOT_ITS_KEY, .scheme = RSA_SHA256 },
		{ .what = "Ed25519", .why = "is made with an algorithm other than RSA and ECDSA",
			.scheme = "300506032b6570" },
		{ .what = "a scheme without name", .why = NOT_DER, .scheme = "3000" },
		{ .what = "a hash with odd parameters", .why = NOT_DER,
			.hash = "300e0609608648016503040201020101" },
		{ .what = "PSS without parameters", .why = NOT_DER,
			.scheme = "300b06092a864886f70d01010a" },
		{ .what = "PSS with what is left out", .why = ODD_HASH,
			.scheme = "300d06092a864886f70d01010a3000" },
		{ .what = "a version that is another's", .why = NOT_DER, .version = "020103" },
		{ .what = "a version that does not exist", .why = NOT_DER, .version = "020102" },
		{ .what = "a negative version", .why = NOT_DER, .version = "0201ff" },
		{ .what = "content that is empty", .why = "carries content of its own",
			.content_info = "300f" DATA "a0020400" },
		{ .what = "something behind the signature", .why = NOT_DER, .after_signature = "0500" },
		{ .what = "something behind the signers", .why = NOT_DER, .after_signers = "0500" },
		{ .what = "something behind the SignedData", .why = NOT_DER, .after_data = "0500" },
		{ .what = "something behind all", .why = NOT_DER, .after_all = "0500" },
		{ .what = "certificates that are none",
			.why = "carries certificates or attributes that cannot be read",
			.before_signers = "a003020101" },
		{ .what = "unsigned attributes that are none",
			.why = "carries certificates or attributes that cannot be read",
			.after_signature = "a103020101" },
		{ .what = "a length in more octets than it needs", .why = NOT_DER,
			.before_signers = "a08103020101" },
		{ .what = "an indefinite length", .why = NOT_DER, .before_signers = "a0800000" },
	};
	static const struct odd fine[] = {
		{ .what = "as it should be" }, { .what = "without attributes", .no_attributes = true },
		{ .what = "an empty set of certificates", .before_signers = "a000" },
		{ .what = "one attribute more", .more_attributes = "300906032a030431020500" },
		{ .what = "an unsigned attribute", .after_signature = "a10b300906032a030431020500" },
		{ .what = "NULL behind the hash", .hash = "300d06096086480165030402010500" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		take_refused(odd_message(&cases[i]), cases[i].why, cases[i].what);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct bytes message = odd_message(&fine[i]);

		assert_good(bytes_span(&message), M_P256, fine[i].what);
		assert_true(openssl_takes(bytes_span(&message), content(), roster[M_P256]));
		bytes_clear(&message);
	}
}

/* COUNT times INFO, which is taken away. */
static struct bytes repeated(struct bytes info, size_t count) {
	struct bytes out = { malloc(info.len * count), info.len * count };

	assert_non_null(out.data);
	for (size_t i = 0; i < count; i++)
		memcpy(out.data + i * info.len, info.data, info.len);
	bytes_clear(&info);
	return out;
}

/* Nothing is built of them, or this would take as long as it does for OpenSSL. */
static void a_crowd_of_signers(void **state) {
	static const struct odd usual = { .what = "usual" };

	(void)state;
	take_refused(message_of(&usual, repeated(hex("3000"), 1000000)), "is larger than 64 KiB",
		"a million empty ones");
	take_refused(message_of(&usual, repeated(hex("3000"), 32000)), "has more than one signer",
		"as many empty ones as there is room for");
	take_refused(message_of(&usual, repeated(signer_of(&usual), 200)),
		"has more than one signer", "two hundred good ones");
	take_refused(message_of(&usual, repeated(signer_of(&usual), 2)), "has more than one signer",
		"the same one twice");
}

static void an_empty_roster(void **state) {
	struct bytes message = ours(M_P256);
	struct cms_verdict verdict;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(cms_verify(bytes_span(&message), content(), NULL, 0, &verdict, &err),
		CAPROOF_OK);
	assert_false(verdict.good);
	assert_string_equal(verdict.why, NOT_A_MEMBER);
	bytes_clear(&message);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_takes_ours),
		cmocka_unit_test(a_card_signs_its_own_way),
		cmocka_unit_test(some_cards_cannot),
		cmocka_unit_test(a_wrong_signature_is_not_handed_out),
		cmocka_unit_test(openssl_signs_for_us),
		cmocka_unit_test(what_openssl_would_take),
		cmocka_unit_test(an_impostor),
		cmocka_unit_test(issued_by_a_member),
		cmocka_unit_test(a_pss_member),
		cmocka_unit_test(damage),
		cmocka_unit_test(odd_messages),
		cmocka_unit_test(a_crowd_of_signers),
		cmocka_unit_test(an_empty_roster),
	};

	return cmocka_run_group_tests_name("cms", tests, setup, teardown);
}
