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

#include <stdbool.h>
#include <stdint.h>

enum {
	REPLAY_CLASSES = COSTS_BLOCK_FIRST + COSTS_BLOCK_CLASSES, /* of sizes; larger blocks are not played */
	REPLAY_SIZES = COUNTS_SMALL_STEPS + REPLAY_CLASSES,       /* small ones by steps, others by classes */
	REPLAY_GROUPS_MOST = 32,
	REPLAY_SHARES = 10000, /* shares and sizes are in so many parts, rounded */
	REPLAY_BLOCKS_MOST = 1 << 18,
	REPLAY_BYTES_MOST = 64 << 20, /* of all that lives at once, on the mean, with what is beside it */
};

/* How a block is asked for. What is aligned counts as malloc's; what realloc gives had been a smaller block. */
enum replay_kind { REPLAY_MALLOC, REPLAY_CALLOC, REPLAY_REALLOC, REPLAY_KINDS };

/* Blocks of one order that live about as long: `count` live at once, or are a batch of COSTS_FEW, COSTS_STACK and
 * COSTS_ELSEWHERE. COSTS_MANY is none. */
struct replay_group {
	enum costs_shape shape;
	uint32_t share, count;
};

struct replay_mixture {
	uint64_t blocks;        /* of a process */
	bool is_thread_a_batch; /* those that free others' blocks end behind it; else one thread frees all */
	uint32_t sizes[REPLAY_KINDS][REPLAY_SIZES]; /* parts of them all */
	uint32_t group_count;
	struct replay_group groups[REPLAY_GROUPS_MOST];
};

/* ns a block, allocated and freed, of COSTS_PLAIN, and what others take more. */
struct replay {
	bool is_known;
	struct costs_figure figures[COSTS_SETTINGS];
};

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

/* This machine: COSTS_PLAIN, COSTS_RECORDED and COSTS_POOLS alone, with pools for `sizes` ("16-95"). Some seconds. */
void replay_measure_here(const struct record *record, const char *sizes, struct replay *replay);

/* What such a process does, as `advise sample replay WORD`. The exit status. */
int replay_sample_print(const char *word);
