/* SPDX-License-Identifier: Apache-2.0
 *
 * A record's blocks, played back: a sequence of calls made up of what the record holds of sizes, of orders and of how
 * many blocks live at once, timed under each setting in processes of their own. What a heap makes of a mixture no sum
 * of costs of single sizes and orders tells.
 */
#pragma once

#include "bench/text.h"
#include "hosted/advise/costs.h"
#include "hosted/record/record.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	REPLAY_CLASSES = COSTS_BLOCK_FIRST + COSTS_BLOCK_CLASSES, /* of sizes; larger blocks are not played */
	REPLAY_SIZES = COUNTS_SMALL_STEPS + REPLAY_CLASSES,       /* small ones by steps, others by classes */
	REPLAY_GROUPS_MOST = 32,
	REPLAY_SHARES = 10000, /* shares and sizes are in so many parts, rounded */
	REPLAY_BLOCKS_MOST = 1 << 18,
	REPLAY_BYTES_MOST = 64 << 20, /* of all that lives at once, on the mean, with what is beside it */
	REPLAY_WORK_MOST = 1000,
};

/* How a block is asked for. What is aligned counts as malloc's; what realloc gives had been a smaller block. */
enum replay_kind { REPLAY_MALLOC, REPLAY_CALLOC, REPLAY_REALLOC, REPLAY_KINDS };

/* What frees others' blocks: a thread that ends behind each batch; or one that frees all, of which a batch is waited
 * for, or that does so beside the next batch's being allocated. */
enum replay_other { REPLAY_WAITED_FOR, REPLAY_BESIDE, REPLAY_ENDS, REPLAY_OTHERS };

/* Blocks of one order that live about as long: `count` live at once, or are a batch of COSTS_FEW, COSTS_STACK and
 * COSTS_ELSEWHERE. COSTS_MANY is none. */
struct replay_group {
	enum costs_shape shape;
	uint32_t share, count;
};

struct replay_mixture {
	uint64_t blocks; /* of a process */
	enum replay_other other;
	uint32_t sizes[REPLAY_KINDS][REPLAY_SIZES]; /* parts of them all */
	uint32_t group_count;
	struct replay_group groups[REPLAY_GROUPS_MOST];
};

/* ns a block, allocated and freed, of COSTS_PLAIN, and what others take more: one call after the other. */
struct replay {
	bool is_known;
	struct costs_figure figures[COSTS_SETTINGS];
	/* What COSTS_POOLS takes more where there is work between the calls that hides what it can, no more of it than
	 * the record has time for. */
	struct costs_figure worked;
	/* As far as other threads free blocks a program's run is one round, not the mean of them: what rounds of
	 * COSTS_POOLS differ by, as a standard deviation. */
	double spread;
};

/* So many turns of work, each of which waits for the one before. */
static inline uint64_t replay_work(uint64_t number, uint32_t turns) {
	for (; turns; turns--)
		number = number * UINT64_C(6364136223846793005) + 1;
	return number;
}

/* Turns before each call, of `turn_ns`, that a program has time for; longer than a block takes they hide nothing more.
 * Pure. */
uint32_t replay_work_of(const struct record *record, const struct replay *replay, double turn_ns);

struct replay_span {
	uint32_t least, more; /* a size is least + something below more */
};

static inline struct replay_span replay_span_of(uint32_t size) {
	if (size < COUNTS_SMALL_STEPS)
		return (struct replay_span){(size + 1) * COUNTS_STEP_BYTES, 1};
	uint64_t least = counts_least(size - COUNTS_SMALL_STEPS);
	return (struct replay_span){(uint32_t)least, (uint32_t)(counts_least(size - COUNTS_SMALL_STEPS + 1) - least)};
}

/* false: the record has no block of these sizes. Pure. */
bool replay_mixture_of(const struct record *record, struct replay_mixture *mixture);

/* As a word of a command line, and back; false: no such word. */
void replay_mixture_write(const struct replay_mixture *mixture, struct text *text);
bool replay_mixture_read(const char *word, struct replay_mixture *mixture);

/* This machine: COSTS_PLAIN, COSTS_RECORDED and COSTS_POOLS alone, with pools for `sizes` ("16-95"), on
 * `cores`, which the process may run on from then. Some seconds. */
void replay_measure_here(const struct record *record, const char *sizes, const cpu_set_t *cores, struct replay *replay);

/* What such a process does, as `advise sample replay WORD WORK`: turns before each call. The exit status. */
int replay_sample_print(const char *word, const char *work);
