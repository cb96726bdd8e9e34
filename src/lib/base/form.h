/* SPDX-License-Identifier: Apache-2.0
 *
 * The forms that a proof of possession takes; the platform decides which.
 */
#ifndef CAPROOF_BASE_FORM_H
#define CAPROOF_BASE_FORM_H

enum proof_form {
	FORM_CERTIFICATE_CN,      /* a certificate whose subject is CN = code */
	FORM_CERTIFICATE_SAN_URI, /* a certificate with one SAN URI made from the code */
	FORM_SIGNATURE,           /* base64 signature over the code's octets */
	FORM_NONE                 /* the platform needs no proof */
};

enum subject_key { SUBJECT_KEY_P256, SUBJECT_KEY_RSA2048, SUBJECT_KEY_RSA3072, SUBJECT_KEY_CA };

#endif
