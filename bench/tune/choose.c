/* SPDX-License-Identifier: Apache-2.0
 *
 * From ratios to bands. Pure.
 *
 * A size and a method have a cost: the mean over conditions in L1 of the logarithm of the ratio to the built-in method,
 * where it differs from it for sure, and none where it does not; and a tenth of that mean over the other conditions,
 * which depend on what else is in the caches, and decide where L1 does not. A method that is slower than the built-in
 * one at a size in L1 is out there, because who takes a profile must not lose by it. Sizes that share one method
 * (tune_one_method_bytes) decide on it by their sum.
 *
 * The bands are those of the least sum over sizes, found exactly (dynamic programming over size, method and number of
 * bands), each change of method costing EDGE_COST: that is what a band must gain to be there, so that a size that won
 * by luck makes none.
 */
#include "bench/tune/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLOWER        1.02
#define OTHERS_WEIGHT 0.1
#define PAST_WEIGHT   0.25 /* two addresses lie so once in a hundred times */
#define SURE_ERRORS   2.0
#define EDGE_COST     0.01
#define OTHER_COST    0.005 /* on top, of a band that is not the built-in method's */
#define ALIKE         0.005
#define NEVER         1e9

#define LOSS_MOST     1.01
#define RESOLUTION_NS 0.3 /* about a cycle */

/* One is left for what company takes out of a band. */
enum { BANDS_MOST = TUNE_BANDS_MAX - 1 };

#define LOUD_WIDTH 0.25
#define LOUD_SHARE 0.25

/* Calls of less cost what a call costs, whatever the method: they alone shall make no band. */
#define SMALL_BYTES  16
#define SMALL_WEIGHT 0.05

const char *tune_condition_name(unsigned condition) {
	static const char *const names[TUNE_CONDITIONS] = {
		"L1, aligned",   "L1, unaligned",   "L1, just past modulo 4 KiB",
		"cold, aligned", "cold, unaligned", "cold, just past modulo 4 KiB",
		"L2, aligned",   "L2, unaligned",   "L2, just past modulo 4 KiB",
	};
	return condition < TUNE_CONDITIONS ? names[condition] : "?";
}

const char *tune_for_name(enum tune_for what_for) {
	return what_for == TUNE_FOR_BULK ? "bulk" : "mixed";
}

size_t tune_one_method_bytes(enum simd_operation operation) {
	return operation == SIMD_OPERATION_COPY ? SIMD_PAGE_BYTES : 0;
}

bool tune_for_of(const char *name, enum tune_for *what_for) {
	*what_for = strcmp(name, "bulk") == 0 ? TUNE_FOR_BULK : TUNE_FOR_MIXED;
	return strcmp(name, tune_for_name(*what_for)) == 0;
}

static bool has_one_method(const struct tune_operation *operation, size_t size) {
	return operation->sizes[size] <= tune_one_method_bytes(operation->operation);
}

/* Whether the method's time differs from the built-in one's, for sure and by more than nothing to speak of. */
static bool differs(const struct tune_ratio *ratio) {
	return ratio->rounds > 1 && fabs(ratio->typical) > fmax(ALIKE, SURE_ERRORS * ratio->error);
}

static double weight_of(unsigned condition) {
	return condition % TUNE_PLACES == TUNE_PAST ? PAST_WEIGHT : 1;
}

/* Of conditions first to end - 1; NEVER: out, 0: none was measured. */
static double mean_cost(const struct tune_operation *operation, size_t size, size_t method, unsigned first,
			unsigned end) {
	double sum = 0, weights = 0;
	for (unsigned c = first; c < end; c++) {
		const struct tune_ratio *ratio = &operation->ratio[method][c][size];
		double weight = weight_of(c);
		if (operation->ratio[operation->built_in][c][size].rounds == 0)
			continue;
		if (ratio->rounds == 0)
			return NEVER;
		if (differs(ratio))
			sum += weight * ratio->typical;
		weights += weight;
	}
	return weights > 0 ? sum / weights : 0;
}

/* Whether the method is slower than the built-in one in the condition, for sure: at most of its sizes and places, or at
 * a quarter of them beyond `noise`, which is twice as far as a quarter of one size's samples lie. Sizes that share one
 * method are too many for that quarter to be none of them, and for one to be lost for less than a cycle. */
static bool loses_in(const struct tune_operation *operation, size_t size, size_t method, unsigned condition) {
	const struct tune_ratio *ratio = &operation->ratio[method][condition][size];
	double built_in_ns = (double)operation->ratio[operation->built_in][condition][size].ns;
	double noise = (double)operation->ratio[method][TUNE_ALIGNED][size].noise;
	double loss = ratio->typical - SURE_ERRORS * ratio->error;
	bool shared = has_one_method(operation, size);
	if (!shared)
		loss = fmax(loss, ratio->high - noise);
	return ratio->rounds > 1 && loss > log(LOSS_MOST) && (!shared || expm1(loss) * built_in_ns > RESOLUTION_NS);
}

/* Two operands just past each other modulo 4 KiB forbid no method: they are rare, and slow with each. */
static bool loses(const struct tune_operation *operation, size_t size, size_t method) {
	return loses_in(operation, size, method, TUNE_ALIGNED) || loses_in(operation, size, method, TUNE_UNALIGNED);
}

static double size_cost(const struct tune_operation *operation, size_t size, size_t method) {
	if (method == operation->built_in)
		return 0;
	double in_l1 = mean_cost(operation, size, method, 0, TUNE_PLACES);
	double elsewhere = mean_cost(operation, size, method, TUNE_PLACES, TUNE_CONDITIONS);
	if (loses(operation, size, method))
		return NEVER;
	if (in_l1 >= NEVER || elsewhere >= NEVER || operation->ratio[operation->built_in][0][size].rounds == 0)
		return NEVER;
	double weight = operation->sizes[size] < SMALL_BYTES ? SMALL_WEIGHT : 1;
	return weight * (in_l1 + OTHERS_WEIGHT * elsewhere);
}

/* ---- bands ------------------------------------------------------------------------------------------------------- */

/* The cheapest way to a size by a method in so many bands, and the method before it. */
struct way {
	double cost;
	unsigned char before;
};

struct search {
	const struct tune_operation *operation;
	unsigned bands_most;
	struct way way[TUNE_SIZES_MAX][SIMD_METHODS_MAX][TUNE_BANDS_MAX];
};

static void step(struct search *search, size_t size, size_t method, unsigned bands) {
	struct way *way = &search->way[size][method][bands];
	double own = size_cost(search->operation, size, method);
	double begin = method == search->operation->built_in ? 0 : OTHER_COST;
	*way = (struct way){NEVER, (unsigned char)method};
	if (size == 0) {
		way->cost = bands == 0 ? begin + own : NEVER;
		return;
	}
	way->cost = search->way[size - 1][method][bands].cost + own;
	if (has_one_method(search->operation, size))
		return;
	for (size_t other = 0; bands > 0 && other < search->operation->method_count; other++) {
		double cost = search->way[size - 1][other][bands - 1].cost + EDGE_COST + begin + own;
		if (other != method && cost < way->cost)
			*way = (struct way){cost, (unsigned char)other};
	}
}

/* Behind the last measured size comes the built-in method, which is a band of its own where it is another one. */
static double end_cost(const struct search *search, size_t method, unsigned bands) {
	double cost = search->way[search->operation->size_count - 1][method][bands].cost;
	bool one_more = method != search->operation->built_in;
	return one_more && bands + 1 >= search->bands_most ? NEVER : cost;
}

static void trace(const struct search *search, size_t method, unsigned bands, unsigned char *methods) {
	for (size_t size = search->operation->size_count; size-- > 0;) {
		methods[size] = (unsigned char)method;
		size_t before = search->way[size][method][bands].before;
		if (before != method)
			bands--;
		method = before;
	}
}

/* The method of each size. false: no memory. */
static bool find_methods(const struct tune_operation *operation, unsigned char *methods) {
	struct search *search = malloc(sizeof(*search)); /* large, and a run without `tune` should not map it */
	if (search == NULL)
		return false;
	search->operation = operation;
	search->bands_most = simd_operation_is_sized(operation->operation) ? BANDS_MOST : 1;
	for (size_t size = 0; size < operation->size_count; size++)
		for (size_t method = 0; method < operation->method_count; method++)
			for (unsigned bands = 0; bands < search->bands_most; bands++)
				step(search, size, method, bands);
	double least = NEVER;
	size_t method = operation->built_in;
	unsigned most = 0;
	for (size_t m = 0; m < operation->method_count; m++)
		for (unsigned bands = 0; bands < search->bands_most; bands++) {
			double cost = simd_operation_is_sized(operation->operation)
					      ? end_cost(search, m, bands)
					      : search->way[operation->size_count - 1][m][bands].cost;
			/* The built-in method wins a tie. */
			if (cost < least - (m == operation->built_in ? 0 : 1e-12)) {
				least = cost;
				method = m;
				most = bands;
			}
		}
	trace(search, method, most, methods);
	free(search);
	return true;
}

/* ---- margins ----------------------------------------------------------------------------------------------------- */

/* Of a band's cells in L1, and of the others. */
struct gain {
	struct tune_mean l1, cold;
};

/* By the weights of the choice. */
static void add_gain(struct tune_band *band, const struct tune_operation *operation, size_t size, struct gain *sum) {
	for (unsigned c = 0; c < TUNE_CONDITIONS; c++)
		tune_mean_add(c < TUNE_PLACES ? &sum->l1 : &sum->cold, &operation->ratio[band->method][c][size],
			      weight_of(c));
	band->gain = tune_mean_of(&sum->l1);
	band->cold = tune_mean_of(&sum->cold);
}

/* Whether another method is faster than the chosen one by more than 2 %, for sure; or whether that cannot be told. */
static void judge_cell(const struct tune_operation *operation, unsigned method, unsigned condition, size_t size,
		       struct tune_choice *choice) {
	const struct tune_ratio *own = &operation->ratio[method][condition][size];
	bool conflict = false, undecided = false;
	if (own->rounds == 0)
		return;
	choice->cells++;
	for (size_t m = 0; m < operation->method_count; m++) {
		const struct tune_ratio *other = &operation->ratio[m][condition][size];
		if (m == method || other->rounds == 0)
			continue;
		conflict |= own->lower > SLOWER * other->upper;
		undecided |= own->lower <= SLOWER * other->upper && own->upper > SLOWER * other->lower &&
			     own->point > other->point;
	}
	choice->conflicts += conflict;
	choice->undecided += undecided && !conflict;
}

static void judge(const struct tune_operation *operation, const unsigned char *methods, struct tune_choice *choice) {
	for (size_t size = 0; size < operation->size_count; size++)
		for (unsigned c = 0; c < TUNE_CONDITIONS; c++)
			judge_cell(operation, methods[size], c, size, choice);
}

bool tune_is_loud(const struct tune_operation *operation) {
	unsigned cells = 0, loud = 0;
	uint32_t rounds = 0;
	for (unsigned c = 0; c < TUNE_PLACES; c++)
		for (size_t size = 0; size < operation->size_count; size++)
			if (operation->ratio[operation->built_in][c][size].rounds > rounds)
				rounds = operation->ratio[operation->built_in][c][size].rounds;
	for (size_t m = 0; m < operation->method_count; m++)
		for (unsigned c = 0; c < TUNE_PLACES; c++)
			for (size_t size = 0; size < operation->size_count; size++) {
				const struct tune_ratio *ratio = &operation->ratio[m][c][size];
				/* The hopeless were left out early. */
				if (m == operation->built_in || ratio->rounds == 0 || ratio->rounds < rounds)
					continue;
				cells++;
				loud += (double)ratio->noise > LOUD_WIDTH;
			}
	return loud > LOUD_SHARE * cells;
}

static void choose_built_in(const struct tune_operation *operation, enum tune_basis basis, struct tune_choice *choice) {
	choice->band_count = 1;
	choice->bands[0] = (struct tune_band){
		.below = SIZE_MAX,
		.method = (unsigned)operation->built_in,
		.basis = basis,
	};
}

void tune_choose(const struct tune_operation *operation, struct tune_choice *choice) {
	unsigned char methods[TUNE_SIZES_MAX];
	struct gain sum = {0};
	*choice = (struct tune_choice){0};
	if (operation->size_count == 0 || operation->method_count < 2) {
		choose_built_in(operation, TUNE_NOT_MEASURED, choice);
		return;
	}
	if (tune_is_loud(operation)) {
		choose_built_in(operation, TUNE_TOO_LOUD, choice);
		return;
	}
	if (!find_methods(operation, methods)) {
		choose_built_in(operation, TUNE_NOT_MEASURED, choice);
		return;
	}
	struct tune_band *band = NULL;
	for (size_t size = 0; size < operation->size_count; size++) {
		if (band == NULL || methods[size] != band->method) {
			size_t from = band == NULL ? 0 : operation->sizes[size];
			if (band != NULL)
				band->below = from;
			band = &choice->bands[choice->band_count++];
			*band = (struct tune_band){.from = from, .below = SIZE_MAX, .method = methods[size]};
			band->basis = methods[size] == operation->built_in ? TUNE_KEPT : TUNE_CHOSEN;
			sum = (struct gain){0};
		}
		add_gain(band, operation, size, &sum);
	}
	if (band->method != operation->built_in && simd_operation_is_sized(operation->operation)) {
		band->below = operation->sizes[operation->size_count - 1] + 1;
		choice->bands[choice->band_count++] = (struct tune_band){
			.from = band->below, .below = SIZE_MAX, .method = (unsigned)operation->built_in};
	}
	judge(operation, methods, choice);
}

void tune_profile(const struct tune *tune, enum tune_for what_for, struct simd_profile *profile) {
	*profile = (struct simd_profile){0};
	if (tune->streams.measured) {
		profile->copy_stream_bytes = tune->streams.bytes[STREAM_COPY];
		profile->zero_stream_bytes = tune->streams.bytes[STREAM_ZERO];
	}
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		const struct tune_choice *choice = &tune->choices[what_for][i];
		const struct tune_operation *operation = &tune->operations[i];
		for (size_t b = 0; b < choice->band_count; b++) {
			const struct tune_band *band = &choice->bands[b];
			bool built_in = band->method == operation->built_in;
			profile->choice[i].method[b] = built_in ? NULL : operation->methods[band->method].name;
			if (b + 1 < choice->band_count)
				profile->choice[i].below[b] = band->below;
		}
	}
}
