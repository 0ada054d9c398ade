/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/simulated.h"

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
	return simulated->variant->start(simulated->state,
					 memory + aligned(simulated->variant->state_bytes, TLB_ALIGNMENT), store,
					 &config) == 0;
}

void simulated_replay(struct simulated *simulated, const uint64_t *packed, size_t count) {
	while (simulated->flush_every != 0 && count >= simulated->left) {
		simulated->variant->replay(simulated->state, packed, simulated->left);
		simulated->variant->flush(simulated->state);
		packed += simulated->left;
		count -= simulated->left;
		simulated->left = simulated->flush_every;
	}
	simulated->variant->replay(simulated->state, packed, count);
	simulated->left -= simulated->flush_every != 0 ? count : 0;
}

void simulated_free(struct simulated *simulated) {
	if (simulated->state)
		munmap(simulated->state, simulated->bytes);
	simulated->state = NULL;
}
