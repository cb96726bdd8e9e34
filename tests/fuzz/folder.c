/* SPDX-License-Identifier: Apache-2.0
 *
 * A ceremony's folder for the fuzz targets: the CA's certificate, a roster, and whatever a
 * target writes there.  It is gone when the process ends as it should.
 */
#include "fuzz.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bundle bundle = { -1, NULL, NULL };
static char path[] = "/tmp/caproof-fuzz-XXXXXX";

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw) {
	(void)st;
	(void)type;
	(void)ftw;
	return remove(name);
}

static void remove_folder(void) {
	bundle_close(&bundle);
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void fuzz_file(const char *name, struct span content) {
	struct error err = ERROR_INIT;

	(void)unlinkat(bundle.folder, name, 0);
	FUZZ_MUST(bundle_write(&bundle, name, content, &err) == CAPROOF_OK);
}

static void write_certificate(const char *name, X509 *cert) {
	struct bytes pem = soft_pem(cert);

	fuzz_file(name, bytes_span(&pem));
	bytes_clear(&pem);
}

const struct bundle *fuzz_bundle(void) {
	const struct fuzz_world *world = fuzz_world();
	struct error err = ERROR_INIT;

	if (bundle.folder >= 0)
		return &bundle;
	FUZZ_MUST(mkdtemp(path) != NULL && bundle_open(path, &bundle, &err) == CAPROOF_OK);
	FUZZ_MUST(atexit(remove_folder) == 0);
	FUZZ_MUST(bundle_make_folder(&bundle, "inputs", &err) == CAPROOF_OK);
	FUZZ_MUST(bundle_make_folder(&bundle, "roster", &err) == CAPROOF_OK);
	write_certificate("inputs/ca.pem", world->cas[FUZZ_P256]->cert);
	write_certificate("roster/alice.pem", world->cas[FUZZ_RSA]->cert);
	write_certificate("roster/bob.pem", world->cas[FUZZ_P256]->cert);
	write_certificate("roster/walter.pem", world->cas[FUZZ_ED25519]->cert);
	return &bundle;
}

struct bytes fuzz_edited(struct span text, struct span input) {
	struct bytes out = BYTES_INIT;
	struct error err = ERROR_INIT;
	size_t at = fuzz_knob(&input) << 8, cut;

	at = (at | fuzz_knob(&input)) % (text.len + 1);
	cut = fuzz_knob(&input);
	cut = cut < text.len - at ? cut : text.len - at;
	FUZZ_MUST(bytes_append(&out, text.data, at, &err) == CAPROOF_OK &&
		bytes_append(&out, input.data, input.len, &err) == CAPROOF_OK &&
		bytes_append(&out, text.data + at + cut, text.len - at - cut, &err) == CAPROOF_OK);
	return out;
}
