/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tlb_geometry/geometry.h"

uint32_t tlb_geometry_set(const struct tlb_structure *structure, uint32_t page) {
	uint32_t set = 0;
	for (unsigned i = 0; i < structure->set_bits; i++)
		set |= (uint32_t)(__builtin_popcount(structure->rows[i] & page) & 1) << i;
	return set;
}

bool tlb_geometry_is_linear(const struct tlb_structure *structure) {
	for (unsigned i = 0; i < structure->set_bits; i++)
		if (structure->rows[i] != UINT32_C(1) << i)
			return false;
	return true;
}

#define NAME_OF(names, value) ((size_t)(value) < sizeof(names) / sizeof(*(names)) ? (names)[value] : "?")

const char *tlb_geometry_level_name(enum tlb_level level) {
	static const char *const names[] = {"first, data", "first, code", "second"};
	return NAME_OF(names, level);
}

const char *tlb_geometry_outcome_name(enum tlb_outcome outcome) {
	static const char *const names[] = {"not asked", "found", "uncertain"};
	return NAME_OF(names, outcome);
}

const char *tlb_geometry_doubt_name(enum tlb_doubt doubt) {
	static const char *const names[] = {
		[TLB_DOUBT_NONE] = "none",
		[TLB_DOUBT_FRESH] = "a changed entry is seen at once",
		[TLB_DOUBT_NEITHER] = "a page answered with neither of its frames",
		[TLB_DOUBT_FAR] = "all pages together do not evict one",
		[TLB_DOUBT_NO_SET] = "no small set of pages evicts one",
		[TLB_DOUBT_NOISE] = "answers differ from time to time",
		[TLB_DOUBT_INDEX] = "the index is no XOR of address bits",
		[TLB_DOUBT_WAYS] = "ways differ from set to set",
		[TLB_DOUBT_HIDDEN] = "it cannot be seen apart from another level",
		[TLB_DOUBT_INCLUSIVE] = "what leaves the level beyond leaves it, too",
		[TLB_DOUBT_BEYOND] = "the level beyond is not known",
		[TLB_DOUBT_BUDGET] = "it takes too long",
		[TLB_DOUBT_MACHINE] = "the machine broke it off",
	};
	return NAME_OF(names, doubt);
}

const char *tlb_geometry_relation_name(enum tlb_relation relation) {
	static const char *const names[] = {"unknown", "inclusive", "non-inclusive", "exclusive"};
	return NAME_OF(names, relation);
}

const char *tlb_geometry_sharing_name(enum tlb_sharing sharing) {
	static const char *const names[] = {"unknown", "shared", "split"};
	return NAME_OF(names, sharing);
}
