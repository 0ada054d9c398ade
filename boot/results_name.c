/* SPDX-License-Identifier: Apache-2.0
 *
 * No colon, which FAT has not in a name: ISO 8601's basic format.
 */
#include "boot/results_name.h"
#include "lib/civil.h"

#define NUMBER_DIGITS 3 /* of RESULTS_NAME_NUMBER_MAX */

static char *put_text(char *at, const char *text) {
	while (*text)
		*at++ = *text++;
	return at;
}

/* At least `digits` of them. */
static char *put_number(char *at, unsigned number, unsigned digits) {
	unsigned divisor = 1;
	for (unsigned i = 1; i < NUMBER_DIGITS; i++)
		divisor *= 10;
	for (unsigned left = NUMBER_DIGITS; left; left--, divisor /= 10)
		if (left <= digits || number >= divisor)
			*at++ = (char)('0' + number / divisor % 10);
	return at;
}

static char *put_date(char *at, uint64_t utc_seconds) {
	char text[CIVIL_TEXT_BYTES];
	civil_text(utc_seconds, text);
	for (const char *from = text; *from; from++)
		if (*from != '-' && *from != ':')
			*at++ = *from;
	return at;
}

void results_name_earlier(uint64_t utc_seconds, unsigned number, char name[RESULTS_NAME_BYTES]) {
	char *at = put_text(name, "results-");
	if (!utc_seconds) {
		at = put_number(at, number, NUMBER_DIGITS);
	} else {
		at = put_date(at, utc_seconds);
		if (number > 1)
			at = put_number(put_text(at, "-"), number, 1);
	}
	*put_text(at, ".json") = '\0';
}
