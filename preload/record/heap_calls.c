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
	bool are = block && chunk_bytes(block) == real.malloc_usable_size(block);
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
	if (before && end > before)
		slot->sums.grown_bytes += end - before;
}

static void count_large(struct counts_slot *slot, enum counts_kind kind, size_t size, const void *block) {
	count_growth(slot);
	if (kind != COUNTS_REALLOC && has_chunks && chunk_is_mapped(block))
		slot->sums.mapped_bytes += size;
}

/* What few calls are: of the rest as little is left as can be. */
static __attribute__((noinline)) void *count_rare(enum counts_kind kind, size_t size, void *block, bool is_due) {
	struct thread *here = &thread_here;
	struct counts_slot *slot = slot_here(here);
	if (!block) {
		slot->sums.failed++;
		slot->sums.allocations[kind][counts_class(size)]--;
		slot->sums.allocated_bytes -= size;
		here->countdown += is_due; /* it is the next one's turn */
		return block;
	}
	if (size >= LARGE_BYTES)
		count_large(slot, kind, size, block);
	if (is_due) {
		count_growth(slot);
		sample_begin(here, block);
	}
	return block;
}

static inline void *count_allocation(enum counts_kind kind, size_t size, void *block) {
	struct thread *here = &thread_here;
	struct counts_slot *slot = slot_here(here);
	call_ends(slot);
	slot->sums.allocations[kind][counts_class(size)]++;
	slot->sums.allocated_bytes += size;
	bool is_due = --here->countdown == 0;
	if (UNLIKELY(!block || size >= LARGE_BYTES || is_due))
		return count_rare(kind, size, block, is_due);
	return block;
}

/* Of a call that allocates, which ends with count_allocation. */
static inline void begin(void) {
	call_begins(slot_here(&thread_here), COUNTS_IN_ALLOCATION);
}

/* `usable`: how many bytes it had. */
static inline void count_free(const void *block, size_t usable) {
	struct thread *here = &thread_here;
	struct counts_slot *slot = slot_here(here);
	uint32_t number = sample_number(block);
	if (UNLIKELY(counts && atomic_load_explicit(&counts->followed.addresses[number], memory_order_acquire) ==
				       (uintptr_t)block))
		sample_end(here, block, number);
	slot->sums.frees[counts_class(usable)]++;
}

/* ---- the family -------------------------------------------------------------------------------------------------- */

EXPORTED void *malloc(size_t size) {
	if (is_early_call())
		return early_allocate(size);
	begin();
	return count_allocation(COUNTS_MALLOC, size, real.malloc(size));
}

EXPORTED void *calloc(size_t number, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(number, size, &bytes))
		bytes = SIZE_MAX;
	if (is_early_call())
		return early_allocate(bytes);
	begin();
	return count_allocation(COUNTS_CALLOC, bytes, real.calloc(number, size));
}

EXPORTED void free(void *block) {
	if (!block || UNLIKELY(early_owns(block)))
		return;
	struct counts_slot *slot = slot_here(&thread_here);
	call_begins(slot, COUNTS_IN_FREE);
	/* What waits for the block waits here: without us its free would. */
	size_t usable = block_bytes(block);
	real.free(block);
	call_ends(slot);
	count_free(block, usable);
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
	begin();
	size_t usable = block ? block_bytes(block) : 0;
	uintptr_t address = (uintptr_t)block;
	void *result = real.realloc(block, size);
	call_ends(slot_here(&thread_here));
	if (address && (result || size == 0))
		count_free((const void *)address, usable);
	if (!result && size == 0 && address)
		return result;
	slot_here(&thread_here)->sums.moved += address && (uintptr_t)result != address;
	return count_allocation(COUNTS_REALLOC, size, result);
}

EXPORTED void *memalign(size_t alignment, size_t size) {
	if (is_early_call())
		return alignment <= EARLY_ALIGNMENT ? early_allocate(size) : NULL;
	begin();
	return count_allocation(COUNTS_ALIGNED, size, real.memalign(alignment, size));
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
	if (is_early_call())
		return alignment <= EARLY_ALIGNMENT ? early_allocate(size) : NULL;
	begin();
	return count_allocation(COUNTS_ALIGNED, size, real.aligned_alloc(alignment, size));
}

EXPORTED int posix_memalign(void **block, size_t alignment, size_t size) {
	if (is_early_call())
		return ENOMEM;
	begin();
	int error = real.posix_memalign(block, alignment, size);
	call_ends(slot_here(&thread_here));
	if (error == 0)
		count_allocation(COUNTS_ALIGNED, size, *block);
	return error;
}

EXPORTED void *valloc(size_t size) {
	if (is_early_call())
		return NULL;
	begin();
	return count_allocation(COUNTS_ALIGNED, size, real.valloc(size));
}

EXPORTED void *pvalloc(size_t size) {
	if (is_early_call())
		return NULL;
	begin();
	return count_allocation(COUNTS_ALIGNED, size, real.pvalloc(size));
}

/* Of the arena's blocks, too: a program may ask for any block that it was given. */
EXPORTED size_t malloc_usable_size(void *block) {
	if (UNLIKELY(early_owns(block)))
		return early_size(block);
	return is_early_call() ? 0 : real.malloc_usable_size(block);
}
