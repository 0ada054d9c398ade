/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/civil.h"

enum {
	YEAR_LEAST = 2020,
	YEAR_MOST = 9999,
	EPOCH_YEAR = 1970,
	SECONDS_PER_DAY = 86400,
	DAYS_PER_YEAR = 365,
	ZONE_MINUTES_MOST = 24 * 60,
};

static const char unknown[] = "unknown";

static bool is_leap(uint32_t year) {
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_of_month(uint32_t year, uint32_t month) {
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Leap days of all years before this one. */
static uint64_t leap_days_before(uint64_t year) {
	year--;
	return year / 4 - year / 100 + year / 400;
}

/* From the epoch to the first day of the year. */
static uint64_t days_before_year(uint64_t year) {
	return (year - EPOCH_YEAR) * DAYS_PER_YEAR + leap_days_before(year) - leap_days_before(EPOCH_YEAR);
}

bool civil_to_seconds(const struct civil_time *time, uint64_t *seconds) {
	if (time->year < YEAR_LEAST || time->year > YEAR_MOST || time->month < 1 || time->month > 12 || time->day < 1 ||
	    time->day > days_of_month(time->year, time->month) || time->hour > 23 || time->minute > 59 ||
	    time->second > 59)
		return false;
	uint64_t days = days_before_year(time->year) + time->day - 1;
	for (uint32_t month = 1; month < time->month; month++)
		days += days_of_month(time->year, month);
	*seconds = days * SECONDS_PER_DAY + time->hour * UINT64_C(3600) + time->minute * UINT64_C(60) + time->second;
	return true;
}

bool civil_local_to_seconds(const struct civil_time *time, int32_t behind, uint64_t *seconds, bool *zone_known) {
	if (!civil_to_seconds(time, seconds))
		return false;
	*zone_known = behind >= -ZONE_MINUTES_MOST && behind <= ZONE_MINUTES_MOST;
	if (*zone_known)
		*seconds += (uint64_t)(behind * INT64_C(60));
	return true;
}

uint64_t civil_believed(uint64_t seconds) {
	uint64_t days = seconds / SECONDS_PER_DAY;
	return days >= days_before_year(YEAR_LEAST) && days < days_before_year(YEAR_MOST + 1) ? seconds : 0;
}

static char *put_digits(char *at, uint64_t number, unsigned digits, char behind) {
	for (unsigned i = digits; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	at[digits] = behind;
	return at + digits + 1;
}

void civil_text(uint64_t seconds, char text[CIVIL_TEXT_BYTES]) {
	uint64_t days = seconds / SECONDS_PER_DAY, rest = seconds % SECONDS_PER_DAY;
	uint64_t year = EPOCH_YEAR + days / (DAYS_PER_YEAR + 1);
	for (unsigned i = 0; i < sizeof(unknown); i++)
		text[i] = unknown[i];
	if (seconds == 0 || year > YEAR_MOST)
		return;
	while (days_before_year(year + 1) <= days)
		year++;
	if (year > YEAR_MOST)
		return;
	days -= days_before_year(year);
	uint32_t month = 1;
	for (; days >= days_of_month((uint32_t)year, month); month++)
		days -= days_of_month((uint32_t)year, month);
	char *at = put_digits(text, year, 4, '-');
	at = put_digits(at, month, 2, '-');
	at = put_digits(at, days + 1, 2, 'T');
	at = put_digits(at, rest / 3600, 2, ':');
	at = put_digits(at, rest / 60 % 60, 2, ':');
	at = put_digits(at, rest % 60, 2, 'Z');
	*at = '\0';
}

/* Digits at *text up to `end`, behind which *text then stands; false: there are none, or something else. */
static bool take_number(const char **text, char end, uint32_t *number) {
	*number = 0;
	unsigned digits = 0;
	for (; **text >= '0' && **text <= '9' && digits < 5; digits++)
		*number = *number * 10 + (uint32_t)(*(*text)++ - '0');
	return digits != 0 && *(*text)++ == end;
}

bool civil_read(const char *text, uint64_t *seconds) {
	struct civil_time time;
	return take_number(&text, '-', &time.year) && take_number(&text, '-', &time.month) &&
	       take_number(&text, 'T', &time.day) && take_number(&text, ':', &time.hour) &&
	       take_number(&text, ':', &time.minute) && take_number(&text, 'Z', &time.second) && *text == '\0' &&
	       civil_to_seconds(&time, seconds);
}
