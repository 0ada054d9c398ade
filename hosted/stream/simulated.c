/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/simulated.h"

#include <stdlib.h>
#include <string.h>

static struct tlb_config config_of(const struct stream_shape *shape) {
	return (struct tlb_config){
		.entries = shape->entries, .asids = shape->asids, .page_bytes = UINT64_C(1) << shape->page_shift};
}

size_t stream_shape_bytes(const struct stream_shape *shape) {
	const struct stream_variant *variant = stream_variant_find(shape->slot_bits, shape->ways);
	size_t store = tlb_bytes_needed(shape->entries, shape->asids);
	return variant && store && shape->entries >= shape->ways ? variant->tlb_bytes + store : 0;
}

static size_t aligned(size_t bytes) {
	return (bytes + TLB_ALIGNMENT - 1) & ~(size_t)(TLB_ALIGNMENT - 1);
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
	simulated->state = aligned_alloc(TLB_ALIGNMENT, aligned(simulated->variant->state_bytes));
	simulated->store = aligned_alloc(TLB_ALIGNMENT, aligned(store));
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
