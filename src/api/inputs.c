/* SPDX-License-Identifier: Apache-2.0
 *
 * CA certificates and platforms, and one held against the other.
 */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

struct caproof_ca *ca_use(struct caproof_ca *ca) {
	ca->users++;
	return ca;
}

static enum caproof_status read_ca(struct call *call, struct span file, const char *name,
	struct caproof_ca **out) {
	struct caproof_ca *ca = calloc(1, sizeof(*ca));
	enum caproof_status status;

	if (ca == NULL)
		return error_memory(call->err);
	status = ca_parse(file, name, &ca->ca, call->err);
	if (status != CAPROOF_OK) {
		free(ca);
		return status;
	}
	ca->users = 1;
	ca->library = library_use(call->c->library);
	*out = ca;
	return CAPROOF_OK;
}

enum caproof_status caproof_ca_read(struct caproof *c, const void *data, size_t size,
	const char *name, struct caproof_ca **out) {
	struct call call;

	if (out != NULL)
		*out = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (data == NULL || name == NULL || out == NULL)
		return call_end(&call, call_needs(&call, "data, name or out"));
	if (size > FILE_MAX_SIZE)
		return call_end(&call, error_set(call.err, ERROR_INPUT_TOO_LARGE,
			"the CA certificate holds more than 16 MiB"));
	return call_end(&call, read_ca(&call, span_of(data, size), name, out));
}

static enum caproof_status load_ca(struct call *call, const char *path,
	struct caproof_ca **out) {
	struct bytes file = BYTES_INIT;
	/* "-" is standard input to the tool, and a file like any other to a program. */
	enum caproof_status status = file_read(strcmp(path, "-") == 0 ? "./-" : path,
		"CA certificate", &file, call->err);

	if (status == CAPROOF_OK)
		status = read_ca(call, bytes_span(&file), path, out);
	bytes_clear(&file);
	return status;
}

enum caproof_status caproof_ca_load(struct caproof *c, const char *path,
	struct caproof_ca **out) {
	struct call call;

	if (out != NULL)
		*out = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (path == NULL || out == NULL)
		return call_end(&call, call_needs(&call, "path or out"));
	return call_end(&call, load_ca(&call, path, out));
}

void caproof_ca_free(struct caproof_ca *ca) {
	if (ca == NULL || --ca->users > 0)
		return;
	ca_free(ca->ca);
	library_leave(ca->library);
	free(ca);
}

const char *caproof_ca_subject(const struct caproof_ca *ca) {
	return ca != NULL ? ca->ca->subject_text : NULL;
}

const char *caproof_ca_sha256(const struct caproof_ca *ca) {
	return ca != NULL ? ca->ca->sha256 : NULL;
}

/* --- platforms --------------------------------------------------------------------------- */

struct caproof_platform *platform_use(struct caproof_platform *platform) {
	platform->users++;
	return platform;
}

static enum caproof_status load_platform(struct call *call, const char *name,
	struct caproof_platform **out) {
	const char *folder = call->c->platforms != NULL ? call->c->platforms :
		CAPROOF_PKGDATADIR "/platforms";
	struct caproof_platform *platform = calloc(1, sizeof(*platform));
	enum caproof_status status;

	if (platform == NULL)
		return error_memory(call->err);
	status = platform_load(name, folder, &platform->platform, call->err);
	if (status != CAPROOF_OK) {
		free(platform);
		return status;
	}
	platform->users = 1;
	*out = platform;
	return CAPROOF_OK;
}

enum caproof_status caproof_platform_load(struct caproof *c, const char *name,
	struct caproof_platform **out) {
	struct call call;

	if (out != NULL)
		*out = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (name == NULL || out == NULL)
		return call_end(&call, call_needs(&call, "name or out"));
	return call_end(&call, load_platform(&call, name, out));
}

void caproof_platform_free(struct caproof_platform *platform) {
	if (platform == NULL || --platform->users > 0)
		return;
	platform_free(platform->platform);
	free(platform);
}

const char *caproof_platform_name(const struct caproof_platform *platform) {
	return platform != NULL ? platform_name(platform->platform) : NULL;
}

const char *caproof_platform_title(const struct caproof_platform *platform) {
	return platform != NULL ? platform_title(platform->platform) : NULL;
}

enum caproof_form caproof_platform_form(const struct caproof_platform *platform) {
	if (platform == NULL)
		return CAPROOF_FORM_CERTIFICATE_CN;
	switch (platform_form(platform->platform)) {
	case FORM_CERTIFICATE_CN:
		return CAPROOF_FORM_CERTIFICATE_CN;
	case FORM_CERTIFICATE_SAN_URI:
		return CAPROOF_FORM_CERTIFICATE_SAN_URI;
	case FORM_SIGNATURE:
		return CAPROOF_FORM_SIGNATURE;
	case FORM_NONE:
		break;
	}
	return CAPROOF_FORM_NONE;
}

/* --- one against the other --------------------------------------------------------------- */

static enum caproof_status check_ca(struct call *call, const struct caproof_ca *ca,
	const struct caproof_platform *platform, time_t at, struct caproof_checks **out) {
	struct checks checks = CHECKS_INIT;
	char what[400];
	enum caproof_status verdict = CAPROOF_OK,
		status = platform_check_ca(platform->platform, &ca->ca->facts, at, &checks, call->err);

	if (status == CAPROOF_OK) {
		snprintf(what, sizeof(what), "platform '%s' refuses '%.300s'",
			platform_name(platform->platform), ca->ca->name);
		verdict = checks_to_error(&checks, ERROR_RULE, what, call->err);
	}
	if (status != CAPROOF_OK || out == NULL)
		checks_clear(&checks);
	else
		status = checks_wrap(&checks, out, call->err);
	return status == CAPROOF_OK ? verdict : status;
}

enum caproof_status caproof_check_ca(struct caproof *c, const struct caproof_ca *ca,
	const struct caproof_platform *platform, time_t at, struct caproof_checks **checks) {
	struct call call;

	if (checks != NULL)
		*checks = NULL;
	if (!call_begin(&call, c))
		return CAPROOF_USAGE;
	if (ca == NULL || platform == NULL)
		return call_end(&call, call_needs(&call, "ca or platform"));
	return call_end(&call, check_ca(&call, ca, platform, time_of(at), checks));
}
