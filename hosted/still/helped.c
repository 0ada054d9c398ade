/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/helped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double share(double lost_us, double looked_us) {
	return (lost_us < 1 ? 1 : lost_us) / looked_us;
}

void helped_judge(const double *plain_us, const double *still_us, const double *plain_looked_us,
		  const double *still_looked_us, struct helped *helped) {
	double ratios[HELPED_PAIRS], plain = 0, still = 0, plain_looked = 0, still_looked = 0;
	*helped = (struct helped){.outcome = HELPED_UNMEASURED};
	for (int i = 0; i < HELPED_PAIRS; i++) {
		if (!(plain_looked_us[i] > 0) || !(still_looked_us[i] > 0))
			return;
		ratios[i] = share(still_us[i], still_looked_us[i]) / share(plain_us[i], plain_looked_us[i]);
		plain += plain_us[i];
		still += still_us[i];
		plain_looked += plain_looked_us[i];
		still_looked += still_looked_us[i];
	}
	qsort(ratios, HELPED_PAIRS, sizeof(ratios[0]), by_size);
	helped->plain = plain / plain_looked;
	helped->still = still / still_looked;
	helped->looked_us = plain_looked;
	helped->ratio = (ratios[HELPED_PAIRS / 2 - 1] + ratios[HELPED_PAIRS / 2]) / 2;
	helped->lower = ratios[0];
	helped->upper = ratios[HELPED_PAIRS - 1];
	helped->outcome = helped->upper < 1 ? HELPED_LESS : helped->lower > 1 ? HELPED_MORE : HELPED_INCONCLUSIVE;
}

void helped_tell(const struct helped *helped, struct doctor *doctor) {
	for (size_t i = 0; i < doctor->worse; i++) {
		struct doctor_finding *finding = &doctor->findings[i];
		if (!finding->still || helped->outcome == HELPED_UNMEASURED)
			continue;
		finding->measured = true;
		snprintf(finding->worth, sizeof(finding->worth), "all of --still: %.2f [%.2f %.2f] of the time lost%s",
			 helped->ratio, helped->lower, helped->upper,
			 helped->outcome == HELPED_INCONCLUSIVE ? ", inconclusive" : "");
	}
}

void helped_show(const struct helped *helped, unsigned cpu, const char *held, struct text *text) {
	static const char *const words[] = {[HELPED_LESS] = "it helps",
					    [HELPED_MORE] = "it makes it worse",
					    [HELPED_INCONCLUSIVE] = "inconclusive"};
	if (helped->outcome == HELPED_UNMEASURED) {
		text_add_string(text, "--still: unmeasured\n");
		return;
	}
	text_format(text,
		    "--still: %s. Core %u loses %.4f %% of its time without it, %.4f %% with it: a pair's ratio is "
		    "%.2f [%.2f %.2f]\n",
		    words[helped->outcome], cpu, helped->plain * 100, helped->still * 100, helped->ratio, helped->lower,
		    helped->upper);
	text_format(text, "         (%d pairs of %.3g s, alternately; 99 %%). Still were: %s\n", HELPED_PAIRS,
		    helped->looked_us / HELPED_PAIRS / 1e6, held);
}

static const char *const outcomes[] = {[HELPED_UNMEASURED] = "unmeasured",
				       [HELPED_LESS] = "less",
				       [HELPED_MORE] = "more",
				       [HELPED_INCONCLUSIVE] = "inconclusive"};

enum helped_outcome helped_outcome_of(const char *word) {
	int outcome = HELPED_INCONCLUSIVE;
	while (outcome > HELPED_UNMEASURED && strcmp(outcomes[outcome], word) != 0)
		outcome--;
	return (enum helped_outcome)outcome;
}

void helped_write(const struct helped *helped, const char *held, struct text *text) {
	text_member_object(text, "helped");
	text_member_string(text, "lost", outcomes[helped->outcome]);
	text_member_string(text, "still", held);
	if (helped->outcome != HELPED_UNMEASURED) {
		text_member_double(text, "lost_without", helped->plain);
		text_member_double(text, "lost_with", helped->still);
		text_member_double(text, "ratio", helped->ratio);
		text_member_double(text, "lower", helped->lower);
		text_member_double(text, "upper", helped->upper);
		text_member_u64(text, "pairs", HELPED_PAIRS);
		text_member_double(text, "piece_seconds", helped->looked_us / HELPED_PAIRS / 1e6);
	}
	text_add_string(text, "}");
}
