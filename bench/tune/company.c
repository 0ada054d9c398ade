/* SPDX-License-Identifier: Apache-2.0
 *
 * What a method is worth among other code: a call, and behind it dependent additions that take nine times as long as
 * the built-in method's call, over and over. A method that lowers the clock, or that stands still before its first wide
 * instruction, makes the additions slower; they are what the code around it would be.
 */
#include "bench/rng.h"
#include "bench/tune/tune.h"

#include <math.h>

/* Calls that hide behind the additions gain nothing here, and would elsewhere: it is enough that nothing is lost. */
#define LOSS_MOST 1.005

enum { COMPANY_ROUNDS = 21, COMPANY_TIMES = 9, COMPANY_BYTES_MOST = 256 << 10 };

static struct tune_ratio ratio_at(const struct tune_operation *operation, const struct tune_subject *subject,
				  size_t bytes, unsigned method, struct rng *rng) {
	struct tune_cell alone = {operation->operation, bytes, TUNE_CONDITION(TUNE_ALIGNED, TUNE_L1), 0};
	const unsigned methods[2] = {(unsigned)operation->built_in, method};
	double ratios[COMPANY_ROUNDS], add_ns = subject->add_ns(subject->self);
	double call_ns = subject->call_ns(subject->self, &alone, methods[0]);
	size_t count = 0;
	if (!(add_ns > 0) || !(call_ns > 0))
		return (struct tune_ratio){0};
	uint64_t adds = (uint64_t)(COMPANY_TIMES * call_ns / add_ns) + 1;
	for (unsigned round = 0; round < COMPANY_ROUNDS; round++) {
		double ns[2];
		unsigned first = rng_below(rng, 2);
		for (unsigned i = 0; i < 2; i++) {
			unsigned which = i ^ first;
			ns[which] =
				subject->company_ns(subject->self, operation->operation, bytes, methods[which], adds);
		}
		if (ns[0] > 0 && ns[1] > 0)
			ratios[count++] = ns[1] / ns[0];
		if (subject->checkpoint != NULL && !subject->checkpoint(subject->self))
			break;
	}
	return tune_ratio_of(ratios, count);
}

/* Over the sizes that share one method: geometric means, of bounds as well. */
static struct tune_ratio ratio_of_shared(const struct tune_operation *operation, const struct tune_subject *subject,
					 unsigned method, struct rng *rng) {
	size_t most = tune_one_method_bytes(operation->operation), count = 0;
	struct tune_ratio mean = {0};
	double point = 0, lower = 0, upper = 0;
	for (size_t size = 0; size < operation->size_count && operation->sizes[size] <= most; size++) {
		struct tune_ratio ratio = ratio_at(operation, subject, operation->sizes[size], method, rng);
		if (ratio.rounds == 0)
			return (struct tune_ratio){0};
		point += log(ratio.point);
		lower += log(ratio.lower);
		upper += log(ratio.upper);
		mean.rounds += ratio.rounds;
		count++;
	}
	mean.point = exp(point / (double)count);
	mean.lower = exp(lower / (double)count);
	mean.upper = exp(upper / (double)count);
	return mean;
}

static bool is_good(const struct tune_ratio *ratio) {
	return ratio->rounds > 0 && ratio->upper < LOSS_MOST;
}

/* Sizes first to end - 1 of the operation's: a run of the band's. */
struct run {
	size_t first, end;
	struct tune_ratio worst;
};

static void add_to_run(struct run *run, size_t size, const struct tune_ratio *ratio) {
	if (run->end != size)
		*run = (struct run){.first = size};
	if (run->worst.rounds == 0 || ratio->upper > run->worst.upper)
		run->worst = *ratio;
	run->end = size + 1;
}

/* The longest run of the band's sizes at which nothing is lost; none: its end is 0. *bad is the worst of the others. */
static struct run longest_good(const struct tune_operation *operation, const struct tune_subject *subject,
			       const struct tune_band *band, struct rng *rng, struct tune_ratio *bad) {
	struct run run = {0}, longest = {0};
	struct tune_ratio shared = {0};
	size_t shared_most = tune_one_method_bytes(operation->operation);
	*bad = (struct tune_ratio){0};
	if (band->from < shared_most)
		shared = ratio_of_shared(operation, subject, band->method, rng);
	for (size_t size = 0; size < operation->size_count; size++) {
		size_t bytes = operation->sizes[size];
		if (bytes < band->from || bytes >= band->below || bytes > COMPANY_BYTES_MOST)
			continue;
		struct tune_ratio ratio =
			bytes <= shared_most ? shared : ratio_at(operation, subject, bytes, band->method, rng);
		/* Asked twice: one spell would take the sizes on its other side out of the run as well. */
		if (!is_good(&ratio) && bytes > shared_most)
			ratio = ratio_at(operation, subject, bytes, band->method, rng);
		if (!is_good(&ratio)) {
			if (bad->rounds == 0 || ratio.upper > bad->upper)
				*bad = ratio;
			continue;
		}
		add_to_run(&run, size, &ratio);
		if (run.end - run.first > longest.end - longest.first)
			longest = run;
	}
	return longest;
}

static bool add_band(struct tune_choice *choice, struct tune_band band, bool joins) {
	struct tune_band *last = choice->band_count != 0 ? &choice->bands[choice->band_count - 1] : NULL;
	if (band.from >= band.below)
		return true;
	if (joins && last != NULL && last->method == band.method) {
		last->below = band.below;
		return true;
	}
	if (choice->band_count == TUNE_BANDS_MAX)
		return false;
	choice->bands[choice->band_count++] = band;
	return true;
}

static struct tune_ratio same_as_built_in(const struct tune_band *band) {
	return (struct tune_ratio){.point = 1, .lower = 1, .upper = 1, .rounds = band->gain.rounds};
}

/* The band without the sizes before and behind the run, which go back to the built-in method. false: too many bands. */
static bool add_cut_band(struct tune_choice *choice, const struct tune_operation *operation,
			 const struct tune_band *band, const struct run *run, bool joins) {
	struct tune_band before = *band, behind = *band, kept = *band;
	before.method = behind.method = (unsigned)operation->built_in;
	before.basis = behind.basis = TUNE_KEPT_IN_COMPANY;
	before.gain = before.cold = behind.gain = behind.cold = same_as_built_in(band);
	kept.company = run->worst;
	bool whole = run->first == 0 || operation->sizes[run->first - 1] < band->from;
	kept.from = before.below = whole ? band->from : operation->sizes[run->first];
	whole = run->end == operation->size_count || operation->sizes[run->end] >= band->below;
	kept.below = behind.from = whole ? band->below : operation->sizes[run->end];
	return add_band(choice, before, joins) && add_band(choice, kept, joins) && add_band(choice, behind, joins);
}

/* What is left of a band that was chosen for bulk; `left` bands come behind it. */
static void add_in_company(struct tune_choice *mixed, const struct tune_operation *operation,
			   const struct tune_subject *subject, struct tune_band band, size_t left, struct rng *rng) {
	struct tune_ratio bad;
	struct run run = longest_good(operation, subject, &band, rng, &bad);
	for (unsigned joins = 0; joins < 2 && run.end != 0; joins++) {
		struct tune_choice cut = *mixed;
		if (add_cut_band(&cut, operation, &band, &run, joins != 0) && cut.band_count + left <= TUNE_BANDS_MAX) {
			*mixed = cut;
			return;
		}
	}
	band.company = bad;
	band.basis = TUNE_KEPT_IN_COMPANY;
	band.method = (unsigned)operation->built_in;
	band.gain = band.cold = same_as_built_in(&band);
	(void)add_band(mixed, band, false);
}

void tune_in_company(const struct tune_operation *operation, const struct tune_subject *subject, uint64_t seed,
		     const struct tune_choice *bulk, struct tune_choice *mixed) {
	struct rng rng = rng_seeded(rng_seed_of(seed, "company"));
	*mixed = *bulk;
	mixed->band_count = 0;
	for (size_t b = 0; b < bulk->band_count; b++) {
		size_t left = bulk->band_count - b - 1;
		const struct tune_band *band = &bulk->bands[b];
		if (band->basis == TUNE_CHOSEN)
			add_in_company(mixed, operation, subject, *band, left, &rng);
		else
			(void)add_band(mixed, *band, mixed->band_count + left + 1 > TUNE_BANDS_MAX);
	}
}
