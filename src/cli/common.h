/* SPDX-License-Identifier: Apache-2.0
 *
 * The options that every command which signs has, parsed in one place: platform, key,
 * module, PIN, output, times, serial number.
 */
#ifndef CAPROOF_CLI_COMMON_H
#define CAPROOF_CLI_COMMON_H

#include <time.h>

#include "base/algorithm.h"
#include "base/file.h"
#include "base/form.h"
#include "pin.h"
#include "token/uri.h"
#include "x509/tbs.h"

/* The values as options_parse gave them; NULL: not given. */
struct common_values {
	const char *command;
	const char *platform, *key, *module, *pin, *out, *outform, *days, *not_before, *not_after;
	const char *hash, *serial, *timeout;
	bool pss, force, allow_final_try, dry_run, json, quiet, verbose;
};

/* Texts are borrowed from the values. */
struct common_options {
	const char *command, *platform, *out, *module_option;
	struct uri *key;            /* NULL when not given */
	struct pin_source pin;
	bool pem, force, allow_final_try, dry_run, json;
	enum digest digest;         /* DIGEST_NONE: by the key */
	bool pss;
	unsigned char serial[SERIAL_MAX];
	size_t serial_len;          /* 0: random */
	time_t now, not_before, not_after; /* the last two may be PLAN_DEFAULT */
	unsigned timeout;           /* seconds; 0: none */
};

/* Also sets up the report.  On failure OUT is cleared.  Errors: usage.*, pin.*. */
NODISCARD enum caproof_status common_options_parse(const struct common_values *values,
	struct common_options *out, struct error *err);
void common_options_clear(struct common_options *options);

/* "the value of '--OPTION' is not WANTED". */
enum caproof_status common_bad_value(const char *command, const char *option, const char *wanted,
	struct error *err);
/* Two options that cannot both be meant, or one that is missing. */
enum caproof_status common_conflict(const char *what, const char *hint, struct error *err);
/* Refuse an output that would replace one of COUNT input files; KEY_OUT may be NULL, and so
 * may be names that were not given. */
NODISCARD enum caproof_status common_spare_inputs(const struct output *out,
	const struct output *key_out, const char *const *inputs, size_t count, struct error *err);
/* What --outform says of the output OUT: FORM may be NULL. */
bool common_is_pem(const char *form, const char *out);
/* The code is given once, and STDIN_USERS inputs that come from standard input are one at most. */
NODISCARD enum caproof_status common_code(const char *code, const char *file,
	unsigned stdin_users, struct error *err);
/* The time in VALUE (RFC 3339), when there is one. */
NODISCARD enum caproof_status common_time(const char *command, const char *option,
	const char *value, time_t *out, struct error *err);
/* Text for a record, when there is some: UTF-8 of 1 to 4096 octets, nothing invisible in it. */
NODISCARD enum caproof_status common_text(const char *command, const char *option,
	const char *value, struct error *err);
/* A SHA-256: 64 lower-case hexadecimal digits. */
NODISCARD enum caproof_status common_sha256(const char *command, const char *option,
	const char *value, struct error *err);
/* "p256" and so on, the CA's own only with TAKE_CA. */
NODISCARD enum caproof_status common_subject_key(const char *command, const char *value,
	bool take_ca, enum subject_key *out, struct error *err);

#endif
