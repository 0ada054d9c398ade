/* SPDX-License-Identifier: Apache-2.0
 *
 * malloc and its family: sizes that the setting names come out of pools, all others are handed on. Who frees a block is
 * told by its address alone. Until our constructor has run nothing comes out of a pool, and until the C library's
 * functions are known blocks come from preload/early.h.
 */
#include "preload/early.h"
#include "preload/pools/heap.h"
#include "preload/setting.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

/* All NULL, or all there. */
static struct {
#define MEMBER(name) __typeof__(name) *name;
	EARLY_HEAP_FUNCTIONS(MEMBER)
	MEMBER(setrlimit)
	MEMBER(prlimit)
#undef MEMBER
} real;

static void look_up(void) {
	__typeof__(real) found;
#define FIND(name) found.name = (__typeof__(found.name))dlsym(RTLD_NEXT, #name);
	EARLY_HEAP_FUNCTIONS(FIND)
	FIND(setrlimit)
	FIND(prlimit)
#undef FIND
#define TAKE(name) real.name = found.name;
	EARLY_HEAP_FUNCTIONS(TAKE)
	TAKE(setrlimit)
	TAKE(prlimit)
#undef TAKE
}

static bool is_early_call(void) {
	return UNLIKELY(!real.malloc_usable_size) && !early_look_up(look_up);
}

/* A program that defines some of these functions itself would be given blocks of ours that it hands to its own. */
static bool are_called(void) {
	return dlsym(RTLD_DEFAULT, "malloc") == (void *)malloc && dlsym(RTLD_DEFAULT, "free") == (void *)free &&
	       dlsym(RTLD_DEFAULT, "realloc") == (void *)realloc;
}

__attribute__((constructor)) static void start(int count, char **words, char **environment) {
	(void)count;
	(void)words;
	int error = errno;
	const char *setting = setting_apply(environment, getauxval(AT_SECURE) != 0);
	if (!is_early_call() && setting && are_called())
		heaps_start(setting);
	errno = error;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

/* Sizes that no pool serves are those of many programs' most calls: these go on at once. What comes before the C
 * library's functions are known is apart, so that nothing is kept for it where it does not come. */

static __attribute__((noinline)) void *malloc_early(size_t size) {
	return is_early_call() ? early_allocate(size) : real.malloc(size);
}

static inline void *malloc_real(size_t size) {
	return LIKELY(real.malloc) ? real.malloc(size) : malloc_early(size);
}

/* Of a pool by its number; NULL: there is no memory, or no heap to be had. */
static void *take(unsigned number) {
	struct heap *heap = heap_here ? heap_here : heap_take();
	return heap ? heap_pool_take(&heap->pools[number - 1]) : NULL;
}

static __attribute__((noinline)) void *malloc_else(size_t size, unsigned number) {
	void *block = take(number);
	return block ? block : malloc_real(size);
}

EXPORTED void *malloc(size_t size) {
	unsigned number = heap_number_for(size);
	if (number == 0)
		return malloc_real(size);
	struct heap *heap = heap_here;
	void *block = LIKELY(heap) ? heap_pool_take_at_hand(&heap->pools[number - 1]) : NULL;
	return LIKELY(block) ? block : malloc_else(size, number);
}

static __attribute__((noinline)) void *calloc_early(size_t number, size_t size) {
	return is_early_call() ? early_allocate(number * size) : real.calloc(number, size);
}

EXPORTED void *calloc(size_t number, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(number, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	unsigned pool = heap_number_for(bytes);
	void *block = pool ? take(pool) : NULL;
	if (block)
		return memset(block, 0, bytes);
	return LIKELY(real.calloc) ? real.calloc(number, size) : calloc_early(number, size);
}

static __attribute__((noinline)) void free_early(void *block) {
	if (!is_early_call())
		real.free(block);
}

EXPORTED void free(void *block) {
	if (region_owns(block))
		heap_give(block);
	else if (!block || UNLIKELY(early_owns(block)))
		return;
	else if (LIKELY(real.free))
		real.free(block);
	else
		free_early(block);
}

static size_t usable(void *block) {
	if (region_owns(block))
		return heap_pool_of(block)->bytes;
	return early_owns(block) ? early_size(block) : real.malloc_usable_size(block);
}

EXPORTED size_t malloc_usable_size(void *block) {
	return block ? usable(block) : 0;
}

/* What grows once may grow again, and would leave each pool on its way with as much as it had there; the C library
 * makes blocks larger where they lie. So they are its own from here on. */
static void *move_to(void *block, size_t size, bool grows) {
	size_t had = usable(block);
	void *moved = grows && !is_early_call() ? real.malloc(size) : malloc(size);
	if (!moved)
		return NULL;
	memcpy(moved, block, had < size ? had : size);
	free(block);
	return moved;
}

static __attribute__((noinline)) void *realloc_own(void *block, size_t size) {
	if (size == 0) {
		free(block);
		return NULL;
	}
	size_t had = usable(block);
	return size <= had && size > had / 2 ? block : move_to(block, size, size > had);
}

static __attribute__((noinline)) void *realloc_early(void *block, size_t size) {
	return is_early_call() ? early_allocate(size) : real.realloc(block, size);
}

EXPORTED void *realloc(void *block, size_t size) {
	if (region_owns(block) || UNLIKELY(early_owns(block)))
		return realloc_own(block, size);
	return LIKELY(real.realloc) ? real.realloc(block, size) : realloc_early(block, size);
}

EXPORTED void *reallocarray(void *block, size_t number, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(number, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(block, bytes);
}

/* ---- aligned ----------------------------------------------------------------------------------------------------- */

static inline bool is_every_block_so(size_t alignment) {
	return alignment <= HEAP_UNIT_BYTES && alignment != 0 && (alignment & (alignment - 1)) == 0;
}

EXPORTED void *memalign(size_t alignment, size_t size) {
	if (is_every_block_so(alignment))
		return malloc(size);
	return is_early_call() ? NULL : real.memalign(alignment, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
	if (is_every_block_so(alignment))
		return malloc(size);
	return is_early_call() ? NULL : real.aligned_alloc(alignment, size);
}

EXPORTED int posix_memalign(void **block, size_t alignment, size_t size) {
	unsigned number = alignment == sizeof(void *) || alignment == HEAP_UNIT_BYTES ? heap_number_for(size) : 0;
	void *taken = number ? take(number) : NULL;
	if (taken) {
		*block = taken;
		return 0;
	}
	return is_early_call() ? ENOMEM : real.posix_memalign(block, alignment, size);
}

EXPORTED void *valloc(size_t size) {
	return is_early_call() ? NULL : real.valloc(size);
}

EXPORTED void *pvalloc(size_t size) {
	return is_early_call() ? NULL : real.pvalloc(size);
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

static void follow(__rlimit_resource_t resource, const struct rlimit *limit) {
	if (resource == RLIMIT_AS && limit->rlim_cur != RLIM_INFINITY)
		region_give_back();
}

EXPORTED int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
	if (is_early_call()) {
		errno = EPERM;
		return -1;
	}
	int result = real.setrlimit(resource, limit);
	if (result == 0)
		follow(resource, limit);
	return result;
}

EXPORTED int prlimit(pid_t process, __rlimit_resource_t resource, const struct rlimit *limit, struct rlimit *before) {
	if (is_early_call()) {
		errno = EPERM;
		return -1;
	}
	int result = real.prlimit(process, resource, limit, before);
	if (result == 0 && limit && (process == 0 || process == getpid()))
		follow(resource, limit);
	return result;
}

/* The same where a limit has 64 bits anyhow. */
_Static_assert(sizeof(struct rlimit64) == sizeof(struct rlimit), "limits are of 64 bits");

EXPORTED int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit) {
	return setrlimit(resource, (const struct rlimit *)limit);
}

EXPORTED int prlimit64(pid_t process, __rlimit_resource_t resource, const struct rlimit64 *limit,
		       struct rlimit64 *before) {
	return prlimit(process, resource, (const struct rlimit *)limit, (struct rlimit *)before);
}
