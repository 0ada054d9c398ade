/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the recording library share. It lives in strangers' processes: it allocates nothing, keeps no
 * descriptor open, leaves errno as it was, and whatever it cannot do costs counts and nothing else.
 *
 * Before the C library's own functions are known (`real`), calls are served by preload/early.h, and nothing is
 * counted.
 */
#pragma once

#include "preload/counts.h"
#include "preload/early.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__memmove_chk(void *to, const void *from, size_t length, size_t room);
void *__memset_chk(void *to, int byte, size_t length, size_t room);
char *__strcpy_chk(char *to, const char *from, size_t room);
char *__stpcpy_chk(char *to, const char *from, size_t room);

/* Found without a table of addresses, as nobody else has them. */
#pragma GCC visibility push(hidden)

#define REAL_FUNCTIONS(X) \
	X(memcpy)         \
	X(mempcpy)        \
	X(memmove)        \
	X(memset)         \
	X(memcmp)         \
	X(memchr)         \
	X(memrchr)        \
	X(strlen)         \
	X(strnlen)        \
	X(stpcpy)         \
	X(strcmp)         \
	X(strncmp)        \
	X(strchrnul)      \
	X(strrchr)        \
	X(__stpcpy_chk)   \
	EARLY_HEAP_FUNCTIONS(X)

/* The next library's of that name; all NULL, or all there. Written once, before a second thread is. */
struct real {
#define REAL_MEMBER(name) __typeof__(name) *name;
	REAL_FUNCTIONS(REAL_MEMBER)
#undef REAL_MEMBER
};
extern struct real real;

/* How many bytes a block has. Of glibc's heap (`has_chunks`) it is read as free reads it, from the word before the
 * block ("malloc/malloc.c", chunk): malloc_usable_size looks at the block behind, which a program that frees twice may
 * no longer have, and such a program has to come to glibc's own message. */
extern bool has_chunks;
enum { CHUNK_IS_MAPPED = 2, CHUNK_FLAGS = 7 };
static inline size_t chunk_word(const void *block) {
	return *(const size_t *)((uintptr_t)block - sizeof(size_t));
}
static inline bool chunk_is_mapped(size_t word) {
	return word & CHUNK_IS_MAPPED;
}
static inline size_t chunk_bytes(size_t word) {
	return (word & ~(size_t)CHUNK_FLAGS) - (chunk_is_mapped(word) ? 2 : 1) * sizeof(size_t);
}
_Static_assert(COUNTS_CHUNK_BYTES == 2 * sizeof(size_t), "as glibc's MALLOC_ALIGNMENT");

static inline bool chunk_is_apart(size_t word) {
	return UNLIKELY(word >= COUNTS_MAPPED_BYTES) && chunk_is_mapped(word);
}

/* Looks them up; false: it is being done right now (who looks one up may be asked to allocate). */
bool real_look_up(void);

/* Where a thread's last call of a function was that is not small. */
struct call_before {
	const void *first, *second;
	size_t bytes;
};

/* Zero at a thread's begin. A signal's handler, which may come between any two instructions, may take a slot, and may
 * fork: so either `slot` alone is looked at, once, or `small` and then `calls`, which is set before and never NULL
 * again. */
struct thread {
	struct counts_slot *slot;  /* NULL: none was taken yet; where there is one, all that is real is known */
	size_t small;              /* COUNTS_SMALL_CALL; 0: no slot was taken yet */
	struct counts_slot *calls; /* the slot, for small ones */
	uint32_t countdown;        /* to the next allocation that is followed */
	uint32_t random;
	uint32_t followed; /* so many were */
	struct call_before before[COUNTS_CALL_COUNT];
};
extern __thread struct thread thread_here;

/* The mapping; NULL: nothing is recorded. */
extern struct counts_file *counts;

/* A slot for this thread, where nobody sees what is counted if there is none. */
struct counts_slot *slot_take(struct thread *here);

/* For constructor and fork. A slot's memory stays a slot's in the child: what a signal broke into goes on counting. */
void slots_start(char *const *environment);

/* The blocks that are followed, and have not been freed, by a hash of their addresses. */
enum { SAMPLES_BITS = 9, SAMPLES = 1 << SAMPLES_BITS, SAMPLES_TOGETHER = sizeof(uint64_t) };
struct samples {
	/* 0: none. Read at each free, and so of as few cache lines as can be; a block whose number it is need not be
	 * the one. Eight at a time for who looks at all of them, of which few are there as a rule. */
	union {
		_Atomic uint8_t is_there[SAMPLES];
		_Atomic uint64_t are_there[SAMPLES / SAMPLES_TOGETHER];
	};
	_Atomic uint64_t addresses[SAMPLES]; /* 0: none; 1: being written */
	/* The thread in the upper half, below it the block's number among those of the thread; 0: none. */
	_Atomic uint64_t born[SAMPLES];
	uint64_t start_ns[SAMPLES];
};
extern struct samples samples;

static inline uint32_t sample_number(const void *block) {
	return (uint32_t)(uintptr_t)block * UINT32_C(0x9e3779b9) >> (32 - SAMPLES_BITS);
}

/* Follows the block that this thread has just allocated, or not, if its place is taken. */
void sample_begin(struct thread *here, const void *block);
/* The block that may be the one `number` of samples is to be freed, or was moved. */
void sample_end(struct thread *here, const void *block, uint32_t number);

/* A block of its own mapping that this thread has just allocated, and one that it is about to give back while it is in
 * `in`, as looks see it; growth of the heap that it saw; all blocks that live when the process ends. The child of a
 * process has none. */
void mapped_begin(struct counts_slot *slot, enum counts_kind kind, const void *block);
void mapped_end(struct counts_slot *slot, const void *block, uint32_t in);
void mapped_beside(struct counts_slot *slot, size_t grown);
void mapped_forget(void);
void mapped_end_all(struct counts_slot *slot);

/* Where calls of so many bytes are counted by the byte; NULL: they are not, or there is no slot yet. */
static inline struct counts_slot *slot_of_small(size_t bytes) {
	if (UNLIKELY(bytes >= thread_here.small))
		return NULL;
	atomic_signal_fence(memory_order_seq_cst);
	struct counts_slot *slot = thread_here.calls;
	if (!slot)
		__builtin_unreachable();
	return slot;
}

static inline struct counts_slot *slot_here(struct thread *here) {
	return UNLIKELY(!here->slot) ? slot_take(here) : here->slot;
}

#pragma GCC visibility pop

/* Around a call that is handed on; what it is in is read by another process, at any time. What the call reads or writes
 * stays between the two. */
static inline void call_begins(struct counts_slot *slot, uint32_t in) {
	atomic_store_explicit(&slot->in, in, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}
static inline void call_ends(struct counts_slot *slot) {
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&slot->in, COUNTS_IN_NOTHING, memory_order_relaxed);
}
