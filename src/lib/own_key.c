/* SPDX-License-Identifier: Apache-2.0
 *
 * One key out of the public halves that a token shows.  Several objects of one key are
 * one key; several keys are never chosen from.
 */
#include "own_key.h"

#include "x509/public_key_info.h"

static enum caproof_status copy_key(const struct public_key *from, struct public_key *to,
	struct error *err) {
	enum caproof_status status;

	to->type = from->type;
	to->curve = from->curve;
	to->bits = from->bits;
	if ((status = bytes_copy(&to->modulus, from->modulus.data, from->modulus.len, err)) !=
		CAPROOF_OK ||
		(status = bytes_copy(&to->exponent, from->exponent.data, from->exponent.len, err)) !=
		CAPROOF_OK ||
		(status = bytes_copy(&to->ec_params, from->ec_params.data, from->ec_params.len, err)) !=
		CAPROOF_OK)
		return status;
	return bytes_copy(&to->point, from->point.data, from->point.len, err);
}

enum caproof_status own_key_copy(const struct ca *ca, struct own_key *out, struct error *err) {
	struct own_key key = { .spki = BYTES_INIT };
	enum caproof_status status = bytes_copy(&key.spki, ca->spki.data, ca->spki.len, err);

	if (status == CAPROOF_OK)
		status = copy_key(&ca->key, &key.key, err);
	if (status == CAPROOF_OK)
		*out = key;
	else
		own_key_clear(&key);
	return status;
}

static enum caproof_status from_half(const struct public_half *half, struct own_key *out,
	struct error *err) {
	struct own_key key = { .spki = BYTES_INIT };
	struct ca *ca = NULL;
	enum caproof_status status;

	if (half->certificate.len == 0) {
		status = public_key_info(&half->key, &key.spki, &key.key, err);
	} else {
		status = ca_parse(bytes_span(&half->certificate), half->uri, &ca, err);
		if (status == CAPROOF_OK)
			status = own_key_copy(ca, &key, err);
		ca_free(ca);
	}
	if (status == CAPROOF_OK)
		*out = key;
	else
		own_key_clear(&key);
	return status;
}

static enum caproof_status several(const struct public_halves *halves, struct error *err) {
	error_set(err, ERROR_KEY_SEVERAL, "the URI fits several keys");
	error_hint(err, "choose one with --key:");
	for (size_t i = 0; i < halves->count; i++)
		error_hint_line(err, "'%s'", halves->list[i].uri);
	return error_status(err);
}

static enum caproof_status choose(const struct public_halves *halves, struct own_key *out,
	struct error *err) {
	struct own_key first = { .spki = BYTES_INIT };
	enum caproof_status status = from_half(&halves->list[0], &first, err);

	for (size_t i = 1; status == CAPROOF_OK && i < halves->count; i++) {
		struct own_key other = { .spki = BYTES_INIT };

		status = from_half(&halves->list[i], &other, err);
		if (status == CAPROOF_OK && !span_equal(bytes_span(&first.spki), bytes_span(&other.spki)))
			status = several(halves, err);
		own_key_clear(&other);
	}
	if (status == CAPROOF_OK)
		*out = first;
	else
		own_key_clear(&first);
	return status;
}

enum caproof_status own_key_read(struct module *module, const struct uri *uri,
	struct own_key *out, struct error *err) {
	struct public_halves halves = { .count = 0 };
	enum caproof_status status = public_halves_read(module, uri, &halves, err);

	if (status == CAPROOF_OK)
		status = choose(&halves, out, err);
	public_halves_clear(&halves);
	return status;
}

enum caproof_status own_key_reveal(struct module *module, const struct signer_query *query,
	struct own_key *out, struct signer **signer, struct error *err) {
	struct public_halves halves = { .count = 0 };
	struct signer *revealed = NULL;
	enum caproof_status status = signer_reveal(module, query, &halves, &revealed, err);

	if (status == CAPROOF_OK)
		status = choose(&halves, out, err);
	public_halves_clear(&halves);
	if (status == CAPROOF_OK)
		*signer = revealed;
	else
		signer_free(revealed);
	return status;
}

void own_key_clear(struct own_key *key) {
	public_key_clear(&key->key);
	bytes_clear(&key->spki);
}
