/* SPDX-License-Identifier: Apache-2.0
 *
 * A proof as it lies in a file: read in the form that the platform takes, and in no
 * other.  A certificate is PEM or DER; a signature is one line of base64.
 */
#include "verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/text.h"
#include "x509/document.h"
#include "x509/keyless.h"

#define ID "proof.form"
#define SOURCE_LINE "the platform's form of proof: base64 on one line"
#define LINE_MAX_SIZE (64u * 1024) /* a signature of RSA-16384 takes 2732 characters */

static enum caproof_status check_rules(const struct verify_input *input,
	const struct algorithm *algorithm, const char *name, bool pem, struct checks *checks,
	struct error *err) {
	enum caproof_status status = CAPROOF_OK;

	if (input->code != NULL)
		status = platform_check_code(input->platform, input->code, strlen(input->code),
			(time_t)-1, input->at, checks, err);
	if (status == CAPROOF_OK && algorithm != NULL)
		status = platform_check_output(input->platform, algorithm, name, pem, checks, err);
	return status;
}

/* --- certificates -------------------------------------------------------------------- */

/* Nothing is asked of it here, but servers read it.  caproof's own proofs have one that was
 * read before. */
static enum caproof_status check_key(struct proof_view *v, struct error *err) {
	static const char id[] = "proof.key", source[] = "RFC 5280 4.1.2.7";
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(v->cert), &der);
	EVP_PKEY *key = len > 0 ? keyless_decode(span_of(der, (size_t)len)) : NULL;
	bool good = key != NULL;

	EVP_PKEY_free(key);
	OPENSSL_free(der);
	if (good)
		return HOLDS(v, id, source, "the public key in the proof can be read");
	return REFUSES(v, id, source, "make a new proof with 'caproof sign'",
		"the public key in the proof cannot be read, or cannot be one");
}

/* What takes the certificate once more. */
static enum caproof_status check_inside(const struct verify_input *input,
	const struct document *document, const char *name, struct checks *checks,
	struct error *err) {
	struct span der = bytes_span(&document->der);
	struct proof_view view = { input, der, keyless_certificate(der), checks, false };
	struct algorithm algorithm;
	enum caproof_status status;
	bool known;

	if (view.cert == NULL) /* it was read before */
		return error_memory(err);
	known = verify_algorithm_of(view.cert, &algorithm);
	status = check_key(&view, err);
	X509_free(view.cert);
	return status == CAPROOF_OK ? check_rules(input, known ? &algorithm : NULL, name,
		document->pem, checks, err) : status;
}

static enum caproof_status check_certificate(const struct verify_input *input,
	const struct document *document, const char *name, struct checks *checks,
	struct error *err) {
	struct proof_view view = { .input = input, .checks = checks };
	enum caproof_status status = verify_certificate(input, bytes_span(&document->der), checks, err);

	if (status != CAPROOF_OK)
		return status;
	if (document->text_around)
		status = WARNS(&view, ID, "RFC 7468 2", "remove the other text: openssl x509 -in PROOF "
			"-out CLEAN.pem", "there is other text around the certificate, which an upload may "
			"not take");
	else
		status = HOLDS(&view, ID, "RFC 7468 2", "one certificate, %s, and nothing else",
			document->pem ? "PEM" : "DER");
	return status == CAPROOF_OK ? check_inside(input, document, name, checks, err) : status;
}

static enum caproof_status verify_certificate_file(const struct verify_input *input,
	struct span file, const char *name, struct checks *checks, struct error *err) {
	struct document document = { 0 };
	char *shown = text_safe_dup(name, strlen(name));
	enum caproof_status status = CAPROOF_OK;

	if (shown == NULL)
		return error_memory(err);
	status = document_parse(file, shown, &document_proof, &document, err);
	if (status == CAPROOF_OK)
		status = check_certificate(input, &document, name, checks, err);
	document_clear(&document);
	free(shown);
	return status;
}

/* --- signatures ---------------------------------------------------------------------- */

static bool is_blank(unsigned char c) {
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Decode what is base64 but for blanks; false when it is not. */
static bool decode(struct span text, struct bytes *out) {
	unsigned char *packed = malloc(text.len + 1), *octets = malloc(text.len + 3);
	size_t len = 0, padding = 0;
	int decoded = -1;

	for (size_t i = 0; packed != NULL && i < text.len; i++)
		if (!is_blank(text.data[i]))
			packed[len++] = text.data[i];
	if (packed != NULL && octets != NULL && len > 0 && len % 4 == 0)
		decoded = EVP_DecodeBlock(octets, packed, (int)len);
	while (decoded > 0 && padding < len && packed[len - 1 - padding] == '=')
		padding++;
	free(packed);
	if (decoded <= 0 || padding > 2) {
		free(octets);
		return false;
	}
	*out = (struct bytes){ octets, (size_t)decoded - padding };
	return true;
}

/* Whether LINE is what caproof would write for OCTETS, its newline or not. */
static bool is_one_line(struct span line, struct span octets, struct error *err) {
	unsigned char *wanted = malloc((octets.len + 2) / 3 * 4 + 1);
	bool same;

	if (wanted == NULL) {
		error_memory(err);
		return false;
	}
	if (line.len > 0 && line.data[line.len - 1] == '\n')
		line.len--;
	same = span_equal(line, span_of(wanted, (size_t)EVP_EncodeBlock(wanted, octets.data,
		(int)octets.len)));
	free(wanted);
	return same;
}

static enum caproof_status check_line(struct proof_view *v, struct span file,
	struct span octets, struct error *err) {
	if (is_one_line(file, octets, err))
		return HOLDS(v, ID, SOURCE_LINE, "base64 on one line");
	if (err->id != ERROR_NONE)
		return error_status(err);
	return REFUSES(v, ID, SOURCE_LINE, "write it again: openssl base64 -A -in SIGNATURE -out PROOF",
		"not one line of base64 with one newline at its end at most: there are blanks or other "
		"lines in it, or its last character is not the one that belongs there");
}

static enum caproof_status check_signature(const struct verify_input *input, struct span file,
	struct span octets, const char *name, struct checks *checks, struct error *err) {
	struct proof_view view = { .input = input, .checks = checks };
	struct algorithm algorithm;
	bool good;
	enum caproof_status status;

	if ((status = verify_code_signature(input, octets, checks, err)) != CAPROOF_OK ||
		(status = check_line(&view, file, octets, err)) != CAPROOF_OK ||
		(status = verify_algorithm_found(input->ca, span_of(input->code, strlen(input->code)),
			octets, &algorithm, &good, err)) != CAPROOF_OK)
		return status;
	return check_rules(input, good ? &algorithm : NULL, name, true, checks, err);
}

static enum caproof_status verify_signature_file(const struct verify_input *input,
	struct span file, const char *name, struct checks *checks, struct error *err) {
	struct bytes octets = BYTES_INIT;
	char shown[256];
	enum caproof_status status;

	text_safe(shown, sizeof(shown), name, strlen(name));
	if (input->code == NULL) {
		error_set(err, ERROR_USAGE, "platform '%s' takes a signature over the code, and no code "
			"was given", platform_name(input->platform));
		error_hint(err, "give the code with --code");
		return error_status(err);
	}
	if (file.len > LINE_MAX_SIZE || !decode(file, &octets)) {
		error_set(err, ERROR_PROOF_FORMAT, "'%s' is no base64 signature, which platform '%s' takes "
			"as proof", shown, platform_name(input->platform));
		error_hint(err, "give the signature as one line of base64, and check --platform");
		return error_status(err);
	}
	status = check_signature(input, file, bytes_span(&octets), name, checks, err);
	bytes_clear(&octets);
	return status;
}

enum caproof_status verify_file(const struct verify_input *input, struct span file,
	const char *name, struct checks *checks, struct error *err) {
	switch (platform_form(input->platform)) {
	case FORM_CERTIFICATE_CN:
	case FORM_CERTIFICATE_SAN_URI:
		return verify_certificate_file(input, file, name, checks, err);
	case FORM_SIGNATURE:
		return verify_signature_file(input, file, name, checks, err);
	case FORM_NONE:
		break;
	}
	return error_set(err, ERROR_PLATFORM_NO_PROOF, "platform '%s' needs no proof: there is nothing "
		"to verify", platform_name(input->platform));
}

static enum caproof_status compare_serial(struct span der, const char *serial, bool *has,
	struct error *err) {
	X509 *cert = keyless_certificate(der);
	const ASN1_INTEGER *number = cert != NULL ? X509_get0_serialNumber(cert) : NULL;
	char *hex = number != NULL ? text_hex(ASN1_STRING_get0_data(number),
		(size_t)ASN1_STRING_length(number)) : NULL;
	enum caproof_status status = number != NULL && hex == NULL ? error_memory(err) : CAPROOF_OK;

	*has = hex != NULL && strcmp(hex, serial) == 0;
	free(hex);
	X509_free(cert);
	return status;
}

enum caproof_status verify_has_serial(struct span file, const char *serial, bool *has,
	struct error *err) {
	struct document document = { 0 };
	struct error why = ERROR_INIT;
	enum caproof_status status = document_parse(file, "proof", &document_proof, &document, &why);

	*has = false;
	if (status == CAPROOF_OK)
		status = compare_serial(bytes_span(&document.der), serial, has, err);
	else if (why.id == ERROR_MEMORY)
		*err = why;
	else
		status = CAPROOF_OK;
	document_clear(&document);
	return status;
}
