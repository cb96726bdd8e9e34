/* SPDX-License-Identifier: Apache-2.0
 *
 * The octets of a certificate: to be signed (TBSCertificate, RFC 5280 4.1.2), and
 * joined with a signature (Certificate, 4.1.1).  Issuer and keys are copied octet by
 * octet, never decoded and encoded again.
 */
#ifndef CAPROOF_X509_TBS_H
#define CAPROOF_X509_TBS_H

#include <time.h>

#include "base/algorithm.h"

#define SERIAL_MAX 20 /* octets: RFC 5280 4.1.2.2 */

struct tbs {
	struct algorithm algorithm;
	enum key_type key_type;   /* of the signing key: names the EdDSA algorithm */
	struct span serial;       /* big endian, 1 to SERIAL_MAX octets, positive */
	struct span issuer;       /* DER Name */
	const char *common_name;  /* the subject: one RDN; NULL when `subject` is given */
	struct span subject;      /* DER Name */
	time_t not_before, not_after;
	struct span spki;         /* DER SubjectPublicKeyInfo */
	struct span authority_key_id; /* the issuer's SKI value; empty: no AKI */
	const char *san_uri;      /* one URI, not critical; NULL: no SAN */
	bool is_ca;               /* CA:TRUE, keyCertSign, cRLSign; else CA:FALSE, digitalSignature */
	long path_len;            /* with is_ca; -1: no limit */
	struct span subject_key_id; /* empty: computed, RFC 5280 4.2.1.2 (1) */
};

/* Encode TBS as DER.  Only memory and bugs can fail. */
NODISCARD enum caproof_status tbs_encode(const struct tbs *tbs, struct bytes *out,
	struct error *err);

/* Certificate ::= SEQUENCE { tbs, signatureAlgorithm, signature }, with the
 * AlgorithmIdentifier that ALGORITHM and KEY_TYPE give. */
NODISCARD enum caproof_status certificate_join(struct span tbs, const struct algorithm *algorithm,
	enum key_type key_type, struct span signature, struct bytes *out, struct error *err);

#endif
