/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks that the C library maps by themselves. Of large ones, into which a huge page fits: which pages were touched,
 * asked of the system before it gets them back, or at the process' end. One that nobody comes to ask of is not looked
 * at, nor is any of a process that may filter its system calls; and of those that little of is touched some stand for
 * the others, so that looks take little beside what the program does. Of smaller ones, which a heap that grows by huge
 * pages may have room for: what it would have of them.
 */
#include "preload/record/huge.h"
#include "preload/record/inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct mapping {
	uintptr_t begin;
	size_t bytes;
};

/* Two words before the block, what lies before its chunk in the mapping ("malloc/malloc.c", prev_size): alignment. */
static struct mapping mapping_of(const void *block) {
	uintptr_t chunk = (uintptr_t)block - 2 * sizeof(size_t);
	size_t before = *(const size_t *)chunk;
	return (struct mapping){chunk - before, (chunk_word(block) & ~(size_t)CHUNK_FLAGS) + before};
}

/* ---- large ones that live ---------------------------------------------------------------------------------------- */

/* By address: each is less than LARGES_REACH places behind its own. */
enum { LARGES_BITS = 10, LARGES = 1 << LARGES_BITS, LARGES_REACH = 16 };
static struct large {
	_Atomic uintptr_t block; /* 0: none, 1: being written */
	struct mapping mapping;
} larges[LARGES];

static _Atomic bool any_large; /* or none of the table was ever touched */

static struct large *large_near(uintptr_t block, size_t step) {
	uint32_t number = (uint32_t)(block / HUGE_SMALL_BYTES) * UINT32_C(0x9e3779b9) >> (32 - LARGES_BITS);
	return &larges[(number + step) % LARGES];
}

static void large_begin(uintptr_t block, const struct mapping *mapping) {
	atomic_store_explicit(&any_large, true, memory_order_relaxed);
	for (size_t step = 0; step < LARGES_REACH; step++) {
		struct large *large = large_near(block, step);
		uintptr_t none = 0;
		if (atomic_load_explicit(&large->block, memory_order_relaxed) ||
		    !atomic_compare_exchange_strong(&large->block, &none, 1))
			continue;
		large->mapping = *mapping;
		atomic_store_explicit(&large->block, block, memory_order_release);
		break;
	}
}

/* ---- what may be asked ------------------------------------------------------------------------------------------- */

/* A process that filters its system calls may be ended by one that it does not make itself. Who sets a filter says
 * before that it wants no more rights, or has to be root; and children have it as well, whatever they execute. */
static _Atomic bool may_be_filtered;

EXPORTED int prctl(int option, ...) {
	unsigned long words[4];
	va_list list;
	va_start(list, option);
	for (int i = 0; i < 4; i++)
		words[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_NO_NEW_PRIVS || option == PR_SET_SECCOMP || option == PR_SET_SYSCALL_USER_DISPATCH)
		atomic_store(&may_be_filtered, true);
	return (int)syscall(SYS_prctl, (long)option, words[0], words[1], words[2], words[3]);
}

static bool may_ask(void) {
	return !atomic_load_explicit(&may_be_filtered, memory_order_relaxed) &&
	       getauxval(AT_PAGESZ) == HUGE_SMALL_BYTES &&
	       syscall(SYS_prctl, (long)PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 0;
}

/* What a look takes goes with the block's pages, and what the program takes with those that it touches, which are
 * faults. So PAGES_FIRST may be looked at, and PAGES_OF_FAULT for each fault of the process. The system is asked how
 * many those are when what is known of them is too little, but not for each of many blocks that it is too little for.
 */
enum { PAGES_FIRST = 1 << 18, PAGES_OF_FAULT = 8, REFUSED_TOGETHER = 8 };
static _Atomic uint64_t pages_looked, pages_allowed = PAGES_FIRST;
static _Atomic uint32_t refused;

static bool take_pages(size_t pages) {
	uint64_t looked = atomic_fetch_add_explicit(&pages_looked, pages, memory_order_relaxed) + pages;
	struct rusage usage;
	if (looked > atomic_load_explicit(&pages_allowed, memory_order_relaxed) &&
	    atomic_fetch_add_explicit(&refused, 1, memory_order_relaxed) % REFUSED_TOGETHER == 0 &&
	    getrusage(RUSAGE_SELF, &usage) == 0)
		atomic_store_explicit(&pages_allowed, PAGES_FIRST + PAGES_OF_FAULT * (uint64_t)usage.ru_minflt,
				      memory_order_relaxed);
	if (looked <= atomic_load_explicit(&pages_allowed, memory_order_relaxed))
		return true;
	atomic_fetch_sub_explicit(&pages_looked, pages, memory_order_relaxed);
	return false;
}

/* ---- looks ------------------------------------------------------------------------------------------------------- */

/* Bytes of those that were too many to be looked at, by size: the next of their class stands for them. */
static _Atomic uint64_t passed[COUNTS_CLASSES];

/* What mincore says of pages, one a byte. */
enum { PAGES_AT_ONCE = 1024, PAGES_TOGETHER = 8 };
union answer {
	unsigned char pages[PAGES_AT_ONCE];
	uint64_t together[PAGES_AT_ONCE / PAGES_TOGETHER];
};
_Static_assert(sizeof(uint64_t) == PAGES_TOGETHER, "of answers");

static void look_at_answer(struct huge_look *look, const union answer *answer, size_t count) {
	for (size_t i = 0; i < count;) {
		if (i % PAGES_TOGETHER == 0 && i + PAGES_TOGETHER <= count && !answer->together[i / PAGES_TOGETHER]) {
			huge_look_past(look, PAGES_TOGETHER);
			i += PAGES_TOGETHER;
		} else {
			huge_look_at(look, answer->pages[i++] & 1);
		}
	}
}

/* false: the system does not say. */
static bool look_at(uintptr_t begin, struct huge_look *look) {
	union answer answer;
	while (look->next < look->pages) {
		size_t rest = look->pages - look->next, count = rest < PAGES_AT_ONCE ? rest : PAGES_AT_ONCE;
		void *at = (void *)(begin + look->next * HUGE_SMALL_BYTES);
		if (mincore(at, count * HUGE_SMALL_BYTES, answer.pages) != 0)
			return false;
		look_at_answer(look, &answer, count);
	}
	return true;
}

static void count_look(struct counts_slot *slot, const struct mapping *mapping) {
	struct huge_look look = {.pages = mapping->bytes / HUGE_SMALL_BYTES};
	_Atomic uint64_t *alike = &passed[counts_class(mapping->bytes)];
	if (!may_ask())
		return;
	if (!take_pages(look.pages)) {
		atomic_fetch_add_explicit(alike, mapping->bytes, memory_order_relaxed);
		return;
	}
	if (!look_at(mapping->begin, &look))
		return;
	uint64_t times = 1 + atomic_exchange_explicit(alike, 0, memory_order_relaxed) / mapping->bytes;
	slot->sums.looked_bytes += times * mapping->bytes;
	slot->sums.touched_bytes += times * look.touched * HUGE_SMALL_BYTES;
	slot->sums.within_bytes += times * (look.within * HUGE_SMALL_BYTES / HUGE_PLACES);
	slot->sums.cleared_bytes += times * look.huge_pages * HUGE_SMALL_BYTES;
}

static void end(struct counts_slot *slot, struct large *large, uintptr_t block) {
	int error = errno;
	if (!atomic_compare_exchange_strong(&large->block, &block, 1))
		return;
	count_look(slot, &large->mapping);
	atomic_store_explicit(&large->block, 0, memory_order_release);
	errno = error;
}

static void large_end(struct counts_slot *slot, uintptr_t block) {
	for (size_t step = 0; step < LARGES_REACH; step++) {
		struct large *large = large_near(block, step);
		if (atomic_load_explicit(&large->block, memory_order_relaxed) == block)
			end(slot, large, block);
	}
}

static bool there_are_large(void) {
	return atomic_load_explicit(&any_large, memory_order_relaxed);
}

void mapped_forget(void) {
	for (size_t i = 0; there_are_large() && i < LARGES; i++)
		atomic_store_explicit(&larges[i].block, 0, memory_order_relaxed);
	for (size_t class = 0; there_are_large() && class < COUNTS_CLASSES; class ++)
		atomic_store_explicit(&passed[class], 0, memory_order_relaxed);
	any_large = false;
	pages_looked = 0;
	refused = 0;
	pages_allowed = PAGES_FIRST;
}

void mapped_end_all(struct counts_slot *slot) {
	for (size_t i = 0; there_are_large() && i < LARGES; i++) {
		uintptr_t block = atomic_load_explicit(&larges[i].block, memory_order_relaxed);
		if (block > 1)
			end(slot, &larges[i], block);
	}
}

/* ---- smaller ones ------------------------------------------------------------------------------------------------ */

/* Of all threads, as far as they see each other's. */
static _Atomic bool has_grown;
static _Atomic size_t vacated; /* bytes of blocks that have gone, into whose place nothing came since */

static void take_place(struct counts_slot *slot, size_t bytes) {
	size_t left = atomic_load_explicit(&vacated, memory_order_relaxed), taken = bytes < left ? bytes : left;
	atomic_store_explicit(&vacated, left - taken, memory_order_relaxed);
	slot->sums.vacated_bytes += taken;
}

void mapped_beside(struct counts_slot *slot, size_t grown) {
	atomic_store_explicit(&has_grown, true, memory_order_relaxed);
	take_place(slot, grown);
}

static void smaller_begin(struct counts_slot *slot, size_t bytes) {
	slot->sums.behind_bytes += atomic_load_explicit(&has_grown, memory_order_relaxed) ? bytes : 0;
	take_place(slot, bytes);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

void mapped_begin(struct counts_slot *slot, enum counts_kind kind, const void *block) {
	const struct mapping mapping = mapping_of(block);
	uint64_t bytes = mapping.bytes, zeroed = kind == COUNTS_CALLOC ? bytes : 0;
	slot->sums.mapped_bytes += bytes;
	slot->sums.zeroed_bytes += zeroed;
	if (bytes < COUNTS_HUGE_BYTES) {
		smaller_begin(slot, bytes);
		return;
	}
	slot->sums.large_bytes += bytes;
	slot->sums.large_zeroed_bytes += zeroed;
	large_begin((uintptr_t)block, &mapping);
}

void mapped_end(struct counts_slot *slot, const void *block, uint32_t in) {
	size_t bytes = mapping_of(block).bytes;
	call_ends(slot);
	if (bytes >= COUNTS_HUGE_BYTES)
		large_end(slot, (uintptr_t)block);
	else
		atomic_fetch_add_explicit(&vacated, bytes, memory_order_relaxed);
	call_begins(slot, in);
}
