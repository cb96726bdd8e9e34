/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate that is not signed yet, read as if it were: what is shown of a plan comes
 * from the octets that will be signed, never from what stands beside them.
 */
#ifndef CAPROOF_X509_PLANNED_H
#define CAPROOF_X509_PLANNED_H

#include <openssl/x509.h>

#include "base/algorithm.h"

/* TBS (DER TBSCertificate) as a certificate with an empty signature; *OUT is the caller's to
 * free.  Errors: proof.format. */
NODISCARD enum caproof_status planned_read(struct span tbs, const struct algorithm *algorithm,
	enum key_type key_type, X509 **out, struct error *err);
/* Its SubjectPublicKeyInfo, DER. */
NODISCARD enum caproof_status planned_spki(X509 *cert, struct bytes *out, struct error *err);

#endif
