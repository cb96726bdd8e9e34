/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM or DER, exactly one object.  The PEM armour is read by OpenSSL; what is
 * decided here is only what a user should be told about the rest of the file.
 */
#include "x509/document.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/crypto.h"
#include "base/text.h"
#include "x509/key.h"

static const char *const certificate_labels[] = { PEM_STRING_X509, PEM_STRING_X509_OLD, NULL };
static const char *const request_labels[] = { PEM_STRING_X509_REQ, PEM_STRING_X509_REQ_OLD, NULL };

const struct document_kind document_ca = {
	"CA certificate", "certificate", certificate_labels, ERROR_CA_FORMAT, ERROR_CA_SEVERAL
};
const struct document_kind document_request = {
	"request", "certificate request", request_labels, ERROR_CSR_FORMAT, ERROR_CSR_FORMAT
};
const struct document_kind document_proof = {
	"proof", "certificate", certificate_labels, ERROR_PROOF_FORMAT, ERROR_PROOF_FORMAT
};

static bool starts_with(struct span file, const char *magic, size_t len) {
	return file.len >= len && memcmp(file.data, magic, len) == 0;
}

static const unsigned char *find(struct span file, const char *text) {
	return memmem(file.data, file.len, text, strlen(text));
}

/* The length that the outermost DER header announces, header included; 0: no header. */
static size_t der_length(struct span der) {
	const unsigned char *p = der.data;
	long content;
	int tag, class, flags;

	if (der.len == 0)
		return 0;
	ERR_set_mark();
	flags = ASN1_get_object(&p, &content, &tag, &class, (long)der.len);
	ERR_pop_to_mark();
	/* 0x80: malformed, or longer than what is there; bit 0: indefinite length */
	if ((flags & 0x81) != 0 || (flags & V_ASN1_CONSTRUCTED) == 0 || tag != V_ASN1_SEQUENCE)
		return 0;
	return (size_t)(p - der.data) + (size_t)content;
}

static bool is_private_key(struct span der) {
	const unsigned char *p = der.data;
	EVP_PKEY *key;

	ERR_set_mark();
	key = d2i_AutoPrivateKey_ex(NULL, &p, (long)der.len, crypto_context(), NULL);
	ERR_pop_to_mark();
	EVP_PKEY_free(key);
	return key != NULL;
}

static enum caproof_status private_key_error(const struct document_kind *kind, const char *name,
	struct error *err) {
	error_set(err, ERROR_CA_PRIVATE_KEY, "the %s file '%s' holds a private key", kind->what, name);
	if (kind != &document_ca)
		error_hint(err, "give the %s alone", kind->object);
	return error_status(err);
}

static enum caproof_status parse_der(struct span file, const char *name,
	const struct document_kind *kind, struct document *out, struct error *err) {
	size_t len = der_length(file);

	if (is_private_key(file))
		return private_key_error(kind, name, err);
	if (len == 0)
		return error_set(err, kind->format, "the %s '%s' is truncated, or no DER %s", kind->what,
			name, kind->object);
	if (len < file.len && der_length(span_of(file.data + len, file.len - len)) > 0)
		return error_set(err, kind->several, "the %s file '%s' holds several DER objects",
			kind->what, name);
	if (len < file.len)
		return error_set(err, kind->format, "the %s '%s' has %zu octets behind its end",
			kind->what, name, file.len - len);
	return bytes_copy(&out->der, file.data, file.len, err);
}

static bool label_is_wanted(const struct document_kind *kind, const char *label) {
	for (const char *const *l = kind->labels; *l != NULL; l++)
		if (strcmp(*l, label) == 0)
			return true;
	return false;
}

static bool is_blank(const unsigned char *from, const unsigned char *to) {
	while (from < to && isspace(*from))
		from++;
	return from == to;
}

static bool has_text_around(struct span file) {
	const unsigned char *begin = find(file, "-----BEGIN "), *end = NULL;
	const unsigned char *limit = file.data + file.len;

	for (const unsigned char *p = begin; p != NULL;) {
		end = p;
		p = find(span_of(p + 1, (size_t)(limit - p - 1)), "-----END ");
	}
	if (begin == NULL || end == NULL)
		return false;
	while (end < limit && *end != '\n')
		end++;
	return !is_blank(file.data, begin) || !is_blank(end, limit);
}

struct pem_walk {
	const struct document_kind *kind;
	unsigned wanted;          /* objects of the kind */
	char *other;              /* the label of the first one of another kind */
	struct bytes first;
	bool broken;              /* a BEGIN line without a readable rest */
};

static enum caproof_status pem_block(struct pem_walk *walk, const char *label, const char *header,
	const unsigned char *data, long len, struct error *err) {
	if (!label_is_wanted(walk->kind, label)) {
		if (walk->other == NULL)
			walk->other = text_safe_dup(label, strlen(label));
		return walk->other == NULL ? error_memory(err) : CAPROOF_OK;
	}
	if (header[0] != '\0')
		walk->broken = true;
	if (walk->wanted++ > 0)
		return CAPROOF_OK;
	return bytes_copy(&walk->first, data, (size_t)len, err);
}

/* Read every PEM block of FILE, so that a second certificate is noticed. */
static enum caproof_status pem_walk(struct span file, struct pem_walk *walk, struct error *err) {
	BIO *bio = BIO_new_mem_buf(file.data, (int)file.len);
	enum caproof_status status = CAPROOF_OK;
	char *label = NULL, *header = NULL;
	unsigned char *data = NULL;
	unsigned long code;
	long len;

	if (bio == NULL)
		return error_memory(err);
	ERR_set_mark();
	while (status == CAPROOF_OK && PEM_read_bio(bio, &label, &header, &data, &len) == 1) {
		status = pem_block(walk, label, header, data, len, err);
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	code = ERR_peek_last_error();
	if (status == CAPROOF_OK && ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		status = error_memory(err);
	if (ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
		walk->broken = true;
	ERR_pop_to_mark();
	BIO_free(bio);
	return status;
}

static enum caproof_status judge(const struct pem_walk *walk, const char *name, struct error *err) {
	const struct document_kind *kind = walk->kind;

	if (walk->wanted > 1) {
		error_set(err, kind->several, "the %s file '%s' holds %u %ss", kind->what, name,
			walk->wanted, kind->object);
		if (kind == &document_ca)
			error_hint(err, "put the one certificate that you will upload into a file of its own: "
				"'openssl x509 -in FILE -out ca.pem' takes the first; for another, copy its lines "
				"from BEGIN to END. They are:");
		return error_status(err);
	}
	if (walk->broken)
		return error_set(err, kind->format, "the %s '%s' is damaged: its PEM text is cut off or "
			"altered", kind->what, name);
	if (walk->wanted == 0 && walk->other != NULL)
		return error_set(err, kind->format, "'%s' holds no %s, but a PEM block of the kind '%s'",
			name, kind->object, walk->other);
	if (walk->wanted == 0)
		return error_set(err, kind->format, "'%s' is neither a PEM nor a DER %s", name,
			kind->object);
	if (der_length(bytes_span(&walk->first)) != walk->first.len)
		return error_set(err, kind->format, "the %s '%s' is damaged: what its PEM text holds is "
			"no %s", kind->what, name, kind->object);
	return CAPROOF_OK;
}

static enum caproof_status parse_pem(struct span file, const char *name,
	const struct document_kind *kind, struct document *out, struct error *err) {
	struct pem_walk walk = { .kind = kind };
	enum caproof_status status = pem_walk(file, &walk, err);

	if (status == CAPROOF_OK)
		status = judge(&walk, name, err);
	free(walk.other);
	if (status != CAPROOF_OK) {
		bytes_clear(&walk.first);
		return status;
	}
	out->der = walk.first;
	out->pem = true;
	out->text_around = has_text_around(file);
	return CAPROOF_OK;
}

enum caproof_status document_parse(struct span file, const char *name,
	const struct document_kind *kind, struct document *out, struct error *err) {
	struct document document = { .size = file.len };
	enum caproof_status status;

	if (find(file, "PRIVATE KEY-----") != NULL)
		return private_key_error(kind, name, err);
	if (starts_with(file, "\xff\xfe", 2) || starts_with(file, "\xfe\xff", 2)) {
		error_set(err, kind->format, "the %s '%s' is UTF-16 text", kind->what, name);
		error_hint(err, "save it as plain ASCII text, or convert it with "
			"'iconv -f UTF-16 -t ASCII'");
		return error_status(err);
	}
	if (starts_with(file, "\x30", 1))
		status = parse_der(file, name, kind, &document, err);
	else if (starts_with(file, "\xef\xbb\xbf", 3)) /* a BOM would hide the BEGIN line */
		status = parse_pem(span_of(file.data + 3, file.len - 3), name, kind, &document, err);
	else
		status = parse_pem(file, name, kind, &document, err);
	if (status != CAPROOF_OK)
		return status;
	if (!document.text_around)
		document.text_around = starts_with(file, "\xef\xbb\xbf", 3);
	*out = document;
	return CAPROOF_OK;
}

enum caproof_status document_pem(const char *label, struct span der, struct bytes *out,
	struct error *err) {
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;
	enum caproof_status status;

	if (bio == NULL || PEM_write_bio(bio, label, "", der.data, (long)der.len) <= 0) {
		BIO_free(bio);
		return crypto_error(err, "encode as PEM");
	}
	len = BIO_get_mem_data(bio, &data);
	status = bytes_copy(out, data, (size_t)len, err);
	BIO_free(bio);
	return status;
}

void document_clear(struct document *document) {
	bytes_clear(&document->der);
}

static bool is_definite(const unsigned char *p, long len, int depth) {
	const unsigned char *end = p + len;

	while (p < end) {
		long content;
		int tag, class, flags = ASN1_get_object(&p, &content, &tag, &class, (long)(end - p));

		if ((flags & 0x81) != 0 || depth == 0)
			return false;
		if ((flags & V_ASN1_CONSTRUCTED) != 0 && !is_definite(p, content, depth - 1))
			return false;
		p += content;
	}
	return true;
}

bool document_is_definite(struct span der) {
	bool definite;

	ERR_set_mark();
	definite = is_definite(der.data, (long)der.len, 32);
	ERR_pop_to_mark();
	return definite;
}
