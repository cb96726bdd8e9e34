/* SPDX-License-Identifier: Apache-2.0
 *
 * What a detached CMS signature says, before anything of it is believed.
 */
#ifndef CAPROOF_CEREMONY_CMS_INTERNAL_H
#define CAPROOF_CEREMONY_CMS_INTERNAL_H

#include "base/algorithm.h"

/* All spans borrow from the message. */
struct cms_parts {
	struct span issuer;         /* DER Name; empty: the signer is named by key_id */
	struct span serial;         /* the INTEGER's content, with issuer */
	struct span key_id;
	struct algorithm algorithm;
	struct span attributes;     /* [0] IMPLICIT SET OF, whole; empty: the content is signed */
	struct span message_digest; /* with attributes */
	struct span signature;
};

/* Read MESSAGE strictly: DER, one SignerInfo, detached, id-data, algorithms that count,
 * attributes that RFC 5652 5.3 asks for.  NULL, or why it does not count, as in struct
 * cms_verdict.  Certificates, revocation lists and unsigned attributes are stepped over.
 * Allocates nothing, and stops at the second SignerInfo. */
const char *cms_read(struct span message, struct cms_parts *out);

#endif
