/* SPDX-License-Identifier: Apache-2.0
 *
 * `caproof ceremony seal`: the end of the record, signed by those who were in the room.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ceremony/audit_files.h"
#include "ceremony/seal_file.h"
#include "ceremony/sums.h"
#include "ceremony_cmd.h"
#include "ceremony_person.h"
#include "common.h"
#include "report.h"

enum option {
	ROLE,
#define OPTION(symbol, name, letter, argument, help) symbol,
#include "ceremony_person_options.def"
#undef OPTION
	OPTION_COUNT
};

static const struct option_spec table[] = {
	[ROLE] = { "role", 0, "ROLE", "operator or witness: as which you seal it" },
#define OPTION(symbol, name, letter, argument, help) [symbol] = { name, letter, argument, help },
#include "ceremony_person_options.def"
#undef OPTION
	OPTION_END
};

static const struct command_line line = {
	"DIR --role ROLE --cert FILE|URI [OPTION...]",
	"Closes the record of a ceremony and signs it with your card.  The first one writes\n"
	"seal.json and SHA256SUMS; later ones compare, then sign.  A ceremony that was stopped is\n"
	"sealed as well.\n\n"
	"Example:\n"
	"  caproof ceremony seal ceremony-2026-11 --role witness --cert walter.pem\n\n"
	"Exit codes: 0 done, 2 command line, 3 no ceremony, no member or a file that does not belong\n"
	"in it, 4 module or token, 5 PIN, 6 key, 7 output, 9 the record does not agree with itself.\n"
	"See caproof(1), caproof-ceremony(7).",
	table, 1, 1
};

struct sealing {
	struct person person;
	struct ceremony c;
};

/* What is there is compared, what is not is written. */
static enum caproof_status settle(const struct bundle *bundle, const char *name,
	const struct bytes *wanted, struct error *err) {
	struct bytes there = BYTES_INIT;
	bool same;
	enum caproof_status status;

	if (!bundle_has(bundle, name))
		return bundle_write(bundle, name, bytes_span(wanted), err);
	status = bundle_read(bundle, name, &there, err);
	same = status == CAPROOF_OK && span_equal(bytes_span(&there), bytes_span(wanted));
	bytes_clear(&there);
	if (status != CAPROOF_OK || same)
		return status;
	error_set(err, ERROR_GATE, "'%s' is not what the bundle makes: something was changed after the "
		"first seal", name);
	error_hint(err, "do not sign it; compare with the copies of the others");
	return error_status(err);
}

static enum caproof_status settle_seal(const struct ceremony *c, time_t now, struct error *err) {
	struct bytes wanted = BYTES_INIT, there = BYTES_INIT;
	enum caproof_status status = CAPROOF_OK;

	if (bundle_has(&c->bundle, SEAL_FILE)) {
		status = bundle_read(&c->bundle, SEAL_FILE, &there, err);
		if (status == CAPROOF_OK)
			status = seal_time(bytes_span(&there), &now, err);
		bytes_clear(&there);
	}
	if (status == CAPROOF_OK)
		status = seal_make(c, now, &wanted, err);
	if (status == CAPROOF_OK)
		status = settle(&c->bundle, SEAL_FILE, &wanted, err);
	bytes_clear(&wanted);
	return status;
}

/* What `verify` would not take as the end of a record is not sealed as one. */
static enum caproof_status check_end(const struct ceremony *c, struct error *err) {
	if (c->transcript.count == 0 && c->transcript.torn.len == 0) {
		error_set(err, ERROR_GATE, "there is nothing to seal: the ceremony was not run");
		error_hint(err, "run it first; a run that is refused is a record as well");
		return error_status(err);
	}
	if (c->transcript.torn.len == 0 && transcript_is_ended(&c->transcript))
		return CAPROOF_OK;
	error_set(err, ERROR_GATE, "the transcript ends in the middle of a run");
	error_hint(err, "run the ceremony once more: it goes on, or records why it does not; then seal "
		"it");
	return error_status(err);
}

static enum caproof_status check_new(const struct sealing *s, struct error *err) {
	char name[SEAL_NAME_SIZE];

	if (!bundle_has(&s->c.bundle, seal_signature_name(name, s->person.member)))
		return CAPROOF_OK;
	error_set(err, ERROR_OUTPUT_EXISTS, "'%s' has sealed it already", s->person.member->name);
	error_hint(err, "nothing is left to do; 'caproof ceremony verify' checks the record");
	return error_status(err);
}

/* A stray file that is sealed is there for ever, and every verifier refuses it. */
static enum caproof_status check_files(const struct sealing *s, struct error *err) {
	if (bundle_has(&s->c.bundle, SEAL_FILE) || audit_files(&s->c, err) == CAPROOF_OK)
		return CAPROOF_OK;
	error_hint(err, "nothing was sealed; move it away, or into attach/ when it belongs to the "
		"record");
	return error_status(err);
}

static enum caproof_status sign_sums(struct sealing *s, struct error *err) {
	struct bytes sums = BYTES_INIT, signature = BYTES_INIT;
	char name[SEAL_NAME_SIZE];
	enum caproof_status status = sums_make(&s->c.bundle, &sums, err);

	seal_signature_name(name, s->person.member);
	if (status == CAPROOF_OK)
		status = settle(&s->c.bundle, SUMS_FILE, &sums, err);
	if (status == CAPROOF_OK)
		status = person_sign(&s->person, bytes_span(&sums), &signature, err);
	if (status == CAPROOF_OK)
		status = bundle_write(&s->c.bundle, name, bytes_span(&signature), err);
	bytes_clear(&sums);
	bytes_clear(&signature);
	return status;
}

/* Nothing is written for somebody whose card does not open: a seal closes the ceremony.  The
 * transcript is locked, so that no run goes on behind it. */
static enum caproof_status seal_ceremony(struct sealing *s, const char *role, const char *path,
	struct error *err) {
	enum ceremony_role wanted = ROLE_COUNT;
	enum caproof_status status;

	if (role == NULL)
		return common_conflict("no role was given", "say as what you seal it, with --role operator "
			"or --role witness", err);
	if (!ceremony_role_parse(role, &wanted) ||
		(wanted != ROLE_OPERATOR && wanted != ROLE_WITNESS))
		return common_bad_value("ceremony seal", "role", "operator or witness", err);
	if ((status = ceremony_open(path, s->person.options.now, &s->c, err)) != CAPROOF_OK ||
		(status = person_find(&s->person, &s->c.policy, wanted, err)) != CAPROOF_OK ||
		(status = check_end(&s->c, err)) != CAPROOF_OK ||
		(status = check_new(s, err)) != CAPROOF_OK ||
		(status = check_files(s, err)) != CAPROOF_OK ||
		(status = transcript_begin(&s->c.transcript, err)) != CAPROOF_OK ||
		(status = person_unlock(&s->person, err)) != CAPROOF_OK ||
		(status = settle_seal(&s->c, s->person.options.now, err)) != CAPROOF_OK ||
		(status = sign_sums(s, err)) != CAPROOF_OK)
		return status;
	report_note("caproof: '%s' has sealed the record%s: %s, %zu records\n"
		"  next    when everybody has: 'caproof ceremony verify', before anybody leaves the room",
		s->person.member->name,
		s->c.plan.rehearses != NULL ? " of a REHEARSAL" : "",
		ceremony_outcome_name(ceremony_outcome(&s->c)), s->c.transcript.count);
	return CAPROOF_OK;
}

int ceremony_seal(int argc, char **argv) {
	struct error err = ERROR_INIT;
	char *values[OPTION_COUNT], *operands[2];
	struct sealing s = { .c = { .bundle = { -1, NULL, NULL } } };
	struct person_values person;
	int code = CAPROOF_OK;

	if (options_parse(&line, argc, argv, values, operands, &err) != CAPROOF_OK)
		return report_error(&err);
	person = (struct person_values){ "ceremony seal", values[KEY], values[KEY_FILE],
		values[CERT], values[MODULE], values[PIN], values[TIMEOUT],
		values[ALLOW_FINAL_TRY] != NULL, values[QUIET] != NULL, values[VERBOSE] != NULL };
	if (values[HELP] != NULL) {
		options_help(&line, argv[0]);
	} else {
		if (person_parse(&person, &s.person, &err) == CAPROOF_OK)
			(void)seal_ceremony(&s, values[ROLE], operands[0], &err);
		code = person_finish(&s.person, &err);
	}
	ceremony_clear(&s.c);
	options_free(&line, values, operands);
	return code;
}
