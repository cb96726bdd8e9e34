/* SPDX-License-Identifier: Apache-2.0
 *
 * A platform: whose rules a proof must meet, read from one JSON rule file.
 *
 * A rule file may be hostile: it is read strictly (unknown or duplicate keys, wrong
 * types, absurd sizes are refused with file, line and key) and can only sharpen what
 * holds everywhere, never soften it.
 */
#ifndef CAPROOF_PLATFORM_PLATFORM_H
#define CAPROOF_PLATFORM_PLATFORM_H

#include <time.h>

#include "base/algorithm.h"
#include "base/checks.h"
#include "base/facts.h"
#include "base/form.h"

struct platform;

/* NAME with a slash in it is a path to a rule file, otherwise it is DIRECTORY/NAME.json
 * and the file must call itself NAME.  Errors: platform.unknown (lists the names there
 * are, the nearest one first), platform.file (file, line and key), input.*. */
NODISCARD enum caproof_status platform_load(const char *name, const char *directory,
	struct platform **out, struct error *err);
void platform_free(struct platform *platform);

const char *platform_name(const struct platform *platform);
const char *platform_title(const struct platform *platform);
enum proof_form platform_form(const struct platform *platform);
enum subject_key platform_subject_key(const struct platform *platform);
/* FORM_CERTIFICATE_SAN_URI: what stands before the code, "urn:nerveshub:verify:". */
const char *platform_san_prefix(const struct platform *platform);
/* The longest code the form can carry, in octets. */
size_t platform_code_max(const struct platform *platform);
/* Seconds that a code lives; 0: not published. */
long platform_code_lifetime(const struct platform *platform);
/* Seconds after which that is a warning: the platform may already refuse it, or the end is
 * near.  Never more than the lifetime; 0: not published. */
long platform_code_warn_after(const struct platform *platform);
/* The lifetime in words ("7 days", "not published"): never NULL. */
const char *platform_code_lifetime_text(const struct platform *platform);
/* How to get a new code; NULL when there is nothing to say. */
const char *platform_code_renewal(const struct platform *platform);
/* Whether the platform refuses what is valid from this very second on; everybody else
 * includes both ends of a validity (RFC 5280 4.1.2.5). */
bool platform_strict_not_before(const struct platform *platform);
/* The hash to use where nobody asked for one: WANTED, the key's own, unless the platform
 * takes others only. */
enum digest platform_digest(const struct platform *platform, enum digest wanted);

/* --- rules; each appends all its checks, whether they hold or not ------------------
 * A rule that does not hold is a check with CHECK_REFUSED, never an error: an error
 * is only CAPROOF_UNEXPECTED.  Callers decide with checks_first_refused(). */

/* The CA certificate and its file ("Everywhere" and the platform's own), at NOW. */
NODISCARD enum caproof_status platform_check_ca(const struct platform *platform,
	const struct ca_facts *facts, time_t now, struct checks *checks, struct error *err);

/* The code: LEN octets of CODE, white space at its ends already dropped.  ISSUED: when
 * the platform showed it, or (time_t)-1 when not told. */
NODISCARD enum caproof_status platform_check_code(const struct platform *platform,
	const char *code, size_t len, time_t issued, time_t now, struct checks *checks,
	struct error *err);

/* What holds for the codes of every platform with this form, whatever today's rule files say:
 * for codes that were planned earlier or elsewhere. */
NODISCARD enum caproof_status platform_check_any_code(const char *code, size_t len,
	enum proof_form form, struct checks *checks, struct error *err);

/* The algorithm, and the name and encoding of the output ("-": standard output). */
NODISCARD enum caproof_status platform_check_output(const struct platform *platform,
	const struct algorithm *algorithm, const char *out_name, bool pem,
	struct checks *checks, struct error *err);

/* --- for people: what is known of a platform --------------------------------------- */

struct platform_rule {
	const char *id;
	enum check_result severity;  /* what it is when it does not hold; never CHECK_OK */
	const char *sentence, *why;
	const char *source;          /* never NULL; says when it is inferred */
	const char *way_out;
	bool own;                    /* from the platform's file; false: holds everywhere */
	const char *parameter;       /* "at most 65536 octets"; NULL: none */
};

/* Call EACH for every rule of the platform, in the order of the checks.  What RULE points
 * to is good for the call only, but for the id, which is static. */
void platform_each_rule(const struct platform *platform,
	void (*each)(void *arg, const struct platform_rule *rule), void *arg);

/* The documents that the rules were taken from, as cited; INDEX from 0, NULL at the end.
 * Returns BUF. */
const char *platform_source(const struct platform *platform, size_t index, char *buf,
	size_t size);
/* What to know before starting; INDEX from 0, NULL at the end. */
const char *platform_note(const struct platform *platform, size_t index);

const char *proof_form_name(enum proof_form form);   /* "certificate-cn" */
const char *subject_key_name(enum subject_key key);  /* "rsa2048" */

/* The names of the rule files in DIRECTORY, sorted, NULL-terminated; free with
 * platform_free_steps.  The files are not read.  Errors: input.read. */
NODISCARD enum caproof_status platform_list(const char *directory, char ***out,
	struct error *err);

/* --- next steps --------------------------------------------------------------------- */

struct platform_values {
	/* Inserted quoted for the shell, file names that begin with a dash behind "./".  What
	 * has no name (NULL, "-", a PKCS#11 URI) stands there as CA_FILE, PROOF_FILE, CODE. */
	const char *ca_file, *proof_file, *code, *ca_sha256;
};

/* What to type or click next, with the real names filled in: a NULL-terminated list,
 * freed with platform_free_steps. */
NODISCARD enum caproof_status platform_next_steps(const struct platform *platform,
	const struct platform_values *values, char ***out, struct error *err);
void platform_free_steps(char **steps);

#endif
