/* SPDX-License-Identifier: Apache-2.0
 *
 * The software TLB in the sizes that are compiled in: mem/tlb.c itself, once for each number of slots and ways, so that
 * what is counted is what a program with those macros gets. Its walk finds every page, and touches no memory.
 */
#pragma once

#include "hosted/stream/format.h"
#include "mem/tlb.h"

/* An event as it is replayed: what a TLB does not look at, the lowest bits of an address, is its kind. A number of an
 * address space stands above them. */
enum { STREAM_PACKED_BITS = 3 };

static inline uint64_t stream_pack(struct stream_event event) {
	bool has_address = event.kind < STREAM_ACCESS_KINDS || event.kind == STREAM_FLUSH_PAGE;
	uint64_t mask = (UINT64_C(1) << STREAM_PACKED_BITS) - 1;
	return (has_address ? event.address & ~mask : event.address << STREAM_PACKED_BITS) | event.kind;
}

static inline uint8_t stream_packed_kind(uint64_t packed) {
	return packed & ((1u << STREAM_PACKED_BITS) - 1);
}

struct stream_counts {
	uint64_t accesses;
	uint64_t refills;  /* misses in front that the store knew */
	uint64_t walks;    /* misses of both, where the store was asked */
	uint64_t fresh;    /* misses of both where the front showed that the store need not be asked */
	uint64_t flushes;  /* of everything, or of an address space */
	uint64_t switches; /* between address spaces, without a flush */
};

/* Of a kind of access: its rows in front, indexed by slot. */
struct stream_rows_of_kind {
	const uint64_t *tags, *addends;
};

/* All that a hit needs of a TLB. */
struct stream_front {
	const uint64_t *context; /* tlb.context */
	uint64_t slot_mask;
	uint32_t page_shift;
	struct stream_rows_of_kind rows[TLB_ACCESS_KINDS];
};

struct stream_variant {
	unsigned slot_bits, ways; /* TLB_SLOT_BITS, TLB_WAYS */
	size_t tlb_bytes;         /* struct tlb */
	size_t state_bytes;       /* and what is kept beside it; aligned to TLB_ALIGNMENT */
	/* Empty. *config's walk and owner may be NULL: then it is the walk above. As tlb_init; fills *front. */
	int (*start)(void *state, void *memory, size_t memory_bytes, const struct tlb_config *config,
		     struct stream_front *front);
	/* Of an access that the front does not know: the host address. */
	void *(*miss)(void *state, uint64_t address, enum tlb_access access);
	/* What is no access. With one address space in the configuration and more in the stream, a switch flushes
	 * everything. */
	void (*replay_other)(void *state, uint64_t packed);
	void (*flush)(void *state);
	/* Since the start, all but accesses. */
	void (*count)(const void *state, struct stream_counts *counts);
};

/* Every number of slots with every number of ways. */
#define STREAM_VARIANTS(X) \
	STREAM_WAYS(X, 10) \
	STREAM_WAYS(X, 12) STREAM_WAYS(X, 14) STREAM_WAYS(X, 16) STREAM_WAYS(X, 18) STREAM_WAYS(X, 20)
#define STREAM_WAYS(X, bits) X(bits, 2) X(bits, 4) X(bits, 8)

enum {
#define STREAM_COUNT(bits, ways) +1
	STREAM_VARIANT_COUNT = 0 STREAM_VARIANTS(STREAM_COUNT),
#undef STREAM_COUNT
};

extern const struct stream_variant *const stream_variants[STREAM_VARIANT_COUNT];

/* NULL: there is none. */
const struct stream_variant *stream_variant_find(unsigned slot_bits, unsigned ways);
