/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/noise/noise.h"

#include "bench/room/room.h"
#include "lib/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_BITS = 5 };
_Static_assert(1 << STEP_BITS == NOISE_STEPS, "a bucket's number is made of bits");

unsigned noise_bucket(uint64_t ticks) {
	if (ticks < NOISE_STEPS)
		return (unsigned)ticks;
	unsigned octave = 63u - (unsigned)__builtin_clzll(ticks) - STEP_BITS;
	unsigned bucket = (octave + 1) * NOISE_STEPS + (unsigned)(ticks >> octave) % NOISE_STEPS;
	return bucket < NOISE_BUCKETS ? bucket : NOISE_BUCKETS - 1;
}

uint64_t noise_bucket_from(unsigned bucket) {
	unsigned octave = bucket / NOISE_STEPS, step = bucket % NOISE_STEPS;
	return octave == 0 ? step : (uint64_t)(NOISE_STEPS + step) << (octave - 1);
}

static void keep_if_long(struct noise_core *core, const struct noise_detour *detour) {
	unsigned place = core->longest_count;
	while (place > 0 && core->longest[place - 1].ticks < detour->ticks)
		place--;
	if (place == NOISE_LONGEST)
		return;
	if (core->longest_count < NOISE_LONGEST)
		core->longest_count++;
	memmove(&core->longest[place + 1], &core->longest[place],
		(core->longest_count - 1 - place) * sizeof(core->longest[0]));
	core->longest[place] = *detour;
}

static void take(struct noise_core *core, const struct noise_detour *detour) {
	core->histogram[noise_bucket(detour->ticks)]++;
	keep_if_long(core, detour);
	if (detour->ticks > core->us) {
		core->over_us++;
		core->lost_to_us += detour->ticks;
	}
	if (core->kept_count < NOISE_KEPT_MOST)
		core->kept[core->kept_count++] = *detour;
}

void noise_core_take(struct noise_core *core, struct noise_look *look) {
	uint64_t seen = look->gaps < NOISE_GAPS_MOST ? look->gaps : NOISE_GAPS_MOST;
	for (uint64_t i = 0; i < seen; i++)
		take(core, &look->gap[i]);
	core->looks += look->looks;
	core->looked += look->looked;
	core->detours += look->gaps;
	core->unseen += look->gaps - seen;
	core->lost += look->lost;
	core->backs += look->backs;
	look->looks = look->looked = look->gaps = look->lost = look->backs = 0;
}

/* The first of the core's, from *place on, that ends behind `begin`. */
static const struct noise_detour *next_over_us(const struct noise_core *core, size_t *place, uint64_t begin) {
	for (; *place < core->kept_count; ++*place) {
		const struct noise_detour *detour = &core->kept[*place];
		if (detour->ticks > core->us && detour->begin + detour->ticks >= begin)
			return detour;
	}
	return NULL;
}

static bool all_have_one(struct noise_core *const *cores, size_t count, size_t *places,
			 const struct noise_detour *detour, uint64_t slack) {
	uint64_t begin = detour->begin > slack ? detour->begin - slack : 0, end = detour->begin + detour->ticks + slack;
	for (size_t i = 1; i < count; i++) {
		const struct noise_detour *other = next_over_us(cores[i], &places[i], begin);
		if (other == NULL || other->begin > end)
			return false;
	}
	return true;
}

static void settle(struct platform_counted *counted, const struct platform_counted *before,
		   const struct platform_counted *after) {
	*counted = after->counting == PLATFORM_COUNTING_NOT ? *after : *before;
	if (counted->counting == PLATFORM_COUNTING_NOT)
		return;
	if (after->value < before->value) {
		*counted =
			(struct platform_counted){.counting = PLATFORM_COUNTING_NOT, .reason = "the count went back"};
		return;
	}
	counted->value = after->value - before->value;
	if (counted->counting == PLATFORM_COUNTING_GUESTS)
		counted->counting = counted->value != 0 ? PLATFORM_COUNTING : PLATFORM_COUNTING_NOT;
}

void noise_settle_witness(struct platform_witness *witness, const struct platform_witness *before,
			  const struct platform_witness *after) {
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++)
		settle(&witness->counts[i], &before->counts[i], &after->counts[i]);
	witness->elsewhere = after->elsewhere - before->elsewhere;
}

/* That a core has one over a microsecond in so many ticks, whenever these are: it is in one as they begin, or one
 * begins meanwhile. */
static double chance_of_one(const struct noise_core *core, double ticks) {
	double lost = (double)core->lost_to_us / (double)core->looked;
	if (core->looked == 0 || lost >= 1)
		return 1;
	double begins = (double)core->over_us / (double)(core->looked - core->lost_to_us);
	return 1 - (1 - lost) * exp(-begins * ticks);
}

/* How many of `among` of the first core's would fall on every other core if none had to do with another. */
static double together_by_chance(struct noise_core *const *cores, size_t count, uint64_t among, uint64_t slack) {
	const struct noise_core *first = cores[0];
	double sum = 0, all = 0;
	for (unsigned bucket = noise_bucket(first->us); bucket < NOISE_BUCKETS; bucket++) {
		double length = (double)noise_bucket_from(bucket), chance = 1;
		if (first->histogram[bucket] == 0)
			continue;
		for (size_t i = 1; i < count; i++)
			chance *= chance_of_one(cores[i], length + 2 * (double)slack);
		sum += first->histogram[bucket] * chance;
		all += first->histogram[bucket];
	}
	return all > 0 ? sum / all * (double)among : 0;
}

enum { TOGETHER_CORES_MOST = 512 };

void noise_mark_together(struct noise_core *const *cores, size_t count, uint64_t slack) {
	static size_t places[TOGETHER_CORES_MOST], taken[TOGETHER_CORES_MOST];
	memset(places, 0, sizeof(places));
	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < count; i++)
		cores[i]->together = 0;
	cores[0]->by_chance = 0;
	if (count < 2 || count > TOGETHER_CORES_MOST)
		return;
	const struct noise_core *first = cores[0];
	uint64_t among = 0;
	for (size_t i = 0; i < first->kept_count; i++) {
		const struct noise_detour *detour = &first->kept[i];
		among += detour->ticks > first->us;
		if (detour->ticks <= first->us || !all_have_one(cores, count, places, detour, slack))
			continue;
		cores[0]->together++;
		/* A long one of another core's may answer to several of the first's. */
		for (size_t core = 1; core < count; core++) {
			cores[core]->together += taken[core] != places[core] + 1;
			taken[core] = places[core] + 1;
		}
	}
	cores[0]->by_chance = together_by_chance(cores, count, among, slack);
}

double noise_unknown_ns(const struct noise_core *core, uint64_t hz, bool *at_most) {
	static const enum platform_count others[] = {PLATFORM_COUNT_INTERRUPTS, PLATFORM_COUNT_NMIS,
						     PLATFORM_COUNT_SMIS, PLATFORM_COUNT_SWITCHES};
	const struct platform_counted *counts = core->witness.counts, *stolen = &counts[PLATFORM_COUNT_STOLEN_NS];
	*at_most = false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		*at_most |= counts[others[i]].counting != PLATFORM_COUNTING_NOT && counts[others[i]].value != 0;
	double lost = (double)core->lost_to_us * NS_PER_SECOND / (double)hz;
	double taken = stolen->counting != PLATFORM_COUNTING_NOT ? (double)room_stolen_surely(stolen->value) : 0;
	return lost > taken ? lost - taken : 0;
}

double noise_rate_upper(uint64_t count) {
	if (count == 0)
		return 3;
	const double normal_95 = 1.6448536269514722;
	double degrees = (double)count + 1, part = 1 / (9 * degrees);
	double root = 1 - part + normal_95 * sqrt(part);
	return degrees * root * root * root;
}

static int compare_ticks(const void *a, const void *b) {
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

/* 0: there was none. */
static double median_stay(const struct platform_planted *planted) {
	uint32_t sorted[PLATFORM_PLANTED_KEPT];
	size_t kept = planted->times < PLATFORM_PLANTED_KEPT ? (size_t)planted->times : PLATFORM_PLANTED_KEPT;
	memcpy(sorted, planted->ticks, sizeof(sorted));
	qsort(sorted, kept, sizeof(sorted[0]), compare_ticks);
	return kept != 0 ? sorted[kept / 2] : 0;
}

double noise_way_of(uint32_t *longest, size_t turns, const struct platform_planted *planted) {
	double stay = median_stay(planted);
	size_t without = 0;
	qsort(longest, turns, sizeof(longest[0]), compare_ticks);
	while (without < turns && longest[without] < stay)
		without++;
	return without < turns && planted->times != 0 ? longest[without + (turns - without) / 10] - stay : 0;
}

void noise_find_plant(struct noise_core *core, uint64_t hz, const struct platform_planted *planted) {
	struct noise_plant *plant = &core->plant;
	double every = (double)plant->every_ns * (double)hz / NS_PER_SECOND;
	plant->times = planted->times;
	plant->measured = planted->times != 0 ? plant->way + median_stay(planted) : 0;
	for (size_t i = 0; i < core->period_count && !plant->found; i++) {
		plant->period = core->periods[i];
		plant->found = every > 0 && fabs(plant->period.ticks / every - 1) <= 0.01;
	}
}
