/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of `caproof tokens` for people.  Each URI stands on a line of its own, quoted
 * for the shell and never broken, so that it can be pasted; the rest fits 80 columns.
 */
#include "tokens.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "layout.h"

enum { TOKEN_INDENT = 14, OBJECT_INDENT = 4 };

/* One line of text, put together piece by piece; what does not fit is cut. */
struct line {
	char text[2048];
	size_t len;
};

static void __attribute__((format(printf, 3, 4))) add(struct line *line, const char *separator,
	const char *fmt, ...) {
	va_list args;
	int len;

	if (line->len > 0)
		line->len += (size_t)snprintf(line->text + line->len, sizeof(line->text) - line->len, "%s",
			separator);
	va_start(args, fmt);
	len = vsnprintf(line->text + line->len, sizeof(line->text) - line->len, fmt, args);
	va_end(args);
	if (len > 0)
		line->len += (size_t)len;
	if (line->len >= sizeof(line->text))
		line->len = sizeof(line->text) - 1;
}

const char *tokens_scheme_name(enum scheme scheme) {
	static const char *const names[] = { [SCHEME_RSA_PKCS1] = "RSA PKCS#1 v1.5",
		[SCHEME_RSA_PSS] = "RSA-PSS", [SCHEME_ECDSA] = "ECDSA", [SCHEME_EDDSA] = "EdDSA" };

	return names[scheme];
}

static enum caproof_status put_uri(const char *uri, struct error *err) {
	char *quoted = text_shell_quote(uri);

	if (quoted == NULL)
		return error_memory(err);
	printf("%*s%s\n", OBJECT_INDENT, "", quoted);
	free(quoted);
	return CAPROOF_OK;
}

static void put_maker(const struct token *token) {
	struct line line = { "", 0 };

	if (token->manufacturer[0] != '\0')
		add(&line, ", ", "%s", token->manufacturer);
	if (token->model[0] != '\0')
		add(&line, ", ", "%s", token->model);
	add(&line, ", ", "firmware %s", token->firmware);
	layout_text(TOKEN_INDENT, "  made by", line.text);
}

static void put_state(const struct token *token) {
	static const struct {
		CK_FLAGS flag;
		const char *set, *clear; /* NULL: nothing to say */
	} words[] = {
		{ CKF_TOKEN_INITIALIZED, "initialised", "not initialised" },
		{ CKF_USER_PIN_INITIALIZED, "PIN set", "no user PIN yet" },
		{ CKF_USER_PIN_COUNT_LOW, "few tries left (a wrong PIN was given)", NULL },
		{ CKF_USER_PIN_FINAL_TRY, "last try: one wrong PIN locks it", NULL },
		{ CKF_USER_PIN_LOCKED, "PIN locked", NULL },
		{ CKF_PROTECTED_AUTHENTICATION_PATH, "PIN pad", NULL },
		{ CKF_WRITE_PROTECTED, "write-protected", NULL },
	};
	struct line line = { "", 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *word = (token->info.flags & words[i].flag) != 0 ? words[i].set : words[i].clear;

		if (word != NULL)
			add(&line, ", ", "%s", word);
	}
	layout_text(TOKEN_INDENT, "  state", line.text);
}

static void put_abilities(const struct tokens_place *place) {
	struct line line = { "", 0 };

	for (size_t i = 0; i < place->ability_count; i++) {
		const struct ability *a = &place->abilities[i];

		add(&line, ", ", "%s", tokens_scheme_name(a->scheme));
		if (a->max > 0)
			add(&line, " ", "(%lu to %lu bits)", a->min, a->max);
	}
	layout_text(TOKEN_INDENT, "  signs with", line.len > 0 ? line.text :
		"nothing that a proof can be made with");
}

/* What is known of what the key may do. */
static void put_use(const struct tokens_place *place, const struct tokens_key *key) {
	struct line line = { "", 0 };

	if (key->private == NULL)
		add(&line, "", "%s", place->hidden ? "public half; the private one cannot be seen without "
			"--login" : "public half only: the private one is not in this token");
	else if (key->private->sign_known)
		add(&line, "", "%s", key->private->sign ? "may sign" : "may not sign");
	else
		add(&line, "", "the token does not say whether it may sign");
	if (key->private != NULL && key->private->always_authenticate)
		add(&line, ", ", "asks for the PIN for every signature");
	layout_text(OBJECT_INDENT, "", line.text);
}

static void put_key_certificate(const struct tokens_certificate *c) {
	layout_text(OBJECT_INDENT + 13, "    certificate:", c->glance.decoded ? c->glance.subject :
		"one that cannot be read");
}

static enum caproof_status put_key(const struct tokens_place *place, const struct tokens_key *key,
	struct error *err) {
	struct line line = { "", 0 };

	add(&line, ", ", key->label[0] != '\0' ? "'%s'" : "%s",
		key->label[0] != '\0' ? key->label : "without a label");
	add(&line, ", ", "%s", key->type);
	if (key->id[0] != '\0')
		add(&line, ", ", "id %s", key->id);
	putchar('\n');
	layout_text(OBJECT_INDENT, "  Key ", line.text);
	put_use(place, key);
	if (key->certificate != NULL)
		put_key_certificate(key->certificate);
	return put_uri(key->uri, err);
}

static enum caproof_status put_certificate(const struct tokens_certificate *c, struct error *err) {
	const struct glance *g = &c->glance;
	struct line line = { "", 0 };
	char ends[TEXT_TIME_SIZE];

	putchar('\n');
	layout_text(OBJECT_INDENT, "  Certificate ", !g->decoded ? "that cannot be read" :
		g->subject[0] != '\0' ? g->subject : "without a subject");
	if (g->decoded) {
		add(&line, "", "%s", g->is_ca ? "a CA" : "not a CA");
		if (g->ends)
			add(&line, ", ", "valid until %s", text_time(ends, g->not_after));
		layout_text(OBJECT_INDENT, "", line.text);
	}
	if (g->sha256[0] != '\0')
		layout_text(OBJECT_INDENT, "    SHA-256 ", g->sha256);
	return put_uri(c->uri, err);
}

static void put_rest(const struct tokens_place *place, size_t shown) {
	if (shown == 0)
		printf("\n  %s\n", place->hidden ? "nothing to show without --login" : "nothing to show");
	else if (place->hidden)
		printf("\n  private objects are not shown without --login\n");
}

static enum caproof_status put_objects(const struct tokens_place *place, struct error *err) {
	enum caproof_status status = CAPROOF_OK;
	size_t shown = 0;

	for (size_t i = 0; status == CAPROOF_OK && i < place->key_count; i++) {
		shown += place->keys[i].shown;
		if (place->keys[i].shown)
			status = put_key(place, &place->keys[i], err);
	}
	for (size_t i = 0; status == CAPROOF_OK && i < place->certificate_count; i++) {
		shown += place->certificates[i].shown;
		if (place->certificates[i].shown)
			status = put_certificate(&place->certificates[i], err);
	}
	put_rest(place, shown);
	return status;
}

static enum caproof_status put_place(const struct tokens_place *place, struct error *err) {
	struct line line = { "", 0 };
	enum caproof_status status;
	char slot[24];

	if (place->token.label[0] != '\0')
		add(&line, "", "'%s'", place->token.label);
	else
		add(&line, "", "without a label");
	putchar('\n');
	layout_heading(OBJECT_INDENT, "Token ", line.text);
	layout_text(TOKEN_INDENT, "  serial", place->token.serial[0] != '\0' ? place->token.serial :
		"none");
	snprintf(slot, sizeof(slot), "%lu", place->token.slot);
	layout_text(TOKEN_INDENT, "  slot", slot);
	put_maker(&place->token);
	put_state(&place->token);
	put_abilities(place);
	/* Nothing would tell its URI from another token's. */
	if (!token_is_initialised(&place->token))
		return CAPROOF_OK;
	status = put_uri(place->uri, err);
	return status == CAPROOF_OK ? put_objects(place, err) : status;
}

enum caproof_status tokens_print(const struct tokens_run *run, struct error *err) {
	enum caproof_status status = CAPROOF_OK;
	struct line line = { "", 0 };

	add(&line, "", "%s", run->shown.description[0] != '\0' ? run->shown.description :
		"without a description");
	if (run->shown.version[0] != '\0')
		add(&line, ", ", "version %s", run->shown.version);
	layout_text(OBJECT_INDENT, "Module ", line.text);
	printf("%*s%s\n", OBJECT_INDENT, "", run->shown.path);
	for (size_t i = 0; status == CAPROOF_OK && i < run->count; i++)
		status = put_place(&run->places[i], err);
	if (status == CAPROOF_OK && (fflush(stdout) != 0 || ferror(stdout)))
		status = error_set(err, ERROR_OUTPUT_WRITE, "cannot write to standard output");
	return status;
}
