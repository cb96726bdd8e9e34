/* SPDX-License-Identifier: Apache-2.0
 *
 * What a platform's rules may ask about a CA certificate and the file that it
 * came in: plain facts, so that the rules need no X.509 and are tested with
 * numbers.  All pointers are borrowed from whoever filled it in.
 */
#ifndef CAPROOF_BASE_FACTS_H
#define CAPROOF_BASE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/public_key.h"

enum signature_digest {
	SIGNATURE_OTHER, SIGNATURE_MD5, SIGNATURE_SHA1, SIGNATURE_SHA2, SIGNATURE_EDDSA
};

struct ca_facts {
	/* the file */
	const char *file_name;     /* as given; a PKCS#11 URI when it came from a token */
	size_t file_size;          /* octets of the file as the user will upload it */
	bool pem;                  /* false: DER */
	bool text_around_pem;      /* anything but white space outside the armour */
	size_t pem_size;           /* octets of the certificate as PEM text; file_size when pem */
	/* the certificate */
	int version;               /* 1, 2 or 3 */
	bool self_issued;          /* subject and issuer are equal */
	bool self_signed;          /* and the signature verifies with its own key */
	bool has_ski, has_aki;
	bool has_basic_constraints, is_ca;
	bool has_key_usage, may_sign_certificates;
	time_t not_before, not_after;
	enum signature_digest signed_with;
	/* the key */
	enum key_type key_type;
	enum key_curve key_curve;
	unsigned key_bits;
	bool roca;                 /* CVE-2017-15361: the modulus has the fingerprint */
};

#endif
