/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of PKCS#11 2.40, for the fault shim: OWN(name) has a wrapper of its
 * own in shim.c; PLAIN and SESSION (first argument: a session) are generated from
 * their parameters and arguments.  Included several times, each time with other
 * meanings of the three macros.
 */
OWN(C_Finalize)
OWN(C_GetFunctionList)
OWN(C_GetSlotList)
OWN(C_GetTokenInfo)
OWN(C_GetMechanismList)
OWN(C_GetMechanismInfo)
OWN(C_OpenSession)
OWN(C_CloseSession)
OWN(C_Login)
OWN(C_GetAttributeValue)
OWN(C_FindObjectsInit)
OWN(C_FindObjects)
OWN(C_SignInit)
OWN(C_Sign)
PLAIN(C_Initialize, (void *a), (a))
PLAIN(C_GetInfo, (CK_INFO *a), (a))
OWN(C_GetSlotInfo)
PLAIN(C_WaitForSlotEvent, (CK_FLAGS a, CK_SLOT_ID *b, void *c), (a, b, c))
PLAIN(C_InitToken, (CK_SLOT_ID a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d), (a, b, c, d))
SESSION(C_InitPIN, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_SetPIN, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG e), (s,
	b, c, d, e))
SESSION(C_GetSessionInfo, (CK_SESSION_HANDLE s, CK_SESSION_INFO *b), (s, b))
SESSION(C_GetOperationState, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG *c), (s, b, c))
SESSION(C_SetOperationState, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_OBJECT_HANDLE d,
	CK_OBJECT_HANDLE e), (s, b, c, d, e))
PLAIN(C_CloseAllSessions, (CK_SLOT_ID a), (a))
SESSION(C_Logout, (CK_SESSION_HANDLE s), (s))
SESSION(C_CreateObject, (CK_SESSION_HANDLE s, CK_ATTRIBUTE *b, CK_ULONG c,
	CK_OBJECT_HANDLE *d), (s, b, c, d))
SESSION(C_CopyObject, (CK_SESSION_HANDLE s, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d,
	CK_OBJECT_HANDLE *e), (s, b, c, d, e))
SESSION(C_DestroyObject, (CK_SESSION_HANDLE s, CK_OBJECT_HANDLE b), (s, b))
SESSION(C_GetObjectSize, (CK_SESSION_HANDLE s, CK_OBJECT_HANDLE b, CK_ULONG *c), (s, b, c))
SESSION(C_SetAttributeValue, (CK_SESSION_HANDLE s, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c,
	CK_ULONG d), (s, b, c, d))
SESSION(C_FindObjectsFinal, (CK_SESSION_HANDLE s), (s))
SESSION(C_EncryptInit, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (s, b, c))
SESSION(C_Encrypt, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e), (s,
	b, c, d, e))
SESSION(C_EncryptUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_EncryptFinal, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG *c), (s, b, c))
SESSION(C_DecryptInit, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (s, b, c))
SESSION(C_Decrypt, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e), (s,
	b, c, d, e))
SESSION(C_DecryptUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_DecryptFinal, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG *c), (s, b, c))
SESSION(C_DigestInit, (CK_SESSION_HANDLE s, CK_MECHANISM *b), (s, b))
SESSION(C_Digest, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e), (s,
	b, c, d, e))
SESSION(C_DigestUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_DigestKey, (CK_SESSION_HANDLE s, CK_OBJECT_HANDLE b), (s, b))
SESSION(C_DigestFinal, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG *c), (s, b, c))
SESSION(C_SignUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_SignFinal, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG *c), (s, b, c))
SESSION(C_SignRecoverInit, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (s, b, c))
SESSION(C_SignRecover, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e),
	(s, b, c, d, e))
SESSION(C_VerifyInit, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (s, b, c))
SESSION(C_Verify, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG e), (s,
	b, c, d, e))
SESSION(C_VerifyUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_VerifyFinal, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_VerifyRecoverInit, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (s,
	b, c))
SESSION(C_VerifyRecover, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_DigestEncryptUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_DecryptDigestUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_SignEncryptUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_DecryptVerifyUpdate, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c, CK_BYTE *d,
	CK_ULONG *e), (s, b, c, d, e))
SESSION(C_GenerateKey, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_ATTRIBUTE *c, CK_ULONG d,
	CK_OBJECT_HANDLE *e), (s, b, c, d, e))
SESSION(C_GenerateKeyPair, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_ATTRIBUTE *c, CK_ULONG d,
	CK_ATTRIBUTE *e, CK_ULONG f, CK_OBJECT_HANDLE *g, CK_OBJECT_HANDLE *h), (s, b, c,
	d, e, f, g, h))
SESSION(C_WrapKey, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c,
	CK_OBJECT_HANDLE d, CK_BYTE *e, CK_ULONG *f), (s, b, c, d, e, f))
SESSION(C_UnwrapKey, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c, CK_BYTE *d,
	CK_ULONG e, CK_ATTRIBUTE *f, CK_ULONG g, CK_OBJECT_HANDLE *h), (s, b, c,
	d, e, f, g, h))
SESSION(C_DeriveKey, (CK_SESSION_HANDLE s, CK_MECHANISM *b, CK_OBJECT_HANDLE c,
	CK_ATTRIBUTE *d, CK_ULONG e, CK_OBJECT_HANDLE *f), (s, b, c, d, e, f))
SESSION(C_SeedRandom, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_GenerateRandom, (CK_SESSION_HANDLE s, CK_BYTE *b, CK_ULONG c), (s, b, c))
SESSION(C_GetFunctionStatus, (CK_SESSION_HANDLE s), (s))
SESSION(C_CancelFunction, (CK_SESSION_HANDLE s), (s))
