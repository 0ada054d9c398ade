/* SPDX-License-Identifier: Apache-2.0
 *
 * One of the software TLBs of hosted/stream/variants.h, compiled with TLB_SLOT_BITS, TLB_WAYS and STREAM_VARIANT, the
 * name of what it defines; all else in the object is made local behind the compiler. mem/tlb.c is included, so that the
 * walk can ask what only it knows.
 */
#include "mem/tlb.c"

#include "bench/consume.h"
#include "hosted/stream/variants.h"

/* Where guest memory would lie. Never touched. */
#define HOST_BASE UINT64_C(0x100000000000)

/* Of a kind of access: where its rows look like the first ones. */
struct rows {
	const struct tlb *tags, *addends;
};

struct state {
	struct tlb tlb;
	struct rows rows[TLB_ACCESS_KINDS];
	struct stream_counts counts; /* without what the TLB counts */
};

static int find_every_page(void *owner, uint64_t address, uint32_t asid, enum tlb_access access,
			   struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	struct state *state = owner;
	uint64_t page = address >> state->tlb.page_shift;
	state->counts.fresh += is_unknown(&state->tlb, page);
	mapping->host = (void *)(uintptr_t)(HOST_BASE + (page << state->tlb.page_shift));
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE;
	return 0;
}

static int start_state(void *memory_of_state, void *memory, size_t memory_bytes, const struct tlb_config *config) {
	struct state *state = memory_of_state;
	struct tlb_config own = *config;
	state->counts = (struct stream_counts){0};
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++)
		state->rows[access] =
			(struct rows){tlb_from_row(&state->tlb, access), tlb_from_row(&state->tlb, tlb_side(access))};
	if (own.walk == NULL) {
		own.walk = find_every_page;
		own.owner = state;
	}
	return tlb_init(&state->tlb, memory, memory_bytes, &own);
}

static void flush(void *memory_of_state) {
	struct state *state = memory_of_state;
	tlb_flush_all(&state->tlb);
	state->counts.flushes++;
}

static __attribute__((noinline)) void replay_other(struct state *state, uint64_t packed) {
	bool is_only = state->tlb.asid_count == 1;
	uint8_t kind = stream_packed_kind(packed);
	uint32_t asid = is_only ? 0 : (uint32_t)(packed >> STREAM_PACKED_BITS);
	if (kind == STREAM_FLUSH_PAGE) {
		(void)tlb_flush_page(&state->tlb, state->tlb.asid, packed - kind);
	} else if (kind == STREAM_FLUSH_ALL || is_only) {
		flush(state);
	} else if (kind == STREAM_SWITCH) {
		(void)tlb_switch_asid(&state->tlb, asid);
		state->counts.switches++;
	} else {
		(void)tlb_flush_asid(&state->tlb, asid);
		state->counts.flushes++;
	}
}

/* tlb_translate. Where a program translates, the kind of access is a constant, and so is where its rows begin. Here it
 * comes with the event: multiplied by a row's length it would cost one size an instruction more than another, which no
 * program pays; so the rows are looked up. */
static inline void *translate(struct state *state, uint64_t address, enum tlb_access access) {
	const struct rows *rows = &state->rows[access];
	uint64_t page = address >> state->tlb.page_shift, slot = page & (TLB_SLOTS - 1);
	if (__builtin_expect(rows->tags->tag[slot] == page + state->tlb.context, 1))
		return (void *)(uintptr_t)(address + rows->addends->addend[slot]);
	void *walked = NULL;
	(void)tlb_translate_miss(&state->tlb, address, access, &walked);
	return walked;
}

static void replay(void *memory_of_state, const uint64_t *packed, size_t count) {
	struct state *state = memory_of_state;
	uint64_t others = 0;
	for (const uint64_t *end = packed + count; packed != end; packed++) {
		uint8_t kind = stream_packed_kind(*packed);
		if (__builtin_expect(kind >= STREAM_ACCESS_KINDS, 0)) {
			replay_other(state, *packed);
			others++;
			continue;
		}
		bench_consume((uint64_t)(uintptr_t)translate(state, *packed, (enum tlb_access)kind));
	}
	state->counts.accesses += count - others;
}

static void read_counts(const void *memory_of_state, struct stream_counts *counts) {
	const struct state *state = memory_of_state;
	*counts = state->counts;
	counts->refills = state->tlb.refills;
	counts->walks = state->tlb.walks - state->counts.fresh;
}

const struct stream_variant STREAM_VARIANT = {
	.slot_bits = TLB_SLOT_BITS,
	.ways = TLB_WAYS,
	.tlb_bytes = sizeof(struct tlb),
	.state_bytes = sizeof(struct state),
	.start = start_state,
	.replay = replay,
	.flush = flush,
	.count = read_counts,
};
