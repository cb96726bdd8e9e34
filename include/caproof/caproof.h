/* SPDX-License-Identifier: Apache-2.0
 *
 * libcaproof: prove possession of a certificate authority's private key that never leaves
 * its PKCS#11 token.
 *
 * A proof is made in three steps: a plan (the platform's rules hold, and here are the exact
 * octets to be signed), a token that is found without its PIN, and the signature, sealed into
 * a proof that has been verified before it is handed over.  Finished proofs, whoever made
 * them, and CA certificates are held against the same rules.
 *
 * What the library refuses to do: it prints nothing, ends nothing, reads no environment, opens
 * no connection, writes no file, and creates, changes or deletes nothing in a token.
 *
 * Threads.  A context and whatever was made with it are one thread's at a time; different
 * contexts may be used at the same time, on the same token too.  The library keeps two
 * things for the whole process: which PKCS#11 modules its contexts have in use, because a module
 * is initialised once a process (PKCS#11 2.40, 5.4), and an OpenSSL library context without
 * algorithms, in which certificates are read.  Within a callback the context that called
 * it must not be used (CAPROOF_USAGE), nor what the call was given be freed.  A fork has no PIN
 * of its parent's: it finds its token itself.
 *
 * Pointers.  NULL is no argument where nothing else is said: a function then returns
 * CAPROOF_USAGE, an accessor NULL, 0 or the first value of its type.  Every *_free takes NULL.
 * Texts are UTF-8, end with NUL, are safe to show on a terminal, and belong to the object that
 * they were asked of, until that is freed.  Objects may be freed in any order.
 *
 * Times are seconds since 1970-01-01T00:00:00Z.
 */
#ifndef CAPROOF_CAPROOF_H
#define CAPROOF_CAPROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CAPROOF_API __attribute__((visibility("default")))
#define CAPROOF_RESULT CAPROOF_API __attribute__((warn_unused_result))
#else
#define CAPROOF_API
#define CAPROOF_RESULT
#endif

/* How an operation ended.  The values are the tool's exit codes. */
enum caproof_status {
	CAPROOF_OK = 0,
	CAPROOF_UNEXPECTED = 1,  /* a bug, or no memory */
	CAPROOF_USAGE = 2,       /* the call, or the tool's command line, is wrong */
	CAPROOF_INPUT = 3,       /* an input, or a platform's rule, refuses */
	CAPROOF_DEVICE = 4,      /* no module, no token, or the device failed */
	CAPROOF_PIN = 5,         /* no PIN, a wrong or locked one, a last try */
	CAPROOF_KEY = 6,         /* none, several, not the CA's, or unable */
	CAPROOF_OUTPUT = 7,      /* cannot be written, or exists (the tool) */
	CAPROOF_UNVERIFIED = 8,  /* a signature or a proof does not verify */
	CAPROOF_GATE = 9,        /* a ceremony's gate is shut (the tool) */
	CAPROOF_INTERRUPTED = 130 /* the progress callback said so */
};

struct caproof;          /* a context: settings, callbacks, the last error */
struct caproof_error;
struct caproof_ca;       /* a CA certificate */
struct caproof_platform; /* whose rules hold, from one rule file */
struct caproof_checks;   /* what was held against what */
struct caproof_plan;     /* the octets to be signed */
struct caproof_token;    /* a token, and in it the CA's key */
struct caproof_proof;    /* what is to be uploaded */

/* The version of the library, "MAJOR.MINOR.PATCH".  Static. */
CAPROOF_API const char *caproof_version(void);

/* --- context ---------------------------------------------------------------------------- */

/* A context without callbacks: p11-kit's proxy as the module, the installed rule files.
 * NULL: no memory.  For caproof_free. */
CAPROOF_API struct caproof *caproof_new(void);
CAPROOF_API void caproof_free(struct caproof *c);

/* The PKCS#11 module for what is found from now on: a path, copied; NULL: p11-kit's proxy. */
CAPROOF_RESULT enum caproof_status caproof_set_module(struct caproof *c, const char *path);

/* The folder of rule files that platforms are looked up in by name: a path, copied; NULL: the
 * installed one. */
CAPROOF_RESULT enum caproof_status caproof_set_platforms(struct caproof *c, const char *folder);

/* What is told to whoever is asked for a PIN.  Borrowed for the call; members may be added at
 * the end. */
struct caproof_pin_prompt {
	const char *token;  /* the token's label */
	const char *serial; /* the token's serial number */
	const char *key;    /* the key's label or id, NULL when not known yet */
	bool few_tries;     /* the token says that a wrong PIN was given lately */
	bool final_try;     /* one wrong PIN will lock the token */
	bool pin_pad;       /* nothing to return: the reader asks by itself */
};

/* Puts the PIN into PIN, which has room for SIZE octets (1024) and is wiped by the library, and
 * its length, in octets and without a final NUL, into *LENGTH.  False: there is none; the
 * operation then ends with pin.none, and no try is spent.  A PIN is asked for once in a token's
 * life, and again only where the key wants one for each signature (PKCS#11 2.40, 5.13) and a
 * PIN pad takes it.  With a PIN pad PIN is NULL, and the callback only tells the person to go
 * there.  ARG is what was given with the callback. */
typedef bool (*caproof_pin_callback)(void *arg, const struct caproof_pin_prompt *prompt,
	char *pin, size_t size, size_t *length);

/* Who is asked, for tokens found from now on.  NULL, the default: there is no PIN. */
CAPROOF_API void caproof_set_pin(struct caproof *c, caproof_pin_callback ask, void *arg);

/* Whether a token may be logged in to that says that one wrong PIN will lock it
 * (CKF_USER_PIN_FINAL_TRY).  The default is false: pin.final-try. */
CAPROOF_API void caproof_set_final_try(struct caproof *c, bool allowed);

/* Before what may take a while, in this order. */
enum caproof_stage {
	CAPROOF_STAGE_MODULE, /* the module is loaded and initialised */
	CAPROOF_STAGE_FIND,   /* tokens and public objects are looked at */
	CAPROOF_STAGE_LOGIN,  /* a PIN, where one is needed, and the private key */
	CAPROOF_STAGE_SIGN,   /* the token signs, and may want to be touched */
	CAPROOF_STAGE_SEAL    /* signed: the proof is put together and verified */
};

/* Told before each stage.  False: stop here, with CAPROOF_INTERRUPTED.  Later versions may have
 * more stages.  A call into a module that hangs is not interrupted. */
typedef bool (*caproof_progress_callback)(void *arg, enum caproof_stage stage);

/* Who is told, of tokens found from now on.  NULL, the default: nobody. */
CAPROOF_API void caproof_set_progress(struct caproof *c, caproof_progress_callback tell,
	void *arg);

/* --- errors ------------------------------------------------------------------------------ */

/* Why the last call with this context that returned a status failed; it belongs to the context
 * and is good until the next such call.  NULL for NULL. */
CAPROOF_API const struct caproof_error *caproof_get0_error(const struct caproof *c);

CAPROOF_API enum caproof_status caproof_error_status(const struct caproof_error *error);
/* A name for programs, "pin.incorrect"; "none" when nothing failed.  libcaproof(3) lists them;
 * none will change its meaning. */
CAPROOF_API const char *caproof_error_id(const struct caproof_error *error);
/* A sentence for people, lower case, without a full stop; "" when nothing failed.  It never
 * holds a PIN. */
CAPROOF_API const char *caproof_error_message(const struct caproof_error *error);
/* What to do next, in the tool's words where the tool has some; may be "", may have lines. */
CAPROOF_API const char *caproof_error_hint(const struct caproof_error *error);
/* The module's return value or OpenSSL's, for a log; may be "". */
CAPROOF_API const char *caproof_error_detail(const struct caproof_error *error);

/* --- CA certificate and platform --------------------------------------------------------- */

/* Read the CA certificate, one in PEM or DER (RFC 5280), from SIZE octets at DATA, or from the
 * file PATH, 16 MiB at most.  NAME stands for the file in messages and in rules about file
 * names.  *OUT, for caproof_ca_free, is NULL on failure.  Errors: ca.format, ca.several,
 * ca.private-key, ca.key; of a file input.read, input.empty, input.too-large. */
CAPROOF_RESULT enum caproof_status caproof_ca_read(struct caproof *c, const void *data,
	size_t size, const char *name, struct caproof_ca **out);
CAPROOF_RESULT enum caproof_status caproof_ca_load(struct caproof *c, const char *path,
	struct caproof_ca **out);
CAPROOF_API void caproof_ca_free(struct caproof_ca *ca);

/* The subject, as in RFC 4514. */
CAPROOF_API const char *caproof_ca_subject(const struct caproof_ca *ca);
/* SHA-256 of the DER, 64 digits of lower-case hex. */
CAPROOF_API const char *caproof_ca_sha256(const struct caproof_ca *ca);

/* What a platform wants as proof. */
enum caproof_form {
	CAPROOF_FORM_CERTIFICATE_CN,      /* a certificate, the code its Common Name */
	CAPROOF_FORM_CERTIFICATE_SAN_URI, /* a certificate, the code in a URI (RFC 5280, 4.2.1.6) */
	CAPROOF_FORM_SIGNATURE,           /* one line of base64: a signature over the code */
	CAPROOF_FORM_NONE                 /* nothing */
};

/* Load the platform NAME, "generic" for instance; a name with a slash in it is the path of a rule
 * file.  *OUT, for caproof_platform_free, is NULL on failure.  Errors: platform.unknown (the
 * hint lists those there are), platform.file, input.*. */
CAPROOF_RESULT enum caproof_status caproof_platform_load(struct caproof *c, const char *name,
	struct caproof_platform **out);
CAPROOF_API void caproof_platform_free(struct caproof_platform *platform);

CAPROOF_API const char *caproof_platform_name(const struct caproof_platform *platform);
CAPROOF_API const char *caproof_platform_title(const struct caproof_platform *platform);
CAPROOF_API enum caproof_form caproof_platform_form(const struct caproof_platform *platform);

/* --- checks ------------------------------------------------------------------------------ */

enum caproof_result { CAPROOF_CHECK_OK, CAPROOF_CHECK_WARNING, CAPROOF_CHECK_REFUSED };

/* One rule, held against one thing.  Members may be added at the end. */
struct caproof_check {
	const char *id;      /* for programs, "ca.expires-soon"; unique in its list */
	enum caproof_result result;
	const char *message; /* what was found */
	const char *source;  /* where the rule is written; NULL: nowhere */
	const char *way_out; /* what to do when it does not hold; NULL: nothing is known */
};

CAPROOF_API size_t caproof_checks_count(const struct caproof_checks *checks);
/* The one at INDEX, from 0; NULL at the end. */
CAPROOF_API const struct caproof_check *caproof_checks_get0(const struct caproof_checks *checks,
	size_t index);
/* The worst result in the list. */
CAPROOF_API enum caproof_result caproof_checks_result(const struct caproof_checks *checks);
CAPROOF_API void caproof_checks_free(struct caproof_checks *checks);

/* Hold CA against the rules that PLATFORM has for CA certificates, as of the time AT; 0: now.
 * CAPROOF_OK: none refuses, though there may be warnings.  CAPROOF_INPUT with the error `rule':
 * one does.  In both cases *CHECKS, unless CHECKS is NULL, has all of them, whether they hold or
 * not, for caproof_checks_free; otherwise it is NULL. */
CAPROOF_RESULT enum caproof_status caproof_check_ca(struct caproof *c,
	const struct caproof_ca *ca, const struct caproof_platform *platform, time_t at,
	struct caproof_checks **checks);

/* --- plan --------------------------------------------------------------------------------- */

/* The public key in a proof that is a certificate, when no request brings one. */
enum caproof_subject_key {
	CAPROOF_SUBJECT_KEY_DEFAULT, /* as the platform has it */
	CAPROOF_SUBJECT_KEY_P256,    /* a fresh key pair, whose private half is wiped */
	CAPROOF_SUBJECT_KEY_RSA2048,
	CAPROOF_SUBJECT_KEY_RSA3072,
	CAPROOF_SUBJECT_KEY_CA       /* the CA's own public key */
};

enum caproof_hash {
	CAPROOF_HASH_DEFAULT, /* by the key: SHA-256, SHA-384 for P-384, SHA-512 for P-521 */
	CAPROOF_HASH_SHA256,
	CAPROOF_HASH_SHA384,
	CAPROOF_HASH_SHA512
};

/* What a proof is to be.  Zero means "not given" in every member but the first, so a
 * program sets the others to zero and then what it has.  Members may be added at the end. */
struct caproof_plan_input {
	size_t size;            /* sizeof(struct caproof_plan_input) */
	const struct caproof_ca *ca;             /* required */
	const struct caproof_platform *platform; /* required */
	const char *code;       /* what the platform shows; white space at its ends is dropped */
	const void *request;    /* a request (PKCS#10, RFC 2986), PEM or DER, whose key is taken; */
	size_t request_size;    /* its octets.  A code or a request or both are required */
	time_t code_issued;     /* when the platform showed the code: its age is then checked */
	time_t now;             /* the time to plan for; 0: this machine's clock */
	time_t not_before;      /* validity (RFC 5280, 4.1.2.5); 0: a day before now */
	time_t not_after;       /* 0: seven days after now; never past the CA's own */
	const void *serial;     /* serial number, big-endian and positive (RFC 5280, 4.1.2.2); */
	size_t serial_size;     /* 1 to 20 octets; 0: 16 random ones */
	enum caproof_subject_key subject_key;
	enum caproof_hash hash; /* for EdDSA the default only */
	bool pss;               /* RSASSA-PSS (RFC 8017) instead of PKCS#1 v1.5 */
	bool der;               /* a certificate as DER instead of PEM */
	const char *file_name;  /* under which it will be uploaded, for rules about names */
};

/* Hold CA, code and request against the platform's rules, and make the octets to be signed.  No
 * token is touched.  Everything is copied, or kept as long as the plan is.  *OUT, for
 * caproof_plan_free, is NULL on failure.  Where a rule refuses, *REFUSED has all the checks so
 * far, for caproof_checks_free; otherwise, and when REFUSED is not NULL, it is NULL.
 * Errors: rule, code, csr.*, ca.key, validity, platform.no-proof; usage. */
CAPROOF_RESULT enum caproof_status caproof_plan_make(struct caproof *c,
	const struct caproof_plan_input *input, struct caproof_plan **out,
	struct caproof_checks **refused);
CAPROOF_API void caproof_plan_free(struct caproof_plan *plan);

/* The exact octets that the CA's key will sign, *SIZE of them: a DER TBSCertificate
 * (RFC 5280, 4.1), or the code itself. */
CAPROOF_API const void *caproof_plan_octets(const struct caproof_plan *plan, size_t *size);
/* The code, without white space at its ends. */
CAPROOF_API const char *caproof_plan_code(const struct caproof_plan *plan);
/* Lower-case hex; NULL for a signature, which has none. */
CAPROOF_API const char *caproof_plan_serial(const struct caproof_plan *plan);
/* 0 for a signature, which has none. */
CAPROOF_API time_t caproof_plan_not_before(const struct caproof_plan *plan);
CAPROOF_API time_t caproof_plan_not_after(const struct caproof_plan *plan);
/* Every rule that was held against the inputs; none refuses, some may warn. */
CAPROOF_API const struct caproof_checks *caproof_plan_get0_checks(
	const struct caproof_plan *plan);

/* --- token and proof ----------------------------------------------------------------------- */

/* Find the token that holds the private key of PLAN's CA, and everything that can be known of
 * it without a login; no PIN is used.  KEY: a PKCS#11 URI (RFC 7512) where the match would not
 * be unique, without pin-value and pin-source; or NULL.  *OUT, for caproof_token_free, is NULL
 * on failure.  Errors: module.load, module.init, token.none, token.missing, token.several,
 * key.none, key.several (the hint has their URIs), key.foreign, key.unable, pin.locked,
 * pin.final-try, pin.state, device, usage.uri, interrupted. */
CAPROOF_RESULT enum caproof_status caproof_token_find(struct caproof *c,
	const struct caproof_plan *plan, const char *key, struct caproof_token **out);
/* Closes the session, which logs out where it was the last of this process; the last user of a
 * module finalises it, unless the program had initialised it before. */
CAPROOF_API void caproof_token_free(struct caproof_token *token);

CAPROOF_API const char *caproof_token_label(const struct caproof_token *token);
CAPROOF_API const char *caproof_token_serial(const struct caproof_token *token);
/* The key's PKCS#11 URI; NULL while it is not known, which may be until the first proof. */
CAPROOF_API const char *caproof_token_key(const struct caproof_token *token);

/* Log in to TOKEN, the first time, sign PLAN's octets, put the proof together, verify it with the
 * public key of the CA certificate, and hold it against the platform's form.  One
 * C_Login(CKU_USER) is made in a token's life, a second one only after the device lost the
 * session of an accepted first: after a failed login every further call fails, with usage.
 * PLAN is of the same CA and is signed the same way as the one that TOKEN was found for.  *OUT,
 * for caproof_proof_free, is NULL on failure.  Errors: pin.*, key.*, device, signature, proof,
 * validity, interrupted, usage. */
CAPROOF_RESULT enum caproof_status caproof_prove(struct caproof *c, struct caproof_token *token,
	const struct caproof_plan *plan, struct caproof_proof **out);
CAPROOF_API void caproof_proof_free(struct caproof_proof *proof);

/* What is to be uploaded, *SIZE octets: a certificate in PEM or DER, or a line of base64 with
 * its final newline.  PEM and base64 are followed by a NUL that is not counted. */
CAPROOF_API const void *caproof_proof_octets(const struct caproof_proof *proof, size_t *size);
/* SHA-256 of the DER, or of the signature's octets: 64 digits of lower-case hex. */
CAPROOF_API const char *caproof_proof_sha256(const struct caproof_proof *proof);
/* Every check that the finished proof has passed. */
CAPROOF_API const struct caproof_checks *caproof_proof_get0_checks(
	const struct caproof_proof *proof);

/* Hold a finished proof, SIZE octets at DATA, against CA, PLATFORM and CODE as the platform's
 * own server will, as of the time AT; 0: now.  CODE is compared octet by octet; NULL: it is not
 * compared, which a proof that is a signature does not allow.  NAME stands for the proof's file
 * in messages.  No chain is built: the key of this very CA certificate signed it, or not.
 * CAPROOF_OK: nothing refuses.  CAPROOF_UNVERIFIED with the error `proof': something does.
 * In both cases *CHECKS, unless CHECKS is NULL, has all checks, for caproof_checks_free;
 * otherwise it is NULL.  Errors besides: proof.format, ca.private-key, platform.no-proof, usage. */
CAPROOF_RESULT enum caproof_status caproof_verify(struct caproof *c, const struct caproof_ca *ca,
	const struct caproof_platform *platform, const char *code, const void *data, size_t size,
	const char *name, time_t at, struct caproof_checks **checks);

#ifdef __cplusplus
}
#endif

#endif
