/* SPDX-License-Identifier: Apache-2.0
 *
 * When octets are a PIN, whatever they come from.  A mistake that can be seen here is
 * refused here: at the token it would cost a try.
 */
#include "pin_text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "interrupt.h"

static const char *spoken_noun = "PIN", *spoken_option = "--pin";

void pin_speak_of(const char *noun, const char *option) {
	spoken_noun = noun;
	spoken_option = option;
}

const char *pin_noun(void) {
	return spoken_noun;
}

const char *pin_option(void) {
	return spoken_option;
}

/* One final newline is not part of the PIN. */
static void drop_newline(struct secret *secret) {
	const unsigned char *data = secret_data(secret);
	size_t len = secret_len(secret);

	if (len == 0 || data[len - 1] != '\n')
		return;
	len--;
	if (len > 0 && data[len - 1] == '\r')
		len--;
	secret_set_len(secret, len);
}

enum caproof_status pin_text_check(struct secret *secret, const char *shown, struct error *err) {
	const unsigned char *data = secret_data(secret);
	size_t len;

	drop_newline(secret);
	len = secret_len(secret);
	if (len == 0)
		return error_set(err, ERROR_PIN_NONE, "there is no %s in %s: it is empty",
			pin_noun(), shown);
	if (memchr(data, '\0', len) != NULL)
		return error_set(err, ERROR_PIN_NONE, "there is no %s in %s: it has a NUL octet",
			pin_noun(), shown);
	if (memchr(data, '\n', len) != NULL || memchr(data, '\r', len) != NULL)
		return error_set(err, ERROR_PIN_NONE,
			"there is no %s in %s: it has more than one line", pin_noun(), shown);
	return CAPROOF_OK;
}

enum caproof_status pin_text_too_long(const char *shown, struct error *err) {
	return error_set(err, ERROR_PIN_LENGTH, "what is in %s is too long for a %s", shown,
		pin_noun());
}

static enum caproof_status read_failed(int errnum, const char *shown, struct error *err) {
	if (interrupt_pending())
		return error_set(err, ERROR_INTERRUPTED, "interrupted while reading the %s", pin_noun());
	return error_set(err, ERROR_PIN_NONE, "cannot read %s: %s", shown, errno_text(errnum));
}

enum caproof_status pin_text_read(int fd, struct secret *secret, const char *shown,
	struct error *err) {
	size_t len = 0;

	while (len < SECRET_MAX) {
		ssize_t n;

		if (interrupt_pending())
			return read_failed(EINTR, shown, err);
		if (!interrupt_wait(fd))
			continue;
		n = read(fd, secret_data(secret) + len, SECRET_MAX - len);
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return read_failed(errno, shown, err);
		if (n > 0)
			len += (size_t)n;
	}
	if (len == SECRET_MAX)
		return pin_text_too_long(shown, err);
	secret_set_len(secret, len);
	return pin_text_check(secret, shown, err);
}
