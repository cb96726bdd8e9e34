/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON that signing commands have in common.
 */
#include "run_report.h"

#include <string.h>

#include "base/text.h"

bool run_json_set(json_t *object, const char *key, json_t *value) {
	return value != NULL && json_object_set_new(object, key, value) == 0;
}

json_t *run_json_key(const struct run *run, const struct public_key *key) {
	char kind[40];

	public_key_describe(key, kind, sizeof(kind));
	return json_pack("{s:s?, s:s}", "uri", signer_get0_key(run->signer)->uri, "type", kind);
}

json_t *run_json_token(const struct run *run) {
	const struct token *t = signer_token(run->signer);

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "label", t->label, "serial", t->serial,
		"manufacturer", t->manufacturer, "model", t->model, "firmware", t->firmware);
}

json_t *run_json_module(const struct run *run) {
	char path[1024];

	text_safe(path, sizeof(path), module_path(run->module), strlen(module_path(run->module)));
	return json_pack("{s:s, s:s, s:s}", "path", path, "description",
		module_description(run->module), "version", module_version(run->module));
}

json_t *run_json_steps(char **steps) {
	json_t *list = json_array();

	for (char **step = steps; list != NULL && *step != NULL; step++) {
		if (json_array_append_new(list, json_string(*step)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
