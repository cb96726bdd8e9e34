/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of a new ceremony.  A folder that cannot be finished is taken away again: half a
 * plan is nothing that officers should find.
 */
#include "ceremony/plan_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "x509/document.h"

static enum caproof_status write_ca(const struct plan_folder *content, const struct bundle *bundle,
	struct error *err) {
	struct bytes pem = BYTES_INIT;
	enum caproof_status status = document_pem(PEM_STRING_X509, bytes_span(&content->ca->der), &pem,
		err);

	if (status == CAPROOF_OK)
		status = bundle_write(bundle, "inputs/ca.pem", bytes_span(&pem), err);
	bytes_clear(&pem);
	return status;
}

static enum caproof_status write_inputs(const struct plan_folder *content,
	const struct bundle *bundle, struct error *err) {
	char path[40];
	enum caproof_status status = write_ca(content, bundle, err);

	for (size_t i = 0; status == CAPROOF_OK && i < content->count; i++) {
		if (content->requests[i].len == 0)
			continue;
		snprintf(path, sizeof(path), "inputs/%04zu.csr", i);
		status = bundle_write(bundle, path, bytes_span(&content->requests[i]), err);
	}
	return status;
}

static enum caproof_status write_roster(const struct plan_folder *content,
	const struct bundle *bundle, struct error *err) {
	char path[200];
	enum caproof_status status = bundle_write(bundle, "policy.json",
		bytes_span(&content->policy->text), err);

	for (size_t i = 0; status == CAPROOF_OK && i < content->policy->members_count; i++) {
		snprintf(path, sizeof(path), "roster/%s.pem", content->policy->members[i].name);
		status = bundle_write(bundle, path, bytes_span(&content->policy->members[i].pem), err);
	}
	return status;
}

static enum caproof_status write_note(const struct plan_folder *content,
	const struct bundle *bundle, struct error *err) {
	enum caproof_status status;

	if (content->rehearsal == NULL)
		return CAPROOF_OK;
	status = bundle_make_folder(bundle, "attach", err);
	return status == CAPROOF_OK ? bundle_write(bundle, "attach/REHEARSAL.txt",
		span_of(content->rehearsal, strlen(content->rehearsal)), err) : status;
}

static enum caproof_status fill(const struct plan_folder *content, const struct bundle *bundle,
	struct error *err) {
	static const char *const folders[] = { "inputs", "roster", "approvals" };
	struct ceremony_plan again;
	enum caproof_status status = CAPROOF_OK;

	for (size_t i = 0; status == CAPROOF_OK && i < 3; i++)
		status = bundle_make_folder(bundle, folders[i], err);
	if (status == CAPROOF_OK)
		status = write_inputs(content, bundle, err);
	if (status == CAPROOF_OK)
		status = write_roster(content, bundle, err);
	if (status == CAPROOF_OK)
		status = write_note(content, bundle, err);
	if (status == CAPROOF_OK)
		status = bundle_write(bundle, "plan.json", content->plan, err);
	if (status != CAPROOF_OK)
		return status;
	/* What officers will read must read back. */
	status = ceremony_plan_read(bundle, &again, err);
	ceremony_plan_clear(&again);
	return status;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	(void)st;
	(void)type;
	(void)ftw;
	(void)remove(path);
	return 0;
}

void plan_folder_remove(const char *path) {
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

enum caproof_status plan_folder_make(const struct plan_folder *content, const char *path,
	struct error *err) {
	struct bundle bundle;
	enum caproof_status status = bundle_make(path, &bundle, err);
	bool made = status == CAPROOF_OK;

	if (made)
		status = fill(content, &bundle, err);
	bundle_close(&bundle);
	if (made && status != CAPROOF_OK)
		plan_folder_remove(path);
	return status;
}
