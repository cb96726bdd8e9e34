/* SPDX-License-Identifier: Apache-2.0
 *
 * The outer form of DER.
 */
#include "base/der.h"

#define LENGTH_OCTETS_MAX 4 /* 4 GiB: more than any file that is read */

bool der_is(struct span from, enum der_tag tag) {
	return from.len > 0 && from.data[0] == tag;
}

/* The length at AT, which moves behind it; false when it is not the shortest form of one. */
static bool take_length(struct span from, size_t *at, size_t *len) {
	size_t octets;

	if (*at >= from.len)
		return false;
	*len = from.data[(*at)++];
	if (*len < 0x80)
		return true;
	octets = *len - 0x80; /* 0: indefinite */
	if (octets == 0 || octets > LENGTH_OCTETS_MAX || octets > from.len - *at ||
		from.data[*at] == 0)
		return false;
	*len = 0;
	for (; octets > 0; octets--)
		*len = *len << 8 | from.data[(*at)++];
	return *len >= 0x80;
}

bool der_take(struct span *from, enum der_tag tag, struct span *content, struct span *whole) {
	size_t at = 1, len;

	if (!der_is(*from, tag) || !take_length(*from, &at, &len) || len > from->len - at)
		return false;
	*content = span_of(from->data + at, len);
	if (whole != NULL)
		*whole = span_of(from->data, at + len);
	*from = span_of(from->data + at + len, from->len - at - len);
	return true;
}
