/* SPDX-License-Identifier: Apache-2.0
 *
 * The CA certificate that is to be proven: read once, as it will be uploaded.  It
 * says which key must sign, and its public key has the last word on every signature.
 * Whether it is good enough is for the platform's rules, not for this file.
 */
#ifndef CAPROOF_X509_CA_H
#define CAPROOF_X509_CA_H

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/algorithm.h"
#include "base/facts.h"
#include "x509/key.h"

struct ca {
	char *name;              /* the file's name or the URI, safe to show */
	X509 *cert;              /* its key is not decoded: x509/keyless.h */
	EVP_PKEY *pkey;
	struct bytes der;
	struct bytes subject;    /* its Name, DER, octet by octet as in the certificate */
	struct bytes spki;       /* its SubjectPublicKeyInfo, likewise */
	struct bytes ski;        /* subject key identifier; empty when it has none */
	struct public_key key;
	bool pss_only;           /* id-RSASSA-PSS: signs with PSS or not at all (RFC 4055 3.1) */
	bool pss_fixed;          /* and with these parameters only */
	struct algorithm pss;    /* meaningful when pss_fixed */
	char *subject_text;      /* RFC 4514, safe to show */
	char sha256[SHA256_HEX_SIZE];      /* of the DER: the fingerprint */
	char spki_sha256[SHA256_HEX_SIZE];
	bool planned;            /* ca_parse_planned */
	struct ca_facts facts;   /* borrows from this struct */
};

/* Read the CA certificate from the octets of the file NAME.  Errors: ca.*. */
NODISCARD enum caproof_status ca_parse(struct span file, const char *name, struct ca **out,
	struct error *err);
/* The same for a self-issued certificate whose signature is still to come: its facts are
 * those that it will have with the right one. */
NODISCARD enum caproof_status ca_parse_planned(struct span file, const char *name,
	struct ca **out, struct error *err);
void ca_free(struct ca *ca);

/* Whether the CA certificate was issued under its own name with this serial number. */
bool ca_has_serial(const struct ca *ca, struct span serial);
/* Whether nothing in an authority key identifier speaks against this CA certificate
 * (RFC 5280 4.2.1.1). */
bool ca_is_named_by(const struct ca *ca, const AUTHORITY_KEYID *id);
/* How many CAs may stand below it (RFC 5280 4.2.1.9); -1: no limit is named. */
long ca_path_len(const struct ca *ca);

/* The algorithm with which this CA key signs, as the contract has it: SHA-256, for P-384
 * SHA-384, for P-521 SHA-512; DIGEST overrides that unless it is DIGEST_NONE; PSS asks for
 * RSASSA-PSS.  Errors (usage, ca.key): a hash for EdDSA, PSS for another key than RSA, or
 * other parameters than the key's own. */
NODISCARD enum caproof_status ca_algorithm(const struct ca *ca, enum digest digest, bool pss,
	struct algorithm *out, struct error *err);

#endif
