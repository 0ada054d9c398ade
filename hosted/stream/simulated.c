/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/simulated.h"

#include <stdlib.h>
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

/* In large pages where the system gives them, so that times are not those of the luck with small ones. */
static void *memory_of(size_t bytes) {
	const size_t large = 2 << 20;
	size_t alignment = bytes >= large ? large : TLB_ALIGNMENT;
	bytes = (bytes + alignment - 1) & ~(alignment - 1);
	void *memory = aligned_alloc(alignment, bytes);
	if (memory && alignment == large)
		(void)madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
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
	if (!simulated->variant || store == 0)
		return false;
	simulated->state = memory_of(simulated->variant->state_bytes);
	simulated->store = memory_of(store);
	if (simulated->store)
		memset(simulated->store, 0, store);
	return simulated->state && simulated->store &&
	       simulated->variant->start(simulated->state, simulated->store, store, &config) == 0;
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
	free(simulated->state);
	free(simulated->store);
}
