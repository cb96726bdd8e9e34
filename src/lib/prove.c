/* SPDX-License-Identifier: Apache-2.0
 *
 * The story of a proof.  There is no other way to sign in caproof: one certificate, a
 * list, a ceremony and a raw code signature all go through here.
 *
 *     plan (plan.c)  ->  octets  ->  sign (token/signer.c)  ->  seal (seal.c)
 *
 * and then to a file (prove_file.c) or to the library's caller (src/api).
 */
#include "prove.h"

enum caproof_status prove_unwritten(struct signer *signer, const struct prove_item *item,
	struct proof *out, struct error *err) {
	const struct plan *plan = item->plan;
	struct bytes signature = BYTES_INIT;
	struct proof proof = { 0 };
	enum caproof_status status = signer_sign(signer, &plan->algorithm,
		bytes_span(&plan->tbs), &signature, err);

	if (status != CAPROOF_OK)
		goto out;
	if (item->cancelled != NULL && item->cancelled(item->arg)) {
		status = error_set(err, ERROR_INTERRUPTED, "interrupted");
		goto out;
	}
	status = seal(plan, item->ca, item->platform, bytes_span(&signature), item->now, item->pem,
		&proof, err);
out:
	bytes_clear(&signature);
	if (status == CAPROOF_OK)
		*out = proof;
	else
		proof_clear(&proof);
	return status;
}
