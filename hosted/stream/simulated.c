/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/simulated.h"

#include "bench/consume.h"

#include <string.h>
#include <sys/mman.h>

static struct tlb_config config_of(const struct stream_shape *shape) {
	return (struct tlb_config){
		.entries = shape->entries, .asids = shape->asids, .page_bytes = UINT64_C(1) << shape->page_shift};
}

size_t stream_shape_bytes(const struct stream_shape *shape) {
	const struct stream_variant *variant = stream_variant_find(shape->slot_bits, shape->ways);
	size_t store = tlb_bytes_needed(shape->entries, shape->asids);
	return variant && store && shape->entries >= shape->ways ? variant->tlb_bytes + store : 0;
}

enum { LARGE = 2 << 20 };

static size_t aligned(size_t bytes, size_t alignment) {
	return (bytes + alignment - 1) & ~(alignment - 1);
}

size_t simulated_bytes(const struct stream_shape *shape) {
	const struct stream_variant *variant = stream_variant_find(shape->slot_bits, shape->ways);
	size_t store = tlb_bytes_needed(shape->entries, shape->asids);
	return variant && store ? aligned(aligned(variant->state_bytes, TLB_ALIGNMENT) + store, LARGE) : 0;
}

/* Mapped for this alone: what lay in a heap's small pages stays in small ones. NULL: out of memory. */
static void *map_large(size_t bytes) {
	unsigned char *mapped = mmap(NULL, bytes + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return NULL;
	size_t before = aligned((uintptr_t)mapped, LARGE) - (uintptr_t)mapped;
	if (before > 0)
		munmap(mapped, before);
	munmap(mapped + before + bytes, LARGE - before);
	(void)madvise(mapped + before, bytes, MADV_HUGEPAGE);
	return mapped + before;
}

bool simulated_start(struct simulated *simulated, const struct stream_shape *shape, struct tables *tables) {
	size_t store = tlb_bytes_needed(shape->entries, shape->asids);
	struct tlb_config config = config_of(shape);
	if (tables) {
		config.walk = tables_walk;
		config.owner = tables;
	}
	simulated->variant = stream_variant_find(shape->slot_bits, shape->ways);
	simulated->flush_every = simulated->left = shape->flush_every;
	simulated->bytes = simulated_bytes(shape);
	simulated->state = simulated->bytes != 0 ? map_large(simulated->bytes) : NULL;
	if (!simulated->state)
		return false;
	memset(simulated->state, 0, simulated->bytes);
	unsigned char *memory = simulated->state;
	simulated->accesses = 0;
	return simulated->variant->start(simulated->state,
					 memory + aligned(simulated->variant->state_bytes, TLB_ALIGNMENT), store,
					 &config, &simulated->front) == 0;
}

/* tlb_translate, for all sizes the same instructions. A loop as short as this takes up to a quarter longer at times,
 * until other code has run, whatever data it is given: were there one a size, that would be told as the size's time.
 * The kind of an access is a constant where a program translates, and so is where its rows begin: here they are looked
 * up, which costs all sizes the same. */
static inline void *translate(struct simulated *simulated, uint64_t address, enum tlb_access access) {
	const struct stream_front *front = &simulated->front;
	const struct stream_rows_of_kind *rows = &front->rows[access];
	uint64_t page = address >> front->page_shift, slot = page & front->slot_mask;
	if (__builtin_expect(rows->tags[slot] == page + *front->context, 1))
		return (void *)(uintptr_t)(address + rows->addends[slot]);
	return simulated->variant->miss(simulated->state, address, access);
}

static void replay(struct simulated *simulated, const uint64_t *packed, size_t count) {
	uint64_t others = 0;
	for (const uint64_t *end = packed + count; packed != end; packed++) {
		uint8_t kind = stream_packed_kind(*packed);
		if (__builtin_expect(kind >= STREAM_ACCESS_KINDS, 0)) {
			simulated->variant->replay_other(simulated->state, *packed);
			others++;
			continue;
		}
		bench_consume((uint64_t)(uintptr_t)translate(simulated, *packed, (enum tlb_access)kind));
	}
	simulated->accesses += count - others;
}

void simulated_replay(struct simulated *simulated, const uint64_t *packed, size_t count) {
	while (simulated->flush_every != 0 && count >= simulated->left) {
		replay(simulated, packed, simulated->left);
		simulated->variant->flush(simulated->state);
		packed += simulated->left;
		count -= simulated->left;
		simulated->left = simulated->flush_every;
	}
	replay(simulated, packed, count);
	simulated->left -= simulated->flush_every != 0 ? count : 0;
}

void simulated_count(const struct simulated *simulated, struct stream_counts *counts) {
	simulated->variant->count(simulated->state, counts);
	counts->accesses = simulated->accesses;
}

void simulated_free(struct simulated *simulated) {
	if (simulated->state)
		munmap(simulated->state, simulated->bytes);
	simulated->state = NULL;
}
