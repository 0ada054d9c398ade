/* SPDX-License-Identifier: Apache-2.0
 *
 * The set-associative design: a set's four tags are two registers of Advanced SIMD, which is always there.
 */
#include "peers/suites/tlb_arena.h"

static inline uint64_t assoc_translate(struct assoc *tlb, uint64_t address, unsigned kind) {
	uint64_t set = address >> DESIGN_PAGE_SHIFT & (ASSOC_SETS - 1), page = (address & DESIGN_PAGE_MASK) + 1;
	const assoc_lanes wanted = {page, page, page, page};
	assoc_lanes equal = (assoc_lanes)(tlb->sets[set].tag == wanted);
	assoc_lanes addend = equal & tlb->sets[set].addend;
	if (__builtin_expect((equal[0] | equal[1] | equal[2] | equal[3]) == 0, 0))
		return assoc_miss(tlb, address, kind);
	return address + (addend[0] | addend[1] | addend[2] | addend[3]);
}

LOOPS(, assoc, assoc)

const char *assoc_absent(simd_features features) {
	(void)features;
	return NULL;
}
