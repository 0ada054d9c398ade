/* SPDX-License-Identifier: Apache-2.0
 *
 * From a record to a mixture. Blocks freed in any order live for times that differ by orders of magnitude: each class
 * of these is a group. Those of a stack, a queue or a batch live about as long as each other: the median is theirs all.
 */
#include "hosted/advise/replay.h"

#include "hosted/advise/shapes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BESIDE_BYTES = 32 /* of a block: a heap's own, and where the block is kept */ };

#define BESIDE_CPU 1.1 /* CPU time, of that which passed, from which threads run beside each other */

/* ---- what lives at once ------------------------------------------------------------------------------------------ */

/* How many of the few that live at once. */
static double few_alive(const struct record *record, const struct shapes_alive *alive) {
	double sum = 0;
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++)
		if (alive->at_once[i] <= SHAPES_FEW_ALIVE)
			sum += (double)record->sums.lifetimes[i] * alive->at_once[i];
	return alive->few > 0 ? sum / alive->few : 1;
}

/* Likewise of the rest, by the median of their lifetimes. */
static double rest_alive(const struct record *record, const struct shapes_alive *alive) {
	double rest = alive->all - alive->few, below = 0;
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++) {
		double count = (double)record->sums.lifetimes[i];
		if (alive->at_once[i] <= SHAPES_FEW_ALIVE || count == 0)
			continue;
		if (below + count >= rest / 2)
			return ldexp(exp2((rest / 2 - below) / count), (int)i - 1) / alive->each_ns;
		below += count;
	}
	return 2 * SHAPES_FEW_ALIVE;
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

static void add_group(struct replay_mixture *mixture, enum costs_shape shape, double share, double count) {
	uint32_t parts = (uint32_t)(share * REPLAY_SHARES + 0.5);
	if (parts == 0 || mixture->group_count == REPLAY_GROUPS_MOST)
		return;
	count = fmin(count, REPLAY_BLOCKS_MOST);
	mixture->groups[mixture->group_count++] =
		(struct replay_group){shape, parts, count < 1 ? 1 : (uint32_t)(count + 0.5)};
}

/* Those that live together with `share` of all allocations. */
static void add_random(const struct record *record, const struct shapes_alive *alive, double share, double median,
		       struct replay_mixture *mixture) {
	double rest = alive->all - alive->few;
	if (!(rest > 0)) {
		add_group(mixture, COSTS_RANDOM, share, median * share);
		return;
	}
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++) {
		double part = share * (double)record->sums.lifetimes[i] / rest;
		if (alive->at_once[i] > SHAPES_FEW_ALIVE)
			add_group(mixture, COSTS_RANDOM, part, alive->at_once[i] * part);
	}
}

/* A batch's blocks live for half as long as it takes, on the mean; what of that following them took is as long again
 * only for a few. */
static void take_groups(const struct record *record, struct replay_mixture *mixture) {
	const struct shapes_alive alive = shapes_alive_of(record);
	const struct shapes shapes = shapes_of(record);
	const double *share = shapes.share, few = few_alive(record, &alive), median = rest_alive(record, &alive);
	add_group(mixture, COSTS_KEPT, share[COSTS_KEPT], 1);
	add_group(mixture, COSTS_FEW, share[COSTS_FEW], few * share[COSTS_FEW]);
	add_group(mixture, COSTS_STACK, share[COSTS_STACK], 2 * median * share[COSTS_STACK]);
	add_group(mixture, COSTS_QUEUE, share[COSTS_QUEUE], median * share[COSTS_QUEUE]);
	add_group(mixture, COSTS_ELSEWHERE, share[COSTS_ELSEWHERE], 2 * median * share[COSTS_ELSEWHERE]);
	add_random(record, &alive, share[COSTS_RANDOM] + share[COSTS_MANY], median, mixture);
}

struct kinds {
	double counts[REPLAY_KINDS];
};

static struct kinds kinds_of(const struct record *record, uint32_t first, uint32_t last) {
	static const enum replay_kind played_as[COUNTS_KINDS] = {
		[COUNTS_CALLOC] = REPLAY_CALLOC, [COUNTS_REALLOC] = REPLAY_REALLOC, [COUNTS_ALIGNED] = REPLAY_MALLOC};
	struct kinds of = {{0}};
	for (uint32_t class = first; class <= last; class ++)
		for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
			of.counts[played_as[kind]] += (double)record->sums.allocations[kind][class];
	return of;
}

/* What a step has, in the parts that its classes are of kinds: the record has steps of all kinds together. */
static struct kinds kinds_of_step(const struct record *record, uint32_t step) {
	uint32_t first = counts_class(step * COUNTS_STEP_BYTES + 1);
	struct kinds of = kinds_of(record, first, counts_class((step + 1) * COUNTS_STEP_BYTES));
	double all = 0, here = (double)record->sums.small[step];
	for (int kind = 0; kind < REPLAY_KINDS; kind++)
		all += of.counts[kind];
	for (int kind = 0; kind < REPLAY_KINDS; kind++)
		of.counts[kind] = all > 0 ? of.counts[kind] / all * here : kind == REPLAY_MALLOC ? here : 0;
	return of;
}

static double add_kinds(const struct kinds *kinds, uint32_t size, double counts[REPLAY_KINDS][REPLAY_SIZES]) {
	double all = 0;
	for (int kind = 0; kind < REPLAY_KINDS; kind++)
		all += counts[kind][size] = kinds->counts[kind];
	return all;
}

/* Small ones by steps where the record has them. */
static bool take_sizes(const struct record *record, struct replay_mixture *mixture) {
	double counts[REPLAY_KINDS][REPLAY_SIZES] = {{0}}, all = 0;
	for (uint32_t step = 0; step < COUNTS_SMALL_STEPS; step++) {
		struct kinds kinds = kinds_of_step(record, step);
		all += add_kinds(&kinds, step, counts);
	}
	for (uint32_t class = all > 0 ? counts_class(COUNTS_SMALL_BLOCK) : 0; class < REPLAY_CLASSES; class ++) {
		struct kinds kinds = kinds_of(record, class, class);
		all += add_kinds(&kinds, COUNTS_SMALL_STEPS + class, counts);
	}
	for (int kind = 0; kind < REPLAY_KINDS; kind++)
		for (uint32_t size = 0; size < REPLAY_SIZES; size++)
			mixture->sizes[kind][size] =
				all > 0 ? (uint32_t)(counts[kind][size] / all * REPLAY_SHARES + 0.5) : 0;
	return all > 0;
}

static double mean_bytes(const struct replay_mixture *mixture) {
	double bytes = 0, parts = 0;
	for (int kind = 0; kind < REPLAY_KINDS; kind++)
		for (uint32_t size = 0; size < REPLAY_SIZES; size++) {
			struct replay_span span = replay_span_of(size);
			bytes += mixture->sizes[kind][size] * (span.least + span.more / 2.0);
			parts += mixture->sizes[kind][size];
		}
	return parts > 0 ? bytes / parts : 0;
}

/* A record may have more alive than it is worth to play: beyond what caches hold it is all the same. */
static void bound_bytes(struct replay_mixture *mixture) {
	double count = 0;
	for (uint32_t i = 0; i < mixture->group_count; i++)
		count += mixture->groups[i].count;
	double share = fmin(REPLAY_BYTES_MOST / (count * (mean_bytes(mixture) + BESIDE_BYTES)), 1);
	for (uint32_t i = 0; i < mixture->group_count; i++) {
		uint32_t fewer = (uint32_t)(mixture->groups[i].count * share);
		mixture->groups[i].count = fewer ? fewer : 1;
	}
}

/* Who is waited for has the time to itself. */
static bool are_beside(const struct record *record) {
	return record_cpu_ns(record) > BESIDE_CPU * (double)record->wall_ns;
}

static enum replay_other other_of(const struct record *record, const struct replay_group *group) {
	double batches = (double)record->allocated * group->share / REPLAY_SHARES / group->count;
	if (record->threads > record->processes && (double)(record->threads - record->processes) > batches / 2)
		return REPLAY_ENDS;
	return are_beside(record) ? REPLAY_BESIDE : REPLAY_WAITED_FOR;
}

bool replay_mixture_of(const struct record *record, struct replay_mixture *mixture) {
	memset(mixture, 0, sizeof(*mixture));
	if (record->processes == 0 || record->allocated == 0 || !take_sizes(record, mixture))
		return false;
	mixture->blocks = record->allocated / record->processes;
	take_groups(record, mixture);
	bound_bytes(mixture);
	for (uint32_t i = 0; i < mixture->group_count; i++)
		if (mixture->groups[i].shape == COSTS_ELSEWHERE)
			mixture->other = other_of(record, &mixture->groups[i]);
	return mixture->group_count > 0;
}

uint32_t replay_work_of(const struct record *record, const struct replay *replay, double turn_ns) {
	double plain = replay->figures[COSTS_PLAIN].ns;
	double all = record_cpu_ns(record) / (double)(record->allocated + 1);
	double between = (all - replay->figures[COSTS_RECORDED].ns - plain) / 2;
	double turns = fmax(fmin(between, plain), 0) / turn_ns;
	return (uint32_t)fmin(turns, REPLAY_WORK_MOST);
}

/* ---- as a word --------------------------------------------------------------------------------------------------- */

void replay_mixture_write(const struct replay_mixture *mixture, struct text *text) {
	text_format(text, "%" PRIu64 ",%d", mixture->blocks, (int)mixture->other);
	for (int kind = 0; kind < REPLAY_KINDS; kind++)
		for (uint32_t size = 0; size < REPLAY_SIZES; size++)
			text_format(text, ",%" PRIu32, mixture->sizes[kind][size]);
	for (uint32_t i = 0; i < mixture->group_count; i++)
		text_format(text, ",%d,%" PRIu32 ",%" PRIu32, (int)mixture->groups[i].shape, mixture->groups[i].share,
			    mixture->groups[i].count);
}

/* The next of the numbers, none of which is beyond `most`. */
static bool take_number(const char **at, uint64_t most, uint64_t *number) {
	char *end;
	if (**at < '0' || **at > '9')
		return false;
	*number = strtoull(*at, &end, 10);
	*at = *end == ',' ? end + 1 : end;
	return *number <= most && (*end == ',' || *end == '\0');
}

static bool read_group(const char **at, struct replay_group *group) {
	uint64_t shape, share, count;
	if (!take_number(at, COSTS_SHAPES - 1, &shape) || !take_number(at, REPLAY_SHARES, &share) ||
	    !take_number(at, REPLAY_BLOCKS_MOST, &count))
		return false;
	*group = (struct replay_group){(enum costs_shape)shape, (uint32_t)share, (uint32_t)count};
	return shape != COSTS_MANY && share > 0 && count > 0;
}

bool replay_mixture_read(const char *word, struct replay_mixture *mixture) {
	uint64_t number, sizes = 0;
	memset(mixture, 0, sizeof(*mixture));
	if (!take_number(&word, UINT64_MAX, &mixture->blocks) || !take_number(&word, REPLAY_OTHERS - 1, &number))
		return false;
	mixture->other = (enum replay_other)number;
	for (uint32_t i = 0; i < REPLAY_KINDS * REPLAY_SIZES; i++) {
		if (!take_number(&word, REPLAY_SHARES, &number))
			return false;
		sizes += number;
		mixture->sizes[i / REPLAY_SIZES][i % REPLAY_SIZES] = (uint32_t)number;
	}
	while (*word)
		if (mixture->group_count == REPLAY_GROUPS_MOST ||
		    !read_group(&word, &mixture->groups[mixture->group_count++]))
			return false;
	return sizes > 0 && mixture->group_count > 0;
}
