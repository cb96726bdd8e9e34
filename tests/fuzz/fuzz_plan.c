/* SPDX-License-Identifier: Apache-2.0
 *
 * A ceremony's plan from a stranger: refused with a reason, or every item is exactly what its
 * octets say, and can be written again.  What officers cannot see is in no plan that is read.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "ceremony/plan_internal.h"
#include "ceremony/plan_write.h"
#include "x509/planned.h"

static struct bytes good;

static void add_item(const struct ceremony_plan *plan, struct ceremony_item *item,
	struct bytes *items) {
	struct error err = ERROR_INIT;
	char sha256[SHA256_HEX_SIZE];

	if (item->form == FORM_SIGNATURE)
		FUZZ_MUST(bytes_copy(&item->tbs, item->code, strlen(item->code), &err) == CAPROOF_OK);
	else
		FUZZ_MUST(ceremony_item_octets(fuzz_bundle(), plan, item, &item->tbs, &err) == CAPROOF_OK);
	FUZZ_MUST(sha256_hex(bytes_span(&item->tbs), sha256, &err) == CAPROOF_OK);
	item->tbs_sha256 = sha256;
	FUZZ_MUST(ceremony_item_write(item, items, &err) == CAPROOF_OK);
	bytes_clear(&item->tbs);
}

static void make_good(void) {
	const struct fuzz_world *world = fuzz_world();
	struct ca *ca = world->cas[FUZZ_P256];
	struct ceremony_plan plan = { .id = "00112233445566778899aabbccddeeff", .created = FUZZ_NOW,
		.purpose = "a purpose", .policy_sha256 = FUZZ_CODE, .execute_from = FUZZ_NOW,
		.execute_until = FUZZ_NOW + 1000, .algorithm = { SCHEME_ECDSA, DIGEST_SHA256, 0 },
		.ca = ca };
	char *spki = base64_encode(bytes_span(&ca->spki));
	struct bytes items = BYTES_INIT;
	struct error err = ERROR_INIT;

	FUZZ_MUST(spki != NULL);
	add_item(&plan, &(struct ceremony_item){ .index = 0, .form = FORM_CERTIFICATE_CN,
		.platform = "generic", .tenant = "Acme", .code = "Code-1", .code_issued = FUZZ_NOW,
		.code_expires = CEREMONY_NO_TIME, .subject_key = spki,
		.serial = "01112233445566778899aabbccddeeff", .subject = "CN=Code-1",
		.not_before = FUZZ_NOW, .not_after = FUZZ_NOW + 1000, .out = "certs/0000.pem" }, &items);
	add_item(&plan, &(struct ceremony_item){ .index = 1, .form = FORM_SIGNATURE,
		.platform = "cumulocity", .code = "Code-2", .code_issued = CEREMONY_NO_TIME,
		.code_expires = CEREMONY_NO_TIME, .out = "signatures/0001.b64" }, &items);
	FUZZ_MUST(ceremony_plan_write(&plan, ca, bytes_span(&items), &good, &err) == CAPROOF_OK);
	bytes_clear(&items);
	free(spki);
}

static void check(const struct ceremony_plan *plan) {
	fuzz_shown(plan->id);
	FUZZ_MUST(plan->count > 0 && plan->ca != NULL);
	for (size_t i = 0; i < plan->count; i++) {
		const struct ceremony_item *item = &plan->items[i];
		struct error err = ERROR_INIT;
		X509 *cert = NULL;

		fuzz_shown(item->code);
		FUZZ_MUST(item->tbs.len > 0 && strstr(item->out, "..") == NULL);
		if (item->form == FORM_SIGNATURE)
			continue;
		FUZZ_MUST(planned_read(bytes_span(&item->tbs), &plan->algorithm, plan->ca->key.type, &cert,
			&err) == CAPROOF_OK);
		FUZZ_MUST(X509_check_ca(cert) == 0);
		X509_free(cert);
	}
}

/* Knob: 1: the good plan with an edit; else the octets as they are. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
	struct span input = span_of(data, size);
	const struct bundle *bundle = fuzz_bundle();
	bool edits = fuzz_knob(&input) == 1;
	struct ceremony_plan plan;
	struct error err = ERROR_INIT;
	struct bytes text;

	if (good.len == 0)
		make_good();
	text = fuzz_edited(edits ? bytes_span(&good) : span_of("", 0), input);
	fuzz_file("plan.json", bytes_span(&text));
	if (fuzz_fine(ceremony_plan_read(bundle, &plan, &err), &err))
		check(&plan);
	else
		FUZZ_MUST(!span_equal(bytes_span(&text), bytes_span(&good)));
	ceremony_plan_clear(&plan);
	bytes_clear(&text);
	return 0;
}
