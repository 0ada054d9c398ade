/* SPDX-License-Identifier: Apache-2.0
 *
 * What this machine takes for what a record counts (preload/counts.h), as it is and under each setting that may be
 * advised. Figures are those of a hot loop over sizes of a class; a difference between two settings is more exact than
 * either, as both are measured in turns.
 *
 * A row is a call on memory by size and alignment, a block's allocation and free by size and by how long it lives, a
 * page's first touch, or a start of a process.
 */
#pragma once

#include "bench/rng.h"
#include "bench/text.h"
#include "bench/tune/signature.h"
#include "lib/crc32.h"
#include "preload/counts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum costs_setting {
	COSTS_PLAIN,
	COSTS_RECORDED, /* `anechoic record`: what it adds is in every record's times */
	COSTS_KERNELS,  /* `anechoic apply` */
	COSTS_POOLS,    /* `anechoic apply --no-kernels --pools` */
	COSTS_HUGE,     /* glibc.malloc.hugetlb=1 */
	COSTS_SETTINGS
};

/* How a block stands to others that live: the few that were allocated last, or hundreds freed last in first out, first
 * in first out or in any order, thousands in any order, blocks that another thread frees; or it is never freed. */
enum costs_shape {
	COSTS_FEW,
	COSTS_STACK,
	COSTS_QUEUE,
	COSTS_RANDOM,
	COSTS_MANY,
	COSTS_ELSEWHERE,
	COSTS_KEPT,
	COSTS_SHAPES
};

/* A block of COSTS_FEW has less than this many others about; one of COSTS_MANY about that many. */
enum { COSTS_FEW_BLOCKS = 4, COSTS_SOME_BLOCKS = 512, COSTS_MANY_BLOCKS = 16384 };

/* A call of one size, in the cache next to the core; one of sizes of a class in random order, within a quarter of a
 * mebibyte, and of memmove of areas that overlap. What a program does lies between, but for calls at the place of the
 * one before: COSTS_SAME are of its size, too, COSTS_RESIZED of sizes in random order. Of classes that are not
 * costs_is_in_place both are as COSTS_STEADY. */
enum costs_condition { COSTS_STEADY, COSTS_VARIED, COSTS_SAME, COSTS_RESIZED, COSTS_CONDITIONS };

enum {
	COSTS_CALLS = COUNTS_memchr + 1,  /* the first of COUNTS_CALLS: memcpy, memmove, memset, memcmp, memchr */
	COSTS_CALL_CLASSES = 2 * 24 + 1,  /* to 16 MiB; larger ones are multiples of the last */
	COSTS_ALIGNED = 2,                /* all pointers multiples of 16, or none */
	COSTS_BESIDES = 4,                /* times between touches */
	COSTS_BLOCK_FIRST = 2 * 4,        /* class of 16 bytes, glibc's least block */
	COSTS_BLOCK_CLASSES = 2 * 12 + 1, /* to 64 KiB */
	COSTS_CALL_ROWS = COSTS_CALLS * COSTS_CALL_CLASSES * COSTS_ALIGNED * COSTS_CONDITIONS,
	COSTS_BLOCK_ROWS = COSTS_SHAPES * COSTS_BLOCK_CLASSES,
	COSTS_ROW_MIXED_CALLS = COSTS_CALL_ROWS + COSTS_BLOCK_ROWS,   /* of each call, sizes of any class below
								      * COSTS_MIXED_CALLS in turns */
	COSTS_ROW_MIXED_BLOCKS = COSTS_ROW_MIXED_CALLS + COSTS_CALLS, /* likewise, in any order, to
									* COSTS_MIXED_BLOCKS */
	COSTS_ROW_MIXED_MANY,                                         /* the same among COSTS_MANY_BLOCKS */
	COSTS_ROW_TOUCH,                                              /* of a page of a new block, of 32 MiB */
	COSTS_ROW_TWICE,                                              /* likewise, read before it is written to */
	COSTS_ROW_GROWTH,                                             /* likewise of a heap that grows block by block */
	COSTS_ROW_AGAIN, /* of a page that such a heap gave back and takes again */
	/* CPU time by which a touch of a page of a new block makes longer what it is beside: reading about in what a
	 * core's own caches hold, for as long as costs_beside_ns says between any two. */
	COSTS_ROW_BESIDE,
	/* Pages of a process' first such heap that come one by one; a number, and no time. */
	COSTS_ROW_SINGLES = COSTS_ROW_BESIDE + COSTS_BESIDES,
	COSTS_ROW_START,       /* CPU time of a process to its main, the setting's command before it included */
	COSTS_ROW_CHILD_START, /* likewise of one that such a process starts */
	COSTS_ROW_END,         /* and from there on to its end, next to nothing done; nothing under COSTS_RECORDED */
	COSTS_ROW_FIRST, /* CPU time of a size's first block of a process, of sizes in steps of COSTS_FIRST_STEP */
	COSTS_ROWS
};

/* As far apart as sizes of pools are, to the largest that is served where no sizes are said. */
enum { COSTS_FIRST_STEP = 16, COSTS_FIRSTS = 1024 / COSTS_FIRST_STEP };

/* The first is 0: nothing is beside it. */
extern const double costs_beside_ns[COSTS_BESIDES];

/* Classes that rows of mixed sizes are of, all of them as often: 1 to 255 bytes, and 16 to 511. */
enum { COSTS_MIXED_CALLS = 2 * 8, COSTS_MIXED_BLOCKS = 2 * 9 };

/* Calls that are counted by it (COUNTS_SEEN_BYTES), as long as a size that is not foreseen is some part of what they
 * take. */
static inline bool costs_is_in_place(uint32_t class) {
	return class >= 2 * 8 && class < 2 * 14; /* 256 bytes to 16 KiB */
}

static inline size_t costs_row_of_call(enum counts_call call, uint32_t class, bool unaligned,
				       enum costs_condition condition) {
	if (class >= COSTS_CALL_CLASSES)
		class = COSTS_CALL_CLASSES - 1;
	return (((size_t)call * COSTS_CALL_CLASSES + class) * COSTS_ALIGNED + unaligned) * COSTS_CONDITIONS + condition;
}

static inline size_t costs_row_of_block(enum costs_shape shape, uint32_t class) {
	uint32_t at = class < COSTS_BLOCK_FIRST ? 0 : class - COSTS_BLOCK_FIRST;
	if (at >= COSTS_BLOCK_CLASSES)
		at = COSTS_BLOCK_CLASSES - 1;
	return COSTS_CALL_ROWS + (size_t)shape * COSTS_BLOCK_CLASSES + at;
}

struct costs_figure {
	double ns;    /* of COSTS_PLAIN the time; of others what they take more than that, negative where less */
	double error; /* of which 1.96 to either side hold it with 95 %: more than the standard error of few rounds */
};

enum { COSTS_WORD_BYTES = 16 };

struct costs {
	struct tune_signature machine;
	/* What the system gives huge pages to, and what it does for one, when costs were measured: the words chosen in
	 * /sys/kernel/mm/transparent_hugepage/enabled and defrag; empty: not known. */
	char huge_pages[COSTS_WORD_BYTES], defrag[COSTS_WORD_BYTES];
	char build[CRC32C_DIGITS +
		   1]; /* CRC-32C of the programme that measured, whose libraries are part of the costs */
	char tunables[CRC32C_DIGITS + 1]; /* what GLIBC_TUNABLES said, which all settings have (tunables_key) */
	uint32_t rounds;
	bool has[COSTS_SETTINGS]; /* COSTS_PLAIN always */
	struct costs_figure figures[COSTS_SETTINGS][COSTS_ROWS];
};

/* "plain", "recorded", "kernels", "pools", "huge"; static text. */
const char *costs_setting_name(enum costs_setting setting);

/* ---- measured ---------------------------------------------------------------------------------------------------- */

struct costs_subject {
	void *self;
	/* All rows under a setting, in ns. false: it cannot be had here. */
	bool (*sample)(void *self, enum costs_setting setting, double ns[COSTS_ROWS]);
	void (*progress)(const char *phase, double share); /* NULL: none */
};

/* Of what is left of `numbers` without the least and the greatest quarter; sorts them. */
struct costs_figure costs_figure_of(double *numbers, size_t count);

enum { COSTS_ROUNDS = 7, COSTS_STARTS = 9 /* processes that a figure of a start is the least of */ };

/* Settings in random order in each of COSTS_ROUNDS rounds; one that fails once is left out. costs->machine is left
 * alone. 0, or -1: COSTS_PLAIN failed, or no memory. */
int costs_measure(const struct costs_subject *subject, uint64_t seed, struct costs *costs);

/* This machine: processes of this programme. `profile`: a file for `apply`, NULL: none. Half a minute. */
int costs_measure_here(const char *profile, void (*progress)(const char *phase, double share), struct costs *costs);

/* What such a process does, as `advise sample [start]`: prints its figures. The exit status. */
int costs_sample_print(bool start_only);

/* ---- kept -------------------------------------------------------------------------------------------------------- */

/* Whether figures of `costs` hold for a machine, a build and settings of the system as `here` has them, which has no
 * figures. Pure. */
bool costs_are_of(const struct costs *costs, const struct costs *here);

/* Schema "anechoic-costs/1" (docs/formats.md). */
void costs_write(const struct costs *costs, struct text *json);

/* false, with a line in `complaint` that names `name`. Pure. */
bool costs_read(const char *bytes, size_t length, const char *name, struct costs *costs, struct text *complaint);
