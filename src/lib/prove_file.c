/* SPDX-License-Identifier: Apache-2.0
 *
 * A proof that becomes a file.  Apart from the story, so that the library, which writes
 * nothing, has nothing of this in it.
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
	struct proof proof = { 0 };
	enum caproof_status status = prove_unwritten(signer, item, &proof, err);

	if (status == CAPROOF_OK)
		status = write_both(item, &proof, err);
	if (status == CAPROOF_OK)
		*out = proof;
	else
		proof_clear(&proof);
	return status;
}
