/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of `noise`'s options.
 */
#include "bench/decimal.h"
#include "bench/noise/noise.h"
#include "lib/units.h"

#include <string.h>

bool noise_duration_of(const char *word, uint64_t *duration_ns) {
	double seconds;
	if (!decimal_seconds(word, NOISE_SECONDS_LEAST, NOISE_SECONDS_MOST, &seconds))
		return false;
	*duration_ns = (uint64_t)(seconds * NS_PER_SECOND);
	return true;
}

/* A number and its unit; *end is behind it. 0: it is none, or beyond the most that is planted. */
static uint64_t time_of(const char *word, char **end) {
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1}, {"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_SECOND}};
	double number = decimal_of(word, end);
	for (size_t i = 0; *end != word && i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i].name);
		if (strncmp(*end, units[i].name, length) != 0)
			continue;
		*end += length;
		double ns = number * units[i].ns;
		return ns >= 1 && ns <= (double)PLATFORM_PLANT_MOST_NS ? (uint64_t)(ns + 0.5) : 0;
	}
	return 0;
}

bool noise_plant_of(const char *word, uint64_t *every_ns, uint64_t *length_ns) {
	char *end;
	*every_ns = time_of(word, &end);
	if (*every_ns < PLATFORM_PLANT_LEAST_NS || *end != ':')
		return false;
	*length_ns = time_of(end + 1, &end);
	return *length_ns != 0 && *length_ns <= *every_ns / 2 && *end == '\0';
}
