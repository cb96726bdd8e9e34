/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing as a person: through the same token layer as a CA's key, with the same care for
 * the PIN.
 */
#include "ceremony_person.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "ceremony/cms.h"
#include "common.h"
#include "inputs.h"
#include "report.h"
#include "x509/signature.h"

enum caproof_status person_parse(const struct person_values *v, struct person *person,
	struct error *err) {
	struct common_values common = {
		.command = v->command,
		.key = v->key,
		.module = v->module,
		.pin = v->pin,
		.timeout = v->timeout,
		.allow_final_try = v->allow_final_try,
		.quiet = v->quiet,
		.verbose = v->verbose,
	};
	enum caproof_status status = common_options_parse(&common, &person->options, err);

	person->base.options = &person->options;
	if (status != CAPROOF_OK)
		return status;
	if (v->cert == NULL)
		return common_conflict("no certificate was given", "name the certificate of the roster "
			"that is yours with --cert", err);
	if (v->key_file != NULL && (v->key != NULL || v->module != NULL || v->pin != NULL))
		return common_conflict("with '--key-file' no token is used",
			"leave out --key, --module and --pin, or --key-file", err);
	person->cert_path = v->cert;
	person->key_file = v->key_file;
	if (uri_is_uri(v->cert))
		return uri_parse(v->cert, URI_COMMAND_LINE, &person->cert_uri, err);
	return CAPROOF_OK;
}

static enum caproof_status read_key_file(struct person *person, struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status = file_read(person->key_file, "key file", &file, err);
	BIO *bio;

	if (status != CAPROOF_OK)
		return status;
	bio = BIO_new_mem_buf(file.data, (int)file.len);
	person->pkey = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");
	BIO_free(bio);
	OPENSSL_cleanse(file.data, file.len);
	bytes_clear(&file);
	ERR_clear_error();
	if (person->pkey != NULL && X509_check_private_key(person->member->cert, person->pkey) != 1) {
		ERR_clear_error();
		return error_set(err, ERROR_KEY_FOREIGN, "the key file is not the key of the certificate "
			"'%s'", person->cert->name);
	}
	if (person->pkey != NULL)
		return CAPROOF_OK;
	error_set(err, ERROR_INPUT_READ, "the key file holds no private key in PEM without a pass "
		"phrase");
	error_hint(err, "a key that matters belongs in a card: key files are for rehearsals");
	return error_status(err);
}

enum caproof_status person_find(struct person *person, const struct ceremony_policy *policy,
	enum ceremony_role role, struct error *err) {
	const struct ceremony_member *other = NULL;
	enum caproof_status status;

	person->base.certificate = person->cert_uri;
	if ((status = run_prepare(&person->base, err)) != CAPROOF_OK ||
		(status = run_read_certificate(&person->base, person->cert_path, "certificate",
			&person->cert, err)) != CAPROOF_OK)
		return status;
	for (size_t i = 0; i < policy->members_count; i++) {
		if (X509_cmp(policy->members[i].cert, person->cert->cert) != 0)
			continue;
		other = &policy->members[i];
		if (other->role == role)
			person->member = other;
	}
	if (person->member != NULL)
		return CAPROOF_OK;
	if (other != NULL) {
		error_set(err, ERROR_POLICY, "'%s' is %s by the policy, not %s", other->name,
			ceremony_role_name(other->role), ceremony_role_name(role));
		error_hint(err, "this is for the %s, who gives the certificate and the card of that role",
			ceremony_role_name(role));
		return error_status(err);
	}
	error_set(err, ERROR_POLICY, "the certificate '%s' is not one of the roster's",
		person->cert->name);
	error_hint(err, "give the very certificate that the policy names: it is in the ceremony's "
		"folder, as roster/NAME.pem");
	return error_status(err);
}

/* --- signing --------------------------------------------------------------------------- */

static enum caproof_status sign_with_card(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	return signer_sign(arg, algorithm, message, signature, err);
}

static enum caproof_status sign_with_file(void *arg, const struct algorithm *algorithm,
	struct span message, struct bytes *signature, struct error *err) {
	return signature_make(arg, algorithm, message, signature, err);
}

static enum caproof_status open_card(struct person *person, struct error *err) {
	struct algorithm algorithm;
	struct public_key key = { .type = KEY_OTHER };
	enum caproof_status status = cms_algorithm(person->member->cert, &algorithm, &key, err);

	public_key_clear(&key);
	if (status == CAPROOF_OK)
		status = run_locate_for(&person->base, &person->cert->key,
			bytes_span(&person->cert->der), &algorithm, 1, err);
	return status == CAPROOF_OK ? run_unlock(&person->base, err) : status;
}

enum caproof_status person_unlock(struct person *person, struct error *err) {
	enum caproof_status status = person->unlocked ? CAPROOF_OK :
		person->key_file != NULL ? read_key_file(person, err) : open_card(person, err);

	person->unlocked = status == CAPROOF_OK;
	return status;
}

enum caproof_status person_sign(struct person *person, struct span content, struct bytes *out,
	struct error *err) {
	struct cms_key key = { sign_with_card, NULL };
	enum caproof_status status = person_unlock(person, err);

	if (status != CAPROOF_OK)
		return status;
	if (person->key_file != NULL) {
		key = (struct cms_key){ sign_with_file, person->pkey };
		report_warning("signed with a key file: that is for rehearsals");
	} else {
		key.arg = person->base.signer;
	}
	return cms_sign(content, person->member->cert, &key, out, err);
}

int person_finish(struct person *person, const struct error *err) {
	int code = run_finish(&person->base, err);

	EVP_PKEY_free(person->pkey);
	ca_free(person->cert);
	uri_free(person->cert_uri);
	common_options_clear(&person->options);
	return code;
}
