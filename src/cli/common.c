/* SPDX-License-Identifier: Apache-2.0
 *
 * The options that the signing commands share.  Every value is parsed strictly; a mistake
 * is told before any file is read or any module loaded.
 */
#include "common.h"

#include <string.h>

#include "base/text.h"
#include "plan.h"
#include "report.h"

enum caproof_status common_bad_value(const char *command, const char *option, const char *wanted,
	struct error *err) {
	error_set(err, ERROR_USAGE, "the value of '--%s' is not %s", option, wanted);
	error_hint(err, "'caproof %s --help' lists the options", command);
	return error_status(err);
}

enum caproof_status common_conflict(const char *what, const char *hint, struct error *err) {
	error_set(err, ERROR_USAGE, "%s", what);
	error_hint(err, "%s", hint);
	return error_status(err);
}

enum caproof_status common_spare_inputs(const struct output *out, const struct output *key_out,
	const char *const *inputs, size_t count, struct error *err) {
	for (size_t i = 0; i < count; i++) {
		if (inputs[i] == NULL || (!output_is_file(out, inputs[i]) &&
			(key_out == NULL || !output_is_file(key_out, inputs[i]))))
			continue;
		return common_conflict("an output is the same file as an input of this run",
			"name another file for the output", err);
	}
	return CAPROOF_OK;
}

enum caproof_status common_code(const char *code, const char *file, unsigned stdin_users,
	struct error *err) {
	if (code != NULL && file != NULL)
		return common_conflict("'--code' and '--code-file' both give a code", "give one of them",
			err);
	if (stdin_users > 1)
		return common_conflict("standard input cannot be read for two things at once",
			"give one of them by a file", err);
	return CAPROOF_OK;
}

enum caproof_status common_time(const char *command, const char *option, const char *value,
	time_t *out, struct error *err) {
	if (value == NULL || text_time_parse(value, out))
		return CAPROOF_OK;
	return common_bad_value(command, option, "a time in the form 2026-12-31T23:59:59Z", err);
}

enum caproof_status common_text(const char *command, const char *option, const char *value,
	struct error *err) {
	size_t len = value != NULL ? strlen(value) : 1;
	bool good = len > 0 && len <= 4096 && (value == NULL || text_is_utf8(value, len));

	for (size_t at = 0; value != NULL && good && at < len;)
		good = !text_is_hidden(text_next((const unsigned char *)value, len, &at));
	return good ? CAPROOF_OK : common_bad_value(command, option,
		"one line of at most 4096 octets of UTF-8, without control characters", err);
}

enum caproof_status common_sha256(const char *command, const char *option, const char *value,
	struct error *err) {
	size_t len = strlen(value);

	if (len == 64 && strspn(value, "0123456789abcdef") == 64)
		return CAPROOF_OK;
	common_bad_value(command, option, "64 lower-case hexadecimal digits", err);
	if (len != 64)
		error_hint(err, "it has %zu characters; give it as 'sha256sum' prints it", len);
	return error_status(err);
}

static enum caproof_status parse_times(const struct common_values *v, struct common_options *o,
	struct error *err) {
	uint64_t days;
	enum caproof_status status;

	o->not_before = o->not_after = PLAN_DEFAULT;
	if ((status = common_time(v->command, "not-before", v->not_before, &o->not_before, err)) !=
		CAPROOF_OK ||
		(status = common_time(v->command, "not-after", v->not_after, &o->not_after, err)) !=
		CAPROOF_OK || v->days == NULL)
		return status;
	if (v->not_after != NULL)
		return common_conflict("'--days' and '--not-after' both say when the validity ends",
			"give one of them", err);
	if (!text_number(v->days, 1, 36500, &days))
		return common_bad_value(v->command, "days", "a number of days from 1 to 36500", err);
	o->not_after = o->now + (time_t)days * 24 * 60 * 60;
	return CAPROOF_OK;
}

/* RFC 5280 4.1.2.2: a positive integer of at most 20 octets. */
static enum caproof_status parse_serial(const struct common_values *v, struct common_options *o,
	struct error *err) {
	struct bytes octets = BYTES_INIT;
	size_t skip = 0;
	bool good;

	if (v->serial == NULL)
		return CAPROOF_OK;
	good = text_unhex(v->serial, &octets);
	while (good && skip < octets.len && octets.data[skip] == 0)
		skip++;
	o->serial_len = octets.len - skip;
	good = good && o->serial_len > 0 && o->serial_len <= SERIAL_MAX &&
		!(o->serial_len == SERIAL_MAX && (octets.data[skip] & 0x80) != 0);
	if (good)
		memcpy(o->serial, octets.data + skip, o->serial_len);
	bytes_clear(&octets);
	return good ? CAPROOF_OK : common_bad_value(v->command, "serial",
		"a positive number of at most 20 octets in hexadecimal", err);
}

enum caproof_status common_subject_key(const char *command, const char *value, bool take_ca,
	enum subject_key *out, struct error *err) {
	static const char *const names[] = { [SUBJECT_KEY_P256] = "p256",
		[SUBJECT_KEY_RSA2048] = "rsa2048", [SUBJECT_KEY_RSA3072] = "rsa3072",
		[SUBJECT_KEY_CA] = "ca" };
	enum subject_key last = take_ca ? SUBJECT_KEY_CA : SUBJECT_KEY_RSA3072;

	for (enum subject_key k = SUBJECT_KEY_P256; k <= last; k++) {
		if (strcmp(value, names[k]) == 0) {
			*out = k;
			return CAPROOF_OK;
		}
	}
	return common_bad_value(command, "subject-key", take_ca ?
		"one of p256, rsa2048, rsa3072 and ca" : "one of p256, rsa2048 and rsa3072", err);
}

static bool ends_with(const char *text, const char *end) {
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

bool common_is_pem(const char *form, const char *out) {
	return form != NULL ? strcmp(form, "pem") == 0 : !ends_with(out, ".der");
}

static enum caproof_status parse_outform(const struct common_values *v, struct common_options *o,
	struct error *err) {
	const char *form = v->outform;

	o->pem = common_is_pem(form, o->out);
	if (form != NULL && strcmp(form, "pem") != 0 && strcmp(form, "der") != 0)
		return common_bad_value(v->command, "outform", "pem or der", err);
	return CAPROOF_OK;
}

static enum caproof_status parse_key(const struct common_values *v, struct common_options *o,
	struct error *err) {
	enum caproof_status status;

	if (v->key == NULL)
		return CAPROOF_OK;
	status = uri_parse(v->key, URI_COMMAND_LINE, &o->key, err);
	if (status == CAPROOF_OK && uri_type(o->key) != CKO_PRIVATE_KEY &&
		uri_type(o->key) != (CK_OBJECT_CLASS)-1) {
		error_set(err, ERROR_USAGE_URI, "the URI of '--key' names another kind of object than a "
			"private key");
		error_hint(err, "change its type to type=private, or leave type out");
		return error_status(err);
	}
	return status;
}

static enum caproof_status parse_pin(const struct common_values *v, struct common_options *o,
	struct error *err) {
	const char *source = o->key != NULL ? uri_pin_source(o->key) : NULL;

	if (source != NULL && v->pin != NULL)
		return common_conflict("'--pin' and the pin-source of the key's URI both say where the PIN "
			"is", "give one of them", err);
	if (source != NULL)
		return pin_source_file(source, &o->pin, err);
	return pin_source_parse(v->pin, &o->pin, err);
}

static void take(const struct common_values *v, struct common_options *o) {
	o->command = v->command;
	o->platform = v->platform != NULL ? v->platform : "generic";
	o->module_option = v->module;
	o->out = v->out != NULL ? v->out : "-";
	o->pss = v->pss;
	o->force = v->force;
	o->allow_final_try = v->allow_final_try;
	o->dry_run = v->dry_run;
	o->json = v->json;
}

enum caproof_status common_options_parse(const struct common_values *v, struct common_options *o,
	struct error *err) {
	uint64_t seconds = 0;
	enum caproof_status status;

	memset(o, 0, sizeof(*o));
	report_setup(v->command, v->quiet, v->verbose, v->json);
	o->now = time(NULL);
	take(v, o);
	if (v->hash != NULL && !digest_parse(v->hash, &o->digest))
		return common_bad_value(v->command, "hash", "one of sha256, sha384 and sha512", err);
	if (v->timeout != NULL && !text_number(v->timeout, 0, 86400, &seconds))
		return common_bad_value(v->command, "timeout", "a number of seconds from 0 to 86400", err);
	o->timeout = (unsigned)seconds;
	if ((status = parse_key(v, o, err)) != CAPROOF_OK ||
		(status = parse_pin(v, o, err)) != CAPROOF_OK ||
		(status = parse_times(v, o, err)) != CAPROOF_OK ||
		(status = parse_serial(v, o, err)) != CAPROOF_OK ||
		(status = parse_outform(v, o, err)) != CAPROOF_OK)
		common_options_clear(o);
	return status;
}

void common_options_clear(struct common_options *o) {
	uri_free(o->key);
	pin_source_clear(&o->pin);
	o->key = NULL;
}
