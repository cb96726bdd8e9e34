/* SPDX-License-Identifier: Apache-2.0
 *
 * The story of a proof.  There is no other way to sign in caproof: one certificate, a
 * list, a ceremony and a raw code signature all go through here.
 *
 *     plan (plan.c)  ->  octets  ->  sign (token/signer.c)  ->  seal (seal.c)  ->  file
 */
#include "prove.h"

/* The key is in place before the proof is: never a proof without its key. */
static enum caproof_status write_both(const struct prove_item *item, const struct proof *proof,
	struct error *err) {
	struct output *const outputs[] = { item->key_out, item->out };
	enum caproof_status status = output_write(item->out, bytes_span(&proof->content), err);

	if (status != CAPROOF_OK)
		return status;
	if (item->key_out == NULL)
		return output_commit(item->out, err);
	status = output_write(item->key_out, item->key_pem, err);
	return status == CAPROOF_OK ? output_commit_all(outputs, 2, err) : status;
}

enum caproof_status prove(struct signer *signer, const struct prove_item *item,
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
	if (status == CAPROOF_OK)
		status = write_both(item, &proof, err);
out:
	bytes_clear(&signature);
	if (status == CAPROOF_OK)
		*out = proof;
	else
		proof_clear(&proof);
	return status;
}
