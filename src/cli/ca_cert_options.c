/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of `caproof ca-cert`: one table, and what they mean together.
 */
#include "ca_cert.h"

#include <string.h>

#include "base/text.h"
#include "x509/name.h"

#define OPTION_FILE "ca_cert_options.def"
#include "option_table.h"

const struct command_line ca_cert_command_line = {
	"(-k URI --subject DN | --like CA) [OPTION...]",
	"Makes a self-signed CA certificate for a key that stays in its PKCS#11 token, with\n"
	"what platforms ask for in it.  With --like it is a new certificate for the key of\n"
	"an old one, which keeps verifying what the old one does.\n\n"
	"Example:\n"
	"  caproof ca-cert -k 'pkcs11:token=Ceremony;object=rootCA' \\\n"
	"      --subject 'CN=Example Root,O=Example,C=DE' -p quectel -o rootCA.pem\n"
	"  caproof ca-cert --like oldCA.pem -p quectel -o rootCA.pem\n\n"
	"Exit codes: 0 done, 2 command line, 3 input or rule, 4 module or token, 5 PIN,\n"
	"6 key, 7 output, 8 the signature does not verify, 130 and 143 interrupted.\n"
	"See caproof(1).",
	table, 0, 0
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= CA_CERT_OPTION_COUNT, "room for every value");

static void take_common(char **values, struct common_values *out) {
	*out = (struct common_values){
		.command = "ca-cert",
		.platform = values[PLATFORM],
		.key = values[KEY],
		.module = values[MODULE],
		.pin = values[PIN],
		.out = values[OUT],
		.outform = values[OUTFORM],
		.days = values[DAYS],
		.not_before = values[NOT_BEFORE],
		.not_after = values[NOT_AFTER],
		.hash = values[HASH],
		.serial = values[SERIAL],
		.timeout = values[TIMEOUT],
		.pss = values[PSS] != NULL,
		.force = values[FORCE] != NULL,
		.allow_final_try = values[ALLOW_FINAL_TRY] != NULL,
		.dry_run = values[DRY_RUN] != NULL,
		.json = values[JSON] != NULL,
		.quiet = values[QUIET] != NULL,
		.verbose = values[VERBOSE] != NULL,
	};
}

static enum caproof_status parse_path_len(const char *text, struct ca_cert_options *o,
	struct error *err) {
	uint64_t n = 0;

	if (text == NULL)
		return CAPROOF_OK;
	o->path_len_given = true;
	o->path_len = -1;
	if (strcmp(text, "none") == 0)
		return CAPROOF_OK;
	if (!text_number(text, 0, 16, &n))
		return common_bad_value("ca-cert", "path-len", "a number from 0 to 16, or none", err);
	o->path_len = (long)n;
	return CAPROOF_OK;
}

static enum caproof_status parse_name(char **values, struct ca_cert_options *o,
	struct error *err) {
	if (values[SUBJECT] != NULL && values[LIKE] != NULL)
		return common_conflict("'--subject' and '--like' both say whose certificate it is",
			"give one of them; --like keeps the old subject octet by octet", err);
	if (values[SUBJECT] == NULL && values[LIKE] == NULL)
		return common_conflict("nothing says whose certificate it is to be",
			"give the CA's name with --subject, or its old certificate with --like", err);
	if (values[SUBJECT] != NULL) {
		if (o->common.key == NULL)
			return common_conflict("no key was given",
				"name it with --key; 'caproof tokens' lists URIs that can be pasted", err);
		return name_parse(values[SUBJECT], &o->subject, err);
	}
	o->like = values[LIKE];
	return uri_is_uri(o->like) ? uri_parse(o->like, URI_COMMAND_LINE, &o->like_uri, err) :
		CAPROOF_OK;
}

static enum caproof_status check(const struct ca_cert_options *o, struct error *err) {
	if (o->common.json && !o->common.dry_run && strcmp(o->common.out, "-") == 0)
		return common_conflict("with '--json' standard output is taken: the certificate needs a "
			"file", "name one with --out", err);
	if (o->like != NULL && strcmp(o->like, "-") == 0 && pin_uses_stdin(&o->common.pin))
		return common_conflict("standard input cannot be read for two things at once",
			"give one of them by a file", err);
	return CAPROOF_OK;
}

enum caproof_status ca_cert_options_parse(char **values, struct ca_cert_options *o,
	struct error *err) {
	struct common_values common;
	enum caproof_status status;

	memset(o, 0, sizeof(*o));
	take_common(values, &common);
	if ((status = common_options_parse(&common, &o->common, err)) != CAPROOF_OK ||
		(status = parse_path_len(values[PATH_LEN], o, err)) != CAPROOF_OK ||
		(status = parse_name(values, o, err)) != CAPROOF_OK ||
		(status = check(o, err)) != CAPROOF_OK)
		ca_cert_options_clear(o);
	return status;
}

bool ca_cert_wants_help(char **values) {
	return values[HELP] != NULL;
}

void ca_cert_options_clear(struct ca_cert_options *o) {
	common_options_clear(&o->common);
	bytes_clear(&o->subject);
	uri_free(o->like_uri);
	o->like_uri = NULL;
}
