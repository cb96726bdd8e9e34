/* SPDX-License-Identifier: Apache-2.0
 *
 * What a module says about the keeping of a key.  Nobody outside of the token can check it;
 * a record says who said it.
 */
#include <string.h>

#include "token/signer_internal.h"

#define COUNT 5

enum caproof_status signer_attributes(struct signer *signer, struct signer_attributes *out,
	struct error *err) {
	static const CK_ATTRIBUTE_TYPE types[COUNT] = { CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE,
		CKA_EXTRACTABLE, CKA_NEVER_EXTRACTABLE, CKA_LOCAL };
	enum signer_word *const words[COUNT] = { &out->sensitive, &out->always_sensitive,
		&out->extractable, &out->never_extractable, &out->local };
	CK_BBOOL values[COUNT];
	CK_ATTRIBUTE list[COUNT];
	CK_RV rv;

	memset(values, 0xff, sizeof(values));
	for (size_t i = 0; i < COUNT; i++)
		list[i] = (CK_ATTRIBUTE){ types[i], &values[i], sizeof(values[i]) };
	rv = session_functions(&signer->session)->C_GetAttributeValue(signer->session.handle,
		signer->signings[0].key, list, COUNT);
	if (rv != CKR_OK && rv != CKR_ATTRIBUTE_TYPE_INVALID && rv != CKR_ATTRIBUTE_SENSITIVE)
		return session_error(&signer->session, rv, "C_GetAttributeValue", "read the key of", err);
	for (size_t i = 0; i < COUNT; i++)
		*words[i] = list[i].ulValueLen != sizeof(values[i]) ? WORD_ABSENT :
			values[i] == CK_TRUE ? WORD_TRUE : values[i] == CK_FALSE ? WORD_FALSE : WORD_ABSENT;
	return CAPROOF_OK;
}
