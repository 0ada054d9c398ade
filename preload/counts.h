/* SPDX-License-Identifier: Apache-2.0
 *
 * What the preloaded library counts of a process, as it lies in the file that the process maps: a header, and a slot of
 * counters for each thread. The library writes it, `anechoic record` reads it
 * back, from the same build; so it is no format for others, and `version` refuses those of another build's.
 *
 * A thread alone writes its slot. What is read of a process that was killed between two stores is off by one call.
 * A reader trusts nothing in it: the process may have written over it.
 *
 * No content, no address, no string of the process is in it but the name of the program.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Calls on memory, as interposed. Others count as these do that do the same work: mempcpy and the fortified
 * __memcpy_chk as memcpy, bcmp as memcmp, stpcpy as strcpy, strchrnul as strchr. */
#define COUNTS_CALLS(X) \
	X(memcpy)       \
	X(memmove)      \
	X(memset)       \
	X(memcmp)       \
	X(memchr)       \
	X(memrchr)      \
	X(strlen)       \
	X(strnlen)      \
	X(strcpy)       \
	X(strcmp)       \
	X(strncmp)      \
	X(strchr)       \
	X(strrchr)

#define COUNTS_CALL_NUMBER(name) COUNTS_##name,
enum counts_call { COUNTS_CALLS(COUNTS_CALL_NUMBER) COUNTS_CALL_COUNT };
#undef COUNTS_CALL_NUMBER

/* What a thread is in, for who looks from outside: nothing of these, a call on memory (its number and 1) that is told
 * COUNTS_SEEN_BYTES or more, or one of the heap's. Counting is none of it. Smaller calls take about as long as saying
 * so. */
enum { COUNTS_SEEN_BYTES = 256 };
enum { COUNTS_IN_NOTHING, COUNTS_IN_ALLOCATION = COUNTS_CALL_COUNT + 1, COUNTS_IN_FREE, COUNTS_INS };

/* A call of COUNTS_SEEN_BYTES or more whose pointers are those of the one before it, of the same function and thread:
 * of the same size, or of another. */
enum counts_in_place { COUNTS_SAME, COUNTS_RESIZED, COUNTS_IN_PLACES };

enum counts_kind { COUNTS_MALLOC, COUNTS_CALLOC, COUNTS_REALLOC, COUNTS_ALIGNED, COUNTS_KINDS };

/* How a followed block stands, when it is freed, to the other followed ones of the thread that allocated it
 * and that are left: it is the last (a stack), the first (a queue), between them, or there is no other. Or
 * another thread frees it. */
enum counts_order { COUNTS_STACK, COUNTS_QUEUE, COUNTS_BETWEEN, COUNTS_ALONE, COUNTS_ELSEWHERE, COUNTS_ORDERS };

enum {
	COUNTS_VERSION = 8,
	COUNTS_CLASSES = 64,       /* of sizes */
	COUNTS_ALIGNMENTS = 4,     /* bit 0: the first pointer is not a multiple of 16, bit 1: nor the second */
	COUNTS_LIFETIMES = 40,     /* class n: less than 2^n ns, and not less than half of it */
	COUNTS_SLOTS = 129,        /* the last is shared by the threads beyond; what it counts may be too little */
	COUNTS_SAMPLE_EVERY = 256, /* allocations of a thread, at random about the mean */
	COUNTS_NAME_BYTES = 64,
	COUNTS_STEP_BYTES = 8, /* step n of small blocks: up to (n + 1) * 8 bytes, and more than n * 8 */
	COUNTS_SMALL_STEPS = 16,
};

enum {
	COUNTS_MAPPED_BYTES = 128 << 10, /* of a block that glibc maps by itself, the least (mallopt(3)) */
	COUNTS_HUGE_BYTES = 2 << 20,     /* of a huge page */
};

#define COUNTS_MAGIC UINT64_C(0x31746e756f436e41) /* "AnCount1" */

/* Free in the folder, or a process is not counted: a mapped page of a sparse file on a full file system is SIGBUS, so
 * that there has to be room for some processes. */
#define COUNTS_FREE_BYTES_LEAST (UINT64_C(64) << 20)

/* Two classes an octave: 0, 1, 2, 3, [4,6), [6,8), [8,12), [12,16), ... and all from 3 << 30 on. */
static inline uint32_t counts_class(uint64_t size) {
	if (size < 2)
		return (uint32_t)size;
	uint32_t below =
		(63 ^ (uint32_t)__builtin_clzll(size)) - 1; /* bits below the two upper ones, which are 2 or 3 */
	uint32_t class = 2 * below + (uint32_t)(size >> below);
	return __builtin_expect(class < COUNTS_CLASSES, 1) ? class : COUNTS_CLASSES - 1;
}

/* The least size in a class. */
static inline uint64_t counts_least(uint32_t class) {
	return class < 2 ? class : (uint64_t)(2 + (class & 1)) << (class / 2 - 1);
}

/* Nothing but uint64_t, so that one loop adds them up. */
struct counts_sums {
	uint64_t moved;              /* by realloc */
	uint64_t failed;             /* allocations that gave NULL */
	uint64_t grown_bytes;        /* by which the heap's end moved up, as far as seen */
	uint64_t mapped_bytes;       /* of mappings that glibc makes for single blocks, but realloc's */
	uint64_t zeroed_bytes;       /* of these, calloc's */
	uint64_t large_bytes;        /* of these, mappings that a huge page fits into */
	uint64_t large_zeroed_bytes; /* of these, calloc's */
	uint64_t looked_bytes;       /* of large ones, those looked at when they went, or that such stand for */
	uint64_t touched_bytes;      /* of these, pages that were touched */
	uint64_t within_bytes;  /* of touched ones, those in whole huge pages, in the mean over where a block may lie */
	uint64_t cleared_bytes; /* of the huge pages that these are in, likewise */
	uint64_t behind_bytes;  /* of smaller mapped blocks, those that came after the heap had grown */
	uint64_t vacated_bytes; /* of smaller ones and of what the heap grew, what came when as much of them had gone */
	uint64_t samples, samples_lost;                     /* lost: another block's sample had its place */
	uint64_t orders[COUNTS_ORDERS];                     /* of samples that were freed by this thread */
	uint64_t lifetimes[COUNTS_LIFETIMES];               /* likewise */
	uint64_t bytes[COUNTS_CALL_COUNT];                  /* touched, as far as known */
	uint64_t unsized[COUNTS_CALL_COUNT];                /* calls that end where nobody says: no class, no bytes */
	uint64_t allocated_bytes;                           /* asked for */
	uint64_t allocations[COUNTS_KINDS][COUNTS_CLASSES]; /* by the size asked for */
	uint64_t frees[COUNTS_CLASSES];                     /* by the usable size */
	uint64_t small[COUNTS_SMALL_STEPS]; /* made by who reads: of less than COUNTS_SMALL_BLOCK bytes */
	uint64_t calls[COUNTS_CALL_COUNT][COUNTS_CLASSES][COUNTS_ALIGNMENTS];
	uint64_t in_place[COUNTS_CALL_COUNT][COUNTS_IN_PLACES];
};

/* Most calls are of few bytes: these are counted by the byte, for which there is less to do than for class and sum of
 * bytes. Whoever reads them adds them to the sums. A call is either that small or seen from outside. */
enum {
	COUNTS_SMALL_CALL = COUNTS_SEEN_BYTES,
	COUNTS_SMALL_BLOCK = COUNTS_SMALL_STEPS * COUNTS_STEP_BYTES,
	COUNTS_SMALL_CHUNKS = 64,
	COUNTS_CHUNK_BYTES = 16
};
struct counts_small {
	uint64_t calls[COUNTS_CALL_COUNT][COUNTS_SMALL_CALL][COUNTS_ALIGNMENTS]; /* of less than so many bytes */
	uint64_t allocations[COUNTS_KINDS][COUNTS_SMALL_BLOCK];                  /* likewise */
	/* Blocks of glibc's heap by the size of their chunk; a chunk has a word that is not the block's. */
	uint64_t frees[COUNTS_SMALL_CHUNKS];
};

/* Of pages of its own: what two threads write is never in one cache line. */
struct counts_slot {
	_Alignas(
		4096) _Atomic uint32_t thread; /* its number in Linux; 0: the slot is free, what it has counted stays */
	uint32_t threads;                      /* that have had it */
	struct counts_sums sums;
	struct counts_small small;
	/* COUNTS_IN_NOTHING and so on; of the last slot it says nothing. At no page's begin, which buffers have, too: a
	 * load behind a store to as far into another page waits for it. */
	_Alignas(64) _Atomic uint32_t in;
};

_Static_assert(offsetof(struct counts_slot, in) % 4096 >= 256, "at no page's begin");

struct counts_header {
	uint64_t magic;
	uint32_t version;
	uint32_t bytes; /* of the whole file */
	uint32_t process;
	_Atomic uint32_t slots; /* that are or were in use, the shared one apart */
	_Atomic uint32_t lost;  /* children of it that no file could be made for */
	_Atomic uint32_t overflown;
	_Atomic uint32_t shared; /* not 0: the last slot was counted in */
	uint32_t start_faults;   /* minor ones that the process had when this was made: of files, as good as all */
	char name[COUNTS_NAME_BYTES];
};

struct counts_file {
	struct counts_header header;
	struct counts_slot slots[COUNTS_SLOTS];
};

/* Set by `anechoic record` for those that it starts: the folder of the files. */
#define COUNTS_FOLDER_VARIABLE "ANECHOIC_RECORD"
