/* SPDX-License-Identifier: Apache-2.0 */
#include "preload/pools/region.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

uintptr_t region_chunks;
_Atomic size_t region_bytes;

enum { COMMITTED_AT_ONCE = 64 << 10 }; /* whole pages, whatever the system's are */
_Static_assert(REGION_CHUNK_BYTES % COMMITTED_AT_ONCE == 0, "all that is before the chunks can be committed");

static uintptr_t start;          /* of what is before the chunks */
static _Atomic size_t committed; /* bytes of that */
static _Atomic size_t taken;     /* bytes of the chunks */

/* Rounded up to whole chunks. */
static size_t chunks_bytes(size_t bytes) {
	return (bytes + REGION_CHUNK_BYTES - 1) & ~(size_t)(REGION_CHUNK_BYTES - 1);
}

/* More than the machine has of memory is of no use. */
static size_t bytes_wanted(void) {
	struct rlimit limit;
	struct sysinfo machine;
	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY || sysinfo(&machine) != 0)
		return 0;
	return chunks_bytes((size_t)machine.totalram * machine.mem_unit);
}

void *region_reserve(size_t own_bytes) {
	size_t own = chunks_bytes(own_bytes), bytes = bytes_wanted();
	if (bytes == 0)
		return NULL;
	void *found = mmap(NULL, own + bytes + REGION_CHUNK_BYTES, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (found == MAP_FAILED)
		return NULL;
	start = chunks_bytes((uintptr_t)found);
	region_chunks = start + own;
	region_bytes = bytes;
	return (void *)start;
}

bool region_commit(size_t own_bytes) {
	size_t before = atomic_load_explicit(&committed, memory_order_acquire);
	size_t wanted = (own_bytes + COMMITTED_AT_ONCE - 1) & ~(size_t)(COMMITTED_AT_ONCE - 1);
	if (own_bytes <= before)
		return true;
	if (mprotect((void *)start, wanted, PROT_READ | PROT_WRITE) != 0)
		return false;
	while (before < wanted && !atomic_compare_exchange_weak(&committed, &before, wanted))
		;
	return true;
}

void *region_take_chunk(void) {
	if (atomic_load_explicit(&taken, memory_order_relaxed) >= region_bytes)
		return NULL;
	size_t at = atomic_fetch_add_explicit(&taken, REGION_CHUNK_BYTES, memory_order_relaxed);
	void *chunk = (void *)(region_chunks + at);
	return at < region_bytes && mprotect(chunk, REGION_CHUNK_BYTES, PROT_READ | PROT_WRITE) == 0 ? chunk : NULL;
}

void region_give_back(void) {
	size_t all = atomic_load(&region_bytes), used = atomic_exchange(&taken, all);
	if (used >= all)
		return;
	atomic_store(&region_bytes, used); /* what others map there is theirs */
	munmap((void *)(region_chunks + used), all - used);
}
