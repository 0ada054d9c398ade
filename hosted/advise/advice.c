/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice.h"

#include "lib/units.h"

#include <math.h>
#include <string.h>

/* What is assumed beyond what is measured, as shares; docs/advise.md says why each. */
#define CALL_DOUBT    0.15  /* of a difference of calls: a program's caches and branches are not the loop's */
#define LARGE_DOUBT   0.60  /* likewise from LARGE_BYTES on: other cores have their part of what caches hold */
#define COMPARE_DOUBT 0.75  /* memcmp ends at the first difference, wherever that is */
#define BLOCK_DOUBT   0.15  /* of a difference of blocks: sizes and orders mix in a heap */
#define CONTEXT_DOUBT 0.04  /* of what blocks take: the code around them moves it */
#define SHARE_DOUBT   0.25  /* of a part's time: the same, and calls that nobody saw */
#define RECORD_DOUBT  0.15  /* of what recording took */
#define LOOK_DOUBT    0.10  /* of a time that looks found: what waits beside a call is counted to one of both */
#define SCALE_MOST    3.0   /* of such a time to what the costs say */
#define PLACES_DOUBT  0.006 /* of all time: code and blocks lie elsewhere beside another library */

enum {
	LEAST_NS = 5000000,
	STRING_BYTES = 8,       /* of a call of which nobody knows the length */
	FILE_BYTES = 8 << 20,   /* of resident memory, at the most: program and libraries, which are no heap */
	TLB_BYTES = 6 << 20,    /* what 1536 entries cover, the least of a second-level TLB that is sold */
	POOL_BYTES_MOST = 4096, /* as `apply --pools` has it */
	LATER_FAULTS = 300,     /* likewise beyond those before its first line, which are files' */
	FILE_FAULTS = 1000,     /* of a process, at the most, that are no heap's */
	LARGE_BYTES = 256 << 10,
	LOOKS_LEAST = 50,
	LOOK_NS = 1000000, /* of CPU time; what looks closer to each other see is the same */
	RECORDED_BYTES_MOST = 256,
	HEAP_FIRST_BYTES = 132 << 10, /* of glibc's heap, at first (mallopt(3), M_TOP_PAD, and a page) */
	FEW_ALIVE = 8, /* blocks alive at once that glibc keeps by thread and size, and hands out again */
};

/* Causes of doubts. What has one cause goes the same way in all rows, and is added up; what has different ones does
 * not, and goes together as errors do. */
enum cause {
	DOUBT_COST,      /* whether a cost is the program's */
	DOUBT_WAY,       /* where between its ends */
	DOUBT_SCALE,     /* or beyond */
	DOUBT_CONTEXT,   /* what is around a block's calls */
	DOUBT_CORES,     /* which cores a block goes between */
	DOUBT_PAGES,     /* how many are touched */
	DOUBT_BESIDE,    /* how much of what is beside faults they make slower */
	DOUBT_READS,     /* how many faults are in calls that read */
	DOUBT_ENDS,      /* where in a huge page a heap begins and ends */
	DOUBT_TWICE,     /* how many pages of zeros are read before they are written to */
	DOUBT_CARVED,    /* which blocks the rest of a heap's piece takes */
	DOUBT_RECORDING, /* what recording took */
	DOUBT_PLACES,    /* where code and blocks lie */
	DOUBTS
};

/* A sum of counts times costs, whose errors are independent. */
struct sum {
	double ns, variance, doubts[DOUBTS];
};

static void add(struct sum *sum, double count, const struct costs_figure *cost, double doubt) {
	sum->ns += count * cost->ns;
	sum->variance += count * count * cost->error * cost->error;
	sum->doubts[DOUBT_COST] += doubt * count * fabs(cost->ns);
}

static void add_sum(struct sum *sum, const struct sum *more, double sign) {
	sum->ns += sign * more->ns;
	sum->variance += more->variance;
	for (int cause = 0; cause < DOUBTS; cause++)
		sum->doubts[cause] += more->doubts[cause];
}

static void add_part(struct sum *sum, const struct sum *more, double part) {
	sum->ns += part * more->ns;
	sum->variance += part * more->variance;
	for (int cause = 0; cause < DOUBTS; cause++)
		sum->doubts[cause] += part * more->doubts[cause];
}

static double spread(const struct sum *sum) {
	double squares = 1.96 * 1.96 * sum->variance;
	for (int cause = 0; cause < DOUBTS; cause++)
		squares += sum->doubts[cause] * sum->doubts[cause];
	return sqrt(squares);
}

/* ---- between two ends -------------------------------------------------------------------------------------------- */

/* A kind of calls costs something between two ends: in the nearest cache and one size after the other, or further away
 * and in any order. Costs are known of both. Which of them a program is nearer to says the time that it was found in
 * these calls: it is as far on the way as the time is between the costs. */
struct ends {
	struct sum at[2];
};

struct way {
	double lower, point, upper; /* 0: the first end, 1: the second */
	double scale;               /* of the time to the costs beyond the ends; 1 between them */
};

/* Half of its interval of 95 % with it. */
struct found {
	bool is_known;
	double ns, error;
};

static double clamp(double share) {
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* Those that see something of their own. */
static double looks_of(const struct record *record) {
	return fmin((double)record->glances, (double)record->glanced_ns / LOOK_NS);
}

/* What went to calls of kinds `first` to `last` (COUNTS_IN_NOTHING and so on). */
static struct found time_in(const struct record *record, uint32_t first, uint32_t last) {
	double cpu = (double)record->user_ns + (double)record->system_ns, in = 0, looks = looks_of(record);
	for (uint32_t i = first; i <= last; i++)
		in += (double)record->in_ns[i];
	if (looks < LOOKS_LEAST)
		return (struct found){false, 0, 0};
	double share = clamp(in / (double)record->glanced_ns);
	double error = 1.96 * sqrt((share * (1 - share) + 1 / looks) / looks) + LOOK_DOUBT * share;
	return (struct found){true, share * cpu, error * cpu};
}

static struct way way_to(const struct ends *plain, const struct found *found) {
	double first = plain->at[0].ns, second = plain->at[1].ns, least = fmin(first, second);
	double most = fmax(first, second), width = second - first;
	if (!found->is_known || !(least > 0) || !(fabs(width) > 0.01 * most))
		return (struct way){0, 0.5, 1, 1};
	double low = found->ns - found->error, high = found->ns + found->error;
	double one = clamp((low - first) / width), other = clamp((high - first) / width);
	double lower = fmin(one, other), upper = fmax(one, other);
	double scale = low > most ? fmin(low / most, SCALE_MOST) : high < least ? fmax(high, 0) / least : 1;
	return (struct way){lower, (lower + upper) / 2, upper, scale};
}

static struct sum at_end(const struct ends *ends, double way) {
	struct sum sum = {0};
	add_part(&sum, &ends->at[0], 1 - way);
	add_part(&sum, &ends->at[1], way);
	return sum;
}

/* Beyond the ends a difference of costs grows or shrinks as the time does, or does not. */
static struct sum on_way(const struct ends *ends, const struct way *way) {
	struct sum sum = at_end(ends, way->point);
	double width = ends->at[1].ns - ends->at[0].ns;
	sum.doubts[DOUBT_WAY] += fabs(width) * fmax(way->upper - way->point, way->point - way->lower);
	sum.doubts[DOUBT_SCALE] += fabs(sum.ns) * fabs(way->scale - 1) / 2;
	sum.ns *= (1 + way->scale) / 2;
	return sum;
}

static struct advice_range share_of(const struct sum *sum, double time_ns) {
	return (struct advice_range){sum->ns / time_ns, (sum->ns - spread(sum)) / time_ns,
				     (sum->ns + spread(sum)) / time_ns};
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

/* Whose cost a call's is like: those that look for a byte, and those that copy or compare what they look at. */
static enum counts_call like(enum counts_call call) {
	switch (call) {
	case COUNTS_strcpy:
		return COUNTS_memcpy;
	case COUNTS_strcmp:
	case COUNTS_strncmp:
		return COUNTS_memcmp;
	default:
		return (int)call < COSTS_CALLS ? call : COUNTS_memchr;
	}
}

/* Beyond the last class that costs are known of, a call is as many of that. */
static double times_last(uint32_t class) {
	return class < COSTS_CALL_CLASSES ? 1
					  : (double)counts_least(class) / (double)counts_least(COSTS_CALL_CLASSES - 1);
}

static bool is_seen(enum counts_call call, uint32_t class) {
	return (int)call < COSTS_CALLS && counts_least(class) >= COUNTS_SEEN_BYTES;
}

/* Counting takes as long whatever the size; of large calls that is less than they differ by themselves. */
static uint32_t recorded_as(uint32_t class) {
	uint32_t most = counts_class(RECORDED_BYTES_MOST);
	return class < most ? class : most;
}

static double doubt_of_call(const struct record *record, enum costs_setting setting, enum counts_call call, bool seen) {
	bool is_found = seen && looks_of(record) >= LOOKS_LEAST;
	if (setting == COSTS_PLAIN || setting == COSTS_RECORDED)
		return setting == COSTS_PLAIN ? SHARE_DOUBT : RECORD_DOUBT;
	return call == COUNTS_memcmp && !is_found ? COMPARE_DOUBT : CALL_DOUBT;
}

/* Calls by the class whose cost is theirs. Those of one cost have one error in common. */
struct calls {
	double of[COSTS_CALL_CLASSES][COSTS_ALIGNED];
};

/* Of one function: those that looks see, or all others. */
static struct calls calls_of(const struct record *record, enum costs_setting setting, enum counts_call call,
			     bool seen) {
	struct calls calls = {{{0}}};
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		uint32_t known = setting == COSTS_RECORDED ? recorded_as(class) : class;
		double times = times_last(known);
		if (known >= COSTS_CALL_CLASSES)
			known = COSTS_CALL_CLASSES - 1;
		for (unsigned alignment = 0; is_seen(call, class) == seen && alignment < COUNTS_ALIGNMENTS; alignment++)
			calls.of[known][alignment != 0] += times * (double)record->sums.calls[call][class][alignment];
	}
	if (!seen)
		calls.of[counts_class(STRING_BYTES)][true] += (double)record->sums.unsized[call];
	return calls;
}

static struct sum sum_of_call(const struct record *record, const struct costs *costs, enum costs_setting setting,
			      enum counts_call call, enum costs_condition condition, bool seen) {
	struct sum sum = {0};
	const struct calls calls = calls_of(record, setting, call, seen);
	double doubt = doubt_of_call(record, setting, call, seen);
	for (uint32_t class = 0; class < COSTS_CALL_CLASSES; class += 1)
		for (int unaligned = 0; unaligned < COSTS_ALIGNED; unaligned++)
			add(&sum, calls.of[class][unaligned],
			    &costs->figures[setting][costs_row_of_call(like(call), class, unaligned, condition)],
			    counts_least(class) >= LARGE_BYTES && doubt < LARGE_DOUBT ? LARGE_DOUBT : doubt);
	return sum;
}

/* How far a distribution is from being all of one class: the share of pairs that differ. */
static double mixture(const uint64_t *counts, size_t width) {
	double all = 0, squares = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		double count = 0;
		for (size_t i = 0; i < width; i++)
			count += (double)counts[class * width + i];
		all += count;
		squares += count * count;
	}
	return all > 0 ? 1 - squares / (all * all) : 0;
}

/* What sizes in any order take more than those of a class after each other. */
static struct costs_figure extra_of(const struct costs_figure *figures, size_t mixed, size_t first, size_t step,
				    size_t count) {
	struct costs_figure extra = figures[mixed];
	for (size_t i = 0; i < count; i++)
		extra.ns -= figures[first + i * step].ns / (double)count;
	return extra;
}

/* Sizes beyond those that mixed rows are of do not count. */
static struct sum mixed_calls(const struct record *record, const struct costs *costs, enum costs_setting setting,
			      enum counts_call call) {
	struct sum sum = {0};
	enum counts_call as = like(call);
	double count = 0;
	for (uint32_t class = 0; class < COSTS_MIXED_CALLS; class += 1)
		for (unsigned alignment = 0; alignment < COUNTS_ALIGNMENTS; alignment++)
			count += (double)record->sums.calls[call][class][alignment];
	struct costs_figure extra = extra_of(costs->figures[setting], COSTS_ROW_MIXED_CALLS + (size_t)as,
					     costs_row_of_call(as, 1, true, COSTS_VARIED),
					     COSTS_ALIGNED * COSTS_CONDITIONS, COSTS_MIXED_CALLS - 1);
	add(&sum, count * mixture(&record->sums.calls[call][0][0], COUNTS_ALIGNMENTS), &extra,
	    doubt_of_call(record, setting, call, false));
	return sum;
}

static struct ends ends_of_small(const struct record *record, const struct costs *costs, enum costs_setting setting,
				 enum counts_call call) {
	struct ends ends = {{sum_of_call(record, costs, setting, call, COSTS_STEADY, false),
			     sum_of_call(record, costs, setting, call, COSTS_VARIED, false)}};
	struct sum mixed = mixed_calls(record, costs, setting, call);
	add_sum(&ends.at[1], &mixed, 1);
	return ends;
}

/* Of the calls of a function that looks see, those at the place of the one before. */
struct in_place {
	double share[COUNTS_IN_PLACES]; /* 1 together at the most */
};

static struct in_place in_place_of(const struct record *record, enum counts_call call) {
	const uint64_t *counts = record->sums.in_place[call];
	double seen = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1)
		for (unsigned alignment = 0; is_seen(call, class) && alignment < COUNTS_ALIGNMENTS; alignment++)
			seen += (double)record->sums.calls[call][class][alignment];
	if (!(seen > 0))
		return (struct in_place){{0, 0}};
	double same = fmin((double)counts[COUNTS_SAME] / seen, 1);
	return (struct in_place){{same, fmin((double)counts[COUNTS_RESIZED] / seen, 1 - same)}};
}

/* Those at the place of the one before are as far as can be told; the others lie between the ends. */
static struct ends ends_of_seen(const struct record *record, const struct costs *costs, enum costs_setting setting,
				enum counts_call call) {
	const struct in_place in_place = in_place_of(record, call);
	double same = in_place.share[COUNTS_SAME], resized = in_place.share[COUNTS_RESIZED];
	struct sum as_same = sum_of_call(record, costs, setting, call, COSTS_SAME, true);
	struct sum as_resized = sum_of_call(record, costs, setting, call, COSTS_RESIZED, true);
	struct ends ends = {{{0}}};
	for (int end = 0; end < 2; end++) {
		struct sum other = sum_of_call(record, costs, setting, call, end ? COSTS_VARIED : COSTS_STEADY, true);
		add_part(&ends.at[end], &as_same, same);
		add_part(&ends.at[end], &as_resized, resized);
		add_part(&ends.at[end], &other, 1 - same - resized);
	}
	return ends;
}

static struct ends ends_of_call(const struct record *record, const struct costs *costs, enum costs_setting setting,
				enum counts_call call, bool seen) {
	return seen ? ends_of_seen(record, costs, setting, call) : ends_of_small(record, costs, setting, call);
}

static struct sum sum_of_part(const struct record *record, const struct costs *costs, enum costs_setting setting,
			      enum counts_call call, bool seen) {
	struct ends plain = ends_of_call(record, costs, COSTS_PLAIN, call, seen);
	struct ends ends = ends_of_call(record, costs, setting, call, seen);
	struct found found = time_in(record, 1 + (uint32_t)call, 1 + (uint32_t)call);
	found.is_known &= seen;
	struct way way = way_to(&plain, &found);
	return on_way(&ends, &way);
}

static struct sum sum_of_function(const struct record *record, const struct costs *costs, enum costs_setting setting,
				  enum counts_call call) {
	struct sum sum = sum_of_part(record, costs, setting, call, true);
	struct sum others = sum_of_part(record, costs, setting, call, false);
	add_sum(&sum, &others, 1);
	return sum;
}

static struct sum sum_of_calls(const struct record *record, const struct costs *costs, enum costs_setting setting,
			       int end) {
	struct sum sum = {0};
	for (int call = 0; call < end; call++) {
		struct sum one = sum_of_function(record, costs, setting, (enum counts_call)call);
		add_sum(&sum, &one, 1);
	}
	return sum;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

struct shapes {
	double share[COSTS_SHAPES]; /* of blocks; 1 together */
};

static double of(uint64_t part, uint64_t whole) {
	return whole ? fmin((double)part / (double)whole, 1) : 0;
}

/* How many blocks live beside one that lives for so long: as many as are allocated meanwhile (J. Little: "A Proof for
 * the Queuing Formula L = lambda W", Operations Research 9 (1961)). Between COSTS_SOME_BLOCKS and COSTS_MANY_BLOCKS a
 * block is in part one of each, by the logarithm, as caches are. */
static void count_alive(const struct record *record, double *few, double *many) {
	double ended = 0, each_ns = record_allocation_ns(record);
	*few = *many = 0;
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++) {
		double count = (double)record->sums.lifetimes[i], alive = ldexp(0.75, (int)i) / each_ns;
		double way = log(alive / COSTS_SOME_BLOCKS) / log((double)COSTS_MANY_BLOCKS / COSTS_SOME_BLOCKS);
		ended += count;
		*few += alive <= FEW_ALIVE ? count : 0;
		*many += count * fmin(fmax(way, 0), 1);
	}
	*few = ended > 0 ? *few / ended : 0.5;
	*many = ended > 0 && *few < 1 ? *many / ended / (1 - *few) : 0;
}

static struct shapes shapes_of(const struct record *record) {
	struct shapes shapes = {{0}};
	const uint64_t *orders = record->sums.orders;
	double few, many, freed = of(record->freed, record->allocated);
	count_alive(record, &few, &many);
	uint64_t here = orders[COUNTS_STACK] + orders[COUNTS_QUEUE] + orders[COUNTS_BETWEEN];
	double elsewhere = fmax(of(record->freed_more, record->freed),
				of(orders[COUNTS_ELSEWHERE], here + orders[COUNTS_ALONE] + orders[COUNTS_ELSEWHERE]));
	double own = freed * (1 - elsewhere), others = own * (1 - few);
	double between = others * of(orders[COUNTS_BETWEEN], here);
	shapes.share[COSTS_KEPT] = 1 - freed;
	shapes.share[COSTS_ELSEWHERE] = freed * elsewhere;
	shapes.share[COSTS_FEW] = own * few;
	shapes.share[COSTS_STACK] = others * (here ? of(orders[COUNTS_STACK], here) : 1);
	shapes.share[COSTS_QUEUE] = others * of(orders[COUNTS_QUEUE], here);
	shapes.share[COSTS_RANDOM] = between * (1 - many);
	shapes.share[COSTS_MANY] = between * many;
	return shapes;
}

static uint64_t blocks_of(const struct record *record, uint32_t class) {
	uint64_t count = 0;
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
		count += record->sums.allocations[kind][class];
	return count;
}

static double doubt_of_blocks(enum costs_setting setting) {
	return setting == COSTS_PLAIN ? SHARE_DOUBT : setting == COSTS_RECORDED ? RECORD_DOUBT : BLOCK_DOUBT;
}

static struct sum sum_of_class(const struct record *record, const struct costs *costs, enum costs_setting setting,
			       const struct shapes *shapes, uint32_t class) {
	struct sum sum = {0};
	double count = (double)blocks_of(record, class);
	for (enum costs_shape shape = 0; shape < COSTS_SHAPES; shape++)
		add(&sum, count * shapes->share[shape],
		    &costs->figures[setting]
				   [costs_row_of_block(shape, setting == COSTS_RECORDED ? recorded_as(class) : class)],
		    doubt_of_blocks(setting));
	return sum;
}

static struct sum mixed_blocks(const struct record *record, const struct costs *costs, enum costs_setting setting,
			       const struct shapes *shapes, const bool classes[COUNTS_CLASSES]) {
	struct sum sum = {0};
	uint64_t counts[COUNTS_CLASSES];
	double count = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		counts[class] = !classes || classes[class] ? blocks_of(record, class) : 0;
		count += class < COSTS_MIXED_BLOCKS ? (double)counts[class] : 0;
	}
	const struct {
		size_t mixed;
		enum costs_shape shape;
		double share;
	} among[] = {{COSTS_ROW_MIXED_BLOCKS, COSTS_RANDOM, shapes->share[COSTS_QUEUE] + shapes->share[COSTS_RANDOM]},
		     {COSTS_ROW_MIXED_MANY, COSTS_MANY, shapes->share[COSTS_MANY]}};
	for (size_t i = 0; i < sizeof(among) / sizeof(among[0]); i++) {
		struct costs_figure extra = extra_of(costs->figures[setting], among[i].mixed,
						     costs_row_of_block(among[i].shape, COSTS_BLOCK_FIRST), 1,
						     COSTS_MIXED_BLOCKS - COSTS_BLOCK_FIRST);
		add(&sum, count * among[i].share * mixture(counts, 1), &extra, doubt_of_blocks(setting));
	}
	return sum;
}

/* Of the classes; NULL: of all. */
static struct ends ends_of_blocks(const struct record *record, const struct costs *costs, enum costs_setting setting,
				  const bool classes[COUNTS_CLASSES]) {
	struct ends ends = {{{0}}};
	const struct shapes shapes = shapes_of(record);
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		struct sum one = sum_of_class(record, costs, setting, &shapes, class);
		if (!classes || classes[class])
			add_sum(&ends.at[0], &one, 1);
	}
	struct sum mixed = mixed_blocks(record, costs, setting, &shapes, classes);
	ends.at[1] = ends.at[0];
	add_sum(&ends.at[1], &mixed, 1);
	return ends;
}

static struct found time_of_blocks(const struct record *record) {
	return time_in(record, COUNTS_IN_ALLOCATION, COUNTS_IN_FREE);
}

static struct sum sum_of_blocks(const struct record *record, const struct costs *costs, enum costs_setting setting,
				const bool classes[COUNTS_CLASSES]) {
	struct ends plain = ends_of_blocks(record, costs, COSTS_PLAIN, NULL);
	struct ends ends = ends_of_blocks(record, costs, setting, classes);
	struct found found = time_of_blocks(record);
	struct way way = way_to(&plain, &found);
	return on_way(&ends, &way);
}

/* ---- pages and starts -------------------------------------------------------------------------------------------- */

static struct sum sum_of_touches(double least, double most, const struct costs_figure *figures, double doubt) {
	struct sum sum = {0};
	add(&sum, (least + most) / 4, &figures[COSTS_ROW_TOUCH], doubt);
	add(&sum, (least + most) / 4, &figures[COSTS_ROW_GROWTH], doubt);
	sum.doubts[DOUBT_PAGES] += (most - least) / (most + least + 1) * fabs(sum.ns);
	return sum;
}

/* First touches of any memory: all faults at the most; at the least what memory or faults are more than files' can be.
 */
static struct sum sum_of_pages(const struct record *record, const struct costs *costs) {
	double faults = (double)record->minor_faults;
	double memory = record->peak_bytes > FILE_BYTES ? (double)(record->peak_bytes - FILE_BYTES) / PAGE_BYTES : 0;
	double beyond = faults - (double)record->processes * (FILE_BYTES / (double)PAGE_BYTES);
	return sum_of_touches(fmax(fmin(memory, faults), beyond), faults, costs->figures[COSTS_PLAIN], SHARE_DOUBT);
}

/* What a page of those costs that are touched with others, all at once. */
static void add_untouched(struct sum *sum, double pages, double doubt, const struct costs *costs, size_t row) {
	const struct costs_figure *plain = &costs->figures[COSTS_PLAIN][row], *more = &costs->figures[COSTS_HUGE][row];
	const struct costs_figure huge = {fmax(plain->ns + more->ns, 0), hypot(plain->error, more->error)};
	add(sum, pages, &huge, CALL_DOUBT);
	sum->doubts[DOUBT_ENDS] += doubt * huge.ns;
}

/* Pages of memory that the system gave for the heap, which alone huge pages are for. */
struct heap {
	double grown, again; /* a heap that grows, what was given back and taken again */
	double large;        /* blocks that are mapped by themselves and that a huge page fits into */
	double unlooked;     /* of these, those that nobody looked at */
	double touched;      /* of the others, those that were touched */
	double within;       /* of touched ones, those in whole huge pages, in the mean over where blocks may lie */
	double cleared;      /* of the huge pages that these are in, likewise */
	double small;        /* smaller blocks that are mapped by themselves */
	double behind;       /* of these, those that came after the heap had grown */
	double vacated;      /* of these and of what grew, what came after as much of smaller blocks had gone */
	double zeroed;       /* of both kinds, what calloc gave */
	double large_zeroed; /* likewise, of the large */
};

/* Of them, those that come in huge pages. */
struct huge {
	double grown;
	double reach; /* heaps that grow so large that there is one */
};

static const double huge_page = LARGE_PAGE_BYTES / (double)PAGE_BYTES;

static double pages_of(uint64_t bytes) {
	return (double)bytes / PAGE_BYTES;
}

/* What was more than it is part of was written by nobody who counted. */
static double part_of(uint64_t bytes, double pages) {
	return fmin(pages_of(bytes), pages);
}

/* What the C library maps by itself; realloc's is not known. */
static void add_mapped(const struct counts_sums *sums, struct heap *heap) {
	heap->large = pages_of(sums->large_bytes);
	double looked = part_of(sums->looked_bytes, heap->large);
	heap->unlooked = heap->large - looked;
	heap->touched = part_of(sums->touched_bytes, looked);
	heap->within = part_of(sums->within_bytes, heap->touched);
	heap->cleared = fmax(part_of(sums->cleared_bytes, looked), heap->within);
	heap->small = fmax(pages_of(sums->mapped_bytes) - heap->large, 0);
	heap->behind = part_of(sums->behind_bytes, heap->small);
	heap->vacated = part_of(sums->vacated_bytes, heap->small + heap->grown);
	heap->zeroed = part_of(sums->zeroed_bytes, heap->small + heap->large);
	heap->large_zeroed = part_of(sums->large_zeroed_bytes, fmin(heap->large, heap->zeroed));
}

static struct heap heap_of(const struct record *record) {
	double peak = (double)record->peak_bytes * (double)record->processes, grown = (double)record->sums.grown_bytes;
	double first = fmin(grown, peak);
	struct heap heap = {.grown = first / PAGE_BYTES, .again = (grown - first) / PAGE_BYTES};
	add_mapped(&record->sums, &heap);
	return heap;
}

/* A heap's begin lies anyhow within a huge page: where the first lies that is in a piece is uniform about `singles`,
 * half of one to either side. */
static void reach_huge(double pages, double heaps, const struct costs *costs, struct huge *huge) {
	const struct costs_figure *figures[] = {&costs->figures[COSTS_PLAIN][COSTS_ROW_SINGLES],
						&costs->figures[COSTS_HUGE][COSTS_ROW_SINGLES]};
	double singles = figures[0]->ns + figures[1]->ns;
	double past = fmax(pages / heaps - singles + huge_page / 2, 0);
	huge->reach = heaps * fmin(past / huge_page, 1);
	huge->grown = heaps * (past < huge_page ? past * past / huge_page / 2 : past - huge_page / 2);
}

static double faults_of_files(const struct record *record) {
	double processes = (double)record->processes;
	return record->start_faults ? (double)record->start_faults + processes * LATER_FAULTS : processes * FILE_FAULTS;
}

/* What of the heap, and of what nobody looked at, is touched is half of it or all, and the faults that neither files
 * nor blocks mapped by themselves explain. */
static struct advice_range touched_of(const struct record *record, const struct heap *heap) {
	double given = heap->grown + heap->again + heap->unlooked;
	double faults = (double)record->minor_faults - heap->touched;
	double most = fmax(fmin(given, faults - (double)record->start_faults), 0);
	double least = fmax(most / 2, fmin(given, faults - faults_of_files(record) - heap->small));
	return (struct advice_range){(least + most) / 2, least, most};
}

/* Pages that calloc gave of a mapping have zeros already; what is read of them before it is written to takes two
 * faults. So many of these pages are that as there are faults that nothing else explains, to all that may be. */
static struct advice_range twice_of(const struct record *record, const struct heap *heap, double touched) {
	double faults = (double)record->minor_faults - heap->touched;
	double given = heap->grown + heap->again + heap->unlooked + heap->small;
	double most = fmin(heap->zeroed, fmax(faults - (double)record->start_faults - touched, 0));
	double least = fmin(most, fmax(faults - faults_of_files(record) - given, 0));
	return (struct advice_range){(least + most) / 2, least, most};
}

/* By which a touch's difference grows where there is work beside it that all of a core's own caches are for, `pace_ns`
 * of it between two faults. */
static struct costs_figure more_beside(const struct costs *costs, double pace_ns) {
	const struct costs_figure *figures = &costs->figures[COSTS_HUGE][COSTS_ROW_BESIDE];
	size_t at = 1;
	while (at + 1 < COSTS_BESIDES && pace_ns > costs_beside_ns[at])
		at++;
	double from = costs_beside_ns[at - 1], way = clamp((pace_ns - from) / (costs_beside_ns[at] - from));
	double ns = (1 - way) * figures[at - 1].ns + way * figures[at].ns;
	double error = hypot((1 - way) * figures[at - 1].error, way * figures[at].error);
	return (struct costs_figure){ns - figures[0].ns, hypot(error, figures[0].error)};
}

/* In the mean over faults, as far as looks saw how they follow each other; else as if they came all through the run. */
static struct costs_figure more_in_mean(const struct record *record, const struct costs *costs) {
	double seen = 0, touch = costs->figures[COSTS_PLAIN][COSTS_ROW_BESIDE].ns;
	double cpu = (double)record->user_ns + (double)record->system_ns;
	struct costs_figure mean = {0, 0};
	for (size_t i = 0; i < RECORD_PACES; i++) {
		double faults = (double)record->fault_paces[i];
		struct costs_figure more = more_beside(costs, fmax(ldexp(0.75, (int)i) - touch, 0));
		mean.ns += faults * more.ns;
		mean.error += faults * more.error;
		seen += faults;
	}
	if (seen > 0)
		return (struct costs_figure){mean.ns / seen, mean.error / seen};
	return more_beside(costs, fmax(cpu / ((double)record->minor_faults + 1) - touch, 0));
}

/* A fault takes from the program a part of caches, TLBs and what branches are foretold by, which it pays for later. How
 * much it has of these is between nothing and all. Faults within a call that reads have nothing of it beside them: none
 * are, to all that what was read has pages. */
static void add_beside(struct sum *sum, const struct record *record, const struct costs *costs, double pages) {
	struct costs_figure more = more_in_mean(record, costs);
	double in_reads = fmin((double)record->read_bytes / PAGE_BYTES, pages) / 2, beside = (pages - in_reads) / 2;
	add(sum, beside, &more, 0);
	sum->doubts[DOUBT_BESIDE] += beside * fabs(more.ns);
	sum->doubts[DOUBT_READS] += in_reads / 2 * fabs(more.ns);
}

/* Of blocks that nobody looked at nothing is in huge pages, or all that is touched. */
static double add_large(struct sum *sum, const struct record *record, const struct costs *costs,
			const struct heap *heap, const struct advice_range *touched, double of_each) {
	const struct costs_figure *figures = costs->figures[COSTS_HUGE];
	const struct costs_figure *touch = &figures[COSTS_ROW_TOUCH], *twice = &figures[COSTS_ROW_TWICE];
	const struct costs_figure second = {twice->ns - touch->ns, hypot(twice->error, touch->error)};
	const struct advice_range range = twice_of(record, heap, touched->lower);
	double unlooked = heap->unlooked * of_each / 2, pages = heap->within + unlooked;
	double zeroed = heap->large > 0 ? pages * heap->large_zeroed / heap->large : 0;
	double of_zeroed = heap->zeroed > 0 ? zeroed / heap->zeroed : 0;
	add(sum, pages, touch, CALL_DOUBT);
	sum->doubts[DOUBT_ENDS] += unlooked * fabs(touch->ns);
	add(sum, range.point * of_zeroed, &second, CALL_DOUBT);
	sum->doubts[DOUBT_TWICE] += (range.upper - range.lower) / 2 * of_zeroed * fabs(second.ns);
	return pages;
}

/* Where the heap grows by huge pages, what is left of its last piece takes blocks, as far as they fit, that are mapped
 * by themselves otherwise. From none to what the pieces that it has without them leave, and one more, lies in huge
 * pages; but no huge page fits where it begins, and it takes no other piece before it grows. And the places of blocks
 * that were freed take others, and what the heap grows, whose pages were touched already. */
static double add_carved(struct sum *sum, const struct record *record, const struct costs *costs,
			 const struct heap *heap, const struct huge *huge) {
	const struct costs_figure *touch = &costs->figures[COSTS_HUGE][COSTS_ROW_TOUCH];
	double heaps = (double)record->processes, of_each = heap->grown / heaps;
	double left = (ceil(of_each / huge_page) + 1) * huge_page - of_each;
	double begins = fmin(heap->small, heaps * HEAP_FIRST_BYTES / (double)PAGE_BYTES);
	double most = begins + fmin(heap->behind, heaps * left) + heap->vacated;
	most = fmin(most, heap->small + fmax(heap->grown - huge->grown, 0));
	add(sum, most / 2, touch, CALL_DOUBT);
	sum->doubts[DOUBT_CARVED] += most / 2 * fabs(touch->ns);
	return most / 2;
}

/* The rest of a huge page is cleared as well, where the heap ends or what is used of a large block. */
static struct sum sum_of_heap(const struct record *record, const struct costs *costs) {
	struct sum sum = {0};
	struct huge huge = {0};
	const struct costs_figure *figures = costs->figures[COSTS_HUGE];
	const struct heap heap = heap_of(record);
	double given = heap.grown + heap.again + heap.unlooked;
	const struct advice_range touched = touched_of(record, &heap);
	double of_each = given > 0 ? touched.point / given : 0;
	reach_huge(heap.grown * of_each, (double)record->processes, costs, &huge);
	add(&sum, huge.grown, &figures[COSTS_ROW_GROWTH], CALL_DOUBT);
	add(&sum, heap.again * of_each, &figures[COSTS_ROW_AGAIN], CALL_DOUBT);
	sum.doubts[DOUBT_PAGES] += (touched.upper - touched.lower) / (touched.upper + touched.lower + 1) * fabs(sum.ns);
	double large = add_large(&sum, record, costs, &heap, &touched, of_each);
	sum.doubts[DOUBT_ENDS] +=
		1.96 * huge.reach * figures[COSTS_ROW_SINGLES].error * fabs(figures[COSTS_ROW_GROWTH].ns);
	double carved = add_carved(&sum, record, costs, &heap, &huge), end = huge.reach * huge_page / 2;
	add_beside(&sum, record, costs, huge.grown + heap.again * of_each + large + carved);
	add_untouched(&sum, end, end, costs, COSTS_ROW_GROWTH);
	add_untouched(&sum, heap.cleared - heap.within, 0, costs, COSTS_ROW_TOUCH);
	return sum;
}

static struct sum sum_of_starts(const struct record *record, const struct costs *costs, enum costs_setting setting) {
	struct sum sum = {0};
	const struct costs_figure *figures = costs->figures[setting];
	add(&sum, 1, &figures[COSTS_ROW_START], CALL_DOUBT);
	if (record->processes > 1)
		add(&sum, (double)(record->processes - 1), &figures[COSTS_ROW_CHILD_START], CALL_DOUBT);
	if (setting != COSTS_RECORDED)
		add(&sum, (double)record->processes, &figures[COSTS_ROW_END], CALL_DOUBT);
	return sum;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

/* Of a normal distribution with this interval of 95 %: how likely it is above 1/2. */
static double above_half(const struct advice_range *range) {
	double deviation = fmax((range->upper - range->lower) / (2 * 1.96), 1e-6);
	return 0.5 * erfc((0.5 - range->point) / deviation / sqrt(2));
}

static void take_kind(struct advice *advice) {
	static const enum advice_kind kinds[ADVICE_PARTS] = {ADVICE_IS_MEMORY, ADVICE_IS_ALLOCATION, ADVICE_IS_COMPUTE};
	double all = 0;
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++)
		all += advice->sure[kinds[part]] = above_half(&advice->parts[part]);
	advice->sure[ADVICE_IS_MIXED] = all < 1 ? 1 - all : 0;
	for (enum advice_kind kind = 0; kind < ADVICE_KINDS; kind++) {
		advice->sure[kind] /= fmax(all, 1);
		if (advice->sure[kind] > advice->sure[advice->kind])
			advice->kind = kind;
	}
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++) {
		struct advice_range *range = &advice->parts[part];
		*range = (struct advice_range){clamp(range->point), clamp(range->lower), clamp(range->upper)};
	}
}

static void take_parts(const struct record *record, const struct costs *costs, struct advice *advice) {
	/* Looks see calls themselves, and not what a program does for them. */
	struct record counted = *record;
	counted.glances = 0;
	struct sum memory = sum_of_calls(&counted, costs, COSTS_PLAIN, COUNTS_CALL_COUNT);
	struct sum allocation = sum_of_blocks(&counted, costs, COSTS_PLAIN, NULL);
	struct sum pages = sum_of_pages(record, costs);
	add_sum(&allocation, &pages, 1);
	struct sum compute = {.ns = advice->time_ns};
	add_sum(&compute, &memory, -1);
	add_sum(&compute, &allocation, -1);
	advice->parts[ADVICE_MEMORY] = share_of(&memory, advice->time_ns);
	advice->parts[ADVICE_ALLOCATION] = share_of(&allocation, advice->time_ns);
	advice->parts[ADVICE_COMPUTE] = share_of(&compute, advice->time_ns);
	take_kind(advice);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void take_gain(struct advice *advice, enum advice_setting setting, const struct sum *more) {
	struct sum sum = *more;
	sum.doubts[DOUBT_RECORDING] += RECORD_DOUBT * advice->recording_ns / advice->time_ns * fabs(sum.ns);
	if (setting != ADVICE_HUGE) /* no library */
		sum.doubts[DOUBT_PLACES] += PLACES_DOUBT * advice->time_ns;
	struct advice_range share = share_of(&sum, advice->time_ns);
	advice->settings[setting].measured = true;
	advice->settings[setting].gain = (struct advice_range){-share.point, -share.upper, -share.lower};
}

/* Where they gain nothing for sure of its calls, taken together, they are not for this program. */
static void take_kernels(const struct record *record, const struct costs *costs, struct advice *advice) {
	struct sum sum = sum_of_calls(record, costs, COSTS_KERNELS, COSTS_CALLS);
	if (sum.ns + spread(&sum) >= 0)
		return;
	struct sum starts = sum_of_starts(record, costs, COSTS_KERNELS);
	add_sum(&sum, &starts, 1);
	take_gain(advice, ADVICE_KERNELS, &sum);
}

/* Blocks of the sizes that are played back. */
static double played_blocks(const struct record *record) {
	double count = 0;
	for (uint32_t class = 0; class < REPLAY_CLASSES; class ++)
		count += (double)blocks_of(record, class);
	return count;
}

/* Where a program took less than its blocks do when they are played back, both recorded, the machine was faster then,
 * or more is hidden in the program than can be played: all that blocks take is so much less. */
static double played_share(const struct record *record, const struct replay *replay) {
	double each = replay->figures[COSTS_PLAIN].ns + fmax(replay->figures[COSTS_RECORDED].ns, 0);
	return fmin(((double)record->user_ns + (double)record->system_ns) / (played_blocks(record) * each + 1), 1);
}

static struct sum sum_of_played(const struct record *record, const struct replay *replay,
				const struct costs_figure *figure, double doubt) {
	struct sum sum = {0};
	add(&sum, played_share(record, replay) * played_blocks(record), figure, doubt);
	return sum;
}

/* What work between the calls hides is something between nothing and as much as can be, and what is around them moves
 * what they take at any rate. They take no more than all of the time. */
static struct sum sum_of_played_pools(const struct record *record, const struct replay *replay, double time_ns) {
	const struct ends ends = {{sum_of_played(record, replay, &replay->worked, BLOCK_DOUBT),
				   sum_of_played(record, replay, &replay->figures[COSTS_POOLS], BLOCK_DOUBT)}};
	struct sum sum = at_end(&ends, 0.5);
	double taken = fmin(sum_of_played(record, replay, &replay->figures[COSTS_PLAIN], 0).ns, time_ns);
	double hidden = fabs(ends.at[1].ns - ends.at[0].ns) / 2;
	sum.doubts[DOUBT_CONTEXT] += fmax(hidden, CONTEXT_DOUBT * taken);
	const struct costs_figure round = {replay->spread, 0};
	sum.doubts[DOUBT_CORES] +=
		1.96 * shapes_of(record).share[COSTS_ELSEWHERE] * sum_of_played(record, replay, &round, 0).ns;
	return sum;
}

static struct sum sum_of_pools(const struct record *record, const struct costs *costs, const struct replay *replay,
			       const struct advice *advice) {
	if (replay)
		return sum_of_played_pools(record, replay, advice->time_ns);
	struct sum sum = sum_of_blocks(record, costs, COSTS_POOLS, advice->pooled);
	sum.doubts[DOUBT_CONTEXT] += CONTEXT_DOUBT * sum_of_blocks(record, costs, COSTS_PLAIN, advice->pooled).ns;
	return sum;
}

/* Sizes in steps of COSTS_FIRST_STEP that blocks of the classes are of: of small ones they are known, of others one at
 * the least. */
static struct advice_range pools_of(const struct record *record, const bool pooled[COUNTS_CLASSES]) {
	enum { STEPS = COSTS_FIRST_STEP / COUNTS_STEP_BYTES };
	struct advice_range pools = {0, 0, 0};
	for (uint32_t step = 0; step < COUNTS_SMALL_STEPS; step += STEPS) {
		bool any = false;
		for (uint32_t i = step; i < step + STEPS; i++)
			any |= record->sums.small[i] && (pooled[counts_class(i * COUNTS_STEP_BYTES + 1)] ||
							 pooled[counts_class((i + 1) * COUNTS_STEP_BYTES)]);
		pools.lower += any;
	}
	pools.upper = pools.lower;
	for (uint32_t class = counts_class(COUNTS_SMALL_BLOCK); class < COUNTS_CLASSES; class ++) {
		double width = (double)(counts_least(class + 1) - counts_least(class)) / COSTS_FIRST_STEP;
		double blocks = pooled[class] ? (double)blocks_of(record, class) : 0;
		pools.lower += fmin(blocks, 1);
		pools.upper += fmin(blocks, width);
	}
	pools.point = (pools.lower + pools.upper) / 2;
	return pools;
}

/* What each pool of a process takes for its first block: pages of its own. */
static struct sum sum_of_firsts(const struct record *record, const struct costs *costs,
				const bool pooled[COUNTS_CLASSES]) {
	struct sum sum = {0};
	const struct costs_figure *first = &costs->figures[COSTS_POOLS][COSTS_ROW_FIRST];
	const struct advice_range pools = pools_of(record, pooled);
	double processes = (double)record->processes;
	add(&sum, processes * pools.point, first, CALL_DOUBT);
	sum.doubts[DOUBT_PAGES] += processes * (pools.upper - pools.lower) / 2 * fabs(first->ns);
	return sum;
}

static void take_pools(const struct record *record, const struct costs *costs, const struct replay *replay,
		       struct advice *advice) {
	const struct shapes shapes = shapes_of(record);
	bool any = false;
	for (uint32_t class = 1; counts_least(class + 1) <= POOL_BYTES_MOST; class ++) {
		struct sum one = sum_of_class(record, costs, COSTS_POOLS, &shapes, class);
		advice->pooled[class] = blocks_of(record, class) && one.ns + spread(&one) < 0;
		any |= advice->pooled[class];
	}
	if (!any)
		return;
	struct sum sum = sum_of_pools(record, costs, replay, advice);
	struct sum starts = sum_of_starts(record, costs, COSTS_POOLS);
	struct sum firsts = sum_of_firsts(record, costs, advice->pooled);
	add_sum(&sum, &starts, 1);
	add_sum(&sum, &firsts, 1);
	take_gain(advice, ADVICE_POOLS, &sum);
}

static void take_huge(const struct record *record, const struct costs *costs, struct advice *advice) {
	struct sum sum = sum_of_heap(record, costs);
	struct sum starts = sum_of_starts(record, costs, COSTS_HUGE);
	add_sum(&sum, &starts, 1);
	take_gain(advice, ADVICE_HUGE, &sum);
	advice->page_walks_unknown = !advice->huge_pages_on && record->peak_bytes > TLB_BYTES + FILE_BYTES;
}

/* Another setting moves what a program has in memory, which alone makes it faster or slower by a little, and no costs
 * tell of that: a gain has to be more. */
static void take_best(struct advice *advice) {
	double most = 0;
	advice->best = ADVICE_SETTINGS;
	for (enum advice_setting setting = 0; setting < ADVICE_SETTINGS; setting++) {
		const struct advice_range *gain = &advice->settings[setting].gain;
		if (advice->settings[setting].measured && gain->lower > ADVICE_UNNOTICED && gain->point > most) {
			most = gain->point;
			advice->best = setting;
		}
	}
}

/* Of a program that does nothing but allocate, recording takes as much as of what was played; of others no more than
 * half. */
static double recording_most(const struct replay *replay) {
	double more = replay ? fmax(replay->figures[COSTS_RECORDED].ns, 0) : 0;
	return fmax(more > 0 ? more / (replay->figures[COSTS_PLAIN].ns + more) : 0, 0.5);
}

/* CPU time without what recording took. */
static void take_time(const struct record *record, const struct costs *costs, const struct replay *replay,
		      struct advice *advice) {
	double cpu = (double)record->user_ns + (double)record->system_ns;
	if (costs->has[COSTS_RECORDED]) {
		struct sum sum = sum_of_calls(record, costs, COSTS_RECORDED, COUNTS_CALL_COUNT);
		struct sum blocks = replay ? sum_of_played(record, replay, &replay->figures[COSTS_RECORDED], 0)
					   : sum_of_blocks(record, costs, COSTS_RECORDED, NULL);
		struct sum starts = sum_of_starts(record, costs, COSTS_RECORDED);
		advice->recording_ns = fmax(sum.ns + blocks.ns + starts.ns, 0);
	}
	advice->recording_ns = fmin(advice->recording_ns, recording_most(replay) * cpu);
	advice->time_ns = cpu - advice->recording_ns;
}

void advice_make(const struct record *record, const struct costs *costs, const struct replay *replay,
		 struct advice *advice) {
	struct text why = {0};
	memset(advice, 0, sizeof(*advice));
	advice->best = ADVICE_SETTINGS;
	if (!tune_signature_fits(&record->machine, &costs->machine, &why))
		advice->missing = ADVICE_OTHER_MACHINE;
	else if (record->processes == 0)
		advice->missing = ADVICE_NOTHING_RECORDED;
	else if (record->user_ns + record->system_ns < LEAST_NS)
		advice->missing = ADVICE_TOO_SHORT;
	text_free(&why);
	if (advice->missing)
		return;
	take_time(record, costs, replay, advice);
	take_parts(record, costs, advice);
	if (costs->has[COSTS_KERNELS])
		take_kernels(record, costs, advice);
	if (costs->has[COSTS_POOLS])
		take_pools(record, costs, replay, advice);
	advice->huge_pages_off = strcmp(costs->huge_pages, "never") == 0;
	advice->huge_pages_on = strcmp(costs->huge_pages, "always") == 0;
	if (costs->has[COSTS_HUGE] && !advice->huge_pages_off)
		take_huge(record, costs, advice);
	take_best(advice);
}
