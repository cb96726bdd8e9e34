/* SPDX-License-Identifier: Apache-2.0
 *
 * Who must approve and who must seal.  The roster is the root of trust of a ceremony, so
 * the policy's hash comes from outside of the bundle.
 */
#ifndef CAPROOF_CEREMONY_POLICY_H
#define CAPROOF_CEREMONY_POLICY_H

#include <openssl/x509.h>

#include "ceremony/bundle.h"
#include "x509/key.h"

enum ceremony_role { ROLE_REQUESTER, ROLE_OFFICER, ROLE_OPERATOR, ROLE_WITNESS, ROLE_COUNT };
const char *ceremony_role_name(enum ceremony_role role); /* "officer" */
bool ceremony_role_parse(const char *name, enum ceremony_role *out);

/* Whether NAME may be a member's, and so part of the names of files; at most 64 octets. */
bool ceremony_is_member_name(const char *name);

struct ceremony_member {
	char *name;               /* letters, digits, '-', '_' and '.': it becomes file names */
	enum ceremony_role role;
	X509 *cert;               /* roster/NAME.pem */
	struct bytes pem;
	char cert_sha256[SHA256_HEX_SIZE], spki_sha256[SHA256_HEX_SIZE];
};

#define POLICY_MEMBERS_MAX 64
#define POLICY_PAIRS_MAX 8

struct ceremony_policy {
	struct bytes text;
	char sha256[SHA256_HEX_SIZE];
	char *name;
	long threshold;           /* distinct approvals; 0 is allowed, and said */
	bool veto;
	long max_age_hours;
	struct { enum ceremony_role a, b; } separate[POLICY_PAIRS_MAX];
	size_t separate_count;
	bool seal[ROLE_COUNT];    /* operator and witness may have to */
	struct ceremony_member members[POLICY_MEMBERS_MAX];
	size_t members_count;
};

/* Parse TEXT and read the roster from BUNDLE's folder roster/.  OUT must be cleared whatever
 * happens.  Errors: ceremony.policy with file, line and key: a name twice, one key for two
 * roles that are to be separate, a certificate that is not the one that is named. */
NODISCARD enum caproof_status policy_parse(struct span text, const struct bundle *bundle,
	struct ceremony_policy *out, struct error *err);
void policy_clear(struct ceremony_policy *policy);

#endif
