/* SPDX-License-Identifier: Apache-2.0
 *
 * `make bench-peers`: ours beside what a user would pick instead, in one process on one core. Linux only; glibc and
 * dlopen are allowed here. A suite gives rows; a row's setup gives ours and its peers, the harness runs them in turn,
 * in random order, and prints a table in Markdown, which tools/prints.py reads for docs/performance.md.
 *
 * Every sample is at least some 10 us of one contestant's loop. In each round every contestant is sampled once; round
 * by round their times are paired. A launch is a process: where its code and data lie is its luck, and so is what runs
 * beside it. So there are several (peers/launch.h), and judged is the least of each contestant over those in which a
 * probe says that the core was alone (peers/judge/probe.h). Ratios are times, ours over the peer's: below 1 is faster.
 *
 * A bar that is missed is printed as missed, and is no failure: exit status 0 unless something is broken (1) or
 * asked for wrongly (2).
 */
#pragma once

#include "peers/judge/bars.h"
#include "peers/judge/record.h"
#include "simd/simd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEERS_MAX = 8, PEER_METHODS_MAX = SIMD_METHODS_MAX };

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
	uint64_t walks; /* of a TLB from empty; 0: not counted */
};

/* Ours by one method (simd_methods), and what vectors of its width can do at all. */
struct peer_method {
	struct peer kernel;
	struct peer limit; /* without a `run`: none */
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
	struct peer_method methods[PEER_METHODS_MAX];
	size_t method_count;
	/* A sample: so that what the contestant before left in the caches is not most of it. 0: 1 */
	uint64_t iterations_least;
	bool other_core; /* another core works for the contestants: between rounds nothing tells a sibling from it */
	const char *skipped; /* why setup could not: static text */
	void *state;         /* for teardown */
};

/* What there is on this machine. */
struct peer_machine {
	simd_features features;
	const struct simd_kernels *kernels;
	const struct simd_profile *profile; /* that they were chosen by */
	bool variants; /* each row of kernels by every method, not those alone that have a bar for it */
	bool first;    /* of the launches: what does not change from launch to launch is counted in it */
};

struct peer_row {
	const char *name;    /* "copy/4KiB/aligned": names that bench/ has are meant alike here */
	uint64_t operations; /* an iteration; times are printed for one; 0 is 1 */
	uint64_t bytes;      /* an operation, for the column of bytes a cycle; 0: none */
	struct peer_bar bars[PEER_BARS_MAX];
	uint64_t parameter; /* the suite's */
	const void *data;   /* the suite's */
	bool methods;       /* ours by every method, in any run */
	bool optional;      /* for --variants, or who asks for it by more than the name up to its last part */
	bool grid;          /* peers/suites/copy_grid.h instead of the two below */
	bool (*setup)(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest);
	void (*teardown)(const struct peer_row *row, struct peer_contest *contest); /* NULL: nothing to do */
};

/* How long to look, in one launch: --quick looks less. No pointers: it goes to other processes. */
struct peer_plan {
	unsigned rounds; /* at the most */
	unsigned rounds_least;
	uint64_t sample_ns; /* at the least */
	uint64_t row_ns;    /* rounds end when a row has taken this long */
	uint64_t seed;
	bool quick, variants;
	bool intervals; /* of the medians of pairs, by bootstrap */
	bool first;     /* of the launches */
};

struct peer_suite {
	const char *name;
	const struct peer_row *rows;
	size_t count;
	/* Rows that the machine decides on: static storage, the same in each launch. NULL: none. */
	const struct peer_row *(*more)(const struct peer_machine *machine, size_t *count);
};

/* ends with NULL */
extern const struct peer_suite *const peer_suites[];

/* ---- measuring --------------------------------------------------------------------------------------------------- */

struct peer_chains;

/* Fills all of the record but its row and probe; windows of the probe go to `chains`, between the rounds. */
void peer_measure(const struct peer_contest *contest, const struct peer_plan *plan, struct peer_chains *chains,
		  struct peer_record *record);

/* Cycles of the core a nanosecond, now. */
double peer_core_ghz(void);

/* Of the clock that ticks_begin reads. */
double peer_ns_a_tick(void);

/* ---- for suites -------------------------------------------------------------------------------------------------- */

/* A symbol of a shared library that may be missing. NULL: *absent is what dlopen or dlsym say. The library stays
 * loaded. */
void *peer_symbol(const char *library, const char *symbol, const char **absent);

/* Zeroed, touched pages of 4 KiB, aligned to 2 MiB; ends the programme where there are none. Huge pages are asked for:
 * as glibc would get them for a large malloc on a machine where they are always on. */
void *peer_memory(size_t bytes);
void peer_memory_free(void *memory, size_t bytes);
