/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice_ends.h"

#include <math.h>

#define LOOK_DOUBT 0.10 /* of a time that looks found: what waits beside a call is counted to one of both */
#define SCALE_MOST 3.0  /* of such a time to what the costs say */

enum {
	LOOKS_LEAST = 50,
	LOOK_NS = 1000000, /* of CPU time; what looks closer to each other see is the same */
};

struct way {
	double lower, point, upper; /* 0: the first end, 1: the second */
	double scale;               /* of the time to the costs beyond the ends; 1 between them */
};

/* Those that see something of their own. */
static double looks_of(const struct record *record) {
	return fmin((double)record->glances, (double)record->glanced_ns / LOOK_NS);
}

bool advice_is_looked_at(const struct record *record) {
	return looks_of(record) >= LOOKS_LEAST;
}

struct advice_found advice_time_in(const struct record *record, uint32_t first, uint32_t last) {
	double cpu = record_cpu_ns(record), in = 0, looks = looks_of(record);
	for (uint32_t i = first; i <= last; i++)
		in += (double)record->in_ns[i];
	if (!advice_is_looked_at(record))
		return (struct advice_found){false, 0, 0};
	double share = advice_clamp(in / (double)record->glanced_ns);
	double error = ADVICE_DEVIATIONS * sqrt((share * (1 - share) + 1 / looks) / looks) + LOOK_DOUBT * share;
	return (struct advice_found){true, share * cpu, error * cpu};
}

static struct way way_to(const struct advice_ends *plain, const struct advice_found *found) {
	double first = plain->at[0].ns, second = plain->at[1].ns, least = fmin(first, second);
	double most = fmax(first, second), width = second - first;
	if (!found->is_known || !(least > 0) || !(fabs(width) > 0.01 * most))
		return (struct way){0, 0.5, 1, 1};
	double low = found->ns - found->error, high = found->ns + found->error;
	double one = advice_clamp((low - first) / width), other = advice_clamp((high - first) / width);
	double lower = fmin(one, other), upper = fmax(one, other);
	double scale = low > most ? fmin(low / most, SCALE_MOST) : high < least ? fmax(high, 0) / least : 1;
	return (struct way){lower, (lower + upper) / 2, upper, scale};
}

struct advice_sum advice_at_end(const struct advice_ends *ends, double way) {
	struct advice_sum sum = {0};
	advice_sum_add_part(&sum, &ends->at[0], 1 - way);
	advice_sum_add_part(&sum, &ends->at[1], way);
	return sum;
}

/* Beyond the ends a difference of costs grows or shrinks as the time does, or does not. */
struct advice_sum advice_sum_on_way(const struct advice_ends *ends, const struct advice_ends *plain,
				    const struct advice_found *found) {
	const struct way way = way_to(plain, found);
	struct advice_sum sum = advice_at_end(ends, way.point);
	double width = ends->at[1].ns - ends->at[0].ns;
	sum.doubts[ADVICE_CAUSE_WAY] += fabs(width) * fmax(way.upper - way.point, way.point - way.lower);
	sum.doubts[ADVICE_CAUSE_SCALE] += fabs(sum.ns) * fabs(way.scale - 1) / 2;
	sum.ns *= (1 + way.scale) / 2;
	return sum;
}
