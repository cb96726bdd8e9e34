/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions that rules ask about how the proof will be signed and into which
 * file it goes.  They are asked before the token is touched.
 */
#include "base/text.h"
#include "platform/rules.h"

enum verdict output_pss(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	bool pss = subject->algorithm->scheme == SCHEME_RSA_PSS;
	(void)parameter;
	found_write(found, "the proof is signed %s RSASSA-PSS", pss ? "with" : "without");
	return found_verdict(!pss);
}

enum verdict output_digest(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	enum digest digest = subject->algorithm->digest;
	if (digest == DIGEST_NONE)
		found_write(found, "the proof is signed with EdDSA, which has no separate hash");
	else
		found_write(found, "the proof is signed with %s", digest_name(digest));
	return found_verdict(parameter->set & (1u << digest));
}

enum verdict output_suffix(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	return suffix_verdict(subject->out_name, parameter, found);
}

enum verdict output_encoding(const struct subject *subject, const struct parameter *parameter,
	struct found *found) {
	(void)parameter;
	found_write(found, "the proof is written as %s", subject->pem ? "PEM text" : "DER");
	return found_verdict(subject->pem);
}
