/* SPDX-License-Identifier: Apache-2.0
 *
 * One process, one sample of every row, under whatever was preloaded into it or set in its environment. Calls go
 * through pointers that the compiler does not see through, so that they end where a program's would. Sizes within a
 * class, and places within an area that a core's own caches hold, are random, the same in each process. A figure is
 * that of the fastest of some slices: what else runs only ever slows down.
 */
#include "hosted/advise/costs.h"
#include "hosted/profile/own_sample.h"
#include "hosted/results/clock.h"
#include "lib/units.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	SECONDS_MOST = 30,
	SLICES = 2,
	SLICE_NS = 40000,
	CALLS_MOST = 16384,              /* of a pattern: more than branches are learned of, repeated once or twice */
	BATCH_BYTES = 16 << 20,          /* touched by a pattern of larger calls */
	PLACES_BYTES = 4096,             /* in which a call's pointers lie */
	PLACES_VARIED_BYTES = 256 << 10, /* likewise */
	BLOCK_BYTES_MOST = 4 << 20,      /* of all blocks that live at once */
	IN_PLACE_CALLS = 1024,           /* one after the other, before they go to another place */
	REPLACED_BEFORE = 3,
	BLOCKS_A_READING = 1024, /* of the clock, which takes as long as some blocks, and hides others */
	TOUCH_BYTES = 32 << 20,  /* beyond any threshold from which on glibc maps a block by itself */
	GROWTH_BLOCK_BYTES = 16 << 10,
	GROWTH_BLOCKS = 2048, /* a huge page that the heap begins within is next to nothing of these */
	GROWTH_TURNS = 3,
	AGAIN_BLOCKS = 256, /* and their turns */
	AGAIN_TURNS = 4,
	BESIDE_BYTES = 2 * LARGE_PAGE_BYTES,
	BESIDE_PAGES = BESIDE_BYTES / PAGE_BYTES,
	BESIDE_CHUNK = 32, /* pages; what is beside them is timed alone as often */
	HOT_BYTES_LEAST = 256 << 10,
	HOT_BYTES_MOST = 2 << 20,
	HOT_LOADS = 1 << 16, /* that the time of one is told by */
	AREA_BYTES = (32 << 20) + PLACES_VARIED_BYTES + PLACES_BYTES,
};

static void *(*volatile const copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile const move)(void *, const void *, size_t) = memmove;
static void *(*volatile const fill)(void *, int, size_t) = memset;
static int (*volatile const compare)(const void *, const void *, size_t) = memcmp;
static void *(*volatile const find)(const void *, int, size_t) = memchr;
static void *(*volatile const allocate)(size_t) = malloc;
static void (*volatile const release)(void *) = free;

static uint64_t now_ns(void) {
	return clock_ns(CLOCK_MONOTONIC);
}

struct span {
	size_t least, more; /* a size is least + something below more */
};

static struct span span_of(uint32_t class) {
	uint64_t least = counts_least(class);
	return (struct span){(size_t)least, (size_t)(counts_least(class + 1) - least)};
}

/* ---- calls on memory --------------------------------------------------------------------------------------------- */

struct pattern {
	uint32_t count, odd;
	struct {
		uint32_t size;
		uint16_t to, from; /* in units of 16 bytes, and `odd` bytes beyond */
	} calls[CALLS_MOST];
};

/* Of classes `first` to `last`, each as often. */
static size_t size_among(uint32_t first, uint32_t last, struct rng *rng) {
	struct span span = span_of(first + (first < last ? rng_below(rng, last - first + 1) : 0));
	return span.least + rng_below(rng, (uint32_t)span.more);
}

/* What is asked of a row of calls: classes `first` to `last`. */
struct asked {
	enum counts_call call;
	uint32_t first, last;
	bool unaligned;
	enum costs_condition condition;
};

static void make_pattern(struct pattern *pattern, const struct asked *asked, struct rng *rng) {
	bool one_size = asked->condition == COSTS_STEADY || asked->condition == COSTS_SAME;
	bool in_place = asked->condition == COSTS_SAME || asked->condition == COSTS_RESIZED;
	size_t count = BATCH_BYTES / (size_t)counts_least(asked->last + 1);
	uint32_t places = (asked->condition == COSTS_VARIED ? PLACES_VARIED_BYTES : PLACES_BYTES) / 16;
	pattern->count = count < 1 ? 1 : count > CALLS_MOST ? CALLS_MOST : (uint32_t)count;
	pattern->odd = asked->unaligned ? 5 : 0;
	for (uint32_t i = 0; i < pattern->count; i++) {
		pattern->calls[i].size =
			one_size && i ? pattern->calls[0].size : (uint32_t)size_among(asked->first, asked->last, rng);
		bool stays = in_place && i % IN_PLACE_CALLS;
		pattern->calls[i].to = stays ? pattern->calls[i - 1].to : (uint16_t)rng_below(rng, places);
		pattern->calls[i].from = stays ? pattern->calls[i - 1].from : (uint16_t)rng_below(rng, places);
	}
}

static void repeat_copy(void *(*function)(void *, const void *, size_t), const struct pattern *pattern, char *to,
			const char *from) {
	for (uint32_t i = 0; i < pattern->count; i++)
		function(to + 16 * pattern->calls[i].to, from + 16 * pattern->calls[i].from, pattern->calls[i].size);
}

/* Memory of both holds nothing but zeros. */
static void repeat(enum counts_call call, const struct pattern *pattern, char *to, const char *from) {
	to += pattern->odd;
	from += pattern->odd;
	if (call == COUNTS_memcpy || call == COUNTS_memmove)
		repeat_copy(call == COUNTS_memcpy ? copy : move, pattern, to, from);
	else if (call == COUNTS_memset)
		for (uint32_t i = 0; i < pattern->count; i++)
			fill(to + 16 * pattern->calls[i].to, 0, pattern->calls[i].size);
	else if (call == COUNTS_memcmp)
		for (uint32_t i = 0; i < pattern->count; i++)
			compare(to + 16 * pattern->calls[i].to, from + 16 * pattern->calls[i].from,
				pattern->calls[i].size);
	else
		for (uint32_t i = 0; i < pattern->count; i++)
			find(from + 16 * pattern->calls[i].from, 1, pattern->calls[i].size);
}

static double call_ns(enum counts_call call, const struct pattern *pattern, char *to, const char *from) {
	double least = 0;
	for (int slice = 0; slice < SLICES; slice++) {
		uint64_t start = now_ns(), end, calls = 0;
		do {
			repeat(call, pattern, to, from);
			calls += pattern->count;
		} while ((end = now_ns()) - start < SLICE_NS);
		double ns = (double)(end - start) / (double)calls;
		least = slice == 0 || ns < least ? ns : least;
	}
	return least;
}

/* memmove in varied conditions moves by 8 bytes, up or down: that is what it is there for. */
static double asked_ns(const struct asked *asked, char *area, struct rng *rng) {
	static struct pattern pattern;
	bool shifts = asked->call == COUNTS_memmove && asked->condition == COSTS_VARIED;
	make_pattern(&pattern, asked, rng);
	for (uint32_t i = 0; shifts && i < pattern.count; i++)
		pattern.calls[i].from = (uint16_t)(pattern.calls[i].to + rng_below(rng, 2));
	return call_ns(asked->call, &pattern, shifts ? area + 16 : area, shifts ? area + 8 : area + AREA_BYTES);
}

static double condition_ns(const struct asked *asked, char *area, const double ns[COSTS_ROWS], struct rng *rng) {
	bool in_place = asked->condition == COSTS_SAME || asked->condition == COSTS_RESIZED;
	return in_place && !costs_is_in_place(asked->first)
		       ? ns[costs_row_of_call(asked->call, asked->first, asked->unaligned, COSTS_STEADY)]
		       : asked_ns(asked, area, rng);
}

static void sample_call(enum counts_call call, char *area, double ns[COSTS_ROWS], struct rng *rng) {
	for (uint32_t class = 0; class < COSTS_CALL_CLASSES; class += 1)
		for (int unaligned = 0; unaligned < COSTS_ALIGNED; unaligned++)
			for (int condition = 0; condition < COSTS_CONDITIONS; condition++) {
				struct asked asked = {call, class, class, unaligned, (enum costs_condition)condition};
				ns[costs_row_of_call(call, class, unaligned, asked.condition)] =
					condition_ns(&asked, area, ns, rng);
			}
	const struct asked mixed = {call, 1, COSTS_MIXED_CALLS - 1, true, COSTS_VARIED};
	ns[COSTS_ROW_MIXED_CALLS + (size_t)call] = asked_ns(&mixed, area, rng);
}

static bool sample_calls(double ns[COSTS_ROWS], struct rng *rng) {
	char *area = mmap(NULL, 2 * (size_t)AREA_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (area == MAP_FAILED)
		return false;
	for (int call = 0; call < COSTS_CALLS; call++)
		sample_call((enum counts_call)call, area, ns, rng);
	munmap(area, 2 * (size_t)AREA_BYTES);
	return true;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static void *blocks[COSTS_MANY_BLOCKS];
static uint32_t picks[COSTS_MANY_BLOCKS]; /* a random order */
static size_t sizes[COSTS_MANY_BLOCKS];

static void allocate_all(uint32_t count) {
	for (uint32_t i = 0; i < count; i++)
		blocks[i] = allocate(sizes[i]);
}

static void release_all(uint32_t count) {
	for (uint32_t i = count; i--;)
		release(blocks[i]);
}

static void make_blocks(uint32_t first, uint32_t last, uint32_t count, struct rng *rng) {
	for (uint32_t i = 0; i < count; i++) {
		sizes[i] = size_among(first, last, rng);
		uint32_t other = rng_below(rng, i + 1);
		picks[i] = picks[other];
		picks[other] = i;
	}
}

struct place {
	uint32_t block, size;
};

/* Each time round sizes are a third of them further on, so that a block is neither replaced by one of its size, nor by
 * one of the size that is freed next. */
static void replace(uint32_t count, bool at_random, uint32_t turns, struct place *place) {
	uint32_t at = place->block, size = place->size;
	for (; turns; turns--) {
		uint32_t which = at_random ? picks[at] : at;
		release(blocks[which]);
		blocks[which] = allocate(sizes[size]);
		size = size + 1 < count ? size + 1 : 0;
		if (++at == count) {
			at = 0;
			size = (size + count / 3) % count;
		}
	}
	*place = (struct place){at, size};
}

/* ns a block, of `count` ones that live at first. A heap is only then as it stays when each block was replaced some
 * times: at first what is handed out is new, and lies in order. */
static double replaced_ns(uint32_t count, bool at_random) {
	struct place at = {0, 0};
	double least = 0;
	allocate_all(count);
	replace(count, at_random, REPLACED_BEFORE * count, &at);
	for (int slice = 0; slice < SLICES; slice++) {
		uint64_t start = now_ns(), end, turns = 0;
		do {
			replace(count, at_random, BLOCKS_A_READING, &at);
			turns += BLOCKS_A_READING;
		} while ((end = now_ns()) - start < SLICE_NS);
		double ns = (double)(end - start) / (double)turns;
		least = slice == 0 || ns < least ? ns : least;
	}
	release_all(count);
	return least;
}

static double stacked_ns(uint32_t count) {
	uint32_t repeats = (BLOCKS_A_READING + count - 1) / count;
	double least = 0;
	for (int slice = 0; slice < SLICES; slice++) {
		uint64_t start = now_ns(), end, turns = 0;
		do {
			for (uint32_t i = 0; i < repeats; i++) {
				allocate_all(count);
				release_all(count);
			}
			turns += repeats;
		} while ((end = now_ns()) - start < SLICE_NS);
		double ns = (double)(end - start) / (double)(turns * count);
		least = slice == 0 || ns < least ? ns : least;
	}
	return least;
}

static double kept_ns(uint32_t count) {
	double least = 0;
	for (int slice = 0; slice < SLICES; slice++) {
		uint64_t start = now_ns();
		allocate_all(count);
		double ns = (double)(now_ns() - start) / count;
		release_all(count);
		least = slice == 0 || ns < least ? ns : least;
	}
	return least;
}

struct elsewhere {
	uint32_t count;
	uint64_t taken_ns;
};

static void *release_elsewhere(void *argument) {
	struct elsewhere *elsewhere = argument;
	uint64_t start = now_ns();
	release_all(elsewhere->count);
	elsewhere->taken_ns = now_ns() - start;
	return NULL;
}

static double elsewhere_ns(uint32_t count) {
	double least = 0;
	for (int slice = 0; slice < SLICES; slice++) {
		struct elsewhere elsewhere = {count, 0};
		pthread_t thread;
		uint64_t start = now_ns();
		allocate_all(count);
		uint64_t taken = now_ns() - start;
		if (pthread_create(&thread, NULL, release_elsewhere, &elsewhere) != 0) {
			release_all(count);
			return 0;
		}
		pthread_join(thread, NULL);
		double ns = (double)(taken + elsewhere.taken_ns) / count;
		least = slice == 0 || ns < least ? ns : least;
	}
	return least;
}

static double shape_ns(enum costs_shape shape, uint32_t count) {
	switch (shape) {
	case COSTS_FEW:
	case COSTS_STACK:
		return stacked_ns(count);
	case COSTS_QUEUE:
		return replaced_ns(count, false);
	case COSTS_RANDOM:
	case COSTS_MANY:
		return replaced_ns(count, true);
	case COSTS_ELSEWHERE:
		return elsewhere_ns(count);
	case COSTS_KEPT:
	case COSTS_SHAPES:
		break;
	}
	return kept_ns(count);
}

/* A block behind all others keeps glibc from giving the heap's end back, and from taking it again page by page: what
 * that costs has a row of its own. */
static double block_ns(enum costs_shape shape, uint32_t class, struct rng *rng) {
	size_t fit = BLOCK_BYTES_MOST / counts_least(class);
	uint32_t count = shape == COSTS_FEW    ? COSTS_FEW_BLOCKS
			 : shape == COSTS_MANY ? COSTS_MANY_BLOCKS
					       : COSTS_SOME_BLOCKS;
	count = count > fit ? (uint32_t)fit : count;
	/* Few blocks are seldom of one size: each waits for the one before it only where it has its place. */
	uint32_t last = shape == COSTS_FEW ? class + COSTS_FEW_BLOCKS - 1 : class;
	uint32_t end = COSTS_BLOCK_FIRST + COSTS_BLOCK_CLASSES;
	make_blocks(class, last < end ? last : end - 1, count, rng);
	allocate_all(count);
	void *behind = allocate((size_t)counts_least(class + 1));
	release_all(count);
	double ns = shape_ns(shape, count);
	release(behind);
	return ns;
}

static void sample_blocks(double ns[COSTS_ROWS], struct rng *rng) {
	for (enum costs_shape shape = 0; shape < COSTS_SHAPES; shape++)
		for (uint32_t i = 0; i < COSTS_BLOCK_CLASSES; i++)
			ns[costs_row_of_block(shape, COSTS_BLOCK_FIRST + i)] =
				block_ns(shape, COSTS_BLOCK_FIRST + i, rng);
	make_blocks(COSTS_BLOCK_FIRST, COSTS_MIXED_BLOCKS - 1, COSTS_SOME_BLOCKS, rng);
	ns[COSTS_ROW_MIXED_BLOCKS] = replaced_ns(COSTS_SOME_BLOCKS, true);
	make_blocks(COSTS_BLOCK_FIRST, COSTS_MIXED_BLOCKS - 1, COSTS_MANY_BLOCKS, rng);
	ns[COSTS_ROW_MIXED_MANY] = replaced_ns(COSTS_MANY_BLOCKS, true);
}

/* Before any other block is asked for: a pool takes its first pages only then. */
static double first_ns(void) {
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (size_t i = 0; i < COSTS_FIRSTS; i++)
		blocks[i] = allocate((i + 1) * COSTS_FIRST_STEP);
	release_all(COSTS_FIRSTS);
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / COSTS_FIRSTS;
}

/* ---- pages and starts -------------------------------------------------------------------------------------------- */

static void touch(char *block, size_t bytes) {
	for (size_t at = 0; at < bytes; at += PAGE_BYTES)
		*(volatile char *)(block + at) = 1;
}

static void touch_twice(char *block, size_t bytes) {
	for (size_t at = 0; at < bytes; at += PAGE_BYTES) {
		(void)*(volatile char *)(block + at);
		*(volatile char *)(block + at) = 1;
	}
}

static double touch_ns(void (*touched)(char *block, size_t bytes)) {
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	char *block = allocate(TOUCH_BYTES);
	if (!block)
		return 0;
	touched(block, TOUCH_BYTES);
	release(block);
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / (double)(TOUCH_BYTES / PAGE_BYTES);
}

/* CPU time of a page. */
static double grow_ns(size_t count) {
	static char *grown[GROWTH_BLOCKS];
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (size_t i = 0; i < count; i++) {
		grown[i] = allocate(GROWTH_BLOCK_BYTES);
		if (grown[i])
			touch(grown[i], GROWTH_BLOCK_BYTES);
	}
	for (size_t i = 0; i < count; i++)
		release(grown[i]);
	uint64_t taken = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
	return (double)taken / (double)(count * GROWTH_BLOCK_BYTES / PAGE_BYTES);
}

static double least_growth_ns(size_t count, int turns) {
	double least = grow_ns(count);
	for (int turn = 1; turn < turns; turn++)
		least = fmin(least, grow_ns(count));
	return least;
}

static double faults(void) {
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_minflt : 0;
}

/* A heap's first blocks, and all given back: before other blocks have made it large, or lie behind these. The first
 * time the system may have to make huge pages out of small ones, which programs after each other find made; and where
 * a heap begins, none may fit. What comes not one by one comes as huge pages. */
static void sample_growth(double ns[COSTS_ROWS]) {
	double before = faults();
	(void)grow_ns(GROWTH_BLOCKS);
	double singles = faults() - before - GROWTH_BLOCKS * (double)GROWTH_BLOCK_BYTES / LARGE_PAGE_BYTES;
	ns[COSTS_ROW_SINGLES] = singles > 1 ? singles : 1;
	ns[COSTS_ROW_GROWTH] = least_growth_ns(GROWTH_BLOCKS, GROWTH_TURNS);
	ns[COSTS_ROW_AGAIN] = least_growth_ns(AGAIN_BLOCKS, AGAIN_TURNS);
}

/* Memory that a core's own caches hold, and that is read about in: a fault puts some of it out of them. */
struct hot {
	const char *bytes;
	uint32_t size;
	double load_ns;
	struct rng rng;
};

static void read_about(struct hot *hot, uint32_t loads) {
	for (; loads; loads--)
		(void)*(const volatile char *)(hot->bytes + rng_below(&hot->rng, hot->size));
}

static bool heat(struct hot *hot) {
	long own = sysconf(_SC_LEVEL2_CACHE_SIZE); /* 0 or less: not known */
	hot->size = own < HOT_BYTES_LEAST ? HOT_BYTES_LEAST : own > HOT_BYTES_MOST ? HOT_BYTES_MOST : (uint32_t)own;
	hot->bytes = mmap(NULL, hot->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (hot->bytes == MAP_FAILED)
		return false;
	read_about(hot, HOT_LOADS);
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	read_about(hot, HOT_LOADS);
	hot->load_ns = (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / HOT_LOADS;
	return hot->load_ns > 0;
}

static double touch_beside_ns(char *pages, size_t step, struct hot *hot, uint32_t loads) {
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (size_t i = 0; i < BESIDE_CHUNK; i++) {
		touch(pages + i * step, PAGE_BYTES);
		read_about(hot, loads);
	}
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start);
}

/* What touches of pages take more than as many of one, in turns; both by the same instructions. */
static double beside_ns(char *pages, struct hot *hot, double between_ns) {
	const size_t steps[] = {PAGE_BYTES, 0};
	uint32_t loads = (uint32_t)(between_ns / hot->load_ns);
	double taken[] = {0, 0};
	for (size_t i = 0; i < BESIDE_PAGES; i += BESIDE_CHUNK)
		for (size_t kind = 0; kind < 2; kind++) {
			taken[kind] += touch_beside_ns(pages + i * PAGE_BYTES, steps[kind], hot, loads);
			read_about(hot, loads); /* comes back to where it was */
		}
	return fmax((taken[0] - taken[1]) / BESIDE_PAGES, 1);
}

/* Of a block that glibc maps by itself, from a huge page's begin on. */
static bool sample_besides(double ns[COSTS_ROWS], struct rng *rng) {
	_Static_assert((COSTS_BESIDES + 1) * BESIDE_BYTES <= TOUCH_BYTES, "each in pages of its own");
	struct hot hot = {.rng = *rng};
	char *block = allocate(TOUCH_BYTES);
	char *pages = block + (-(uintptr_t)block & (LARGE_PAGE_BYTES - 1));
	bool good = block && heat(&hot);
	for (size_t i = 0; good && i < COSTS_BESIDES; i++)
		ns[COSTS_ROW_BESIDE + i] = beside_ns(pages + i * BESIDE_BYTES, &hot, costs_beside_ns[i]);
	if (good)
		munmap((void *)(uintptr_t)hot.bytes, hot.size);
	release(block);
	return good;
}

/* The least of some: what is beside it only adds. */
static double child_start_ns(void) {
	static const char *const words[] = {"advise", "sample", "start", NULL};
	double least = 0;
	for (int i = 0; i < COSTS_STARTS; i++) {
		double ns = 0;
		if (!own_sample_read(&(struct own_sample){words, NULL, -1}, &ns, 1))
			return 0;
		least = i == 0 || ns < least ? ns : least;
	}
	return least;
}

int costs_sample_print(bool start_only) {
	static double ns[COSTS_ROWS];
	struct rng rng = rng_seeded(rng_seed_of(1, "costs sample"));
	ns[COSTS_ROW_START] = (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	alarm(SECONDS_MOST);
	if (start_only)
		return printf("%.0f\n", ns[COSTS_ROW_START]) < 0 ? 2 : 0;
	ns[COSTS_ROW_END] = 1; /* whoever waits for the process knows */
	ns[COSTS_ROW_FIRST] = first_ns();
	ns[COSTS_ROW_CHILD_START] = child_start_ns();
	sample_growth(ns);
	ns[COSTS_ROW_TOUCH] = touch_ns(touch);
	ns[COSTS_ROW_TWICE] = touch_ns(touch_twice);
	if (!sample_besides(ns, &rng) || !sample_calls(ns, &rng))
		return 2;
	sample_blocks(ns, &rng);
	for (size_t row = 0; row < COSTS_ROWS; row++)
		printf("%.4f\n", ns[row]);
	return 0;
}
