/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/placement.h"

#include "bench/rng.h"
#include "lib/units.h"

enum { PLACEMENT_UNIT = 16, PLACEMENT_UNITS = PAGE_BYTES / PLACEMENT_UNIT };

struct placement placement_of(uint64_t seed, uint32_t layout) {
	/* Seeds of neighbours must not share layouts: seed 1's second is not seed 2's first. */
	struct rng rng = rng_seeded(rng_seeded(seed).state[0] + layout);
	return (struct placement){
		.memory_seed = rng_next(&rng) | 1,
		.heap_bytes = PLACEMENT_UNIT * (1 + (size_t)rng_below(&rng, PLACEMENT_UNITS)),
		.stack_bytes = PLACEMENT_UNIT * (size_t)rng_below(&rng, PLACEMENT_UNITS),
	};
}
