/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `caproof sign`: one table, parsed strictly, and what they mean together.
 */
#include "sign.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report.h"

enum option {
#define OPTION(symbol, name, letter, argument, help) symbol,
#include "sign_options.def"
#undef OPTION
};

static const struct option_spec table[] = {
#define OPTION(symbol, name, letter, argument, help) [symbol] = { name, letter, argument, help },
#include "sign_options.def"
#undef OPTION
	OPTION_END
};

const struct command_line sign_command_line = {
	"-c CA (--code CODE | --code-file FILE | --csr FILE) [OPTION...]",
	"Makes the proof that a CA is yours: a verification certificate for the platform's code,\n"
	"signed by the CA's private key inside its PKCS#11 token.\n\n"
	"Example:\n"
	"  caproof sign -c rootCA.pem --code 7f3d9a -p quectel -m /usr/lib/softhsm/libsofthsm2.so \\\n"
	"      -o verification.pem\n\n"
	"Exit codes: 0 done, 2 command line, 3 input or rule, 4 module or token, 5 PIN, 6 key,\n"
	"7 output, 8 the signature does not verify, 130 and 143 interrupted.  See caproof(1).",
	table, 0, 0
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= SIGN_OPTION_COUNT, "room for every value");

static enum caproof_status bad_value(enum option option, const char *wanted, struct error *err) {
	error_set(err, ERROR_USAGE, "the value of '--%s' is not %s", table[option].name, wanted);
	error_hint(err, "'caproof sign --help' lists the options");
	return error_status(err);
}

static enum caproof_status conflict(const char *what, const char *hint, struct error *err) {
	error_set(err, ERROR_USAGE, "%s", what);
	error_hint(err, "%s", hint);
	return error_status(err);
}

static enum caproof_status parse_time(char **values, enum option option, time_t *out,
	struct error *err) {
	if (values[option] == NULL)
		return CAPROOF_OK;
	if (text_time_parse(values[option], out))
		return CAPROOF_OK;
	return bad_value(option, "a time in the form 2026-12-31T23:59:59Z", err);
}

static enum caproof_status parse_times(char **values, struct sign_options *o, struct error *err) {
	uint64_t days;
	enum caproof_status status;

	o->code_issued = o->not_before = o->not_after = PLAN_DEFAULT;
	if ((status = parse_time(values, NOT_BEFORE, &o->not_before, err)) != CAPROOF_OK ||
		(status = parse_time(values, NOT_AFTER, &o->not_after, err)) != CAPROOF_OK ||
		(status = parse_time(values, CODE_ISSUED, &o->code_issued, err)) != CAPROOF_OK)
		return status;
	if (values[DAYS] == NULL)
		return CAPROOF_OK;
	if (values[NOT_AFTER] != NULL)
		return conflict("'--days' and '--not-after' both say when the proof ends", "give one of them",
			err);
	if (!text_number(values[DAYS], 1, 36500, &days))
		return bad_value(DAYS, "a number of days from 1 to 36500", err);
	o->not_after = o->now + (time_t)days * 24 * 60 * 60;
	return CAPROOF_OK;
}

/* RFC 5280 4.1.2.2: a positive integer of at most 20 octets. */
static enum caproof_status parse_serial(const char *text, struct sign_options *o,
	struct error *err) {
	struct bytes octets = BYTES_INIT;
	size_t skip = 0;
	bool good;

	if (text == NULL)
		return CAPROOF_OK;
	good = text_unhex(text, &octets);
	while (good && skip < octets.len && octets.data[skip] == 0)
		skip++;
	o->serial_len = octets.len - skip;
	good = good && o->serial_len > 0 && o->serial_len <= SERIAL_MAX &&
		!(o->serial_len == SERIAL_MAX && (octets.data[skip] & 0x80) != 0);
	if (good)
		memcpy(o->serial, octets.data + skip, o->serial_len);
	bytes_clear(&octets);
	return good ? CAPROOF_OK :
		bad_value(SERIAL, "a positive number of at most 20 octets in hexadecimal", err);
}

static enum caproof_status parse_subject_key(const char *text, struct sign_options *o,
	struct error *err) {
	static const char *const names[] = { [SUBJECT_KEY_P256] = "p256",
		[SUBJECT_KEY_RSA2048] = "rsa2048", [SUBJECT_KEY_RSA3072] = "rsa3072",
		[SUBJECT_KEY_CA] = "ca" };

	for (enum subject_key k = SUBJECT_KEY_P256; text != NULL && k <= SUBJECT_KEY_CA; k++) {
		if (strcmp(text, names[k]) == 0) {
			o->subject_key = k;
			o->subject_key_given = true;
			return CAPROOF_OK;
		}
	}
	return text == NULL ? CAPROOF_OK :
		bad_value(SUBJECT_KEY, "one of p256, rsa2048, rsa3072 and ca", err);
}

static bool ends_with(const char *text, const char *end) {
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static enum caproof_status parse_outform(char **values, struct sign_options *o,
	struct error *err) {
	const char *form = values[OUTFORM];

	o->pem = form != NULL ? strcmp(form, "pem") == 0 : !ends_with(o->out, ".der");
	if (form != NULL && strcmp(form, "pem") != 0 && strcmp(form, "der") != 0)
		return bad_value(OUTFORM, "pem or der", err);
	return CAPROOF_OK;
}

static enum caproof_status parse_uris(char **values, struct sign_options *o, struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	if (values[KEY] != NULL)
		status = uri_parse(values[KEY], URI_COMMAND_LINE, &o->key, err);
	if (status == CAPROOF_OK && o->key != NULL && uri_type(o->key) != CKO_PRIVATE_KEY &&
		uri_type(o->key) != (CK_OBJECT_CLASS)-1) {
		error_set(err, ERROR_USAGE_URI, "the URI of '--key' names another kind of object than a "
			"private key");
		error_hint(err, "change its type to type=private, or leave type out");
		return error_status(err);
	}
	if (status == CAPROOF_OK && o->ca != NULL && uri_is_uri(o->ca))
		status = uri_parse(o->ca, URI_COMMAND_LINE, &o->ca_uri, err);
	return status;
}

static enum caproof_status parse_pin(char **values, struct sign_options *o, struct error *err) {
	const char *source = o->key != NULL ? uri_pin_source(o->key) : NULL;

	if (source != NULL && values[PIN] != NULL)
		return conflict("'--pin' and the pin-source of the key's URI both say where the PIN is",
			"give one of them", err);
	if (source != NULL)
		return pin_source_file(source, &o->pin, err);
	return pin_source_parse(values[PIN], &o->pin, err);
}

static enum caproof_status check_inputs(const struct sign_options *o, struct error *err) {
	unsigned stdin_users = (unsigned)(o->ca != NULL && strcmp(o->ca, "-") == 0) +
		(unsigned)(o->code_file != NULL && strcmp(o->code_file, "-") == 0) +
		(unsigned)(o->csr != NULL && strcmp(o->csr, "-") == 0) +
		(unsigned)pin_uses_stdin(&o->pin);

	if (o->ca == NULL)
		return conflict("no CA certificate was given",
			"name it with --ca; 'caproof sign --help' shows an example", err);
	if (o->code != NULL && o->code_file != NULL)
		return conflict("'--code' and '--code-file' both give a code", "give one of them", err);
	if (o->code == NULL && o->code_file == NULL && o->csr == NULL)
		return conflict("there is nothing to prove: no code and no request was given",
			"give the code that the platform shows with --code", err);
	if (stdin_users > 1)
		return conflict("standard input cannot be read for two things at once",
			"give one of them by a file", err);
	return CAPROOF_OK;
}

static enum caproof_status check_outputs(const struct sign_options *o, struct error *err) {
	if (o->json && !o->dry_run && strcmp(o->out, "-") == 0)
		return conflict("with '--json' standard output is taken: the proof needs a file",
			"name one with --out", err);
	if (o->csr != NULL && (o->subject_key_given || o->key_out != NULL))
		return conflict("with '--csr' the proof's key is the request's: there is no fresh key",
			"leave out --subject-key and --key-out", err);
	if (o->key_out == NULL)
		return CAPROOF_OK;
	if (o->subject_key_given && o->subject_key == SUBJECT_KEY_CA)
		return conflict("with '--subject-key ca' there is no fresh key to keep",
			"leave out --key-out", err);
	if (strcmp(o->key_out, "-") == 0 || strcmp(o->key_out, o->out) == 0)
		return conflict("'--key-out' needs a file of its own", "name another file", err);
	return CAPROOF_OK;
}

static void borrow(char **values, struct sign_options *o) {
	o->values = values;
	o->ca = values[CA];
	o->code = values[CODE];
	o->code_file = values[CODE_FILE];
	o->csr = values[CSR];
	o->platform = values[PLATFORM] != NULL ? values[PLATFORM] : "generic";
	o->module_option = values[MODULE];
	o->out = values[OUT] != NULL ? values[OUT] : "-";
	o->key_out = values[KEY_OUT];
	o->pss = values[PSS] != NULL;
	o->force = values[FORCE] != NULL;
	o->allow_final_try = values[ALLOW_FINAL_TRY] != NULL;
	o->dry_run = values[DRY_RUN] != NULL;
	o->json = values[JSON] != NULL;
}

enum caproof_status sign_options_parse(char **values, struct sign_options *o, struct error *err) {
	uint64_t seconds = 0;
	enum caproof_status status;

	memset(o, 0, sizeof(*o));
	report_setup("sign", values[QUIET] != NULL, values[VERBOSE] != NULL, values[JSON] != NULL);
	o->now = time(NULL);
	borrow(values, o);
	if (values[HASH] != NULL && !digest_parse(values[HASH], &o->digest))
		return bad_value(HASH, "one of sha256, sha384 and sha512", err);
	if (values[TIMEOUT] != NULL && !text_number(values[TIMEOUT], 0, 86400, &seconds))
		return bad_value(TIMEOUT, "a number of seconds from 0 to 86400", err);
	o->timeout = (unsigned)seconds;
	if ((status = parse_uris(values, o, err)) != CAPROOF_OK ||
		(status = parse_pin(values, o, err)) != CAPROOF_OK ||
		(status = parse_times(values, o, err)) != CAPROOF_OK ||
		(status = parse_serial(values[SERIAL], o, err)) != CAPROOF_OK ||
		(status = parse_subject_key(values[SUBJECT_KEY], o, err)) != CAPROOF_OK ||
		(status = parse_outform(values, o, err)) != CAPROOF_OK ||
		(status = check_inputs(o, err)) != CAPROOF_OK ||
		(status = check_outputs(o, err)) != CAPROOF_OK)
		sign_options_clear(o);
	return status;
}

bool sign_wants_help(char **values) {
	return values[HELP] != NULL;
}

void sign_options_clear(struct sign_options *o) {
	uri_free(o->key);
	uri_free(o->ca_uri);
	pin_source_clear(&o->pin);
	o->key = o->ca_uri = NULL;
}
