/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/consistency.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct stats_summary *summary_of(const struct collector *collector, const char *part, const char *which) {
	char name[64];
	snprintf(name, sizeof(name), "combined/consistency/%s%s", part, which);
	for (size_t i = 0; i < collector->count; i++)
		if (strcmp(collector->benchmarks[i].name, name) == 0)
			return collector->benchmarks[i].has_summary ? &collector->benchmarks[i].summary : NULL;
	return NULL;
}

bool consistency_of(const struct collector *collector, size_t part, struct consistency *consistency) {
	static const char *const parts[CONSISTENCY_PARTS] = {"pool", "tlb", "copy"};
	static const double normal_quantile = 1.959964; /* of 0.975 */
	const struct stats_summary *mix = summary_of(collector, "mix", "");
	const struct stats_summary *without = summary_of(collector, parts[part], "/without");
	const struct stats_summary *alone = summary_of(collector, parts[part], "/alone");
	if (!mix || !without || !alone || !(stats_headline(alone)->point > 0) || !(alone->minimum > 0))
		return false;
	const struct stats_estimate *all = stats_headline(mix), *others = stats_headline(without),
				    *part_alone = stats_headline(alone);
	double ratio = (all->point - others->point) / part_alone->point;
	double error =
		sqrt(all->standard_error * all->standard_error + others->standard_error * others->standard_error +
		     ratio * ratio * part_alone->standard_error * part_alone->standard_error) /
		part_alone->point;
	*consistency = (struct consistency){
		.part = parts[part],
		.ratio = ratio,
		.lower = ratio - normal_quantile * error,
		.upper = ratio + normal_quantile * error,
		.ratio_of_minima = (mix->minimum - without->minimum) / alone->minimum,
	};
	return true;
}
