/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.json: what will be signed, every octet of it.  Its SHA-256 is the plan hash, which
 * officers read to each other.
 */
#ifndef CAPROOF_CEREMONY_PLAN_FILE_H
#define CAPROOF_CEREMONY_PLAN_FILE_H

#include "base/form.h"
#include "base/json.h"
#include "ceremony/bundle.h"
#include "x509/ca.h"
#include "x509/request.h"

#define CEREMONY_ITEMS_MAX 9999

/* Texts are borrowed from the plan's document; NULL: absent. */
struct ceremony_item {
	long index;
	enum proof_form form;
	const char *platform, *tenant, *code, *note;
	time_t code_issued, code_expires;      /* CEREMONY_NO_TIME: absent */
	const char *request_file, *request_sha256; /* or */
	const char *subject_key;               /* base64 of the DER SubjectPublicKeyInfo */
	const char *san_uri;
	const char *serial, *subject;          /* absent in the form `signature` */
	time_t not_before, not_after;
	const char *tbs_sha256, *out;
	struct bytes tbs;                      /* decoded */
};

#define CEREMONY_NO_TIME ((time_t)-1)

struct ceremony_plan {
	struct bytes text;
	char sha256[SHA256_HEX_SIZE];          /* the plan hash */
	unsigned char hash[32];
	struct json_document document;
	const char *id, *purpose, *reference, *tool_version, *policy_sha256, *rehearses;
	time_t created, execute_from, execute_until;
	const char *issuer_file, *issuer_sha256, *issuer_spki_sha256, *issuer_subject;
	const char *key_uri;                   /* NULL: by the certificate */
	bool expect_sensitive, expect_never_extractable;
	const char *signature_name, *mechanism;
	struct algorithm algorithm;
	struct ceremony_item *items;
	size_t count;
	struct ca *ca;                         /* inputs/ca.pem */
};

/* Read plan.json and the CA certificate of BUNDLE, strictly, and hold every item against its
 * own octets: rebuilt from its fields and inputs they are the same, one by one.  OUT must be
 * cleared whatever happens.  Errors: ceremony.bundle (it is not a plan), ceremony.gate (it
 * disagrees with itself, or with the inputs). */
NODISCARD enum caproof_status ceremony_plan_read(const struct bundle *bundle,
	struct ceremony_plan *out, struct error *err);
void ceremony_plan_clear(struct ceremony_plan *plan);

/* "RSA-SHA256", "RSA-PSS-SHA256", "ECDSA-SHA384", "Ed25519". */
const char *ceremony_signature_name(const struct algorithm *algorithm, enum key_type type);
/* The algorithm of that name, for a key of TYPE; false: there is none. */
NODISCARD bool ceremony_signature_find(const char *name, enum key_type type,
	struct algorithm *out);
/* "CKM_RSA_PKCS" and so on. */
const char *ceremony_mechanism_name(const struct algorithm *algorithm);
/* The request of ITEM, parsed; its octets are those of the plan. */
NODISCARD enum caproof_status ceremony_item_request(const struct bundle *bundle,
	const struct ceremony_item *item, struct request **out, struct error *err);

#endif
