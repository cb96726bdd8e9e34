/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of a proof, by forgeries: each proof here has one thing wrong and is refused
 * for exactly that, or warned of; beside each stands one that passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "../support/soft.h"
#include "verify.h"
#include "x509/tbs.h"

#define CODE "7f3d9a-CODE"
#define PLAIN "basicConstraints=critical,CA:FALSE;keyUsage=critical,digitalSignature;" \
	"authorityKeyIdentifier=keyid"
#define TOKEN_URI "urn:nerveshub:verify:" CODE

/* A proof as somebody's openssl makes it; zeroed fields are those of a good one. */
struct forgery {
	const char *subject[4][2];  /* attribute and value; NULL: CN = code */
	int shared;                 /* the last attribute joins the RDN before it */
	const char *extensions;     /* "": none */
	long version;
	time_t from, until;
	const EVP_MD *digest;
	EVP_PKEY *signer;           /* NULL: the CA's key */
	const char *issuer;         /* NULL: the CA's subject */
	int issuer_type;            /* ASN.1 string type of the issuer's Common Name */
	int pss;
	int no_key;
};

static EVP_PKEY *ca_key, *other_key;
static X509 *ca_cert;
static struct ca *ca;

static void add_entry(X509_NAME *name, const char *field, const char *value, int type, int set) {
	assert_int_equal(X509_NAME_add_entry_by_txt(name, field, type, (const unsigned char *)value, -1,
		-1, set), 1);
}

static void set_subject(X509 *cert, const struct forgery *f) {
	X509_NAME *name = X509_get_subject_name(cert);
	size_t i = 0;

	if (f->subject[0][0] == NULL)
		add_entry(name, "CN", CODE, MBSTRING_UTF8, 0);
	for (; i < 4 && f->subject[i][0] != NULL; i++)
		add_entry(name, f->subject[i][0], f->subject[i][1], MBSTRING_UTF8,
			f->shared && f->subject[i + 1][0] == NULL ? -1 : 0);
}

static void set_issuer(X509 *cert, const struct forgery *f) {
	X509_NAME *name = X509_NAME_new();

	assert_non_null(name);
	if (f->issuer_type != 0) {
		add_entry(name, "O", "Soft Works", f->issuer_type, 0);
		add_entry(name, "CN", "Verify CA", f->issuer_type, 0);
	} else if (f->issuer != NULL) {
		add_entry(name, "CN", f->issuer, MBSTRING_UTF8, 0);
	}
	assert_int_equal(X509_set_issuer_name(cert, f->issuer != NULL || f->issuer_type != 0 ? name :
		X509_get_subject_name(ca_cert)), 1);
	X509_NAME_free(name);
}

static void add_extensions(X509 *cert, const char *list) {
	char *copy = strdup(list), *save = NULL;
	X509V3_CTX ctx;

	assert_non_null(copy);
	X509V3_set_ctx(&ctx, ca_cert, cert, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	for (char *e = strtok_r(copy, ";", &save); e != NULL; e = strtok_r(NULL, ";", &save)) {
		char *value = strchr(e, '=');
		X509_EXTENSION *extension;

		assert_non_null(value);
		*value++ = '\0';
		extension = X509V3_EXT_nconf(NULL, &ctx, e, value);
		if (extension == NULL)
			fail_msg("no such extension: %s", e);
		assert_int_equal(X509_add_ext(cert, extension, -1), 1);
		X509_EXTENSION_free(extension);
	}
	free(copy);
}

static void sign_it(X509 *cert, const struct forgery *f) {
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *signer = f->signer != NULL ? f->signer : ca_key;

	assert_non_null(md);
	assert_int_equal(EVP_DigestSignInit(md, &ctx, f->digest != NULL ? f->digest : EVP_sha256(),
		NULL, signer), 1);
	if (f->pss)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, 6), 1);
	assert_true(X509_sign_ctx(cert, md) > 0);
	EVP_MD_CTX_free(md);
}

/* What is left is the point at infinity. */
static void take_key_away(X509 *cert) {
	unsigned char *point = OPENSSL_zalloc(1);

	assert_non_null(point);
	assert_int_equal(X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(cert),
		OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
		OBJ_nid2obj(NID_X9_62_prime256v1), point, 1), 1);
}

static struct bytes forge(const struct forgery *f) {
	X509 *cert = X509_new();
	struct bytes der;

	assert_non_null(cert);
	assert_int_equal(X509_set_version(cert, f->version != 0 ? f->version - 1 : 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 815), 1);
	set_subject(cert, f);
	set_issuer(cert, f);
	assert_non_null(ASN1_TIME_adj(X509_getm_notBefore(cert), f->from != 0 ? f->from :
		SOFT_NOW - SOFT_DAY, 0, 0));
	assert_non_null(ASN1_TIME_adj(X509_getm_notAfter(cert), f->until != 0 ? f->until :
		SOFT_NOW + SOFT_DAY, 0, 0));
	assert_int_equal(X509_set_pubkey(cert, other_key), 1);
	if (f->no_key)
		take_key_away(cert);
	if (f->version == 0)
		add_extensions(cert, f->extensions != NULL ? f->extensions : PLAIN);
	sign_it(cert, f);
	der = soft_der(cert);
	X509_free(cert);
	return der;
}

static void set_ca(const char *kind) {
	struct soft_ca spec = { .kind = kind };
	struct error err = ERROR_INIT;
	struct bytes pem;

	ca_key = soft_key(kind);
	ca_cert = soft_certificate(&spec, ca_key, "Verify CA");
	pem = soft_pem(ca_cert);
	if (ca_parse(bytes_span(&pem), "ca.pem", &ca, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	bytes_clear(&pem);
}

static void clear_ca(void) {
	ca_free(ca);
	X509_free(ca_cert);
	EVP_PKEY_free(ca_key);
}

static int setup(void **state) {
	(void)state;
	other_key = soft_key("p256");
	set_ca("p256");
	return 0;
}

static int teardown(void **state) {
	(void)state;
	clear_ca();
	EVP_PKEY_free(other_key);
	return 0;
}

/* --- judging -------------------------------------------------------------------------- */

static enum caproof_status checked(const char *platform_name, const char *code, time_t at,
	struct span file, struct checks *checks, struct error *err) {
	struct platform *platform = NULL;
	struct verify_input input = { ca, NULL, code, at };
	enum caproof_status status;

	if (platform_load(platform_name, TEST_SRCDIR "/platforms", &platform, err) != CAPROOF_OK)
		fail_msg("%s", err->message);
	input.platform = platform;
	status = verify_file(&input, file, "proof.pem", checks, err);
	platform_free(platform);
	return status;
}

static void unique_ids(const struct checks *checks) {
	for (size_t i = 0; i < checks->count; i++)
		for (size_t j = i + 1; j < checks->count; j++)
			assert_string_not_equal(checks->list[i].id, checks->list[j].id);
}

/* Of all checks only WANTED (NULL: none) is not ok, with RESULT and TEXT in its message. */
static void only(const struct checks *checks, const char *wanted, enum check_result result,
	const char *text) {
	bool seen = wanted == NULL;

	unique_ids(checks);
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *c = &checks->list[i];
		bool is_wanted = wanted != NULL && strcmp(c->id, wanted) == 0;

		seen = seen || is_wanted;
		if (c->result != (is_wanted ? result : CHECK_OK) ||
			(is_wanted && strstr(c->message, text) == NULL))
			fail_msg("%s is %s: %s", c->id, check_result_name(c->result), c->message);
	}
	assert_true(seen);
}

/* As PEM text, which every platform takes. */
static struct bytes forge_pem(const struct forgery *f) {
	struct bytes der = forge(f), pem;
	const unsigned char *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long)der.len);

	assert_non_null(cert);
	pem = soft_pem(cert);
	X509_free(cert);
	bytes_clear(&der);
	return pem;
}

static void judged_at(const char *platform, const struct forgery *f, time_t at, const char *wanted,
	enum check_result result, const char *text) {
	struct bytes pem = forge_pem(f);
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	if (checked(platform, CODE, at, bytes_span(&pem), &checks, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	only(&checks, wanted, result, text);
	checks_clear(&checks);
	bytes_clear(&pem);
}

static void judged(const struct forgery *f, const char *wanted, enum check_result result,
	const char *text) {
	judged_at("generic", f, SOFT_NOW, wanted, result, text);
}

static void good(const struct forgery *f) {
	judged(f, NULL, CHECK_OK, "");
}

/* --- tests ------------------------------------------------------------------------------ */

static void somebody_elses_good_proof_passes(void **state) {
	(void)state;
	good(&(struct forgery){ 0 });
	good(&(struct forgery){ .subject = { { "C", "DE" }, { "O", "Example" }, { "CN", CODE } } });
	good(&(struct forgery){ .extensions = "basicConstraints=CA:FALSE" });
	good(&(struct forgery){ .extensions = PLAIN ",issuer:always" });
	good(&(struct forgery){ .extensions = PLAIN ";extendedKeyUsage=codeSigning" });
	good(&(struct forgery){ .digest = EVP_sha512() });
}

static void the_key_is_what_counts(void **state) {
	(void)state;
	judged(&(struct forgery){ .signer = other_key }, "proof.signature", CHECK_REFUSED,
		"CN=Verify CA");
	judged(&(struct forgery){ .signer = other_key, .issuer = "Intermediate" }, "proof.signature",
		CHECK_REFUSED, "CN=Intermediate");
	judged(&(struct forgery){ .issuer = "Intermediate" }, "proof.issuer", CHECK_REFUSED,
		"not the subject");
	judged(&(struct forgery){ .issuer_type = MBSTRING_UTF8 }, NULL, CHECK_OK, "");
	judged(&(struct forgery){ .issuer_type = V_ASN1_PRINTABLESTRING }, "proof.issuer",
		CHECK_WARNING, "another encoding");
}

/* A key identifier of somebody else: right signature, wrong claim. */
static void the_key_identifier_is_the_cas(void **state) {
	struct soft_ca spec = { .kind = "p256" };
	X509 *mine = ca_cert, *theirs = soft_certificate(&spec, other_key, "Verify CA");
	struct forgery f = { .issuer_type = MBSTRING_UTF8 };

	(void)state;
	ca_cert = theirs; /* for forge() only: the identifier is taken from it */
	judged(&f, "proof.authority-key-id", CHECK_REFUSED, "not that of the CA");
	ca_cert = mine;
	X509_free(theirs);
}

static void the_code_is_alone_and_equal(void **state) {
	(void)state;
	judged(&(struct forgery){ .subject = { { "CN", "7f3d9a-code" } } }, "proof.code", CHECK_REFUSED,
		"upper and lower case");
	judged(&(struct forgery){ .subject = { { "CN", CODE " " } } }, "proof.code", CHECK_REFUSED,
		"white space");
	judged(&(struct forgery){ .subject = { { "CN", " " CODE } } }, "proof.code", CHECK_REFUSED,
		"white space");
	judged(&(struct forgery){ .subject = { { "CN", CODE "x" } } }, "proof.code", CHECK_REFUSED,
		"not the code");
	judged(&(struct forgery){ .subject = { { "CN", CODE }, { "CN", CODE } } }, "proof.code",
		CHECK_REFUSED, "2 Common Names");
	judged(&(struct forgery){ .subject = { { "CN", "other" }, { "CN", CODE } } }, "proof.code",
		CHECK_REFUSED, "2 Common Names");
	judged(&(struct forgery){ .subject = { { "CN", "other" }, { "OU", CODE } } }, "proof.code",
		CHECK_REFUSED, "'other'");
	judged(&(struct forgery){ .subject = { { "OU", CODE } } }, "proof.code", CHECK_REFUSED,
		"no Common Name");
	judged(&(struct forgery){ .subject = { { "CN", CODE }, { "OU", "x" } }, .shared = 1 },
		"proof.code", CHECK_REFUSED, "shares");
}

static void a_code_in_a_uri_is_alone_and_equal(void **state) {
	static const struct {
		const char *san, *says;
	} bad[] = {
		{ ";subjectAltName=critical,URI:" TOKEN_URI, "critical" },
		{ ";subjectAltName=URI:" TOKEN_URI ",URI:" TOKEN_URI, "2 subject" },
		{ ";subjectAltName=DNS:" CODE, "no URI" },
		{ ";subjectAltName=URI:urn:nerveshub:" CODE, "does not begin" },
		{ ";subjectAltName=URI:" TOKEN_URI "x", "not the code" },
		{ "", "no subject alternative name" },
	};
	char extensions[512];

	(void)state;
	judged_at("nerveshub",
		&(struct forgery){ .extensions = PLAIN ";subjectAltName=URI:" TOKEN_URI }, SOFT_NOW, NULL,
		CHECK_OK, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(extensions, sizeof(extensions), "%s%s", PLAIN, bad[i].san);
		judged_at("nerveshub", &(struct forgery){ .extensions = extensions }, SOFT_NOW,
			"proof.code", CHECK_REFUSED, bad[i].says);
	}
}

static void both_ends_of_the_validity_count(void **state) {
	struct forgery f = { .from = SOFT_NOW - 10, .until = SOFT_NOW + 10 };
	struct forgery token = f;

	(void)state;
	token.extensions = PLAIN ";subjectAltName=URI:" TOKEN_URI;
	judged_at("generic", &f, SOFT_NOW - 10, NULL, CHECK_OK, "");
	judged_at("generic", &f, SOFT_NOW + 10, NULL, CHECK_OK, "");
	judged_at("generic", &f, SOFT_NOW - 11, "proof.validity", CHECK_REFUSED, "not yet valid");
	judged_at("generic", &f, SOFT_NOW + 11, "proof.validity", CHECK_REFUSED, "expired");
	judged_at("nerveshub", &token, SOFT_NOW - 10, "proof.validity", CHECK_REFUSED, "not yet valid");
	judged_at("nerveshub", &token, SOFT_NOW - 9, NULL, CHECK_OK, "");
	judged_at("nerveshub", &token, SOFT_NOW + 10, NULL, CHECK_OK, "");
}

static void the_ca_must_be_valid_too(void **state) {
	struct forgery f = {
		.from = SOFT_NOW - 1000L * SOFT_DAY, .until = SOFT_NOW + 1000L * SOFT_DAY
	};

	(void)state;
	judged_at("generic", &f, SOFT_NOW, NULL, CHECK_OK, "");
	judged_at("generic", &f, SOFT_NOW + 400L * SOFT_DAY, "proof.ca-validity", CHECK_REFUSED,
		"expired");
	judged_at("generic", &f, SOFT_NOW - 400L * SOFT_DAY, "proof.ca-validity", CHECK_REFUSED,
		"not yet valid");
}

static void a_proof_is_no_ca(void **state) {
	(void)state;
	judged(&(struct forgery){ .extensions = "basicConstraints=critical,CA:TRUE" }, "proof.not-ca",
		CHECK_REFUSED, "CA certificate");
	judged(&(struct forgery){ .extensions = "basicConstraints=critical,CA:TRUE;"
		"keyUsage=critical,keyCertSign" }, "proof.not-ca", CHECK_REFUSED, "CA certificate");
	judged(&(struct forgery){ .extensions = "keyUsage=keyCertSign" }, "proof.not-ca", CHECK_REFUSED,
		"keyCertSign");
	judged(&(struct forgery){ .extensions = "basicConstraints=DER:3000;basicConstraints=CA:FALSE" },
		"proof.not-ca", CHECK_REFUSED, "cannot be read");
	judged(&(struct forgery){ .extensions = "basicConstraints=DER:0500" }, "proof.not-ca",
		CHECK_REFUSED, "cannot be read");
	judged(&(struct forgery){ .extensions = "" }, "proof.not-ca", CHECK_WARNING, "CA:FALSE");
	judged(&(struct forgery){ .no_key = 1 }, "proof.key", CHECK_REFUSED, "cannot be read");
	judged(&(struct forgery){ .version = 1 }, "proof.version", CHECK_WARNING, "v1");
}

static void what_else_is_told(void **state) {
	(void)state;
	judged(&(struct forgery){ .extensions = PLAIN ";extendedKeyUsage=serverAuth" },
		"proof.extended-key-usage", CHECK_WARNING, "TLS");
	judged(&(struct forgery){ .extensions = PLAIN ";extendedKeyUsage=clientAuth" },
		"proof.extended-key-usage", CHECK_WARNING, "TLS");
	judged(&(struct forgery){ .extensions = PLAIN ";extendedKeyUsage=anyExtendedKeyUsage" },
		"proof.extended-key-usage", CHECK_WARNING, "TLS");
	judged(&(struct forgery){ .digest = EVP_sha1() }, "proof.algorithm", CHECK_REFUSED, "SHA1");
	judged(&(struct forgery){ .digest = EVP_sha224() }, "proof.algorithm", CHECK_WARNING,
		"few platforms");
	judged(&(struct forgery){ .extensions = PLAIN ";1.2.3.4=critical,DER:0500" },
		"proof.extensions", CHECK_REFUSED, "critical");
	judged(&(struct forgery){ .extensions = PLAIN ";1.2.3.4=DER:0500;1.2.3.4=DER:0500" },
		"proof.extensions", CHECK_REFUSED, "twice");
	judged(&(struct forgery){ .extensions = "basicConstraints=CA:FALSE;keyUsage=DER:0500" },
		"proof.extensions", CHECK_REFUSED, "cannot be read");
	judged(&(struct forgery){ .extensions = "basicConstraints=CA:FALSE;"
		"authorityKeyIdentifier=DER:0500" }, "proof.extensions", CHECK_REFUSED, "cannot be read");
	good(&(struct forgery){ .extensions = PLAIN ";1.2.3.4=DER:0500" });
}

/* As many as take a while to compare with each other are not. */
static void extensions_are_few(void **state) {
	char list[4096] = PLAIN;

	(void)state;
	for (int i = 0; i < 97; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), ";1.2.3.%d=DER:0500", i);
	good(&(struct forgery){ .extensions = list });
	strcat(list, ";1.2.4=DER:0500");
	judged(&(struct forgery){ .extensions = list }, "proof.extensions", CHECK_REFUSED, "101");
}

/* Every bit: of the octets to be signed, of the algorithm, of the signature. */
static void no_flipped_bit_passes(void **state) {
	struct bytes der = forge(&(struct forgery){ 0 });

	(void)state;
	for (size_t bit = 0; bit < der.len * 8; bit++) {
		struct checks checks = CHECKS_INIT;
		struct error err = ERROR_INIT;

		der.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		if (checked("generic", CODE, SOFT_NOW, bytes_span(&der), &checks, &err) == CAPROOF_OK &&
			checks_first_refused(&checks) == NULL)
			fail_msg("bit %zu of %zu", bit, der.len * 8);
		checks_clear(&checks);
		der.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	bytes_clear(&der);
}

/* RFC 5280 4.1.1.2: signed as it says outside, by the CA itself, and yet not as it says
 * within. */
static void the_signed_algorithm_is_the_one_that_is_used(void **state) {
	static const unsigned char with_sha256[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2 };
	const struct algorithm algorithm = { SCHEME_ECDSA, DIGEST_SHA256, 0 };
	struct bytes der = forge(&(struct forgery){ 0 }), made = BYTES_INIT, signature;
	const unsigned char *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long)der.len);
	unsigned char *tbs = NULL, *at;
	int len = i2d_re_X509_tbs(cert, &tbs);
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	assert_true(len > 0);
	at = memmem(tbs, (size_t)len, with_sha256, sizeof with_sha256);
	assert_non_null(at);
	at[7] = 3;
	signature = soft_sign(ca_key, "SHA256", 0, span_of(tbs, (size_t)len));
	if (certificate_join(span_of(tbs, (size_t)len), &algorithm, KEY_EC, bytes_span(&signature),
		&made, &err) != CAPROOF_OK ||
		checked("generic", CODE, SOFT_NOW, bytes_span(&made), &checks, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	only(&checks, "proof.signature", CHECK_REFUSED, "does not verify");
	checks_clear(&checks);
	bytes_clear(&signature);
	bytes_clear(&made);
	bytes_clear(&der);
	OPENSSL_free(tbs);
	X509_free(cert);
}

/* The platform's rules for codes and outputs are held against a finished proof as well. */
static void the_platforms_rules_hold(void **state) {
	char code[65];
	struct forgery f = { .subject = { { "CN", code } }, .pss = 1 };
	struct bytes der;
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;
	bool shape = false;

	(void)state;
	memset(code, 'a', 64);
	code[64] = '\0';
	clear_ca();
	set_ca("rsa2048");
	der = forge(&f);
	assert_int_equal(checked("aws-iot", code, SOFT_NOW, bytes_span(&der), &checks, &err),
		CAPROOF_OK);
	assert_string_equal(checks_first_refused(&checks)->id, "output.pss");
	for (size_t i = 0; i < checks.count; i++)
		shape = shape || strcmp(checks.list[i].id, "code.shape") == 0;
	assert_true(shape);
	checks_clear(&checks);
	bytes_clear(&der);
	clear_ca();
	set_ca("p256");
}

/* --- signatures over the code ------------------------------------------------------------ */

static struct bytes line_of(EVP_PKEY *key, const char *code, const char *digest, int pss,
	const char *end) {
	struct bytes signature = soft_sign(key, digest, pss != 0 ? 32 : 0, span_of(code, strlen(code)));
	struct bytes line = { calloc(1, signature.len * 2 + strlen(end) + 1), 0 };

	assert_non_null(line.data);
	line.len = (size_t)EVP_EncodeBlock(line.data, signature.data, (int)signature.len);
	memcpy(line.data + line.len, end, strlen(end));
	line.len += strlen(end);
	bytes_clear(&signature);
	return line;
}

static void line_judged(struct bytes line, const char *wanted, const char *text) {
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	if (checked("cumulocity", CODE, SOFT_NOW, bytes_span(&line), &checks, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	only(&checks, wanted, CHECK_REFUSED, text);
	checks_clear(&checks);
	bytes_clear(&line);
}

/* What OpenSSL calls an error rather than a signature that is not right. */
static void octets_that_are_no_signature(void **state) {
	static const char *const kinds[] = { "rsa2048", "p256", "p384" };
	static const char *const lines[] = { "AAAA\n", "MAAA\n", "MAYCAQECAQE=\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		clear_ca();
		set_ca(kinds[i]);
		for (size_t k = 0; k < 3; k++) {
			struct bytes line = { (unsigned char *)strdup(lines[k]), strlen(lines[k]) };

			line_judged(line, "proof.signature", "does not verify");
		}
	}
}

static void signatures_of_every_kind_of_key(void **state) {
	static const char *const kinds[] = { "rsa2048", "p256", "p384" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		clear_ca();
		set_ca(kinds[i]);
		line_judged(line_of(ca_key, CODE, "SHA256", 0, "\n"), NULL, "");
		line_judged(line_of(ca_key, CODE, "SHA256", 0, ""), NULL, "");
		line_judged(line_of(ca_key, CODE "\n", "SHA256", 0, ""), "proof.signature",
			"does not verify");
		line_judged(line_of(ca_key, "7f3d9a-code", "SHA256", 0, ""), "proof.signature", "verify");
		line_judged(line_of(ca_key, CODE, "SHA384", 0, ""), "output.digest", "SHA-256");
		line_judged(line_of(ca_key, CODE, "SHA256", 0, "\n\n"), "proof.form", "one line");
		line_judged(line_of(ca_key, CODE, "SHA256", 0, "\r\n"), "proof.form", "one line");
		line_judged(line_of(ca_key, CODE, "SHA256", 0, " "), "proof.form", "one line");
	}
	clear_ca();
	set_ca("rsa2048");
	line_judged(line_of(ca_key, CODE, "SHA256", 1, ""), "output.pss", "PSS");
	clear_ca();
	set_ca("p256");
	line_judged(line_of(other_key, CODE, "SHA256", 0, ""), "proof.signature", "verify");
}

static void unreadable(const char *platform, const char *code, const void *data, size_t len,
	enum error_id id) {
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	assert_int_not_equal(checked(platform, code, SOFT_NOW, span_of(data, len), &checks, &err),
		CAPROOF_OK);
	assert_int_equal(err.id, id);
	checks_clear(&checks);
}

/* Where no file comes first, in which they would be seen. */
static void octets_behind_a_certificate_are_refused(void **state) {
	struct bytes der = forge(&(struct forgery){ 0 });
	struct verify_input input = { ca, NULL, CODE, SOFT_NOW };
	struct checks checks = CHECKS_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	if (platform_load("generic", TEST_SRCDIR "/platforms",
		(struct platform **)(void *)&input.platform, &err) != CAPROOF_OK ||
		bytes_append(&der, "", 1, &err) != CAPROOF_OK)
		fail_msg("%s", err.message);
	assert_int_not_equal(verify_certificate(&input, bytes_span(&der), &checks, &err), CAPROOF_OK);
	assert_int_equal(err.id, ERROR_PROOF_FORMAT);
	unreadable("generic", CODE, der.data, der.len, ERROR_PROOF_FORMAT);
	platform_free((struct platform *)(void *)input.platform);
	bytes_clear(&der);
}

static void what_cannot_be_read_is_no_proof(void **state) {
	struct bytes der = forge(&(struct forgery){ 0 });
	struct bytes line = line_of(ca_key, CODE, "SHA256", 0, "\n");

	(void)state;
	unreadable("generic", CODE, line.data, line.len, ERROR_PROOF_FORMAT);
	unreadable("generic", CODE, der.data, der.len - 1, ERROR_PROOF_FORMAT);
	unreadable("cumulocity", CODE, der.data, der.len, ERROR_PROOF_FORMAT);
	unreadable("cumulocity", CODE, "====", 4, ERROR_PROOF_FORMAT);
	unreadable("cumulocity", CODE, "\n", 1, ERROR_PROOF_FORMAT);
	unreadable("cumulocity", CODE, "QUJD$$$$", 8, ERROR_PROOF_FORMAT);
	unreadable("cumulocity", NULL, line.data, line.len, ERROR_USAGE);
	unreadable("aws-iot-sni-only", NULL, der.data, der.len, ERROR_PLATFORM_NO_PROOF);
	bytes_clear(&der);
	bytes_clear(&line);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(somebody_elses_good_proof_passes),
		cmocka_unit_test(the_key_is_what_counts),
		cmocka_unit_test(the_key_identifier_is_the_cas),
		cmocka_unit_test(the_code_is_alone_and_equal),
		cmocka_unit_test(a_code_in_a_uri_is_alone_and_equal),
		cmocka_unit_test(both_ends_of_the_validity_count),
		cmocka_unit_test(the_ca_must_be_valid_too),
		cmocka_unit_test(a_proof_is_no_ca),
		cmocka_unit_test(what_else_is_told),
		cmocka_unit_test(extensions_are_few),
		cmocka_unit_test(no_flipped_bit_passes),
		cmocka_unit_test(the_signed_algorithm_is_the_one_that_is_used),
		cmocka_unit_test(the_platforms_rules_hold),
		cmocka_unit_test(octets_that_are_no_signature),
		cmocka_unit_test(signatures_of_every_kind_of_key),
		cmocka_unit_test(octets_behind_a_certificate_are_refused),
		cmocka_unit_test(what_cannot_be_read_is_no_proof),
	};

	return cmocka_run_group_tests_name("verify", tests, setup, teardown);
}
