/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that rules ask about a CA certificate and its file.  They see plain
 * facts, not the certificate, and say what they found whether it is good or bad.
 */
#include <string.h>

#include "base/text.h"
#include "platform/rules.h"

#define DAY 86400
#define SOON (30 * DAY)

static const char *const type_names[] = { "unknown", "RSA", "EC", "Ed25519", "Ed448" };
static const char *const curve_names[] = { "none", "P-256", "P-384", "P-521", "another curve" };

enum verdict ca_validity(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	char from[TEXT_TIME_SIZE], to[TEXT_TIME_SIZE];
	const struct ca_facts *ca = subject->ca;
	bool strict = subject->platform->strict_not_before;
	(void)parameter;
	text_time(from, ca->not_before);
	text_time(to, ca->not_after);
	/* RFC 5280 4.1.2.5 includes both ends; a platform may not. */
	if (subject->now < ca->not_before || (strict && subject->now == ca->not_before)) {
		found_write(found, "not valid before %s", from);
		return VERDICT_FAILS;
	}
	if (subject->now > ca->not_after) {
		found_write(found, "expired at %s", to);
		return VERDICT_FAILS;
	}
	found_write(found, "valid from %s to %s", from, to);
	return VERDICT_HOLDS;
}

enum verdict ca_expires_soon(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	char to[TEXT_TIME_SIZE];
	(void)parameter;
	found_write(found, "expires at %s", text_time(to, subject->ca->not_after));
	return found_verdict(difftime(subject->ca->not_after, subject->now) >= SOON);
}

enum verdict ca_version(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "version %d", subject->ca->version);
	return found_verdict(subject->ca->version == 3);
}

enum verdict ca_basic_constraints_present(const struct subject *subject,
	const struct parameter *parameter, struct found *found) {
	(void)parameter;
	found_write(found, "%s basicConstraints",
		subject->ca->has_basic_constraints ? "it has" : "there is no");
	return found_verdict(subject->ca->has_basic_constraints);
}

enum verdict ca_basic_constraints(const struct subject *subject,
	const struct parameter *parameter, struct found *found) {
	(void)parameter;
	if (!subject->ca->has_basic_constraints) {
		found_write(found, "there is no basicConstraints");
		return VERDICT_NOT_APPLICABLE;
	}
	found_write(found, "CA:%s", subject->ca->is_ca ? "TRUE" : "FALSE");
	return found_verdict(subject->ca->is_ca);
}

enum verdict ca_key_usage(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	if (!subject->ca->has_key_usage) {
		found_write(found, "there is no keyUsage, so nothing is ruled out");
		return VERDICT_HOLDS;
	}
	found_write(found, "keyUsage %s keyCertSign",
		subject->ca->may_sign_certificates ? "includes" : "lacks");
	return found_verdict(subject->ca->may_sign_certificates);
}

enum verdict ca_subject_key_identifier(const struct subject *subject,
	const struct parameter *parameter, struct found *found) {
	(void)parameter;
	found_write(found, "%s subject key identifier",
		subject->ca->has_ski ? "it has a" : "there is no");
	return found_verdict(subject->ca->has_ski);
}

enum verdict ca_authority_key_identifier(const struct subject *subject,
	const struct parameter *parameter, struct found *found) {
	(void)parameter;
	if (subject->ca->has_aki)
		found_write(found, "it has an authority key identifier");
	else if (subject->ca->self_issued)
		found_write(found, "there is no authority key identifier, which RFC 5280 4.2.1.1 "
				   "lets a self-signed root leave out");
	else
		found_write(found, "there is no authority key identifier");
	return found_verdict(subject->ca->has_aki);
}

static const char *signature_name(enum signature_digest digest) {
	switch (digest) {
	case SIGNATURE_MD5:
		return "MD5";
	case SIGNATURE_SHA1:
		return "SHA-1";
	case SIGNATURE_SHA2:
		return "SHA-2";
	case SIGNATURE_EDDSA:
		return "EdDSA";
	case SIGNATURE_OTHER:
		break;
	}
	return "an algorithm that is not known here";
}

enum verdict ca_signature_md5(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "signed with %s", signature_name(subject->ca->signed_with));
	return found_verdict(subject->ca->signed_with != SIGNATURE_MD5);
}

enum verdict ca_signature_sha1(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "signed with %s", signature_name(subject->ca->signed_with));
	return found_verdict(subject->ca->signed_with != SIGNATURE_SHA1);
}

static enum verdict key_size(const struct ca_facts *ca, unsigned bits, struct found *found) {
	if (ca->key_type != KEY_RSA) {
		found_write(found, "not an RSA key");
		return VERDICT_NOT_APPLICABLE;
	}
	found_write(found, "RSA with %u bits", ca->key_bits);
	return found_verdict(ca->key_bits >= bits);
}

enum verdict ca_key_size_1024(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	return key_size(subject->ca, 1024, found);
}

enum verdict ca_key_size_2048(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	return key_size(subject->ca, 2048, found);
}

enum verdict ca_roca(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	if (subject->ca->key_type != KEY_RSA) {
		found_write(found, "not an RSA key");
		return VERDICT_NOT_APPLICABLE;
	}
	found_write(found, "the modulus %s the ROCA fingerprint",
		subject->ca->roca ? "has" : "does not have");
	return found_verdict(!subject->ca->roca);
}

enum verdict ca_key_type(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	enum key_type type = subject->ca->key_type;
	found_write(found, "%s key", type_names[type]);
	return found_verdict(parameter->set & (1u << type));
}

enum verdict ca_curve(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	const struct ca_facts *ca = subject->ca;
	if (ca->key_type == KEY_RSA || ca->key_type == KEY_OTHER) {
		found_write(found, "not an elliptic curve key");
		return VERDICT_NOT_APPLICABLE;
	}
	if (ca->key_type != KEY_EC) {
		found_write(found, "the curve of %s", type_names[ca->key_type]);
		return VERDICT_FAILS;
	}
	found_write(found, "on %s", curve_names[ca->key_curve]);
	return found_verdict(parameter->set & (1u << ca->key_curve));
}

enum verdict ca_file_size(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	found_write(found, "%zu octets, the limit is %zu", subject->ca->file_size, parameter->max);
	return found_verdict(subject->ca->file_size <= parameter->max);
}

enum verdict ca_pem_size(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	found_write(found, "%zu octets as PEM text, the limit is %zu", subject->ca->pem_size,
		parameter->max);
	return found_verdict(subject->ca->pem_size <= parameter->max);
}

/* A certificate from a token or from standard input has no file name yet. */
static bool has_file_name(const char *name) {
	return name && *name && strcmp(name, "-") != 0 && strncasecmp(name, "pkcs11:", 7) != 0;
}

enum verdict suffix_verdict(const char *name, const struct parameter *parameter,
	struct found *found) {
	char shown[256];
	if (!has_file_name(name)) {
		found_write(found, "it has no file name");
		return VERDICT_NOT_APPLICABLE;
	}
	found_write(found, "the file is named '%s'",
		text_safe(shown, sizeof shown, name, strlen(name)));
	size_t name_len = strlen(name);
	for (size_t i = 0; i < parameter->suffix_count; i++) {
		size_t len = strlen(parameter->suffixes[i]);
		if (name_len >= len && strcmp(name + name_len - len, parameter->suffixes[i]) == 0)
			return VERDICT_HOLDS;
	}
	return VERDICT_FAILS;
}

enum verdict ca_file_suffix(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	return suffix_verdict(subject->ca->file_name, parameter, found);
}

enum verdict ca_file_encoding(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "the file is %s", subject->ca->pem ? "PEM text" : "DER");
	return found_verdict(subject->ca->pem);
}

enum verdict ca_text_around_pem(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	if (!subject->ca->pem) {
		found_write(found, "the file is DER");
		return VERDICT_NOT_APPLICABLE;
	}
	found_write(found, "there is %s text around the certificate",
		subject->ca->text_around_pem ? "other" : "no other");
	return found_verdict(!subject->ca->text_around_pem);
}
