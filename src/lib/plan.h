/* SPDX-License-Identifier: Apache-2.0
 *
 * Plan: the rules hold, and here are the exact octets to be signed.
 *
 * Pure: no token, no terminal, no clock and no randomness of its own.  A dry run, a
 * review and the signature all speak of the same octets.
 */
#ifndef CAPROOF_PLAN_H
#define CAPROOF_PLAN_H

#include "base/checks.h"
#include "platform/platform.h"
#include "x509/ca.h"
#include "x509/request.h"
#include "x509/tbs.h"

#define PLAN_DEFAULT ((time_t)-1) /* a time that was not given */

struct plan_input {
	const struct ca *ca;
	const struct platform *platform;
	struct span code;              /* as given, white space at its ends allowed; data NULL: from
	                                  the request */
	const struct request *request; /* or NULL */
	struct span subject_spki;      /* used when there is no request */
	struct algorithm algorithm;
	struct span serial;            /* 1 to SERIAL_MAX octets, positive */
	time_t now;
	time_t code_issued;            /* or PLAN_DEFAULT */
	time_t not_before, not_after;  /* or PLAN_DEFAULT: a day back, seven days from now */
	const char *out_name;          /* "-": standard output */
	bool pem;
	struct checks *refused;        /* empty, or NULL; gets the checks when there is no plan */
};

struct plan {
	enum proof_form form;
	struct algorithm algorithm;
	enum key_type key_type;
	char *code;                   /* without white space at its ends */
	bool code_trimmed;
	char *serial;                 /* lower-case hex */
	time_t not_before, not_after; /* inside the CA's own validity */
	bool clipped;                 /* less than what was asked for */
	char subject_spki_sha256[SHA256_HEX_SIZE];
	struct bytes tbs;             /* what the CA key signs */
	char tbs_sha256[SHA256_HEX_SIZE];
	struct checks checks;         /* every rule that was held against the inputs */

	/* The plan of a CA certificate (ca_certificate.h): signed with the key that it
	 * certifies; there is no code, and FORM means nothing. */
	bool is_ca;
	struct bytes ca_spki;         /* DER */
	struct bytes ca_key_id;       /* in both key identifiers */
	long path_len;                /* -1: no limit */
	char *out_name;               /* safe to show; "-": standard output */
};

/* Errors: rule, code, csr.code, validity, platform.no-proof. */
NODISCARD enum caproof_status plan_build(const struct plan_input *input, struct plan **out,
	struct error *err);
void plan_free(struct plan *plan);
/* Free a plan that came to nothing; its checks go to REFUSED, where that is not NULL. */
void plan_give_up(struct plan *plan, struct checks *refused);

#endif
