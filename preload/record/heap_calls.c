/* SPDX-License-Identifier: Apache-2.0
 *
 * malloc and its family, counted and handed on. Until the C library's are known, and while they are looked up, blocks
 * come from an arena of a few pages that never takes one back.
 */
#include "preload/record/inside.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

struct real real;
bool has_chunks;

static bool are_chunks(void) {
	void *block = real.malloc(100);
	bool are = block && chunk_bytes(chunk_word(block)) == real.malloc_usable_size(block);
	real.free(block);
	return are;
}

static void look_up(void) {
	struct real found;
#define REAL_FIND(name) found.name = (__typeof__(found.name))dlsym(RTLD_NEXT, #name);
	REAL_FUNCTIONS(REAL_FIND)
#undef REAL_FIND
#define REAL_TAKE(name) real.name = found.name;
	REAL_FUNCTIONS(REAL_TAKE)
#undef REAL_TAKE
	has_chunks = are_chunks();
}

bool real_look_up(void) {
	return early_look_up(look_up);
}

__attribute__((constructor)) static void start(int count, char **words, char **environment) {
	(void)count;
	(void)words;
	if (real_look_up())
		slots_start(environment);
}

__attribute__((destructor)) static void stop(void) {
	mapped_end_all(slot_here(&thread_here));
}

static bool is_early_call(void) {
	return UNLIKELY(!real.free) && !real_look_up();
}

/* ---- counts ------------------------------------------------------------------------------------------------------ */

/* A heap that grows to give a small block does so once in thousands of them: those that are followed show it. */
enum { LARGE_BYTES = 4096 };

/* Where all threads saw the heap's end, which may sink. */
static _Atomic uintptr_t heap_end;

static void count_growth(struct counts_slot *slot) {
	uintptr_t end = (uintptr_t)sbrk(0); /* no system call */
	uintptr_t before = atomic_exchange_explicit(&heap_end, end, memory_order_relaxed);
	if (before && end > before) {
		slot->sums.grown_bytes += end - before;
		mapped_beside(slot, end - before);
	}
}

static void count_large(struct counts_slot *slot, enum counts_kind kind, const void *block) {
	count_growth(slot);
	if (counts && kind != COUNTS_REALLOC && has_chunks && chunk_is_mapped(chunk_word(block)))
		mapped_begin(slot, kind, block);
}

static __attribute__((noinline)) void *count_followed(struct counts_slot *slot, void *block) {
	count_growth(slot);
	sample_begin(&thread_here, block);
	return block;
}

/* Of few bytes are most: of the rest as little is left as can be. */
static __attribute__((noinline)) void *count_rest(struct counts_slot *slot, enum counts_kind kind, size_t size,
						  void *block) {
	if (!block) {
		slot->sums.failed++;
		return block;
	}
	if (size < COUNTS_SMALL_BLOCK) {
		slot->small.allocations[kind][size]++;
	} else {
		slot->sums.allocations[kind][counts_class(size)]++;
		slot->sums.allocated_bytes += size;
	}
	if (size >= LARGE_BYTES)
		count_large(slot, kind, block);
	return UNLIKELY(--thread_here.countdown == 0) ? count_followed(slot, block) : block;
}

static inline void *count_allocation(struct counts_slot *slot, enum counts_kind kind, size_t size, void *block) {
	call_ends(slot);
	if (UNLIKELY(!block) || size >= COUNTS_SMALL_BLOCK)
		return count_rest(slot, kind, size, block);
	slot->small.allocations[kind][size]++;
	return UNLIKELY(--thread_here.countdown == 0) ? count_followed(slot, block) : block;
}

/* Of a call that allocates, which ends with count_allocation: nothing else is between the two. */
static inline struct counts_slot *begin(void) {
	struct counts_slot *slot = slot_here(&thread_here);
	call_begins(slot, COUNTS_IN_ALLOCATION);
	return slot;
}

static inline void end_sample(const void *block) {
	uint32_t number = sample_number(block);
	if (UNLIKELY(atomic_load_explicit(&samples.is_there[number], memory_order_relaxed)))
		sample_end(&thread_here, block, number);
}

/* How large a block is, as its chunk has it, or where there are none, itself. */
static inline size_t size_word(void *block) {
	return UNLIKELY(!has_chunks) ? real.malloc_usable_size(block) : chunk_word(block);
}

static inline void count_chunk(struct counts_slot *slot, size_t word) {
	if (LIKELY(word < COUNTS_SMALL_CHUNKS * (size_t)COUNTS_CHUNK_BYTES))
		slot->small.frees[word / COUNTS_CHUNK_BYTES]++;
	else
		slot->sums.frees[counts_class(chunk_bytes(word))]++;
}

static inline void count_free(struct counts_slot *slot, size_t word) {
	if (LIKELY(has_chunks))
		count_chunk(slot, word);
	else
		slot->sums.frees[counts_class(word)]++;
}

/* ---- the family -------------------------------------------------------------------------------------------------- */

static inline void *malloc_counted(struct counts_slot *slot, size_t size) {
	call_begins(slot, COUNTS_IN_ALLOCATION);
	return count_allocation(slot, COUNTS_MALLOC, size, real.malloc(size));
}

/* A thread's first, or the process'. */
static __attribute__((noinline)) void *malloc_first(size_t size) {
	return is_early_call() ? early_allocate(size) : malloc_counted(slot_take(&thread_here), size);
}

EXPORTED void *malloc(size_t size) {
	struct counts_slot *slot = thread_here.slot;
	return UNLIKELY(!slot) ? malloc_first(size) : malloc_counted(slot, size);
}

EXPORTED void *calloc(size_t number, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(number, size, &bytes))
		bytes = SIZE_MAX;
	if (is_early_call())
		return early_allocate(bytes);
	struct counts_slot *slot = begin();
	return count_allocation(slot, COUNTS_CALLOC, bytes, real.calloc(number, size));
}

static __attribute__((noinline)) void free_plain(struct counts_slot *slot, void *block) {
	call_begins(slot, COUNTS_IN_FREE);
	size_t size = real.malloc_usable_size(block);
	real.free(block);
	call_ends(slot);
	slot->sums.frees[counts_class(size)]++;
}

static inline void free_counted(struct counts_slot *slot, void *block) {
	end_sample(block);
	if (UNLIKELY(!has_chunks)) {
		free_plain(slot, block);
		return;
	}
	call_begins(slot, COUNTS_IN_FREE);
	/* What waits for the block waits here: without us its free would. */
	size_t word = chunk_word(block);
	if (chunk_is_apart(word))
		mapped_end(slot, block, COUNTS_IN_FREE);
	real.free(block);
	call_ends(slot);
	count_chunk(slot, word);
}

static __attribute__((noinline)) void free_first(void *block) {
	free_counted(slot_take(&thread_here), block);
}

EXPORTED void free(void *block) {
	if (!block || UNLIKELY(early_owns(block)))
		return;
	struct counts_slot *slot = thread_here.slot;
	if (UNLIKELY(!slot))
		free_first(block);
	else
		free_counted(slot, block);
}

static void *move_early(void *block, size_t size) {
	void *moved = malloc(size);
	size_t length = early_size(block);
	for (size_t i = 0; moved && i < length && i < size; i++)
		((unsigned char *)moved)[i] = ((unsigned char *)block)[i];
	return moved;
}

EXPORTED void *realloc(void *block, size_t size) {
	if (UNLIKELY(early_owns(block)))
		return move_early(block, size);
	if (is_early_call())
		return early_allocate(size);
	struct counts_slot *slot = begin();
	size_t word = block ? size_word(block) : 0;
	uintptr_t address = (uintptr_t)block;
	if (has_chunks && chunk_is_apart(word))
		mapped_end(slot, block, COUNTS_IN_ALLOCATION);
	void *result = real.realloc(block, size);
	call_ends(slot);
	if (address && (result || size == 0)) {
		end_sample((const void *)address);
		count_free(slot, word);
	}
	if (!result && size == 0 && address)
		return result;
	slot->sums.moved += address && (uintptr_t)result != address;
	return count_allocation(slot, COUNTS_REALLOC, size, result);
}

EXPORTED void *memalign(size_t alignment, size_t size) {
	if (is_early_call())
		return alignment <= EARLY_ALIGNMENT ? early_allocate(size) : NULL;
	struct counts_slot *slot = begin();
	return count_allocation(slot, COUNTS_ALIGNED, size, real.memalign(alignment, size));
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
	if (is_early_call())
		return alignment <= EARLY_ALIGNMENT ? early_allocate(size) : NULL;
	struct counts_slot *slot = begin();
	return count_allocation(slot, COUNTS_ALIGNED, size, real.aligned_alloc(alignment, size));
}

EXPORTED int posix_memalign(void **block, size_t alignment, size_t size) {
	if (is_early_call())
		return ENOMEM;
	struct counts_slot *slot = begin();
	int error = real.posix_memalign(block, alignment, size);
	count_allocation(slot, COUNTS_ALIGNED, size, error == 0 ? *block : NULL);
	return error;
}

EXPORTED void *valloc(size_t size) {
	if (is_early_call())
		return NULL;
	struct counts_slot *slot = begin();
	return count_allocation(slot, COUNTS_ALIGNED, size, real.valloc(size));
}

EXPORTED void *pvalloc(size_t size) {
	if (is_early_call())
		return NULL;
	struct counts_slot *slot = begin();
	return count_allocation(slot, COUNTS_ALIGNED, size, real.pvalloc(size));
}

/* Of the arena's blocks, too: a program may ask for any block that it was given. */
EXPORTED size_t malloc_usable_size(void *block) {
	if (UNLIKELY(early_owns(block)))
		return early_size(block);
	return is_early_call() ? 0 : real.malloc_usable_size(block);
}
