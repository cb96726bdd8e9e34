/* SPDX-License-Identifier: Apache-2.0
 *
 * A distinguished name that a person typed (RFC 4514), as the octets of a Name.
 */
#ifndef CAPROOF_X509_NAME_H
#define CAPROOF_X509_NAME_H

#include "base/bytes.h"

/* Parse TEXT, which is UTF-8 and has its most special part first ("CN=Root,O=Acme,C=DE"),
 * into a DER Name, which has it last.  One attribute an RDN; what they are is in the table
 * of name.c.  Values become PrintableString where that is possible, else UTF8String.
 * Errors: usage, with the place in TEXT. */
NODISCARD enum caproof_status name_parse(const char *text, struct bytes *out, struct error *err);

#endif
