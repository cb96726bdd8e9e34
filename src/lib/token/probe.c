/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking for the public half.  It is what lets a wrong key be refused before a PIN is
 * asked for.  An id alone proves nothing: keys share ids, and the wrong public half of
 * an EC key makes a certificate that does not verify.
 */
#include "token/probe.h"

#include <stdlib.h>

/* A copy under another id would do as well, but an id is what leads to the private key. */
static enum caproof_status read_half(struct session *session, const struct found *found,
	struct probe *probe, struct error *err) {
	for (size_t i = 0; i < found->count; i++) {
		enum caproof_status status = object_read(session, found->handles[i], probe->key->type,
			&probe->half, err);

		if (status != CAPROOF_OK)
			return status;
		if (object_id(&probe->half).len > 0)
			break;
	}
	probe->result = PROBE_EQUAL;
	return CAPROOF_OK;
}

/* The standard's way to store a point first, then the certificate, which cards have more
 * often than a point as it is. */
enum caproof_status probe_value(struct session *session, struct probe *probe, struct error *err) {
	struct template none = { .count = 0 }, t = { .count = 0 };
	struct found found = { .count = 0 };
	enum caproof_status status = search_public_key(session, &none, probe->key, false, &found, err);

	probe->result = PROBE_NOTHING;
	if (status == CAPROOF_OK && found.count == 0 && probe->certificate.len > 0) {
		template_class(&t, CKO_CERTIFICATE);
		template_add(&t, CKA_VALUE, probe->certificate);
		status = search(session, &t, 3, false, &found, err);
	}
	if (status == CAPROOF_OK && found.count == 0 && probe->key->type != KEY_RSA)
		status = search_public_key(session, &none, probe->key, true, &found, err);
	if (status != CAPROOF_OK || found.count == 0)
		return status;
	return read_half(session, &found, probe, err);
}

/* What was seen: [0] of those that bear the label, [1] of the others, which count only
 * when nothing bears it.  A certificate's label is rarely its key's. */
struct tally {
	bool equal[2], different[2];
};

static enum caproof_status compare(struct session *session, struct probe *probe,
	const struct object *object, enum object_verdict *out, struct error *err) {
	*out = OBJECT_UNKNOWN;
	if (object->class == CKO_PUBLIC_KEY)
		*out = object_compare(object, probe->key);
	else if (object->class == CKO_CERTIFICATE)
		return object_compare_certificate(session, object->handle, probe->key, out, err);
	return CAPROOF_OK;
}

/* Stops at the first that is the CA's and bears the label. */
static enum caproof_status look_at(struct session *session, const struct found *found,
	struct span label, struct probe *probe, struct tally *tally, struct error *err) {
	struct object *object = malloc(sizeof(*object));
	enum caproof_status status = CAPROOF_OK;
	enum object_verdict verdict;
	bool other;

	if (object == NULL)
		return error_memory(err);
	for (size_t i = 0; i < found->count && status == CAPROOF_OK; i++) {
		status = object_read(session, found->handles[i], probe->key->type, object, err);
		if (status == CAPROOF_OK)
			status = compare(session, probe, object, &verdict, err);
		if (status != CAPROOF_OK)
			break;
		other = label.len > 0 && !span_equal(object_label(object), label);
		tally->different[other] |= verdict == OBJECT_DIFFERENT;
		if (verdict != OBJECT_EQUAL)
			continue;
		tally->equal[other] = true;
		probe->half = *object;
		if (!other)
			break;
	}
	free(object);
	return status;
}

/* The public key of that id and label by its value: when there are too many of that id to
 * look at, or a module that hands them out one by one. */
static enum caproof_status look_closer(struct session *session, struct span id, struct span label,
	struct probe *probe, struct error *err) {
	struct template t = { .count = 0 };
	struct found found;
	enum caproof_status status;

	template_add(&t, CKA_ID, id);
	template_add(&t, CKA_LABEL, label);
	status = search_public_key(session, &t, probe->key, false, &found, err);
	if (status == CAPROOF_OK && found.count == 0 && probe->key->type != KEY_RSA)
		status = search_public_key(session, &t, probe->key, true, &found, err);
	if (status == CAPROOF_OK && found.count > 0)
		return read_half(session, &found, probe, err);
	return status;
}

static enum probe_result judge(const struct tally *tally) {
	size_t group = tally->equal[0] || tally->different[0] ? 0 : 1;

	if (tally->equal[group] && (group == 0 || !tally->different[group]))
		return PROBE_EQUAL;
	if (tally->different[group] && !tally->equal[group])
		return PROBE_FOREIGN;
	return PROBE_NOTHING;
}

enum caproof_status probe_named(struct session *session, struct span id, struct span label,
	struct probe *probe, struct error *err) {
	struct template t = { .count = 0 };
	struct tally tally = { { false, false }, { false, false } };
	struct found found;
	enum caproof_status status;

	probe->result = PROBE_NOTHING;
	template_add(&t, id.len > 0 ? CKA_ID : CKA_LABEL, id.len > 0 ? id : label);
	if (t.count == 0)
		return CAPROOF_OK;
	status = search(session, &t, SEARCH_MAX, false, &found, err);
	if (status == CAPROOF_OK)
		status = look_at(session, &found, label, probe, &tally, err);
	if (status != CAPROOF_OK)
		return status;
	probe->result = judge(&tally);
	if (probe->result == PROBE_EQUAL || (probe->result == PROBE_NOTHING && !found.cut))
		return CAPROOF_OK;
	return look_closer(session, id, label, probe, err);
}
