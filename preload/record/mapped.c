/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks that the C library maps by themselves. Of large ones, into which a huge page fits: which pages were touched,
 * asked of the system before it gets them back, or at the process' end. One that nobody comes to ask of is not looked
 * at, nor is any of a process that filters its system calls. Of smaller ones, which a heap that grows by huge pages may
 * have room for: what it would have of them.
 */
#include "preload/record/huge.h"
#include "preload/record/inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LARGE_MOST = 128, PAGES_AT_ONCE = 1024 };

/* Blocks that live, by address; 0: none, 1: being written. */
static struct large {
	_Atomic uintptr_t block;
	size_t bytes;
} larges[LARGE_MOST];

/* Two words before the block, what lies before its chunk in the mapping ("malloc/malloc.c", prev_size). */
static size_t before_chunk(const void *block) {
	return *(const size_t *)((uintptr_t)block - 2 * sizeof(size_t));
}

/* ---- large ones -------------------------------------------------------------------------------------------------- */

static size_t mapping_bytes(const void *block) {
	return (chunk_word(block) & ~(size_t)CHUNK_FLAGS) + before_chunk(block);
}

static void large_begin(struct counts_slot *slot, enum counts_kind kind, const void *block) {
	size_t bytes = mapping_bytes(block);
	slot->sums.large_bytes += bytes;
	slot->sums.large_zeroed_bytes += kind == COUNTS_CALLOC ? bytes : 0;
	for (size_t i = 0; i < LARGE_MOST; i++) {
		uintptr_t none = 0;
		if (!atomic_compare_exchange_strong(&larges[i].block, &none, 1))
			continue;
		larges[i].bytes = bytes;
		atomic_store_explicit(&larges[i].block, (uintptr_t)block, memory_order_release);
		break;
	}
}

/* false: the system does not say. */
static bool look_at(uintptr_t begin, struct huge_look *look) {
	unsigned char in_memory[PAGES_AT_ONCE];
	while (look->next < look->pages) {
		size_t rest = look->pages - look->next, count = rest < PAGES_AT_ONCE ? rest : PAGES_AT_ONCE;
		void *at = (void *)(begin + look->next * HUGE_SMALL_BYTES);
		if (mincore(at, count * HUGE_SMALL_BYTES, in_memory) != 0)
			return false;
		for (size_t i = 0; i < count; i++)
			huge_look_at(look, in_memory[i] & 1);
	}
	return true;
}

/* A process that filters its system calls may be ended by one that it does not make itself. Who sets a filter says
 * before that it wants no more rights, or has to be root. */
static _Atomic bool may_be_filtered;

EXPORTED int prctl(int option, ...) {
	unsigned long words[4];
	va_list list;
	va_start(list, option);
	for (int i = 0; i < 4; i++)
		words[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_NO_NEW_PRIVS || option == PR_SET_SECCOMP)
		atomic_store(&may_be_filtered, true);
	return (int)syscall(SYS_prctl, option, words[0], words[1], words[2], words[3]);
}

static bool may_ask(void) {
	return !atomic_load_explicit(&may_be_filtered, memory_order_relaxed) &&
	       getauxval(AT_PAGESZ) == HUGE_SMALL_BYTES;
}

static void count_look(struct counts_slot *slot, uintptr_t block, size_t bytes) {
	int error = errno;
	struct huge_look look = {.pages = bytes / HUGE_SMALL_BYTES};
	if (may_ask() && look_at(block & ~(uintptr_t)(HUGE_SMALL_BYTES - 1), &look)) {
		slot->sums.looked_bytes += bytes;
		slot->sums.touched_bytes += look.touched * HUGE_SMALL_BYTES;
		slot->sums.within_bytes += look.within * HUGE_SMALL_BYTES / HUGE_PLACES;
		slot->sums.cleared_bytes += look.huge_pages * HUGE_SMALL_BYTES;
	}
	errno = error;
}

static void end(struct counts_slot *slot, struct large *large, uintptr_t block) {
	if (!atomic_compare_exchange_strong(&large->block, &block, 1))
		return;
	count_look(slot, block, large->bytes);
	atomic_store_explicit(&large->block, 0, memory_order_release);
}

static void large_end(struct counts_slot *slot, const void *block) {
	for (size_t i = 0; i < LARGE_MOST; i++)
		if (atomic_load_explicit(&larges[i].block, memory_order_relaxed) == (uintptr_t)block)
			end(slot, &larges[i], (uintptr_t)block);
}

void mapped_forget(void) {
	for (size_t i = 0; i < LARGE_MOST; i++)
		atomic_store_explicit(&larges[i].block, 0, memory_order_relaxed);
}

void mapped_end_all(struct counts_slot *slot) {
	for (size_t i = 0; i < LARGE_MOST; i++) {
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

static void smaller_begin(struct counts_slot *slot, size_t size) {
	slot->sums.behind_bytes += atomic_load_explicit(&has_grown, memory_order_relaxed) ? size : 0;
	take_place(slot, size);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

void mapped_begin(struct counts_slot *slot, enum counts_kind kind, size_t size, const void *block) {
	slot->sums.mapped_bytes += size;
	slot->sums.zeroed_bytes += kind == COUNTS_CALLOC ? size : 0;
	if (mapping_bytes(block) >= COUNTS_HUGE_BYTES)
		large_begin(slot, kind, block);
	else
		smaller_begin(slot, size);
}

void mapped_end(struct counts_slot *slot, const void *block, uint32_t in) {
	size_t bytes = mapping_bytes(block);
	call_ends(slot);
	if (bytes >= COUNTS_HUGE_BYTES)
		large_end(slot, block);
	else
		atomic_fetch_add_explicit(&vacated, bytes, memory_order_relaxed);
	call_begins(slot, in);
}
