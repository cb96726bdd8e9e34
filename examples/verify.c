/* SPDX-License-Identifier: Apache-2.0
 *
 * A CA certificate and a finished proof, held against a platform's rules.  No token is needed.
 *
 *   cc -o verify verify.c $(pkg-config --cflags --libs libcaproof)
 *   ./verify rootCA.pem 7f3a9c51 aws-iot proof.pem
 */
#include <caproof/caproof.h>
#include <stdio.h>

static const char *const results[] = { "ok", "warning", "refused" };

static void show(const struct caproof_checks *checks) {
	for (size_t i = 0; i < caproof_checks_count(checks); i++) {
		const struct caproof_check *check = caproof_checks_get0(checks, i);

		printf("%-8s %s: %s\n", results[check->result], check->id, check->message);
		if (check->result != CAPROOF_CHECK_OK && check->way_out != NULL)
			printf("         way out: %s\n", check->way_out);
	}
}

static enum caproof_status verify(struct caproof *c, char **argv) {
	static char proof[64 * 1024];
	struct caproof_ca *ca = NULL;
	struct caproof_platform *platform = NULL;
	struct caproof_checks *checks = NULL;
	FILE *file = fopen(argv[4], "rb");
	size_t size = file != NULL ? fread(proof, 1, sizeof(proof), file) : 0;
	enum caproof_status status = caproof_ca_load(c, argv[1], &ca);

	if (status == CAPROOF_OK)
		status = caproof_platform_load(c, argv[3], &platform);
	if (status == CAPROOF_OK)
		status = caproof_check_ca(c, ca, platform, 0, &checks);
	show(checks);
	caproof_checks_free(checks);
	checks = NULL;
	if (status == CAPROOF_OK)
		status = caproof_verify(c, ca, platform, argv[2], proof, size, argv[4], 0, &checks);
	show(checks);
	caproof_checks_free(checks);
	caproof_platform_free(platform);
	caproof_ca_free(ca);
	if (file != NULL)
		fclose(file);
	return status;
}

int main(int argc, char **argv) {
	struct caproof *c = argc == 5 ? caproof_new() : NULL;
	const struct caproof_error *error = caproof_get0_error(c);
	int status = c != NULL ? (int)verify(c, argv) : CAPROOF_USAGE;

	if (c == NULL)
		fprintf(stderr, "usage: verify CA CODE PLATFORM PROOF\n");
	else if (status != CAPROOF_OK)
		fprintf(stderr, "verify: %s\nhint: %s\n", caproof_error_message(error),
			caproof_error_hint(error));
	caproof_free(c);
	return status;
}
