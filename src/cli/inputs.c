/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what several commands take.
 */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "token/certificate.h"
#include "token/module.h"

#define CODE_FILE_MAX 4096 /* far above the longest code of any platform */

static const char *environment(const char *name) {
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *inputs_platform_directory(void) {
	const char *directory = environment("CAPROOF_PLATFORMS");

	return directory != NULL ? directory : CAPROOF_PKGDATADIR "/platforms";
}

static enum caproof_status read_object(const char *name, struct bytes *out, struct error *err) {
	struct uri *uri = NULL;
	struct module *module = NULL;
	const char *path;
	enum caproof_status status = uri_parse(name, URI_COMMAND_LINE, &uri, err);

	if (status != CAPROOF_OK)
		return status;
	path = uri_module_path(uri);
	status = module_open(path != NULL ? path : environment("CAPROOF_MODULE"), &module, err);
	if (status == CAPROOF_OK)
		status = certificate_read(module, uri, out, err);
	module_close(module);
	uri_free(uri);
	return status;
}

enum caproof_status inputs_read_ca(const char *name, struct ca **out, struct error *err) {
	struct bytes file = BYTES_INIT;
	enum caproof_status status;

	if (uri_is_uri(name))
		status = read_object(name, &file, err);
	else
		status = file_read(name, "CA certificate", &file, err);
	if (status == CAPROOF_OK)
		status = ca_parse(bytes_span(&file), name, out, err);
	bytes_clear(&file);
	return status;
}

enum caproof_status inputs_read_code(const char *code, const char *file, struct bytes *out,
	struct error *err) {
	enum caproof_status status;

	if (code != NULL)
		return bytes_copy(out, code, strlen(code), err);
	if (file == NULL)
		return CAPROOF_OK;
	status = file_read(file, "code file", out, err);
	if (status == CAPROOF_OK && out->len > CODE_FILE_MAX)
		status = error_set(err, ERROR_CODE, "the code file holds %zu octets: no code is that long",
			out->len);
	return status;
}
