/* SPDX-License-Identifier: Apache-2.0
 *
 * A few instructions that somebody wrote, as bytes, measured: nanoseconds and cycles of one of them.
 *
 * Two loops have the bytes `unroll` and twice `unroll` times; what the longer takes beyond the shorter is the bytes'
 * own, and the loop's end is in neither. A cycle is an addition that waits for the one before, in two loops like these.
 * All four are timed in each round, in random order, so that what the core's clock does happens to all of them. The
 * idea of the two lengths is nanoBench's (A. Abel, J. Reineke: "nanoBench: A Low-Overhead Tool for Running
 * Microbenchmarks on x86 Systems", ISPASS 2020).
 *
 * Registers at the begin of a loop: those of places.h point to memory, the loop counts in R15 or X28, X30
 * has the code's address, all others are 0, vector registers too. What is to be otherwise is `init`, which
 * runs once before the loop.
 */
#pragma once

#include "bench/room/probe.h"
#include "bench/stats.h"
#include "platform.h"
#include "simd/features.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SNIPPET_BYTES_MOST = 1024, /* of the code, and of init */
	SNIPPET_UNROLL_MOST = 1000,
	SNIPPET_LOOP_BYTES_MOST = 1 << 18, /* of the longer loop */
	SNIPPET_ROUNDS = 300,
	SNIPPET_ROUNDS_LEAST = 10, /* for an interval */
};

struct snippet {
	uint8_t code[SNIPPET_BYTES_MOST], init[SNIPPET_BYTES_MOST];
	uint32_t code_bytes, init_bytes; /* code has at least one */
	uint32_t instructions;           /* in the code; at least one */
	uint32_t copies;                 /* of what was written, in the code: one for each of its alternatives */
	uint32_t unroll;                 /* 0: so that the shorter loop has some 128 instructions */
	bool latency;                    /* each copy is said to wait for the one before */
};

enum snippet_loop { SNIPPET_SHORT, SNIPPET_LONG, SNIPPET_ADDS, SNIPPET_ADDS_LONG, SNIPPET_LOOPS };

/* The loops, as they stand in memory: `code` may be executed and not written, `memory` the other way round. */
struct snippet_area {
	uint8_t *code;
	size_t code_bytes;
	uint8_t *memory;
	struct {
		const uint8_t *init, *begin, *end; /* within code; from begin on what repeats */
		uint32_t unroll;
	} loops[SNIPPET_LOOPS];
	uint32_t clear; /* SNIPPET_CLEAR_* */
};

/* Copies the code, written once and executable from then on. 0, PLATFORM_EINVAL: sizes are out of their range, or the
 * loops longer than SNIPPET_LOOP_BYTES_MOST; PLATFORM_ENOMEM. */
int snippet_area_make(const struct snippet *snippet, simd_features features, struct snippet_area *area);
void snippet_area_free(struct snippet_area *area);

/* Where in the snippet an instruction pointer is. */
enum snippet_part { SNIPPET_ELSEWHERE, SNIPPET_IN_INIT, SNIPPET_IN_CODE };
enum snippet_part snippet_area_find(const struct snippet_area *area, const struct snippet *snippet,
				    uint64_t instruction, size_t *offset);

/* What was timed. */
struct snippet_times {
	uint32_t rounds;                /* 0: none came to its end */
	uint32_t unroll[SNIPPET_LOOPS]; /* times that what repeats stands in the loop */
	uint64_t turns[SNIPPET_LOOPS];  /* of the loop in a sample; the same of the two of a pair */
	uint64_t ticks[SNIPPET_LOOPS][SNIPPET_ROUNDS];
};

/* Times that are no more than what a process that may be hostile wrote: whether figures can be made of them. */
bool snippet_times_are_sane(const struct snippet_times *times);

struct snippet_job {
	const struct snippet_area *area;
	uint64_t hz;     /* of the ticks */
	uint64_t seed;   /* of the order in a round */
	uint64_t end_ns; /* rounds end by then, however few there were */
	/* Before each sample, its expected time: where a watchdog is to be put off. NULL: nobody asks. */
	void (*before_sample)(uint64_t expected_ns);
	struct room_watch *watch; /* has begun, with room for SNIPPET_ROUNDS; NULL: nobody watches */
	struct snippet_times times;
	uint64_t sums[SNIPPET_ROUNDS]; /* of a round's samples, for the room */
};

/* Runs the snippet: within a guard, or in a process of its own. Asks nothing of the platform. */
void snippet_take(struct snippet_job *job);

/* A round of that length is planned, for room_watch_begin. */
uint64_t snippet_planned_ns(void);

/* For the room: a sample is a round. */
struct room_times snippet_room_times(const struct snippet_job *job);

/* In nanoseconds and cycles; of one instruction. */
struct snippet_figures {
	struct stats_estimate ns, cycles;
	double ghz; /* cycles a nanosecond, as the additions show them */
};

/* By the low deciles of the four loops' times; intervals by bootstrap of whole rounds. false: what the longer loop
 * takes more than the shorter cannot be told from nothing. Pure. */
bool snippet_figures_of(const struct snippet *snippet, const struct snippet_times *times, uint64_t hz, uint64_t seed,
			uint32_t resamples, struct snippet_figures *figures);

/* Copies that wait for each other take a cycle each at the least. */
bool snippet_waits(const struct snippet *snippet, const struct snippet_figures *figures);
