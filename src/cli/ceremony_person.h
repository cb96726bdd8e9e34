/* SPDX-License-Identifier: Apache-2.0
 *
 * A person of a ceremony who signs with a card, or in a rehearsal with a key file.
 */
#ifndef CAPROOF_CLI_CEREMONY_PERSON_H
#define CAPROOF_CLI_CEREMONY_PERSON_H

#include "ceremony/policy.h"
#include "run.h"

/* The values of the options that a person has. */
struct person_values {
	const char *command, *key, *key_file, *cert, *module, *pin, *timeout;
	bool allow_final_try, quiet, verbose;
};

struct person {
	struct run base;
	struct common_options options;
	struct uri *cert_uri;
	const char *cert_path, *key_file;
	struct ca *cert;            /* the person's certificate, read as any certificate is */
	EVP_PKEY *pkey;             /* from the key file */
	const struct ceremony_member *member;
	bool unlocked;
};

/* Parse VALUES into PERSON, which must be cleared by person_finish whatever happens. */
NODISCARD enum caproof_status person_parse(const struct person_values *values,
	struct person *person, struct error *err);
/* Read the certificate and find the member of POLICY that it belongs to in ROLE: one person
 * may have several. */
NODISCARD enum caproof_status person_find(struct person *person,
	const struct ceremony_policy *policy, enum ceremony_role role, struct error *err);
/* Read the key file, or log in to the card, once; person_sign does it when it was not done. */
NODISCARD enum caproof_status person_unlock(struct person *person, struct error *err);
/* A detached CMS signature on CONTENT. */
NODISCARD enum caproof_status person_sign(struct person *person, struct span content,
	struct bytes *out, struct error *err);
/* Report ERR.  Returns the exit code. */
int person_finish(struct person *person, const struct error *err);

#endif
