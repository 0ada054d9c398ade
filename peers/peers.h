/* SPDX-License-Identifier: Apache-2.0
 *
 * `make bench-peers`: ours beside what a user would pick instead, in one process on one core. Linux only; glibc and
 * dlopen are allowed here. A suite gives rows; a row's setup gives ours and its peers, the harness runs them in turn,
 * in random order, and prints a table in Markdown, which tools/prints.py reads for docs/performance.md.
 *
 * Every sample is at least some 10 us of one contestant's loop. In each round every contestant is sampled once;
 * round by round their times are paired. Shown are the least and the median, the ratio of the two least, and
 * the median of the paired ratios with a bootstrap interval (bench/stats.h). Ratios are times, ours over the
 * peer's: below 1 is faster.
 *
 * A bar that is missed is printed as missed, and is no failure: exit status 0 unless something is broken (1) or
 * asked for wrongly (2).
 */
#pragma once

#include "peers/plausible.h"
#include "simd/simd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEERS_MAX = 8, PEER_BARS_MAX = 4 };

/* One contestant. */
struct peer {
	const char *name;
	const char *absent;                            /* why it is not here, static text; NULL: it is */
	void (*run)(void *state, uint64_t iterations); /* loops inside itself */
	void *state;
	bool reference; /* written by ourselves for comparison: not among those that PEER_BEST stands for */
	/* Of a reference: `claim` says what it does; where it takes another time, what is said against it is void. */
	bool claims;
	struct peer_claim claim;
};

/* Who a bar is measured against, beside a peer's name. */
#define PEER_BEST  "best peer" /* the fastest that is no reference */
#define PEER_LIMIT "the limit" /* the row's, as the contest has it */
#define PEER_NS    "ns"        /* the ratio is an absolute time an operation */

struct peer_bar {
	const char *against; /* NULL: no further bar */
	double ratio;        /* ours over that, minimum over minimum: at most this */
};

/* What a row's setup fills; zeroed before. */
struct peer_contest {
	struct peer ours;
	struct peer peers[PEERS_MAX];
	size_t count;                    /* of peers, the absent ones included */
	struct peer probes[PEER_PROBES]; /* what claims name as PEER_PROBE_0 and so on; without a `run`: none */
	double probe_steps[PEER_PROBES]; /* an iteration */
	/* Does what nobody can do without, as this machine does it fastest, an iteration; without a `run`: none. */
	struct peer limit;
	double bar_scale;    /* of the row's ratios, where they depend on the machine; 0: 1 */
	const char *skipped; /* why setup could not: static text */
	void *state;         /* for teardown */
};

/* What there is on this machine. */
struct peer_machine {
	simd_features features;
	const struct simd_kernels *kernels;
};

struct peer_row {
	const char *name;    /* "copy/4KiB/aligned": names that bench/ has are meant alike here */
	uint64_t operations; /* an iteration; times are printed for one; 0 is 1 */
	uint64_t bytes;      /* an operation, for the column of bytes a cycle; 0: none */
	struct peer_bar bars[PEER_BARS_MAX];
	uint64_t parameter; /* the suite's */
	const void *data;   /* the suite's */
	bool (*setup)(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest);
	void (*teardown)(const struct peer_row *row, struct peer_contest *contest); /* NULL: nothing to do */
};

/* How long to look: --quick looks less. */
struct peer_plan {
	unsigned rounds; /* at the most */
	unsigned rounds_least;
	uint64_t sample_ns; /* at the least */
	uint64_t row_ns;    /* rounds end when a row has taken this long */
	uint64_t seed;
	bool quick;
	const char *filter; /* part of a row's name; NULL: all */
};

struct peer_suite {
	const char *name;
	const struct peer_row *rows;
	size_t count;
	/* For what is no row: a grid of many cells. Prints what it finds, Markdown; NULL: nothing of that kind. */
	void (*further)(const struct peer_machine *machine, const struct peer_plan *plan);
};

/* ends with NULL */
extern const struct peer_suite *const peer_suites[];

/* ---- measuring --------------------------------------------------------------------------------------------------- */

struct peer_figure {
	double minimum_ns; /* an iteration */
	double median_ns;
};

struct peer_comparison {
	double minima; /* ours over the peer's */
	double median; /* of the paired ratios */
	double lower;  /* of that median, 0.95 */
	double upper;
};

struct peer_result {
	struct peer_figure ours;
	struct peer_figure peers[PEERS_MAX]; /* absent ones: zero */
	struct peer_comparison ratios[PEERS_MAX];
	struct peer_figure limit; /* zero: there is none */
	struct peer_costs costs;  /* while it was measured; the common steps only where a peer claims something */
	double core_ghz;          /* a chain of dependent additions, one a cycle, its least time */
	unsigned rounds;
};

void peer_measure(const struct peer_contest *contest, const struct peer_plan *plan, struct peer_result *result);

/* Cycles of the core a nanosecond, now. */
double peer_core_ghz(void);

/* Of the clock that ticks_begin reads. */
double peer_ns_a_tick(void);

/* true: the plan's filter lets the name through. */
bool peer_wanted(const struct peer_plan *plan, const char *name);

/* "10.5 of 8.0 to 20.1 cycles, 12.0 of at most 18 instructions: valid ", of a reference that claims something. */
void peer_print_validity(const struct peer *peer, const struct peer_costs *costs, double cycles);

/* ---- for suites -------------------------------------------------------------------------------------------------- */

/* A symbol of a shared library that may be missing. NULL: *absent says so. The library stays loaded. */
void *peer_symbol(const char *library, const char *symbol, const char **absent);

/* Zeroed, touched pages of 4 KiB, aligned to 2 MiB; ends the programme where there are none. Huge pages are asked for:
 * as glibc would get them for a large malloc on a machine where they are always on. */
void *peer_memory(size_t bytes);
void peer_memory_free(void *memory, size_t bytes);
