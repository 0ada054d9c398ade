/* SPDX-License-Identifier: Apache-2.0
 *
 * `tune`: which method each operation of simd/ should take on this machine, by size, and what it costs the code around
 * it. Three floors, each of which knows only those below it:
 *
 *   subject  what is measured: this machine (subject.c), or a simulated one in tests
 *   sweep    all cells in rounds, methods interleaved in random order, then each crossover by bisection
 *   choose   pure: from a sweep's figures to bands, with margins; price: what a width does to its neighbours
 *
 * A cell is an operation at a size in a condition. Its figure for a method is the median over rounds of the ratio to
 * the built-in method in the same round, with its distribution-free interval (order statistics by signs): slow rounds
 * of a busy room come out as slow for both. docs/methodology.md has the rules.
 */
#pragma once

#include "simd/simd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tune_place {
	TUNE_ALIGNED,   /* to 64 bytes, so many of them apart modulo 4 KiB, others in every round; so below */
	TUNE_UNALIGNED, /* source and destination off by some of up to 63 bytes */
	TUNE_PAST,      /* the destination 32 bytes past the source modulo 4 KiB; only what has both */
	TUNE_PLACES
};

enum tune_heat {
	TUNE_L1,   /* the same operands again; as far as they fit into it */
	TUNE_COLD, /* others each time, of an area that no second-level cache holds */
	TUNE_L2,   /* --thorough: of an area between the two */
	TUNE_HEATS
};

enum {
	TUNE_CONDITIONS = TUNE_PLACES * TUNE_HEATS,
	TUNE_SIZES_MAX = 72, /* 1 B to 64 MiB by steps of the square root of 2, twice as close from 16 B to 4 KiB */
	TUNE_ROUNDS_MAX = 96,
	TUNE_BANDS_MAX = SIMD_BANDS,
};

#define TUNE_CONDITION(place, heat) ((heat)*TUNE_PLACES + (place))

/* "L1, aligned"; static text. */
const char *tune_condition_name(unsigned condition);

struct tune_cell {
	enum simd_operation operation;
	size_t bytes;
	unsigned condition;
	uint32_t luck; /* where code and operands are, in a way that is the subject's; 0: half a page apart */
};

/* A method of another operation may have the same number: numbers are places in what `methods` gave. */
struct tune_subject {
	void *self;
	size_t (*methods)(void *self, enum simd_operation operation, struct simd_method *methods, size_t *built_in);
	/* Whether the cell can be there at all: two buffers, memory enough. */
	bool (*has)(void *self, const struct tune_cell *cell);
	/* One sample: ns a call, of as many calls as last some tens of microseconds. Not above 0: it failed. */
	double (*call_ns)(void *self, const struct tune_cell *cell, unsigned method);
	/* One sample: ns for a call of `bytes` in L1 and `adds` dependent additions behind it, one after the other. */
	double (*company_ns)(void *self, enum simd_operation operation, size_t bytes, unsigned method, uint64_t adds);
	/* ns of one dependent addition, nothing beside it. */
	double (*add_ns)(void *self);
	uint64_t (*now_ns)(void *self); /* monotonic */
	/* Before each round, from 0 on: operands elsewhere. 0, or -1: no memory. NULL: none. */
	int (*round)(void *self, uint32_t round);
	/* Between samples; false: end early, somebody asked for it. NULL: none. */
	bool (*checkpoint)(void *self);
};

struct tune_plan {
	bool thorough;      /* sizes to 64 MiB, L2 as well */
	uint64_t budget_ns; /* for the sweep; rounds are as many as fit, TUNE_ROUNDS_LEAST at the least */
	uint64_t seed;
	bool in_caches; /* not TUNE_COLD, but L2 */
};

enum { TUNE_ROUNDS_LEAST = 6 };

/* Ratio of times to the built-in method's, below 1: faster. */
struct tune_ratio {
	double point, lower, upper; /* median over rounds, and its interval; all 0: not measured */
	double typical, error;      /* mean of the logarithms between the quartiles, and its standard error */
	double high;                /* logarithm that a quarter of the rounds, so of sizes and places, lies above */
	float ns;                   /* least of the rounds, by itself */
	float noise;                /* the interval's width at the grid's size alone, over the median */
	uint32_t rounds;
};

/* All methods of one operation. ratio[method][condition][size]. */
struct tune_operation {
	enum simd_operation operation;
	size_t method_count, built_in, size_count;
	struct simd_method methods[SIMD_METHODS_MAX];
	size_t sizes[TUNE_SIZES_MAX];
	struct tune_ratio ratio[SIMD_METHODS_MAX][TUNE_CONDITIONS][TUNE_SIZES_MAX];
};

enum tune_basis {
	TUNE_NOT_MEASURED, /* the built-in method, because nothing says otherwise */
	TUNE_KEPT,         /* measured, and no other's interval excludes the built-in one */
	TUNE_CHOSEN,
	TUNE_TOO_LOUD,        /* the built-in method: too many of the operation's intervals are too wide */
	TUNE_KEPT_IN_COMPANY, /* another is faster by itself, and not together with what is around it */
};

struct tune_band {
	size_t from, below; /* bytes; SIZE_MAX: to the end */
	unsigned method;
	enum tune_basis basis;
	struct tune_ratio gain; /* to the built-in method: geometric mean over the band's cells in L1; rounds 0: none */
	struct tune_ratio cold; /* the same of its other cells */
	struct tune_ratio company; /* at single calls of 10 % duty; where basis says CHOSEN or KEPT_IN_COMPANY */
};

struct tune_choice {
	size_t band_count;
	struct tune_band bands[TUNE_BANDS_MAX];
	/* Cells; where another method is faster than the band's by more than 2 %, for sure; where nobody can tell. */
	uint32_t cells, conflicts, undecided;
};

enum tune_for { TUNE_FOR_MIXED, TUNE_FOR_BULK, TUNE_FOR_COUNT };

/* Sizes up to it have one method, because whoever calls by size looks at no band there: simd_copy. 0: none. choose.c */
size_t tune_one_method_bytes(enum simd_operation operation);

/* "mixed", "bulk"; static text. choose.c */
const char *tune_for_name(enum tune_for what_for);
bool tune_for_of(const char *name, enum tune_for *what_for);

/* ---- price ------------------------------------------------------------------------------------------------------- */

enum { PRICE_DUTIES = 4, PRICE_BURSTS = 3, PRICE_ARMS_MAX = SIMD_WIDTH_COUNT };
extern const unsigned price_duty_percent[PRICE_DUTIES]; /* 1, 5, 25, 50 */
extern const uint64_t price_burst_ns[PRICE_BURSTS];     /* 0: one call of 4 KiB; 100 us; 10 ms */

/* Of one arm at one point; ratios to the arm without vectors in the same round. */
struct price_cell {
	struct tune_ratio during; /* ns an addition between bursts, over that of the arm without vectors */
	double settle_ns;         /* how long after a burst additions stay slower by more than 1 %; 0: not seen */
	double stall_ns; /* the longest stand-still in the first burst after a pause, beyond the other arm's; 0:
				   * not seen */
};

/* Arms that agree within it have no price. */
#define PRICE_NONE 0.01

struct price {
	size_t arm_count;
	enum simd_width arm[PRICE_ARMS_MAX]; /* of copies; [0] is SCALAR: additions and loads alone, no vectors */
	struct price_cell cell[PRICE_ARMS_MAX][PRICE_DUTIES][PRICE_BURSTS];
	double bound; /* no arm differs from [0] by more than this share anywhere, by its interval: "no price" */
	bool none;    /* none differs from [0] by more than 1 %, for sure */
	double stall_bound_ns; /* a shorter stand-still is not seen: the arm without vectors shows about as much */
};

/* ---- streams: sizes from which on stores go past the caches ------------------------------------------------------ */

enum stream_operation { STREAM_COPY, STREAM_ZERO, STREAM_OPERATIONS };
enum { STREAM_ALONE, STREAM_BUSY, STREAM_LOADS };
enum { STREAM_BYTES_LEAST = 32 << 10, STREAM_SIZES = 12 }; /* to 64 MiB, doubling */
enum stream_way {
	STREAM_THROUGH, /* the caches, by the built-in method */
	STREAM_PAST,    /* the caches */
	STREAM_REP,     /* by the CPU's own instruction for it: REP MOVSB */
	STREAM_WAYS
};

struct streams_subject {
	void *self;
	/* One sample: ns a call, with a reader of what it wrote behind it. Not above 0: it failed. */
	double (*call_ns)(void *self, enum stream_operation operation, size_t bytes, enum stream_way way);
	bool has_rep[STREAM_OPERATIONS]; /* whether there is that way */
	/* All other cores copy from here on: how many they are, 0: none does; until others_end. */
	unsigned (*others_begin)(void *self);
	void (*others_end)(void *self);
	uint64_t (*now_ns)(void *self);
	bool (*checkpoint)(void *self); /* false: end early. NULL: none */
};

struct streams {
	bool measured;
	unsigned others;                                  /* cores that copied beside, in STREAM_BUSY */
	size_t bytes[STREAM_OPERATIONS];                  /* past the caches from here on; SIZE_MAX: never */
	size_t bytes_at[STREAM_OPERATIONS][STREAM_LOADS]; /* the same of each load by itself */
	/* Of a way to that through the caches; [STREAM_THROUGH] is not measured. */
	struct tune_ratio ratio[STREAM_WAYS][STREAM_OPERATIONS][STREAM_LOADS][STREAM_SIZES];
};

size_t streams_size(unsigned index);

/* streams.c. At least TUNE_ROUNDS_LEAST rounds, else it is not measured. 0, or -1: no memory. */
int tune_streams(struct streams *streams, const struct streams_subject *subject, uint64_t budget_ns, uint64_t seed);

/* ---- floors ------------------------------------------------------------------------------------------------------ */

struct tune {
	struct tune_plan plan;
	uint32_t rounds;
	uint64_t taken_ns;
	bool cut;  /* ended early */
	bool loud; /* too loud to choose on, for some operation */
	struct tune_operation operations[SIMD_OPERATION_COUNT];
	struct tune_choice choices[TUNE_FOR_COUNT][SIMD_OPERATION_COUNT];
	struct price price;
	struct streams streams; /* --thorough */
};

/* Rounds in processes of their own: what a launch decides once, the places of its code, stack and data, is otherwise in
 * each. */
struct tune_launcher {
	void *self;
	/* Zeroed, and the launches' as well; freed by who gave it. NULL: none. */
	float *(*memory)(void *self, size_t bytes);
	/* tune_sweep_rounds with it, and with the plan. 0, or -1: it failed. */
	int (*launch)(void *self, const struct tune_plan *plan, uint32_t first, uint32_t end);
};

/* sweep.c. Fills operations and rounds; progress is called now and then with what is done of 1. launcher: NULL is
 * rounds here. 0, or -1: no memory, or a launch failed. */
int tune_sweep(struct tune *tune, const struct tune_subject *subject, const struct tune_launcher *launcher,
	       void (*progress)(void *argument, double share), void *argument);

/* sweep.c: a launch's part, rounds first to end - 1 of the plan into `samples`, in which the rounds before lie. 0, or
 * -1: no memory, other `bytes` than the plan's, or it was cut. */
int tune_sweep_rounds(struct tune *tune, const struct tune_subject *subject, float *samples, size_t bytes,
		      uint32_t first, uint32_t end);

/* choose.c, pure: whether more than a quarter of the intervals in L1 of methods that come into question are wider than
 * a quarter. */
bool tune_is_loud(const struct tune_operation *operation);

/* choose.c, pure: the choice for bulk of one operation from its ratios. Where it is loud, the built-in method. */
void tune_choose(const struct tune_operation *operation, struct tune_choice *choice);

/* sweep.c: moves the edges of the bands to where the methods cross, by bisection. */
void tune_refine(const struct tune_operation *operation, const struct tune_subject *subject, uint64_t seed,
		 struct tune_choice *choice);

/* company.c: the choice for mixed from that for bulk: a method stays where kernel and surroundings together gain. */
void tune_in_company(const struct tune_operation *operation, const struct tune_subject *subject, uint64_t seed,
		     const struct tune_choice *bulk, struct tune_choice *mixed);

/* choose.c, pure: what simd_select is given. Text stays the operations'. */
void tune_profile(const struct tune *tune, enum tune_for what_for, struct simd_profile *profile);

/* ratio.c, pure: median of n ratios and its 95 % interval by order statistics (with fewer than 6 the whole range), and
 * the mean of logarithms; sorts them. */
struct tune_ratio tune_ratio_of(double *ratios, size_t count);

/* ratio.c, pure: the weighted geometric mean of ratios, each with its error, and its 95 % interval by Student's t, for
 * as many degrees of freedom as B. Welch (Biometrika 34 (1947)) counts. Start from zeros. */
struct tune_mean {
	double sum, weights;
	double variance, shares; /* sums of squared errors, and of their squares by degrees of freedom */
	uint32_t rounds;
};
void tune_mean_add(struct tune_mean *mean, const struct tune_ratio *ratio, double weight);
struct tune_ratio tune_mean_of(const struct tune_mean *mean);

/* price.c: the machine's part of it. One sample: additions in slices of about 10 us with a burst of the arm's copies
 * between them, so that bursts take duty_percent of the time. */
struct price_sample {
	double add_ns;    /* of an addition between bursts: the mean of the nine fastest tenths of slices */
	double idle_ns;   /* of an addition in slices long after the last burst */
	double settle_ns; /* from the burst's end to the first of the slices that stay within 1 % of idle_ns */
	double stall_ns; /* of the first burst after a pause of 2 ms or more without vectors: the longest call, less the
	                   * median call */
};
struct price_subject {
	void *self;
	size_t (*arms)(void *self, enum simd_width *arms); /* widths that copy here, [0] SIMD_WIDTH_SCALAR */
	/* false: no memory, or somebody asked for the end. */
	bool (*sample)(void *self, enum simd_width arm, unsigned duty_percent, uint64_t burst_ns,
		       struct price_sample *sample);
	uint64_t (*now_ns)(void *self);
};

/* 0, or -1: a sample could not be had, or no memory. */
int tune_price(struct price *price, const struct price_subject *subject, uint64_t budget_ns, uint64_t seed);
