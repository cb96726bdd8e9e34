/* SPDX-License-Identifier: Apache-2.0
 *
 * Times as people and scripts write them (RFC 3339).  A date that no calendar has,
 * a fraction or a leap second, which time_t cannot hold, is refused rather than
 * rounded: these times end up in certificates.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

const char *text_time(char *buf, time_t when) {
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(buf, TEXT_TIME_SIZE, "%FT%TZ", &tm) == 0)
		snprintf(buf, TEXT_TIME_SIZE, "a time out of range");
	return buf;
}

/* Exactly COUNT digits at *TEXT, MIN to MAX; moves on. */
static bool take_number(const char **text, int count, int min, int max, int *out) {
	int value = 0;

	for (int i = 0; i < count; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*text += count;
	*out = value;
	return value >= min && value <= max;
}

static bool take_char(const char **text, const char *any_of) {
	if (**text == '\0' || strchr(any_of, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

static int days_in_month(int year, int month) {
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(const char **text, struct tm *tm) {
	int year, month, day;

	if (!take_number(text, 4, 0, 9999, &year) || !take_char(text, "-") ||
		!take_number(text, 2, 1, 12, &month) || !take_char(text, "-") ||
		!take_number(text, 2, 1, days_in_month(year, month), &day))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

static bool take_clock(const char **text, struct tm *tm) {
	return take_number(text, 2, 0, 23, &tm->tm_hour) && take_char(text, ":") &&
		take_number(text, 2, 0, 59, &tm->tm_min) && take_char(text, ":") &&
		take_number(text, 2, 0, 59, &tm->tm_sec);
}

/* "Z" or "+hh:mm", in seconds east of Greenwich. */
static bool take_offset(const char **text, long *out) {
	bool west = **text == '-';
	int hours, minutes;

	if (take_char(text, "Zz")) {
		*out = 0;
		return true;
	}
	if (!take_char(text, "+-") || !take_number(text, 2, 0, 23, &hours) ||
		!take_char(text, ":") || !take_number(text, 2, 0, 59, &minutes))
		return false;
	*out = (hours * 60L + minutes) * (west ? -60 : 60);
	return true;
}

bool text_time_parse(const char *text, time_t *out) {
	struct tm tm = { 0 };
	long offset;

	if (!take_date(&text, &tm) || !take_char(&text, "Tt") || !take_clock(&text, &tm) ||
		!take_offset(&text, &offset) || *text != '\0')
		return false;
	*out = timegm(&tm) - offset;
	return true;
}
