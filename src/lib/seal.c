/* SPDX-License-Identifier: Apache-2.0
 *
 * From octets and signature to a proof that verifies.
 */
#include "seal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "base/base64.h"
#include "ca_certificate.h"
#include "verify.h"
#include "x509/document.h"
#include "x509/signature.h"

static enum caproof_status wrong_signature(const struct plan *plan, const struct ca *ca,
	struct error *err) {
	if (plan->is_ca)
		return error_set(err, ERROR_SIGNATURE, "the signature that the token returned does not "
			"verify with the public key that is to be certified");
	return error_set(err, ERROR_SIGNATURE, "the signature that the token returned does not verify "
		"with the public key of '%s'", ca->name);
}

/* Tokens and wires do corrupt.  A certificate's signature is judged with the rest of it. */
static enum caproof_status check_signature(const struct plan *plan, const struct ca *ca,
	struct span signature, struct error *err) {
	struct span octets = bytes_span(&plan->tbs);
	bool good = false;
	enum caproof_status status = plan->is_ca ?
		signature_verify_spki(bytes_span(&plan->ca_spki), &plan->algorithm, octets, signature,
			&good, err) :
		signature_verify(ca, &plan->algorithm, octets, signature, &good, err);

	return status != CAPROOF_OK || good ? status : wrong_signature(plan, ca, err);
}

/* Caproof's own proofs hold every check, warnings included. */
static enum caproof_status judge(const struct checks *checks, struct error *err) {
	for (size_t i = 0; i < checks->count; i++) {
		if (checks->list[i].result == CHECK_OK)
			continue;
		error_set(err, ERROR_PROOF, "the finished proof is not as planned: %s",
			checks->list[i].message);
		error_hint(err, "nothing was written; please report this");
		return error_status(err);
	}
	return CAPROOF_OK;
}

static bool is_foreign(const struct checks *checks) {
	const struct check *refused = checks_first_refused(checks);

	return refused != NULL && strcmp(refused->id, "proof.signature") == 0;
}

static enum caproof_status seal_certificate(const struct plan *plan,
	const struct verify_input *input, struct span signature, bool pem, struct proof *proof,
	struct error *err) {
	struct bytes der = BYTES_INIT;
	enum caproof_status status = certificate_join(bytes_span(&plan->tbs), &plan->algorithm,
		plan->key_type, signature, &der, err);

	if (status == CAPROOF_OK && !plan->is_ca)
		status = verify_certificate(input, bytes_span(&der), &proof->checks, err);
	if (status == CAPROOF_OK && is_foreign(&proof->checks))
		status = wrong_signature(plan, input->ca, err);
	if (status == CAPROOF_OK)
		status = judge(&proof->checks, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(bytes_span(&der), proof->sha256, err);
	if (status == CAPROOF_OK && pem)
		status = document_pem(PEM_STRING_X509, bytes_span(&der), &proof->content, err);
	if (status == CAPROOF_OK && !pem) {
		proof->content = der;
		return CAPROOF_OK;
	}
	bytes_clear(&der);
	return status;
}

static enum caproof_status seal_code(const struct verify_input *input, struct span signature,
	struct proof *proof, struct error *err) {
	enum caproof_status status = verify_code_signature(input, signature, &proof->checks, err);

	if (status == CAPROOF_OK)
		status = judge(&proof->checks, err);
	if (status == CAPROOF_OK)
		status = sha256_hex(signature, proof->sha256, err);
	if (status == CAPROOF_OK)
		status = base64_line(signature, &proof->content, err);
	return status;
}

enum caproof_status seal(const struct plan *plan, const struct ca *ca,
	const struct platform *platform, struct span signature, time_t now, bool pem,
	struct proof *out, struct error *err) {
	struct verify_input input = { ca, platform, plan->code, now };
	struct proof proof = { 0 };
	enum caproof_status status = CAPROOF_OK;

	if (plan->is_ca || plan->form == FORM_SIGNATURE)
		status = check_signature(plan, ca, signature, err);
	if (status != CAPROOF_OK)
		return status;
	if (plan->form == FORM_SIGNATURE)
		status = seal_code(&input, signature, &proof, err);
	else
		status = seal_certificate(plan, &input, signature, pem, &proof, err);
	if (status == CAPROOF_OK && plan->is_ca)
		status = ca_certificate_check(plan, platform, bytes_span(&proof.content), now,
			&proof.checks, err);
	if (status == CAPROOF_OK)
		*out = proof;
	else
		proof_clear(&proof);
	return status;
}

void proof_clear(struct proof *proof) {
	bytes_clear(&proof->content);
	checks_clear(&proof->checks);
}
