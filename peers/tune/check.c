/* SPDX-License-Identifier: Apache-2.0
 *
 * `make tune-check`: what a profile chose, by another program. Its own loops, buffers, offsets, sizes and order; from
 * tune it takes the profile alone. Linux only.
 *
 *     tune-check PROFILE...   all of the first; with several, how far their choices agree
 *
 * A cell is an operation, a size from 16 bytes to 64 KiB and an alignment: at that size and one place, and once more
 * over the sizes up to the next cell's and all places, drawn anew in each round. A kernel works in steps, and no choice
 * by a few bands of sizes follows them: the one cell says what that costs at a size, the other whether the band's
 * method is the right one for the sizes around it.
 *
 * In each round every method is timed once, in random order; some rounds are of one launch of this programme, others of
 * another, because what a launch decides once is in all of its rounds. The rounds of even number say which method is
 * fastest, those of odd number what the chosen one takes of its time: with the same samples for both the fastest would
 * be the luckiest. The interval of the median ratio is that of signs. Exit status: 0 all bars met, 1 one is missed, 2
 * it could not be done.
 */
#include "bench/rng.h"
#include "bench/ticks.h"
#include "bench/tune/profile_read.h"
#include "bench/tune/tune.h"
#include "hosted/results/files.h"

#include <math.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LAUNCHES = 8,
	ROUNDS_A_LAUNCH = 10,
	ROUNDS = LAUNCHES * ROUNDS_A_LAUNCH,
	LINE_BYTES = 64,
	SAMPLE_TICKS = 60000,
	AREA = 1 << 18,
	SIZES_MAX = 32,
	PROFILES_MAX = 32,
	ADDS = 4000,
	COMPANY_BYTES = 4096,
	ALIGNMENTS = 2,
	CLOCK_TICKS = 10 * 1000 * 1000,
};

#define SLOWER (1 / 0.98)

/* About a cycle: what code around a call hides of it, or adds. */
#define RESOLUTION_NS 0.3

static uint8_t *from, *to;
static struct samples *all_samples; /* [operation][size][drawn or not][alignment] */
static struct rng rng;
static simd_features features;
static double ns_a_tick;

struct call {
	enum simd_operation operation;
	const struct simd_kernels *kernels; /* the method in the place of the operation's functions */
	uint8_t *to;
	const uint8_t *from, *other; /* other: what is compared with it */
	size_t bytes;
};

static void call_once(const struct call *call) {
	const struct simd_kernels *kernels = call->kernels;
	uint64_t result = 0;
	switch (call->operation) {
	case SIMD_OPERATION_COPY:
		kernels->copies.copy(call->to, call->from, call->bytes);
		break;
	case SIMD_OPERATION_FILL:
		kernels->fills.fill(call->to, 0x77, call->bytes);
		break;
	case SIMD_OPERATION_ZERO:
		kernels->fills.zero(call->to, call->bytes);
		break;
	case SIMD_OPERATION_COMPARE:
		result = (uint64_t)kernels->scans.compare(call->from, call->other, call->bytes);
		break;
	case SIMD_OPERATION_FIND_BYTE:
		result = kernels->scans.find_byte(call->from, 0xee, call->bytes);
		break;
	case SIMD_OPERATION_SUM:
		result = kernels->sums.sum_u64((const void *)call->from, call->bytes / 8);
		break;
	case SIMD_OPERATION_POPCOUNT:
		result = kernels->sums.popcount(call->from, call->bytes);
		break;
	default:
		result = kernels->hashes.crc32c(1, call->from, call->bytes);
	}
	__asm__ volatile("" : : "r"(result) : "memory");
}

static double time_calls(const struct call *call, uint64_t calls) {
	uint64_t begin = ticks_begin();
	for (uint64_t i = 0; i < calls; i++)
		call_once(call);
	return (double)(ticks_end() - begin) / (double)calls;
}

static double sample(const struct call *call) {
	call_once(call);
	double about = time_calls(call, 4);
	uint64_t calls = (uint64_t)(SAMPLE_TICKS / (about + 1)) + 4;
	return time_calls(call, calls);
}

/* ---- cells ------------------------------------------------------------------------------------------------------- */

struct method {
	struct simd_method method;
	struct simd_kernels kernels;
};

/* Of a cell. */
struct samples {
	double ticks[SIMD_METHODS_MAX][ROUNDS];
	size_t bytes[ROUNDS];
};

struct bench {
	enum simd_operation operation;
	size_t count, built_in;
	struct method methods[SIMD_METHODS_MAX];
	struct samples *samples;
};

static struct bench bench;

static void open_bench(enum simd_operation operation) {
	struct simd_method methods[SIMD_METHODS_MAX];
	bench.operation = operation;
	bench.count = simd_methods(features, operation, methods);
	for (size_t m = 0; m < bench.count; m++) {
		bench.methods[m].method = methods[m];
		simd_select(features, NULL, &bench.methods[m].kernels);
		(void)simd_method_use(features, operation, methods[m].name, &bench.methods[m].kernels);
		if (strcmp(methods[m].name, simd_method_built_in(features, operation)) == 0)
			bench.built_in = m;
	}
}

/* As simd.h chooses: one method for copies up to a page. */
static size_t chosen_for(const struct simd_profile *profile, enum simd_operation operation, size_t bytes) {
	const struct simd_choice *choice = &profile->choice[operation];
	unsigned band = 0;
	if (operation == SIMD_OPERATION_COPY && bytes < SIMD_PAGE_BYTES)
		bytes = SIMD_PAGE_BYTES;
	while (band + 1 < SIMD_BANDS && choice->below[band] != 0 && bytes >= choice->below[band])
		band++;
	for (size_t m = 0; m < bench.count && choice->method[band] != NULL; m++)
		if (strcmp(bench.methods[m].method.name, choice->method[band]) == 0)
			return m;
	return bench.built_in;
}

/* A cell, and how it is drawn: bytes up to `below`, and places, or `bytes` and one place. */
struct cell {
	size_t bytes, below;
	bool drawn, aligned;
};

struct place {
	size_t bytes, to, from, other; /* offsets, bytes */
};

static struct place place_in(const struct cell *cell) {
	bool words = bench.operation == SIMD_OPERATION_SUM;
	size_t unit = words ? sizeof(uint64_t) : 1, units = LINE_BYTES / unit;
	if (!cell->drawn)
		return cell->aligned ? (struct place){cell->bytes, 0, 0, 0}
				     : (struct place){cell->bytes, 43, words ? 8 : 5, words ? 8 : 5};
	size_t bytes = cell->bytes + rng_below(&rng, (uint32_t)(cell->below - cell->bytes));
	if (cell->aligned)
		return (struct place){bytes, 0, 0, 0};
	return (struct place){bytes, rng_below(&rng, LINE_BYTES), rng_below(&rng, (uint32_t)units) * unit,
			      rng_below(&rng, (uint32_t)units) * unit};
}

static void measure(const struct cell *cell, unsigned first) {
	for (unsigned round = first; round < first + ROUNDS_A_LAUNCH; round++) {
		size_t order[SIMD_METHODS_MAX];
		struct place place = place_in(cell);
		bench.samples->bytes[round] = place.bytes;
		for (size_t i = 0; i < bench.count; i++) {
			size_t other = rng_below(&rng, (uint32_t)i + 1);
			order[i] = order[other];
			order[other] = i;
		}
		for (size_t i = 0; i < bench.count; i++) {
			struct call call = {bench.operation,   &bench.methods[order[i]].kernels, to + 1024 + place.to,
					    from + place.from, from + AREA + place.other,        place.bytes};
			bench.samples->ticks[order[i]][round] = sample(&call);
		}
	}
}

/* Of the rounds from `first` on, every other one: ticks of `own` to the method's. */
static struct tune_ratio ratio_to(const double *own, size_t other, unsigned first) {
	double ratios[ROUNDS];
	size_t count = 0;
	for (unsigned round = first; round < ROUNDS; round += 2)
		ratios[count++] = own[round] / bench.samples->ticks[other][round];
	return tune_ratio_of(ratios, count);
}

static struct tune_ratio ratio_of(size_t method, size_t other, unsigned first) {
	return ratio_to(bench.samples->ticks[method], other, first);
}

static size_t fastest(void) {
	size_t best = 0;
	for (size_t m = 1; m < bench.count; m++)
		if (ratio_of(m, best, 0).point < 1)
			best = m;
	return best;
}

/* ---- verdicts ---------------------------------------------------------------------------------------------------- */

/* Of one profile and one way to draw. */
struct tally {
	unsigned cells, missed, undecided;
	unsigned beyond; /* of the missed: by more than the resolution */
	unsigned slower; /* than the built-in method, for sure by more than 2 % */
};

static double median_of(const double *ticks) {
	double sorted[ROUNDS];
	memcpy(sorted, ticks, sizeof(sorted));
	return tune_ratio_of(sorted, ROUNDS).point;
}

static void show_cell(const struct cell *cell, enum tune_for what_for, size_t method, size_t other,
		      const struct tune_ratio *ratio) {
	printf("  %-10s %6zu", simd_operation_name(bench.operation), cell->bytes);
	if (cell->drawn)
		printf(" to %6zu", cell->below);
	printf(" B %s, %s: %s takes %.3f [%.3f, %.3f] of %s%s\n", cell->aligned ? "aligned" : "off by some",
	       tune_for_name(what_for), bench.methods[method].method.name, ratio->point, ratio->lower, ratio->upper,
	       other == bench.built_in ? "the built-in " : "", bench.methods[other].method.name);
}

/* Of each round's size. Whether it is `always`, at all of them. */
static bool take_chosen(const struct simd_profile *profile, double *ticks, size_t always) {
	bool is = true;
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t method = chosen_for(profile, bench.operation, bench.samples->bytes[round]);
		ticks[round] = bench.samples->ticks[method][round];
		is = is && method == always;
	}
	return is;
}

static void judge(struct tally *tally, enum tune_for what_for, const struct simd_profile *profile,
		  const struct cell *cell) {
	double ticks[ROUNDS];
	size_t best = fastest(), method = chosen_for(profile, bench.operation, cell->bytes);
	bool is_best = take_chosen(profile, ticks, best), is_built_in = take_chosen(profile, ticks, bench.built_in);
	struct tune_ratio ratio = ratio_to(ticks, best, 1), built_in = ratio_to(ticks, bench.built_in, 1);
	if (is_best)
		ratio = (struct tune_ratio){.point = 1, .lower = 1, .upper = 1, .rounds = ROUNDS / 2};
	bool missed = ratio.lower > SLOWER, slower = !is_built_in && built_in.lower > SLOWER;
	tally->cells++;
	tally->missed += missed;
	tally->beyond +=
		missed && (median_of(ticks) - median_of(bench.samples->ticks[best])) * ns_a_tick > RESOLUTION_NS;
	tally->undecided += !missed && ratio.upper > SLOWER && ratio.point > 1 && ratio.lower < 1;
	tally->slower += slower;
	if (missed && what_for == TUNE_FOR_BULK)
		show_cell(cell, what_for, method, best, &ratio);
	if (slower && !(missed && what_for == TUNE_FOR_BULK && best == bench.built_in))
		show_cell(cell, what_for, method, bench.built_in, &built_in);
}

/* Ascending, and behind them where the last cell's end. */
static size_t sizes_between(size_t *sizes) {
	size_t count = 0;
	for (double bytes = 16; bytes <= 65536.5; bytes *= 1.6)
		sizes[count++] = (size_t)bytes;
	sizes[count++] = 65536;
	sizes[count] = 65536 + 1;
	return count;
}

static struct samples *samples_of(unsigned operation, size_t size, unsigned drawn, unsigned alignment) {
	return &all_samples[((operation * SIZES_MAX + size) * 2 + drawn) * ALIGNMENTS + alignment];
}

/* A launch's rounds of every cell. */
static void measure_all(unsigned first) {
	size_t sizes[SIZES_MAX + 1], count = sizes_between(sizes);
	for (unsigned i = 0; i < SIMD_OPERATION_SIZED; i++) {
		open_bench((enum simd_operation)i);
		for (size_t s = 0; s < count; s++)
			for (unsigned drawn = 0; drawn < 2; drawn++)
				for (unsigned alignment = 0; alignment < ALIGNMENTS; alignment++) {
					struct cell cell = {sizes[s], sizes[s + 1], drawn != 0, alignment == 0};
					bench.samples = samples_of(i, s, drawn, alignment);
					measure(&cell, first);
				}
	}
}

static bool launch(char *self, int file, unsigned number) {
	extern char **environ;
	char file_word[16], number_word[16], measure_word[] = "--measure";
	char *words[] = {self, measure_word, file_word, number_word, NULL};
	snprintf(file_word, sizeof(file_word), "%d", file);
	snprintf(number_word, sizeof(number_word), "%u", number);
	pid_t pid;
	int status;
	return posix_spawn(&pid, "/proc/self/exe", NULL, NULL, words, environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool map_samples(int file) {
	size_t bytes = (size_t)SIMD_OPERATION_SIZED * SIZES_MAX * 2 * ALIGNMENTS * sizeof(struct samples);
	void *mapped = MAP_FAILED;
	if (ftruncate(file, (off_t)bytes) == 0)
		mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	all_samples = mapped;
	return mapped != MAP_FAILED;
}

static bool measure_in_launches(char *self) {
	int file = memfd_create("tune-check", 0);
	bool good = file >= 0 && map_samples(file);
	for (unsigned number = 0; number < LAUNCHES && good; number++)
		good = launch(self, file, number);
	if (!good)
		fprintf(stderr, "tune-check: a launch failed\n");
	return good;
}

static void check_size(const struct profile_file *file, size_t size, const size_t *sizes,
		       struct tally (*tallies)[TUNE_FOR_COUNT]) {
	for (unsigned drawn = 0; drawn < 2; drawn++)
		for (unsigned alignment = 0; alignment < ALIGNMENTS; alignment++) {
			struct cell cell = {sizes[size], sizes[size + 1], drawn != 0, alignment == 0};
			bench.samples = samples_of(bench.operation, size, drawn, alignment);
			for (unsigned f = 0; f < TUNE_FOR_COUNT; f++)
				judge(&tallies[drawn][f], (enum tune_for)f, &file->choices[f], &cell);
		}
}

static bool show_tallies(const struct tally *tallies, const char *what) {
	const struct tally *bulk = &tallies[TUNE_FOR_BULK], *mixed = &tallies[TUNE_FOR_MIXED];
	printf("%s: %u cells; bulk slower than 0.98 of the fastest method's speed, for sure: %u (bar 0), by more than "
	       "%.1f ns a call: %u; undecided: %u, %.1f %% (bar 5 %%)\n",
	       what, bulk->cells, bulk->missed, RESOLUTION_NS, bulk->beyond, bulk->undecided,
	       100.0 * bulk->undecided / bulk->cells);
	printf("%s: slower than the built-in method by more than 2 %%, for sure: bulk %u, mixed %u (bar 0)\n", what,
	       bulk->slower, mixed->slower);
	return bulk->missed == 0 && bulk->undecided * 20 <= bulk->cells && bulk->slower == 0 && mixed->slower == 0;
}

static bool check_cells(const struct profile_file *file) {
	struct tally tallies[2][TUNE_FOR_COUNT] = {{{0}}};
	size_t sizes[SIZES_MAX + 1], count = sizes_between(sizes);
	for (unsigned i = 0; i < SIMD_OPERATION_SIZED; i++) {
		open_bench((enum simd_operation)i);
		for (size_t s = 0; s < count; s++)
			check_size(file, s, sizes, tallies);
	}
	bool good = show_tallies(tallies[0], "at a size");
	return show_tallies(tallies[1], "over sizes and places") && good;
}

/* ---- in company -------------------------------------------------------------------------------------------------- */

static void add_dependent(unsigned adds) {
	uint64_t sum = 1;
	for (unsigned i = 0; i < adds; i++)
		__asm__ volatile("add %1, %0" : "+r"(sum) : "r"((uint64_t)i));
	__asm__ volatile("" : : "r"(sum));
}

static double sample_in_company(const struct call *call) {
	enum { CALLS = 40 };
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < CALLS; i++) {
		call_once(call);
		add_dependent(ADDS);
	}
	return (double)(ticks_end() - begin) / CALLS;
}

static bool check_company(const struct profile_file *file, enum simd_operation operation) {
	static struct samples samples;
	open_bench(operation);
	bench.samples = &samples;
	for (unsigned round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < bench.count; i++) {
			size_t m = (i + round) % bench.count;
			struct call call = {operation,    &bench.methods[m].kernels, to + 1024, from, from + AREA,
					    COMPANY_BYTES};
			bench.samples->ticks[m][round] = sample_in_company(&call);
		}
	size_t chosen = chosen_for(&file->choices[TUNE_FOR_MIXED], operation, COMPANY_BYTES), best = fastest();
	struct tune_ratio ratio = ratio_of(chosen, best, 1);
	bool good = chosen == best || ratio.lower <= 1.01;
	printf("4 KiB %s and %d additions, mixed: %s takes %.4f [%.4f, %.4f] of %s (bar 1.01)%s\n",
	       simd_operation_name(operation), ADDS, bench.methods[chosen].method.name, ratio.point, ratio.lower,
	       ratio.upper, bench.methods[best].method.name, good ? "" : ": missed");
	return good;
}

enum { DISPATCH_CALLS = 2000, DISPATCH_BYTES = 64 };

static double fill_directly(const struct simd_kernels *kernels) {
	simd_fill_function *fill = kernels->by_size.fill[simd_band(kernels, SIMD_OPERATION_FILL, DISPATCH_BYTES)];
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(fill) : : "memory");
		fill(to, 1, DISPATCH_BYTES);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double fill_by_size(const struct simd_kernels *kernels) {
	size_t bytes = DISPATCH_BYTES;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(bytes) : : "memory");
		simd_fill(kernels, to, 1, bytes);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double copy_directly(const struct simd_kernels *kernels) {
	simd_copy_function *copy = kernels->copies.copy;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(copy) : : "memory");
		copy(to, from, DISPATCH_BYTES);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double copy_by_size(const struct simd_kernels *kernels) {
	size_t bytes = DISPATCH_BYTES;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(bytes) : : "memory");
		simd_copy(kernels, to, from, bytes);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* What asking for the band costs beside a call through the method's own pointer, which a register holds. */
static bool check_dispatch(const struct profile_file *file, const char *name,
			   double (*directly)(const struct simd_kernels *),
			   double (*by_size)(const struct simd_kernels *)) {
	static struct simd_kernels kernels;
	double ratios[ROUNDS], ns[ROUNDS];
	simd_select(features, &file->choices[TUNE_FOR_BULK], &kernels);
	for (unsigned round = 0; round < ROUNDS; round++) {
		double direct = directly(&kernels), sized = by_size(&kernels);
		ratios[round] = sized / direct;
		ns[round] = (sized - direct) * ns_a_tick;
	}
	struct tune_ratio ratio = tune_ratio_of(ratios, ROUNDS);
	qsort(ns, ROUNDS, sizeof(ns[0]), ascending);
	bool good = ratio.point <= 1.02 || ns[ROUNDS / 2] <= 1;
	printf("%s of %d B by size: %.3f [%.3f, %.3f] of a call through the method's pointer, %.2f ns more (bar 1.02 "
	       "or "
	       "1 ns)%s\n",
	       name, DISPATCH_BYTES, ratio.point, ratio.lower, ratio.upper, ns[ROUNDS / 2], good ? "" : ": missed");
	return good;
}

/* ---- several profiles -------------------------------------------------------------------------------------------- */

/* Over cells where some method differs by more than 3 % from the built-in one: the share of profiles that choose as
 * most do. */
static bool check_agreement(const struct profile_file *files, size_t count) {
	size_t sizes[SIZES_MAX + 1], sizes_count = sizes_between(sizes);
	unsigned cells = 0;
	double alike = 0;
	for (unsigned i = 0; i < SIMD_OPERATION_SIZED; i++) {
		open_bench((enum simd_operation)i);
		for (size_t s = 0; s < sizes_count; s++) {
			unsigned votes[SIMD_METHODS_MAX] = {0}, most = 0;
			bench.samples = samples_of(i, s, 0, 0);
			bool differs = false;
			for (size_t m = 0; m < bench.count; m++)
				differs |= fabs(ratio_of(m, bench.built_in, 0).point - 1) > 0.03;
			if (!differs)
				continue;
			for (size_t f = 0; f < count; f++) {
				unsigned *vote =
					&votes[chosen_for(&files[f].choices[TUNE_FOR_BULK], bench.operation, sizes[s])];
				most = ++*vote > most ? *vote : most;
			}
			cells++;
			alike += (double)most / (double)count;
		}
	}
	double share = cells != 0 ? alike / cells : 1;
	printf("%zu profiles: alike in %.1f %% of %u cells in which a method differs by more than 3 %% (bar 95 %%)\n",
	       count, 100 * share, cells);
	return share >= 0.95;
}

static bool read_profile(const char *name, struct profile_file *file) {
	struct text bytes = {0}, why = {0};
	bool good = files_read(name, &bytes, &why) == 0;
	if (good && !profile_read(bytes.bytes, bytes.length, features, file, &why)) {
		fprintf(stderr, "%s: %s\n", name, why.length != 0 ? why.bytes : "no profile");
		good = false;
	}
	text_free(&bytes);
	text_free(&why);
	return good;
}

static void take_the_clock(void) {
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	uint64_t ticks = ticks_begin();
	do {
		clock_gettime(CLOCK_MONOTONIC, &end);
	} while (ticks_begin() - ticks < CLOCK_TICKS);
	double ns = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
	ns_a_tick = ns / (double)(ticks_begin() - ticks);
}

static void stay_on_this_cpu(void) {
	cpu_set_t set;
	int cpu = sched_getcpu();
	CPU_ZERO(&set);
	CPU_SET(cpu >= 0 ? (unsigned)cpu : 0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static bool open_buffers(void) {
	stay_on_this_cpu();
	take_the_clock();
	from = aligned_alloc(4096, 2 * AREA);
	to = aligned_alloc(4096, AREA);
	if (from == NULL || to == NULL)
		return false;
	memset(from, 0x33, 2 * AREA);
	memset(to, 0, AREA);
	return true;
}

static bool check(const struct profile_file *files, size_t count) {
	static const enum simd_operation in_company[] = {SIMD_OPERATION_COPY, SIMD_OPERATION_COMPARE,
							 SIMD_OPERATION_FILL, SIMD_OPERATION_CRC32C};
	bool good = check_cells(&files[0]);
	for (size_t i = 0; i < sizeof(in_company) / sizeof(in_company[0]); i++)
		good &= check_company(&files[0], in_company[i]);
	good &= check_dispatch(&files[0], "copy", copy_directly, copy_by_size);
	good &= check_dispatch(&files[0], "fill", fill_directly, fill_by_size);
	if (count > 1)
		good &= check_agreement(files, count);
	return good;
}

int main(int argc, char **argv) {
	static struct profile_file files[PROFILES_MAX];
	size_t count = 0;
	features = simd_features_detect();
	if (argc == 4 && strcmp(argv[1], "--measure") == 0) {
		unsigned number = (unsigned)atoi(argv[3]);
		rng = rng_seeded(20261127 + number);
		if (!map_samples(atoi(argv[2])) || !open_buffers())
			return 2;
		measure_all(number * ROUNDS_A_LAUNCH);
		return 0;
	}
	rng = rng_seeded(20261127);
	if (argc < 2 || argc > PROFILES_MAX) {
		fprintf(stderr, "usage: tune-check PROFILE...\n");
		return 2;
	}
	for (; count + 1 < (size_t)argc; count++)
		if (!read_profile(argv[count + 1], &files[count]))
			return 2;
	if (!open_buffers() || !measure_in_launches(argv[0]))
		return 2;
	return check(files, count) ? 0 : 1;
}
